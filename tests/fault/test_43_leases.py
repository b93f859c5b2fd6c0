"""Leases and fences: workers that are stopped inside and before their commit and wake up when the
job is over, first commits that come late, workers that hang, units that kill."""
# runner: limit 900
import os
import pathlib
import signal
import time

import pytest
from daybook import FULL, check_result, free_port, verify, wait_until
from injury import Row
from statements import Statement, recount

pytestmark = pytest.mark.limit(300)
TIMES = 20 if FULL else 1
STAGE = pathlib.Path(__file__).with_name("hanging_stage.py")


def config(stage, lease_ms=1000, more=""):
    """`up` starts no process of this stage: the test does, and nobody kills one that stops."""
    return (f"pipelines\n    upload-and-categorize\n        {stage}\n            workers = 0\n"
            f"            lease_ms = {lease_ms}\n            attempts = 5\n{more}")


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


def stopped_worker(system, stage, point):
    worker = system.worker(stage, "--die-at", f"stop={point}")
    wait_until("it to join", lambda: system.stages()[stage]["workers"])
    return worker


def marked(statement, word):
    """The statement with a word in its first row."""
    header, _, rows = statement.bytes().decode().partition("\n")
    return f"{header}\n{rows.replace(',', f',{word} ', 1)}".encode()


def go_on(worker):
    worker.send_signal(signal.SIGCONT)


def is_back(system, worker):
    """Joined again, as who is let go on does once its lease is over and its unit is done."""
    wait_until("it to be known again", lambda: any(
        w["pid"] == worker.pid for w in system.stages()["insert"]["workers"]), 20)


@pytest.mark.parametrize("point", ("work.received", "insert.begin.before"))
def test_who_wakes_up_after_cancel_writes_nothing(daybook, point):
    """Stopped with the unit in hand, before its transaction; the job is cancelled and taken back,
    and only then does the worker go on."""
    row = Row(f"SIGSTOP at {point}, cancel, undo, SIGCONT")
    for _ in range(TIMES):
        system = daybook(config=config("insert"))
        helper = system.worker("insert", "--one-unit")  # does the begin
        wait_until("it to join", lambda system=system: system.stages()["insert"]["workers"])
        job = system.upload(Statement(400, seed=7).bytes())
        helper.wait(20)
        worker = stopped_worker(system, "insert", point)
        wait_until("it to stop", lambda worker=worker: is_stopped(worker.pid))
        begun = time.monotonic()
        answer = system.call("POST", f"/api/jobs/{job}/cancel")
        assert answer.status_code == 202, answer.text
        record = system.poll(job, timeout=20)
        row.recovered(time.monotonic() - begun)
        assert record["status"] == "cancelled" and record["result"]["inserted"] == 0, record
        system.post(f"/api/jobs/{job}/undo", expect=200)
        go_on(worker)
        is_back(system, worker)
        worker.terminate()  # it does what it holds first
        worker.wait(20)
        system.worker("insert")
        row.injected += 1
        row.work += 1
        row.duplicated += system.one("SELECT count(*) FROM transactions")
        verify(system)
        again = system.complete(system.upload(Statement(400, seed=7).bytes()))
        check_result(again, Statement(400, seed=7))
        system.stop()
    row.done()


@pytest.mark.parametrize("company", ("old", "new"))
def test_who_wakes_up_after_cancel_opens_no_import(daybook, company):
    """Stopped before the very first commit, that which opens the import and, for a new company,
    makes its books: these know of the job's end before anybody is told of it."""
    row = Row(f"SIGSTOP before an import is opened, {company} company, cancel, SIGCONT")
    for _ in range(TIMES):
        system = daybook(config=config("insert"))
        if company == "old":
            helper = system.worker("insert")
            system.complete(system.upload(Statement(20, seed=1).bytes()))
            helper.terminate()
            helper.wait(20)
        worker = stopped_worker(system, "insert", "work.received")
        job = system.upload(Statement(400, seed=7).bytes())
        wait_until("it to stop", lambda worker=worker: is_stopped(worker.pid))
        begun = time.monotonic()
        assert system.call("POST", f"/api/jobs/{job}/cancel").status_code == 202
        record = system.poll(job, timeout=20)
        row.recovered(time.monotonic() - begun)
        assert record["status"] == "cancelled" and record["result"]["inserted"] == 0, record
        go_on(worker)
        is_back(system, worker)
        row.injected += 1
        row.work += 1
        assert system.one("SELECT count(*) FROM imports WHERE state = 'running'") == 0
        assert job not in str(system.get("/api/imports", tenant_id="t1", company_id="acme"))
        verify(system)
        system.post(f"/api/jobs/{job}/retry")  # the same worker opens it now
        check_result(system.complete(job), Statement(400, seed=7))
        system.stop()
    row.done()


@pytest.mark.parametrize("restart", (False, True), ids=("", "restart"))
def test_cancel_while_the_import_is_opened_closes_it(daybook, restart):
    """The books know of the job, the broker has not heard of it yet: it is finished even so."""
    row = Row("cancel between an import's commit and its answer" + ", restart" * restart)
    system = daybook(config=config("insert"), port=free_port())
    worker = stopped_worker(system, "insert", "begin.commit.after")
    job = system.upload(Statement(400, seed=3).bytes())
    wait_until("it to stop", lambda: is_stopped(worker.pid))
    assert system.one("SELECT state FROM imports") == "running"
    if restart:
        system.kill("broker")
    begun = time.monotonic()
    assert system.call("POST", f"/api/jobs/{job}/cancel").status_code == 202
    assert system.poll(job, timeout=20, patient=True)["status"] == "cancelled"
    row.recovered(time.monotonic() - begun)
    row.injected = row.work = 1
    assert system.one("SELECT state FROM imports") == "cancelled"
    verify(system)
    os.kill(worker.pid, signal.SIGKILL)
    row.done()


def test_a_late_first_commit_is_taken_once(daybook):
    """Its lease is over and the unit waits for another worker; there is none, so the one that was
    stopped commits first, late, and then does the unit again: from its record."""
    row = Row("a first commit after the lease")
    for i in range(TIMES):
        system = daybook(config=config("insert"))
        helper = system.worker("insert", "--one-unit")
        wait_until("it to join", lambda system=system: system.stages()["insert"]["workers"])
        statement = Statement(400, seed=i)
        job = system.upload(statement.bytes())
        helper.wait(20)
        worker = stopped_worker(system, "insert", "insert.begin.before")
        wait_until("it to stop", lambda worker=worker: is_stopped(worker.pid))
        wait_until("its lease to end", lambda system=system: not
                   system.stages()["insert"]["workers"], 20)
        assert system.one("SELECT count(*) FROM transactions") == 0
        go_on(worker)
        check_result(system.complete(job), statement)
        row.injected += 1
        row.work += 1
        row.lost += statement.good() - system.one("SELECT count(*) FROM transactions")
        row.duplicated += system.one("SELECT count(*) FROM entries") - statement.good()
        assert system.trial_balance() == recount(statement, rules=False)
        verify(system)
        system.stop()
    row.done()


def test_a_commit_made_before_the_stop_answers_for_the_unit(daybook):
    """Stopped between commit and answer, for good: another worker answers from the record."""
    row = Row("SIGSTOP between commit and answer")
    system = daybook(config=config("journal"))
    worker = stopped_worker(system, "journal", "journal.commit.after")
    statement = Statement(900)
    job = system.upload(statement.bytes())
    wait_until("it to stop", lambda: is_stopped(worker.pid), 20)
    begun = time.monotonic()
    system.worker("journal")
    check_result(system.complete(job), statement)
    row.recovered(time.monotonic() - begun)
    row.injected = row.work = 1
    row.lost = max(0, statement.good() - system.one("SELECT count(*) FROM entries"))
    row.duplicated = max(0, system.one("SELECT count(*) FROM entries") - statement.good())
    verify(system)
    os.kill(worker.pid, signal.SIGKILL)
    row.done()


def test_a_worker_that_lives_and_hangs_loses_its_unit(daybook):
    """It beats, but does not get done: timeout_ms takes the unit away, an attempt each time."""
    row = Row("a unit that hangs in a worker that beats")
    system = daybook(config=f"""pipelines
    upload-and-categorize
        validate
            command = '/usr/bin/python3 -B {STAGE}'
            timeout_ms = 1000
            attempts = 3
""")
    statement = Statement(300, seed=5)
    begun = time.monotonic()
    job = system.upload(marked(statement, "HANG"), tenant="ta")
    good = system.upload(Statement(300, seed=6).bytes(), tenant="tb")
    record = system.poll(job, timeout=60)
    row.recovered(time.monotonic() - begun)
    assert record["status"] == "failed" and record["error"]["code"] == "timed-out", record
    assert record["error"]["stage"] == "validate" and "skip" in record["error"]["hint"], record
    check_result(system.complete(good, timeout=60), Statement(300, seed=6))
    row.injected = system.stages()["validate"]["failures"]
    row.work = 2
    assert row.injected >= 3
    row.done()


def test_tries_come_later_and_later(daybook):
    """Exponential, with jitter: three pauses of a unit that is refused for now each time."""
    system = daybook(config=f"""pipelines
    upload-and-categorize
        validate
            command = '/usr/bin/python3 -B {STAGE}'
            attempts = 5
""")
    job = system.upload(marked(Statement(20), "AGAIN"))
    record = system.poll(job)
    assert record["status"] == "failed" and "failed 5 times" in record["error"]["message"], record
    times = [float(line) for line in (system.folder / "tries").read_text().split()]
    pauses = [after - before for before, after in zip(times, times[1:])]
    assert len(pauses) == 4
    for i, pause in enumerate(pauses):  # 0.1 s doubled, and up to half of it more
        assert 0.1 * 2 ** i <= pause < 0.15 * 2 ** i + 0.3, pauses


@pytest.mark.skipif(not FULL, reason="twelve deaths take 40 s: a stage comes back later and later")
def test_four_poisoned_jobs_do_not_end_the_service(daybook):
    """Twelve deaths of a stage within a minute are no reason to give up for everybody."""
    row = Row("units that kill their worker, of four jobs")
    poison = STAGE.parent.parent / "flow/poison_stage.py"
    system = daybook(config=f"pipelines\n    upload-and-categorize\n        validate\n"
                     f"            command = '/usr/bin/python3 -B {poison}'\n")
    jobs = [system.upload(marked(Statement(50, seed=i), "POISON"), company=f"c{i}")
            for i in range(4)]
    begun = time.monotonic()
    for job in jobs:
        assert system.poll(job, timeout=120)["status"] == "failed"
    row.injected, row.work = 12, 5
    check_result(system.complete(system.upload(Statement(50, seed=9).bytes(), tenant="tb"),
                                 timeout=60), Statement(50, seed=9))
    row.recovered(time.monotonic() - begun)
    assert system.up.poll() is None
    row.done()
