"""A bank's file from its upload to the export, by somebody at a browser."""
import os
import pathlib
import re

import pytest

WHO = {"tenant": "t1", "company": "acme"}
STATEMENT = b"""Date,Description,Amount
2026-05-01,QUORVEX WERKE 0001,-12.00
2026-05-02,QUORVEX WERKE 0002,-13.50
2026-05-03,NETFLIX.COM,-17.99
2026-05-04,ZYTHRAL HOLDING,1200.00
2026-02-31,BROKEN DAY,-1.00
"""
NEXT = b"""Date,Description,Amount
2026-06-01,QUORVEX WERKE 0003,-14.00
"""


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path
    return write


def upload(page, path):
    """Chooses the file, looks at the preview, starts."""
    page.locator("input[type=file]").setInputFiles(str(path))
    begin(page)


def begin(page):
    page.button(re.compile(r"^Start: [\d,]+ rows?$")).click()
    page.waitForURL(re.compile(r"/dashboard/background-jobs/job_"))


def complete(page):
    page.link("View results").waitFor()


def test_browser_statement_from_upload_to_export(person, system, file):
    page = person(system, "/dashboard/upload", **WHO)
    page.locator("input[type=file]").setInputFiles(str(file("may.csv", STATEMENT)))
    page.getByText("How the file is read").click()
    currency = page.getByLabel("Currency", exact=True)
    for said, key, answer in (("EURO", "Enter", "currency is not a currency code of ISO 4217"),
                              ("EUR", "Enter", "-12.00 EUR"), ("USD", "Tab", "-12.00 USD")):
        currency.fill(said)
        currency.press(key)
        page.see(answer)
    assert page.evaluate("document.activeElement.labels?.[0].textContent") == "Date"
    begin(page)
    complete(page)
    page.heading("may.csv")
    assert page.download(page.button("Download 1 rejected"))[1].count("BROKEN DAY") == 1

    page.link("View results").click()
    page.heading("Transactions")
    rows = page.getByRole("row").filter(hasText="WERKE 0001")
    rows.getByRole("button", name=re.compile("change the account")).click()
    page.getByRole("row").getByRole("combobox", name="Account").fill("restaur")
    page.getByRole("option", name=re.compile("Restaurants")).first().waitFor()
    page.keyboard.press("Enter")
    page.getByText("Booked to").waitFor()
    rows.getByText("You", exact=True).waitFor()

    page.link("Upload").click()
    upload(page, file("june.csv", NEXT))
    complete(page)
    june = page.url()
    page.link("View results").click()
    learned = page.getByRole("row").filter(hasText="WERKE 0003")
    learned.getByText(re.compile("^History")).waitFor()
    assert learned.getByRole("button", name=re.compile("^Expenses:Food:Restaurants")).count() == 1

    page.link("Export").click()
    name, text = page.download(page.link(re.compile(r"^Download acme\.journal$")))
    assert name == "acme.journal"
    assert text.count("Expenses:Food:Restaurants") >= 2 and "NETFLIX.COM" in text

    page.goto(june)
    page.button("Undo this import…").click()
    page.button("Undo the import").click()
    page.see("Taken back: 1 transaction")
    left = system.get("/api/transactions", tenant_id="t1", company_id="acme")["items"]
    assert [txn["date"][:7] for txn in left] == ["2026-05"] * 4


def test_browser_a_pdf_is_refused_and_starts_nothing(system, person, file):
    page = person(system, "/dashboard/upload", bears=("415", "422"), tenant="t1", company="pdf")
    pdf = file("statement.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")
    page.locator("input[type=file]").setInputFiles(str(pdf))
    page.getByRole("alert").filter(hasText=re.compile("PDF")).waitFor()
    assert page.button(re.compile("^Start")).count() == 0
    assert system.get("/api/jobs", tenant_id="t1", company_id="pdf")["items"] == []


def test_browser_a_file_that_a_bank_wrote(person, system):
    shared = pathlib.Path(os.environ.get("DAYBOOK_SHARED", "../shared"))
    sample = shared.resolve() / "data/bank-csv/de-dkb-2024.csv"
    if not sample.exists():
        pytest.skip(f"{sample.name}: there is no folder of shared data")
    page = person(system, "/dashboard/upload", tenant="t1", company="sample")
    upload(page, sample)
    complete(page)
    page.heading(sample.name)
    result = system.get("/api/jobs", tenant_id="t1", company_id="sample")["items"][0]["result"]
    assert result["inserted"] == result["je_created"] > 0
