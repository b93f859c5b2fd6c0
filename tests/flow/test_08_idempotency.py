"""Idempotency-Key: one job however often it is posted, also at once and across a restart."""
import pytest
from daybook import PATIENCE, Refused, in_background
from statements import Statement

UPLOAD = "/api/jobs/upload-and-categorize"


def post(system, content, key, company="once", name="may.csv", **more):
    return system.call("POST", UPLOAD, data={"tenant_id": "t1", "company_id": company, **more},
                       files={"file": (name, content, "text/csv")},
                       headers={"Idempotency-Key": key})


def test_same_key_and_request_gives_the_first_job(system):
    content = Statement(50, seed=1).bytes()
    first = post(system, content, "key-1")
    again = post(system, content, "key-1", name="renamed.csv")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["job_id"] == again.json()["job_id"]
    record = system.complete(first.json()["job_id"])
    assert record["result"]["inserted"] == Statement(50).good()
    late = post(system, content, "key-1")
    assert late.status_code == 200 and late.json()["job_id"] == record["id"]
    assert late.json()["status"] == "complete"


def test_same_key_with_another_request_is_a_conflict(system):
    content = Statement(50, seed=2).bytes()
    assert post(system, content, "key-2").status_code == 202
    assert post(system, content + b"2024-01-01,MORE,-1.00\n", "key-2").status_code == 409
    assert post(system, content, "key-2", company="other").status_code == 409
    assert post(system, content, "key-2", account="Assets:Bank:Savings").status_code == 409


def test_key_is_known_per_tenant_and_pipeline(system):
    content = Statement(30, seed=3).bytes()
    first = post(system, content, "key-3", company="mine")
    other = system.call("POST", UPLOAD, data={"tenant_id": "t2", "company_id": "mine"},
                        files={"file": ("a.csv", content)}, headers={"Idempotency-Key": "key-3"})
    run = system.call("POST", "/api/jobs/categorize", headers={"Idempotency-Key": "key-3"},
                      json={"tenant_id": "t1", "company_id": "mine", "limit": 5})
    assert [answer.status_code for answer in (first, other, run)] == [202, 202, 202]


def test_a_refused_request_frees_its_key(system):
    assert post(system, b"", "key-4").status_code == 422
    assert post(system, Statement(5, seed=4).bytes(), "key-4").status_code == 202


def test_calls_at_the_same_moment_make_one_job(system):
    import requests
    content = Statement(400, seed=5).bytes()

    def one():
        return requests.post(system.url + UPLOAD, timeout=30 * PATIENCE,
                             data={"tenant_id": "t1", "company_id": "rush"},
                             files={"file": ("a.csv", content)},
                             headers={"Idempotency-Key": "key-5"})

    answers = [join() for join in [in_background(one) for _ in range(20)]]
    assert {answer.json()["job_id"] for answer in answers if answer.ok} == \
        {answers[0].json()["job_id"]}
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [202]
    listed = system.get("/api/jobs", tenant_id="t1", company_id="rush")["items"]
    assert len(listed) == 1
    system.complete(listed[0]["id"])


def test_key_outlives_a_kill_of_everything(daybook):
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:50"})
    statement = Statement(3000, seed=6)
    first = post(system, statement.bytes(), "key-6").json()["job_id"]
    system.kill_up()
    system.start()
    again = post(system, statement.bytes(), "key-6")
    assert again.status_code == 200 and again.json()["job_id"] == first
    record = system.complete(first)
    assert record["result"]["inserted"] == statement.good()


@pytest.mark.parametrize("key", ("x" * 300, ""))
def test_key_of_wrong_length(system, key):
    answer = post(system, Statement(5).bytes(), key, company="length")
    if answer.status_code >= 400:
        assert answer.status_code in (400, 422), Refused(answer)
    else:
        assert key == ""
        system.complete(answer.json()["job_id"])
