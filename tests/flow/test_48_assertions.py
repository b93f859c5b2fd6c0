"""Balances that the bank stated are asserted in exports, only where they are certain to hold."""
import re
import subprocess

import pytest

from test_43_export import READERS, balances, export, saved, summed, tool

CHECKS = {"hledger": ("hledger", "check", "-f"), "ledger": ("ledger", "bal", "-f"),
          "beancount": ("bean-check",)}
BANK = "Assets:Bank:Checking"


def statement(*rows):
    """(day, description, amount, balance) as a file."""
    return ("Date,Description,Amount,Balance\n" + "".join(
        f"2026-03-{day:02},{text},{amount:.2f},{balance:.2f}\n"
        for day, text, amount, balance in rows)).encode()


def bring(system, company, *rows, account=BANK, rules=""):
    system.set_rules(rules, company=company)
    job = system.upload(statement(*rows), company=company, account=account, currency="USD",
                        profile='{"sign": "amount"}')
    system.complete(job)
    return job


def asserted(system, company, form="hledger", **more):
    """[(day, account, balance)], once the tool has found that they hold."""
    path = saved(system, company, form, **more)
    READERS[form](path)
    text = path.read_text()
    if form == "beancount":
        return re.findall(r"^2026-(\S+) balance (\S+)  (\S+) USD$", text, re.M)
    return re.findall(r"^2026-(\S+) \* balance as the bank states it\n"
                      r"    (\S+)  0.00 USD = (\S+) USD$", text, re.M)


ROWS = [(1, "IN", 100, 100), (1, "A", -10, 90), (2, "B", -5, 85), (4, "C", -5, 80)]


def test_each_day_that_adds_up_is_asserted(system):
    bring(system, "days", *ROWS)
    days = [("03-01", BANK, "90.00"), ("03-02", BANK, "85.00"), ("03-04", BANK, "80.00")]
    assert asserted(system, "days") == asserted(system, "days", "ledger") == days
    assert asserted(system, "days", "beancount") == [
        ("03-02", BANK, "90.00"), ("03-03", BANK, "85.00"), ("03-05", BANK, "80.00")]
    assert "balance" not in export(system, "days", "json").text


@pytest.mark.parametrize("form", CHECKS)
def test_a_tool_refuses_what_was_changed_after(system, form):
    company = f"wrong-{form}"
    bring(system, company, *ROWS)
    path = saved(system, company, form)
    text = path.read_text()
    for before, after in (("5.00", "6.00"), ("-5.00", "-6.00")):
        text = text.replace(f"  {before} USD\n", f"  {after} USD\n")
    path.write_text(text)
    done = subprocess.run([*CHECKS[form], path], capture_output=True, check=False)
    assert done.returncode != 0


def test_what_was_there_before_is_opened_when_asked_for(system):
    rows = [(1, "A", -10, 990), (1, "B", -5, 985), (2, "C", -5, 980)]
    bring(system, "before", *rows)
    bring(system, "before", (2, "D", 7, 57), account="Assets:Bank:Two")
    for form in READERS:
        assert asserted(system, "before", form) == []
        assert READERS[form](saved(system, "before", form)) == balances(system, "before")
        path = saved(system, "before", form, opening="true")
        found = READERS[form](path)
        assert found[BANK, "USD"] == 980 and found["Assets:Bank:Two", "USD"] == 57
        assert found["Equity:Opening-Balances", "USD"] == -1050
        assert len(asserted(system, "before", form, opening="true")) == 3
    path = system.folder / "cli.journal"
    system.cli("export", "hledger", "--company", "before", "--tenant", "t1", "--opening", "--out",
               path, check=0)
    assert "Opening-Balances" in path.read_text()
    assert system.call("GET", "/api/export", params={
        "tenant_id": "t1", "company_id": "before", "format": "hledger",
        "opening": "yes"}).status_code == 422


def test_a_gap_an_undo_or_a_cut_day_leaves_them_out(system):
    bring(system, "gap", *ROWS[:2])
    later = bring(system, "gap", (7, "E", -1, 59), (8, "F", -1, 58))  # three rows never came
    assert [day for day, _, _ in asserted(system, "gap")] == ["03-01"]
    bring(system, "gap", *ROWS[2:], (5, "D", -20, 60))  # they come
    assert [day for day, _, _ in asserted(system, "gap")] == [
        "03-01", "03-02", "03-04", "03-05", "03-07", "03-08"]
    system.post(f"/api/jobs/{later}/undo", 200, params={"tenant_id": "t1", "company_id": "gap"})
    assert [day for day, _, _ in asserted(system, "gap")] == ["03-01", "03-02", "03-04", "03-05"]


def test_the_order_within_a_day_does_not_matter(system):
    bring(system, "turned", *ROWS[::-1])
    assert asserted(system, "turned") == [
        ("03-01", BANK, "90.00"), ("03-02", BANK, "85.00"), ("03-04", BANK, "80.00")]


def test_what_other_accounts_book_there_is_counted(system):
    bring(system, "mixed", *ROWS[:3])
    bring(system, "mixed", (2, "CARD", -40, 460), account="Assets:Bank:Two",
          rules=f'rule Card if description contains "card" then account {BANK}\n')
    assert [day for day, account, _ in asserted(system, "mixed") if account == BANK] == ["03-01"]
    for form in READERS:
        found = READERS[form](saved(system, "mixed", form))
        assert found == balances(system, "mixed")


def test_in_beancount_an_account_above_another_is_not_asserted(system):
    bring(system, "above", *ROWS, account="Assets:Bank")
    bring(system, "above", *ROWS, account=BANK)
    assert {account for _, account, _ in asserted(system, "above")} == {"Assets:Bank", BANK}
    assert {account for _, account, _ in asserted(system, "above", "beancount")} == {BANK}
    path = saved(system, "above", "hledger")
    assert summed([(BANK, "USD", tool("hledger", "-f", path, "bal", BANK, "-N").split()[0])])
