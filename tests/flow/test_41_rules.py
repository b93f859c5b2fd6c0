"""Rules and the chart of accounts over the API: what is wrong has a place, what holds has a why."""
import pytest

from daybook import Refused


def put(system, company, path="/api/rules", **body):
    response = system.call("PUT", path, params={"tenant_id": "t1", "company_id": company},
                           json=body)
    if response.status_code != 200:
        raise Refused(response)
    return response.json()


def get(system, company, path="/api/rules"):
    return system.get(path, tenant_id="t1", company_id=company)


def decide(system, company, *descriptions, **body):
    return system.post("/api/rules/test", 200, params={"tenant_id": "t1", "company_id": company},
                       json={"descriptions": descriptions, **body})["items"]


def test_every_fault_of_a_text_has_its_line_and_place(system):
    text = '''rule One if description contains "a b" then account Expenses:Nowhere
rule Two
    if description containz "x"
    then account Expenses:Gifts
rule Three if description matches /(a+)+b/ then account Expenses:Gifts
rule Four if amount -5 then account Expenses:Gifts
rule One if description has word "z" then account Expenses:Gifts
rule Five if month 13 then account Expenses:Gifts
rule Six if description contains "ä" then account lower:case
rule Seven if description contains "never ends
'''
    with pytest.raises(Refused) as refused:
        put(system, "faults", rules=text)
    assert refused.value.status == 422
    places = [tuple(error["loc"][1:]) for error in refused.value.problem["errors"]]
    lines = [place[1] for place in places]
    assert lines == [1, 3, 5, 6, 7, 8, 9, 10], refused.value.problem["errors"]
    assert ("rules", 1, 53) in places and ("rules", 3, 20) in places
    assert ("rules", 9, 51) in places  # in characters, not bytes
    assert get(system, "faults")["rules"] == ""


def test_rules_are_replaced_whole_and_known_by_version(system):
    first = put(system, "whole", rules='rule A if description contains "q" then transfer\n')
    assert get(system, "whole") == first
    second = put(system, "whole", version=first["version"],
                 rules='rule B if description contains "q" then account Expenses:Gifts\n')
    with pytest.raises(Refused) as refused:
        put(system, "whole", version=first["version"], rules="")
    assert refused.value.status == 409
    assert get(system, "whole") == second
    assert decide(system, "whole", "q")[0]["decided_by"] == f"rule:B@{second['version']}"


def test_what_would_match_is_explained(system):
    rules = '''rule Low priority -1 if description contains "quorvex" then account Expenses:Gifts
rule High if description has word "nothing", "quorvex" if amount 5 to 10
    if weekday sat if not currency EUR then account Expenses:Pets
rule Leave priority 9 if description contains "unclear" then skip
'''
    items = decide(system, "why", {"description": "QUORVEX 12", "amount": "-7.50",
                                   "date": "2026-11-28"},
                   {"description": "QUORVEX 12", "amount": "-7.50", "date": "2026-11-27"},
                   "quorvex unclear", "nobody knows this", rules=rules)
    assert [item["account"] for item in items] == [
        "Expenses:Pets", "Expenses:Gifts", "Expenses:Uncategorised", None]
    matches = items[0]["why"]["matches"]
    assert [(match["rule"], match["decides"]) for match in matches] == [("High", True),
                                                                       ("Low", False)]
    assert matches[0]["because"] == ['description has word "quorvex"', "amount 5.00 to 10.00",
                                     "weekday", "not currency EUR"]
    assert get(system, "why")["rules"] == ""
    with pytest.raises(Refused) as refused:
        decide(system, "why", "x", rules="rule")
    assert refused.value.status == 422


def test_a_row_to_be_tried_is_read_as_it_is_meant_or_refused(system):
    good = {"description": "x", "amount": "+1.5", "currency": "EUR", "date": "2026-02-28",
            "account": "Assets:銀行"}
    assert len(decide(system, "rows", good, "x")) == 2
    bad = [{**good, key: value} for key, value in (
        ("amount", "1,5"), ("amount", -5), ("amount", ""), ("amount", "1.2.3"),
        ("amount", "9" * 16),
        ("currency", "EURO"), ("currency", "eur"), ("date", "28.02.2026"), ("date", None),
        ("account", "Bank"))]
    for item in bad:
        with pytest.raises(Refused) as refused:
            decide(system, "rows", good, item)
        assert refused.value.status == 422
        assert refused.value.problem["errors"][0]["loc"] == ["body", "descriptions", 2], item


def test_the_chart_is_whole_typed_and_what_rules_name_cannot_go(system):
    chart = get(system, "chart", "/api/accounts")
    names = {account["name"]: account for account in chart["accounts"]}
    assert names["Expenses:Food:Groceries"]["type"] == "expense"
    assert {"Expenses:Uncategorised", "Income:Uncategorised"} <= set(names)
    put(system, "chart", rules='rule A if description contains "q" then account Expenses:Gifts\n')
    with pytest.raises(Refused) as refused:
        put(system, "chart", "/api/accounts", accounts=["Expenses:Other"])
    assert refused.value.status == 422
    assert refused.value.problem["errors"][0]["loc"][:3] == ["body", "rules", 1]
    with pytest.raises(Refused) as refused:
        put(system, "chart", "/api/accounts", accounts=["Expenses:Gifts", "wrong"])
    assert refused.value.problem["errors"][0]["loc"] == ["body", "accounts", 2]
    with pytest.raises(Refused) as refused:
        put(system, "chart", "/api/accounts", text=(
            "Expenses:Gifts\n\nExpense:Fun\n  Expenses:日 本\nExpenses:Gifts ; again\n"
            + "Expenses:" + "日" * 70 + "\n"))
    assert [error["loc"] for error in refused.value.problem["errors"]] == [
        ["body", "text", 3, 1], ["body", "text", 4, 3], ["body", "text", 5, 1],
        ["body", "text", 6, 1]]
    with pytest.raises(Refused) as refused:
        put(system, "chart", "/api/accounts", accounts=[
            {"name": "Expenses:A\nExpenses:B"}, {"name": "Expenses:C", "note": "two\nlines"},
            "wrong"])
    assert [error["loc"][2] for error in refused.value.problem["errors"]] == [1, 3]
    for nothing in (5, None, {}, "", "# a comment", {"name": "Expenses:A", "currency": 5}):
        with pytest.raises(Refused) as refused:
            put(system, "chart", "/api/accounts", accounts=["Expenses:Gifts", nothing])
        assert refused.value.problem["errors"][0]["loc"] == ["body", "accounts", 2], nothing
    with pytest.raises(Refused) as refused:
        put(system, "chart", "/api/accounts", accounts=["Expenses:Gifts"], version="000000000000")
    assert refused.value.status == 409
    reply = put(system, "chart", "/api/accounts", accounts=[
        {"name": "Expenses:Gifts", "note": "flowers"}, {"name": "Assets:Bank:Euro",
                                                        "currency": "EUR"}])
    assert reply == get(system, "chart", "/api/accounts")
    assert reply["accounts"][1] == {"name": "Assets:Bank:Euro", "type": "asset",
                                    "currency": "EUR", "note": ""}


def test_a_chart_that_could_not_be_told_is_not_saved(system):
    put(system, "large", "/api/accounts", accounts=["Expenses:Gifts"])
    with pytest.raises(Refused) as refused:
        put(system, "large", "/api/accounts",
            text="\n".join(f"Expenses:A{i}" for i in range(4000)))
    assert refused.value.status == 413
    assert len(get(system, "large", "/api/accounts")["accounts"]) == 3
    least = 'rule A if description contains "x" then account Expenses:Gifts\n'
    with pytest.raises(Refused) as refused:
        put(system, "large", rules=least + "#" * (131000 - len(least)))
    assert refused.value.problem["code"] == "answer-too-large"
    assert get(system, "large")["rules"] == ""


def test_a_statement_is_in_the_currency_of_its_account(system):
    put(system, "euro", "/api/accounts", text="Assets:Bank:Euro EUR\nAssets:Bank:Any\n")
    content = b"Date,Description,Amount\n2026-03-01,QUORVEX,-10.00\n"

    def bring(**fields):
        return system.poll(system.upload(content, company="euro", **fields))

    record = bring(account="Assets:Bank:Euro", currency="USD")
    assert (record["status"], record["error"]["code"]) == ("failed", "account-currency")
    assert "EUR" not in record["error"]["hint"] and "USD" in record["error"]["message"]
    assert bring(account="Assets:Bank:Euro", currency="EUR")["status"] == "complete"
    assert bring(account="Assets:Bank:Any", currency="USD")["status"] == "complete"
    assert bring(account="Assets:Bank:Other", currency="USD")["status"] == "complete"
    column = b"Date,Description,Amount,Currency\n2026-03-02,QUORVEX,-10.00,USD\n"
    job = system.upload(column, company="euro", account="Assets:Bank:Euro")
    assert system.poll(job)["status"] == "complete"
    assert system.one("SELECT count(*) FROM transactions", company="euro") == 4
