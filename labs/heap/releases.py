#!/usr/bin/env python3
"""Heap snapshots of a real server: one release keeps a container of each request, the others give it back.

Starts the server of labs/process-manager under the machine's Node.js, with few
rows a request, so that the snapshots stay small. `nidoto heap watch` warms it up,
sends REQUESTS and takes the snapshots; `nidoto heap slim` leaves out what is
V8's own. The package stands in node_modules, as it did. The process of the quiet
week is compared three times, with a day's requests in between.

    labs/heap/releases.py                records all releases (NIDOTO names the binary; default target/debug/nidoto)
    labs/heap/releases.py PHASE          only one: outage, fixed, quiet
    labs/heap/releases.py drive PORT N   makes N requests
"""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
APP = HERE.parent / "process-manager/app"
OUT = HERE.parents[1] / "examples/outages/incidents/2018-05-14-restarts-hid-a-leak/evidence"
NIDOTO = os.environ.get("NIDOTO", HERE.parents[1] / "target/debug/nidoto")
REQUESTS, ROWS, REQUESTS_A_DAY = 40, 5, 6500
# phase, whether containers are disposed of, a folder for each comparison
RELEASES = [
    ("outage", False, ["heap"]),
    ("fixed", True, ["heap"]),
    ("quiet", True, ["heap-1", "heap-2", "heap-3"]),
]


def drive(port, requests):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for _ in range(requests):
        connection.request("GET", "/")
        connection.getresponse().read()
    connection.close()


def deploy(home):
    """The server in a folder as it is deployed, the package in node_modules."""
    package = home / "node_modules/@example/di-container"
    package.mkdir(parents=True)
    shutil.copy(APP / "container.js", package / "index.js")
    shutil.copy(APP / "server.js", home)


def start(home, port, dispose):
    """The process, and where its inspector listens."""
    env = {
        **os.environ,
        "PORT": str(port),
        "ROWS": str(ROWS),
        "DISPOSE": str(int(dispose)),
        "CONTAINER": "@example/di-container",
    }
    command = ["node", "--inspect=127.0.0.1:0", "server.js"]
    server = subprocess.Popen(command, cwd=home, env=env, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if "listening on ws://" in line:
            return server, line.split()[-1]
    raise SystemExit("node did not start")


def record(phase, dispose, folders):
    with tempfile.TemporaryDirectory(prefix="heap-lab-") as folder, socket.socket() as free:
        home = Path(folder) / "srv/bff"
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        deploy(home)
        server, inspector = start(home, port, dispose)
        try:
            for day, name in enumerate(folders):
                if day:
                    drive(port, REQUESTS_A_DAY)
                compare(OUT / phase / name, Path(folder) / name, inspector, port)
        finally:
            server.kill()
            server.wait()


def compare(out, kept, inspector, port):
    watch = [NIDOTO, "heap", "watch", inspector, "--keep", kept, "-n", str(REQUESTS), "--rest", "1"]
    done = subprocess.run([*watch, "--requests", f"{sys.executable} {__file__} drive {port} $N"])
    if done.returncode == 2:
        raise SystemExit(f"{out}: no snapshots")
    out.mkdir(parents=True, exist_ok=True)
    for name in ["1-base", "3-later"]:
        slim = out / f"{name}.heapsnapshot.zst"
        subprocess.run([NIDOTO, "heap", "slim", kept / f"{name}.heapsnapshot", "-o", slim, "--redact"], check=True)


def main():
    if sys.argv[1:2] == ["drive"]:
        drive(int(sys.argv[2]), int(sys.argv[3]))
        return
    for release in RELEASES:
        if release[0] in sys.argv[1:] or not sys.argv[1:]:
            record(*release)


if __name__ == "__main__":
    main()
