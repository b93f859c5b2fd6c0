"""Lists: newest first, cursor-paged, filtered; and the pages of the books."""
import pytest
from daybook import Refused
from statements import Statement


def pages(system, path, **params):
    items, cursor = [], None
    while True:
        page = system.get(path, **params, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= int(params.get("limit", 100))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
        assert page["items"], "an empty page with a cursor to go on"


@pytest.fixture(scope="module")
def jobs(system):
    """Twelve finished jobs of one tenant, oldest first: two companies, two types, one failed."""
    made = []
    for i in range(5):
        made += [system.upload(Statement(10, seed=20 + i).bytes(), tenant="lists", company="one"),
                 system.upload(Statement(10, seed=30 + i).bytes(), tenant="lists", company="two")]
        system.poll(made[-2])
        system.poll(made[-1])
    made.append(system.categorize("lists", "one"))
    system.poll(made[-1])
    made.append(system.upload(b"Date,Description,Amount\nnot a statement,at all,\n" * 2,
                              tenant="lists", company="two"))
    system.poll(made[-1])
    return made


def test_list_is_newest_first(system, jobs):
    listed = system.get("/api/jobs", tenant_id="lists")["items"]
    assert [item["id"] for item in listed] == jobs[::-1]


@pytest.mark.parametrize("limit", (1, 3, 5, 12))
def test_pages_hold_every_job_once_in_order(system, jobs, limit):
    listed = pages(system, "/api/jobs", tenant_id="lists", limit=limit)
    assert [item["id"] for item in listed] == jobs[::-1]


def test_list_filters_by_company_type_and_status(system, jobs):
    by_company = pages(system, "/api/jobs", tenant_id="lists", company_id="one")
    assert [item["id"] for item in by_company] == [*jobs[:10:2], jobs[10]][::-1]
    by_type = pages(system, "/api/jobs", tenant_id="lists", type="categorize")
    assert [item["id"] for item in by_type] == [jobs[10]]
    complete = pages(system, "/api/jobs", tenant_id="lists", status="complete", limit=4)
    failed = pages(system, "/api/jobs", tenant_id="lists", status="failed")
    assert sorted(item["id"] for item in complete + failed) == sorted(jobs)
    assert pages(system, "/api/jobs", tenant_id="lists", status="running") == []


def test_list_tells_how_many_there_are_in_each_status(system, jobs):
    for filters in ({}, {"company_id": "one"}, {"status": "running"}, {"limit": 1}):
        counts = system.get("/api/jobs", tenant_id="lists", **filters)["counts"]
        assert counts == {"pending": 0, "running": 0, "complete": len(jobs) - 1, "failed": 1,
                          "cancelled": 0}
    everyone = system.get("/api/jobs", limit=1)["counts"]
    assert everyone["complete"] >= len(jobs) - 1 and everyone["failed"] >= 1
    nobody = system.get("/api/jobs", tenant_id="list")["counts"]
    assert set(nobody.values()) == {0}


def test_list_of_another_tenant_is_empty(system, jobs):
    assert jobs and pages(system, "/api/jobs", tenant_id="list") == []


@pytest.mark.parametrize("query", ({"limit": 0}, {"limit": 1001}, {"limit": "many"},
                                   {"cursor": "no such cursor"}, {"status": "sleeping"},
                                   {"tenant_id": "../etc"}))
def test_list_refuses_what_it_does_not_understand(system, query):
    with pytest.raises(Refused) as refused:
        system.get("/api/jobs", **query)
    assert refused.value.status in (400, 422)
    assert refused.value.problem["errors"][0]["loc"] == ["query", next(iter(query))]


def test_transactions_are_paged_and_filtered(system):
    statement = Statement(250, seed=9)
    job = system.upload(statement.bytes(), tenant="lists", company="filter")
    system.complete(job)
    where = {"tenant_id": "lists", "company_id": "filter"}
    everything = pages(system, "/api/transactions", **where, limit=33)
    assert len({item["id"] for item in everything}) == len(everything) == statement.good()
    found = pages(system, "/api/transactions", **where, q="humbdro", limit=50)
    wanted = [i for i in statement.places()
              if "HUMBDRO" in statement.row(i)[1] and not statement.is_rejected(i)]
    assert len(found) == len(wanted)
    review = pages(system, "/api/transactions", **where, status="needs_review")
    done = pages(system, "/api/transactions", **where, status="categorized")
    assert len(review) + len(done) == len(everything)
    assert len(pages(system, "/api/transactions", **where, job_id=job)) == len(everything)
    assert pages(system, "/api/transactions", **where, to="2015-12-31") == []


def test_entries_are_balanced_and_paged(system):
    statement = Statement(120, seed=10)
    system.complete(system.upload(statement.bytes(), tenant="lists", company="entries"))
    entries = pages(system, "/api/journal-entries", tenant_id="lists", company_id="entries",
                    limit=25)
    assert len(entries) == statement.good()
    for entry in entries:
        sums = {}
        for line in entry["lines"]:
            sums[line["currency"]] = sums.get(line["currency"], 0) + float(line["amount"])
        assert all(abs(value) < 0.001 for value in sums.values()), entry


def test_balances_at_a_date_leave_out_what_came_later(system):
    statement = Statement(900, seed=11)  # three days of 300
    system.complete(system.upload(statement.bytes(), tenant="lists", company="at"))
    where = {"tenant_id": "lists", "company_id": "at"}
    early = system.get("/api/accounts/balances", **where, at="2016-01-01")
    assert early["totals"] != system.get("/api/accounts/balances", **where)["totals"]
    assert system.get("/api/accounts/balances", **where, at="2015-01-01")["items"] == []


MONTHS = b"""Date,Description,Amount
2024-11-30,QUORVEX 1,-10.00
2025-01-01,QUORVEX 2,-1.25
2025-01-31,QUORVEX 3,-2.50
2025-02-01,ZYTHRAL,-4.00
2025-02-01,QUORVEX 4,0.75
2025-12-31,VLIXTAR,100.00
"""


def months(system, company, **params):
    answer = system.get("/api/accounts/monthly", tenant_id="lists", company_id=company, **params)
    return answer, {(item["month"], item["account"]): item["amount"] for item in answer["items"]}


def test_months_tell_what_each_account_gained(system):
    """By hand; and a correction moves its month's sum from one account to the other."""
    assert months(system, "nobody")[0] == {"from": None, "to": None, "items": []}
    system.complete(system.upload(MONTHS, tenant="lists", company="months"))
    answer, sums = months(system, "months")
    assert (answer["from"], answer["to"]) == ("2025-01-01", "2025-12-31")
    waits = "Expenses:Uncategorised"
    assert sums == {
        ("2025-01", waits): "3.75", ("2025-01", "Assets:Bank:Checking"): "-3.75",
        ("2025-02", waits): "4.00", ("2025-02", "Income:Uncategorised"): "-0.75",
        ("2025-02", "Assets:Bank:Checking"): "-3.25",
        ("2025-12", "Income:Uncategorised"): "-100.00",
        ("2025-12", "Assets:Bank:Checking"): "100.00"}
    assert months(system, "months", account="Expenses", to="2025-01-15")[1] == {
        ("2024-11", waits): "10.00", ("2025-01", waits): "1.25"}
    assert months(system, "months", account="Expens")[1] == {}
    assert months(system, "months", account="Expenses", to="2025-01-15", months=2)[1] == {
        ("2025-01", waits): "1.25"}
    assert months(system, "months", currency="EUR")[1] == {}
    system.post("/api/transactions/categorize", 200, json={
        "tenant_id": "lists", "company_id": "months", "merchant": "zythral",
        "account": "Expenses:Food:Groceries"})
    assert months(system, "months", account="Expenses", **{"from": "2025-02-01"})[1] == {
        ("2025-02", "Expenses:Food:Groceries"): "4.00"}


def test_months_of_more_than_ten_years_are_refused(system):
    with pytest.raises(Refused) as refused:
        months(system, "months", **{"from": "2000-01-01", "to": "2010-01-01"})
    assert refused.value.status == 422
    assert refused.value.problem["errors"][0]["loc"] == ["query", "from"]
    months(system, "months", **{"from": "2000-02-01", "to": "2010-01-01"})


def test_a_groups_transactions_are_those_that_its_answer_would_change(system):
    where = {"tenant_id": "lists", "company_id": "group"}
    system.complete(system.upload(MONTHS, tenant="lists", company="group"))
    groups = system.get("/api/transactions", **where, status="needs_review",
                        group="merchant")["items"]
    for group in groups:
        filters = {name: group[name] for name in ("merchant", "direction", "currency")}
        items = pages(system, "/api/transactions", **where, **filters, status="needs_review",
                      limit=1)
        assert len(items) == group["count"]
        changed = system.post("/api/transactions/categorize", 200, json={
            **where, **filters, "account": "Expenses:Food:Groceries"})["changed"]
        assert changed == group["count"]
        assert not pages(system, "/api/transactions", **where, **filters, status="needs_review")
    assert {(group["merchant"], group["direction"]): group["count"] for group in groups} == {
        ("quorvex", "out"): 3, ("quorvex", "in"): 1, ("zythral", "out"): 1, ("vlixtar", "in"): 1}


def test_entries_of_one_transaction_are_its_whole_story(system):
    where = {"tenant_id": "lists", "company_id": "story"}
    job = system.upload(MONTHS, tenant="lists", company="story")
    system.complete(job)
    item = system.get("/api/transactions", **where, q="zythral")["items"][0]
    system.post(f"/api/transactions/{item['id']}/categorize", 200, json={
        **where, "account": "Expenses:Food:Groceries"})
    trail = pages(system, "/api/journal-entries", **where, transaction_id=item["id"], limit=2)
    assert [entry["transaction_id"] for entry in trail] == [item["id"]] * 3
    assert trail[1]["reverses"] == trail[2]["id"] and trail[2]["reversed_by"] == trail[1]["id"]
    one = pages(system, "/api/transactions", **where, transaction_id=item["id"])
    assert [(row["id"], row["account"]) for row in one] == [(item["id"], "Expenses:Food:Groceries")]
    assert not pages(system, "/api/transactions", **where, transaction_id=item["id"],
                     to="2025-01-31")
    assert not pages(system, "/api/journal-entries", **where, transaction_id="99999")
    found = pages(system, "/api/journal-entries", **where, q="quorvex")
    assert len(found) == 4
    system.post(f"/api/jobs/{job}/undo", 200, json=where)
    gone = pages(system, "/api/journal-entries", **where, transaction_id=item["id"])
    assert len(gone) == 4 and gone[0]["reverses"] == trail[0]["id"]


def test_companies_are_those_with_books_by_name(system):
    for tenant, company in (("shelf", "b"), ("shelf", "a-1"), ("shelf2", "c")):
        system.complete(system.upload(MONTHS, tenant=tenant, company=company))
    assert [item["company_id"] for item in pages(system, "/api/companies", tenant_id="shelf")] == [
        "a-1", "b"]
    assert pages(system, "/api/companies", tenant_id="none") == []
    every = [(item["tenant_id"], item["company_id"])
             for item in pages(system, "/api/companies", limit=1)]
    assert every == sorted(set(every))
    assert {("shelf", "a-1"), ("shelf", "b"), ("shelf2", "c")} <= set(every)


@pytest.mark.parametrize(("path", "name", "value"), (
    ("/api/companies", "cursor", "../etc"), ("/api/companies", "cursor", "a/"),
    ("/api/companies", "tenant_id", "../etc"), ("/api/transactions", "direction", "up"),
    ("/api/transactions", "transaction_id", "0"), ("/api/journal-entries", "transaction_id", "x"),
    ("/api/accounts/monthly", "from", "2025-02-30"), ("/api/accounts/monthly", "months", "121"), ("/api/accounts/monthly", "currency", "??")))
def test_books_refuse_what_they_do_not_understand(system, path, name, value):
    where = {} if path == "/api/companies" else {"tenant_id": "lists", "company_id": "months"}
    with pytest.raises(Refused) as refused:
        system.get(path, **where, **{name: value})
    assert refused.value.status == 422
    assert refused.value.problem["errors"][0]["loc"] == ["query", name]
