"""Imports taken back: entries reversed, rows in the trail, and the corrected file afterwards."""
import pytest

from daybook import Refused, in_background, verify, wait_until
from statements import BANK, CHART, RULES, Statement
from store import entries

WHO = {"tenant_id": "t1"}


def prepare(system, company):
    system.set_chart(CHART, company=company)
    system.set_rules(RULES, company=company)


def bring(system, company, content):
    job = system.upload(content, company=company)
    return job, system.complete(job)["result"]


def undo(system, job, expect=200, **params):
    return system.post(f"/api/jobs/{job}/undo", expect, params=params)


def bank(system, company):
    debit, credit = system.trial_balance(company=company).get(BANK, (0, 0))
    return debit - credit


def refusal(call, *args, **options):
    with pytest.raises(Refused) as refused:
        call(*args, **options)
    return refused.value


def test_an_import_taken_back_leaves_nothing_but_its_trail(system):
    prepare(system, "gone")
    statement = Statement(1200, seed=21)
    job, result = bring(system, "gone", statement.bytes())
    assert undo(system, job) == {"job_id": job, "removed": result["inserted"],
                                 "reversed": result["inserted"], "kept": 0}
    assert bank(system, "gone") == 0
    assert system.get("/api/transactions", tenant_id="t1", company_id="gone")["items"] == []
    assert system.one("SELECT count(*) FROM undone", company="gone") == result["inserted"]
    entries = system.get("/api/journal-entries", tenant_id="t1", company_id="gone", limit=1000)
    assert len(entries["items"]) == 1000 and entries["items"][0]["description"]
    imports = system.get("/api/imports", tenant_id="t1", company_id="gone")["items"]
    assert [(item["job_id"], item["status"]) for item in imports] == [(job, "undone")]
    # once only, and the job does not run again
    assert refusal(undo, system, job).problem["code"] == "import-undone"
    # the same file again is new again
    _, again = bring(system, "gone", statement.bytes())
    assert (again["inserted"], again["duplicates"]) == (result["inserted"], 0)
    verify(system)


def test_what_another_import_vouches_for_stays_until_that_goes_too(system):
    prepare(system, "both")
    first, second = Statement(600, seed=22), Statement(600, seed=22, first=300)
    one, a = bring(system, "both", first.bytes())
    two, b = bring(system, "both", second.bytes())
    assert b["duplicates"] > 0
    reply = undo(system, one)
    assert (reply["removed"], reply["kept"]) == (a["inserted"] - b["duplicates"], b["duplicates"])
    both = system.one("SELECT count(*) FROM transactions", company="both")
    assert both == b["inserted"] + b["duplicates"]
    reply = undo(system, two, company_id="both", tenant_id="t1")
    assert reply["removed"] == both and bank(system, "both") == 0
    three, c = bring(system, "both", second.bytes())
    assert c["duplicates"] == 0 and c["inserted"] == both
    verify(system)


def test_what_later_lines_were_kept_beside_is_not_taken_back(system):
    prepare(system, "kept")
    statement = Statement(10, seed=23)
    one, _ = bring(system, "kept", statement.bytes())
    two, result = bring(system, "kept", statement.bytes())
    assert result["duplicates"] == result["parsed"]
    system.post(f"/api/jobs/{two}/duplicates", 200, json={"lines": [2]})
    imports = system.get("/api/imports", tenant_id="t1", company_id="kept")["items"]
    assert [(item["job_id"], item["kept"]) for item in imports] == [(two, 1), (one, 0)]
    refused = refusal(undo, system, one)
    assert (refused.status, refused.problem["code"]) == (409, "import-built-on")
    undo(system, two)
    undo(system, one)
    assert bank(system, "kept") == 0
    assert system.one("SELECT count(*) FROM transactions", company="kept") == 0


def test_a_cancelled_job_that_was_taken_back_is_not_tried_again(daybook):
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:60"})
    job = system.upload(Statement(5000, seed=25).bytes())
    system.poll(job, until=lambda record: record["stages"][2]["done"] >= 500)
    assert refusal(undo, system, job).problem["code"] == "job-running"
    system.post(f"/api/jobs/{job}/cancel", 202)
    assert system.poll(job)["status"] == "cancelled"
    undo(system, job)
    refused = refusal(system.post, f"/api/jobs/{job}/retry", 202)
    assert (refused.status, refused.problem["code"]) == (409, "import-undone")
    assert system.one("SELECT count(*) FROM transactions") == 0


def test_answers_go_with_their_transactions_and_other_jobs_are_not_imports(system):
    prepare(system, "answers")
    job, _ = bring(system, "answers", Statement(60, seed=24).bytes())
    item = system.get("/api/transactions", tenant_id="t1", company_id="answers",
                      status="needs_review")["items"][0]
    system.post(f"/api/transactions/{item['id']}/categorize", 200, json={
        **WHO, "company_id": "answers", "account": "Expenses:Quorvex"})
    run = system.categorize("t1", "answers", 100)
    system.complete(run)
    assert refusal(undo, system, run).problem["code"] == "not-an-import"
    assert refusal(undo, system, "job_01JD8ZQ6V3C9X4N8M2K7T5R1WB").status == 404
    undo(system, job)
    assert bank(system, "answers") == 0
    assert system.one("SELECT count(*) FROM live", company="answers") == 0


WRONG = b"Date,Description,Amount\n2026-03-01,QUORVEX 1,-10.00\n2026-03-02,ZYTHRAL 2,-20.00\n"
RIGHT = b"Date,Description,Amount\n2026-03-01,QUORVEX 1,-10.50\n2026-03-02,ZYTHRAL 2,-20.50\n"


def test_what_people_decided_is_known_of_the_corrected_file(system):
    """Of what still stood when its import was taken back: not what they took back themselves, nor
    what they corrected."""
    job, _ = bring(system, "known", WRONG)
    where = {"tenant_id": "t1", "company_id": "known"}
    items = {item["description"][:7]: item["id"]
             for item in system.get("/api/transactions", **where)["items"]}

    def answer(name, account):
        return system.post(f"/api/transactions/{items[name]}/categorize", 200,
                           json={**where, "account": account})["answer_id"]

    answer("QUORVEX", "Expenses:Shopping:General")
    answer("QUORVEX", "Expenses:Gifts")
    mistaken = answer("ZYTHRAL", "Expenses:Gifts")
    system.post(f"/api/answers/{mistaken}/undo", 200, json=where)
    undo(system, job)
    _, result = bring(system, "known", RIGHT)
    assert (result["inserted"], result["by_history"]) == (2, 1)
    known = {item["description"][:7]: (item["account"], item["source"])
             for item in system.get("/api/transactions", **where)["items"]}
    assert known["QUORVEX"] == ("Expenses:Gifts", "history")
    assert known["ZYTHRAL"][0] == "Expenses:Uncategorised"
    verify(system)


def slowly(system, ms):
    """Starts anew with a journal stage that lives and beats, and takes longer than an answer."""
    system.stop()
    system.extra_env["DAYBOOK_SLOW_MS"] = f"journal:{ms}"
    system.start()


def status_is_undone(system, place):
    return [item["status"] for item in system.get(place)["items"]] == ["undone"]


def test_what_takes_longer_than_an_answer_is_told_where_it_shows(daybook):
    system = daybook()
    prepare(system, "acme")
    job, result = bring(system, "acme", Statement(300, seed=27).bytes())
    slowly(system, 20000)
    response = system.call("POST", f"/api/jobs/{job}/undo")
    assert response.status_code == 202, response.text
    assert response.json() == {"job_id": job, "status": "running"}
    place = response.headers["Location"]
    assert place == f"/api/imports?tenant_id=t1&company_id=acme&job_id={job}"
    wait_until("undone", lambda: status_is_undone(system, place), timeout=60)
    assert bank(system, "acme") == 0
    assert system.one("SELECT count(*) FROM undone") == result["inserted"]


def test_an_undo_that_was_promised_outlives_who_promised_it(daybook):
    system = daybook()
    prepare(system, "acme")
    job, result = bring(system, "acme", Statement(300, seed=28).bytes())
    slowly(system, 600000)
    asked = [in_background(system.call, "POST", f"/api/jobs/{job}/undo") for _ in range(2)]
    responses = [join() for join in asked]
    assert [response.status_code for response in responses] == [202, 202], responses[0].text
    assert responses[0].json() == responses[1].json()
    assert entries(system.data, "kept") == 2
    ended = system.kill("broker")  # what is kept passes through a start of the broker
    wait_until("another broker", lambda: system.pids("broker") not in ([], [ended]))
    system.kill_up()
    assert system.one("SELECT count(*) FROM undone") == 0
    system.extra_env.clear()
    system.start()
    place = responses[0].headers["Location"]
    wait_until("undone", lambda: status_is_undone(system, place), timeout=60)
    assert bank(system, "acme") == 0
    assert system.one("SELECT count(*) FROM undone") == result["inserted"]
    wait_until("nothing is owed", lambda: entries(system.data, "kept") == 0)
    # it was done once, and nothing of it is left to do: the file comes again, and stays
    _, again = bring(system, "acme", Statement(300, seed=28).bytes())
    assert again["inserted"] == result["inserted"]
    system.stop()
    system.start()
    assert system.one("SELECT count(*) FROM transactions") == again["inserted"]
    verify(system)
