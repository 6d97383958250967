#!/usr/bin/env python3
"""The garbage collections of the records API: a real Node.js process, five minutes in some milliseconds.

Runs app.js with --trace-gc and rewrites the times: a line's uptime lies within a tick, and takes the
time at the same share of the five minutes that the tick stands for. Sizes are the runtime's own; the
heap may hold 64 MB where the published one held 1,400.

    outage  from the release of 2019-11-11 11:00: what each request leaves behind fills the heap by the 13th
    fixed   2019-11-25 .. 27, the same requests, nothing is left behind
"""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import instant, rfc3339
from openmetrics import INCIDENTS, compress

OUT = INCIDENTS / "2019-11-13-alpine-memory-never-fell/evidence"
HERE = Path(__file__).resolve().parent
TICK_S, TICKS = 300, 600
LINE = re.compile(r"(\[\d+:\w+\]\s+)([\d.]+)( ms: Mark-.*)")


def run(kept_bytes):
    """The ticks' real times and the lines of the collector, each with its real time, in ms."""
    flags = ["--trace-gc", "--trace-gc-ignore-scavenger", "--max-old-space-size=64", "--max-semi-space-size=2"]
    command = ["node", *flags, str(HERE / "app.js"), str(TICKS), str(kept_bytes)]
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    ticks = [float(ms) for ms in re.findall(r"tick \d+ ([\d.]+)", text)]
    lines = [(float(m[2]), m) for m in LINE.finditer(text)]
    return ticks, lines


def simulated_s(ticks, real_ms):
    """Seconds since the start for a real uptime."""
    before = [i for i, ms in enumerate(ticks) if ms <= real_ms]
    if not before:
        return 0.0
    i = before[-1]
    length = ticks[i + 1] - ticks[i] if i + 1 < len(ticks) else max(real_ms - ticks[i], 1)
    return TICK_S * (i + min((real_ms - ticks[i]) / length, 1))


def record(phase, start, kept_bytes):
    ticks, lines = run(kept_bytes)
    begun, log = instant(start), [f"{rfc3339(instant(start))} INFO  records-api listens on 3000"]
    for real_ms, m in lines:
        s = simulated_s(ticks, real_ms)
        log.append(f"{rfc3339(begun + s)} {m[1]}{s * 1000:.0f}{m[3].rstrip()}")
    compress(OUT / phase / "gc.log.zst", "\n".join(log) + "\n")
    print(phase, len(ticks) - 1, "of", TICKS, "ticks,", len(lines), "full collections, the last at", log[-1][:25])


if __name__ == "__main__":
    record("outage", "2019-11-11T11:00:41", 1664)
    record("fixed", "2019-11-25T11:00:41", 0)
