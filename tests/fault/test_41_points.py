"""Death at every named point of lib/crash.c: before and after each commit, send, answer, sync and
rename. Checked: each once, the first time; in full: the first, the second and the last time."""
# runner: limit 2400
import json
import re
import subprocess
import time
from collections import defaultdict

import pytest
import requests
from daybook import BIN, FULL, PATIENCE, ROOT, Refused, free_port, verify, wait_until
from control import Control
from injury import Row
from statements import Statement, recount
from store import entries

pytestmark = pytest.mark.limit(2400 if FULL else 280)
CONFIG = """limits
    retention_s = 3
pipelines
    upload-and-categorize
        parse
            lease_ms = 2000
            attempts = 9
        validate
            lease_ms = 2000
        insert
            lease_ms = 2000
            attempts = 9
        rules
            lease_ms = 2000
        llm
            lease_ms = 2000
        journal
            lease_ms = 2000
            attempts = 9
"""
ROWS = 1000
STAGE = "rules"  # stands for every stage where a point is the harness's
SLOW = "rules:40"


def listed():
    """[(process, point)] as the programs themselves list them."""
    done = subprocess.run([str(BIN / "daybook-rules"), "--die-at", "?"], capture_output=True,
                          text=True, check=False, timeout=20)
    assert done.returncode == 64
    points = re.findall(r"^([a-z-]+) ([a-z.]+)$", done.stderr, re.M)
    return [(STAGE if process == "stage" else process, point) for process, point in points]


class Client:
    """Does everything that passes a point, and bears whatever happens meanwhile."""

    def __init__(self, system):
        self.system = system
        self.kept, self.jobs = 0, []

    def insist(self, call, timeout=60):
        deadline = time.monotonic() + timeout * PATIENCE
        while True:
            try:
                return call()
            except (requests.ConnectionError, requests.Timeout, AssertionError) as error:
                patient = not isinstance(error, Refused) or error.status in (503, 507)
                if not patient or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def upload(self, statement, key, company):
        job = self.insist(lambda: self.system.upload(statement.bytes(), key=key, company=company,
                                                     expect=(200, 202)))
        self.jobs.append(job)
        return job

    def uploads_are_gone(self):
        """Those of jobs; one that was named when status-api died is swept an hour later."""
        kept = {path.name.partition(".")[2] for path in (self.system.data / "blobs").glob("*.*")}
        return not kept & {job.removeprefix("job_") for job in self.jobs}

    def ended(self, job):
        def look():
            record = self.system.job(job)
            assert record["status"] in ("complete", "failed", "cancelled"), record
            return record
        return self.insist(look)

    def cancel_in_the_middle(self, statement):
        job = self.upload(statement, "cancelled", "other")
        self.insist(lambda: self.check(self.system.job(job)["stages"][2]["done"] >= 500))
        answer = self.insist(lambda: self.system.call("POST", f"/api/jobs/{job}/cancel"))
        assert answer.status_code in (202, 409, 503), answer.text
        record = self.ended(job)
        assert record["status"] in ("cancelled", "complete"), record
        return record

    @staticmethod
    def check(condition):
        assert condition

    def keep_duplicate(self, job):
        """A short write: the first line of a statement that came twice, booked all the same."""
        def keep():
            answer = self.system.call("POST", f"/api/jobs/{job}/duplicates", json={"lines": [2]},
                                      headers={"Idempotency-Key": "keep"})
            assert answer.status_code in (200, 404), answer.text
            return answer
        self.kept += self.insist(keep).status_code == 200

    def promise(self, job):
        """The same of the next line, as a write that is done though nobody waits for it."""
        def keep():
            control = Control(self.system.data)
            try:
                answer = control.ask(wire="WRITE", id=b"written once ...", stage="journal",
                                     tenant="t1", company="acme", verb="keep-duplicates", keep=1,
                                     body=json.dumps({"job": job, "lines": [3]}).encode())
            finally:
                control.close()
            assert answer["wire"] == "KEPT", answer

        self.insist(keep)
        wait_until("what was promised", lambda: entries(self.system.data, "kept") == 0, 60)
        self.kept += 1


def drive(system, row, expire=True):
    """One run of everything, then the books: what was sent is in them once, and nothing else."""
    client = Client(system)
    statement, other = Statement(ROWS, seed=1), Statement(3 * ROWS, seed=2)
    first = client.ended(client.upload(statement, "first", "acme"))
    assert first["status"] == "complete", first
    again = client.upload(Statement(100, seed=1), "again", "acme")
    assert client.ended(again)["status"] == "complete"
    client.keep_duplicate(again)
    client.promise(again)
    cut = client.cancel_in_the_middle(other)
    if expire:
        wait_until("the uploads to expire", client.uploads_are_gone, 60)
    row.work += 3
    for company, want in (("acme", statement.good() + client.kept),
                          ("other", cut["result"]["inserted"])):
        for table in ("transactions", "entries"):
            have = system.one(f"SELECT count(*) FROM {table}", company=company)
            row.lost += max(0, want - have)
            row.duplicated += max(0, have - want)
    if not client.kept:
        assert system.trial_balance() == recount(statement, rules=False)
    verify(system)


def deaths(system):
    """How often a process of each name ended as if killed at its point."""
    found = defaultdict(int)
    for name in re.findall(r"(\S+) ended \(exit status 137\)", system.log_path().read_text()):
        found[name] += 1
    return found


def rounds(points):
    """The points in as few runs as can be: one a process in each run. A backup dies in a test of
    its own (flow/test_41_backup.py)."""
    queues = defaultdict(list)
    for process, point in points:
        if process != "backup":
            queues[process].append(point)
    while any(queues.values()):
        yield {process: queue.pop(0) for process, queue in queues.items() if queue}


def run(daybook, row, armed):
    """One run with these points armed; {process: whether it died there}."""
    system = daybook(config=CONFIG, port=free_port(), start=False, env={
        "DAYBOOK_DIE_AT": ",".join(f"{name}:{point}" for name, point in armed.items()),
        "DAYBOOK_SLOW_MS": SLOW})
    begun = time.monotonic()
    system.start()
    drive(system, row, expire=any("unlink" in point for point in armed.values()))
    died = deaths(system)
    row.injected += sum(name in died for name in armed)
    row.recovered(time.monotonic() - begun)
    system.stop()
    return {name: name in died for name in armed}


def test_every_point_in_the_code_is_in_the_table():
    """crash_at() of a name that is not would end the process by its assert, when a test arms it."""
    said = {point for _, point in listed()}
    used = set()
    for path in ROOT.glob("*/**/*.c"):
        if "tests" in path.parts or "build" in path.parts or path.name == "crash.c":
            continue
        used |= set(re.findall(r'"([a-z]+(?:\.[a-z]+)*\.(?:before|after)|work\.received)"',
                               path.read_text()))
    assert used == said


def test_death_at_each_point_the_first_time(daybook):
    row = Row("death at each named point, the first time")
    missed = []
    for armed in rounds(listed()):
        died = run(daybook, row, armed)
        missed += [armed[name] for name in armed if not died[name]]
    assert not missed, f"never passed: {missed}"
    row.done()


@pytest.mark.skipif(not FULL, reason="the first time of each is enough here")
def test_death_at_each_point_the_second_and_the_last_time(daybook):
    system = daybook(config=CONFIG, port=free_port(), start=False, env={"DAYBOOK_SLOW_MS": SLOW})
    system.extra_env["DAYBOOK_DIE_AT"] = f"count={system.folder}/passed"
    system.start()
    drive(system, Row("counting"))
    system.stop()
    passed = defaultdict(int)
    for line in (system.folder / "passed").read_text().splitlines():
        name, point, times = line.split()
        passed[name.removeprefix("daybook-"), point] += int(times)
    second = Row("death at each named point, the second time")
    for armed in rounds([at for at in listed() if passed[at] >= 2]):
        run(daybook, second, {name: f"{point}:2" for name, point in armed.items()})
    second.done()
    last = Row("death at each named point, the last time")
    left = {at: passed[at] for at in listed() if passed[at] >= 3}
    while left:  # no two runs pass a point equally often: a last time that did not come is earlier
        for armed in list(rounds(list(left))):
            died = run(daybook, last, {name: f"{point}:{left[name, point]}"
                                       for name, point in armed.items()})
            for at in armed.items():
                left[at] = 0 if died[at[0]] else left[at] * 9 // 10
        left = {at: times for at, times in left.items() if times >= 3}
    last.done()


def test_a_point_that_is_not_there_is_refused():
    for name in ("broker", "status-api", "insert"):
        done = subprocess.run([str(BIN / f"daybook-{name}"), "--die-at", "no.such.point"],
                              capture_output=True, text=True, check=False, timeout=20)
        assert done.returncode == 64 and done.stderr, done


def test_a_stop_at_a_point_is_a_stop(daybook):
    system = daybook(env={"DAYBOOK_DIE_AT": "validate:stop=done.before"})
    pid = system.pids("validate")[0]
    job = system.upload(Statement(50).bytes())
    wait_until("it to stop", lambda: open(f"/proc/{pid}/stat", encoding="ascii").read()
               .rsplit(")", 1)[1].split()[0] == "T")
    system.complete(job)
    assert system.pids("validate") != [pid]
