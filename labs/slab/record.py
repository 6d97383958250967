#!/usr/bin/env python3
"""A kernel's unreclaimable slab grows for weeks until nothing can be allocated.

A 4 GB VPS as its node-exporter shows it, a sample every 2 minutes. The slab is
real: this process makes the kernel hold messages that nobody reads, as much as
the load of those minutes brings, and keeps what /proc/meminfo then says of
SUnreclaim, with all that the rest of the machine does to it. It passes 28 days
in about a minute and needs 3 GB to spare. Everything else is computed around
it: the machine that records has other memory, and must not die.

    outage  2021-06-05 .. 07-03  slab grows with the load, reboots by hand, the last one forgotten
    fixed   2021-08-20 .. 09-03  another distribution and kernel: slab as large as its caches need
    quiet   2021-04-05 .. 04-26  the same machine before the kernel that grew

The published text gives the kernel, the cause and the day; sizes and rates are ours.
"""

import math
import random
import re
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import instant
from openmetrics import INCIDENTS, Family, write

OUT = INCIDENTS / "2021-07-03-slab-filled-memory/evidence"
STEP_S, PAGE, MIB = 120, 4096, 2**20
TOTAL = 4_121_296_896
INSTANCE = "s512"


def activity(at):
    """How busy a students' chat is, 0.2 at dawn to about 1.3 in the evening, less on Sundays."""
    hour = (at / 3600 + 9) % 24
    daily = 0.75 + 0.55 * math.sin((hour - 14.5) / 24 * 2 * math.pi)
    sunday = ((at + 9 * 3600) // 86400 + 4) % 7 == 0
    return daily * (0.8 if sunday else 1.0)


class Queue:
    """Datagrams in the queues of sockets: slab that a kernel holds and cannot reclaim."""

    MESSAGE = b"x" * 3700  # with its header one page
    COST = 4348  # bytes of slab for a message, measured on Linux 6.18

    def __init__(self):
        self.pairs, self.held = [], 0

    def hold(self, size):
        """Sends or reads messages until `size` bytes are held."""
        wanted = round(size / self.COST)
        while self.held < wanted:
            self.send()
        while self.held > wanted:
            self.read()

    def send(self):
        try:
            self.pairs[-1][0].send(self.MESSAGE)
            self.held += 1
        except (IndexError, BlockingIOError):  # no socket yet, or its queue is full
            self.pairs.append(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
            for end in self.pairs[-1]:
                end.setblocking(False)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MIB)

    def read(self):
        try:
            self.pairs[-1][1].recv(1)
            self.held -= 1
        except BlockingIOError:
            for end in self.pairs.pop():
                end.close()

    def close(self):
        for pair in self.pairs:
            for end in pair:
                end.close()
        self.pairs, self.held = [], 0


def meminfo(field):
    return int(re.search(rf"^{field}: +(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)[1]) * 1024


class Machine:
    def __init__(self, dice, leak_per_s):
        self.dice, self.leak_per_s, self.unread, self.passing = dice, leak_per_s, Queue(), Queue()
        self.boot(0)

    def boot(self, at):
        self.unread.close()
        self.booted, self.leaked, self.cache, self.dentries = at, 0.0, 300 * MIB, 60 * MIB

    def step(self, at):
        busy = activity(at)
        self.leaked += self.leak_per_s * STEP_S * busy * self.dice.uniform(0.5, 1.5)
        self.unread.hold(self.leaked)
        self.passing.hold(12 * MIB * busy * self.dice.uniform(0.95, 1.05))
        unreclaimable = meminfo("SUnreclaim")
        hour = (at / 3600 + 9) % 24
        if 4.0 <= hour < 4.25:  # the nightly walk over all files fills the dentry cache
            self.dentries = min(self.dentries + 55 * MIB, 420 * MIB)
        self.dentries = 60 * MIB + (self.dentries - 60 * MIB) * 0.994
        dump = 260 if 2.0 <= hour < 2.6 else 0  # the nightly database dump
        services = (1150 + 160 * busy + dump + self.dice.gauss(0, 18)) * MIB
        room = TOTAL - services - unreclaimable
        self.dentries = min(self.dentries, max(room - 150 * MIB, 30 * MIB))
        room -= self.dentries
        self.cache = min(self.cache + 3.6 * MIB * self.dice.random(), max(room - 130 * MIB, 25 * MIB))
        free = max(room - self.cache, 22 * MIB) * self.dice.uniform(0.8, 1.0)
        return {
            "SUnreclaim": unreclaimable,
            "SReclaimable": self.dentries,
            "MemAvailable": max(free + 0.9 * self.cache + 0.5 * self.dentries - 65 * MIB, 0),
        }


def record(name, start, end, seed, leak_mib_per_day, reboots=(), gaps=(), dead_from=None):
    dice, begun = random.Random(seed), time.monotonic()
    machine = Machine(dice, leak_mib_per_day * MIB / 86400 / 0.75)
    machine.boot(instant(start) - dice.uniform(2, 4) * 86400)
    boot = Family("node_boot_time_seconds", "gauge", "Unix time of last boot.", "seconds")
    total = Family("node_memory_MemTotal_bytes", "gauge", "Memory information field MemTotal_bytes.", "bytes")
    fields = {
        f: Family(f"node_memory_{f}_bytes", "gauge", f"Memory information field {f}_bytes.", "bytes")
        for f in ("SUnreclaim", "SReclaimable", "MemAvailable")
    }
    reboots, gaps = [instant(r) for r in reboots], [(instant(a), instant(b)) for a, b in gaps]
    at = instant(start)
    while at < instant(end):
        at += STEP_S
        if reboots and at >= reboots[0]:
            machine.boot(reboots.pop(0))
            continue  # the exporter was away
        values = machine.step(at)
        lost = dice.random() < 0.002 or any(a <= at < b for a, b in gaps)
        if lost or (dead_from and at >= instant(dead_from) and dice.random() < 0.85):
            continue
        boot.add(at, round(machine.booted), instance=INSTANCE, job="node")
        total.add(at, TOTAL, instance=INSTANCE, job="node")
        for field, family in fields.items():
            family.add(at, values[field] // PAGE * PAGE, instance=INSTANCE, job="node")
    machine.unread.close()
    machine.passing.close()
    print(name, f"{(instant(end) - instant(start)) / (time.monotonic() - begun):.0f} seconds in one", flush=True)
    write(OUT / name / "slab.om.zst", [fields.pop("SUnreclaim")])
    write(OUT / name / "metrics.om.zst", [boot, total, *fields.values()])


if __name__ == "__main__":
    record(
        "outage",
        "2021-06-05T00:00",
        "2021-07-03T09:30",
        20210703,
        176,
        reboots=["2021-06-05T21:10", "2021-06-11T22:40", "2021-06-19T20:05", "2021-07-03T08:55"],
        gaps=[("2021-06-15T13:00", "2021-06-15T14:40")],
        dead_from="2021-07-03T02:10",
    )
    record(
        "fixed",
        "2021-08-20T00:00",
        "2021-09-03T00:00",
        20210820,
        0.4,
        reboots=["2021-08-26T21:30"],
        gaps=[("2021-08-23T03:00", "2021-08-23T03:10")],
    )
    record(
        "quiet",
        "2021-04-05T00:00",
        "2021-04-26T00:00",
        20210405,
        0.9,
        reboots=["2021-04-09T22:00", "2021-04-20T23:15"],
        gaps=[("2021-04-17T10:00", "2021-04-17T12:00")],
    )
