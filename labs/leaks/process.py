"""One real process of the lab: started, ticked, sampled, and seen to die."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from bisect import bisect_right
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import JST

PAGE = os.sysconf("SC_PAGE_SIZE")
LAST_WORDS = re.compile(r"FATAL ERROR: .*|java\.lang\.OutOfMemoryError: .*")


class Process:
    """A service that lives from `at` on. The word FD in `command` becomes the descriptor that it answers on."""

    def __init__(self, command, at, gc_log=None):
        self.started, self.gc_log = at, gc_log
        self.marks = [(0.0, at)]  # real milliseconds of its life, and what time that stands for
        self.said = tempfile.TemporaryFile()
        ours, theirs = os.pipe()
        self.child = subprocess.Popen(
            [str(theirs) if word == "FD" else word for word in command],
            stdin=subprocess.PIPE,
            stdout=self.said,
            stderr=subprocess.STDOUT,
            pass_fds=[theirs],
            env={**os.environ, **({"GC_HOOKS": "1"} if gc_log == "perf_hooks" else {})},
        )
        os.close(theirs)
        self.answers = os.fdopen(ours)
        self.last = at

    def tick(self, at, requests):
        """What an exporter shows after `requests` until `at`; None if the process died of them."""
        try:
            self.child.stdin.write(f"{int(at)} {requests}\n".encode())
            self.child.stdin.flush()
        except BrokenPipeError:
            return None
        line = self.answers.readline()
        if not line.endswith("\n"):
            self.child.wait()
            return None
        shown = {name: float(value) for name, value in (pair.split("=") for pair in line.split())}
        self.marks += [(shown["begun"], self.last), (shown["ended"], at)]
        self.last = at
        shown["rss"] = int(Path(f"/proc/{self.child.pid}/statm").read_text().split()[1]) * PAGE
        return shown

    def stop(self, how=signal.SIGKILL):
        if self.child.poll() is None:
            self.child.send_signal(how)
            self.child.wait()
        self.child.stdin.close()
        self.answers.close()

    def output(self):
        self.said.seek(0)
        return self.said.read().decode(errors="replace")

    def last_words(self):
        found = LAST_WORDS.findall(self.output())
        return found[-1].strip() if found else f"signal {-self.child.returncode}"

    def moment(self, real_ms):
        """The time that `real_ms` of its life stands for: straight lines between the ticks' ends."""
        n = bisect_right(self.marks, (real_ms, float("inf")))
        if n == len(self.marks):
            return self.marks[-1][1]
        (a, begin), (b, end) = self.marks[n - 1], self.marks[n]
        return begin + (end - begin) * ((real_ms - a) / (b - a) if b > a else 1.0)

    def gc_lines(self):
        """Its collections as the runtime wrote them, with the times they stand for in place of the real ones."""
        rewrite = {"trace-gc": self.trace_gc, "perf_hooks": self.perf_hooks, "xlog": self.xlog}[self.gc_log]
        return [line for line in map(rewrite, self.output().splitlines()) if line]

    def trace_gc(self, line):
        found = re.match(r"(\[\d+:0x[0-9a-f]+\]) +([0-9.]+) ms: (.*)", line)
        if not found:
            return None
        at = self.moment(float(found[2]))
        return f"{stamp(at)} {found[1]} {(at - self.started) * 1000:8.0f} ms: {found[3]}"

    def perf_hooks(self, line):
        if not line.startswith('{"entryType":"gc"'):
            return None
        entry = json.loads(line)
        at = self.moment(entry["startTime"])
        entry["startTime"] = round((at - self.started) * 1000)
        entry["duration"] = round(entry["duration"], 3)
        return json.dumps({"time": stamp(at), **entry}, separators=(",", ":"))

    def xlog(self, line):
        found = re.match(r"\[[^\]]*\]\[([0-9.]+)s\](.*)", line)
        if not found:
            return None
        at = self.moment(float(found[1]) * 1000)
        return f"[{stamp(at, colon=False)}][{at - self.started:.3f}s]{found[2]}"


def stamp(at, colon=True):
    text = datetime.fromtimestamp(at, JST).isoformat(timespec="milliseconds")
    return text if colon else text[:-3] + text[-2:]
