"""daybook backup and restore: under load, whole or not there, refused when damaged; what was
running goes on after the restore and is booked once."""
import os
import signal
import subprocess

import pytest
from daybook import BIN, PATIENCE, Refused, System, in_background, wait_until
from statements import Statement, recount
from test_13_retention import is_gone, uploads
from test_40_verify import broken, verify

SLOW = {"DAYBOOK_SLOW_MS": "rules:15,journal:10"}


def backup(system, to, **env):
    return subprocess.run([BIN / "daybook", "backup", to, "--data", system.data], check=False,
                          capture_output=True, text=True, timeout=60 * PATIENCE,
                          env={**os.environ, **env})


def restore(frm, data, check=0):
    done = subprocess.run([BIN / "daybook", "restore", frm, "--data", data], check=False,
                          capture_output=True, text=True, timeout=60 * PATIENCE)
    assert done.returncode == check, (done.returncode, done.stdout, done.stderr)
    return done


def stopped(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


def begin_backup(system, to, point):
    """A backup that stops itself at `point`."""
    process = subprocess.Popen([BIN / "daybook", "backup", to, "--data", system.data],
                               env={**os.environ, "DAYBOOK_BACKUP_DIE_AT": f"stop={point}"})
    wait_until("the backup to stop", lambda: stopped(process), 20)
    return process


def load(system, n=9, rows=4000):
    """{job: (tenant, company, statement)} of uploads that are under way."""
    jobs = {}
    for i in range(n):
        where = (f"t{i % 3}", f"c{i}")
        statement = Statement(rows, seed=i)
        jobs[system.upload(statement.bytes(), *where)] = (*where, statement)
    return jobs


@pytest.fixture
def again(daybook):
    """again(folder) starts a system on a restored data directory."""
    return lambda folder: daybook(folder=folder, env=SLOW)


def known(system, job):
    try:
        return system.job(job)
    except Refused as refused:
        assert refused.status == 404
        return None


def test_backup_under_load_restores_and_goes_on(daybook, again, tmp_path):
    system = daybook(env=SLOW)
    done = Statement(300, seed=77)
    ended = system.upload(done.bytes(), "t9", "done", key="k")
    system.complete(ended)
    jobs = load(system)
    wait_until("work in the middle", lambda: any(
        system.job(job)["stages"][2]["done"] > 1000 for job in jobs), 60)
    # the job store is copied; then more comes, and the books go on before they are copied
    process = begin_backup(system, tmp_path / "copy", "backup.jobs.after")
    system.kill("broker")  # books copied later hold tokens of an epoch that the store has not seen
    wait_until("another broker", lambda: system.pids("broker") and
               system.call("GET", "/readyz", validate=False).status_code == 200, 20)
    late = system.upload(Statement(500, seed=50).bytes(), "t1", "late")
    system.complete(late)
    journal = system.pids("journal")[0]
    os.kill(journal, signal.SIGSTOP)  # so that the next one is not done when books are copied
    late_here = Statement(2500, seed=51)
    late_running = system.upload(late_here.bytes(), "t2", "later")
    wait_until("it to be inserted in part", lambda: system.job(late_running)["stages"][2]["done"])
    process.send_signal(signal.SIGCONT)
    assert process.wait(60 * PATIENCE) == 0
    os.kill(journal, signal.SIGCONT)
    assert not (tmp_path / "copy.partial").exists()

    folder = tmp_path / "new"
    folder.mkdir()
    restore(tmp_path / "copy", folder / "data")
    code, said = verify(folder / "data")
    assert code == 0, said
    code, said = verify(folder / "data", "--ended")
    assert code == 1 and broken(said) == ["I1"] and "is still" in said, "nothing was under way"
    new = again(folder)
    for job, (tenant, company, statement) in jobs.items():
        record = new.poll(job, timeout=90)
        assert record["status"] == "complete", record
        assert record["result"]["inserted"] == statement.good(), record
        assert new.trial_balance(tenant, company) == recount(statement, rules=False)
    assert new.job(ended)["status"] == "complete"
    assert new.upload(done.bytes(), "t9", "done", key="k", expect=200) == ended
    assert known(new, late) is None and known(new, late_running) is None
    code, said = verify(new.data, "--ended")
    assert code == 0, said
    assert f"note: {late_running} of t2/later" in said and "upload its file again" in said, said
    # what the books had of it already is recognised, and booked now
    new.complete(new.upload(late_here.bytes(), "t2", "later"))
    assert new.trial_balance("t2", "later") == recount(late_here, rules=False)
    code, said = verify(new.data, "--ended")
    assert code == 0, said


def test_killed_backup_leaves_nothing_that_looks_whole(daybook, tmp_path):
    system = daybook(env=SLOW)
    load(system, n=3, rows=1000)
    for point in ("backup.jobs.after", "backup.blobs.after", "backup.books.after"):
        process = begin_backup(system, tmp_path / "copy", point)
        second = backup(system, tmp_path / "other")
        assert second.returncode == 75 and "another backup" in second.stderr, second
        process.kill()
        process.wait()
        assert not (tmp_path / "copy").exists() and (tmp_path / "copy.partial").exists()
        refused = restore(tmp_path / "copy.partial", tmp_path / "new", check=1)
        assert "no manifest" in refused.stderr
        assert not (tmp_path / "new").exists() and not (tmp_path / "new.partial").exists()
    assert backup(system, tmp_path / "copy").returncode == 0
    assert not (tmp_path / "copy.partial").exists()
    again = backup(system, tmp_path / "copy")
    assert again.returncode == 73 and "is there already" in again.stderr


@pytest.mark.parametrize("how", ("cut", "flipped", "missing", "manifest cut", "manifest changed"))
def test_damaged_backup_is_refused(left_backup, tmp_path, how):
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-a", left_backup, copy], check=True)
    path = copy / ("manifest" if how.startswith("manifest") else "books/t1/acme.db")
    content = bytearray(path.read_bytes())
    if how == "missing":
        path.unlink()
    elif how.endswith("cut"):
        path.write_bytes(content[:len(content) * 2 // 3])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    refused = restore(copy, tmp_path / "new", check=1)
    assert "damaged" in refused.stderr and path.name in refused.stderr, refused.stderr
    assert not (tmp_path / "new").exists() and not (tmp_path / "new.partial").exists()


@pytest.fixture(scope="module")
def left_backup(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backup")
    system = System()
    try:
        system.start()
        system.set_rules("# mine\n")
        system.complete(system.upload(Statement(200).bytes()))
        assert backup(system, folder / "copy").returncode == 0
        system.stop()
        yield folder / "copy"
    finally:
        system.close()
        system.remove()


def test_restores_into_an_empty_folder_only(left_backup, tmp_path):
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.mkdir()
    empty.mkdir()
    (full / "x").write_text("x")
    assert "is there already" in restore(left_backup, full, check=1).stderr
    assert [path.name for path in full.iterdir()] == ["x"]
    restore(left_backup, empty)
    assert (empty / "rules/t1/acme.rules").read_text() == "# mine\n"
    assert oct(empty.stat().st_mode)[-3:] == "700"
    code, said = verify(empty, "--ended")
    assert code == 0, said
    assert restore(tmp_path / "nowhere", tmp_path / "new", check=1)


def test_backup_holds_back_the_purge_only_while_it_lives_and_moves(daybook, tmp_path):
    system = daybook(config="limits\n    retention_s = 1\n")
    job = system.upload(Statement(50).bytes())
    process = begin_backup(system, tmp_path / "copy", "backup.jobs.after")
    system.complete(job)
    wait_until("its time to be over", lambda: is_gone(system, job), 15)  # no longer shown
    join = in_background(lambda: process.wait(60))
    for _ in range(25):
        assert uploads(system), "purged under a backup"
        wait_until("a moment", lambda: True)
        signal.sigtimedwait([], 0.1)
    # a hold that is not touched any more ends by itself
    os.utime(system.data / "backup.hold", (1, 1))
    wait_until("the purge to go on", lambda: not uploads(system), 15)
    process.kill()
    join()
    # and one whose backup is dead counts for nothing
    other = system.upload(Statement(50, seed=2).bytes())
    system.complete(other)
    wait_until("the purge", lambda: not uploads(system), 15)
