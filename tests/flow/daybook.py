"""daybook - a whole system of real processes for one test, and what a client does with it.

    system = System(config="limits\\n    retention_s = 2\\n", env={"DAYBOOK_SLOW_MS": "rules:50"})
    system.start()
    job = system.upload(statement.bytes())
    record = system.poll(job)
    system.stop()

Everything lies in a folder of its own directly under the temporary directory (socket names are
short). Processes carry a mark in their environment, so that those of this system are found, and at
the end killed, whoever adopted them.
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import uuid
from decimal import Decimal

import requests

import openapi_check
from sampler import Sampler

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("DAYBOOK_BIN", ROOT / "build/bin")).resolve()
SANITIZED = "san" in BIN.parts
PATIENCE = 4 if SANITIZED else 1  # how much longer everything may take
FULL = os.environ.get("DAYBOOK_TEST_FULL") == "1"
TERMINAL = ("complete", "failed", "cancelled")
STAGES = ("parse", "validate", "insert", "rules", "llm", "journal")
READY = "daybook is ready"


def wait_until(what, condition, timeout=10):
    """The first true value of condition(); fails naming `what` when none comes in time."""
    deadline = time.monotonic() + timeout * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {timeout * PATIENCE} s in vain: {what}"
        time.sleep(0.02)


def free_port():
    """For a system whose API must come back at the same address: below those that the kernel gives
    to connections and to whoever asks for any (ip_local_port_range), so that nobody takes it while
    the system is down."""
    while True:
        port = random.SystemRandom().randrange(11000, 32768)
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def minor(text):
    """A decimal string of two places as minor units."""
    value = Decimal(text) * 100
    assert value == int(value), text
    return int(value)


class Refused(AssertionError):
    """A request that was answered with a problem."""

    def __init__(self, response):
        super().__init__(f"{response.status_code}: {response.text[:500]}")
        self.status, self.problem = response.status_code, response.json()


class System:
    def __init__(self, config=None, env=None, folder=None, port=0):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="daybook-"))
        self.data = self.folder / "data"
        self.mark = f"DAYBOOK_TEST_SYSTEM={uuid.uuid4().hex}"
        self.config = None
        if isinstance(config, pathlib.Path):
            self.config = config
        elif config is not None:
            self.config = self.folder / "daybook.conf"
            self.config.write_text(config)
        self.port, self.extra_env = port, dict(env or {})
        self.up, self.url, self.starts = None, None, 0
        self.http = requests.Session()
        self.extras = []  # workers that a test started by hand
        self.sampler = None

    # ---- processes ----

    def env(self):
        name, value = self.mark.split("=")
        sanitizers = f"log_path={self.folder}/sanitizer:exitcode=86:"
        env = {**os.environ, **self.extra_env, name: value,
               "ASAN_OPTIONS": sanitizers + os.environ.get("ASAN_OPTIONS", ""),
               "UBSAN_OPTIONS": f"log_path={self.folder}/sanitizer:print_stacktrace=1"}
        env.pop("DAYBOOK_CONFIG", None)
        return env

    def command(self):
        config = ["--config", str(self.config)] if self.config else []
        return [str(BIN / "daybook"), "up", "--data", str(self.data),
                "--listen", f"127.0.0.1:{self.port}", *config]

    def log_path(self):
        return self.folder / f"up-{self.starts}.log"

    def start(self, wait=True):
        self.starts += 1
        out = open(self.log_path(), "wb")
        self.up = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT, env=self.env(), cwd=self.folder)
        out.close()
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        wait_until("daybook is ready", self.is_ready, 30)
        port = int((self.data / "run/http.port").read_text())
        self.url = f"http://127.0.0.1:{port}"

    def is_ready(self):
        assert self.up.poll() is None, f"up ended with {self.up.returncode}\n{self.logs()}"
        return READY in self.log_path().read_text(errors="replace")

    def processes(self):
        """{pid: program name} of everything alive that belongs to this system."""
        found = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() not in (folder / "environ").read_bytes().split(b"\0"):
                    continue
                state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
                argv = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if state not in "ZX":
                found[int(folder.name)] = os.path.basename(argv[0].decode())
        return found

    def pids(self, name):
        """Processes of a stage, of `broker`, of `status-api`."""
        return sorted(pid for pid, program in self.processes().items()
                      if program == f"daybook-{name}")

    def kill(self, name, number=signal.SIGKILL):
        """Signals one process of a stage and returns its pid."""
        pid = self.pids(name)[0]
        os.kill(pid, number)
        return pid

    def worker(self, name, *options, env=None):
        """One more process of a stage, started by hand beside those of `up`."""
        command = [str(BIN / f"daybook-{name}"), "--data", str(self.data), *options]
        if self.config:
            command += ["--config", str(self.config)]
        with open(self.folder / f"extra-{name}.log", "ab") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                       env={**self.env(), **(env or {})}, cwd=self.folder)
        self.extras.append(process)
        return process

    def cli(self, *words, check=None, **options):
        """Runs `daybook WORDS`; `check` is the exit status that it must have."""
        env = {**self.env(), "DAYBOOK_URL": self.url or ""}
        done = subprocess.run([str(BIN / "daybook"), *map(str, words)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, env=env, cwd=self.folder, check=False,
                              timeout=options.pop("timeout", 60) * PATIENCE, **options)
        if check is not None:
            assert done.returncode == check, (words, done.returncode, done.stdout, done.stderr)
        return done

    def stop(self):
        """As Ctrl-C does: exit 0 within 10 s and nothing left running."""
        for extra in self.extras:
            if extra.poll() is None:
                extra.terminate()
                extra.wait(10 * PATIENCE)
        begun = time.monotonic()
        self.up.send_signal(signal.SIGTERM)
        status = self.up.wait(30 * PATIENCE)
        seconds = time.monotonic() - begun
        assert status == 0, f"up ended with {status}\n{self.logs()}"
        assert seconds < 10 * PATIENCE, f"up took {seconds:.1f} s to stop"
        assert not self.processes(), f"left running: {self.processes()}"
        self.up = None

    def kill_up(self):
        """kill -9 of the supervisor: its children must end with it."""
        self.up.kill()
        self.up.wait()
        self.up = None
        wait_until("no orphans", lambda: not self.processes(), 10)

    def close(self):
        """Ends whatever is left; never fails."""
        if self.sampler:
            self.sampler.stop()
        for pid in [*self.processes()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for process in [self.up, *self.extras]:
            if process:
                process.wait(10)
        self.http.close()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def sanitizer_reports(self):
        return "".join(path.read_text(errors="replace")[:4000]
                       for path in sorted(self.folder.glob("sanitizer.*")))

    def logs(self):
        text = ""
        for path in sorted(self.folder.glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()
            text += f"---- {path.name}\n" + "\n".join(lines[-60:]) + "\n"
        return text + self.sanitizer_reports()

    def sample_memory(self):
        self.sampler = Sampler(self.processes)
        return self.sampler

    # ---- HTTP ----

    def call(self, method, path, validate=True, **options):
        """One request; its answer must be one that openapi.yaml promises."""
        options.setdefault("timeout", 30 * PATIENCE)
        response = self.http.request(method, self.url + path, **options)
        if validate and not options.get("stream"):
            openapi_check.check(method, path, response.status_code, response.headers,
                                response.content)
        return response

    def get(self, path, **params):
        response = self.call("GET", path, params=params)
        if response.status_code != 200:
            raise Refused(response)
        return response.json()

    def post(self, path, expect=202, **options):
        response = self.call("POST", path, **options)
        if response.status_code not in (expect if isinstance(expect, tuple) else (expect,)):
            raise Refused(response)
        return response.json()

    def upload(self, content, tenant="t1", company="acme", key=None, name="may.csv", expect=202,
               **fields):
        """Uploads bytes (as a form) or a Path (streamed raw); returns the job's id."""
        fields = {"tenant_id": tenant, "company_id": company, **fields}
        headers = {"Idempotency-Key": key} if key else {}
        path = "/api/jobs/upload-and-categorize"
        if isinstance(content, pathlib.Path):
            headers["Content-Type"] = "text/csv"
            with open(content, "rb") as body:
                return self.post(path, expect, params=fields, data=body, headers=headers)["job_id"]
        return self.post(path, expect, data=fields, files={"file": (name, content, "text/csv")},
                         headers=headers)["job_id"]

    def categorize(self, tenant="t1", company="acme", limit=100):
        body = {"company_id": company, "tenant_id": tenant, "limit": limit}
        return self.post("/api/jobs/categorize", json=body)["job_id"]

    def job(self, job):
        return self.get(f"/api/jobs/{job}")

    def poll(self, job, until=lambda record: record["status"] in TERMINAL, timeout=60, seen=None,
             patient=False):
        """The record when `until` holds. Whatever is seen on the way must be a story that makes
        sense: progress never falls, stages go on. `seen` collects the records; `patient` bears
        an API that is not there for a while."""
        deadline = time.monotonic() + timeout * PATIENCE
        before = None
        while True:
            try:
                record = self.job(job)
            except (requests.ConnectionError, requests.Timeout):
                assert patient, f"nobody answers at {self.url}"
                record = None
            except Refused as refused:
                assert patient and refused.status == 503, refused
                record = None
            if record:
                check_record(record, before)
                before = record
                if seen is not None:
                    seen.append(record)
                if until(record):
                    return record
            assert time.monotonic() < deadline, f"not in {timeout * PATIENCE} s: {before}"
            time.sleep(0.02)

    def complete(self, job, **options):
        record = self.poll(job, **options)
        assert record["status"] == "complete", record
        return record

    def stages(self):
        """{stage: its entry of /api/stages}."""
        return {stage["name"]: stage for stage in self.get("/api/stages")["items"]}

    # ---- rules and books ----

    def set_rules(self, text, tenant="t1", company="acme"):
        self.set_text("rules", text, tenant, company)

    def set_chart(self, text, tenant="t1", company="acme"):
        self.set_text("accounts", text, tenant, company)

    def set_text(self, kind, text, tenant, company):
        folder = self.data / kind / tenant
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{company}.{kind}").write_text(text)

    def books(self, tenant="t1", company="acme"):
        path = self.data / "books" / tenant / f"{company}.db"
        assert path.exists(), f"no books at {path}"
        books = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
        books.row_factory = sqlite3.Row
        return books

    def one(self, sql, *values, tenant="t1", company="acme"):
        """The single value of a query of the books."""
        books = self.books(tenant, company)
        try:
            return books.execute(sql, values).fetchone()[0]
        finally:
            books.close()

    def trial_balance(self, tenant="t1", company="acme"):
        """{account: (debit, credit)} in minor units, asked of the API; must sum to zero."""
        answer = self.get("/api/accounts/balances", tenant_id=tenant, company_id=company)
        for total in answer["totals"]:
            assert total["debit"] == total["credit"], answer["totals"]
        found = {}
        for item in answer["items"]:
            debit, credit = minor(item["debit"]), minor(item["credit"])
            assert minor(item["balance"]) == debit - credit, item
            found[item["account"]] = (debit, credit)
        assert sum(debit - credit for debit, credit in found.values()) == 0
        return found


def check_record(record, before):
    """One record, and that it can follow the one seen before."""
    done = {"pending": (0, 0), "running": (0, 99), "complete": (100, 100)}
    low, high = done.get(record["status"], (0, 99))
    assert low <= record["progress"] <= high, record
    for stage in record["stages"]:
        assert stage["done"] >= 0 and (not stage["total"] or stage["done"] <= stage["total"]), stage
        if record["status"] == "complete":
            units = {**record["stages"][0]["units"], "failures": stage["units"]["failures"]}
            assert stage["units"] == units and not units["queued"] + units["in_flight"], record
    if not before:
        return
    assert record["progress"] >= before["progress"], (before, record)
    assert change_of(record) >= change_of(before), (before, record)
    assert record["attempt"] >= before["attempt"]
    if before["status"] in TERMINAL and record["attempt"] == before["attempt"]:
        assert record["status"] == before["status"], (before, record)


def verify(system, broken=()):
    """After every fault, when all jobs have ended: the invariants that nothing may break, read from
    disk by a program of its own. `broken`: those that the test itself broke."""
    done = system.cli("verify", "--data", system.data, "--ended", timeout=600)
    found = re.findall(r"^(I\d) BROKEN", done.stdout, re.M)
    assert found == list(broken) and done.returncode == bool(broken), done.stdout + done.stderr


def change_of(record):
    epoch, counter = record["change"].split("-")
    return int(epoch), int(counter)


def check_result(record, statement=None, duplicates=0):
    """The sums of API.md, and the counts that the statement must give."""
    result = record["result"]
    assert result["parsed"] == \
        result["rejected"] + result["inserted"] + result["duplicates"], result
    assert result["je_created"] == result["inserted"], result
    assert result["je_created"] == result["high_confidence"] + result["needs_review"], result
    if statement:
        assert result["parsed"] == statement.rows, result
        assert result["rejected"] == statement.rejected(), result
        assert result["duplicates"] == duplicates, result
    return result


def events(response):
    """The events of a text/event-stream answer, as (id, name, object or None for a comment)."""
    event = {}
    for line in response.iter_lines(chunk_size=1, decode_unicode=True):
        if line.startswith(":"):
            yield None, "comment", line
        elif line:
            name, _, value = line.partition(":")
            event[name] = event.get(name, "") + value.removeprefix(" ")
        elif event:
            if "data" in event:
                yield event.get("id"), event.get("event", "message"), json.loads(event["data"])
            event = {}


def in_background(function, *args):
    """Starts a thread; call the result to join it and have its value or exception."""
    box = {}

    def work():
        try:
            box["value"] = function(*args)
        except BaseException as error:  # handed to who joins
            box["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()

    def join(timeout=60):
        thread.join(timeout * PATIENCE)
        assert not thread.is_alive(), "still at it"
        if "error" in box:
            raise box["error"]
        return box["value"]

    return join

