#!/usr/bin/env python3
"""What a backup holds of each path that was declared to hold state, as JSON.

    listing.py DECLARED BACKUP       a text file with a path a line; the folder that the backup mirrors them in

Looks at the copies themselves: a tool that checks its own archive says nothing
about a folder that it was never given. Exit 1 where a declared path has no copy.
"""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path


def held(copy):
    files = [path for path in copy.rglob("*") if path.is_file()] if copy.is_dir() else []
    newest = max((path.stat().st_mtime for path in files), default=None)
    return {
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "newest": newest and datetime.fromtimestamp(newest, timezone.utc).isoformat(timespec="seconds"),
    }


def listing(declared, backup):
    paths = {path: held(backup / path.lstrip("/")) for path in declared}
    missing = [path for path, copy in paths.items() if not copy["files"]]
    return {"declared": len(paths), "uncovered": len(missing), "missing": missing, "paths": paths}


if __name__ == "__main__":
    lines = (line.split("#")[0].strip() for line in Path(sys.argv[1]).read_text().splitlines())
    answer = listing([line for line in lines if line], Path(sys.argv[2]))
    print(json.dumps(answer))
    sys.exit(1 if answer["uncovered"] else 0)
