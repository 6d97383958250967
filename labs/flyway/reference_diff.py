#!/usr/bin/env python3
"""Rows of the reference tables that differ between two environments, as JSON.

    reference_diff.py STAGING PRODUCTION     two folders of <table>.csv

Exit 1 where production has a row that staging lacks, or another one under the
same id. Rows that only staging has are migrations on their way to production.
"""

import csv
import json
import sys
from pathlib import Path


def rows(folder):
    tables = {}
    for path in sorted(Path(folder).glob("*.csv")):
        with path.open(newline="") as lines:
            tables[path.stem] = {row["id"]: row for row in csv.DictReader(lines)}
    return tables


def diff(staging, production):
    found = {"only_in_staging": [], "only_in_production": [], "different": []}
    for table in sorted(staging.keys() | production.keys()):
        left, right = staging.get(table, {}), production.get(table, {})
        for key in sorted(left.keys() | right.keys(), key=int):
            if left.get(key) != right.get(key):
                side = (
                    "only_in_production" if key not in left else "only_in_staging" if key not in right else "different"
                )
                found[side].append({"table": table, "id": int(key)})
    return {
        "tables": len(staging.keys() | production.keys()),
        "counts": {side: len(rows) for side, rows in found.items()},
        **found,
    }


if __name__ == "__main__":
    answer = diff(rows(sys.argv[1]), rows(sys.argv[2]))
    print(json.dumps(answer))
    sys.exit(1 if answer["only_in_production"] or answer["different"] else 0)
