"""Retention: after it the id is unknown and the upload is gone; the books stay."""
from daybook import Refused, wait_until
from statements import Statement, recount

CONFIG = "limits\n    retention_s = 2\n"


def uploads(system):
    return [path for path in (system.data / "blobs").rglob("*") if path.is_file()]


def is_gone(system, job):
    try:
        system.job(job)
    except Refused as refused:
        assert refused.status == 404
        return True
    return False


def test_record_upload_and_rejects_go_and_the_books_stay(daybook):
    system = daybook(config=CONFIG)
    statement = Statement(300)
    job = system.upload(statement.bytes(), key="again")
    assert len(uploads(system)) == 1
    record = system.complete(job)
    assert record["expires_at"] > record["finished_at"]
    assert system.one("SELECT count(*) FROM rejects") == statement.rejected()
    wait_until("the record to expire", lambda: is_gone(system, job), 15)
    wait_until("the upload to be deleted", lambda: not uploads(system))
    assert system.get("/api/jobs", tenant_id="t1")["items"] == []
    assert system.call("GET", f"/api/jobs/{job}/rejects").status_code == 404
    wait_until("the rejects to go", lambda: system.one("SELECT count(*) FROM rejects") == 0)
    assert system.trial_balance() == recount(statement, rules=False)
    # the key went with its job: the same request is a new job, all of it duplicates
    again = system.complete(system.upload(statement.bytes(), key="again"))
    assert again["id"] != job and again["result"]["duplicates"] == statement.good()


def test_a_job_that_expired_while_nothing_ran_goes_at_the_next_start(daybook):
    system = daybook(config=CONFIG)
    job = system.upload(Statement(50).bytes())
    system.complete(job)
    system.stop()
    system.start()
    wait_until("the record to expire", lambda: is_gone(system, job), 15)
    wait_until("the upload to be deleted", lambda: not uploads(system))


def test_a_running_job_does_not_expire(daybook):
    system = daybook(config=CONFIG, env={"DAYBOOK_SLOW_MS": "rules:900"})
    job = system.upload(Statement(2500).bytes())
    record = system.poll(job)
    assert record["status"] == "complete"
