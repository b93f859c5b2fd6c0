"""The HTTP contract, request by request, with a broker that is played by the test."""
# runner: san
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from api import BIN, PATIENCE, UPLOAD, WHO, Api, wait_until
from fake_broker import job_text

PIPELINE = """
pipelines
    reckon
        tax
            kind = source
            share = 100
"""


@pytest.fixture(scope="module")
def api():
    api = Api(config=PIPELINE)
    yield api
    api.close()


def locations(answer):
    return [error["loc"] for error in answer.json()["errors"]]


# ---- the record ----

def test_record_has_every_field_of_the_contract(api):
    job = api.broker.make(1, status="running", progress=45, stage="rules",
                          message='Processing "1350"/3000...', meta=b'{"file_name":"may.csv"}',
                          started_ms=1795428000012)
    answer = api.call("GET", f"/api/jobs/{job}")
    record = answer.json()
    assert answer.status_code == 200
    assert record["id"] == job and record["progress"] == 45
    assert record["message"] == 'Processing "1350"/3000...'
    assert record["started_at"] == "2026-11-23T10:00:00.012Z" and record["finished_at"] is None
    assert record["result"] is None and record["error"] is None and record["waiting"] is None
    assert record["change"] == f"3-{api.broker.counter}"
    assert record["meta"] == {"file_name": "may.csv"}


def test_record_of_a_failed_job_says_why(api):
    job = api.broker.make(2, status="failed", error_code="row-too-long", error_text="too long",
                          error_stage="parse", error_row=12, result=b'{"rows": 1}')
    record = api.call("GET", f"/api/jobs/{job}").json()
    assert record["error"] == {"code": "row-too-long", "message": "too long", "stage": "parse",
                               "row": 12, "hint": None}
    assert record["result"] == {"rows": 1}


def test_etag_is_304_until_something_changes(api):
    job = api.broker.make(3)
    path = f"/api/jobs/{job}"
    tag = api.call("GET", path).headers["ETag"]
    same = api.call("GET", path, headers={"If-None-Match": tag})
    assert same.status_code == 304 and same.headers["ETag"] == tag and not same.content
    api.broker.change(job, progress=1, status="running")
    assert api.call("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_etag_follows_the_place_in_the_queue(api):
    job = api.broker.make(4, waiting="3 jobs before it")
    tag = api.call("GET", f"/api/jobs/{job}").headers["ETag"]
    api.broker.jobs[job]["waiting"] = "2 jobs before it"  # moves without a change number
    assert api.call("GET", f"/api/jobs/{job}", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", ("/api/jobs", "/healthz", "/api/stages"))
def test_head_is_get_without_its_body(api, path):
    head, get = api.call("HEAD", path), api.call("GET", path)
    assert head.status_code == 200 and not head.content
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize("path, methods", (
    (UPLOAD, {"POST", "PUT", "OPTIONS"}), ("/api/jobs/categorize", {"POST", "OPTIONS"}),
    ("/api/jobs", {"GET", "HEAD", "OPTIONS"}), ("/api/jobs/x/cancel", {"POST", "OPTIONS"}),
    ("/api/jobs/x/duplicates", {"GET", "HEAD", "POST", "OPTIONS"})))
def test_methods_are_named(api, path, methods):
    for method, status in (("OPTIONS", 204), ("DELETE", 405), ("PATCH", 405)):
        answer = api.call(method, path)
        assert answer.status_code == status
        assert set(answer.headers["Allow"].split(", ")) == methods


@pytest.mark.parametrize("path", ("/api", "/api/", "/api/jobs/", "/api/jobs/a/b/c", "/nothing",
                                  "/api/jobs/x/unknown", "//api/jobs", "/api/nothing"))
def test_unknown_addresses(api, path):
    assert api.call("GET", path).status_code == 404


# ---- jobs without a file ----

def test_the_call_that_pages_make(api):
    """fetch('/api/jobs/categorize', {method: 'POST', body: JSON.stringify({...})})"""
    answer = api.call("POST", "/api/jobs/categorize",
                      data=json.dumps({"company_id": "acme", "tenant_id": "t1", "limit": 100}),
                      headers={"Content-Type": "text/plain;charset=UTF-8",
                               "Origin": api.url, "Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 202 and answer.json()["status"] == "pending"
    job = answer.json()["job_id"]
    assert answer.headers["Location"] == f"/api/jobs/{job}"
    submit = api.broker.submits[-1]
    assert job_text(submit["job"]) == job
    assert json.loads(submit["params"]) == {"params": {"limit": 100}}
    assert (submit["type"], submit["tenant"], submit["company"]) == ("categorize", "t1", "acme")


@pytest.mark.parametrize("kind", (None, "", "application/json", "application/json; charset=utf-8",
                                  "text/plain", "application/merge-patch+json"))
def test_json_is_taken_under_any_text_type(api, kind):
    headers = {} if kind is None else {"Content-Type": kind}
    body = json.dumps({**WHO, "limit": "7"}).encode()
    answer = api.call("POST", "/api/jobs/categorize", data=body, headers=headers)
    assert answer.status_code == 202, answer.text
    assert json.loads(api.broker.submits[-1]["params"]) == {"params": {"limit": 7}}


def test_integers_are_names(api):
    api.categorize(tenant_id=42, company_id=7)
    assert (api.broker.submits[-1]["tenant"], api.broker.submits[-1]["company"]) == ("42", "7")


@pytest.mark.parametrize("body, places", (
    ({}, [["body", "company_id"], ["body", "tenant_id"]]),
    ({"company_id": "a b", "tenant_id": None, "limit": 0},
     [["body", "limit"], ["body", "company_id"], ["body", "tenant_id"]]),
    ({**WHO, "limit": 1000001}, [["body", "limit"]]),
    ({**WHO, "limit": 10 ** 15}, [["body", "limit"]]),
    ({**WHO, "limt": 5}, [["body", "limt"]]),
    ({**WHO, "company_id": True}, [["body", "company_id"]]),
    ({**WHO, "company_id": 1.5}, [["body", "company_id"]]),
    ({**WHO, "company_id": "é"}, [["body", "company_id"]])))
def test_all_bad_fields_are_named_at_once(api, body, places):
    before = len(api.broker.submits)
    answer = api.call("POST", "/api/jobs/categorize", json=body)
    assert answer.status_code == 422
    assert sorted(locations(answer)) == sorted(places)
    assert len(api.broker.submits) == before


@pytest.mark.parametrize("body", (b"", b"  ", b"{", b"[1]", b"null", b"{} {}", b"\xff\xfe",
                                  b'{"a":1,"a":2}', b"[" * 60000,
                                  b'{"company_id": "a\\u0000"}'))
def test_what_is_no_object_is_refused(api, body):
    assert api.call("POST", "/api/jobs/categorize", data=body).status_code == 422


def test_large_json_is_refused(api):
    answer = api.call("POST", "/api/jobs/categorize", data=b"{" + b" " * 70000 + b"}")
    assert answer.status_code == 413
    answer = api.call("POST", "/api/jobs/categorize", data=iter([b" " * 40000] * 3))
    assert answer.status_code == 413


def test_own_pipeline_gets_the_body_as_params(api):
    answer = api.call("POST", "/api/jobs/reckon",
                      json={**WHO, "year": 2026, "deep": {"b": 1, "a": 2}})
    assert answer.status_code == 202
    assert json.loads(api.broker.submits[-1]["params"]) == {"params": {"year": 2026,
                                                                       "deep": {"a": 2, "b": 1}}}
    assert api.call("POST", "/api/jobs/reckoning", json=WHO).status_code == 404


@pytest.mark.parametrize("status, code", ((507, "disk-full"), (503, "busy"),
                                          (404, "pipeline-unknown")))
def test_what_the_broker_refuses_is_passed_on(api, status, code):
    api.broker.refuse = status, code
    try:
        answer = api.call("POST", "/api/jobs/reckon", json=WHO)
    finally:
        api.broker.refuse = None
    assert answer.status_code == status and answer.json()["code"] == code


# ---- idempotency ----

def test_same_key_gives_the_first_job(api):
    first = api.call("POST", "/api/jobs/categorize", json={**WHO, "limit": 3},
                     headers={"Idempotency-Key": "k1"})
    again = api.call("POST", "/api/jobs/categorize", data=json.dumps({"limit": 3, **WHO}),
                     headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["job_id"] == again.json()["job_id"]
    other = api.call("POST", "/api/jobs/categorize", json={**WHO, "limit": 4},
                     headers={"Idempotency-Key": "k1"})
    assert other.status_code == 409


@pytest.mark.parametrize("key", ("", "x" * 256, "a\tb"))
def test_bad_key(api, key):
    answer = api.call("POST", "/api/jobs/categorize", json=WHO, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert locations(answer) == [["header", "Idempotency-Key"]]


# ---- lists ----

def test_pages_hold_every_job_once_newest_first(api):
    jobs = [api.broker.make(1000 + i, tenant="list", company=f"c{i % 2}") for i in range(450)]
    for limit in (7, 100, 1000):
        found, cursor = [], None
        while True:
            params = {"tenant_id": "list", "limit": limit, **({"cursor": cursor} if cursor else {})}
            page = api.call("GET", "/api/jobs", params=params).json()
            assert len(page["items"]) <= limit
            found += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == jobs[::-1]
    api.broker.page = 30  # an answer may hold less than was asked for
    page = api.call("GET", "/api/jobs", params={"tenant_id": "list", "limit": 200}).json()
    api.broker.page = 200
    assert [item["id"] for item in page["items"]] == jobs[:-201:-1]
    some = api.call("GET", "/api/jobs", params={"tenant_id": "list", "company_id": "c1"}).json()
    assert {item["company_id"] for item in some["items"]} == {"c1"} and some["next_cursor"]


@pytest.mark.parametrize("name, value", (
    ("limit", "0"), ("limit", "1001"), ("limit", "x"), ("limit", "-1"), ("cursor", "what"),
    ("status", "asleep"), ("tenant_id", "../etc"), ("company_id", ""), ("type", "a b")))
def test_bad_queries_are_named(api, name, value):
    answer = api.call("GET", "/api/jobs", params={name: value})
    assert answer.status_code == 422 and locations(answer) == [["query", name]]


# ---- cancel, retry, keep ----

def test_cancel_and_retry(api):
    job = api.broker.make(5000)
    cancelled = api.call("POST", f"/api/jobs/{job}/cancel")
    assert cancelled.status_code == 202 and cancelled.json()["status"] == "cancelled"
    assert api.call("POST", f"/api/jobs/{job}/cancel").status_code == 409
    retried = api.call("POST", f"/api/jobs/{job}/retry", json={"skip": True})
    assert retried.status_code == 202 and retried.json()["message"] == "skip 1"
    assert api.call("POST", f"/api/jobs/{job}/retry").json()["message"] == "skip 0"
    for body in ({"skip": 1}, {"skp": True}, []):
        assert api.call("POST", f"/api/jobs/{job}/retry", json=body).status_code == 422


@pytest.mark.parametrize("id_", ("job_01JD8ZQ0000000000000000000", "x", "job_", "job_" + "U" * 26))
def test_jobs_that_are_not(api, id_):
    for method, verb in (("GET", ""), ("POST", "/cancel"), ("POST", "/retry"), ("GET", "/events"),
                         ("GET", "/rejects"), ("GET", "/duplicates")):
        assert api.call(method, f"/api/jobs/{id_}{verb}").status_code == 404
    assert api.call("POST", f"/api/jobs/{id_}/duplicates", json={"lines": [1]}).status_code == 404


def test_keeping_duplicates_is_a_write_to_the_journal(api):
    job = api.broker.make(6000, tenant="keep", company="c")
    answer = api.call("POST", f"/api/jobs/{job}/duplicates", json={"lines": [12, 40]})
    assert answer.status_code == 200 and answer.json() == {"transactions": ["7"], "kept": 1}
    write = api.broker.writes[-1]
    assert (write["stage"], write["verb"]) == ("journal", "keep-duplicates")
    assert (write["tenant"], write["company"]) == ("keep", "c")
    assert json.loads(write["body"]) == {"job": job, "lines": [12, 40]}
    ids = []
    for _ in range(2):
        api.call("POST", f"/api/jobs/{job}/duplicates", json={"lines": [12]},
                 headers={"Idempotency-Key": "again"})
        ids.append(api.broker.writes[-1]["id"])
    assert ids[0] == ids[1] != write["id"]
    api.broker.written = b'{"refused": {"status": 409, "code": "job-running", "text": "not yet"}}'
    answer = api.call("POST", f"/api/jobs/{job}/duplicates", json={"lines": [12]})
    assert answer.status_code == 409 and answer.json()["code"] == "job-running"


@pytest.mark.parametrize("body", ({}, {"lines": []}, {"lines": "all"}, {"lines": [0]},
                                  {"lines": [1.5]}, {"lines": [1], "x": 2}))
def test_keeping_what_is_no_line(api, body):
    job = api.broker.make(6001)
    answer = api.call("POST", f"/api/jobs/{job}/duplicates", json=body)
    assert answer.status_code == 422


# ---- books ----

def test_books_of_a_new_company_are_empty(api):
    who = {"tenant_id": "t1", "company_id": "fresh"}
    for path in ("/api/transactions", "/api/journal-entries"):
        assert api.call("GET", path, params=who).json() == {"items": [], "next_cursor": None}
    assert api.call("GET", "/api/accounts/balances", params=who).json()["items"] == []
    assert not (api.data / "books").exists(), "reading made books"


def test_books_name_bad_queries(api):
    answer = api.call("GET", "/api/transactions", params={
        "company_id": "../x", "status": "odd", "from": "2026-02-30", "to": "now", "job_id": "j",
        "limit": "0"})
    assert answer.status_code == 422
    assert {place[1] for place in locations(answer)} == {
        "tenant_id", "company_id", "status", "from", "to", "job_id", "limit"}
    answer = api.call("GET", "/api/accounts/balances", params={**WHO, "at": "2026-13-01"})
    assert locations(answer) == [["query", "at"]]


# ---- the service ----

def test_health_and_readiness(api):
    assert api.call("GET", "/healthz").json()["status"] == "ok"
    ready = api.call("GET", "/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "broker": "reachable", "missing": [],
                            "degraded": ["tax"]}
    api.broker.missing = "rules,llm"
    ready = api.call("GET", "/readyz")
    api.broker.missing = ""
    assert ready.status_code == 503 and ready.json()["missing"] == ["rules", "llm"]


def test_stages_with_their_workers(api):
    items = api.call("GET", "/api/stages").json()["items"]
    assert [item["name"] for item in items] == ["parse", "tax"]
    assert items[0]["workers"][0]["pid"] == 77 and items[1]["workers"] == []
    assert items[0]["builtin"] is True and items[1]["builtin"] is False


def test_metrics_are_prometheus_text(api):
    text = api.call("GET", "/metrics").text
    assert 'daybook_stage_queued_units{stage="parse"} 2\n' in text
    assert 'route="/api/jobs/{id}",status="200"' in text
    assert "process_resident_memory_bytes " in text and "daybook_broker_up 1\n" in text
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_description_is_the_document(api):
    assert api.call("GET", "/openapi.json").json()["info"]["title"] == "daybook"


# ---- when the broker is away ----

def test_broker_that_is_silent_is_503_in_time():
    api = Api()
    try:
        job = api.categorize()
        api.broker.mute = True
        began = time.monotonic()
        ready = api.call("GET", "/readyz")
        assert ready.status_code == 503 and ready.json()["broker"] == "unreachable"
        assert "daybook_broker_up 0\n" in api.call("GET", "/metrics").text
        answer = api.call("GET", f"/api/jobs/{job}")
        assert answer.status_code == 503 and answer.json()["code"] == "broker-unreachable"
        assert 10 <= time.monotonic() - began < 20 * PATIENCE
        assert api.call("GET", "/healthz").status_code == 200
        api.broker.mute = False
        assert api.call("GET", f"/api/jobs/{job}").status_code == 200
    finally:
        api.close()


def test_broker_that_restarts_is_not_noticed():
    api = Api()
    try:
        job = api.categorize()
        api.broker.restart()
        assert api.call("GET", f"/api/jobs/{job}").status_code == 200
    finally:
        api.close()


# ---- start and stop ----

def start_status(*args, config="", env=None):
    api = Api(config=config, broker=False, start=False)
    try:
        done = subprocess.run(
            [str(BIN / "daybook-status-api"), "--data", str(api.data), "--config", str(api.config),
             *args], capture_output=True, text=True, timeout=30, check=False, env=env)
        return done.returncode, done.stderr
    finally:
        api.close()


def test_port_in_use_is_one_clear_line(api):
    code, said = start_status("--listen", f"127.0.0.1:{api.port}")
    assert code == 69 and len(said.splitlines()) == 1 and "already listens" in said, said


@pytest.mark.parametrize("listen", ("0.0.0.0:0", "[::]:0", "*:0"))
def test_open_address_without_keys_is_refused(listen):
    code, said = start_status("--listen", listen)
    assert code == 78 and len(said.splitlines()) == 1 and "keys" in said, said


@pytest.mark.parametrize("args, code", ((["--listen", "nowhere"], 78), (["--odd"], 64),
                                        (["--listen", "127.0.0.1:99999"], 78), (["more"], 64)))
def test_bad_options(args, code):
    assert start_status(*args)[0] == code


def test_sigterm_finishes_what_is_in_flight():
    api = Api()
    try:
        job = api.categorize()
        stream = api.call("GET", f"/api/jobs/{job}/events", stream=True)
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines).startswith(b"retry:")
        began = time.monotonic()
        api.process.send_signal(signal.SIGTERM)
        assert any(line.startswith(b"data:") for line in lines), "the stream did not end well"
        assert api.process.wait(10 * PATIENCE) == 0
        assert time.monotonic() - began < 4 * PATIENCE
    finally:
        api.close()


def test_sigterm_with_a_silent_broker_ends_in_time():
    api = Api()
    try:
        job = api.categorize()
        api.broker.mute = True
        asked = len(api.broker.asked)
        box = []
        thread = threading.Thread(
            target=lambda: box.append(api.call("GET", f"/api/jobs/{job}").status_code))
        thread.start()
        wait_until("the question is asked", lambda: len(api.broker.asked) > asked)
        began = time.monotonic()
        api.stop()
        thread.join(10)
        assert box == [503] and time.monotonic() - began < 8 * PATIENCE
    finally:
        api.close()


def test_readiness_is_told_to_a_supervisor(tmp_path):
    path = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(path)
        supervisor.settimeout(10)
        api = Api(env={**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "2000000"})
        try:
            said = {supervisor.recv(512) for _ in range(3)}
            assert b"READY=1" in said and b"WATCHDOG=1" in said, said
        finally:
            api.close()
