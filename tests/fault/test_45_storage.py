"""Storage that fails: full disks at upload, commit, insert and journal, syncs that fail."""
# runner: limit 900
import hashlib
import pathlib
import tempfile
import time

import pytest
from daybook import FULL, SANITIZED, Refused, check_result, free_port, verify, wait_until
from disk import SmallDisk, failing_sync
from injury import Load, Row
from statements import Statement
from store import entries

pytestmark = pytest.mark.limit(240)
TIMES = 10 if FULL else 1


@pytest.fixture
def disk():
    disk = SmallDisk(240 if FULL else 24)  # megabytes: in full there is ten times as much to keep
    yield disk
    disk.close()


def refused(call):
    """The problem that a call is answered with; None when it is not refused."""
    try:
        call()
    except Refused as problem:
        return problem
    return None


def check_full(system, call):
    """507 with Retry-After, in the words of problem+json."""
    answer = call()
    assert answer.status_code == 507, answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["type"].endswith(":disk-full")
    return system.call("GET", "/readyz").status_code


def post(system, content, **fields):
    return system.call("POST", "/api/jobs/upload-and-categorize",
                       data={"tenant_id": "t1", "company_id": "acme", **fields},
                       files={"file": ("a.csv", content)})


def categorize(system):
    return system.call("POST", "/api/jobs/categorize",
                       json={"tenant_id": "t1", "company_id": "acme", "limit": 10})


def reads_go_on(system, job):
    assert system.job(job)["status"] == "complete"
    listed = system.get("/api/jobs", tenant_id="t1", limit=1000)["items"]
    assert any(item["id"] == job for item in listed)
    assert system.trial_balance()


def test_full_disk_at_upload_and_at_commit(disk, daybook):
    """Uploads find no room; jobs without one spend the ballast and are refused from then on;
    nothing is restarted, and everything is taken again once there is room."""
    rows = Row("full disk at upload"), Row("full disk at commit of a job")
    system = daybook(folder=disk.folder, config="limits\n    disk_fill = 1\n")
    load = Load(system)
    first = load.upload(place=("t1", "acme"))
    system.complete(first)
    before = system.processes()
    for _ in range(TIMES):
        disk.fill()
        check_full(system, lambda: post(system, Statement(5000, seed=99).bytes()))
        rows[0].injected += 1
        reads_go_on(system, first)
        taken = []
        while (answer := categorize(system)).status_code == 202:  # as long as the ballast lasts
            taken.append(answer.json()["job_id"])
            disk.fill()
        assert check_full(system, lambda: categorize(system)) == 503
        rows[1].injected += 1
        reads_go_on(system, first)
        assert "daybook_store_read_only 1" in system.call("GET", "/metrics", validate=False).text
        begun = time.monotonic()
        disk.free()
        wait_until("jobs to be taken", lambda: system.call("GET", "/readyz").status_code == 200)
        load.upload()
        for row in rows:
            row.recovered(time.monotonic() - begun)
        for job in taken:
            assert system.poll(job)["status"] == "complete"
    for row in rows:
        assert max(row.recoveries) < 5
        load.settle(row)
    assert {pid for pid in before} == set(system.processes()), "something was restarted"
    for row in rows:
        row.done()


@pytest.mark.parametrize("stage", ("insert", "journal"))
def test_full_disk_in_the_middle_of_a_job(disk, daybook, stage):
    """The books find no room: the job says what it waits for, no try is counted, and it ends by
    itself when there is some."""
    row = Row(f"full disk at {stage}")
    system = daybook(folder=disk.folder, config="limits\n    disk_fill = 1\n",
                     env={"DAYBOOK_SLOW_MS": f"{stage}:100"})
    load = Load(system)
    place = {"insert": 2, "journal": 5}[stage]
    for i in range(TIMES):  # books of their own: old ones have room in their log
        disk.fill(leave=12 << 20)  # what is left is taken in no time, while the job is at work
        job = load.upload(rows=8000, place=("t1", f"c{i}"))
        system.poll(job, until=lambda record: record["stages"][place]["done"] >= 1000)
        disk.fill()
        waiting = wait_until("the job to wait for room", lambda job=job: (
            disk.fill(), system.job(job)["waiting"])[1], 30)
        assert "disk is full" in waiting
        time.sleep(3)  # more tries than there are attempts
        disk.fill()
        record = system.job(job)
        assert record["status"] == "running", record
        row.injected += 1
        begun = time.monotonic()
        disk.free()
        system.poll(job, until=lambda record: not record["waiting"] or
                    record["status"] == "complete", timeout=20)
        row.recovered(time.monotonic() - begun)
    load.settle(row)
    row.done()


def test_expiry_makes_room_on_a_full_disk(disk, daybook):
    """LMDB cannot delete on a full disk: the ballast lets the expiry through, whose uploads make
    the room that was lacking."""
    row = Row("full disk that only expiry can mend")
    system = daybook(folder=disk.folder, config="limits\n    retention_s = 4\n    disk_fill = 1\n")
    load = Load(system)
    for i in range(3):
        load.upload(rows=15000 if i == 0 else 100, place=("t1", "acme"))
    for job in load.jobs:
        load.records[job] = system.poll(job, timeout=60)
        assert load.records[job]["status"] == "complete"
    disk.fill()
    row.injected += 1
    begun = time.monotonic()
    wait_until("uploads to be taken by themselves", lambda: post(
        system, Statement(50, seed=77).bytes()).status_code == 202, 30)
    row.recovered(time.monotonic() - begun)
    row.work = len(load.jobs) + 1
    row.done()


def test_uploads_are_refused_above_the_configured_fill(disk, daybook):
    row = Row("uploads above limits.disk_fill")
    system = daybook(folder=disk.folder, config="limits\n    disk_fill = 0.7\n")
    load = Load(system)
    first = load.upload(place=("t1", "acme"))
    system.complete(first)
    disk.fill(leave=6 * 2**20)
    assert check_full(system, lambda: post(system, Statement(5).bytes())) == 200
    assert categorize(system).status_code == 202, "what needs no upload goes on"
    row.injected += 1
    reads_go_on(system, first)
    disk.free()
    load.upload()
    load.settle(row)
    row.done()


def test_an_upload_that_never_became_a_job_is_removed(daybook):
    """Named, and then status-api died: nobody would ever delete it."""
    system = daybook()
    load, row = Load(system), Row("uploads that a dead status-api left")
    load.upload()
    text = "Date,Description,Amount\n"
    mine = hashlib.blake2b(text.encode(), digest_size=32).hexdigest() + "."
    old = "01JD8ZQ6V3C9X4N8M2K7T5R1WB"  # of November 2024
    kept = next((system.data / "blobs").glob("*.*")).name
    (system.data / "blobs" / (mine + old)).write_text(text)
    fresh = mine + kept.partition(".")[2]  # a moment old: its submit may be on its way
    (system.data / "blobs" / fresh).write_text(text)
    system.kill("broker")
    row.injected += 1
    begun = time.monotonic()
    wait_until("it to be swept", lambda: not (system.data / "blobs" / (mine + old)).exists())
    row.recovered(time.monotonic() - begun)
    load.settle(row)
    assert {path.name for path in (system.data / "blobs").glob("*.*")} == {kept, fresh}
    row.done()


@pytest.mark.skipif(not FULL, reason="the store keeps a small upload for 40 s")
def test_a_small_upload_is_let_go_when_its_file_is_on_disk(daybook):
    """Until then the store has it, and its file is made again from there when it is gone."""
    system = daybook()
    job = system.upload(Statement(5).bytes())
    file, = (system.data / "blobs").glob("*.*")
    content = file.read_bytes()
    system.complete(job)
    file.unlink()
    system.kill("broker")
    wait_until("the file to be back", file.exists)
    assert small_uploads(system) == 1
    wait_until("the store to let go", lambda: small_uploads(system) == 0, 90)
    assert file.read_bytes() == content
    verify(system)


def small_uploads(system):
    return entries(system.data, "uploads")


@pytest.mark.skipif(SANITIZED, reason="another library is loaded first there")
def test_a_failed_sync_ends_writing_until_the_store_is_opened_again(daybook):
    """LMDB commits happily after a failed fsync; the broker must not."""
    row = Row("fsync of the job store returns EIO once")
    shim = pathlib.Path(tempfile.mkdtemp(prefix="daybook-"))
    env, trigger = failing_sync(shim, "/jobs/data.mdb")
    system = daybook(env=env, port=free_port())
    load = Load(system)
    first = load.upload(place=("t1", "acme"))
    system.complete(first)
    trigger.touch()
    answer = categorize(system)
    assert answer.status_code == 503 and answer.json()["type"].endswith(":store-io"), answer.text
    trigger.unlink()  # once is enough
    row.injected += 1
    for _ in range(3):
        answer = post(system, Statement(5).bytes())
        assert answer.status_code == 503 and answer.json()["type"].endswith("store-io"), answer.text
        reads_go_on(system, first)
    assert system.call("GET", "/readyz").status_code == 503
    assert "daybook_store_read_only 1" in system.call("GET", "/metrics", validate=False).text
    assert "refuses a commit" in system.log_path().read_text()
    begun = time.monotonic()
    system.kill("broker")
    load.upload()
    row.recovered(time.monotonic() - begun)
    load.settle(row)
    row.done()


@pytest.mark.skipif(SANITIZED, reason="another library is loaded first there")
@pytest.mark.parametrize("of, stage", (("/blobs", "upload"), ("/books/", "books")))
def test_a_failed_sync_of_uploads_and_books_promises_nothing(daybook, of, stage):
    row = Row(f"fsync of {stage} returns EIO for a while")
    shim = pathlib.Path(tempfile.mkdtemp(prefix="daybook-"))
    env, trigger = failing_sync(shim, of)
    system = daybook(env=env, config="pipelines\n    upload-and-categorize\n" + "".join(
        f"        {name}\n            attempts = 100\n" for name in ("parse", "insert", "journal")))
    load = Load(system)
    load.upload()
    trigger.touch()
    if stage == "upload":
        answer = post(system, Statement(500).bytes())  # a small one is in the record
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]), answer.text
        assert not list((system.data / "blobs").glob("tmp/*"))
    else:
        load.upload(rows=3000)
        time.sleep(1.5)
    row.injected += 1
    trigger.unlink()
    begun = time.monotonic()
    check_result(system.complete(load.upload()))
    row.recovered(time.monotonic() - begun)
    load.settle(row)
    row.done()
