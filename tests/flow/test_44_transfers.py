"""Money between own accounts and between currencies: booked once, through accounts in transit."""
import pytest

from daybook import Refused, minor, verify

ONE = b"""Date,Description,Amount
2026-03-02,ZORBLIX 1,-500.00
2026-03-05,ZORBLIX 2,-70.00
2026-03-09,ZORBLIX 3,-33.00
2026-03-10,ZORBLIX 4,-20.00
"""
OTHER = b"""Date,Description,Amount
2026-03-04,FLOMP A,500.00
2026-03-20,FLOMP B,70.00
2026-03-08,FLOMP C,33.00
2026-03-10,FLOMP D,33.00
2026-03-10,FLOMP E,20.01
"""
TRANSIT = "Assets:Transfers"


def bring(system, company, content, account):
    job = system.upload(content, company=company, account=account, profile='{"sign": "amount"}')
    return job, system.complete(job)["result"]


def both(system, company):
    _, first = bring(system, company, ONE, "Assets:Bank:One")
    job, second = bring(system, company, OTHER, "Assets:Bank:Other")
    assert first["needs_review"] == 4
    return job, second


def transfers(system, company):
    return system.get("/api/transfers", tenant_id="t1", company_id=company)["items"]


def accounts(system, company):
    items = system.get("/api/transactions", tenant_id="t1", company_id=company)["items"]
    return {item["description"]: item["account"] for item in items}


def undo(system, company, transfer, expect=200):
    return system.post(f"/api/transfers/{transfer}/undo", expect, params={
        "tenant_id": "t1", "company_id": company})


def test_opposite_amounts_of_two_files_are_one_transfer(system):
    _, result = both(system, "pair")
    found = transfers(system, "pair")
    # too late, two that could be meant, another amount: none of those
    assert [(pair["out"]["description"], pair["in"]["description"]) for pair in found] == [
        ("ZORBLIX 1", "FLOMP A")]
    assert (result["needs_review"], result["high_confidence"], result["je_created"]) == (4, 1, 5)
    known = accounts(system, "pair")
    assert (known["ZORBLIX 1"], known["FLOMP A"]) == (TRANSIT, TRANSIT)
    debit, credit = system.trial_balance(company="pair")[TRANSIT]
    assert debit == credit == 50000


def test_a_wrong_match_is_taken_apart_and_stays_apart(system):
    both(system, "apart")
    transfer = transfers(system, "apart")[0]["id"]
    assert undo(system, "apart", transfer) == {"transfer_id": transfer, "restored": 2}
    known = accounts(system, "apart")
    assert (known["ZORBLIX 1"], known["FLOMP A"]) == ("Expenses:Uncategorised",
                                                      "Income:Uncategorised")
    bring(system, "apart", b"Date,Description,Amount\n2026-04-01,X,-1.00\n", "Assets:Bank:One")
    assert transfers(system, "apart") == []
    for bad in (transfer, "99", "x"):
        with pytest.raises(Refused) as refused:
            undo(system, "apart", bad)
        assert refused.value.status == (409 if bad == transfer else 404)
    system.trial_balance(company="apart")


def test_a_person_decides_before_and_an_undone_import_parts_its_transfers(system):
    job, _ = both(system, "gone")
    system.post(f"/api/jobs/{job}/undo", 200)
    assert transfers(system, "gone") == []
    assert accounts(system, "gone")["ZORBLIX 1"] == "Expenses:Uncategorised"
    item = [item for item in system.get("/api/transactions", tenant_id="t1", company_id="gone")[
        "items"] if item["description"] == "ZORBLIX 1"][0]
    system.post(f"/api/transactions/{item['id']}/categorize", 200, json={
        "tenant_id": "t1", "company_id": "gone", "account": "Expenses:Gifts"})
    bring(system, "gone", OTHER, "Assets:Bank:Other")
    assert transfers(system, "gone") == []
    assert accounts(system, "gone")["ZORBLIX 1"] == "Expenses:Gifts"


def test_who_answers_one_side_takes_the_pair_apart(system):
    both(system, "sided")
    items = {item["description"]: item for item in system.get(
        "/api/transactions", tenant_id="t1", company_id="sided")["items"]}
    pair = transfers(system, "sided")[0]["id"]
    who = {"tenant_id": "t1", "company_id": "sided"}
    other = items["ZORBLIX 1"]
    reply = system.post(f"/api/transactions/{other['id']}/categorize", 200, json={
        **who, "account": "Expenses:Gifts", "entry_id": other["entry_id"]})
    assert reply["transfers_undone"] == [pair]
    assert transfers(system, "sided") == []
    known = accounts(system, "sided")
    assert known["ZORBLIX 1"] == "Expenses:Gifts" and known["FLOMP A"] == "Income:Uncategorised"
    assert len(set(system.trial_balance(company="sided")[TRANSIT])) == 1
    with pytest.raises(Refused) as refused:
        undo(system, "sided", pair)
    assert refused.value.status == 409
    back = system.post(f"/api/answers/{reply['answer_id']}/undo", 200, json=who)
    assert back["restored"] == 1 and back["transfers_restored"] == [pair]
    known = accounts(system, "sided")
    assert known["ZORBLIX 1"] == known["FLOMP A"] == TRANSIT
    assert [found["id"] for found in transfers(system, "sided")] == [pair]


def test_who_confirms_one_side_keeps_the_pair(system):
    both(system, "kept")
    item = transfers(system, "kept")[0]["in"]
    reply = system.post(f"/api/transactions/{item['id']}/categorize", 200, json={
        "tenant_id": "t1", "company_id": "kept", "account": TRANSIT})
    assert reply["transfers_undone"] == []
    assert accounts(system, "kept")["ZORBLIX 1"] == TRANSIT


def test_a_duplicate_that_is_kept_is_no_side_of_a_transfer(system):
    both(system, "twice")
    again, _ = bring(system, "twice", OTHER, "Assets:Bank:Other")
    txn, = system.post(f"/api/jobs/{again}/duplicates", 200, json={"lines": [2]})["transactions"]
    kept = [item for item in system.get("/api/transactions", tenant_id="t1", company_id="twice")[
        "items"] if item["id"] == txn][0]
    assert kept["account"] == "Income:Uncategorised" and kept["status"] == "needs_review"
    assert len(set(system.trial_balance(company="twice")[TRANSIT])) == 1
    verify(system)


LEGS = b"""Date,Description,Amount,Currency
2026-03-01,UMTAUSCH ZORB,-100.00,EUR
2026-03-01,UMTAUSCH ZORB,108.00,USD
2026-03-01,EXCHANGED TO BRIL,-10.00,EUR
2026-03-01,EXCHANGED TO BRIL,10.80,USD
2026-03-02,ZORBLIX MARKET,-20.00,EUR
2026-03-02,ZORBLIX MARKET,21.00,USD
2026-03-03,UMTAUSCH FLOMP,-1.00,EUR
2026-03-03,UMTAUSCH FLOMP,1.00,USD
2026-03-03,UMTAUSCH FLOMP,2.00,USD
2026-03-04,UMTAUSCH QUX,-1.00,EUR
2026-03-05,UMTAUSCH QUX,1.00,USD
"""


def test_the_legs_of_an_exchange_meet_in_conversion(system):
    bring(system, "legs", LEGS, "Assets:Bank:One")
    pairs = transfers(system, "legs")
    # a shop, two that could be meant, another day: none of those
    assert [(pair["out"]["amount"], pair["in"]["amount"], pair["out"]["account"])
            for pair in pairs] == [("-10.00", "10.80", "Equity:Conversion"),  # by a rule already
                                   ("-100.00", "108.00", "Equity:Conversion")]
    answer = system.get("/api/accounts/balances", tenant_id="t1", company_id="legs")
    held = {(item["account"], item["currency"]): item["balance"] for item in answer["items"]}
    assert held["Equity:Conversion", "EUR"] == "110.00"
    assert held["Equity:Conversion", "USD"] == "-118.80"
    assert undo(system, "legs", pairs[1]["id"])["restored"] == 2
    assert undo(system, "legs", pairs[0]["id"])["restored"] == 0  # it stays where its rule put it
    known = accounts(system, "legs")
    assert [text for text in known if known[text] == "Equity:Conversion"] == ["EXCHANGED TO BRIL"]
    bring(system, "legs", LEGS, "Assets:Bank:One")
    assert transfers(system, "legs") == []  # it stays apart


def test_currencies_balance_each_by_itself_and_meet_in_conversion(system):
    content = (b"Date,Description,Amount,Currency\n2026-03-01,CURRENCY EXCHANGE 77,-100.00,EUR\n"
               b"2026-03-01,CURRENCY EXCHANGE 77,108.00,USD\n2026-03-02,QUORVEX,-5,JPY\n")
    system.call("PUT", "/api/rules", params={"tenant_id": "t1", "company_id": "money"}, json={
        "rules": 'rule Exchange if description contains "currency exchange" '
                 "then account Equity:Conversion\n"}).raise_for_status()
    bring(system, "money", content, "Assets:Bank:One")
    answer = system.get("/api/accounts/balances", tenant_id="t1", company_id="money")
    for total in answer["totals"]:
        assert total["debit"] == total["credit"]
    held = {(item["account"], item["currency"]): item["balance"] for item in answer["items"]}
    assert minor(held["Equity:Conversion", "EUR"]) == 10000
    assert minor(held["Equity:Conversion", "USD"]) == -10800
    assert held["Assets:Bank:One", "JPY"] == "-5"


def test_an_account_of_one_currency_takes_no_other(system):
    system.set_chart("Expenses:Gifts\nExpenses:Pets EUR\n", company="one")
    system.set_rules('rule Pets if description contains "zorblix" then account Expenses:Pets\n'
                     'rule Part if description contains "flomp" then account Expenses:Gifts '
                     "then split 50% Expenses:Pets\n", company="one")
    bring(system, "one", b"Date,Description,Amount,Currency\n2026-03-01,ZORBLIX,-1.00,EUR\n"
          b"2026-03-02,ZORBLIX,-1.00,USD\n2026-03-03,FLOMP,-1.00,USD\n2026-03-04,FLOMP,-2.00,EUR\n",
          "Assets:Bank:One")
    items = system.get("/api/transactions", tenant_id="t1", company_id="one")["items"]
    assert {(item["currency"], item["date"][-1]): item["account"] for item in items} == {
        ("EUR", "1"): "Expenses:Pets", ("USD", "2"): "Expenses:Uncategorised",
        ("USD", "3"): "Expenses:Uncategorised", ("EUR", "4"): "Expenses:Gifts"}
    other = [item for item in items if item["date"] == "2026-03-02"][0]
    answer = {"tenant_id": "t1", "company_id": "one", "account": "Expenses:Pets"}
    with pytest.raises(Refused) as refused:
        system.post(f"/api/transactions/{other['id']}/categorize", 200, json=answer)
    assert (refused.value.status, refused.value.problem["code"]) == (422, "account-currency")
    with pytest.raises(Refused) as refused:
        system.post("/api/transactions/categorize", 200, json={**answer, "merchant": "zorblix"})
    assert refused.value.status == 404
    answer["account"] = "Expenses:Gifts"
    system.post(f"/api/transactions/{other['id']}/categorize", 200, json=answer)
