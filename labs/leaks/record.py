#!/usr/bin/env python3
"""Records real leaking and real healthy processes in compressed time.

    labs/leaks/record.py              every run of leaking.py and healthy.py (about 40 minutes on two cores)
    labs/leaks/record.py NAME...      these only; the others' entries of runs.yaml stay

A tick is five minutes: the driver says how many requests they brought, the
process does their work, the driver samples it. Ticks follow each other as fast
as the process can, so a busy machine makes a run longer and not different.
"""

import hashlib
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from healthy import HEALTHY
from leaking import LEAKING
from process import Process
from traffic import Traffic, weekday

from clock import instant, rfc3339
from openmetrics import Family, compress, write

RUNS = [*LEAKING, *HEALTHY]
STEP_S, AT_ONCE = 300, 3
# Bytes that memory is rounded to, so that a run packs into some 30 KB: what is watched, and what stands beside it.
WATCHED_TO, BESIDE_TO = 100_000, 1_000_000
# family, what the process calls it, labels
GAUGES = {
    "node": [
        ("nodejs_heap_size_used_bytes", "heap_used", {}),
        ("nodejs_heap_size_total_bytes", "heap_total", {}),
        ("nodejs_external_memory_bytes", "external", {}),
        ("nodejs_heap_size_limit_bytes", "heap_limit", {}),
    ],
    "jvm": [
        ("jvm_memory_used_bytes", "heap_used", {"area": "heap"}),
        ("jvm_memory_max_bytes", "heap_max", {"area": "heap"}),
        ("jvm_memory_pool_committed_bytes", "metaspace_committed", {"pool": "Metaspace"}),
        ("jvm_memory_pool_max_bytes", "metaspace_max", {"pool": "Metaspace"}),
        ("jvm_buffer_pool_used_bytes", "direct_used", {"pool": "direct"}),
    ],
}
BESIDE = {"nodejs_heap_size_total_bytes", "process_resident_memory_bytes"}


class Recording:
    """The series of one run; a scrape that was lost is not in them."""

    def __init__(self, run, dice):
        self.run, self.dice, self.families = run, dice, {}
        self.gaps = [(instant(a), instant(b)) for a, b in run.gaps]

    def add(self, name, at, value, labels):
        family = self.families.setdefault(
            name, Family(name, "gauge", f"As exporters call it: {name}.", name.rsplit("_", 1)[1])
        )
        family.add(at, value, app=self.run.name, **labels)

    def sample(self, at, shown, process):
        if self.dice.random() < 0.002 or any(a <= at < b for a, b in self.gaps):
            return
        for name, key, labels in [*GAUGES[self.run.runtime], ("process_resident_memory_bytes", "rss", {})]:
            if shown[key] >= 0 and name in self.run.keeps:
                to = BESIDE_TO if name in BESIDE and name not in self.run.query else WATCHED_TO
                self.add(name, at, round(shown[key] / to) * to, labels)
        self.add("process_start_time_seconds", at, process.started, {})
        if self.run.container_mb:
            self.add("container_spec_memory_limit_bytes", at, self.run.container_mb * 10**6, {})


def restart_due(run, at, shown, deploys, traffic):
    """Why the process is stopped now, by whoever stops processes here; None if it is not."""
    if deploys and at >= deploys[0][0]:
        return "deploy"
    if run.restart_daily is not None and at % 86400 == (run.restart_daily - 9) * 3600 % 86400:
        return "restart"
    if run.deploy_weekdays is not None and weekday(at) < 5 and at % 86400 == (run.deploy_weekdays - 9) * 3600 % 86400:
        return None if traffic.is_holiday(at) else "deploy"
    if run.restart_above_mb and shown["rss"] > run.restart_above_mb * 10**6:
        return "memory"
    return None


def record(run, classes):
    dice, begun = random.Random(run.seed), time.monotonic()
    traffic, recording = Traffic(random.Random(run.seed + 1), **run.traffic), Recording(run, dice)
    at, end = int(instant(run.begin)), int(instant(run.begin)) + run.days * 86400
    parts, deploys = run.parts, [(instant(when), then) for when, then in run.deploys]
    changes, gc_lines, incident, died, lives = [], [], None, None, 0

    def start():
        program = {"node": [str(HERE / "node/app.js")], "jvm": ["-XX:+ExitOnOutOfMemoryError", "-cp", classes, "App"]}
        runtime = {"node": "node", "jvm": "java"}[run.runtime]
        seed = str(run.seed * 1000 + lives)
        return Process([runtime, *run.flags, *program[run.runtime], "FD", seed, *parts], at, run.gc_log)

    process = start()
    while at < end:
        at += STEP_S
        shown = process.tick(at, traffic.at(at))
        if shown is None:
            incident, died = at, process.last_words()
            break
        if run.container_mb and shown["rss"] > run.container_mb * 10**6:
            incident, died = at, "resident memory above the container's limit"
            break
        recording.sample(at, shown, process)
        why = restart_due(run, at, shown, deploys, traffic)
        if why:
            if deploys and at >= deploys[0][0]:
                _, then = deploys.pop(0)
                parts = then or parts
            gc_lines += process.gc_lines() if run.gc_log else []
            process.stop()
            lives += 1
            changes.append((at, why))
            process = start()
    process.stop()
    gc_lines += process.gc_lines() if run.gc_log else []
    keep(run, recording, gc_lines)
    passed = at - instant(run.begin)
    return entry(run, at, incident, died, changes, passed / (time.monotonic() - begun))


def keep(run, recording, gc_lines):
    write(HERE / f"runs/{run.name}.om.zst", recording.families.values())
    if run.gc_log:
        compress(HERE / f"runs/{run.name}.gc.log.zst", "\n".join(gc_lines) + "\n")


def entry(run, end, incident, died, changes, compression):
    """The run's block of runs.yaml."""
    app = f'app="{run.name}"'
    path = HERE / f"runs/{run.name}.om.zst"
    lines = [
        f"- name: {run.name}",
        f"  about: {json.dumps(run.about)}",
        f"  runtime: {run.runtime}",
        f"  leaking: {str(run.leaking).lower()}",
        f"  family: {run.family}",
        f"  seed: {run.seed}",
        f"  from: {rfc3339(instant(run.begin))}",
        f"  to: {rfc3339(end)}",
        f"  onset: {rfc3339(instant(run.onset or run.begin)) if run.leaking else 'null'}",
        f"  incident: {rfc3339(incident) if incident else 'null'}",
        f"  died: {json.dumps(died)}",
        f"  query: {run.query.replace('APP', app)}",
        f"  started: process_start_time_seconds{{{app}}}",
        f"  limit: {run.limit.replace('APP', app)}",
        f"  compression: {round(compression, -1):.0f}",
        f"  flags: [{', '.join(run.flags)}]",
        f"  parts: [{', '.join(repr(part) for part in run.parts)}]",
        f"  restarts: {len(changes)}",
        f"  changes: [{', '.join(f'{{at: {rfc3339(at)}, kind: {why}}}' for at, why in changes if why != 'memory')}]",
        f"  path: runs/{run.name}.om.zst",
        f"  sha256: {hashlib.sha256(path.read_bytes()).hexdigest()}",
    ]
    if run.gc_log:
        lines += [f"  gc_log: {{path: runs/{run.name}.gc.log.zst, format: {run.gc_log}}}"]
    return "\n".join(lines) + "\n"


def versions():
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr.splitlines()
    return f"versions: {{node: {node}, jvm: '{java[1].strip()}', kernel: {os.uname().release.split('-')[0]}}}\n"


def index(fresh):
    """runs.yaml with the fresh entries in place of the old ones, in the lists' order."""
    path = HERE / "runs.yaml"
    old = path.read_text() if path.exists() else ""
    blocks = {re.match(r"- name: (\S+)", b)[1]: b for b in re.split(r"\n(?=- name:)", old) if b.startswith("- name:")}
    blocks.update(fresh)
    head = "# Written by record.py. README.md says what the keys mean.\n" + versions() + "runs:\n\n"
    path.write_text(head + "\n".join(blocks[run.name].strip("\n") + "\n" for run in RUNS if run.name in blocks))


def main():
    chosen = [run for run in RUNS if run.name in sys.argv[1:] or not sys.argv[1:]]
    os.nice(15)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="leaks-lab-") as classes, ThreadPoolExecutor(AT_ONCE) as pool:
        subprocess.run(["javac", "-d", classes, HERE / "jvm/App.java"], check=True)
        done = {}
        for run, block in zip(chosen, pool.map(lambda run: record(run, classes), chosen)):
            done[run.name] = block
            index(done)
            print(block.split("  query")[0], flush=True)


if __name__ == "__main__":
    main()
