#!/usr/bin/env python3
"""A real process manager restarts a real server that leaks.

Starts app/server.js under PM2 with the incident's own configuration, sends it
an evening's requests and keeps what PM2 says of its processes. One run leaks a
container per request, the other gives them back. Time is compressed: 20 seconds
of the evening pass in one, and PM2 looks at the memory that much more often.

    labs/process-manager/run.py      records the reproduction and the repaired release (10 minutes)
"""

import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from clock import Clock, instant
from openmetrics import write
from record import OUT, families, requests_per_min

SPEED = 20
PM2 = "pm2@5.4.3"
# phase, begin, end, whether containers are disposed of
RUNS = [
    ("outage", "2018-05-23T18:00", "2018-05-23T21:10", False),
    ("fixed", "2018-05-30T18:00", "2018-05-30T21:10", True),
]


class Manager:
    """A PM2 of its own, with the configuration that the incident's evidence holds."""

    def __init__(self, tools, phase, dispose):
        self.home = Path(tempfile.mkdtemp(prefix="process-manager-lab-"))
        shutil.copytree(HERE / "app", self.home / "dist")
        shutil.copy(OUT / phase / "bff/ecosystem.config.js", self.home)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # PM2 looks at the memory every 30 s
        self.env = {
            **os.environ,
            "PM2_HOME": str(self.home / "pm2"),
            "PM2_WORKER_INTERVAL": str(30_000 // SPEED),
            "PORT": str(self.port),
            "DISPOSE": str(int(dispose)),
        }
        self.program = tools / "node_modules/.bin/pm2"
        self.run("start", "ecosystem.config.js")

    def run(self, *arguments):
        return subprocess.run(
            [self.program, *arguments], env=self.env, cwd=self.home, check=True, capture_output=True, text=True
        ).stdout

    def processes(self):
        listed = self.run("jlist")
        return json.loads(listed[listed.index("[{") :])

    def stop(self):
        self.run("kill")
        shutil.rmtree(self.home)


def send(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except OSError:
        pass  # the process was restarted under the request
    finally:
        connection.close()


def evening(clock, port, end, seed):
    """Two processes' share of the requests, at the rate of the recorded weeks."""
    dice = random.Random(seed)
    with ThreadPoolExecutor(16) as pool:
        while clock.now() < end:
            pool.submit(send, port)
            time.sleep(dice.expovariate(2 * requests_per_min(clock.now()) / 60 * SPEED))


def record(tools, phase, start, end, dispose):
    manager = Manager(tools, phase, dispose)
    rss, started, restarts = kept = families()
    clock, end = Clock(start, SPEED), instant(end)
    threading.Thread(target=evening, args=(clock, manager.port, end, phase), daemon=True).start()
    try:
        at = instant(start)
        while at < end:
            at += 60
            time.sleep(max(0.0, (at - clock.now()) / SPEED))
            now, wall = clock.now(), time.time()
            for process in manager.processes():
                if not process["monit"]["memory"]:
                    continue  # between two lives
                labels = {"app": "bff-local", "pm_id": str(process["pm_id"])}
                age_s = (wall - process["pm2_env"]["pm_uptime"] / 1000) * SPEED
                rss.add(at, process["monit"]["memory"], **labels)
                started.add(at, round(now - age_s), **labels)
                restarts.add(at, process["pm2_env"]["restart_time"], **labels)
    finally:
        manager.stop()
    write(OUT / phase / "local.om.zst", kept)


def main():
    with tempfile.TemporaryDirectory(prefix="process-manager-lab-pm2-") as tools:
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tools, PM2], check=True)
        with ThreadPoolExecutor(len(RUNS)) as pool:
            for recorded in [pool.submit(record, Path(tools), *run) for run in RUNS]:
                recorded.result()


if __name__ == "__main__":
    main()
