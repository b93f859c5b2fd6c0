"""A unit that kills whoever touches it fails its job after three tries and harms no other."""
import pathlib

import pytest
from daybook import check_result
from statements import Statement, recount

pytestmark = pytest.mark.limit(180)
STAGE = pathlib.Path(__file__).with_name("poison_stage.py")
COMMAND = f"/usr/bin/python3 -B {STAGE}"
CONFIG = f"""pipelines
    upload-and-categorize
        validate
            command = '{COMMAND}'
"""
PLACE = 1230  # the row that is poisoned


class Poisoned(Statement):
    def line(self, i):
        return super().line(i).replace(",", ",POISON ", 1) if i == PLACE else super().line(i)


def poisoned(daybook):
    system = daybook(config=CONFIG)
    statement = Poisoned(3000)
    job = system.upload(statement.bytes(), tenant="ta")
    record = system.poll(job, timeout=90)
    assert record["status"] == "failed", record
    return system, statement, record


def line_of(statement, place):
    """The line of the file on which a row begins."""
    return 2 + sum(statement.line(i).count("\n") for i in range(place))


def test_job_fails_with_the_lines_that_broke_it(daybook):
    system, statement, record = poisoned(daybook)
    error = record["error"]
    assert error["stage"] == "validate" and error["code"] and error["message"] and error["hint"]
    assert error["row"] <= line_of(statement, PLACE) < error["row"] + 600, error
    assert str(error["row"]) in error["message"], error
    assert record["attempt"] == 1 and record["progress"] < 100
    check_result(record)
    assert sum(system.stages()["validate"][name] for name in ("failures",)) >= 3


def test_a_job_beside_a_poisoned_one_completes(daybook):
    system = daybook(config=CONFIG)
    first = system.upload(Poisoned(3000).bytes(), tenant="ta")
    for seed in range(5):
        statement = Statement(300, seed=seed)
        check_result(system.complete(system.upload(statement.bytes(), tenant="tb")), statement)
    assert system.poll(first, timeout=90)["status"] == "failed"


def test_retry_with_skip_passes_those_lines(daybook):
    system, statement, record = poisoned(daybook)
    again = system.call("POST", f"/api/jobs/{record['id']}/retry", json={"skip": True})
    assert again.status_code == 202, again.text
    done = system.complete(record["id"])
    result = check_result(done)
    assert done["attempt"] == 2 and 0 < statement.rows - result["parsed"] <= 500, result
    bank = system.trial_balance("ta")["Assets:Bank:Checking"]
    assert 0 < bank[1] < recount(statement)["Assets:Bank:Checking"][1]


def test_retry_without_skip_fails_again(daybook):
    system, _, record = poisoned(daybook)
    answer = system.call("POST", f"/api/jobs/{record['id']}/retry")
    assert answer.status_code == 202, answer.text
    again = system.poll(record["id"], timeout=90)
    assert (again["status"], again["attempt"]) == ("failed", 2)
    check_result(again)


def test_mended_stage_finishes_the_job(daybook):
    """What killed it is repaired, as by a new version: retry books every row."""
    system, statement, record = poisoned(daybook)
    system.stop()
    system.config.write_text("")
    system.start()
    assert system.call("POST", f"/api/jobs/{record['id']}/retry").status_code == 202
    check_result(system.complete(record["id"]), statement)
