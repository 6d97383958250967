#!/usr/bin/env python3
"""A nightly backup that was never told about three folders.

Makes a small copy of the machine's folders, backs up what the backup knew of,
and keeps what listing.py answers about every declared path: before the machine
was deleted, and after the folders were added.

    labs/backup/run.py               records outage and fixed (a second)
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from clock import instant, rfc3339
from openmetrics import INCIDENTS

EVIDENCE = INCIDENTS / "2021-07-10-deleted-without-backup/evidence"
# Folder, files in it, whether the nightly backup knew of it in July 2021.
FOLDERS = [
    ("/srv/db-dumps/traq", 7, True),
    ("/srv/db-dumps/portal", 7, True),
    ("/srv/db-dumps/pipeline", 7, True),
    ("/srv/traq/files", 120, True),
    ("/srv/traq/thumbnails", 110, False),
    ("/srv/traq/stamps", 48, False),
    ("/srv/traq/icons", 64, False),
    ("/srv/portal/uploads", 15, True),
]


def fill(world, at, seed):
    dice = random.Random(seed)
    for folder, files, _ in FOLDERS:
        place = world / folder.lstrip("/")
        place.mkdir(parents=True)
        for number in range(files):
            path = place / f"{dice.getrandbits(64):016x}"
            path.write_bytes(b"\0" * dice.randrange(400, 40_000))
            # the newest of each folder is some hours old, the oldest months
            age_s = dice.uniform(2, 9) * 3600 + number * dice.uniform(0.3, 1.5) * 86400
            os.utime(path, (instant(at) - age_s,) * 2)


def back_up(world, backup, everything):
    for folder, _, known in FOLDERS:
        if known or everything:
            shutil.copytree(world / folder.lstrip("/"), backup / folder.lstrip("/"))


def record(phase, name, at, everything, seed):
    with tempfile.TemporaryDirectory(prefix="backup-lab-") as place:
        world, backup = Path(place, "world"), Path(place, "backup")
        fill(world, at, seed)
        back_up(world, backup, everything)
        done = subprocess.run(
            [sys.executable, HERE / "listing.py", EVIDENCE / phase / "state.txt", backup],
            capture_output=True,
            text=True,
        )
    answer = {"status": done.returncode, "stdout": json.loads(done.stdout), "at": rfc3339(instant(at))}
    (EVIDENCE / phase / name).write_text(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    record("outage", "backup-listing.json", "2021-07-04T05:00", False, 704)
    record("fixed", "backup-listing.json", "2021-07-25T05:00", True, 725)
