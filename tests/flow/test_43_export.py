"""Exports: read by the real hledger, ledger and beancount, with the balances that the API gives.
Every golden file is among them."""
import csv
import io
import json
import pathlib
import subprocess
import sys
import unicodedata
from decimal import Decimal

import pytest

from daybook import Refused
from statements import Statement

GOLDEN = sorted((pathlib.Path(__file__).parent.parent / "golden").glob("*.csv"))
TOOLS = {"hledger": "journal", "ledger": "ledger", "beancount": "beancount"}


def export(system, company, form, expect=200, **more):
    response = system.call("GET", "/api/export", params={
        "tenant_id": "t1", "company_id": company, "format": form, **more})
    if response.status_code != expect:
        raise Refused(response)
    return response


def saved(system, company, form, **more):
    path = system.folder / f"{company}.{TOOLS[form]}"
    path.write_bytes(export(system, company, form, **more).content)
    return path


def tool(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def summed(rows):
    """{(account, currency): sum}, without what is zero."""
    sums = {}
    for account, currency, number in rows:
        key = account.strip(), currency.strip()
        sums[key] = sums.get(key, Decimal(0)) + Decimal(number.strip())
    return {key: value for key, value in sums.items() if value}


def files(paths):
    return [word for path in paths for word in ("-f", path)]


def by_hledger(*paths):
    tool("hledger", *files(paths), "check", "--strict")
    rows = csv.reader(io.StringIO(tool("hledger", *files(paths), "reg", "-O", "csv")))
    header = next(rows)
    account, amount = header.index("account"), header.index("amount")
    # nothing is printed as "0", without its commodity
    return summed((row[account], *reversed(row[amount].split())) for row in rows
                  if row[amount] != "0")


def by_ledger(*paths):
    tool("ledger", *files(paths), "--strict", "--pedantic", "bal")
    text = tool("ledger", *files(paths), "reg", "--format",
                "%(account)\\t%(commodity)\\t%(quantity(amount))\\n")
    return summed(line.split("\t") for line in text.splitlines())


# bean-check opens one file a process and takes most of a second to begin: this is what it does.
BEAN_CHECK = """
import sys
from beancount import loader
from beancount.core.data import Transaction
for path in sys.argv[1:]:
    entries, errors, _ = loader.load_file(path)
    if errors:
        sys.exit(f"{path}: {errors}")
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            print(posting.account, posting.units.currency, posting.units.number, sep="\t")
"""


def by_beancount(*paths):
    tool("bean-check", paths[0])
    text = tool("/usr/bin/python3", "-c", BEAN_CHECK, *paths)
    return summed(line.split("\t") for line in text.splitlines())


READERS = {"hledger": by_hledger, "ledger": by_ledger, "beancount": by_beancount}


def balances(system, company):
    items = system.get("/api/accounts/balances", tenant_id="t1", company_id=company)["items"]
    return summed((item["account"], item["currency"], item["balance"]) for item in items)


def check(system, company):
    expected = balances(system, company)
    for form, read in READERS.items():
        assert read(saved(system, company, form)) == expected, form
    return expected


def bring_golden(system, company, path, account):
    """False: this file is one that the API or its job must refuse."""
    try:
        job = system.upload(path.read_bytes(), company=company, account=account, name=path.name)
    except Refused:
        return False
    return system.poll(job)["status"] == "complete"


@pytest.mark.limit(300)
def test_the_tools_accept_each_golden_file_and_find_the_same_balances(system):
    """Each in a company of its own; the tools read all of them in one go, which a bank account of
    its own for each keeps apart."""
    companies = [f"golden{i}" for i, path in enumerate(GOLDEN)
                 if bring_golden(system, f"golden{i}", path, f"Assets:Bank:File{i}")]
    assert len(companies) > len(GOLDEN) // 2, companies
    expected = summed((*key, str(value)) for company in companies
                      for key, value in balances(system, company).items())
    assert len({currency for _, currency in expected}) > 3
    for form, read in READERS.items():
        assert read(*(saved(system, company, form) for company in companies)) == expected, form
    for form, read in READERS.items():
        paths = [saved(system, company, form, opening="true") for company in companies]
        opened = read(*paths)
        assert sum(number for (_, currency), number in opened.items() if currency == "EUR") == 0
        said = "".join(path.read_text() for path in paths)
        assert said.count(" balance Assets" if form == "beancount" else " = ") > 10, form


NASTY = """Date,Description,Amount
2026-01-01,"=HYPERLINK(""x"");  two | bars",-1.00
2026-01-02,"(code) * ! ; tag: value",-2.00
2026-01-03,"quote "" and \\ backslash",3.00
2026-01-04,"#tag ^link @at é 日本",-4.00
2026-01-05,"",0.00
"""


def test_descriptions_are_nothing_but_text(system):
    system.complete(system.upload(NASTY.encode(), company="nasty", currency="USD"))
    check(system, "nasty")
    rows = list(csv.DictReader(io.StringIO(export(system, "nasty", "csv").text)))
    assert rows[0]["description"].startswith("'=")
    items = json.loads(export(system, "nasty", "json").text)["transactions"]
    listed = system.get("/api/transactions", tenant_id="t1", company_id="nasty")["items"]
    assert items == listed[::-1]
    assert len(items) == len(rows)


def as_beancount(account):
    """The name in a beancount export, as docs/CLI.md says."""
    def part(text):
        rest = text
        while rest.startswith("X-") and len(rest) > 2:
            rest = rest[2:]
        plain = rest[0] < "\x80" or (unicodedata.category(rest[0]) == "Lu" and known(rest[0]))
        return text if plain else "X-" + text
    root, *parts = account.split(":")
    return ":".join((root, *map(part, parts)))


def known(c):
    """Capitals that beancount's list of 2009 has."""
    return (c < "\u0514" and not "\u0370" <= c <= "\u037f" and c != "\u03cf") or \
        ("\u1e00" <= c <= "\u1ef9" and c != "\u1e9e")


def strange_names():
    """All capitals and digits beyond ASCII, and of every other category of Unicode some."""
    shown, kinds = [], {}
    for code in range(0x80, sys.maxunicode + 1):
        c = chr(code)
        kind = unicodedata.category(c)
        if kind[0] in "ZC":
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        if kind in ("Lu", "Nd") or kinds[kind] % 40 == 1 and kinds[kind] < 2000:
            shown.append(c)
    names = [f"Expenses:{c}" for c in shown] + [f"Expenses:A{c}b" for c in shown]
    return names + ["Expenses:" + name for name in (
        "日本", "X-日本", "X-X-日本", "X", "X-", "X-Mas", "食費:お米", "élan", "Élan", "किराना",
        "อาหาร", "مصاريف", "خانه\u200cداری", "зарплата", "Продукты", "식비", "🏠-Haus", "E\u0301lan")]


@pytest.mark.limit(300)
def test_accounts_in_any_letters_are_exported_to_tools_that_take_them(system):
    names = [name for name in strange_names() if f"{name} ".isprintable() or "\u200c" in name]
    assert len(names) > 3000
    for start in range(0, len(names), 1500):
        company, some = f"letters{start}", names[start:start + 1500]
        params = {"tenant_id": "t1", "company_id": company}
        system.call("PUT", "/api/accounts", params=params,
                    json={"text": "\n".join(some)}).raise_for_status()
        system.call("PUT", "/api/rules", params=params, json={"rules": "".join(
            f'rule N{i} if description has word "q{i}q" then account {name}\n'
            for i, name in enumerate(some))}).raise_for_status()
        rows = "".join(f"2026-01-01,q{i}q,-{1 + i % 9}.00\n" for i in range(len(some)))
        system.complete(system.upload(("Date,Description,Amount\n" + rows).encode(),
                                      company=company, currency="USD", account="Assets:銀行"))
        expected = balances(system, company)
        assert {account for account, _ in expected} == {*some, "Assets:銀行"}
        assert by_hledger(saved(system, company, "hledger")) == expected
        assert by_ledger(saved(system, company, "ledger")) == expected
        mapped = {(as_beancount(account), currency): value
                  for (account, currency), value in expected.items()}
        assert len(mapped) == len(expected)
        assert by_beancount(saved(system, company, "beancount")) == mapped


def test_balances_openings_and_splits_have_the_same_names(system):
    params = {"tenant_id": "t1", "company_id": "split"}
    system.call("PUT", "/api/accounts", params=params, json={
        "text": "Expenses:食費\nLiabilities:税\n"}).raise_for_status()
    system.call("PUT", "/api/rules", params=params, json={
        "rules": "rule A if amount >= 0 then account Expenses:食費 then split 10% included "
                 "Liabilities:税"}).raise_for_status()
    system.complete(system.upload(
        "Date,Description,Amount,Balance\n2026-01-01,A,-110,890\n2026-01-02,B,-220,670\n".encode(),
        company="split", currency="JPY", account="Assets:銀行"))
    text = export(system, "split", "beancount", opening="true").text
    assert text.count(" balance Assets:X-銀行  ") == 2 and "Equity:Opening-Balances" in text
    assert "Liabilities:X-税  30 JPY" not in text and "Liabilities:X-税  20 JPY" in text
    expected = balances(system, "split")
    assert expected[("Liabilities:税", "JPY")] == 30
    for form, read in READERS.items():
        held = read(saved(system, "split", form, opening="true"))
        name = as_beancount if form == "beancount" else str
        assert held[(name("Assets:銀行"), "JPY")] == 670
        assert held[(name("Liabilities:税"), "JPY")] == 30
        assert held[(name("Expenses:食費"), "JPY")] == 300


def test_corrections_are_exported_as_they_stand_with_the_same_numbers(system):
    job = system.upload(Statement(2500, seed=31).bytes(), company="stand")
    system.complete(job)
    before = export(system, "stand", "hledger").text
    item = system.get("/api/transactions", tenant_id="t1", company_id="stand", limit=1)["items"][0]
    system.post(f"/api/transactions/{item['id']}/categorize", 200, json={
        "tenant_id": "t1", "company_id": "stand", "account": "Expenses:Gifts"})
    check(system, "stand")
    after = export(system, "stand", "hledger").text
    changed = set(before.splitlines()) ^ set(after.splitlines())
    assert f"({item['id']})" in " ".join(changed) and len(changed) < 12, changed
    rows = list(csv.DictReader(io.StringIO(export(system, "stand", "csv").text)))
    assert len(rows) == len({row["transaction"] for row in rows}) == 2450
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)


def test_an_empty_export_is_one_too(system):
    for form in TOOLS:
        assert READERS[form](saved(system, "nobody", form)) == {}
    assert export(system, "nobody", "json").json() == {"transactions": []}
    with pytest.raises(Refused) as refused:
        export(system, "nobody", "pdf")
    assert refused.value.status == 422


def test_an_export_may_begin_and_end_at_a_day(system):
    content = b"Date,Description,Amount\n" + b"".join(
        b"2026-03-%02d,QUORVEX %d,-1.00\n" % (day, day) for day in range(1, 10))
    system.complete(system.upload(content, company="days"))
    for form in ("csv", "json"):
        text = system.call("GET", "/api/export", params={
            "tenant_id": "t1", "company_id": "days", "format": form, "from": "2026-03-03",
            "to": "2026-03-05"}).text
        rows = json.loads(text)["transactions"] if form == "json" else \
            list(csv.DictReader(io.StringIO(text)))
        assert [row["date"] for row in rows] == ["2026-03-03", "2026-03-04", "2026-03-05"]
    refused = system.call("GET", "/api/export", params={
        "tenant_id": "t1", "company_id": "days", "format": "csv", "from": "yesterday"})
    assert refused.status_code == 422


@pytest.mark.parametrize("form", ("hledger", "csv", "json"))
def test_books_of_many_pages_are_exported_whole_whatever_the_order(system, form):
    """A page goes on where the one before ended also when ids do not rise with the days."""
    company = f"pages-{form}"
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 10) for day in range(1, 29)]
    rows = [f"{days[i // 10]},SHOP {chr(65 + i % 20)},-{1 + i % 90}.00" for i in range(2500)]
    for account, lines in (("Assets:One", rows[::-1]), ("Assets:Two", rows[:500])):
        content = "\n".join(("Date,Description,Amount", *lines)) + "\n"
        system.complete(system.upload(content.encode(), company=company, account=account,
                                      currency="EUR"))
    text = export(system, company, form).text
    entries = {"hledger": lambda: sum(line[:4] == "2026" for line in text.splitlines()),
               "csv": lambda: len(list(csv.DictReader(io.StringIO(text)))),
               "json": lambda: len(json.loads(text)["transactions"])}[form]()
    assert entries == 3000
