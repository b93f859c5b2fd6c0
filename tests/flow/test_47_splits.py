"""Payees, tags and splits all the way: from a rule's text to entries, exports and back."""
import csv
import io
import sqlite3

import pytest

from daybook import Refused, minor, verify
from test_43_export import check, export, saved, tool

RULES = """
rule Office
    if any (description has word "paperclip" or all (description contains "desk" amount > 100))
    then account Expenses:Office
    then split 20% included Liabilities:Taxes
    then split 1.50 Expenses:Fees
    then payee "Paper & Clip"
    then tag project:alpha
    then tag "trip:New York"
    then tag shared
rule Sale
    if description has word "invoice"
    then account Income:Sales
    then split 20% included Liabilities:Taxes
"""
CHART = ("Expenses:Office\nExpenses:Fees\nLiabilities:Taxes\nIncome:Sales\nExpenses:Gifts\n"
         "Assets:Transfers\n")
FILE = b"""Date,Description,Amount
2026-03-01,PAPERCLIP 1,-121.50
2026-03-02,DESK,-100.00
2026-03-03,DESK,-100.01
2026-03-04,INVOICE 7,119.99
2026-03-05,PAPERCLIP 2,-1.49
2026-03-06,PAPERCLIP 3,-1.50
"""


def who(company):
    return {"tenant_id": "t1", "company_id": company}


def bring(system, company, content=FILE, account="Assets:Bank:Checking"):
    system.set_rules(RULES, company=company)
    system.set_chart(CHART, company=company)
    job = system.upload(content, company=company, account=account, profile='{"sign": "amount"}')
    return job, system.complete(job)


def items(system, company, **more):
    found = system.get("/api/transactions", **who(company), **more)["items"]
    for item in found:
        if item["splits"]:
            assert sum(minor(part["amount"]) for part in item["splits"]) == minor(item["amount"])
            assert item["splits"][0]["account"] == item["account"]
    return {item["description"]: item for item in found}


def parts(item):
    return {part["account"]: part["amount"] for part in item["splits"]}


def balances(system, company):
    return {name: debit - credit
            for name, (debit, credit) in system.trial_balance(company=company).items()
            if debit != credit}


ALL = {"Expenses:Office": 9975 + 8184, "Expenses:Fees": 150 + 150 + 150,
       "Liabilities:Taxes": 2025 + 1667 - 2000, "Income:Sales": -9999,
       "Expenses:Uncategorised": 10149, "Assets:Bank:Checking": -32450 + 11999}


def test_a_split_is_exact_and_stands_everywhere(system):
    _, record = bring(system, "split")
    assert record["result"]["by_rules"] == 4
    found = items(system, "split")
    assert parts(found["PAPERCLIP 1"]) == {
        "Expenses:Office": "-99.75", "Liabilities:Taxes": "-20.25", "Expenses:Fees": "-1.50"}
    assert parts(found["INVOICE 7"]) == {"Income:Sales": "99.99", "Liabilities:Taxes": "20.00"}
    assert found["PAPERCLIP 1"]["payee"] == "Paper & Clip"
    assert found["PAPERCLIP 1"]["tags"] == ["project:alpha", "trip:New York", "shared"]
    # an amount that its fixed part does not fit into is not the rule's
    assert found["PAPERCLIP 2"]["account"] == "Expenses:Uncategorised"
    assert (found["PAPERCLIP 2"]["payee"], found["PAPERCLIP 2"]["splits"]) == (None, [])
    # a tax of 0.25 and a fee of 1.50 of 1.50: what is left
    assert parts(found["PAPERCLIP 3"]) == {
        "Expenses:Office": "0.00", "Liabilities:Taxes": "-0.25", "Expenses:Fees": "-1.25"}
    assert set(items(system, "split", account="Liabilities:Taxes")) == {
        "PAPERCLIP 1", "PAPERCLIP 3", "DESK", "INVOICE 7"}
    entries = system.get("/api/journal-entries", **who("split"))["items"]
    for entry in entries:
        assert sum(minor(line["amount"]) for line in entry["lines"]) == 0
    assert max(len(entry["lines"]) for entry in entries) == 4
    books = system.books(company="split")
    assert books.execute("SELECT sum(amount) FROM lines").fetchone()[0] == 0
    assert {row[0]: row[1] for row in books.execute(
        "SELECT account, balance FROM trial_balance WHERE balance <> 0")} == \
        balances(system, "split")
    books.close()


def test_exports_have_parts_payee_and_tags(system):
    bring(system, "out")
    check(system, "out")
    text = export(system, "out", "hledger").text
    assert "Paper & Clip | PAPERCLIP 1" in text and "; trip: New York" in text
    path = saved(system, "out", "hledger")
    assert tool("hledger", "-f", path, "bal", "tag:project=alpha", "Office", "-N").split()[0] == \
        "181.59"
    assert "Paper & Clip" in tool("hledger", "-f", path, "payees")
    path = saved(system, "out", "ledger")
    assert "Paper & Clip" in tool("ledger", "-f", path, "payees")
    assert "181.59" in tool("ledger", "-f", path, "bal", "Office", "--limit", "has_tag(/shared/)")
    text = export(system, "out", "beancount").text
    assert '"Paper & Clip" "PAPERCLIP 1" #shared' in text and 'trip: "New York"' in text
    rows = list(csv.DictReader(io.StringIO(export(system, "out", "csv").text)))
    assert rows[0]["payee"] == "Paper & Clip"
    assert rows[0]["tags"].split("\n") == ["project:alpha", "trip:New York", "shared"]
    assert rows[0]["parts"] == "Liabilities:Taxes 20.25 USD\nExpenses:Fees 1.50 USD\n"


def test_a_correction_and_its_undo_take_the_parts_along(system):
    job, _ = bring(system, "back")
    before = balances(system, "back")
    item = items(system, "back")["PAPERCLIP 1"]
    reply = system.post(f"/api/transactions/{item['id']}/categorize", 200, json={
        **who("back"), "account": "Expenses:Gifts", "entry_id": item["entry_id"]})
    assert reply["transaction"]["splits"] == []
    assert reply["transaction"]["payee"] == "Paper & Clip"  # who it was has not changed
    after = balances(system, "back")
    assert after["Expenses:Gifts"] == 12150
    assert after["Liabilities:Taxes"] == before["Liabilities:Taxes"] - 2025
    system.post(f"/api/answers/{reply['answer_id']}/undo", 200, json=who("back"))
    assert balances(system, "back") == before
    assert parts(items(system, "back")["PAPERCLIP 1"]) == parts(item)
    bring(system, "back")  # the same file once more: duplicates
    again, _ = bring(system, "back", b"Date,Description,Amount\n2026-03-01,PAPERCLIP 1,-121.50\n")
    system.post(f"/api/jobs/{again}/duplicates", 200, json={"lines": [2]})
    assert balances(system, "back")["Liabilities:Taxes"] == before["Liabilities:Taxes"] + 2025
    check(system, "back")
    for one in system.get("/api/imports", **who("back"))["items"]:
        system.post(f"/api/jobs/{one['job_id']}/undo", 200, params=who("back"))
    assert balances(system, "back") == {}
    assert job


def test_categorize_splits_what_waited(system):
    content = b"Date,Description,Amount\n2026-03-01,PAPERCLIP 1,-121.50\n"
    job = system.upload(content, company="late", profile='{"sign": "amount"}')
    system.complete(job)
    system.set_rules(RULES, company="late")
    system.set_chart(CHART, company="late")
    result = system.complete(system.categorize("t1", "late", 100))["result"]
    assert (result["journal_entries_created"], result["warnings"]) == (1, [])
    assert parts(items(system, "late")["PAPERCLIP 1"])["Liabilities:Taxes"] == "-20.25"


def test_the_books_refuse_changed_parts(system):
    bring(system, "hard")
    path = system.data / "books/t1/hard.db"
    books = sqlite3.connect(path, timeout=20)
    entry, account = books.execute("SELECT entry, debit FROM parts LIMIT 1").fetchone()
    for statement in ("UPDATE parts SET amount = 1", "DELETE FROM parts",
                      f"INSERT INTO parts SELECT {entry}, 99, debit, credit, 1 FROM parts "
                      f"WHERE entry = {entry} LIMIT 1",
                      f"INSERT INTO parts VALUES (1000000, 1, {account}, 1, 1)"):
        with pytest.raises(sqlite3.IntegrityError):
            books.execute(statement)
        books.rollback()
    books.close()


def test_faults_of_actions_have_their_place(system):
    text = """rule A if description contains "x"
    then account Expenses:Gifts
    then split 20% Expenses:Nowhere
rule B if any (amount 1 or description contains "y" then account Expenses:Gifts
rule C if amount 1 then account Expenses:Gifts
    then tag Bad
"""
    response = system.call("PUT", "/api/rules", params=who("faults47"), json={"rules": text})
    assert response.status_code == 422
    assert [error["loc"][2:] for error in response.json()["errors"]] == [[3, 20], [4, 53], [6, 14]]


def test_what_a_rule_gave_up_on_is_said(daybook):
    system = daybook()
    system.set_rules("\nrule Slow if description matches /(?=q)q([\\x{444}\\x{445}]+)+z/ "
                     "then account Expenses:Gifts\n")
    slow = "Q" + "ф" * 200 + "!z"
    content = f"Date,Description,Amount\n2026-03-01,x,-1.00\n2026-03-02,{slow},-1.00\n" \
              f"2026-03-03,{slow},-2.00\n"
    job = system.upload(content.encode(), currency="USD")
    warnings = system.complete(job)["result"]["warnings"]
    said = ("rule Slow (the company's rules, line 2): its regular expression took too long and "
            "counted as no match (2 rows")
    assert [text for text in warnings if text.startswith("rule")] == [
        f"{said}, first in line 3)"]
    warnings = system.complete(system.categorize("t1", "acme", 100))["result"]["warnings"]
    assert warnings == [f"{said})"]
    with pytest.raises(Refused):
        system.get("/api/transactions", **who("acme"), status="slow")
    system.stop()
    verify(system)
