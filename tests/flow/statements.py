"""statements - synthetic bank statements whose right answer is known without daybook.

Row i of a seed is always the same row, so two statements over ranges that overlap hold the same
rows there: those are the duplicates. Every 50th row is one that no reader can accept. The rules,
the chart and an independent recount of what the books must hold stand beside it, in Python.
"""
import datetime
import pathlib
from collections import defaultdict
from decimal import Decimal

BANK = "Assets:Bank:Checking"
REJECT_EVERY = 50
ROWS_A_DAY = 300
DAYS = 3600
FIRST_DAY = datetime.date(2016, 1, 1)
# Merchants that nobody has a rule for but the tests: (name, account of the rule, money in?).
MERCHANTS = [
    ("QUORVEX", "Expenses:Quorvex", False),
    ("ZYTHRAL", "Expenses:Zythral", False),
    ("BRILMOR", "Expenses:Brilmor", False),
    ("PAYQUANT", "Income:Payquant", True),
    ("HUMBDRO", None, False),
    ("VLIXTAR", None, True),
]
RULES = "\n".join(
    f'rule {name} if description contains "{name.lower()}" then account {account}\n'
    for name, account, _ in MERCHANTS if account)
CHART = "".join(f"{account}\n" for _, account, _ in MERCHANTS if account) + f"{BANK}\n"


def scramble(seed, i):
    """A fixed, well-spread number for row i; not random, so that any range can be had alone."""
    value = (i * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03) & (2**64 - 1)
    value ^= value >> 29
    return (value * 0xBF58476D1CE4E5B9 & (2**64 - 1)) >> 17


class Statement:
    """Rows `first` to `first + rows` of `seed`."""

    def __init__(self, rows, seed=1, first=0, merchants=None):
        self.rows, self.seed, self.first = rows, seed, first
        self.merchants = merchants or MERCHANTS

    def places(self):
        return range(self.first, self.first + self.rows)

    def row(self, i):
        """(date, description, minor units, account of the tests' rules or None)."""
        dice = scramble(self.seed, i)
        name, account, money_in = self.merchants[dice % len(self.merchants)]
        minor = 100 + dice // 7 % 90000
        day = FIRST_DAY + datetime.timedelta(days=i // ROWS_A_DAY % DAYS)
        return day.isoformat(), f"{name} {self.seed}/{i:07}", minor if money_in else -minor, account

    @staticmethod
    def is_rejected(i):
        return i % REJECT_EVERY == REJECT_EVERY - 1

    def line(self, i):
        date, description, minor, _ = self.row(i)
        amount = f"{Decimal(minor) / 100:.2f}"
        if self.is_rejected(i):
            bad_day = i % 4 == 1  # places end in 49 or 99: both occur
            return f"2020-02-31,{description},{amount}\n" if bad_day else \
                f"{date},{description},not-a-number\n"
        if i % 97 == 5:  # a record over two lines, with a delimiter and a quote in it
            description = f'"{description}, ""at\nthe corner"""'
        return f"{date},{description},{amount}\n"

    def chunks(self):
        yield b"Date,Description,Amount\n"
        lines = []
        for i in self.places():
            lines.append(self.line(i))
            if len(lines) == 4096:
                yield "".join(lines).encode()
                lines = []
        yield "".join(lines).encode()

    def bytes(self):
        return b"".join(self.chunks())

    def write(self, path):
        with open(path, "wb") as out:
            for chunk in self.chunks():
                out.write(chunk)
        return pathlib.Path(path)

    def rejected(self):
        return sum(self.is_rejected(i) for i in self.places())

    def good(self):
        return self.rows - self.rejected()

    def overlap(self, other):
        """Rows that both statements hold and that can be booked."""
        first = max(self.first, other.first)
        last = min(self.first + self.rows, other.first + other.rows)
        return sum(not self.is_rejected(i) for i in range(first, last))

    def by_rules(self):
        return sum(self.row(i)[3] is not None for i in self.places() if not self.is_rejected(i))


def recount(*statements, rules=True):
    """{account: (debit, credit)} in minor units that the books must hold after these statements,
    each row once however many of them bring it."""
    debit, credit, seen = defaultdict(int), defaultdict(int), set()
    for statement in statements:
        for i in statement.places():
            if statement.is_rejected(i) or (statement.seed, i) in seen:
                continue
            seen.add((statement.seed, i))
            _, _, minor, account = statement.row(i)
            other = account if rules and account else (
                "Income:Uncategorised" if minor > 0 else "Expenses:Uncategorised")
            debit[BANK if minor > 0 else other] += abs(minor)
            credit[other if minor > 0 else BANK] += abs(minor)
    return {name: (debit[name], credit[name]) for name in sorted({*debit, *credit})}
