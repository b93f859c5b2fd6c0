"""More workers at any time: they join by themselves, do units, and go without a trace."""
# runner: limit 600
import signal

import pytest
from daybook import FULL, wait_until
from faults import begin, check_in_time, check_same_books

ROWS = 200000 if FULL else 50000
pytestmark = pytest.mark.limit(400)


def workers(system, stage="rules"):
    return {worker["pid"]: worker for worker in system.stages()[stage]["workers"]}


def test_three_more_rules_join_work_and_leave(daybook):
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:40"})
    statement, job = begin(system, rows=ROWS, stage=3, share=0.05)
    extras = [system.worker("rules") for _ in range(3)]
    found = wait_until("four workers", lambda: (w := workers(system)) and len(w) == 4 and w)
    assert {extra.pid for extra in extras} < set(found)
    wait_until("each of them to do units", lambda: all(
        worker["units_done"] >= 2 for worker in workers(system).values()), 30)
    check_in_time(system, job)
    failures = system.stages()["rules"]["failures"]
    for extra in extras:
        extra.send_signal(signal.SIGTERM)
    assert [extra.wait(15) for extra in extras] == [0, 0, 0]
    wait_until("one worker", lambda: len(workers(system)) == 1)
    check_in_time(system, job)
    record = check_same_books(system, statement, job, timeout=200)
    assert record["attempt"] == 1
    assert system.stages()["rules"]["failures"] == failures, "a unit was lost, not handed back"


def test_more_insert_workers_keep_the_books_right(daybook):
    """Effect stages too: all units of one company go to one worker at a time."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "insert:10,journal:10"})
    for stage in ("insert", "journal", "parse", "validate"):
        system.worker(stage)
        system.worker(stage)
    wait_until("three of each", lambda: all(
        len(workers(system, stage)) == 3 for stage in ("insert", "journal", "parse", "validate")))
    statement, job = begin(system, rows=20000, share=0.3)
    system.extras[0].kill()
    system.extras[3].kill()
    check_same_books(system, statement, job)


def test_pipeline_says_what_it_waits_for(daybook):
    """With a stage gone readyz says so, its job waits, and a worker started by hand does it."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:10"})
    pid = system.pids("rules")[0]
    import os
    os.kill(pid, signal.SIGSTOP)
    wait_until("readyz to miss it", lambda: system.call("GET", "/readyz").status_code == 503 or
               system.pids("rules") != [pid], 40)
    wait_until("another one", lambda: system.pids("rules") not in ([], [pid]), 40)
    statement, job = begin(system, rows=2000, share=0)
    check_same_books(system, statement, job)
