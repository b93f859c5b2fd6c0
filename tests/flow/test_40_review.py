"""A person's review: answers, what they offer, and back again; over the real processes."""
import pytest

from daybook import Refused, minor

WHO = {"tenant_id": "t1", "company_id": "acme"}
FILE = b"""Date,Description,Amount
2026-03-01,QUORVEX 1001,-12.50
2026-03-02,QUORVEX 1002,-7.25
2026-03-03,QUORVEX 1003,20.00
2026-03-04,ZYTHRAL STORES LTD,-3.00
2026-03-05,QUORVEX 1004 MAR,-1.00
"""
ACCOUNT = "Expenses:Shopping:General"


def upload(system, company, content=FILE):
    return system.complete(system.upload(content, company=company))


def review(system, company, **params):
    return system.get("/api/transactions", tenant_id="t1", company_id=company,
                      status="needs_review", **params)["items"]


def answer(system, company, txn, expect=200, **fields):
    return system.post(f"/api/transactions/{txn}/categorize", expect, json={
        "tenant_id": "t1", "company_id": company, "account": ACCOUNT, **fields})


def live(system, company):
    """{transaction: (account, source)}"""
    items = system.get("/api/transactions", tenant_id="t1", company_id=company)["items"]
    return {item["id"]: (item["account"], item["source"]) for item in items}


def check_books(system, company):
    """Balanced, and one entry that counts for each transaction."""
    system.trial_balance(company=company)
    assert system.one("SELECT count(*) FROM transactions", company=company) == \
        system.one("SELECT count(*) FROM live", company=company)
    assert system.one(
        "SELECT count(*) FROM entries e WHERE (SELECT count(*) FROM live l WHERE l.entry = e.id)"
        " + (SELECT count(*) FROM entries r WHERE r.reverses = e.id) + (e.reverses IS NOT NULL)"
        " <> 1", company=company) == 0


def test_an_answer_reverses_and_books_anew_and_offers_its_rule(system):
    upload(system, "one")
    waiting = review(system, "one")
    assert len(waiting) == 5
    first = [item for item in waiting if item["amount"] == "-12.50"][0]
    reply = answer(system, "one", first["id"], entry_id=first["entry_id"])
    assert reply["changed"] == 1
    assert reply["transaction"]["account"] == ACCOUNT
    assert (reply["transaction"]["source"], reply["transaction"]["confidence"]) == ("user", 1)
    assert reply["transaction"]["status"] == "categorized"
    # the rule decides what it says it would, and nothing else
    assert reply["offer"]["would_change"] == 2
    system.call("PUT", "/api/rules", params={"tenant_id": "t1", "company_id": "one"},
                json={"rules": reply["offer"]["rule"]}).raise_for_status()
    system.complete(system.categorize("t1", "one", 100))
    changed = [txn for txn, (account, source) in live(system, "one").items() if source == "rule"]
    assert sorted(changed) == sorted(reply["offer"]["transactions"])
    entries = system.get("/api/journal-entries", tenant_id="t1", company_id="one")["items"]
    mine = [entry for entry in entries if entry["transaction_id"] == first["id"]]
    assert len(mine) == 3 and sum(entry["reverses"] is not None for entry in mine) == 1
    check_books(system, "one")


def test_the_offered_rule_comes_before_the_own_one_that_was_wrong(system):
    params = {"tenant_id": "t1", "company_id": "before"}
    own = 'rule Wrong priority 20 if description contains "q" then account Expenses:Gifts\n'

    def put(text):
        system.call("PUT", "/api/rules", params=params, json={"rules": text}).raise_for_status()

    put(own)
    system.complete(system.upload(b"Date,Description,Amount\n2026-03-01,Q&Q CO-OP 12,-5.00\n",
                                  company="before", currency="USD"))
    item = system.get("/api/transactions", **params)["items"][0]
    assert item["account"] == "Expenses:Gifts"
    offer = answer(system, "before", item["id"])["offer"]
    assert "priority 21" in offer["rule"] and '"q&q co-op"' in offer["rule"]
    put(own + "\n" + offer["rule"])
    row = {key: item[key] for key in ("description", "amount", "currency", "date")}
    told = system.post("/api/rules/test", 200, params=params, json={"descriptions": [row]})
    assert told["items"][0]["account"] == ACCOUNT
    assert answer(system, "before", item["id"])["offer"] is None  # it does so by itself now


def test_a_correction_of_an_entry_that_is_gone_is_409_with_the_present_one(system):
    upload(system, "race")
    item = review(system, "race")[0]
    answer(system, "race", item["id"], entry_id=item["entry_id"])
    with pytest.raises(Refused) as refused:
        answer(system, "race", item["id"], entry_id=item["entry_id"], account="Expenses:Gifts")
    assert refused.value.status == 409
    present = refused.value.problem["present"]
    assert (present["id"], present["account"]) == (item["id"], ACCOUNT)
    reply = answer(system, "race", item["id"], entry_id=present["entry_id"],
                   account="Expenses:Gifts")
    assert reply["transaction"]["account"] == "Expenses:Gifts"
    check_books(system, "race")


def test_what_cannot_be_booked_is_refused(system):
    upload(system, "bad")
    item = review(system, "bad")[0]
    for account, status in (("Expenses:Nowhere", 422), ("Assets:Bank:Checking", 422),
                            ("nonsense", 422)):
        with pytest.raises(Refused) as refused:
            answer(system, "bad", item["id"], account=account)
        assert refused.value.status == status, account
    for txn in ("999999", "0", "x"):
        with pytest.raises(Refused) as refused:
            answer(system, "bad", txn)
        assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        answer(system, "nobody", "1")
    assert refused.value.status == 404
    assert review(system, "bad")[0] == item


def test_the_same_answer_sent_again_is_given_once(system):
    upload(system, "again")
    item = review(system, "again")[0]
    call = {"json": {"account": ACCOUNT}, "params": {"tenant_id": "t1", "company_id": "again"},
            "headers": {"Idempotency-Key": "k1"}}
    path = f"/api/transactions/{item['id']}/categorize"
    one, other = system.post(path, 200, **call), system.post(path, 200, **call)
    assert one["answer_id"] == other["answer_id"]
    assert system.one("SELECT count(*) FROM answers", company="again") == 1


def test_a_group_is_answered_at_once_and_taken_back(system):
    upload(system, "group")
    groups = review(system, "group", group="merchant")
    assert [(group["merchant"], group["direction"], group["count"]) for group in groups] == [
        ("quorvex", "out", 3), ("quorvex", "in", 1), ("zythral stores ltd", "out", 1)]
    assert minor(groups[0]["amount"]) == -2075
    before = live(system, "group")
    more = b"Date,Description,Amount\n2026-04-01,QUORVEX 2000,-5.00\n"
    system.complete(system.upload(more, company="group"))
    reply = system.post("/api/transactions/categorize", 200, json={
        "tenant_id": "t1", "company_id": "group", "account": ACCOUNT, "merchant": "quorvex",
        "last_entry_id": groups[0]["last_entry_id"]})
    assert reply["changed"] == 3  # what came after the look is left to another
    after = live(system, "group")
    assert sum(source == "user" for _, source in after.values()) == 3
    one = [txn for txn, (_, source) in after.items() if source == "user"][0]
    answer(system, "group", one, account="Expenses:Gifts")
    undone = system.post(f"/api/answers/{reply['answer_id']}/undo", 200, json={
        "tenant_id": "t1", "company_id": "group"})
    assert (undone["restored"], undone["changed_meanwhile"]) == (2, 1)
    again = live(system, "group")
    assert again[one] == ("Expenses:Gifts", "user")
    assert all(again[txn] == was for txn, was in before.items() if txn != one)
    with pytest.raises(Refused) as refused:
        system.post(f"/api/answers/{reply['answer_id']}/undo", 200, json={
            "tenant_id": "t1", "company_id": "group"})
    assert refused.value.status == 409
    check_books(system, "group")


def test_a_person_is_never_overwritten(system):
    upload(system, "person")
    item = review(system, "person")[0]
    answer(system, "person", item["id"], account="Expenses:Gifts")
    rule = f'rule All if description contains "quorvex", "zythral" then account {ACCOUNT}\n'
    system.call("PUT", "/api/rules", params={"tenant_id": "t1", "company_id": "person"},
                json={"rules": rule}).raise_for_status()
    record = system.complete(system.categorize("t1", "person", 1000))
    assert record["result"]["journal_entries_created"] == 4
    assert live(system, "person")[item["id"]] == ("Expenses:Gifts", "user")
    check_books(system, "person")


def test_an_offered_rule_counts_only_what_its_account_takes(system):
    head = b"Date,Description,Amount,Currency\n"
    upload(system, "takes", head + b"2026-03-01,QUORVEX 1,-5.00,EUR\n"
                                   b"2026-03-02,QUORVEX 2,-6.00,EUR\n"
                                   b"2026-03-03,QUORVEX 3,-7.00,USD\n")
    system.call("PUT", "/api/accounts", params={**WHO, "company_id": "takes"},
                json={"text": "Expenses:Euro EUR\n"}).raise_for_status()
    items = {item["description"]: item["id"] for item in review(system, "takes")}
    offer = answer(system, "takes", items["QUORVEX 1"], account="Expenses:Euro")["offer"]
    assert (offer["would_change"], offer["transactions"]) == (1, [items["QUORVEX 2"]])


def test_what_the_bank_did_not_name_is_no_merchant_to_learn(system):
    head = b"Date,Description,Amount\n"
    upload(system, "nameless", head + b"2026-03-01,,-5.00\n2026-03-02,,-6.00\n")
    items = review(system, "nameless")
    assert {item["description"] for item in items} == {"(no description)"}
    reply = answer(system, "nameless", items[0]["id"])
    assert reply["offer"] is None
    result = upload(system, "nameless", head + b"2026-03-03,,-7.00\n")["result"]
    assert (result["by_history"], result["needs_review"]) == (0, 1)
    groups = review(system, "nameless", group="merchant")
    assert [(group["merchant"], group["count"]) for group in groups] == [("", 2)]
    reply = system.post("/api/transactions/categorize", 200, json={
        **WHO, "company_id": "nameless", "account": ACCOUNT, "merchant": "",
        "currency": groups[0]["currency"], "last_entry_id": groups[0]["last_entry_id"]})
    assert reply["changed"] == 2
    check_books(system, "nameless")


def test_a_categorize_job_brings_suggestions_up_to_what_was_learned(system):
    upload(system, "fresh", FILE + b"2026-03-06,QUORVEX BRANCH X,-2.00\n")

    def waiting():
        return {item["description"]: item for item in review(system, "fresh")}

    before = waiting()["QUORVEX BRANCH X"]
    assert before["suggestion"] is None
    given = system.post("/api/transactions/categorize", 200, json={
        **WHO, "company_id": "fresh", "account": "Expenses:Pets", "merchant": "quorvex"})
    result = system.complete(system.categorize("t1", "fresh", 100))["result"]
    # a thought is no reason for a new entry
    assert result["journal_entries_created"] == 0
    assert waiting()["QUORVEX BRANCH X"] == {**before, "suggestion": "Expenses:Pets"}
    # nor is one that is given up
    system.post(f"/api/answers/{given['answer_id']}/undo", 200, json={
        **WHO, "company_id": "fresh"})
    system.complete(system.categorize("t1", "fresh", 100))
    assert waiting()["QUORVEX BRANCH X"] == before
    answer(system, "fresh", before["id"], account="Expenses:Gifts")
    items = system.get("/api/transactions", tenant_id="t1", company_id="fresh", q="BRANCH")["items"]
    assert (items[0]["account"], items[0]["suggestion"]) == ("Expenses:Gifts", None)
    check_books(system, "fresh")


def test_history_decides_as_people_did_and_says_so(system):
    """Own rules, then history: exact by merchant. What it is not sure of it only suggests."""
    upload(system, "history")
    for item in review(system, "history", q="QUORVEX"):
        if item["amount"].startswith("-"):
            answer(system, "history", item["id"], account="Expenses:Pets")
    zythral = review(system, "history", q="ZYTHRAL")[0]
    answer(system, "history", zythral["id"], account="Expenses:Gifts", learn=False)
    more = (b"Date,Description,Amount\n2026-04-01,QUORVEX 9001,-12.50\n"
            b"2026-04-02,Quorvex 9002 APR,-3.00\n2026-04-03,ZYTHRAL STORES LTD,-9.00\n"
            b"2026-04-04,QUORVEX BRANCH X,-2.00\n2026-04-05,QUORVEX 7,8.00\n")
    result = upload(system, "history", more)["result"]
    assert result["by_history"] == 2 and result["needs_review"] == 3
    items = system.get("/api/transactions", tenant_id="t1", company_id="history",
                       **{"from": "2026-04-01"})["items"]
    decided = {item["date"][-2:]: (item["account"], item["source"]) for item in items}
    assert decided == {"01": ("Expenses:Pets", "history"), "02": ("Expenses:Pets", "history"),
                       "03": ("Expenses:Uncategorised", "none"),
                       "04": ("Expenses:Uncategorised", "none"),
                       "05": ("Income:Uncategorised", "none")}
    suggestions = {item["date"][-2:]: item["suggestion"] for item in items}
    assert suggestions["04"] == "Expenses:Pets" and suggestions["01"] is None
    # so it is for a merchant that a starter rule places elsewhere
    tesco = b"Date,Description,Amount\n2026-04-%02d,TESCO STORES 3,-3.00\n"
    upload(system, "history", tesco % 10)
    found, = system.get("/api/transactions", tenant_id="t1", company_id="history",
                        q="TESCO")["items"]
    assert found["source"] == "rule"
    answer(system, "history", found["id"], account="Expenses:Pets")
    assert upload(system, "history", tesco % 11)["result"]["by_history"] == 1
    # an own rule goes before history
    rule = 'rule Own if description contains "quorvex" then account Expenses:Gifts\n'
    system.call("PUT", "/api/rules", params={"tenant_id": "t1", "company_id": "history"},
                json={"rules": rule}).raise_for_status()
    last = b"Date,Description,Amount\n2026-05-01,QUORVEX 9003,-1.50\n"
    assert upload(system, "history", last)["result"]["by_rules"] == 1
    check_books(system, "history")
