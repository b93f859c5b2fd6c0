"""rules, accounts, review, export and undo as they are typed."""
import json
import subprocess

from daybook import BIN

FILE = b"""Date,Description,Amount
2026-03-01,QUORVEX 1001,-12.50
2026-03-02,QUORVEX 1002,-7.25
2026-03-04,ZYTHRAL STORES LTD,-3.00
2026-03-05,BRILMOR 7,9.00
"""
HLEDGER = """# as hledger has them
fields date, description, amount

if QUORVEX
  account2 expenses:shopping:general

if
ZYTHRAL
BRIL.OR \\d/x
 account2 Expenses:gifts
 comment something else

if
FOO
& BAR
  skip

if
%card 1234
& WONT BE TAKEN
KLEMP & not a test
& ! %description SCHNAPP
%amount ^-
& WUMM
  account2 expenses:gifts
  description Klemp and Sons | %description
  comment project:klemp, shared:
  account3 expenses:taxes
  amount3 EUR -0.25
"""
WHO = ["--company", "acme", "--tenant", "t1"]


def review(system, keys):
    return subprocess.run([str(BIN / "daybook"), "review", *WHO], input=keys, text=True,
                          capture_output=True, timeout=60, check=True,
                          env={**system.env(), "DAYBOOK_URL": system.url})


def accounts(system):
    items = system.get("/api/transactions", tenant_id="t1", company_id="acme")["items"]
    return {item["description"]: item["account"] for item in items}


def test_books_by_keyboard(daybook):
    system = daybook()
    job = system.upload(FILE)
    system.complete(job)
    # part of a name, a choice of several, undo, later, end
    done = review(system, "personal\nu\n?\nnothing like it\ntransport:c\n\nq\n")
    assert "1 Expenses:" not in done.stdout and "taken back" in done.stderr, done.stderr
    assert "no account is called so" in done.stderr
    assert done.stdout == "1 transactions answered\n"
    found = accounts(system)
    assert "Expenses:Personal-Care" not in found.values()
    done = review(system, "expenses:personal-care\nshop\n2\nq\n")
    assert 'then account Expenses:Personal-Care' in done.stderr
    assert accounts(system)["QUORVEX 1001"] == "Expenses:Personal-Care"

    assert system.cli("export", "csv", *WHO, check=0).stdout.count("\n") == 5
    system.cli("export", "hledger", *WHO, "--out", "books.journal", check=0)
    assert "account Expenses" in (system.folder / "books.journal").read_text()
    days = system.cli("export", "csv", *WHO, "--from", "2026-03-02", "--to", "2026-03-04", check=0)
    assert "ZYTHRAL" in days.stdout and "QUORVEX 1002" in days.stdout
    assert "QUORVEX 1001" not in days.stdout and "BRILMOR" not in days.stdout
    assert "from" in system.cli("export", "csv", *WHO, "--from", "2026-02-30", check=1).stderr
    assert "from" in system.cli("export", "hledger", *WHO, "--from", "2026-03-02", "--opening",
                                check=1).stderr
    assert "opening" in system.cli("export", "csv", *WHO, "--opening", check=1).stderr
    shown = system.cli("export", "--help", check=0).stdout
    assert "--from DAY" in shown and "--to DAY" in shown
    before = (system.folder / "books.journal").read_text()
    system.cli("export", "paper", *WHO, "--out", "books.journal", check=1)
    assert (system.folder / "books.journal").read_text() == before
    system.cli("export", "paper", *WHO, "--out", "none.journal", check=1)
    assert not (system.folder / "none.journal").exists()
    done = system.cli("undo", job, *WHO, check=0)
    assert done.stdout.startswith("taken back: 4 transactions removed")
    system.cli("undo", job, *WHO, check=1)
    assert json.loads(system.cli("balances", *WHO, "--json", check=0).stdout)["totals"]


def test_rules_and_chart_from_files(daybook):
    system = daybook()
    rules = system.folder / "my.rules"
    rules.write_text('rule One if description contains "flomp" then account Expenses:Gifts\n')
    system.cli("rules", "put", rules, *WHO, check=0)
    assert system.cli("rules", "get", *WHO, check=0).stdout == rules.read_text()
    done = system.cli("rules", "test", "FLOMP 12", *WHO, check=0)
    assert done.stdout.splitlines() == [
        "Expenses:Gifts", '  * rule One, line 1: description contains "flomp"']
    rules.write_text("rule Two if nonsense\nrule Three\n")
    done = system.cli("rules", "put", rules, *WHO, check=1)
    assert "body.rules.1.13" in done.stderr and "body.rules.2" in done.stderr, done.stderr
    system.cli("rules", "put", system.folder / "none", *WHO, check=66)
    system.cli("rules", "frobnicate", *WHO, check=64)
    system.cli("rules", "put", *WHO, check=64)
    system.cli("rules", "get", check=64)

    (system.folder / "hledger.rules").write_text(HLEDGER)
    done = system.cli("rules", "import", "hledger.rules", *WHO, check=0)
    assert "4 rules of 4 if-blocks" in done.stderr
    text = system.cli("rules", "get", *WHO, check=0).stdout
    assert text.startswith("rule One") and "# not taken over: comment something else" in text
    for description, account in (("QUORVEX", "Expenses:Shopping:General"),
                                 ("zythral 7", "Expenses:Gifts"),
                                 ("BRILMOR 7/X", "Expenses:Gifts"),
                                 ("BAR FOO", "Expenses:Uncategorised"),
                                 ("WONT BE TAKEN", "no rule decides this"),
                                 ("KLEMP & not a test", "Expenses:Gifts"),
                                 ("KLEMP & not a test SCHNAPP", "no rule decides this"),
                                 ("WUMM", "Expenses:Gifts")):
        done = system.cli("rules", "test", description, *WHO, check=0)
        assert done.stdout.splitlines()[0] == account, (description, text)
    done = system.cli("rules", "test", "WUMM", *WHO, check=0)
    assert done.stdout.splitlines()[1:6] == [
        "  payee Klemp and Sons", "  tag project:klemp", "  tag shared",
        "  -0.25 of it to Expenses:Taxes", "  -0.75 of it to Expenses:Gifts"]
    item = json.loads(system.cli("rules", "test", "WUMM", *WHO, "--json", check=0).stdout)
    assert item["items"][0]["payee"] == "Klemp and Sons"
    assert item["items"][0]["tags"] == ["project:klemp", "shared"]
    assert item["items"][0]["splits"] == [
        {"account": "Expenses:Taxes", "amount": "-0.25"},
        {"account": "Expenses:Gifts", "amount": "-0.75"}]

    chart = system.folder / "my.accounts"
    chart.write_text("Expenses:Gifts ; flowers\nExpenses:Shopping:General\n"
                     "Assets:Bank:Two EUR\nExpenses:Taxes\n")
    system.cli("accounts", "put", chart, *WHO, check=0)
    wrong = system.folder / "wrong.accounts"
    wrong.write_text("Foo:Bar\n")
    done = system.cli("accounts", "put", wrong, *WHO, check=1)
    assert "begins with a capital or a digit)" in done.stderr, "the advice is not cut short"
    lines = system.cli("accounts", "get", *WHO, check=0).stdout.splitlines()
    assert lines[0].split() == ["Expenses:Gifts", ";", "flowers"]
    assert lines[2].split() == ["Assets:Bank:Two", "EUR"]


def test_review_finds_accounts_in_any_letters(system):
    who = ("--company", "letters", "--tenant", "t1")
    (system.folder / "letters.accounts").write_text("Expenses:Продукты\nExpenses:Élan\n")
    system.cli("accounts", "put", "letters.accounts", *who, check=0)
    system.complete(system.upload(b"Date,Description,Amount\n2026-03-01,QUORVEX,-1.00\n"
                                  b"2026-03-02,ZYTHRAL,-2.00\n", company="letters"))
    done = subprocess.run([str(BIN / "daybook"), "review", *who], input="продУ\nelan\n", text=True,
                          capture_output=True, timeout=60, check=True,
                          env={**system.env(), "DAYBOOK_URL": system.url})
    assert done.stdout == "2 transactions answered\n", done.stderr
    items = system.get("/api/transactions", tenant_id="t1", company_id="letters")["items"]
    assert {item["account"] for item in items} == {"Expenses:Продукты", "Expenses:Élan"}


def test_a_refused_import_of_rules_counts_nothing(system):
    who = ("--company", "refused", "--tenant", "t1")
    (system.folder / "bad.rules").write_text("if ZORK\n  account2 Expenses:Not-In-The-Chart\n")
    done = system.cli("rules", "import", "bad.rules", *who, check=1)
    assert "not in the chart" in done.stderr and "if-block" not in done.stderr
    (system.folder / "latin.rules").write_bytes(b"rule Caf\xe9\n")
    assert "UTF-8" in system.cli("rules", "put", "latin.rules", *who, check=65).stderr


def test_hledger_rules_are_imported_again_and_the_last_that_matches_decides(system):
    who = ("--company", "imports", "--tenant", "t1")
    for text in ("if ZORK\n  account2 Expenses:Gifts\n",
                 "if AMZN\n  account2 Expenses:Shopping:General\n\n"
                 "if AMZN BOOKS\n  account2 Expenses:Gifts\n"):
        (system.folder / "some.rules").write_text(text)
        system.cli("rules", "import", "some.rules", *who, check=0)
    for description, account in (("AMZN BOOKS 1", "Expenses:Gifts"), ("ZORK", "Expenses:Gifts"),
                                 ("AMZN 1", "Expenses:Shopping:General")):
        done = system.cli("rules", "test", description, *who, check=0)
        assert done.stdout.splitlines()[0] == account, description
