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
