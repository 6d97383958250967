#!/usr/bin/env python3
"""A process manager restarts a leaking server whenever its memory passes a limit.

Simulates two Node.js processes under PM2 (max_memory_restart of 300 MB, looked
at every 30 s), a sample a minute:

    outage  2018-05-11 .. 05-22  leak since the release of 05-14 15:00
    fixed   2018-05-30 .. 06-04  without the leaking package, the limit still set
    quiet   2018-04-23 .. 04-30  a week with releases and one rollback

Published are the base line of 85 MB, 26 MB for ten requests of which a forced
collection gave back 3, 30 to 60 s to settle, and restarts every few tens of minutes.
"""

import math
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import instant
from openmetrics import INCIDENTS, Family, write

OUT = INCIDENTS / "2018-05-14-restarts-hid-a-leak/evidence"
MB, LIMIT_MB = 10**6, 300


def requests_per_min(at):
    """A marketplace for services at home: mornings, evenings, fuller on weekends."""
    local = at / 3600 + 9
    hour, weekday = local % 24, int(local // 24 + 3) % 7
    shape = 0.06 + 0.75 * math.exp(-(((hour - 11) / 2.6) ** 2) / 2) + math.exp(-(((hour - 20.7) / 2.4) ** 2) / 2)
    return 8.5 * shape * (1.2 if weekday >= 5 else 1.0)


class Process:
    def __init__(self, at, dice):
        self.started, self.kept, self.passing = at, 85 + dice.gauss(0, 2), 0.0


def families():
    """Memory, start time and restarts of each process."""
    return [
        Family("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", "bytes"),
        Family(
            "process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.", "seconds"
        ),
        Family("pm2_restarts", "counter", "Restarts by the process manager since it started."),
    ]


def simulate(name, start, end, seed, leak_from, releases):
    dice = random.Random(seed)
    rss, started, restarts = kept = families()
    first, last = int(instant(start)), int(instant(end))
    for number in (0, 1):
        process, count, queue = (
            Process(first - dice.uniform(1, 3) * 86400, dice),
            3 + number,
            [instant(r) for r in releases],
        )
        labels = {"app": "bff", "pm_id": str(number)}
        for at in range(first + 60, last + 1, 60):
            served = max(0.0, dice.gauss(1, 0.25)) * requests_per_min(at)
            leaking = leak_from is not None and at >= instant(leak_from)
            process.kept += served * (0.85 if leaking else 0.0)
            # what requests hold for 30 to 60 s, and what the collector has not looked at yet
            process.passing = 0.45 * process.passing + served * dice.uniform(1.2, 3.5)
            if dice.random() < 0.08:
                process.passing *= 0.3
            used = process.kept + process.passing + dice.gauss(0, 1.2)
            deployed = queue and at >= queue[0] + 20 * number
            if deployed or used > LIMIT_MB:
                if deployed:
                    queue.pop(0)
                process, count = Process(at - dice.uniform(1, 29), dice), count + 1
                used = process.kept
            if dice.random() < 0.001:
                continue
            rss.add(at, int(used * MB) // 4096 * 4096, **labels)
            started.add(at, round(process.started, 2), **labels)
            restarts.add(at, count, **labels)
    write(OUT / name / "metrics.om.zst", kept)


if __name__ == "__main__":
    simulate(
        "outage",
        "2018-05-11T00:00",
        "2018-05-22T00:00",
        20180514,
        "2018-05-14T15:00",
        ["2018-05-11T14:10", "2018-05-14T15:00", "2018-05-16T16:30", "2018-05-18T11:20"],
    )
    simulate("fixed", "2018-05-30T00:00", "2018-06-04T00:00", 20180530, None, ["2018-05-31T15:05", "2018-06-01T13:40"])
    simulate(
        "quiet",
        "2018-04-23T00:00",
        "2018-04-30T00:00",
        20180423,
        None,
        ["2018-04-24T15:10", "2018-04-24T15:48", "2018-04-26T11:00"],
    )
