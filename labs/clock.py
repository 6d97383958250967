"""The clock of a lab: programs run today and date their own records in the past.

Programs that write dates themselves (nginx, PostgreSQL) run under libfaketime,
so that nobody edits what they wrote. Only the wall clock moves; the monotonic
clock stays, so time-outs and sleeps last as long as they say.
"""

import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

JST = timezone(timedelta(hours=9))


def instant(text):
    """Unix seconds of an RFC 3339 time; without an offset it is Japan's."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=JST)).timestamp()


def rfc3339(unix):
    return datetime.fromtimestamp(unix, JST).isoformat(timespec="seconds")


class Clock:
    """Wall clock that reads `start` at the moment it is made; `speed` seconds pass in one."""

    def __init__(self, start, speed=1.0):
        self.start, self.speed, self.made = instant(start), speed, time.monotonic()
        self.offset_s = round(self.start - time.time())

    def now(self):
        return self.start + (time.monotonic() - self.made) * self.speed

    def text(self):
        return rfc3339(self.now())

    def sleep_until(self, text):
        time.sleep(max(0.0, (instant(text) - self.now()) / self.speed))

    def env(self):
        """Environment for a program that shall live in this clock (at its speed of 1)."""
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
        if library is None:
            raise SystemExit("this lab needs libfaketime: apt-get install faketime")
        return {
            **os.environ,
            "TZ": "Asia/Tokyo",
            "LC_ALL": "C.UTF-8",
            "LD_PRELOAD": str(library),
            "FAKETIME": f"{self.offset_s:+d}s",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
