"""categorize: new rules for old transactions; each rebooked once, by reversal and new entry."""
import threading

from statements import BANK, CHART, Statement, recount

FEW = 'rule Quorvex if description contains "quorvex" then account Expenses:Quorvex\n'
NEW = ('rule Humbdro if description contains "humbdro" then account Expenses:Quorvex\n'
       'rule Vlixtar if description contains "vlixtar" then account Income:Payquant\n')


def rows_of(statement, *names):
    return [i for i in statement.places()
            if not statement.is_rejected(i) and statement.row(i)[1].split()[0] in names]


def with_few_rules(system, statement, company):
    system.set_chart(CHART, company=company)
    system.set_rules(FEW, company=company)
    return system.complete(system.upload(statement.bytes(), company=company))


def expected(statement):
    """By hand: every QUORVEX and HUMBDRO row to one account, VLIXTAR to the income account."""
    merchants = {"QUORVEX": "Expenses:Quorvex", "HUMBDRO": "Expenses:Quorvex",
                 "VLIXTAR": "Income:Payquant"}
    sums = {}
    for i in statement.places():
        if statement.is_rejected(i):
            continue
        _, description, minor, _ = statement.row(i)
        other = merchants.get(description.split()[0],
                              "Income:Uncategorised" if minor > 0 else "Expenses:Uncategorised")
        for account, value in ((BANK, minor), (other, -minor)):
            sums[account] = sums.get(account, 0) + value
    return sums


def net(balance):
    return {account: debit - credit for account, (debit, credit) in balance.items()
            if debit != credit}


def test_new_rules_rebook_every_row_once_with_two_jobs_at_once(system):
    statement = Statement(3000, seed=5)
    with_few_rules(system, statement, "both")
    entries = system.one("SELECT count(*) FROM entries", company="both")
    assert entries == statement.good()
    system.set_rules(FEW + NEW, company="both")
    jobs, barrier = [], threading.Barrier(2)

    def post():
        barrier.wait()
        jobs.append(system.categorize("t1", "both", 1000000))

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results = [system.complete(job)["result"] for job in jobs]
    changed = len(rows_of(statement, "HUMBDRO", "VLIXTAR"))
    assert sum(result["journal_entries_created"] for result in results) == changed, results
    # each of them has its reversal and its new entry, and no other row has any
    assert system.one("SELECT count(*) FROM entries", company="both") == entries + 2 * changed
    assert net(system.trial_balance(company="both")) == expected(statement)


def test_books_show_reversal_and_new_entry(system):
    statement = Statement(60, seed=6)
    with_few_rules(system, statement, "trail")
    system.set_rules(FEW + NEW, company="trail")
    system.complete(system.categorize("t1", "trail", 1000))
    changed = rows_of(statement, "HUMBDRO", "VLIXTAR")
    entries = system.get("/api/journal-entries", tenant_id="t1", company_id="trail",
                         limit=1000)["items"]
    assert len(entries) == statement.good() + 2 * len(changed)
    books = system.books(company="trail")
    counts = [row[0] for row in books.execute("SELECT count(*) FROM entries GROUP BY txn")]
    assert sorted(counts) == sorted([3] * len(changed) + [1] * (statement.good() - len(changed)))
    reversals = books.execute("SELECT count(*) FROM entries a JOIN entries b ON a.reverses = b.id"
                              " WHERE a.debit = b.credit AND a.credit = b.debit"
                              " AND a.amount = b.amount").fetchone()[0]
    assert reversals == len(changed)
    books.close()


def test_limit_is_kept_and_the_rest_comes_later(system):
    statement = Statement(700, seed=7)
    with_few_rules(system, statement, "limit")
    system.set_rules(FEW + NEW, company="limit")
    waiting = len(rows_of(statement, "HUMBDRO", "VLIXTAR", "ZYTHRAL", "BRILMOR", "PAYQUANT"))
    changed = len(rows_of(statement, "HUMBDRO", "VLIXTAR"))
    first = system.complete(system.categorize("t1", "limit", 100))
    assert 0 < first["result"]["journal_entries_created"] <= 100 < waiting
    assert first["stages"][0]["total"] == 100
    system.complete(system.categorize("t1", "limit", 1000000))
    assert net(system.trial_balance(company="limit")) == expected(statement)
    assert system.one("SELECT count(*) FROM entries", company="limit") == \
        statement.good() + 2 * changed
    nothing = system.complete(system.categorize("t1", "limit", 1000000))
    assert nothing["result"]["journal_entries_created"] == 0


def test_a_job_keeps_the_rules_that_it_started_with(daybook):
    """Rules changed while a job runs do not touch it: one half would be booked by others."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:60"})
    statement = Statement(5000, seed=8)
    system.set_chart(CHART)
    system.set_rules(FEW)
    job = system.upload(statement.bytes())
    system.poll(job, until=lambda record: record["stages"][3]["done"] >= 500)
    system.set_rules(FEW + NEW)
    system.complete(job)
    quorvex = sum(abs(statement.row(i)[2]) for i in rows_of(statement, "QUORVEX"))
    balance = system.trial_balance()
    assert balance["Expenses:Quorvex"] == (quorvex, 0)
    assert "Income:Payquant" not in balance


def test_corrections_in_between_are_left_alone_and_counted(daybook):
    """Two runs at once and a person: each transaction is decided by one of them, and every other
    sees that it was."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:40"})
    statement = Statement(4000, seed=9)
    system.set_chart(CHART)
    system.set_rules(FEW)
    system.complete(system.upload(statement.bytes()))
    waiting = system.get("/api/transactions", tenant_id="t1", company_id="acme",
                         status="needs_review", q="HUMBDRO", limit=20)["items"]
    assert len(waiting) == 20
    system.set_rules(FEW + NEW)
    jobs = [system.categorize("t1", "acme", 1000000) for _ in range(2)]
    system.poll(jobs[0], until=lambda record: record["status"] != "pending")
    corrected = 0
    for item in waiting:  # the newest, which the runs come to last
        response = system.call("POST", f"/api/transactions/{item['id']}/categorize", json={
            "tenant_id": "t1", "company_id": "acme", "account": "Expenses:Zythral",
            "entry_id": item["entry_id"]})
        assert response.status_code in (200, 409), response.text
        corrected += response.status_code == 200
    results = [system.complete(job)["result"] for job in jobs]
    changed = len(rows_of(statement, "HUMBDRO", "VLIXTAR"))
    created = sum(result["journal_entries_created"] for result in results)
    assert corrected > 0 and created == changed - corrected, (results, corrected)
    assert sum(result["changed_meanwhile"] for result in results) >= corrected
    people = system.one("SELECT count(*) FROM live l JOIN entries e ON e.id = l.entry "
                        "JOIN deciders d ON d.id = e.decider WHERE d.source = 4")
    assert people == corrected


def test_categorize_of_books_that_are_not_there(system):
    record = system.complete(system.categorize("t1", "nobody", 100))
    assert record["result"]["journal_entries_created"] == 0
    assert recount() == {}
