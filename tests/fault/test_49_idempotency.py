"""The same Idempotency-Key a hundred times at once, also while the broker or everything dies: one
job, and every call gets its id."""
# runner: limit 900
import threading
import time

import pytest
import requests
from daybook import FULL, PATIENCE, check_result, free_port, in_background, verify, wait_until
from injury import Mercy, Row
from statements import Statement

pytestmark = pytest.mark.limit(600 if FULL else 100)
CALLS = 100
UPLOAD = "/api/jobs/upload-and-categorize"


def insist(url, content, key, gate, codes):
    """One client: until it has an answer that is not "not now"."""
    gate.wait(30)
    deadline = time.monotonic() + 60 * PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = requests.post(url + UPLOAD, timeout=30, headers={"Idempotency-Key": key},
                                   data={"tenant_id": "t1", "company_id": key},
                                   files={"file": ("a.csv", content)})
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
            continue
        if answer.status_code not in (503, 507):
            codes.append(answer.status_code)
            return answer.json()["job_id"]
        time.sleep(0.05)
    raise AssertionError("no answer in time")


@pytest.mark.parametrize("fault", ("none", "broker", "status-api", "everything"))
def test_a_hundred_calls_at_once_make_one_job(daybook, fault):
    row = Row(f"a key {CALLS} times at once" + ("" if fault == "none" else f", {fault} killed"))
    system, mercy = daybook(port=free_port()), Mercy()
    for i in range(10 if FULL else 1):
        statement, key = Statement(300, seed=i + 1), f"k{i}"
        gate, codes = threading.Event(), []
        mercy.wait(fault)
        joins = [in_background(insist, system.url, statement.bytes(), key, gate, codes)
                 for _ in range(CALLS)]
        gate.set()
        if fault in ("broker", "status-api"):
            time.sleep(0.03)
            system.kill(fault)
        elif fault == "everything":
            time.sleep(0.05)
            system.kill_up()
            system.start()
        ids = {join(timeout=90) for join in joins}
        row.injected += CALLS
        assert len(ids) == 1, ids
        assert codes.count(202) <= 1 and set(codes) <= {200, 202}, codes
        job = ids.pop()
        check_result(system.poll(job, patient=True), statement)
        jobs = wait_until("the list", lambda key=key: system.get(
            "/api/jobs", tenant_id="t1", company_id=key)["items"])
        row.duplicated += len(jobs) - 1
        row.work += 1
        late = insist(system.url, statement.bytes(), key, gate, codes)
        assert late == job
    verify(system)
    uploads = len(list((system.data / "blobs").glob("*.*")))
    # those that a dead status-api had not handed over yet are swept an hour later
    assert uploads <= row.work * (1 if fault in ("none", "broker") else 1 + CALLS)
    row.done()
