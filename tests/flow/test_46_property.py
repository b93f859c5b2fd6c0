"""Any sequence of imports, corrections, undos and re-imports leaves books that are right.

After each step the trial balance is zero in every currency, every transaction has exactly one entry
that counts, and each bank account holds what a model in Python says, with rules that come and go,
splits and transfers among the moves; in between, hledger reads the same from an export.
DAYBOOK_TEST_SEED=N plays one game again."""
# runner: limit 900
import os
import random

import pytest

from daybook import FULL, Refused, minor, verify
from test_43_export import by_hledger, saved

STEPS = 300 if FULL else 30
SEEDS = [int(os.environ["DAYBOOK_TEST_SEED"])] if "DAYBOOK_TEST_SEED" in os.environ else \
    range(1, 6) if FULL else (1, 2)
ACCOUNTS = ["Expenses:Gifts", "Expenses:Pets", "Income:Gifts", "Assets:Cash"]
BANKS = ["Assets:Bank:One", "Assets:Bank:Two"]
NAMES = ["QUORVEX", "ZYTHRAL", "BRILMOR", "HUMBDRO"]
HEAD = "Date,Description,Amount,Currency\n"
CHART = "\n".join(ACCOUNTS) + "\nLiabilities:Taxes\nExpenses:Fees\nAssets:Transfers\n"
SPLITS = """rule Split
    if any (description contains "quorvex" or all (description contains "humbdro" amount > 500))
    then account Expenses:Gifts
    then split 19% included Liabilities:Taxes
    then split 0.35 Expenses:Fees
    then payee "Quorvex and Sons"
    then tag project:alpha
"""
RULES = ["", SPLITS, SPLITS + 'rule Pets if description has word "zythral" then account '
         "Expenses:Pets then split 33.3333% Assets:Cash then tag shared\n"]


def line(number, bank):
    """The same number is the same purchase, wherever it stands; each fifth goes from one bank
    account to the other."""
    dice = random.Random(number)
    amount = dice.choice([-1, 1]) * dice.randrange(1, 100000)
    if number % 5 == 0:
        amount = abs(amount) * (1 if bank == BANKS[0] else -1)
    return (f"2026-{1 + number % 12:02}-{1 + number % 28:02},{dice.choice(NAMES)} {number},"
            f"{amount / 100:.2f},{dice.choice(['EUR', 'USD'])}\n")


class Game:
    def __init__(self, system, seed):
        self.system, self.dice, self.company = system, random.Random(seed), f"game{seed}"
        self.who = {"tenant_id": "t1", "company_id": self.company}
        self.imports = {}  # job: (bank, numbers) of those that are not undone
        self.answers = []
        self.most = {"pairs": 0, "parts": 0}
        system.set_chart(CHART, company=self.company)
        system.set_rules(SPLITS, company=self.company)

    def get(self, path, **params):
        return self.system.get(path, **self.who, **params)

    def transactions(self):
        items, cursor = [], None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self.get("/api/transactions", limit=1000, **more)
            items += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return items

    # ---- moves ----

    @staticmethod
    def file(bank, numbers):
        return (HEAD + "".join(line(number, bank) for number in numbers)).encode()

    def rule(self):
        self.system.set_rules(self.dice.choice(RULES), company=self.company)

    def bring(self, bank=None):
        first = self.dice.randrange(120)
        numbers = range(40, 80) if bank else range(first, first + self.dice.randrange(1, 40))
        bank = bank or self.dice.choice(BANKS)
        job = self.system.upload(self.file(bank, numbers), company=self.company, account=bank)
        self.system.complete(job)
        self.imports[job] = bank, numbers

    def bring_again(self):
        if self.imports:
            bank, numbers = self.dice.choice(list(self.imports.values()))
            job = self.system.upload(self.file(bank, numbers), company=self.company, account=bank)
            assert self.system.complete(job)["result"]["inserted"] == 0
            self.imports[job] = bank, numbers

    def undo(self):
        if self.imports:
            job = self.dice.choice(list(self.imports))
            self.system.post(f"/api/jobs/{job}/undo", 200, params=self.who)
            del self.imports[job]

    def correct(self):
        items = self.transactions()
        if items:
            item = self.dice.choice(items)
            reply = self.system.post(f"/api/transactions/{item['id']}/categorize", 200, json={
                **self.who, "account": self.dice.choice(ACCOUNTS), "entry_id": item["entry_id"]})
            self.answers.append(reply["answer_id"])

    def correct_group(self):
        groups = self.get("/api/transactions", status="needs_review", group="merchant")["items"]
        if groups:
            group = self.dice.choice(groups)
            reply = self.system.post("/api/transactions/categorize", 200, json={
                **self.who, "account": self.dice.choice(ACCOUNTS), **{
                    name: group[name] for name in ("merchant", "direction", "currency")}})
            self.answers.append(reply["answer_id"])

    def uncorrect(self):
        if self.answers:
            answer = self.answers.pop(self.dice.randrange(len(self.answers)))
            self.system.post(f"/api/answers/{answer}/undo", 200, json=self.who)

    def part(self):
        pairs = self.get("/api/transfers")["items"]
        if pairs:
            self.system.post(f"/api/transfers/{self.dice.choice(pairs)['id']}/undo", 200,
                             json=self.who)

    def categorize(self):
        self.system.complete(self.system.categorize("t1", self.company, 1000))

    # ---- what must hold ----

    def expected(self):
        """{(bank, currency): minor} of the lines that some import still vouches for."""
        held = {}
        for bank, number in {(bank, number) for bank, numbers in self.imports.values()
                             for number in numbers}:
            _, _, amount, currency = line(number, bank).strip().split(",")
            held[bank, currency] = held.get((bank, currency), 0) + minor(amount)
        return {key: value for key, value in held.items() if value}

    def check(self):
        answer = self.get("/api/accounts/balances")
        for total in answer["totals"]:
            assert total["debit"] == total["credit"], total
        held = {(item["account"], item["currency"]): minor(item["balance"])
                for item in answer["items"] if item["account"] in BANKS}
        assert {key: value for key, value in held.items() if value} == self.expected()
        books = self.system.books(company=self.company)
        wrong = books.execute(
            "SELECT count(*) FROM transactions t WHERE (SELECT count(*) FROM entries e WHERE "
            "e.txn = t.id AND e.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM entries r WHERE "
            "r.reverses = e.id)) <> 1").fetchone()[0]
        lines = books.execute("SELECT count(*) FROM (SELECT entry FROM lines GROUP BY entry HAVING "
                              "sum(amount) <> 0)").fetchone()[0]
        sums = {(row[0], row[1]): row[2] for row in books.execute(
            "SELECT account, currency, balance FROM trial_balance")}
        transit = books.execute("SELECT count(*) FROM transfers WHERE undone_ms IS NULL")
        self.most = {"pairs": max(self.most["pairs"], transit.fetchone()[0]),
                     "parts": max(self.most["parts"], books.execute(
                         "SELECT count(*) FROM parts").fetchone()[0])}
        books.close()
        assert (wrong, lines) == (0, 0)
        assert sums == {(item["account"], item["currency"]): minor(item["balance"])
                        for item in answer["items"]}

    def check_export(self):
        items = self.get("/api/accounts/balances")["items"]
        held = {(item["account"], item["currency"]): minor(item["balance"]) for item in items}
        found = by_hledger(saved(self.system, self.company, "hledger"))
        assert {key: minor(str(value)) for key, value in found.items()} == \
            {key: value for key, value in held.items() if value}

    def play(self, steps):
        moves = [self.bring, self.bring, self.bring_again, self.undo, self.correct, self.correct,
                 self.correct_group, self.uncorrect, self.part, self.categorize, self.rule]
        for bank in BANKS:  # with something between them
            self.bring(bank)
        for step in range(steps):
            move = self.dice.choice(moves)
            try:
                move()
                self.check()
            except (AssertionError, Refused) as why:
                place = f"{self.company}, step {step}, {move.__name__}"
                raise AssertionError(f"{place}: {why}") from why
            if step % 10 == 9:
                self.check_export()
        assert min(self.most.values()) > 0, self.most  # the game had them
        print(f"seed {self.company[4:]}: {steps} steps, {self.most}")


@pytest.mark.limit(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_books_are_right_after_any_sequence(daybook, seed):
    system = daybook()
    Game(system, seed).play(STEPS)
    system.stop()
    verify(system)
