"""Cancel and retry at every stage, with and without a death of the broker between the call and its
effect: cancelled within 2 s, booked what was inserted, the rest comes once."""
# runner: limit 3000
import time

import pytest
from daybook import FULL, PATIENCE, STAGES, check_result, free_port, verify, wait_until
from injury import Mercy, Row
from statements import Statement, recount

pytestmark = pytest.mark.limit(1500 if FULL else 120)
TIMES = 100 if FULL else 5
PROMISE_S, HARD_S = 2, 10
ROWS = 6000
CONFIG = "pipelines\n    upload-and-categorize\n" + "".join(
    f"        {stage}\n            lease_ms = 2000\n            attempts = 9\n" for stage in STAGES)


def control(system, job, verb):
    answer = system.call("POST", f"/api/jobs/{job}/{verb}")
    assert answer.status_code in (202, 503), answer.text
    return answer.status_code == 202


def is_at(record, place):
    """The stage has begun; `begin`: the job has, and no stage has."""
    if place < 0:
        return record["status"] == "running"
    return record["stages"][place]["done"] > 0


def check_books(system, company, record, statement):
    """Counts of the record are those of the books; the same file again books the rest, once."""
    # cancelled before it came to the books it has no result, and the company may have no books
    result = check_result(record) if record["result"] else {"inserted": 0}
    for table in ("transactions", "entries") if record["result"] else ():
        assert system.one(f"SELECT count(*) FROM {table}", company=company) == result["inserted"]
    again = system.complete(system.upload(statement.bytes(), company=company), timeout=90,
                            patient=True)
    check_result(again, statement, duplicates=result["inserted"])
    assert system.trial_balance(company=company) == recount(statement, rules=False)


@pytest.mark.parametrize("stage", ("begin", *STAGES))
def test_cancel_takes_effect_at_any_stage(daybook, stage):
    place = STAGES.index(stage) if stage in STAGES else -1
    slow = "parse" if place < 0 else stage
    system = daybook(config=CONFIG, port=free_port(), env={"DAYBOOK_SLOW_MS": f"{slow}:60"})
    row, restarted = Row(f"cancel at {stage}"), Row(f"cancel at {stage}, broker killed at once")
    mercy = Mercy()
    for i in range(TIMES):
        company, kill = f"c{i}", i % 5 == 4
        statement = Statement(ROWS, seed=i + 1)
        job = system.upload(statement.bytes(), company=company)
        system.poll(job, until=lambda record: is_at(record, place))
        begun = time.monotonic()
        assert control(system, job, "cancel")
        if kill:
            mercy.wait("broker")
            system.kill("broker")
        record = system.poll(job, timeout=30, patient=True)
        mine = restarted if kill else row
        mine.recovered(time.monotonic() - begun)
        assert record["status"] == "cancelled", record
        assert mine.recoveries[-1] < (HARD_S if kill else PROMISE_S) * PATIENCE, mine.recoveries
        check_books(system, company, record, statement)
        mine.injected += 1
        mine.work += 1
        if kill:
            wait_until("a broker", lambda: system.pids("broker"))
    verify(system)
    row.done()
    restarted.done()


def test_retry_goes_on_across_a_restart(daybook):
    """Cancelled at each stage, the machine goes down, retried, the broker dies: every row once."""
    slow = ",".join(f"{stage}:8" for stage in STAGES[:-1])  # and time to cancel within the last one
    system = daybook(config=CONFIG, port=free_port(),
                     env={"DAYBOOK_SLOW_MS": f"{slow},{STAGES[-1]}:60"})
    row, mercy = Row("retry, broker killed at once"), Mercy()
    for i in range(42 if FULL else 6):
        company, place = f"c{i}", i % len(STAGES)
        statement = Statement(4000, seed=i + 1)
        job = system.upload(statement.bytes(), company=company)
        system.poll(job, until=lambda record, place=place: is_at(record, place))
        control(system, job, "cancel")
        before = system.poll(job)
        assert before["status"] == "cancelled", before
        if i % 3 == 0:
            system.kill_up()
            system.start()
        mercy.wait("broker")
        begun = time.monotonic()
        assert control(system, job, "retry")
        system.kill("broker")
        record = system.poll(job, timeout=60, patient=True)
        row.recovered(time.monotonic() - begun)
        assert (record["status"], record["attempt"]) == ("complete", 2), record
        check_result(record, statement)
        assert system.trial_balance(company=company) == recount(statement, rules=False)
        wait_until("a broker", lambda: system.pids("broker"))
        row.injected += 1
        row.work += 1
    verify(system)
    row.done()
