#!/usr/bin/env python3
"""A Node.js API whose memory never falls on one base image and breathes on another.

Runs labs/alpine/records.js with V8's heap limit of that time and gives it three
weeks' requests, five minutes a tick, as fast as it can. Keeps its resident
memory as CloudWatch's Container Insights would give it (get-metric-data), the
start time of its container, and its own log with its own last words:

    outage  2019-11-04 .. 11-23  weekly releases hid the growth, then the heap is full, scaling up, full again
    fixed   2019-11-25 .. 12-09  the same service, which gives its memory back
    quiet   2019-08-19 .. 09-02  fewer users: a release came before the limit did

Published are the order of events and the shapes of the two graphs; sizes and
dates are ours. What alpine did is not reproduced: the process keeps memory by
itself, at the rate that makes those graphs.
"""

import json
import math
import os
import random
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from clock import instant, rfc3339
from leaks.process import Process
from leaks.traffic import Traffic
from openmetrics import INCIDENTS, Family, compress, write

OUT = INCIDENTS / "2019-11-13-alpine-memory-never-fell/evidence"
STEP_S = 300
HEAP_LIMIT_MIB = 1400  # V8's default on Node.js 10 and 12 with 64 bits
# phase, begin, end, seed, requests a tick, growth a week, seconds that drafts are kept, releases
RUNS = [
    (
        "outage",
        "2019-11-04T00:00",
        "2019-11-23T00:00",
        20191113,
        {"base": 31, "weekend": 0.6, "growth_per_week": 1.58},
        math.inf,
        ["2019-11-07T10:30", "2019-11-11T11:00", "2019-11-20T14:00", "2019-11-22T18:00"],
    ),
    (
        "fixed",
        "2019-11-25T00:00",
        "2019-12-09T00:00",
        20191123,
        {"base": 80, "weekend": 0.6},
        3 * 3600,
        ["2019-11-28T10:40", "2019-12-05T11:00"],
    ),
    (
        "quiet",
        "2019-08-19T00:00",
        "2019-09-02T00:00",
        20190817,
        {"base": 28, "weekend": 0.6},
        math.inf,
        ["2019-08-22T10:20", "2019-08-29T10:45"],
    ),
]


def record(phase, start, end, seed, traffic, kept, releases):
    dice, traffic = random.Random(seed), Traffic(random.Random(seed + 1), **traffic)
    about = "Start time of the container since unix epoch in seconds."
    restarts, memory, log = Family("container_start_time_seconds", "gauge", about, "seconds"), [], []
    releases, begun = [instant(r) for r in releases], time.monotonic()
    at = instant(start) - 2.5 * 86400  # the process is some days old when the record begins

    def launch():
        command = [
            "node",
            f"--max-old-space-size={HEAP_LIMIT_MIB}",
            str(HERE / "records.js"),
            "FD",
            str(kept).replace("inf", "Infinity"),
        ]
        return Process(command, at)

    def bury(process, died=None):
        process.stop()
        said = process.output().splitlines()
        log.extend(rewrite(line) if line[:2] == "20" else f"{rfc3339(died or at)} {line}" for line in said if line)

    process = launch()
    while at < instant(end):
        at += STEP_S
        shown = process.tick(at, traffic.at(at))
        if shown is None or (releases and at >= releases[0]):
            bury(process, at - dice.uniform(20, 280))
            if shown is not None:
                releases.pop(0)
                log.append(f"{rfc3339(at)} INFO  stopped by a release")
            process = launch()
        elif at > instant(start) and dice.random() > 0.001:
            memory.append((at, round(shown["rss"] / 2**20)))
            restarts.add(at, int(process.started), service="records-api")
    bury(process)
    passed = at - instant(start) + 2.5 * 86400
    print(phase, f"{passed / (time.monotonic() - begun):.0f} seconds in one", flush=True)
    write_cloudwatch(OUT / phase / "memory.json", memory)
    write(OUT / phase / "containers.om.zst", [restarts])
    first = rfc3339(instant(start))
    compress(
        OUT / phase / "api.log.zst", "".join(f"{line}\n" for line in sorted(log, key=lambda x: x[:25]) if line >= first)
    )


def rewrite(line):
    """The service's own time, in Japan's clock."""
    stamp, rest = line.split(" ", 1)
    return f"{rfc3339(datetime.fromisoformat(stamp).timestamp())} {rest}"


def write_cloudwatch(path, samples):
    """As `aws cloudwatch get-metric-data` prints it: newest first unless told otherwise."""
    newest_first = samples[::-1]
    result = {
        "Id": "m1",
        "Label": "MemoryUtilized",
        "Timestamps": [datetime.fromtimestamp(at, timezone.utc).isoformat() for at, _ in newest_first],
        "Values": [value for _, value in newest_first],
        "StatusCode": "Complete",
    }
    path.write_text(json.dumps({"MetricDataResults": [result], "Messages": []}, separators=(",", ":")) + "\n")


def main():
    os.nice(15)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    chosen = [run for run in RUNS if run[0] in sys.argv[1:] or not sys.argv[1:]]
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(record, *run) for run in chosen]:
            done.result()


if __name__ == "__main__":
    main()
