"""Memory: anonymous pages of every process stay bounded whatever the size of the file."""
# runner: alone
# runner: limit 900
import pytest
from daybook import FULL, check_result
from statements import Statement, recount

MB = 2**20
SIZES = (1000000, 3000000) if FULL else (200000,)
pytestmark = pytest.mark.limit(800 if FULL else 300)


def peaks_of(daybook, rows):
    system = daybook()
    statement = Statement(rows)
    path = statement.write(system.folder / "large.csv")
    system.complete(system.upload(Statement(500, seed=9).bytes(), company="warm"))
    memory = system.sample_memory()
    record = system.complete(system.upload(path), timeout=400)
    peaks = memory.stop()
    assert memory.samples > 100
    check_result(record, statement)
    assert system.trial_balance()["Assets:Bank:Checking"] == \
        recount(statement, rules=False)["Assets:Bank:Checking"]
    path.unlink()
    return peaks


def test_every_process_stays_small(daybook):
    found = {}
    for rows in SIZES:
        peaks = peaks_of(daybook, rows)
        found[rows] = peaks
        print(rows, {name: f"{value / MB:.1f} MiB" for name, value in sorted(peaks.items())})
        for name, value in peaks.items():
            assert value < 96 * MB, f"{name} had {value / MB:.0f} MiB at {rows} rows"
        assert peaks["daybook-broker"] < 48 * MB, peaks
    smallest, largest = found[SIZES[0]], found[SIZES[-1]]
    for name, value in largest.items():
        assert value < smallest[name] * 1.3 + 4 * MB, f"{name} grows with the file"


def test_many_small_jobs_leave_nothing_behind(daybook):
    """The broker and the workers after 200 jobs are as large as after 50, within a little."""
    system = daybook()
    memory = system.sample_memory()
    marks = []
    for i in range(200):
        job = system.upload(Statement(50, seed=i).bytes(), company=f"c{i % 20}")
        if i % 20 == 19:
            system.complete(job)
        if i in (49, 199):
            system.complete(job)
            marks.append(dict(memory.peaks))
    memory.stop()
    for name, value in marks[1].items():
        assert value < marks[0][name] * 1.5 + 8 * MB, (name, marks)
