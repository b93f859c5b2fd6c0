"""kill -9 of the broker, of status-api and of `daybook up` itself in the middle of a job."""
import os
import shutil
import subprocess
import time

import pytest
import requests
from daybook import BIN, FULL, STAGES, check_result, free_port, in_background, wait_until
from faults import begin, check_in_time, check_same_books, slow
from statements import Statement

pytestmark = pytest.mark.limit(400 if FULL else 150)


def test_killed_broker_goes_on_where_it_was(daybook):
    system = daybook(env=slow("rules"))
    statement, job = begin(system, stage=3)
    before = system.job(job)["progress"]
    killed = system.kill("broker")
    wait_until("another broker", lambda: system.pids("broker") not in ([], [killed]))
    seen = []
    record = system.poll(job, seen=seen, patient=True, timeout=120)
    assert seen[0]["progress"] >= before, (before, seen[0])
    assert record["attempt"] == 1
    check_same_books(system, statement, job)


def test_broker_killed_five_times(daybook):
    system = daybook(env=slow("insert", "journal"))
    statement, job = begin(system, share=0.05)
    for _ in range(5):
        wait_until("a broker", lambda: system.pids("broker"))
        system.kill("broker")
        time.sleep(0.7)
    check_same_books(system, statement, job)


def test_killed_status_api_answers_again_at_the_same_place(daybook):
    system = daybook(env=slow("rules"), port=free_port())
    statement, job = begin(system, stage=3)
    killed = system.kill("status-api")
    check_same_books(system, statement, job)
    assert system.pids("status-api") not in ([], [killed])


def test_an_upload_accepted_before_the_kill_is_done_after_it(daybook):
    """What was answered with 202 is on disk: broker and API killed at that very moment."""
    system = daybook(port=free_port())
    for seed in range(5):
        statement = Statement(500, seed=seed)
        job = system.upload(statement.bytes())
        system.kill("broker")
        system.kill("status-api")
        check_result(system.poll(job, patient=True), statement)
        wait_until("a broker", lambda: system.pids("broker"))


@pytest.mark.parametrize("damage", ("gone", "empty"))
def test_a_small_file_that_a_power_cut_took_is_made_again(daybook, damage):
    """A small upload is on disk with its job's record; its own file is not waited for."""
    system = daybook(env=slow("parse"))
    statement = Statement(100)
    assert len(statement.bytes()) < 16384
    job = system.upload(statement.bytes())
    system.kill_up()
    file, = (system.data / "blobs").glob("*." + job.removeprefix("job_"))
    if damage == "gone":
        file.unlink()
    else:
        os.truncate(file, 0)
    system.start()
    check_result(system.poll(job), statement)


def test_killed_up_leaves_no_orphan_and_the_next_goes_on(daybook):
    system = daybook(env=slow("insert"))
    statement, job = begin(system)
    check_in_time(system, job)
    extra = set(system.processes())
    assert len(extra) >= 9
    system.kill_up()
    system.start()
    assert not extra & set(system.processes())
    assert system.job(job)["status"] in ("running", "complete")
    check_same_books(system, statement, job)


def test_a_previewed_file_whose_api_died_is_swept_when_it_is_old(daybook):
    """It became no job, so nobody knows it but by its name, which says when it was named."""
    system = daybook(config="pipelines\n    upload-and-categorize\n        parse\n"
                            "            workers = 0\n", port=free_port())  # nobody looks at it
    answer = in_background(preview, system)
    blobs = system.data / "blobs"
    file, = wait_until("the file", lambda: list(blobs.glob("*.*")))
    killed = system.kill("status-api")
    assert answer() is None
    wait_until("another API", lambda: system.pids("status-api") not in ([], [killed]))
    other = "1" if file.name[-1] == "0" else "0"
    old = file.with_name(f"{file.stem}.000{file.suffix[4:-1]}{other}")  # named in 1970
    shutil.copy(file, old)
    system.kill("broker")  # it sweeps when it starts, then once an hour
    wait_until("the old one to go", lambda: not old.exists(), 20)
    assert file.exists()  # young: it may be about to become a job


def preview(system):
    """The status of the answer; None: there was none."""
    try:
        return system.call("POST", "/api/preview", data={"tenant_id": "t1", "company_id": "acme"},
                           files={"file": ("a.csv", Statement(20).bytes())}).status_code
    except requests.ConnectionError:
        return None


def test_everything_killed_at_a_random_moment_many_times(daybook):
    """The whole machine, as in a power cut but for the disk."""
    system = daybook(env=slow(*STAGES))
    statement, job = begin(system, share=0)
    for i in range(4):
        time.sleep(0.3 + 0.37 * i)
        system.kill_up()
        system.start()
    check_same_books(system, statement, job)


def test_second_broker_on_one_store_is_refused(system):
    begun = time.monotonic()
    done = subprocess.run([str(BIN / "daybook-broker"), "--data", str(system.data)],
                          capture_output=True, text=True, env=system.env(), timeout=20, check=False)
    assert done.returncode not in (0, -6, -11) and done.stderr.strip(), done
    assert time.monotonic() - begun < 5
    statement = Statement(100)
    check_result(system.complete(system.upload(statement.bytes())), statement)
