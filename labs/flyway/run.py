#!/usr/bin/env python3
"""A migration inserts a row that exists in production only.

Runs the incident's own migrations against a staging and a production database
of a real PostgreSQL, as an application does at start, and keeps the
application's log, the server's log, the reference rows of both environments
and what the nightly comparison answered. The runner here does what Flyway does
(pending versions in order, one transaction each, stop at the first error) and
words its log alike; error texts and codes are PostgreSQL's own.

    labs/flyway/run.py               records outage, fixed and quiet (half a minute)
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from clock import Clock

EVIDENCE = HERE.parents[1] / "examples/outages/incidents/2020-11-05-migration-met-a-row/evidence"
MIGRATIONS = EVIDENCE / "fixed/migration"  # V51 included, which is pending while the fix is looked at
BIN = next(Path("/usr/lib/postgresql").glob("*/bin"))
# Wherever the server insists on another user than root.
AS_POSTGRES = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


class Server:
    """PostgreSQL on a socket in its own folder, living in the lab's clock."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="flyway-lab-"))
        if AS_POSTGRES:
            shutil.chown(self.folder, "postgres")
        self._run(BIN / "initdb", "--pgdata", self.folder / "data", "--username", "app", "--no-sync")

    def _run(self, *command, env=None):
        subprocess.run([*AS_POSTGRES, *command], check=True, env=env, cwd="/", stdout=subprocess.DEVNULL)

    def start(self, clock, log):
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "log_timezone": "Asia/Tokyo",
            "timezone": "Asia/Tokyo",
            "log_error_verbosity": "verbose",
            "log_line_prefix": "%m [%p] %d ",
            "fsync": "off",
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run(
            BIN / "pg_ctl",
            "start",
            "-w",
            "-D",
            self.folder / "data",
            "-l",
            self.folder / log,
            "-o",
            options,
            env=clock.env(),
        )

    def stop(self):
        self._run(BIN / "pg_ctl", "stop", "-w", "-m", "fast", "-D", self.folder / "data")

    def psql(self, database, *arguments, check=True):
        command = [
            BIN / "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-h",
            self.folder,
            "-U",
            "app",
            "-d",
            database,
            "-v",
            "ON_ERROR_STOP=1",
            "-v",
            "VERBOSITY=verbose",
            *arguments,
        ]
        return subprocess.run(command, check=check, capture_output=True, text=True)


class Application:
    """The web application as far as its start and its log go."""

    def __init__(self, server, database, clock, log):
        self.server, self.database, self.clock, self.log = server, database, clock, log

    def say(self, level, logger, text):
        self.log.append(f"{self.clock.text()} {level:>5} 1 --- [main] {logger:<40} : {text}")

    def start(self, instance, up_to):
        begun = time.monotonic()
        self.say("INFO", "c.e.app.Application", f"Starting Application on {instance}")
        self.say(
            "INFO",
            "o.f.core.internal.command.DbValidate",
            f"Successfully validated {len(migrations(up_to))} migrations",
        )
        for version, path in migrations(up_to):
            if version not in self.applied() and not self.migrate(version, path):
                self.say("ERROR", "o.s.boot.SpringApplication", "Application run failed")
                return False
        time.sleep(2)
        self.say("INFO", "c.e.app.Application", f"Started Application in {time.monotonic() - begun:.3f} seconds")
        return True

    def applied(self):
        self.server.psql(
            self.database,
            "-c",
            "CREATE TABLE IF NOT EXISTS flyway_schema_history (version integer PRIMARY KEY, script text)",
        )
        return set(
            map(int, self.server.psql(self.database, "-c", "SELECT version FROM flyway_schema_history").stdout.split())
        )

    def migrate(self, version, path):
        words = path.stem.split("__")[1].replace("_", " ")
        self.say(
            "INFO", "o.f.core.internal.command.DbMigrate", f'Migrating schema "public" to version {version} - {words}'
        )
        history = f"INSERT INTO flyway_schema_history VALUES ({version}, '{path.name}')"
        done = self.server.psql(self.database, "--single-transaction", "-f", path, "-c", history, check=False)
        if done.returncode == 0:
            return True
        state, message = re.search(r"ERROR: +(\w{5}): (.*)", done.stderr).groups()
        detail = re.search(r"DETAIL: +(.*)", done.stderr)[1]
        self.say("ERROR", "o.f.core.internal.command.DbMigrate", f"Migration {path.name} failed")
        self.log += [
            "-" * 48,
            f"SQL State  : {state}",
            "Error Code : 0",
            f"Message    : ERROR: {message}",
            f"  Detail: {detail}",
            f"Location   : db/migration/{path.name}",
        ]
        return False

    def sign_up(self, email):
        """Two clicks on the same button: the second row is refused and the user told so."""
        done = self.server.psql(
            self.database, "-c", f"INSERT INTO member (email, team_id) VALUES ('{email}', 1)", check=False
        )
        if done.returncode:
            state, message = re.search(r"ERROR: +(\w{5}): (.*)", done.stderr).groups()
            self.say("WARN", "o.h.engine.jdbc.spi.SqlExceptionHelper", f"SQL Error: 0, SQLState: {state}")
            self.say("ERROR", "o.h.engine.jdbc.spi.SqlExceptionHelper", f"ERROR: {message}")
        else:
            self.say("INFO", "c.e.app.member.SignUp", "member added")


def migrations(up_to):
    found = [(int(re.match(r"V(\d+)__", path.name)[1]), path) for path in MIGRATIONS.glob("V*.sql")]
    return sorted((version, path) for version, path in found if version <= up_to)


def reference_rows(server, folder):
    for database in ("staging", "production"):
        (folder / database).mkdir(parents=True, exist_ok=True)
        for table in ("team", "category"):
            query = f"COPY (SELECT * FROM {table} ORDER BY id) TO STDOUT (FORMAT csv, HEADER)"
            (folder / database / f"{table}.csv").write_text(server.psql(database, "-c", query).stdout)


def phase(server, name, start, act):
    """Runs `act` with the server up in the phase's clock; keeps both logs."""
    clock, log = Clock(start), []
    server.start(clock, f"{name}.log")
    try:
        act(clock, log)
    finally:
        server.stop()
    (EVIDENCE / name).mkdir(exist_ok=True)
    (EVIDENCE / name / "app.log").write_text("\n".join(log) + "\n")
    # the postmaster overwrites its environment and with it the lab's clock, so only its sessions' lines count
    lines = (server.folder / f"{name}.log").read_text().splitlines(keepends=True)
    sessions = [line for line in lines if re.search(r"\] (staging|production) ", line)]
    (EVIDENCE / name / "postgresql.log").write_text("".join(sessions))


def quiet(server):
    def act(clock, log):
        for database in ("staging", "production"):
            server.psql("postgres", "-c", f"CREATE DATABASE {database}")
            # years of releases up to the one before the outage; staging's log is not kept
            app = Application(server, database, clock, log if database == "production" else [])
            app.start("app-1", 41)
            if database == "production":
                # somebody added a team by hand while the screen for it still existed
                server.psql(database, "-c", "INSERT INTO team VALUES (3, 'partner', 'Partner')")
                log.clear()
            app.start("app-1", 49)
        app.start("app-2", 49)
        app.sign_up("hanako@example.com")
        app.sign_up("hanako@example.com")
        app.start("app-3", 49)
        app.sign_up("taro@example.com")

    phase(server, "quiet", "2020-10-20T14:00:00", act)


def outage(server):
    def act(clock, log):
        clock.sleep_until("2020-11-05T14:02:20")
        app = Application(server, "production", clock, log)
        app.sign_up("jiro@example.com")
        time.sleep(1)
        app.sign_up("jiro@example.com")
        time.sleep(3)
        if app.start("app-1", 50):
            raise SystemExit("the migration was expected to fail")
        time.sleep(7)
        app.start("app-1", 50)  # the scheduler tries once more
        for number in range(4):
            time.sleep(2.5)
            app.sign_up(f"member{number}@example.com")  # app-2 and app-3 still serve

    phase(server, "outage", "2020-11-05T14:02:10", act)


def fixed(server):
    def act(clock, log):
        server.psql("production", "-c", "DELETE FROM team WHERE id = 3")
        app = Application(server, "production", clock, log)
        for instance in ("app-1", "app-2", "app-3"):
            if not app.start(instance, 50):
                raise SystemExit("the migration was expected to pass")
            app.sign_up("saburo@example.com")

    phase(server, "fixed", "2020-11-05T14:30:00", act)


def compare(server, at, up_to, folder, out):
    """The comparison that runs each morning, with staging migrated up to `up_to`."""
    clock = Clock(at)
    server.start(clock, "comparison.log")
    try:
        Application(server, "staging", clock, []).start("app-1", up_to)
        reference_rows(server, folder)
    finally:
        server.stop()
    done = subprocess.run(
        [sys.executable, HERE / "reference_diff.py", folder / "staging", folder / "production"],
        capture_output=True,
        text=True,
    )
    answer = {"status": done.returncode, "stdout": json.loads(done.stdout), "at": at}
    out.write_text(json.dumps(answer, indent=2) + "\n")


def main():
    server, at_outage, at_fixed = Server(), EVIDENCE / "outage", EVIDENCE / "fixed"
    try:
        quiet(server)
        compare(
            server,
            "2020-11-02T06:00:00+09:00",
            49,
            at_outage / "reference-monday",
            at_outage / "reference-diff-monday.json",
        )
        compare(server, "2020-11-05T06:00:00+09:00", 50, at_outage / "reference", at_outage / "reference-diff.json")
        outage(server)
        fixed(server)
        compare(server, "2020-11-06T06:00:00+09:00", 51, at_fixed / "reference", at_fixed / "reference-diff.json")
    finally:
        shutil.rmtree(server.folder)


if __name__ == "__main__":
    main()
