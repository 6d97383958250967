#!/usr/bin/env python3
"""More clients than the database has connections.

Starts a real MariaDB with 20 connections and lets functions call it at the rate
that traffic.py foresees for the evening; each query takes as long as it would
on a CPU that full. The functions' log, with the errors in the server's own
words, is kept. Time is compressed: 15 seconds of the evening pass in one, and
rates and connections are scaled to what one small machine carries.

    labs/connections/run.py          records both evenings, the fix and a quiet Saturday (8 minutes)
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from clock import JST, Clock, instant
from openmetrics import INCIDENTS, compress
from traffic import REQUESTS_PER_CPU, WEEKS, demand, duration_s

EVIDENCE = INCIDENTS / "2021-02-06-too-many-connections/evidence"
SPEED = 15
CONNECTIONS, SMALLER = 20, 150 / 20  # of 150 in the world
# log, begin, end, size of the instance
EVENINGS = [
    ("outage/saturday.log", "2021-02-06T16:20", "2021-02-06T18:20", 1),
    ("outage/sunday.log", "2021-02-07T15:50", "2021-02-07T17:50", 1),
    ("fixed/lambda.log", "2021-02-20T16:30", "2021-02-20T18:10", 2),
    ("quiet/lambda.log", "2020-11-21T16:30", "2020-11-21T18:10", 1),
]


class Database:
    def __init__(self, limit):
        self.folder = Path(tempfile.mkdtemp(prefix="connections-lab-"))
        user = ["--user=mysql"] if os.geteuid() == 0 else []
        if user:
            shutil.chown(self.folder, "mysql")
        data, self.socket = self.folder / "data", self.folder / "socket"
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={data}",
                f"--tmpdir={self.folder}",
                "--auth-root-authentication-method=normal",
                *user,
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        self.server = subprocess.Popen(
            [
                "mariadbd",
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={self.socket}",
                "--skip-networking",
                "--back-log=1000",
                f"--max-connections={limit}",
                f"--pid-file={self.folder / 'pid'}",
                "--innodb-flush-log-at-trx-commit=0",
                *user,
            ],
            stderr=subprocess.DEVNULL,
        )
        while self.ask("SELECT 1", "root"):
            time.sleep(0.2)
        self.ask(
            "CREATE DATABASE walk; CREATE USER app@localhost; GRANT ALL ON walk.* TO app@localhost;"
            "CREATE TABLE walk.walks (id INT AUTO_INCREMENT PRIMARY KEY, dog INT UNIQUE, begun TIMESTAMP)",
            "root",
        )

    def ask(self, statement, user="app"):
        """Runs `statement` in a connection of its own; the error in the server's words, or nothing."""
        client = ["mariadb", "--no-defaults", f"--socket={self.socket}", "-u", user, "-e", statement]
        return subprocess.run(client, capture_output=True, text=True).stderr.strip()

    def stop(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder)


class Evening:
    def __init__(self, log, start, end, size):
        self.log, self.start, self.end, self.size = log, start, end, size
        self.dice, self.lines, self.refused = random.Random(log), [], 0.0
        self.database = Database(CONNECTIONS * size)

    def record(self):
        database = self.database
        self.clock = Clock(self.start, SPEED)
        try:
            with ThreadPoolExecutor(4 * CONNECTIONS) as pool:
                while self.clock.now() < instant(self.end):
                    pool.submit(self.call, database, self.query_s())
                    time.sleep(self.dice.expovariate(self.per_s()))
        finally:
            database.stop()
        compress(EVIDENCE / f"{self.log}.zst", "\n".join(sorted(self.lines)) + "\n")

    def load(self):
        """How full the CPU is, people who try again included."""
        moment = datetime.fromtimestamp(self.clock.now(), JST)
        week = max(monday for monday in WEEKS if monday <= moment.date().isoformat())
        return demand(moment, WEEKS[week]) / 100 / self.size * (1 + 0.03 * self.refused)

    def per_s(self):
        return self.load() * self.size * 100 * REQUESTS_PER_CPU / 60 / SMALLER

    def query_s(self):
        return duration_s(self.load()) * self.dice.uniform(0.6, 1.4)

    def call(self, database, query_s):
        begun, request = time.monotonic(), f"{self.dice.getrandbits(32):08x}"
        dog = self.dice.randrange(40_000)
        error = database.ask(f"SELECT SLEEP({query_s:.3f}); INSERT INTO walk.walks (dog, begun) VALUES ({dog}, NOW())")
        took_ms = (time.monotonic() - begun) * 1000
        self.refused = 0.98 * self.refused + 0.02 * ("1040" in error)
        at = self.clock.text()
        if error:
            self.lines.append(f"{at} [ERROR] {request} walk-start: {error.splitlines()[-1]}")
        elif self.dice.random() < 0.05:
            memory_mb = self.dice.randrange(61, 98)
            self.lines.append(f"{at} [INFO] {request} walk-start: Duration: {took_ms:.0f} ms, Memory: {memory_mb} MB")


def main():
    evenings = [Evening(*evening) for evening in EVENINGS]
    with ThreadPoolExecutor(len(EVENINGS)) as pool:
        for recorded in [pool.submit(evening.record) for evening in evenings]:
            recorded.result()


if __name__ == "__main__":
    main()
