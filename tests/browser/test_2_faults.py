"""What somebody at a browser sees while processes die under the job that is watched."""
import os
import re
import signal

import pytest
from daybook import FULL, check_result, free_port, verify, wait_until
from statements import Statement

HOME = "/dashboard/background-jobs"
WHO = {"tenant": "t1", "company": "acme"}
SLOW = {"DAYBOOK_SLOW_MS": "rules:150"}  # of each unit of 500 rows: some seconds for a job
STATEMENT = Statement(8000)
# What a browser itself says about a server that is not there for a while.
AWAY = ("Failed to load resource", "net::ERR_")


def start(system, person, bears=()):
    """A job that takes some seconds, and somebody who watches it. The browser is there before: how
    long it takes to start must not be taken from those seconds."""
    page = person(system, HOME, bears=bears, **WHO)
    page.heading("Background jobs")
    job = system.upload(STATEMENT.bytes())
    page.visit(f"{HOME}/{job}", **WHO)
    wait_until("it runs", lambda: progress(page) > 5, 30)
    return job, page


def progress(page):
    """Of the bar; 100 when the job is complete and has none any more."""
    value = page.evaluate("""(() => {
        const bar = document.querySelector('main [role=progressbar]');
        const ended = document.querySelector('main [data-status=complete]');
        return bar ? Number(bar.ariaValueNow ?? 0) : ended ? 100 : 0;
    })()""")
    return value


def watch(page, timeout=60):
    """To its end; what was shown on the way must never go back."""
    shown = []

    def ended():
        shown.append(progress(page))
        return shown[-1] == 100

    wait_until("the page shows the end", ended, timeout)
    assert shown == sorted(shown), shown
    page.link("View results").waitFor()


def check(system, job, page):
    """The page says what the books hold, and those are whole."""
    check_result(system.complete(job), STATEMENT)
    said = page.locator("main dl").first().innerText()
    assert f"{STATEMENT.rows:,}" in said and f"{STATEMENT.rejected():,}" in said, said
    verify(system)


full = pytest.mark.skipif(not FULL, reason="of the longer form: make fault")


@pytest.mark.parametrize("stage", ("rules", pytest.param("journal", marks=full)))
def test_browser_a_stage_is_killed(daybook, person, stage):
    system = daybook(env=SLOW)
    job, page = start(system, person)
    system.kill(stage)
    watch(page)
    check(system, job, page)


def test_browser_the_broker_is_killed(daybook, person):
    system = daybook(env=SLOW)
    job, page = start(system, person, bears=AWAY)
    before = system.pids("broker")
    system.kill("broker")
    watch(page)
    assert system.pids("broker") != before
    check(system, job, page)


@full
def test_browser_a_broker_that_is_silent_is_told(daybook, person):
    """Neither it nor who would start it anew: the page says that nothing moves, until it does."""
    system = daybook(env=SLOW)
    job, page = start(system, person, bears=AWAY)
    system.up.send_signal(signal.SIGSTOP)
    broker = system.kill("broker", signal.SIGSTOP)
    page.see("Nothing moves: daybook's broker does not answer", timeout=30)
    os.kill(broker, signal.SIGCONT)
    system.up.send_signal(signal.SIGCONT)
    watch(page)
    check(system, job, page)


@full
def test_browser_the_api_is_killed(daybook, person):
    system = daybook(env=SLOW, port=free_port())
    job, page = start(system, person, bears=AWAY)
    system.kill("status-api")
    watch(page)
    check(system, job, page)


def test_browser_everything_is_started_anew(daybook, person):
    """The page stays open, says that it lost its server, and finds it again."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:2000"}, port=free_port())
    job, page = start(system, person, bears=AWAY)
    system.kill_up()
    page.see("Reconnecting…")
    system.extra_env.clear()  # slow enough for any machine before, quick behind
    system.start()
    watch(page)
    check(system, job, page)


def test_browser_an_expired_job_is_told_as_such(daybook, person):
    system = daybook(config="limits\n    retention_s = 5\n")
    job = system.upload(Statement(100).bytes())
    system.complete(job)

    def is_gone():
        return system.call("GET", f"/api/jobs/{job}").status_code == 404

    wait_until("the record has expired", is_gone, 30)
    page = person(system, f"{HOME}/{job}", bears=("404",), **WHO)
    page.getByRole("alert").filter(hasText=re.compile("kept for a day after its end")).waitFor()
    assert page.getByRole("main").getByRole("link", name="Imports").count() == 1
    page.link("Background jobs").first().click()
    page.see("No jobs yet")
    page.link("Transactions").click()  # the books stay
    page.getByRole("row").nth(50).waitFor()


def test_browser_two_tabs_see_each_others_changes(system, browser, person):
    list_tab = person(system, HOME, **WHO)
    list_tab.see("No jobs yet")
    job = system.upload(Statement(1000).bytes(), name="two-tabs.csv")
    list_tab.getByRole("row").filter(hasText="two-tabs.csv").filter(hasText="complete").waitFor()
    system.complete(job)

    first = person(system, "/dashboard/transactions", bears=("409",), q="HUMBDRO", **WHO)
    second = browser.open(system.url, "/dashboard/transactions", beside=first, q="HUMBDRO", **WHO)
    for page, account in ((first, "groceries"), (second, "restaurants")):
        row = page.getByRole("row").nth(1)
        row.getByRole("button", name=re.compile("change the account")).click()
        page.getByRole("combobox", name="Account").last().fill(account)
        page.getByRole("option").filter(visible=True).first().waitFor()
    first.keyboard.press("Enter")
    first.see("Booked to")
    second.keyboard.press("Enter")
    second.see("This changed while you looked at it")
    assert "Expenses:Food:Groceries" in second.getByRole("alert").innerText()
    second.button("Leave it so").click()
    assert not second.wrongs(("409",))


def test_browser_cancel_and_try_again(daybook, person):
    """By one person, while another one watches."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:500"})
    job, page = start(system, person)
    other = person(system, f"{HOME}/{job}", bears=("409",), **WHO)
    other.button("Cancel").waitFor()
    # Only once rows are stored is there a question whether to stop.
    page.getByRole("listitem").filter(hasText=re.compile("^.?Store[1-9]")).waitFor()
    page.button("Cancel").click()
    page.button("Stop").click()
    other.button("Cancelling…").waitFor()
    for each in (page, other):
        each.see("Cancelled", timeout=30)  # what is stored is finished first
    assert system.poll(job)["status"] == "cancelled"
    page.button("Try again").click()
    page.see("Attempt 2")
    other.button("Try again").click()  # of an end that is no more
    other.see("Attempt 2")
    assert other.getByRole("alert").count() == 0
    watch(page)
    check(system, job, page)


def test_browser_a_job_waits_and_says_why(daybook, person):
    """Only one job of a company runs at a time in a small installation; the next says so."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:4000"}, config="limits\n    running_jobs = 1\n")
    system.upload(Statement(8000, seed=1).bytes())
    job = system.upload(Statement(500, seed=2).bytes())
    waiting = system.poll(job, until=lambda record: record["waiting"])["waiting"]
    page = person(system, f"{HOME}/{job}", **WHO)
    page.see(waiting)
    page.see("Job queued")
