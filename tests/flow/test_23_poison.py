"""A unit that kills whoever touches it fails its job after three tries and harms no other."""
import time

import pytest
from daybook import Refused, check_result
from statements import Statement, recount

pytestmark = pytest.mark.limit(180)
POISON = {"DAYBOOK_DIE_AT": "validate:work.received"}


def poisoned(daybook, rows=3000):
    system = daybook(env=POISON)
    statement = Statement(rows)
    job = system.upload(statement.bytes())
    return system, statement, job, system.poll(job, timeout=90)


def test_job_fails_with_the_lines_that_broke_it(daybook):
    system, _, job, record = poisoned(daybook)
    error = record["error"]
    assert record["status"] == "failed" and error["stage"] == "validate", record
    assert error["row"] >= 2 and error["code"] and error["hint"], error
    assert "line" in error["message"], error
    assert system.get("/api/stages")
    assert system.job(job)["progress"] < 100


def test_retry_with_skip_passes_those_lines(daybook):
    system, statement, job, record = poisoned(daybook)
    assert record["status"] == "failed"
    system.kill_up()
    system.extra_env.clear()
    system.start()
    answer = system.call("POST", f"/api/jobs/{job}/retry", json={"skip": True})
    assert answer.status_code in (200, 202), Refused(answer)
    again = system.complete(job)
    result = check_result(again)
    assert again["attempt"] == 2
    assert 0 < result["inserted"] < statement.good()
    missing = statement.rows - result["parsed"]
    assert 0 <= missing <= 500, result
    assert sum(debit for debit, _ in system.trial_balance().values()) < \
        sum(debit for debit, _ in recount(statement).values())


def test_a_job_beside_a_poisoned_one_completes(daybook):
    """The second unit dies each time: another tenant's job waits only for the restarts."""
    system = daybook(env={"DAYBOOK_DIE_AT": "rules:work.received:3"})
    first = system.upload(Statement(1500).bytes(), tenant="ta")
    begun = time.monotonic()
    statement = Statement(200, seed=2)
    record = system.poll(system.upload(statement.bytes(), tenant="tb"), timeout=60)
    assert record["status"] in ("complete", "failed")
    assert time.monotonic() - begun < 60
    assert system.poll(first, timeout=60)["status"] in ("complete", "failed")
