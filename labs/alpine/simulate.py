#!/usr/bin/env python3
"""A Node.js API whose memory never falls on one base image and breathes on another.

Simulates the memory of one ECS service as CloudWatch's Container Insights gives
it (get-metric-data, 5 minutes), the start time of its container, and the log:

    outage  2019-11-04 .. 11-23  weekly releases hid the growth, then crashes, scaling up, one more crash
    fixed   2019-11-25 .. 12-09  the same service on an image that is not alpine
    quiet   2019-08-19 .. 09-02  half the users: a release came before the limit did

Published are the order of events and the shapes of the two graphs; sizes and dates are ours.
"""

import json
import math
import random
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import instant, rfc3339
from openmetrics import INCIDENTS, Family, compress, write

OUT = INCIDENTS / "2019-11-13-alpine-memory-never-fell/evidence"
STEP_S = 300
FATAL = "Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory"
HEAP_LIMIT_MIB = 1400  # V8's default on Node.js 10 and 12 with 64 bits


def users(at):
    """Requests relative to a working day's average: office hours, quieter weekends."""
    local = at / 3600 + 9
    hour, weekday = local % 24, int(local // 24 + 3) % 7
    busy = 0.08 + 1.9 * math.exp(-(((hour - 14) / 4.2) ** 2) / 2)
    return busy * (0.35 if weekday >= 5 else 1.0)


class Task:
    def __init__(self, at, dice):
        self.started, self.leaked, self.young = at, 0.0, dice.uniform(20, 60)


def simulate(name, start, end, seed, leak_mib_per_day, releases):
    dice, log = random.Random(seed), []
    memory = []
    about = "Start time of the container since unix epoch in seconds."
    restarts = Family("container_start_time_seconds", "gauge", about, "seconds")
    at = instant(start)
    task = Task(at - 2.5 * 86400, dice)
    task.leaked = leak_mib_per_day(at) * 0.8
    releases = [instant(r) for r in releases]

    def say(when, text):
        log.append(f"{rfc3339(when)} {text}")

    while at < instant(end):
        at += STEP_S
        busy = users(at)
        task.leaked += leak_mib_per_day(at) * busy * STEP_S / 86400 / 0.65 * dice.uniform(0.6, 1.4)
        task.young += dice.uniform(0, 40) * busy
        if task.young > 130 + 240 * busy * (leak_mib_per_day(at) < 20):
            task.young *= dice.uniform(0.1, 0.3)  # a full collection gives back what can be given back
        heap = 95 + task.leaked + task.young
        if dice.random() < 0.15 * busy:
            say(at - dice.uniform(0, 299), f"WARN  upstream answered slowly: {int(dice.uniform(900, 2400))} ms")
        if heap > HEAP_LIMIT_MIB:
            died = at - dice.uniform(20, 280)
            sizes = f"{heap:.1f} ({heap + 42:.1f}) -> {heap - 1.3:.1f} ({heap + 41:.1f}) MB"
            mark = f"[1:0x55d0c8a3e2f0] {int((died - task.started) * 1000)} ms: Mark-sweep {sizes}"
            pause = f"1{dice.randrange(100, 999)}.4 / 0.0 ms"
            say(died, f"<--- Last few GCs ---> {mark}, {pause} allocation failure scavenge might not succeed")
            say(died, f"FATAL ERROR: {FATAL}")
            say(died + 38, "INFO  records-api listens on 3000")
        if heap > HEAP_LIMIT_MIB or (releases and at >= releases[0]):
            if releases and at >= releases[0]:
                releases.pop(0)
                say(at, "INFO  SIGTERM received, closing")
                say(at + 41, "INFO  records-api listens on 3000")
            task = Task(at, dice)
            continue
        rss = 1.12 * heap + 55 + dice.gauss(0, 4)
        if dice.random() > 0.001:
            memory.append((at, round(rss, 1)))
            restarts.add(at, int(task.started), service="records-api")
    write_cloudwatch(OUT / name / "memory.json", memory)
    write(OUT / name / "containers.om.zst", [restarts])
    compress(OUT / name / "api.log.zst", "\n".join(sorted(log)) + "\n")


def write_cloudwatch(path, samples):
    """As `aws cloudwatch get-metric-data` prints it: newest first unless told otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    newest_first = samples[::-1]
    times = [datetime.fromtimestamp(at, timezone.utc).isoformat() for at, _ in newest_first]
    result = {
        "Id": "m1",
        "Label": "MemoryUtilized",
        "Timestamps": times,
        "Values": [value for _, value in newest_first],
        "StatusCode": "Complete",
    }
    path.write_text(json.dumps({"MetricDataResults": [result], "Messages": []}, separators=(",", ":")) + "\n")


def growing(at):
    """A campaign brought more users every day; the leak follows."""
    return 135 * 1.145 ** ((at - instant("2019-11-04T00:00")) / 86400)


if __name__ == "__main__":
    simulate(
        "outage",
        "2019-11-04T00:00",
        "2019-11-23T00:00",
        20201113,
        growing,
        ["2019-11-07T10:30", "2019-11-11T11:00", "2019-11-20T14:00", "2019-11-22T18:00"],
    )
    simulate(
        "fixed",
        "2019-11-25T00:00",
        "2019-12-09T00:00",
        20201123,
        lambda at: 4.0,
        ["2019-11-28T10:40", "2019-12-05T11:00"],
    )
    simulate(
        "quiet",
        "2019-08-19T00:00",
        "2019-09-02T00:00",
        20200817,
        lambda at: 88.0,
        ["2019-08-22T10:20", "2019-08-29T10:45"],
    )
