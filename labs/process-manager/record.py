#!/usr/bin/env python3
"""A process manager restarts a leaking server whenever its memory passes a limit, for weeks.

Runs app/server.js twice under the machine's Node.js and gives both their requests
half a minute at a time, as fast as they answer. The driver plays the process
manager: every half minute it holds the resident memory against the incident's
max_memory_restart of 300 MiB. Each minute it keeps what exporters would show:

    outage  2018-05-11 .. 05-22  leaks since the release of 05-14 15:00
    fixed   2018-05-30 .. 06-04  containers are given back, the limit still set
    quiet   2018-04-23 .. 04-30  a week with releases and one rollback

Published are the base line of 85 MB, 26 MB for ten requests of which a forced
collection gave back 3, and restarts every few tens of minutes. Traffic and dates
are ours. run.py records an evening under the real process manager.

    labs/process-manager/record.py           all phases (a quarter of an hour on two busy cores)
    labs/process-manager/record.py PHASE...
"""

import http.client
import math
import os
import random
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from clock import instant
from openmetrics import INCIDENTS, Family, write

OUT = INCIDENTS / "2018-05-14-restarts-hid-a-leak/evidence"
PAGE = os.sysconf("SC_PAGE_SIZE")
LOOK_S, SCRAPE_S, DAY_S = 30, 60, 86400
LIMIT_BYTES = 300 * 2**20
ROWS = 2400  # of a request: about a megabyte
ROUNDED_TO = 100_000  # bytes, so that weeks pack well
# phase, begin, end, seed, when the leaking release came, releases
RUNS = [
    (
        "outage",
        "2018-05-11T00:00",
        "2018-05-22T00:00",
        20180514,
        "2018-05-14T15:00",
        ["2018-05-11T14:10", "2018-05-14T15:00", "2018-05-16T16:30", "2018-05-18T11:20"],
    ),
    ("fixed", "2018-05-30T00:00", "2018-06-04T00:00", 20180530, None, ["2018-05-31T15:05", "2018-06-01T13:40"]),
    (
        "quiet",
        "2018-04-23T00:00",
        "2018-04-30T00:00",
        20180423,
        None,
        ["2018-04-24T15:10", "2018-04-24T15:48", "2018-04-26T11:00"],
    ),
]


def requests_per_min(at):
    """A marketplace for services at home: mornings, evenings, fuller on weekends."""
    local = at / 3600 + 9
    hour, weekday = local % 24, int(local // 24 + 3) % 7
    shape = 0.06 + 0.75 * math.exp(-(((hour - 11) / 2.6) ** 2) / 2) + math.exp(-(((hour - 20.7) / 2.4) ** 2) / 2)
    return 8.5 * shape * (1.2 if weekday >= 5 else 1.0)


def poisson(dice, mean):
    """How many of events that know nothing of each other."""
    product, n = dice.random(), 0
    while product > math.exp(-mean):
        product *= dice.random()
        n += 1
    return n


class Server:
    """One life of the server."""

    def __init__(self, at, leaks):
        self.started = at
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = {**os.environ, "PORT": str(self.port), "ROWS": str(ROWS), "DISPOSE": str(int(not leaks))}
        self.child = subprocess.Popen(["node", str(HERE / "app/server.js")], env=env)
        while not self.listens():
            if self.child.poll() is not None:
                raise SystemExit("node did not start")
            time.sleep(0.01)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def serve(self, requests):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for _ in range(requests):
            connection.request("GET", "/")
            connection.getresponse().read()
        connection.close()

    def resident_bytes(self):
        return int(Path(f"/proc/{self.child.pid}/statm").read_text().split()[1]) * PAGE

    def stop(self):
        self.child.kill()
        self.child.wait()


def families():
    """Memory, start time and restarts of each process."""
    return [
        Family("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", "bytes"),
        Family(
            "process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.", "seconds"
        ),
        Family("pm2_restarts", "counter", "Restarts by the process manager since it started."),
    ]


def live(number, start, end, seed, leaks_from, releases):
    """The samples of one of the two processes: time, resident bytes, start time, restarts."""
    dice, first = random.Random(seed + number), int(instant(start))
    # The second one is released a look later.
    queue = [instant(release) + LOOK_S * number for release in releases]
    at, count, samples = first - DAY_S, 3 + number, []  # a day old when the record begins
    server = Server(at, leaks=False)
    while at < int(instant(end)):
        at += LOOK_S
        server.serve(poisson(dice, requests_per_min(at) * LOOK_S / 60))
        is_released = queue and at >= queue[0]
        if is_released or server.resident_bytes() > LIMIT_BYTES:
            if is_released:
                queue.pop(0)
            server.stop()
            server, count = Server(at, leaks_from is not None and at >= instant(leaks_from)), count + 1
        if at > first and at % SCRAPE_S == 0 and dice.random() > 0.001:
            samples.append((at, server.resident_bytes(), server.started, count))
    server.stop()
    return samples


def record(phase, start, end, seed, leaks_from, releases):
    rss, started, restarts = kept = families()
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(live, number, start, end, seed, leaks_from, releases) for number in (0, 1)]
    for number, life in enumerate(lives):
        labels = {"app": "bff", "pm_id": str(number)}
        for at, resident, start_s, count in life.result():
            rss.add(at, round(resident / ROUNDED_TO) * ROUNDED_TO, **labels)
            started.add(at, start_s, **labels)
            restarts.add(at, count, **labels)
    write(OUT / phase / "metrics.om.zst", kept)
    passed = instant(end) - instant(start) + DAY_S
    print(phase, f"{passed / (time.monotonic() - begun):.0f} seconds in one", flush=True)


if __name__ == "__main__":
    os.nice(15)
    for run in [run for run in RUNS if run[0] in sys.argv[1:] or not sys.argv[1:]]:
        record(*run)
