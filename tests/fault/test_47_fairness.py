"""Fairness: a small job completes soon whatever a large one, ten thousand small ones, or one that
waits for a slow model are at, of another tenant or of another company of the same tenant."""
# runner: alone
# runner: limit 1800
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from daybook import FULL, PATIENCE, ROOT, check_result, wait_until
from injury import Row
from statements import Statement

pytestmark = pytest.mark.limit(900 if FULL else 120)
LARGE, MANY = (1000000, 10000) if FULL else (150000, 1000)
SMALL_ROWS, PROMISE_S = 10, 1.5
TRIES = 10 if FULL else 3
OTHERS = pytest.mark.parametrize("who", ({"tenant": "tb", "company": "own"},
                                         {"tenant": "ta", "company": "other"}),
                                 ids=("tenant", "company"))


def small_ones(system, row, who):
    """Small jobs one after the other: each completes within the promise."""
    for i in range(TRIES):
        statement = Statement(SMALL_ROWS, seed=1000 + i)
        begun = time.monotonic()
        job = system.upload(statement.bytes(), **who)
        record = system.complete(job, timeout=60)
        row.recovered(time.monotonic() - begun)
        check_result(record, statement)
        row.work += 1
    assert max(row.recoveries) < PROMISE_S * PATIENCE, row.recoveries


@OTHERS
def test_beside_a_large_job(daybook, who):
    row = Row(f"{LARGE:,} rows beside a small job of another {list(who)[who['tenant'] == 'ta']}")
    system = daybook()
    path = Statement(LARGE).write(system.folder / "large.csv")
    large = system.upload(path, tenant="ta")
    path.unlink()
    system.poll(large, until=lambda record: record["stages"][5]["done"] > 0)
    small_ones(system, row, who)
    assert system.job(large)["status"] == "running", "too late: make it larger"
    row.injected = 1
    system.call("POST", f"/api/jobs/{large}/cancel")
    assert system.poll(large)["status"] == "cancelled"
    row.done()


@OTHERS
def test_beside_many_small_jobs(daybook, who):
    row = Row(f"{MANY:,} jobs beside a small one of another {list(who)[who['tenant'] == 'ta']}")
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:10"})

    def flood(part):
        session = requests.Session()
        for i in range(part, MANY, 4):
            answer = session.post(
                system.url + "/api/jobs/upload-and-categorize", timeout=60,
                params={"tenant_id": "ta", "company_id": f"c{i % 7}"},
                data=Statement(20, seed=i + 1).bytes(), headers={"Content-Type": "text/csv"})
            assert answer.status_code == 202, answer.text

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(flood, range(4)))
    pending = system.get("/api/jobs", tenant_id="ta", status="pending", limit=1)["items"]
    assert pending and "place" in system.job(pending[0]["id"])["waiting"], pending
    small_ones(system, row, who)
    assert system.get("/api/jobs", tenant_id="ta", status="pending", limit=1)["items"], \
        "too late: make it more"
    row.injected = 1
    row.done()


@pytest.fixture
def slow_model():
    model = subprocess.Popen([sys.executable, "-B", str(ROOT / "tests/fake_model.py"), "--mode",
                              "slow", "--delay-ms", "60000"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    yield int(model.stdout.readline())
    model.stdin.close()
    model.kill()
    model.wait()


@OTHERS
def test_beside_jobs_that_wait_for_a_slow_model(daybook, slow_model, who):
    """More of them than run at once, all of whose rows are asked about; the small job's are decided
    by rules."""
    row = Row(f"a slow model beside a small job of another {list(who)[who['tenant'] == 'ta']}")
    system = daybook(config=f"""model
    url = "http://127.0.0.1:{slow_model}/v1/chat/completions"
    name = "slow"
    timeout_ms = 60000
""")
    waiting = [system.upload(Statement(600, seed=i + 1).bytes(), tenant="ta") for i in range(70)]
    wait_until("the model to be asked", lambda: system.stages()["llm"]["in_flight"] >= 8, 20)
    decided = "".join(f'rule r{i} if description contains "{name.lower()}" then account '
                      f'Expenses:Other\n' for i, name in enumerate(
                          ("QUORVEX", "ZYTHRAL", "BRILMOR", "PAYQUANT", "HUMBDRO", "VLIXTAR")))
    system.set_rules(decided, **who)
    system.set_chart("Expenses:Other\nAssets:Bank:Checking\n", **who)
    small_ones(system, row, who)
    assert system.job(waiting[0])["status"] == "running"
    row.injected = 1
    begun = time.monotonic()
    for job in waiting:
        system.call("POST", f"/api/jobs/{job}/cancel")
    for job in waiting:
        assert system.poll(job)["status"] == "cancelled"
    print(f"{len(waiting)} jobs cancelled in {time.monotonic() - begun:.1f} s")
    row.done()


def test_priority_goes_first_within_a_company(daybook):
    system = daybook(config="limits\n    running_jobs = 1\n", env={"DAYBOOK_SLOW_MS": "rules:300"})
    first = system.upload(Statement(20, seed=1).bytes())
    jobs = {n: system.upload(Statement(20, seed=10 + n).bytes(), priority=str(n))
            for n in (0, 3, 9, 5)}
    raw = system.call("POST", "/api/jobs/upload-and-categorize", data=Statement(20).bytes(),
                      params={"tenant_id": "t1", "company_id": "acme", "priority": 10},
                      headers={"Content-Type": "text/csv"})
    assert raw.status_code == 422 and raw.json()["errors"][0]["loc"] == ["query", "priority"]
    places = [system.job(job)["waiting"] for job in jobs.values()]
    assert sum(place is not None and "place" in place for place in places) >= 3, places
    for job in (first, *jobs.values()):
        system.complete(job)
    started = sorted(jobs, key=lambda priority: system.job(jobs[priority])["started_at"])
    assert started in ([9, 5, 3, 0], [0, 9, 5, 3]), started
    categorize = system.call("POST", "/api/jobs/categorize", json={
        "tenant_id": "t1", "company_id": "acme", "limit": 5, "priority": 4})
    assert categorize.status_code == 202
    system.poll(categorize.json()["job_id"])
