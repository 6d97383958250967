"""What a run of the lab is. leaking.py and healthy.py list them."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clock import instant

HEAP = {
    "node": ("nodejs_heap_size_used_bytes{APP}", "nodejs_heap_size_limit_bytes{APP}"),
    "jvm": ('jvm_memory_used_bytes{APP,area="heap"}', 'jvm_memory_max_bytes{APP,area="heap"}'),
}
RSS = ("process_resident_memory_bytes{APP}", "container_spec_memory_limit_bytes{APP}")
# A loader has chunks of its own: what is committed meets the limit long before what is used does.
METASPACE = ('jvm_memory_pool_committed_bytes{APP,pool="Metaspace"}', 'jvm_memory_pool_max_bytes{APP,pool="Metaspace"}')
KEEPS = {
    "node": {
        "nodejs_heap_size_used_bytes",
        "nodejs_heap_size_total_bytes",
        "nodejs_heap_size_limit_bytes",
        "process_resident_memory_bytes",
    },
    "jvm": {"jvm_memory_used_bytes", "jvm_memory_max_bytes", "process_resident_memory_bytes"},
}


@dataclass
class Run:
    """One service over some days. Times without an offset are Japan's."""

    name: str
    family: str
    seed: int
    begin: str  # midnight of the first day
    days: int
    about: str
    parts: list  # as app.js and App.java read them
    runtime: str = ""
    leaking: bool = False
    onset: str = None  # when the leak begins, if not with the record
    flags: list = field(default_factory=list)
    traffic: dict = field(default_factory=dict)
    measure: tuple = None  # query and limit
    also: set = frozenset()  # metric names beside the usual ones
    container_mb: int = None
    deploys: list = field(default_factory=list)  # (when, parts from then on or None)
    restart_daily: float = None  # hour
    deploy_weekdays: float = None  # hour; not on holidays
    restart_above_mb: int = None  # resident memory, as a process manager would
    gaps: list = field(default_factory=list)
    gc_log: str = None

    def __post_init__(self):
        self.runtime = self.runtime or self.name.split("-")[0]
        self.query, self.limit = self.measure or HEAP[self.runtime]
        self.keeps = KEEPS[self.runtime] | set(self.also)
        self.flags = self.flags or (node() if self.runtime == "node" else jvm())
        if self.gc_log == "trace-gc":
            self.flags = [*self.flags, "--trace-gc"]
        if self.gc_log == "xlog":
            self.flags = [*self.flags, "-Xlog:gc:stdout:time,uptime,level,tags"]


def node(old_mb=64, semi_mb=2):
    return [f"--max-old-space-size={old_mb}", f"--max-semi-space-size={semi_mb}"]


def jvm(heap_mb=96, collector="G1", *more):
    return [f"-Xmx{heap_mb}m", f"-XX:+Use{collector}GC", *more]


def rate(mb_per_day, base=40, share=1.0):
    """Keys of a part that keeps about `mb_per_day` on a working day of `base` requests a tick."""
    return f"share={share:g},bytes={mb_per_day * 1e6 / (288 * base * share):.0f}"


def unix(text):
    return int(instant(text))
