#!/usr/bin/env python3
"""Heap snapshots of two releases of a real server: one keeps a container of each request, the other gives it back.

Starts the server of labs/process-manager under the machine's Node.js, with few
rows a request, so that the snapshots stay small. `nidoto heap watch` warms it up,
sends REQUESTS and takes the snapshots; `nidoto heap slim` leaves out what is
V8's own. The package stands in node_modules, as it did.

    labs/heap/releases.py                records both releases (NIDOTO names the binary; default target/debug/nidoto)
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
REQUESTS, ROWS = 40, 5
# phase, whether containers are disposed of
RELEASES = [("outage", False), ("fixed", True)]


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


def record(phase, dispose):
    with tempfile.TemporaryDirectory(prefix="heap-lab-") as folder, socket.socket() as free:
        home, kept = Path(folder) / "srv/bff", Path(folder) / "kept"
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        deploy(home)
        server, inspector = start(home, port, dispose)
        try:
            watch = [NIDOTO, "heap", "watch", inspector, "--keep", kept, "-n", str(REQUESTS), "--rest", "1"]
            done = subprocess.run([*watch, "--requests", f"{sys.executable} {__file__} drive {port} $N"])
        finally:
            server.kill()
            server.wait()
        if done.returncode == 2:
            raise SystemExit(f"{phase}: no snapshots")
        (OUT / phase / "heap").mkdir(exist_ok=True)
        for name in ["1-base", "3-later"]:
            slim = OUT / phase / f"heap/{name}.heapsnapshot.zst"
            subprocess.run([NIDOTO, "heap", "slim", kept / f"{name}.heapsnapshot", "-o", slim, "--redact"], check=True)


def main():
    if sys.argv[1:2] == ["drive"]:
        drive(int(sys.argv[2]), int(sys.argv[3]))
        return
    for release in RELEASES:
        record(*release)


if __name__ == "__main__":
    main()
