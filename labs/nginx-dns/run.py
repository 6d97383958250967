#!/usr/bin/env python3
"""nginx keeps the addresses that a name had when it started.

Runs a real nginx with the incident's own configuration in front of two API
tasks, redeploys the tasks to new addresses, and keeps nginx's error and access
log. Everything lives in a network, mount and process namespace of its own
(which wants root): nothing is left behind and no port of the machine is used.

    labs/nginx-dns/run.py            records outage, fixed and quiet (10 minutes)
"""

import http.client
import http.server
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from clock import Clock
from dns import NameServer

EVIDENCE = HERE.parents[1] / "examples/outages/incidents/2020-09-29-nginx-kept-the-address/evidence"
# What happens when. A redeploy starts two new tasks, changes the name, and
# 20 s later (the deregistration delay) stops the old ones.
PHASES = {
    "outage": (
        "2020-09-29T09:37:30",
        "2020-09-29T09:47:00",
        [
            ("2020-09-29T09:38:10", "crash"),
            ("2020-09-29T09:39:40", "redeploy"),
            ("2020-09-29T09:45:30", "restart nginx"),
        ],
    ),
    "fixed": (
        "2020-09-30T15:10:00",
        "2020-09-30T15:16:00",
        [("2020-09-30T15:11:30", "redeploy"), ("2020-09-30T15:12:40", "crash"), ("2020-09-30T15:13:40", "redeploy")],
    ),
    "quiet": (
        "2020-09-25T14:00:00",
        "2020-09-25T14:06:00",
        [
            ("2020-09-25T14:01:10", "crash"),
            ("2020-09-25T14:03:00", "redeploy"),
            ("2020-09-25T14:03:10", "restart nginx"),
            ("2020-09-25T14:04:30", "crash"),
        ],
    ),
}


class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(random.uniform(0.005, 0.06))
        found = self.path.startswith(("/foo/", "/health"))
        body = b'{"ok":true}\n' if found else b'{"error":"not found"}\n'
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Tasks:
    """The API's tasks, each at an address of its own, as a service registry knows them."""

    def __init__(self, names):
        self.names, self.running, self.next = names, {}, 1
        self.redeploy(drain_s=0)

    def _start(self, address):
        server = ApiServer((address, 8080), Api)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.running[address] = server

    def _stop(self, address):
        server = self.running.pop(address)
        server.shutdown()
        server.server_close()

    def redeploy(self, drain_s=20):
        old = list(self.running)
        new = [f"127.0.10.{self.next + i}" for i in range(2)]
        self.next += 2
        for address in new:
            self._start(address)
        self.names.records["api.local"] = new
        time.sleep(drain_s)
        for address in old:
            self._stop(address)

    def crash(self):
        """One task dies and is back at the same address six seconds later."""
        address = next(iter(self.running))
        self._stop(address)
        time.sleep(6)
        self._start(address)


def client(stop, seed):
    """Requests as a browser's and a health check's: a few a second, some for pages that are not there."""
    dice = random.Random(seed)
    paths = ["/foo/bar"] * 6 + ["/foo/list?page=2", "/foo/1203", "/favicon.ico"]
    while not stop.is_set():
        path = "/health" if dice.random() < 0.1 else dice.choice(paths)
        try:
            c = http.client.HTTPConnection("127.0.0.1", 80, timeout=5, source_address=(f"192.168.0.{seed}", 0))
            c.request("GET", path, headers={"Host": "api.example.com"})
            if dice.random() > 0.02:  # the others close the tab
                c.getresponse().read()
            c.close()
        except OSError:
            pass
        time.sleep(dice.expovariate(0.8))


def nginx(clock):
    # nginx empties its environment unless told to keep a name; libfaketime reads it again and again
    keep = "".join(f"env {name}; " for name in ("FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC"))
    return subprocess.Popen(["nginx", "-g", f"user root; daemon off; {keep}"], env=clock.env())


class ApiServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that closed the tab


def record(phase, out):
    start, end, events = PHASES[phase]
    config = EVIDENCE / ("fixed" if phase == "fixed" else "outage") / "nginx"
    (out / "resolv.conf").write_text("nameserver 127.0.0.53\n")
    for source, target in [(config, "/etc/nginx"), (out, "/var/log/nginx"), (out / "resolv.conf", "/etc/resolv.conf")]:
        subprocess.run(["mount", "--bind", source, target], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)  # nginx.pid of each phase
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for seed in (1, 2, 3):
        subprocess.run(["ip", "address", "add", f"192.168.0.{seed}/24", "dev", "lo"], check=True)

    tasks, clock, stop = Tasks(NameServer("127.0.0.53")), Clock(start), threading.Event()
    server = nginx(clock)
    time.sleep(1)
    for seed in (1, 2, 3):
        threading.Thread(target=client, args=(stop, seed), daemon=True).start()
    for at, event in events:
        clock.sleep_until(at)
        print(clock.text(), event, flush=True)
        if event == "restart nginx":
            server.terminate()
            server.wait()
            server = nginx(clock)
        else:
            threading.Thread(target=getattr(tasks, event), daemon=True).start()
    clock.sleep_until(end)
    stop.set()
    server.terminate()
    server.wait()


def main():
    if len(sys.argv) == 3:
        return record(sys.argv[1], Path(sys.argv[2]))
    folders = {phase: Path(tempfile.mkdtemp(prefix=f"nginx-dns-{phase}-")) for phase in PHASES}
    namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    runs = [
        subprocess.Popen([*namespaces, sys.executable, __file__, phase, folder]) for phase, folder in folders.items()
    ]
    if any([run.wait() for run in runs]):
        raise SystemExit("a phase failed; nothing was recorded")
    for phase, folder in folders.items():
        (EVIDENCE / phase).mkdir(parents=True, exist_ok=True)
        for log in ("error.log", "access.log"):
            subprocess.run(["zstd", "-19", "-q", "-f", folder / log, "-o", EVIDENCE / phase / f"{log}.zst"], check=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
