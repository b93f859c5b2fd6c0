"""The broker restarts with a full queue; a second one is refused; a damaged store is refused or the
damaged record set aside, never read wrongly; a replay that would differ is refused."""
# runner: limit 2400
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from control import Control
from daybook import (BIN, FULL, PATIENCE, TERMINAL, check_result, free_port, verify,
                     wait_until)
from injury import Load, Row, seeded
from statements import Statement, recount

pytestmark = pytest.mark.limit(2000 if FULL else 200)
QUEUED, RUNNING = (10000, 100) if FULL else (1000, 20)
FLIPS = 2000 if FULL else 200
CONFIG = f"limits\n    running_jobs = {RUNNING}\n"
STALLED = {"DAYBOOK_SLOW_MS": "parse:600000"}


def fill(system, jobs):
    """So many jobs, of ten tenants, through eight connections: [ids] in the order of a tenant's."""
    def some(worker):
        session, mine = requests.Session(), []
        for i in range(worker, jobs, 8):
            tenant = f"t{i % 10}" if jobs % 8 else f"t{worker}"
            answer = session.post(system.url + "/api/jobs/upload-and-categorize", timeout=60,
                                  params={"tenant_id": tenant, "company_id": "acme"},
                                  data=Statement(1, seed=i + 1).bytes(),
                                  headers={"Content-Type": "text/csv"})
            assert answer.status_code == 202, answer.text
            mine.append((tenant, answer.json()["job_id"]))
        return mine

    with ThreadPoolExecutor(8) as pool:
        return [job for mine in pool.map(some, range(8)) for job in mine]


def ended(system, tenants):
    """{id: record} of all jobs that have ended, by the lists."""
    found = {}
    for tenant in tenants:
        cursor = None
        while True:
            params = {"tenant_id": tenant, "limit": 1000, **({"cursor": cursor} if cursor else {})}
            page = system.get("/api/jobs", **params)
            found.update({record["id"]: record for record in page["items"]
                          if record["status"] in TERMINAL})
            cursor = page["next_cursor"]
            if not cursor:
                break
    return found


@pytest.mark.parametrize("number", (signal.SIGKILL, signal.SIGTERM), ids=("kill", "term"))
def test_restart_with_a_full_queue(daybook, number):
    row = Row(f"broker {number.name} with {QUEUED:,} queued, {RUNNING} running")
    system = daybook(config=CONFIG, env=STALLED, port=free_port())
    jobs = fill(system, QUEUED + RUNNING)
    metrics = system.call("GET", "/metrics", validate=False).text
    assert f'daybook_jobs{{state="running"}} {RUNNING}' in metrics, metrics[:500]
    system.kill("broker", number)
    begun = time.monotonic()
    wait_until("another broker", lambda: answers(system), 30)
    row.recovered(time.monotonic() - begun)
    assert row.recoveries[0] < 2 * PATIENCE, "a broker is ready in less than two seconds"
    row.injected += 1
    system.stop()  # the stall ends with its processes
    system.extra_env.clear()
    system.start()
    tenants = sorted({tenant for tenant, _ in jobs})
    wanted = {job for _, job in jobs}
    deadline = time.monotonic() + (1500 if FULL else 120) * PATIENCE
    while len(found := ended(system, tenants)) < len(jobs) and time.monotonic() < deadline:
        time.sleep(0.5)
    row.work = len(found)
    row.stuck = len(wanted - set(found))
    row.duplicated = len(set(found) - wanted)
    assert all(record["status"] == "complete" for record in found.values())
    for tenant in tenants:
        mine = [job for at, job in jobs if at == tenant]
        entered = sum(1 for job in mine)
        booked = system.one("SELECT count(*) FROM transactions", tenant=tenant)
        row.lost += max(0, entered - booked)
        row.duplicated += max(0, booked - entered)
        starts = [found[job]["started_at"] for job in sorted(mine) if job in found]
        assert starts == sorted(starts), f"{tenant}: out of order"
    verify(system)
    row.done()


def answers(system):
    try:
        return "daybook_jobs{" in system.call("GET", "/metrics", validate=False, timeout=5).text
    except (requests.ConnectionError, requests.Timeout):
        return False


def test_second_broker_is_refused_at_once(daybook):
    row = Row("a second broker on the same store")
    system = daybook()
    for _ in range(3):
        begun = time.monotonic()
        done = subprocess.run([str(BIN / "daybook-broker"), "--data", str(system.data)],
                              capture_output=True, text=True, env=system.env(), timeout=20,
                              check=False)
        row.recovered(time.monotonic() - begun)
        assert done.returncode == 73 and "another process" in done.stderr, done
        row.injected += 1
    assert max(row.recoveries) < 1 * PATIENCE
    load = Load(system)
    load.upload()
    load.settle(row)
    row.done()


# ---- a damaged store ----

def broker_on(system):
    """A broker alone on the store: a process that answers, or one that has ended."""
    command = [str(BIN / "daybook-broker"), "--data", str(system.data), "--no-fsync"]
    broker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=system.env())
    for line in broker.stdout:  # it says its epoch when it serves
        if "epoch" in line:
            return broker
    assert broker.wait(20) == 73, broker.returncode
    return None


def answers_of(system, jobs):
    """What a broker says of each job; None when it refuses the store."""
    broker = broker_on(system)
    if broker is None:
        return None
    control = Control(system.data)
    try:
        return {job: control.job(job) for job in jobs}
    finally:
        control.sock.close()
        broker.kill()
        broker.wait()
        broker.stdout.close()


def is_right(said, before):
    """A record as it was, or a refusal that says what is wrong with it."""
    if said["wire"] == "REFUSED":
        return said["status"] == 500 and said["code"].startswith("store-")
    keep = ("id", "tenant", "company", "type", "meta", "created_ms")
    if before["status"] in TERMINAL:
        keep = tuple(before)
    return all(said[name] == before[name] for name in keep)


def test_a_damaged_store_is_refused_or_the_record_is(daybook):
    """Single bits flipped anywhere in the file, then every job is asked for."""
    _, dice = seeded(2)
    row = Row("single bits of the job store flipped")
    system = daybook()
    jobs = [system.upload(Statement(20, seed=i).bytes(), company=f"c{i}", key=f"k{i}")
            for i in range(30)]
    for job in jobs:
        system.complete(job)
    system.stop()
    before = answers_of(system, jobs)
    path = system.data / "jobs/data.mdb"
    whole, counts = path.read_bytes(), Counter()
    for _ in range(FLIPS):
        place, bit = dice.randrange(len(whole)), 1 << dice.randrange(8)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1:])
        said = answers_of(system, jobs)
        counts["store refused" if said is None else "record refused" if any(
            answer["wire"] == "REFUSED" for answer in said.values()) else "harmless"] += 1
        wrong = [job for job in said or {} if not is_right(said[job], before[job])]
        assert not wrong, (place, bit, said[wrong[0]], before[wrong[0]])
        row.injected += 1
    for cut in (dice.randrange(len(whole)) for _ in range(FLIPS // 10)):
        path.write_bytes(whole[:cut])
        said = answers_of(system, jobs)
        right = said is None or all(is_right(said[job], before[job]) for job in jobs)
        assert right or cut == 0, cut  # an empty file is a new store
        row.injected += 1
    print(dict(counts))
    row.work = len(jobs)
    path.write_bytes(whole)
    system.start()
    assert all(system.job(job)["status"] == "complete" for job in jobs)
    row.done()


# ---- a replay that would differ ----

def other_amount(text):
    """As by a parser that reads a decimal mark otherwise."""
    return text.replace(b"0", b"1", 30)


def other_lines(text):
    """As by another dialect: what was two records is one."""
    at = text.index(b"\n", 2000)
    return text[:at] + b" " + text[at + 1:]


def other_places(text):
    """As by another size of units: where one ended is the middle of a record."""
    at = text.index(b"\n", 1000)
    return text[:at] + b"x" + text[at:-2] + b"\n"


@pytest.mark.parametrize("change", (other_amount, other_lines, other_places))
def test_a_replay_that_reads_otherwise_fails(daybook, change):
    row = Row(f"a replay that reads {change.__name__.replace('_', ' ')}")
    system = daybook(config="pipelines\n    upload-and-categorize\n        journal\n"
                     "            workers = 0\n")
    statement = Statement(3000)
    job = system.upload(statement.bytes())
    system.poll(job, until=lambda record: record["stages"][2]["done"] >= 2500)
    system.stop()
    blob = next((system.data / "blobs").glob("*.*"))
    changed = change(blob.read_bytes())
    assert len(changed) == blob.stat().st_size and changed != blob.read_bytes()
    blob.write_bytes(changed)
    system.config.write_text("")
    system.start()
    record = system.poll(job)
    assert record["status"] == "failed" and record["error"]["code"] == "replay-differs", record
    check_result(record)
    inserted = system.one("SELECT count(*) FROM transactions")
    assert inserted == record["result"]["inserted"] > 0
    original = recount(Statement(3000), rules=False)["Assets:Bank:Checking"]
    row.lost = int(system.trial_balance()["Assets:Bank:Checking"] > original)
    row.injected = row.work = 1
    verify(system, broken=("I3", "I8"))  # the file is not what was uploaded
    row.done()
