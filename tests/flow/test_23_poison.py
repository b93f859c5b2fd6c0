"""A unit that kills whoever touches it fails its job after three tries and harms no other."""
import pathlib
import re

import pytest
from daybook import check_result
from statements import Statement

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


def retry(system, record, **body):
    answer = system.call("POST", f"/api/jobs/{record['id']}/retry", json=body)
    assert answer.status_code == 202, answer.text
    return system.poll(record["id"], timeout=90)


def test_job_fails_with_the_rows_that_broke_it_and_skip_passes_them(daybook):
    system, statement, record = poisoned(daybook)
    error = record["error"]
    assert error["stage"] == "validate" and error["code"] and "skip" in error["hint"], error
    first, last = map(int, re.search(r"lines (\d+) to (\d+)", error["message"]).groups())
    text = statement.bytes().decode()
    assert first <= text[:text.index("POISON")].count("\n") + 1 <= last, error
    assert error["row"] == first
    assert record["attempt"] == 1 and record["progress"] < 100
    check_result(record)
    assert system.stages()["validate"]["failures"] >= 3
    again = retry(system, record)
    assert (again["status"], again["attempt"]) == ("failed", 2)
    check_result(again)
    done = retry(system, record, skip=True)
    assert (done["status"], done["attempt"]) == ("complete", 3)
    result = check_result(done)
    skipped = statement.rows - result["parsed"]
    begins = text.split("\n")[first - 1]
    place = next(i for i in statement.places() if statement.line(i).split("\n")[0] == begins)
    assert 0 < skipped <= 500 and place <= PLACE < place + skipped, result
    passed = range(place, place + skipped)
    out = sum(-statement.row(i)[2] for i in statement.places() if i not in passed
              and not statement.is_rejected(i) and statement.row(i)[2] < 0)
    assert system.trial_balance("ta")["Assets:Bank:Checking"][1] == out


def test_a_job_beside_a_poisoned_one_completes(daybook):
    system = daybook(config=CONFIG)
    first = system.upload(Poisoned(3000).bytes(), tenant="ta")
    for seed in range(5):
        statement = Statement(300, seed=seed)
        check_result(system.complete(system.upload(statement.bytes(), tenant="tb")), statement)
    assert system.poll(first, timeout=90)["status"] == "failed"


def test_mended_stage_finishes_the_job(daybook):
    """What killed it is repaired, as by a new version: retry books every row."""
    system, statement, record = poisoned(daybook)
    system.stop()
    system.config.write_text("")
    system.start()
    done = retry(system, record)
    assert done["status"] == "complete" and done["error"] is None, done
    check_result(done, statement)
