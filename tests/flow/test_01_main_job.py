"""The main job, end to end: a statement goes in, balanced journal entries are in the books."""
# runner: san
import json

import pytest
from daybook import STAGES, check_result
from statements import CHART, RULES, Statement, recount


def with_rules(system, company):
    system.set_chart(CHART, company=company)
    system.set_rules(RULES, company=company)


def test_upload_books_every_row_once_and_balances(system):
    with_rules(system, "main")
    statement = Statement(3000)
    record = system.complete(system.upload(statement.bytes(), company="main"))
    result = check_result(record, statement)
    assert result["by_rules"] == statement.by_rules()
    assert result["categorized"] == statement.by_rules()
    assert system.trial_balance(company="main") == recount(statement)


def test_record_has_what_the_contract_names(system):
    statement = Statement(40, seed=2)
    record = system.complete(system.upload(statement.bytes(), company="record", name="june.csv"))
    assert record["type"] == "upload-and-categorize"
    assert (record["tenant_id"], record["company_id"]) == ("t1", "record")
    assert record["meta"] == {"file_name": "june.csv", "bytes": len(statement.bytes())}
    assert [stage["name"] for stage in record["stages"]] == list(STAGES)
    assert all(stage["state"] == "complete" for stage in record["stages"]), record["stages"]
    assert record["attempt"] == 1 and record["error"] is None
    assert record["created_at"] <= record["started_at"] <= record["finished_at"]
    assert record["expires_at"] > record["finished_at"]
    result = record["result"]
    assert result["first_date"] == result["last_date"] == "2016-01-01"


def test_books_hold_the_same_as_the_result(system):
    statement = Statement(500, seed=3)
    record = system.complete(system.upload(statement.bytes(), company="books"))
    result = check_result(record, statement)
    listed, cursor = [], None
    while True:
        page = system.get("/api/journal-entries", tenant_id="t1", company_id="books", limit=200,
                          **({"cursor": cursor} if cursor else {}))
        listed += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(listed) == len({entry["id"] for entry in listed}) == result["je_created"]
    page = system.get("/api/transactions", tenant_id="t1", company_id="books", limit=1000)
    assert len(page["items"]) == result["inserted"] and page["next_cursor"] is None
    descriptions = {statement.row(i)[1] for i in statement.places()}
    assert all(item["description"].split(", ")[0] in descriptions for item in page["items"])


def test_same_file_again_is_all_duplicates(system):
    statement = Statement(600, seed=4)
    system.complete(system.upload(statement.bytes(), company="again"))
    before = system.trial_balance(company="again")
    record = system.complete(system.upload(statement.bytes(), company="again", name="copy.csv"))
    result = check_result(record, statement, duplicates=statement.good())
    assert result["inserted"] == 0
    assert system.trial_balance(company="again") == before


def test_overlapping_statements_book_the_overlap_once(system):
    earlier, later = Statement(900, seed=5), Statement(900, seed=5, first=700)
    system.complete(system.upload(earlier.bytes(), company="overlap"))
    record = system.complete(system.upload(later.bytes(), company="overlap"))
    check_result(record, later, duplicates=earlier.overlap(later))
    assert system.trial_balance(company="overlap") == recount(earlier, later, rules=False)


def test_equal_purchases_of_one_statement_are_all_kept(system):
    text = b"Date,Description,Amount\n" + b"2024-03-05,HUMBDRO TICKET,-2.50\n" * 3
    first = system.complete(system.upload(text, company="equal"))
    assert first["result"]["inserted"] == 3
    second = system.complete(system.upload(text + b"2024-03-05,HUMBDRO TICKET,-2.50\n",
                                           company="equal"))
    assert (second["result"]["inserted"], second["result"]["duplicates"]) == (1, 3)


def test_raw_body_is_read_like_a_form(system, tmp_path):
    statement = Statement(300, seed=6)
    path = statement.write(tmp_path / "raw.csv")
    record = system.complete(system.upload(path, company="raw", file_name="raw.csv"))
    check_result(record, statement)


def test_rejects_name_line_and_reason(system):
    text = (b"Date,Description,Amount\n2024-03-05,HUMBDRO,-2.50\n2024-03-06,VLIXTAR,nothing\n"
            b"2024-02-30,HUMBDRO,-1.00\n")
    job = system.upload(text, company="rejects")
    record = system.complete(job)
    assert record["result"]["rejected"] == 2
    answer = system.call("GET", f"/api/jobs/{job}/rejects")
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "4"], lines
    assert "VLIXTAR" in lines[1]


def test_two_tenants_with_one_company_name_have_their_own_books(system):
    small, large = Statement(30, seed=7), Statement(60, seed=8)
    jobs = [system.upload(small.bytes(), tenant="ta", company="same"),
            system.upload(large.bytes(), tenant="tb", company="same")]
    for job in jobs:
        system.complete(job)
    assert system.trial_balance("ta", "same") == recount(small, rules=False)
    assert system.trial_balance("tb", "same") == recount(large, rules=False)


def test_integer_ids_are_read_as_their_digits(system):
    body = json.dumps({"company_id": 7, "tenant_id": 42, "limit": 100})
    job = system.post("/api/jobs/categorize", data=body,
                      headers={"Content-Type": "application/json"})["job_id"]
    record = system.complete(job)
    assert (record["tenant_id"], record["company_id"]) == ("42", "7")


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_is_seen_while_it_is_slow(daybook, stage):
    """With one stage slowed the record says so, in its own words, and progress never falls."""
    system = daybook(env={"DAYBOOK_SLOW_MS": f"{stage}:60"})
    statement = Statement(4000)
    seen = []
    job = system.upload(statement.bytes())
    record = system.complete(job, seen=seen)
    check_result(record, statement)
    assert stage in {item["stage"] for item in seen if item["status"] == "running"}
    assert len({item["progress"] for item in seen}) >= 4, [item["progress"] for item in seen]
    assert any("/4000" in item["message"] for item in seen)
