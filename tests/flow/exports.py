"""exports - bank files that no bank makes, a mixture of what banks do, with the rows they mean.

export(seed) is always the same file: language of the header or none, order of columns, order of
dates, decimal and thousands marks, minus signs, currency signs, debit and credit, balance and
whatever else stands beside the rows.
"""
import datetime
import random

HEADINGS = {
    "en": dict(date="Date", text="Description", amount="Amount", out="Debit", into="Credit",
               balance="Balance", flag="Dr/Cr", number="Reference", currency="Currency",
               kind="Category", fee="Fee", foreign="Original Amount", money="Original Currency"),
    "de": dict(date="Buchungstag", text="Verwendungszweck", amount="Betrag", out="Soll",
               into="Haben", balance="Saldo", flag="S/H", number="Referenz", currency="Währung",
               kind="Kategorie", fee="Gebühr", foreign="Ursprungsbetrag",
               money="Ursprungswährung"),
    "fr": dict(date="Date", text="Libellé", amount="Montant", out="Débit", into="Crédit",
               balance="Solde", flag="Sens", number="Référence", currency="Devise",
               kind="Catégorie", fee="Frais", foreign="Montant d'origine",
               money="Devise d'origine"),
    "pl": dict(date="Data operacji", text="Opis operacji", amount="Kwota", out="Obciążenia",
               into="Uznania", balance="Saldo", flag="Strona", number="Numer referencyjny",
               currency="Waluta", kind="Kategoria", fee="Prowizja", foreign="Kwota oryginalna",
               money="Waluta oryginalna"),
    "nobody's": dict(date="Kemo", text="Vimim", amount="Lakut", out="Savul", into="Kubus",
                     balance="Reselc", flag="Typhu", number="Rukus", currency="Qoed", kind="Zipus",
                     fee="Micet", foreign="Daliso", money="Horarp"),
}
SHOPS = ["GROCERY 24", "COFFEE HOUSE", "BOOKS & MORE", "FUEL STATION 7", "PHARMACY", "ZOO", "TAXI"]
PAYERS = ["SALARY ACME", "TRANSFER FROM MARY", "REFUND SHOP", "GIFT AUNT"]
DATES = ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%Y%m%d", "%d %b %Y",
         "%Y-%m-%dT%H:%M:%SZ", "%Y/%m/%d", "%d-%m-%Y"]
MARKS = [("", "."), (",", "."), (".", ","), (" ", ","), ("'", "."), ("", ",")]
MINUS = ["-{}", "-{}", "{}-", "({})", "\u2212{}"]
FLAGS = [("D", "C"), ("Debit", "Credit"), ("DR", "CR"), ("-", "+")]


class Style:
    """How one file writes its amounts, and of what columns a row is."""

    def __init__(self, dice):
        self.thousands, self.decimal = dice.choice(MARKS)
        self.minus = dice.choice(MINUS)
        self.sign = dice.choice(["", "", "€", "£"])
        self.flags = dice.choice(FLAGS)
        self.layout = dice.choice(["amount", "amount", "pair", "pair with minus", "flag"])
        self.columns = ["date", "text"]
        self.columns.insert(dice.randint(0, 2), self.layout)
        for name in ("number", "currency", "kind", "fee", "foreign", "balance"):
            if dice.random() < (0.5 if name == "balance" else 0.2):
                self.columns.insert(dice.randint(0, len(self.columns)), name)

    def amount(self, minor):
        units = f"{abs(minor) // 100:,}".replace(",", self.thousands)
        text = f"{self.sign}{units}{self.decimal}{abs(minor) % 100:02}"
        return self.minus.format(text) if minor < 0 else text

    def headings(self, words):
        """The names of the columns, in the words of one language."""
        several = {"amount": ["amount"], "pair": ["out", "into"], "flag": ["amount", "flag"],
                   "pair with minus": ["out", "into"], "foreign": ["foreign", "money"]}
        return [words[name] for column in self.columns for name in several.get(column, [column])]

    def cells(self, column, row, dice):
        """What one column, or a pair of them, holds in a row."""
        minor = row["minor"]
        if column == "amount":
            return [self.amount(minor)]
        if column.startswith("pair"):
            shown = self.amount(minor if column == "pair with minus" else abs(minor))
            return [shown, ""] if minor < 0 else ["", shown]
        if column == "flag":
            return [self.amount(abs(minor)), self.flags[minor > 0]]
        if column == "foreign":
            return [self.amount(2 * minor).replace(self.sign, ""), "CAD"] if minor % 3 else ["", ""]
        return [{"date": row["shown"], "text": row["text"], "balance": self.amount(row["balance"]),
                 "number": str(dice.randint(10**9, 10**10)), "currency": "EUR" if self.sign != "£"
                 else "GBP", "kind": dice.choice(["Food", "Home", ""]),
                 "fee": f"0{self.decimal}00"}[column]]


def history(dice):
    """Rows by day, oldest first, with the balance after each."""
    day, balance, rows = datetime.date(2025, dice.randint(1, 9), 1), 500000, []
    for _ in range(dice.choice([3, 5, 8, 15])):
        day += datetime.timedelta(days=dice.randint(0, 4))
        minor = dice.choice([dice.randint(100, 9999), dice.randint(10000, 500000)])
        minor = minor if dice.random() < 0.25 else -minor
        balance += minor
        rows.append({"day": day, "minor": minor, "balance": balance,
                     "text": dice.choice(PAYERS if minor > 0 else SHOPS)})
    return rows


def export(seed):
    """The file, and its rows as (date, amount, description)."""
    dice = random.Random(seed)
    style, rows, written = Style(dice), history(dice), dice.choice(DATES)
    if dice.random() < 0.4:
        rows.reverse()
    delimiter = dice.choice(";\t|" if style.decimal == "," else ",;\t|")
    lines = ["Account statement", ""] if dice.random() < 0.2 else []
    if dice.random() > 0.1:
        lines.append(delimiter.join(style.headings(dice.choice(list(HEADINGS.values())))))
    for row in rows:
        row["shown"] = row["day"].strftime(written)
        cells = [cell for column in style.columns for cell in style.cells(column, row, dice)]
        lines.append(delimiter.join(f'"{c}"' if delimiter in c else c for c in cells))
    lines += ["", "End of statement"] if dice.random() < 0.15 else []
    means = [(row["day"].isoformat(), f"{row['minor'] / 100:.2f}", row["text"]) for row in rows]
    return "\n".join(lines) + "\n", means
