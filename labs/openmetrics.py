"""Writes series as OpenMetrics text, compressed as evidence wants it."""

import subprocess
from pathlib import Path

INCIDENTS = Path(__file__).resolve().parents[1] / "examples/outages/incidents"


class Family:
    """One metric: its type, its help, and samples of each of its series in time order."""

    def __init__(self, name, kind, about, unit=None):
        self.name, self.kind, self.about, self.unit, self.series = name, kind, about, unit, {}

    def add(self, at, value, **labels):
        self.series.setdefault(tuple(labels.items()), []).append((at, value))

    def text(self):
        yield f"# TYPE {self.name} {self.kind}\n"
        if self.unit:
            yield f"# UNIT {self.name} {self.unit}\n"
        yield f"# HELP {self.name} {self.about}\n"
        sample = self.name + ("_total" if self.kind == "counter" else "")
        for labels, samples in self.series.items():
            inner = ",".join(f'{name}="{value}"' for name, value in labels)
            head = f"{sample}{{{inner}}}" if inner else sample
            for at, value in samples:
                yield f"{head} {number(value)} {number(at)}\n"


def number(value):
    return str(int(value)) if float(value).is_integer() else format(value, ".6g" if abs(value) < 1e5 else ".12g")


def write(path, families):
    """Writes `families` to `path`, which ends in .om.zst."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(line for family in families for line in family.text()) + "# EOF\n"
    compress(path, text)


def compress(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["zstd", "-19", "-q", "-f", "-o", path], input=text.encode(), check=True)
