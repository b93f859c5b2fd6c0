"""Cancel and retry: whatever the moment, what was inserted is booked, and the rest comes once."""
# runner: san
import pytest
from daybook import Refused, check_result
from statements import CHART, RULES, Statement, recount

OK = (200, 202)


def control(system, job, verb, body=None):
    answer = system.call("POST", f"/api/jobs/{job}/{verb}", **({"json": body} if body else {}))
    if answer.status_code not in OK:
        raise Refused(answer)
    return answer.json()


def check_progress(record):
    """It is what is done, not what is left to do before the end: a retry goes on from there."""
    done = sum(stage["share"] * stage["done"] for stage in record["stages"])
    total = record["stages"][0]["total"]
    assert record["progress"] == max(1, done // total), record


def with_rules(system):
    system.set_chart(CHART)
    system.set_rules(RULES)


@pytest.mark.parametrize("slow, at", (("parse", 1), ("insert", 1500), ("rules", 500),
                                      ("journal", 500)))
def test_cancelled_job_has_booked_what_it_inserted(daybook, slow, at):
    system = daybook(env={"DAYBOOK_SLOW_MS": f"{slow}:50"})
    with_rules(system)
    statement = Statement(30000)  # more than the window of units holds
    job = system.upload(statement.bytes())
    done = {"parse": 0, "insert": 2, "rules": 3, "journal": 5}[slow]
    system.poll(job, until=lambda record: record["stages"][done]["done"] >= at)
    told = control(system, job, "cancel")
    assert told["status"] == "cancelled" or told["ending"] == "cancelled", told
    record = system.poll(job)
    assert record["status"] == "cancelled" and record["ending"] is None
    check_progress(record)
    result = check_result(record)
    assert result["inserted"] < statement.good()
    sums = system.trial_balance()
    assert sum(debit for debit, _ in sums.values()) == sum(credit for _, credit in sums.values())
    # the same file again books the rest, each row once
    again = system.complete(system.upload(statement.bytes()))
    check_result(again, statement, duplicates=result["inserted"])
    balance = system.trial_balance()
    assert balance["Assets:Bank:Checking"] == recount(statement)["Assets:Bank:Checking"]


def test_cancel_of_a_pending_job(daybook):
    """A second job of a company waits behind the first; it can be cancelled while it does."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "parse:300"})
    first = system.upload(Statement(3000).bytes())
    second = system.upload(Statement(3000, seed=2).bytes())
    record = system.job(second)
    if record["status"] == "pending":
        assert record["waiting"]
    control(system, second, "cancel")
    assert system.poll(second)["status"] == "cancelled"
    control(system, first, "cancel")
    assert system.poll(first)["status"] == "cancelled"


def test_cancel_of_what_has_ended_is_refused(system):
    job = system.upload(Statement(20).bytes(), company="ended")
    system.complete(job)
    with pytest.raises(Refused) as refused:
        control(system, job, "cancel")
    assert refused.value.status == 409
    with pytest.raises(Refused) as refused:
        control(system, job, "retry")
    assert refused.value.status == 409


def test_retry_of_a_cancelled_job_finishes_it(daybook):
    system = daybook(env={"DAYBOOK_SLOW_MS": "insert:50"})
    with_rules(system)
    statement = Statement(6000)
    job = system.upload(statement.bytes())
    system.poll(job, until=lambda record: record["stages"][2]["done"] >= 1000)
    control(system, job, "cancel")
    before = system.poll(job)
    assert before["status"] == "cancelled"
    check_progress(before)
    control(system, job, "retry")
    record = system.complete(job)
    assert record["attempt"] == 2
    check_result(record, statement)
    assert system.trial_balance().keys() == recount(statement).keys()
    assert system.trial_balance()["Assets:Bank:Checking"] == \
        recount(statement)["Assets:Bank:Checking"]
