"""What a client is told when something is wrong: statuses, problem documents, nothing left over."""
import json

import pytest
from daybook import Refused
from statements import Statement

UPLOAD = "/api/jobs/upload-and-categorize"
GOOD = Statement(5).bytes()
WHO = {"tenant_id": "t1", "company_id": "errors"}


def refuse(response, *statuses):
    """The problem of a response that must be one, in the form of RFC 9457."""
    assert response.status_code in statuses, (response.status_code, response.text)
    assert response.headers["Content-Type"].startswith("application/problem+json")
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["title"] and problem["detail"] and problem["type"]
    return problem


def upload(system, data=None, files=None, **options):
    return system.call("POST", UPLOAD, data=data, files=files, **options)


def locations(problem):
    return [error["loc"] for error in problem["errors"]]


def jobs_of(system):
    return system.get("/api/jobs", tenant_id="t1", company_id="errors")["items"]


def test_every_missing_field_is_named_at_once(system):
    answer = upload(system, files={"other": ("x", b"1")})
    found = locations(refuse(answer, 422))
    for field in ("file", "company_id", "tenant_id"):
        assert ["body", field] in found, found


def test_no_file(system):
    answer = upload(system, data=WHO, files={"note": ("", b"hello")})
    assert ["body", "file"] in locations(refuse(answer, 422))
    assert jobs_of(system) == []


def test_empty_file(system):
    refuse(upload(system, data=WHO, files={"file": ("a.csv", b"", "text/csv")}), 422)
    assert jobs_of(system) == []


@pytest.mark.parametrize("magic", (b"PK\x03\x04", b"%PDF-1.7\n", b"\x7fELF\x02\x01\x01",
                                   b"\x89PNG\r\n\x1a\n\0\0\0", b"GIF89a\x00\x00"))
def test_binary_file(system, magic):
    content = magic + bytes(range(256)) * 8
    refuse(upload(system, data=WHO, files={"file": ("a.csv", content, "text/csv")}), 415, 422)
    assert jobs_of(system) == []


@pytest.mark.parametrize("bad", ("", "a b", "../../etc", "x" * 65, "naïve", "a.b", "a/b", "*"))
def test_bad_ids_never_name_a_file(system, bad):
    for field in ("tenant_id", "company_id"):
        answer = upload(system, data={**WHO, field: bad}, files={"file": ("a.csv", GOOD)})
        assert ["body", field] in locations(refuse(answer, 422))
    body = {**WHO, "company_id": bad, "limit": 1}
    answer = system.call("POST", "/api/jobs/categorize", json=body)
    assert ["body", "company_id"] in locations(refuse(answer, 422))


@pytest.mark.parametrize("limit", (0, -1, 1000001, "many", 1.5, None, True, [1]))
def test_bad_limit(system, limit):
    answer = system.call("POST", "/api/jobs/categorize", json={**WHO, "limit": limit})
    assert ["body", "limit"] in locations(refuse(answer, 422))


@pytest.mark.parametrize("body", (b"", b"{", b"[1, 2]", b"null", b'{"a": 1} trailing',
                                  b"\xff\xfe{}", b"[" * 50000))
def test_body_that_is_not_a_json_object(system, body):
    refuse(system.call("POST", "/api/jobs/categorize", data=body,
                       headers={"Content-Type": "application/json"}), 400, 422)


def test_unknown_job(system):
    known = "job_01JD8ZQ0000000000000000000"
    for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/retry"), ("GET", "/events"),
                         ("GET", "/rejects"), ("GET", "/duplicates")):
        refuse(system.call(method, f"/api/jobs/{known}{path}"), 404)


@pytest.mark.parametrize("job", ("job_", "nonsense", "job_01JD8Z", "job_" + "U" * 26, "%2e%2e"))
def test_id_that_is_none(system, job):
    refuse(system.call("GET", f"/api/jobs/{job}"), 404, 422)


def test_unknown_address_and_pipeline(system):
    refuse(system.call("GET", "/api/nothing", validate=False), 404)
    refuse(system.call("POST", "/api/jobs/no-such-pipeline", json=WHO), 404)


@pytest.mark.parametrize("method, path", (
    ("GET", UPLOAD), ("PUT", "/api/jobs/categorize"), ("DELETE", "/api/stages"),
    ("POST", "/healthz"), ("GET", "/api/jobs/job_01JD8ZQ0000000000000000000/cancel")))
def test_wrong_method_names_the_right_ones(system, method, path):
    answer = system.call(method, path, validate=False)
    refuse(answer, 405)
    assert answer.headers["Allow"]


@pytest.mark.parametrize("kind", ("application/octet-stream", "application/x-www-form-urlencoded",
                                  "image/png", "multipart/form-data; boundary=x"))
def test_wrong_content_type_of_json(system, kind):
    answer = system.call("POST", "/api/jobs/categorize", data=json.dumps({**WHO, "limit": 1}),
                         headers={"Content-Type": kind})
    refuse(answer, 415)


def test_wrong_content_type_of_upload(system):
    answer = system.call("POST", UPLOAD, params=WHO, data=b"a,b\n",
                         headers={"Content-Type": "application/zip"})
    refuse(answer, 415)


def test_the_call_that_pages_make_works_as_it_is(system):
    """fetch('/api/jobs/categorize', {method: 'POST', body: JSON.stringify({...})})"""
    answer = system.call("POST", "/api/jobs/categorize", data=json.dumps(
        {"company_id": "errors-page", "tenant_id": "t1", "limit": 100}),
        headers={"Content-Type": "text/plain;charset=UTF-8", "Accept": "*/*",
                 "User-Agent": "Mozilla/5.0"})
    assert answer.status_code == 202, answer.text
    job = answer.json()["job_id"]
    assert answer.json()["status"] == "pending" and answer.headers["Location"] == f"/api/jobs/{job}"
    assert system.poll(job)["status"] == "complete"


def test_another_origin_is_not_let_in(system):
    answer = system.call("POST", "/api/jobs/categorize", data=json.dumps({**WHO, "limit": 1}),
                         headers={"Content-Type": "text/plain", "Origin": "https://evil.example"})
    refuse(answer, 403)


def test_too_many_rows_and_bytes_by_configuration(daybook):
    system = daybook(config="limits\n    max_rows = 20\n    max_bytes = 100000\n")
    within = system.complete(system.upload(Statement(20).bytes()))
    assert within["result"]["parsed"] == 20
    job = None
    try:
        job = system.upload(Statement(21).bytes())
    except Refused as refused:
        assert refused.status in (413, 422)
    if job:
        record = system.poll(job)
        assert record["status"] == "failed" and record["error"]["code"] == "too-many-rows"
        assert record["error"]["hint"] and record["error"]["stage"] == "parse"
    large = b"Date,Description,Amount\n" + b"2024-01-01,HUMBDRO,-1.00\n" * 5000
    refuse(upload(system, data=WHO, files={"file": ("a.csv", large)}), 413)
    refuse(system.call("POST", UPLOAD, params=WHO, data=iter([large]),
                       headers={"Content-Type": "text/csv"}), 413)
    assert not list((system.data / "blobs/tmp").glob("*")), "a refused upload left its bytes"


@pytest.mark.parametrize("content, code", (
    (b"just some words\nand some more\n", None),
    (b"Date,Description,Amount\n", None),
    (b"When,What,How much\nx,y,z\nx,y,z\n", None),
    (b"Date,Description,Amount\n03/04/2024,A,-1.00\n05/06/2024,B,-1.00\n", "date-order-ambiguous")))
def test_a_file_that_cannot_be_read_says_why(system, content, code):
    """Text that is no statement: refused at once or its job fails, in words, and books nothing."""
    try:
        record = system.poll(system.upload(content, company="unread"))
    except Refused as refused:
        assert refused.status in (415, 422)
        return
    if record["status"] == "complete":
        assert code is None and record["result"]["inserted"] == 0, record
        return
    error = record["error"]
    assert record["status"] == "failed" and error["code"] and error["message"] and error["hint"]
    assert code in (None, error["code"])


def test_service_says_how_it_is(system):
    assert system.call("GET", "/healthz").status_code == 200
    assert system.call("GET", "/readyz").status_code == 200
    metrics = system.call("GET", "/metrics")
    assert metrics.status_code == 200 and metrics.text.startswith("# ")
    assert system.get("/openapi.json")["openapi"].startswith("3.1")
    stages = system.stages()
    for name in ("parse", "validate", "insert", "rules", "llm", "journal", "fetch"):
        assert [worker["pid"] for worker in stages[name]["workers"]] == system.pids(name)
