#!/usr/bin/env python3
"""Fills in the sha256 of every evidence item, as docs/format.md defines it.

labs/manifest.py             rewrites each examples/outages/incidents/*/evidence/manifest.yaml
labs/manifest.py --check     changes nothing; exit 1 where a hash, a file or an item is missing
"""

import hashlib
import re
import sys
from pathlib import Path

INCIDENTS = Path(__file__).resolve().parents[1] / "examples/outages/incidents"
ITEM = re.compile(r"- path: (?P<path>\S+)(?P<keys>.*?)\n(?P<indent> +)sha256:[^\n]*", re.DOTALL)


def sha256(path):
    if path.is_dir():
        files = sorted((str(f.relative_to(path)).encode(), f) for f in path.rglob("*") if f.is_file())
        return hashlib.sha256(b"".join(f"{sha256(f)}  ".encode() + name + b"\n" for name, f in files)).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fill(manifest):
    """The manifest's text with every hash as it is now, and the files that no item covers."""
    evidence, covered = manifest.parent, []

    def item(match):
        covered.append(evidence / match["path"])
        return f"- path: {match['path']}{match['keys']}\n{match['indent']}sha256: {sha256(evidence / match['path'])}"

    text = "\n".join(re.sub(ITEM, item, block) for block in re.split(r"\n(?=  - path:)", manifest.read_text()))
    files = (f for f in evidence.rglob("*") if f.is_file() and f != manifest)
    return text, [f for f in files if not any(f == c or c in f.parents for c in covered)]


def main():
    check, wrong = "--check" in sys.argv[1:], []
    for manifest in sorted(INCIDENTS.glob("*/evidence/manifest.yaml")):
        text, forgotten = fill(manifest)
        wrong += [f"{path}: no item covers it" for path in forgotten]
        if text != manifest.read_text():
            if check:
                wrong.append(f"{manifest}: a sha256 is out of date")
            else:
                manifest.write_text(text)
    print("\n".join(wrong) or "every item has its hash")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
