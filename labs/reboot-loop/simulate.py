#!/usr/bin/env python3
"""A machine that reboots itself as soon as it has booted.

Simulates `up` and the boot time as Prometheus scrapes them every minute:

    outage  2021-07-06 .. 07-10 05:30  loop from 03:30 until the machine was deleted
    fixed   2021-07-12 .. 07-19        the repaired units: one reboot a day at 03:30
    quiet   2021-06-25 .. 07-02        reboots by hand

The published text gives the units, 03:30 and the endless reboots; the length of a boot is ours.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import instant
from openmetrics import INCIDENTS, Family, write

OUT = INCIDENTS / "2021-07-10-daily-reboot-loop/evidence"
DAY = 86400


def boots(dice, reboots, loop):
    """Spans (boot time, exporter answers from, to): between them a scrape fails."""
    times, spans = sorted(map(instant, reboots)), []
    booted, ready = times[0] - 3 * DAY, times[0] - 3 * DAY
    for reboot in times:
        spans.append((booted, ready, reboot))
        booted = reboot + dice.uniform(12, 20)
        ready = booted + dice.uniform(8, 14)
    if loop:
        end = instant(loop)
        while booted < end:
            # multi-user.target is reached and wants the reboot; the exporter has seconds to be scraped
            reboot = ready + dice.uniform(4, 17)
            spans.append((booted, ready, reboot))
            booted = reboot + dice.uniform(12, 45)
            ready = booted + dice.uniform(8, 14)
    else:
        spans.append((booted, ready, float("inf")))
    return spans


def simulate(name, start, end, seed, reboots, loop=None):
    dice = random.Random(seed)
    spans = boots(dice, reboots, loop)
    up = Family("up", "gauge", "1 where the last scrape succeeded.")
    boot = Family("node_boot_time_seconds", "gauge", "Unix time of last boot.", "seconds")
    at = instant(start) + 7
    while at < instant(end):
        alive = next((span for span in spans if span[1] <= at < span[2]), None)
        if alive and dice.random() < 0.0005:
            alive = None  # a scrape that timed out
        up.add(at, int(alive is not None), instance="s512", job="node")
        if alive:
            boot.add(at, int(alive[0]), instance="s512", job="node")
        at += 60
    write(OUT / name / "metrics.om.zst", [up, boot])


if __name__ == "__main__":
    simulate(
        "outage",
        "2021-07-06T00:00",
        "2021-07-10T05:30",
        20210710,
        ["2021-07-07T22:05", "2021-07-09T21:40", "2021-07-09T21:52", "2021-07-10T03:30:02"],
        loop="2021-07-10T05:28",
    )
    simulate(
        "fixed",
        "2021-07-12T00:00",
        "2021-07-19T00:00",
        20210712,
        [f"2021-07-{day}T03:30:{second:02}" for day, second in zip(range(12, 19), (4, 31, 12, 50, 7, 22, 41))]
        + ["2021-07-14T20:15"],
    )
    simulate(
        "quiet",
        "2021-06-25T00:00",
        "2021-07-02T00:00",
        20210625,
        ["2021-06-26T21:00", "2021-06-26T21:09", "2021-06-30T23:10"],
    )
