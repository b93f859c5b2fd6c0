"""faults - what every fault test does: a job, a fault in the middle of it, and the same books as
without the fault. A fault that came too late to do harm fails the test."""
from daybook import FULL, check_result
from statements import CHART, RULES, Statement, recount

ROWS = 100000 if FULL else 30000
SLOW_MS = 10 if FULL else 15


def slow(*stages):
    return {"DAYBOOK_SLOW_MS": ",".join(f"{stage}:{SLOW_MS}" for stage in stages)}


def begin(system, rows=ROWS, stage=2, share=0.2, seed=1):
    """A job of which `share` of the rows has passed `stage`: (statement, job)."""
    system.set_chart(CHART)
    system.set_rules(RULES)
    statement = Statement(rows, seed=seed)
    job = system.upload(statement.write(system.folder / "statement.csv"))
    system.poll(job, until=lambda record: record["stages"][stage]["done"] >= share * rows,
                timeout=120)
    return statement, job


def check_in_time(system, job):
    """The job is still at it."""
    assert system.job(job)["status"] == "running", "too late: make it slower"


def check_same_books(system, statement, job, timeout=120):
    """Complete, with the counts and sums of a run that nothing disturbed."""
    record = system.complete(job, timeout=timeout, patient=True)
    result = check_result(record, statement)
    assert result["by_rules"] == statement.by_rules(), result
    assert system.trial_balance() == recount(statement)
    assert system.one("SELECT count(*) FROM entries") == statement.good()
    assert system.one("SELECT count(*) FROM transactions") == statement.good()
    assert system.one("SELECT count(*) FROM rejects") == statement.rejected()
    return record
