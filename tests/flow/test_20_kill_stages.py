"""kill -9 of a stage process in the middle of a job: it is started again, and the books are those
of a run that nothing disturbed."""
import time

import pytest
from daybook import FULL, STAGES, wait_until
from faults import begin, check_in_time, check_same_books, slow

pytestmark = pytest.mark.limit(400 if FULL else 150)


@pytest.mark.parametrize("stage", STAGES)
def test_killed_stage_is_replaced_and_nothing_is_lost(daybook, stage):
    system = daybook(env=slow(stage))
    place = STAGES.index(stage)
    statement, job = begin(system, stage=place)
    killed = system.kill(stage)
    check_in_time(system, job)
    wait_until(f"another {stage}", lambda: system.pids(stage) not in ([], [killed]))
    check_same_books(system, statement, job)


def test_every_stage_killed_again_and_again(daybook):
    """Each in turn, twice round, a fifth of a second apart."""
    system = daybook(env=slow(*STAGES))
    statement, job = begin(system, share=0.05)
    for stage in STAGES * 2:
        if system.job(job)["status"] != "running":
            break
        wait_until(f"a {stage}", lambda stage=stage: system.pids(stage))
        system.kill(stage)
        time.sleep(0.2)
    check_same_books(system, statement, job)


@pytest.mark.parametrize("stage", ("insert", "journal"))
@pytest.mark.parametrize("moment", ("before", "after"))
def test_death_around_a_commit_books_each_row_once(daybook, stage, moment):
    """The third commit's process dies just before, or between commit and answer."""
    system = daybook(env={"DAYBOOK_DIE_AT": f"{stage}:{stage}.commit.{moment}:3"})
    first = system.pids(stage)
    statement, job = begin(system, rows=8000, share=0)
    check_same_books(system, statement, job)
    assert system.pids(stage) != first, "it never died: the point is not passed"


@pytest.mark.parametrize("stage", ("insert", "journal"))
def test_worker_stopped_inside_a_transaction_is_killed_after_its_lease(daybook, stage):
    """SIGSTOP with the books' write lock held, never continued."""
    system = daybook(env={"DAYBOOK_DIE_AT": f"{stage}:stop={stage}.commit.before:2"})
    first = system.pids(stage)
    statement, job = begin(system, rows=8000, share=0)
    wait_until("it to stop", lambda: is_stopped(first[0]), 20)
    wait_until("it to be killed", lambda: first[0] not in system.processes(), 30)
    check_same_books(system, statement, job)


def is_stopped(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "T"
    except OSError:
        return False
