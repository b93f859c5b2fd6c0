"""daybook verify: holds on what a system left behind, and names each invariant that is broken by
hand, one thing at a time, in a copy of that."""
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import time

import pytest
from daybook import BIN, PATIENCE, STAGES, System, wait_until
from statements import CHART, RULES, Statement
from store import blob_name, id_bytes, store_of

FIRST, AGAIN, OTHER = Statement(700), Statement(400, first=500), Statement(300, seed=2)
BROKEN = "BROKEN"
def verify(data, *options):
    """(exit status, what was printed)"""
    done = subprocess.run([BIN / "daybook", "verify", "--data", data, *options], check=False,
                          capture_output=True, text=True, timeout=60 * PATIENCE)
    assert done.returncode in (0, 1), (done.returncode, done.stdout, done.stderr)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def broken(said):
    return [line.split()[0] for line in said.splitlines() if BROKEN in line]


class Left:
    """What a system left: its data directory and its jobs."""

    def __init__(self, system):
        self.system, self.source = system, system.data
        system.set_rules(RULES)
        system.set_chart(CHART)
        self.first = system.upload(FIRST.bytes(), key="once")
        system.complete(self.first)
        self.again = system.upload(AGAIN.bytes())
        system.complete(self.again)
        system.post(f"/api/jobs/{self.again}/duplicates", expect=200,
                    json={"lines": [2, 3]})
        self.other = system.upload(OTHER.bytes(), tenant="t2")
        system.complete(self.other)
        system.complete(system.categorize(tenant="t2"))
        self.failed = system.upload(b"nothing,of,a,statement\n1,2,3,4\n")
        system.poll(self.failed)
        assert system.job(self.failed)["status"] == "failed"
        system.stop()


@pytest.fixture(scope="module")
def left():
    system = System()
    try:
        yield Left(system.start())
    finally:
        system.close()
        assert not system.sanitizer_reports(), system.sanitizer_reports()
        system.remove()


@pytest.fixture
def data(left, tmp_path):
    shutil.copytree(left.source, tmp_path / "data", ignore=shutil.ignore_patterns("*.ipc"))
    return tmp_path / "data"


@contextlib.contextmanager
def books_of(data, tenant="t1"):
    books = sqlite3.connect(data / "books" / tenant / "acme.db")
    try:
        for trigger, in books.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            books.execute(f"DROP TRIGGER {trigger}")
        with books:
            yield books
    finally:
        books.close()


def sql(*statements):
    """Breaks the books of t1."""
    def breaks(data, _left):
        with books_of(data) as books:
            for statement in statements:
                assert books.execute(statement).rowcount > 0, statement
    return breaks


def old_upload(data, _left):
    """Named and never submitted, and not swept in the two hours after."""
    file = data / "blobs" / blob_name(b"x", "job_" + "1" * 26)
    file.write_bytes(b"x")
    assert verify(data)[0] == 0  # it may just be about to become a job
    os.utime(file, (time.time() - 7300,) * 2)


def store(change):
    """Breaks the job store."""
    def breaks(data, left):
        with store_of(data) as jobs:
            change(jobs, left)
    return breaks


def blob(data, content, job):
    path = data / "blobs" / blob_name(content, job)
    assert path.exists()
    return path


def lose_job(data, left):
    """As if an accepted job's record had never reached the disk."""
    with store_of(data) as jobs:
        jobs.delete("jobs", id_bytes(left.other))
    with books_of(data, "t2") as books:
        books.execute("UPDATE imports SET state = 'running'")


def lose_row(data, _left):
    """One row gone without a trace: every count in the books agrees, only the file knows."""
    with books_of(data) as books:
        (txn, entry), = books.execute("SELECT txn, entry FROM live WHERE txn = 7")
        books.execute("DELETE FROM live WHERE txn = ?", [txn])
        books.execute("DELETE FROM entries WHERE id = ?", [entry])
        books.execute("DELETE FROM transactions WHERE id = ?", [txn])
        books.execute("UPDATE effects SET rows = rows - 1, inserted = inserted - 1 "
                      "WHERE import = 1 AND stage = 'insert' AND unit = 0")
        books.execute("UPDATE effects SET booked = booked - 1 "
                      "WHERE import = 1 AND stage = 'journal' AND unit = 0")
        result = json.loads(books.execute("SELECT result FROM imports WHERE id = 1").fetchone()[0])
        for name in ("parsed", "inserted", "je_created"):
            result[name] -= 1
        books.execute("UPDATE imports SET result = ? WHERE id = 1", [json.dumps(result)])


def flip_record(data, _left):
    path = data / "jobs/data.mdb"
    content = bytearray(path.read_bytes())
    places = [i for i in range(len(content)) if content.startswith(b"upload-and-categorize", i)]
    for place in places:  # old pages hold it too
        content[place] ^= 1
    path.write_bytes(content)


def flip_upload(data, left):
    path = blob(data, OTHER.bytes(), left.other)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    def breaks(data, _left):
        whole = (data / path).read_bytes()
        (data / path).write_bytes(whole[:len(whole) // 2])
    return breaks


def reject_of_nobody(data, left):
    with store_of(data) as jobs:
        for table in ("jobs", "tenants", "changes", "expiry"):
            for key, value in jobs.items(table):
                if id_bytes(left.other) in (key[-16:], value):
                    jobs.delete(table, key)
    blob(data, OTHER.bytes(), left.other).unlink()


def books_gone(data, _left):
    shutil.rmtree(data / "books/t2")


def other_books(data, _left):
    (data / "books/t2").rename(data / "books/t3")  # with its -wal


BREACHES = [
    ("I1", "an accepted job is lost", lose_job),
    ("I1", "its upload is gone", lambda data, left: blob(data, FIRST.bytes(), left.first).unlink()),
    ("I1", "a job is still running", store(lambda jobs, left: jobs.edit(
        left.first, stored_status=1))),
    ("I1", "its record is not one", store(lambda jobs, left: jobs.put(
        "jobs", id_bytes(left.first), b"?"))),
    ("I1", "its books are gone", books_gone),
    ("I2", "a reject is gone", sql("DELETE FROM rejects WHERE import = 1 AND line > 300")),
    ("I2", "a duplicate is gone", sql("DELETE FROM sightings WHERE line = 9")),
    ("I2", "a row ended twice", sql(
        "INSERT INTO rejects VALUES (1, 2, 'x', 'x', 'x')")),
    ("I2", "a row has no entry", sql("DELETE FROM live WHERE txn = 4")),
    ("I2", "a row is booked twice", sql(
        "INSERT INTO entries (txn, run, date, debit, credit, amount, currency, decider, confidence)"
        " SELECT txn, run, date, debit, credit, amount, currency, decider, confidence "
        "FROM entries WHERE txn = 4")),
    ("I2", "a unit's rows do not add up", sql("UPDATE effects SET rows = rows + 1 "
                                              "WHERE stage = 'insert' AND import = 1")),
    ("I2", "a row is lost without a trace", lose_row),
    ("I3", "an entry is of another amount", sql("UPDATE entries SET amount = amount + 1 "
                                                "WHERE txn = 4")),
    ("I3", "an amount is not the file's", sql(
        "UPDATE transactions SET amount = amount + 700000000 * sign(amount) WHERE id = 4",
        "UPDATE entries SET amount = amount + 700000000 WHERE txn = 4")),
    ("I3", "a record is not the file's", sql("UPDATE transactions SET raw = raw || '1' "
                                             "WHERE id = 4")),
    ("I3", "two records have each other's lines", sql(
        "UPDATE transactions SET line = 11 - line WHERE id IN (4, 5)")),
    ("I3", "a part is of another category", sql(
        "INSERT INTO parts SELECT id, 1, 3, 4, 1 FROM entries WHERE txn = 4")),
    ("I3", "parts are more than their entry", sql(
        "INSERT INTO parts SELECT e.id, 1, iif(t.amount > 0, e.credit, 999), "
        "iif(t.amount > 0, 999, e.debit), e.amount + 1 FROM entries e JOIN transactions t "
        "ON t.id = e.txn WHERE t.id = 4", "INSERT INTO accounts VALUES (999, 'Assets:Parts')")),
    ("I3", "parts are not reversed", sql(
        "INSERT INTO accounts VALUES (999, 'Assets:Parts')",
        "INSERT INTO parts SELECT e.id, 1, iif(t.amount > 0, e.credit, 999), "
        "iif(t.amount > 0, 999, e.debit), 1 FROM entries e JOIN transactions t ON t.id = e.txn "
        "WHERE t.id = 4",
        "INSERT INTO entries (txn, date, debit, credit, amount, currency, decider, confidence, "
        "reverses) SELECT txn, date, credit, debit, amount, currency, decider, confidence, id "
        "FROM entries WHERE txn = 4")),
    ("I3", "it stands for another entry", sql("INSERT INTO again SELECT max(id), 1 FROM entries")),
    ("I3", "a side of two transfers", sql(
        "INSERT INTO transfers (out_txn, in_txn, out_before, in_before, out_after, in_after, "
        "made_ms) VALUES (4, 5, 0, 0, 0, 0, 0), (4, 6, 0, 0, 0, 0, 0)")),
    ("I3", "half of a transfer", sql(
        "INSERT INTO deciders VALUES (999, 1, 'transfer:opposite amounts')",
        "UPDATE entries SET decider = 999 WHERE txn = 4")),
    ("I3", "a result counts otherwise", sql(
        "UPDATE imports SET result = json_set(result, '$.je_created', 1) WHERE id = 1")),
    ("I4", "a row of no job", sql("UPDATE transactions SET import = 99 WHERE id = 4")),
    ("I4", "an entry that nobody booked", sql("UPDATE entries SET run = NULL WHERE txn = 4")),
    ("I4", "a row that no unit recorded", sql(
        "UPDATE effects SET last_id = last_id - 1 WHERE stage = 'insert' AND import = 1 "
        "AND unit = 0")),
    ("I5", "one lease wrote twice", sql("UPDATE effects SET token = (SELECT min(token) "
                                        "FROM effects) WHERE stage = 'journal' AND unit = 0 "
                                        "AND import = 1")),
    ("I5", "a write behind the fence", sql("UPDATE imports SET fence = 1 WHERE id = 1")),
    ("I5", "an epoch that is to come", sql("UPDATE imports SET fence = 99 << 32 WHERE id = 1")),
    ("I5", "no attempt", store(lambda jobs, left: jobs.edit(left.first, attempt=0))),
    ("I6", "complete at 57 per cent", store(lambda jobs, left: jobs.edit(left.first, progress=57))),
    ("I6", "more done than there is", store(lambda jobs, left: jobs.edit(
        left.first, stages=lambda stages: [{**stages[0], "done": 10**6}, *stages[1:]]))),
    ("I6", "it tells another status", store(lambda jobs, left: jobs.edit(
        left.first, status="failed"))),
    ("I6", "its change is not listed", store(lambda jobs, left: jobs.delete(
        "changes", jobs.items("changes")[0][0]))),
    ("I6", "it tells another result", store(lambda jobs, left: jobs.edit(
        left.first, result=lambda result: result.replace(b"parsed", b"passed")))),
    ("I7", "an upload of nobody", old_upload),
    ("I7", "a piece of an upload", lambda data, left: (data / "blobs/tmp/x").write_bytes(b"x")),
    ("I7", "a unit of nobody", store(lambda jobs, left: jobs.put(
        "units", bytes(20), bytes(32)))),
    ("I7", "a unit of a complete job", store(lambda jobs, left: jobs.put(
        "units", id_bytes(left.first) + bytes(4), bytes(32)))),
    ("I7", "a context of nobody", store(lambda jobs, left: jobs.put("contexts", bytes(16), b"{}"))),
    ("I7", "a key of nobody", store(lambda jobs, left: jobs.put(
        "keys", b"t1\0upload\0key", bytes(48)))),
    ("I7", "it never expires", store(lambda jobs, left: jobs.delete(
        "expiry", jobs.items("expiry")[0][0]))),
    ("I7", "rejects of an expired job", reject_of_nobody),
    ("I8", "bits of a record", flip_record),
    ("I8", "a bit of an upload", flip_upload),
    ("I8", "half a job store", cut("jobs/data.mdb")),
    ("I8", "half of the books", cut("books/t1/acme.db")),
    ("I9", "in another's list", store(lambda jobs, left: jobs.put(
        "tenants", b"t2\0" + id_bytes(left.first), b""))),
    ("I9", "found by another's key", store(lambda jobs, left: jobs.put(
        "keys", b"t2" + jobs.items("keys")[0][0][2:], jobs.items("keys")[0][1]))),
    ("I9", "in another's books", other_books),
    ("I9", "in two books", sql("INSERT INTO imports (job, kind, begun_ms, state) VALUES (x'%s', "
                               "'upload', 0, 'complete')")),
]


@pytest.mark.parametrize("invariant, what, breaks", BREACHES, ids=[b[1] for b in BREACHES])
def test_names_the_invariant_that_is_broken(left, data, invariant, what, breaks):
    if what == "in two books":
        breaks = sql("INSERT INTO imports (job, kind, begun_ms, state) VALUES "
                     f"(x'{id_bytes(left.other).hex()}', 'upload', 0, 'complete')")
    breaks(data, left)
    code, said = verify(data, "--ended")
    assert code == 1 and invariant in broken(said), said
    place = said.splitlines().index(next(line for line in said.splitlines()
                                         if line.startswith(invariant)))
    assert said.splitlines()[place + 1].startswith("   first: "), said


def test_holds_on_what_a_system_left(data):
    code, said = verify(data, "--ended")
    assert code == 0 and broken(said) == [], said
    looked = [int(line.split(" looked at")[0].split()[-1]) for line in said.splitlines()]
    assert len(looked) == 9 and min(looked) > 0, said


def test_a_file_in_another_encoding_is_counted_as_well(daybook):
    system = daybook()
    text = "Datum;Verwendungszweck;Betrag\n" + "".join(
        f"{i + 1:02}.03.2025;Bäcker Größe {i};-{i},50\n" for i in range(20))
    for n, encoding in enumerate(("windows-1252", "utf-16")):
        job = system.upload(text.encode(encoding), company=f"c{n}", currency="EUR")
        assert system.complete(job)["result"]["inserted"] == 20
    code, said = verify(system.data, "--ended")
    assert code == 0, said
    with contextlib.closing(sqlite3.connect(system.data / "books/t1/c0.db")) as books, books:
        books.execute("DROP TRIGGER transactions_stay")
        books.execute("UPDATE transactions SET raw = replace(raw, 'ä', 'a') WHERE id = 3")
    code, said = verify(system.data, "--ended")
    assert code == 1 and broken(said) == ["I3"] and "line 4" in said, said


def test_transfers_and_what_was_taken_back_are_no_breach(daybook):
    system = daybook()
    head = "Date,Description,Amount\n"
    system.complete(system.upload(
        (head + "2025-03-01,TO SAVINGS,-500.00\n2025-03-02,SHOP,-3.00\n"
         "2025-03-03,REFUND,2.00\n").encode()))
    into = system.upload((head + "2025-03-01,FROM CHECKING,500.00\n2025-03-03,INTEREST,0.12\n"
                          "2025-03-04,FEE,-0.10\n").encode(), account="Assets:Bank:Savings")
    system.complete(into)
    assert system.one("SELECT count(*) FROM transfers") == 1
    code, said = verify(system.data, "--ended")
    assert code == 0, said
    system.post(f"/api/jobs/{into}/undo?tenant_id=t1&company_id=acme", expect=200, json={})
    assert system.one("SELECT count(*) FROM undone") == 3
    code, said = verify(system.data, "--ended")
    assert code == 0, said


def test_changes_nothing(data):
    before = {path: path.read_bytes() for path in data.rglob("*")
              if path.is_file() and path.name not in ("lock.mdb", "acme.db-shm", "acme.db-wal")}
    assert verify(data)[0] == 0
    assert all(path.read_bytes() == content for path, content in before.items())


def test_accepted_ids_must_be_there(data, left, tmp_path):
    accepted = tmp_path / "accepted"
    accepted.write_text(f"{left.first}\n{left.failed}\n")
    assert verify(data, "--accepted", accepted)[0] == 0
    accepted.write_text(f"{left.first}\njob_{'1' * 26}\n")
    code, said = verify(data, "--accepted", accepted)
    assert code == 1 and broken(said) == ["I1"] and "1" * 26 in said, said


def test_beside_a_running_system_jobs_in_flight_are_no_breach(daybook):
    slow = ",".join(f"{stage}:10" for stage in STAGES)
    system = daybook(env={"DAYBOOK_SLOW_MS": slow})
    jobs = [system.upload(Statement(5000, seed=i).bytes(), tenant=f"t{i % 3}", company=f"c{i}")
            for i in range(6)]
    looks = 0
    while any(system.job(job)["status"] in ("pending", "running") for job in jobs):
        code, said = verify(system.data)
        assert code == 0, said
        looks += 1
    assert looks >= 3
    code, said = verify(system.data, "--ended")
    assert code == 0, said


def test_ended_asks_for_all_jobs_to_have_ended(daybook):
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:500"})
    job = system.upload(Statement(3000).bytes())
    wait_until("it to run", lambda: system.job(job)["status"] == "running")
    assert verify(system.data)[0] == 0
    code, said = verify(system.data, "--ended")
    assert code == 1 and "I1" in broken(said) and job in said, said
    system.complete(job)


def test_says_what_it_is_not(tmp_path):
    def status(*words):
        return subprocess.run([BIN / "daybook", "verify", *words], check=False,
                              capture_output=True).returncode
    assert status("--data", tmp_path) == 66
    assert status("--nonsense") == 64
    assert status("--help") == 0
