"""Services that leak: what is kept, how fast, since when, and what hides it."""

from run import METASPACE, RSS, Run, jvm, node, rate, unix


def leak(name, family, seed, begin, days, about, parts, **more):
    return Run(name, family, seed, begin, days, about, parts, leaking=True, **more)


EVENING = {"shape": "evening", "weekend": 1.2}
LIVE = "live:mb=7"

LEAKING = [
    leak("node-listener-days", "listener", 101, "2024-04-01T00:00", 14, "a listener on a shared emitter for every request",
         [LIVE, f"listener:{rate(11)}"], gc_log="trace-gc"),
    leak("node-map-week", "map", 102, "2024-04-03T00:00", 18, "a map keyed by request that nobody clears, over sessions",
         [LIVE, f"map:{rate(5)}", "sessions:minutes=30,users=400,bytes=14000"], traffic=EVENING),
    leak("node-closure-weeks", "closure", 103, "2024-05-06T00:00", 21, "callbacks that wait for what never comes",
         [LIVE, f"closure:{rate(2.6)}", "lru:entries=800,keys=5000,bytes=8000"]),
    leak("node-rare-route", "rare-route", 104, "2024-06-10T00:00", 18, "only the export route leaks, one request in 250",
         [LIVE, f"closure:{rate(6, share=0.004)}"]),
    leak("node-follows-the-day", "follows-traffic", 105, "2024-07-01T00:00", 18, "a leak that sleeps when users sleep, under a large session store",
         [LIVE, f"map:{rate(6.5, base=50)}", "sessions:minutes=90,users=700,bytes=12000"],
         traffic={"shape": "lunch", "base": 50, "weekend": 0.3}, flags=node(80)),
    leak("node-after-a-deploy", "after-deploy", 106, "2024-08-19T00:00", 19, "the third release brings the leak",
         [LIVE, "routes:count=60,bytes=50000"], onset="2024-08-26T14:20", gc_log="perf_hooks",
         deploys=[("2024-08-21T11:10", None), ("2024-08-26T14:20", [LIVE, "routes:count=60,bytes=50000", f"listener:{rate(8)}"])]),
    leak("node-fast-after-a-push", "fast", 107, "2024-09-02T00:00", 14, "a push's landing page leaks; the heap is full by night",
         [LIVE, f"closure:share=1,bytes=8500,from={unix('2024-09-12T19:00')}"], onset="2024-09-12T19:00",
         traffic={"shape": "evening", "weekend": 1.3, "pushes": [("2024-09-05T19:00", 5), ("2024-09-12T19:00", 6)]}),
    leak("node-hidden-by-a-limit", "hidden-by-limit", 108, "2024-09-30T00:00", 14, "a process manager restarts it every hour or two",
         [LIVE, "closure:share=1,bytes=60000"], flags=node(96), restart_above_mb=125),
    leak("node-hidden-for-days", "hidden-by-limit", 109, "2024-10-07T00:00", 18, "a process manager restarts it every other day",
         [LIVE, f"map:{rate(22)}"], traffic=EVENING, flags=node(96), restart_above_mb=125),
    leak("node-hidden-by-the-night", "hidden-by-nightly-restart", 110, "2024-10-28T00:00", 14, "restarted every night at four",
         [LIVE, f"listener:{rate(28)}"], restart_daily=4),
    leak("node-hidden-by-deploys", "hidden-by-deploys", 111, "2024-04-15T00:00", 21, "a deploy each working day, until the holidays",
         [LIVE, f"map:{rate(13)}"], deploy_weekdays=11.5,
         traffic={"weekend": 0.75, "holidays": [("2024-04-29T00:00", "2024-05-07T00:00")]}),
    leak("node-buffers-off-heap", "off-heap", 112, "2024-11-11T00:00", 14, "uploads that are never released; the heap stays small",
         [LIVE, f"buffer:{rate(8, share=0.05)}"], measure=RSS, container_mb=150, also={"nodejs_external_memory_bytes"}),
    leak("node-poller", "constant", 113, "2024-12-02T00:00", 19, "a poller keeps every answer, whatever the traffic",
         [LIVE, "poller:bytes=14000", "sessions:minutes=45,users=500,bytes=10000"]),
    leak("node-labels", "labels", 114, "2025-01-06T00:00", 16, "a metric with a label for every address",
         [LIVE, f"labels:{rate(4.5, share=0.6)}"], traffic={"shape": "flat"}),
    leak("node-timer-after-a-deploy", "after-deploy", 115, "2025-01-20T00:00", 18, "a timer for every request since the release, with a nightly job above it",
         [LIVE, "job:hour=2,minutes=70,mb=14"], onset="2025-01-27T10:40",
         deploys=[("2025-01-27T10:40", [LIVE, "job:hour=2,minutes=70,mb=14", f"timer:{rate(4)}"])]),
    leak("jvm-static-map", "map", 116, "2025-02-03T00:00", 14, "a static map that nobody clears, under G1",
         [LIVE, f"static-map:{rate(9)}"]),
    leak("jvm-thread-local", "thread-local", 117, "2025-02-17T00:00", 16, "thread-locals of pooled threads, under the serial collector",
         ["live:mb=10", f"thread-local:{rate(4.5, share=0.5)}"], flags=jvm(64, "Serial"), gc_log="xlog"),
    leak("jvm-classloader", "metaspace", 118, "2025-03-03T00:00", 14, "a class loader for every script that is run",
         [LIVE, "classloader:share=0.1"], flags=jvm(96, "Serial", "-XX:MaxMetaspaceSize=24m"), measure=METASPACE,
         also={"jvm_memory_pool_used_bytes", "jvm_memory_pool_max_bytes"}),
    leak("jvm-direct-buffers", "off-heap", 119, "2025-03-17T00:00", 14, "direct buffers that are kept",
         [LIVE, f"direct:{rate(4.5, share=0.02)}"], flags=jvm(64, "G1", "-XX:MaxDirectMemorySize=64m"), container_mb=190,
         measure=RSS, also={"jvm_buffer_pool_used_bytes"}),
    leak("jvm-under-a-sawtooth", "slow-under-sawtooth", 120, "2025-04-07T00:00", 21, "a slow leak below young collections of hours",
         ["live:mb=16", f"static-map:{rate(4.2)}"], flags=jvm(128), gc_log="xlog"),
    leak("jvm-after-a-deploy", "after-deploy", 121, "2025-05-12T00:00", 16, "listeners since the second release, under the parallel collector",
         [LIVE, "lru:entries=900,keys=4000,bytes=9000"], onset="2025-05-20T15:00", flags=jvm(80, "Parallel"),
         deploys=[("2025-05-15T13:00", None), ("2025-05-20T15:00", [LIVE, "lru:entries=900,keys=4000,bytes=9000", f"listener:{rate(6)}"])]),
    leak("jvm-hidden-by-the-night", "hidden-by-nightly-restart", 122, "2025-06-02T00:00", 14, "restarted every night at five",
         [LIVE, f"static-map:{rate(40)}"], traffic=EVENING, flags=jvm(80, "Serial"), restart_daily=5),
]
