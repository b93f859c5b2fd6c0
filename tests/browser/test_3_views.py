"""Every view: open to everybody, locked up against what bank files bring along, narrow and dark."""
import hashlib
import re

import pytest
from daybook import wait_until

HOME = "/dashboard/background-jobs"
WHO = {"tenant": "t1", "company": "acme"}
VIEWS = {"Background jobs": HOME, "Upload a statement": "/dashboard/upload",
         "Stages": "/dashboard/stages", "Transactions": "/dashboard/transactions",
         "Review": "/dashboard/review", "Journal entries": "/dashboard/entries",
         "Balances": "/dashboard/balances", "Rules": "/dashboard/rules",
         "Imports": "/dashboard/imports", "Export": "/dashboard/export"}
# A stranger writes what a transaction is called: each of these would do something as HTML.
HOSTILE = ("<img src=x onerror=alert(1)>", "<script>document.title='owned'</script>",
           "<svg/onload=alert(2)>", "{{7*7}}", "javascript:alert(3)", "</td></table><h1>owned</h1>",
           "\u202Eevil\u202C", "=HYPERLINK(\"http://203.0.113.1\")")
FILE_NAME = "<img src=x onerror=alert(4)>.csv"


def hostile_statement():
    rows = "".join('2026-0{}-11,"{}",-{}.25\n'.format(1 + i % 6, text.replace('"', '""'), 10 + i)
                   for i, text in enumerate(HOSTILE * 2))
    return ("Date,Description,Amount\n" + rows + "2026-02-31,<b>refused</b>,-1.00\n").encode()


@pytest.fixture(scope="module")
def job(system):
    """Books that every view shows something of."""
    content = hostile_statement()
    job = system.upload(content, name=FILE_NAME)
    system.complete(job)
    system.complete(system.upload(content + b"2026-07-01,NETFLIX.COM,-9.99\n", name="again.csv"))
    return job


def settle(page):
    """Until the view has all that it asks for."""
    page.locator("main h1").first().waitFor()
    wait_until("the view is still", lambda: page.evaluate(
        "!document.querySelector('main [aria-busy=true], main .spinner')"))


def views(page, job):
    """Each view in turn, by its name."""
    for name, path in [*VIEWS.items(), ("A job", f"{HOME}/{job}"),
                       ("Accounts", "/dashboard/rules?view=accounts"),
                       ("Nothing there", "/dashboard/nothing")]:
        mark = "&" if "?" in path else "?"
        page.goto(f"{path}{mark}tenant=t1&company=acme")
        settle(page)
        yield name


def test_browser_no_view_hinders_anybody(system, job, person):
    """axe-core finds nothing, in light and dark."""
    page = person(system)
    found = []
    for name in views(page, job):
        found += [f"{name}: {finding}" for finding in page.findings()]
        page.emulateMedia(colorScheme="dark")
        found += [f"{name}, dark: {finding}" for finding in page.findings("color-contrast")]
        page.emulateMedia(colorScheme="light")
    assert not found, "\n".join(found)


def test_browser_every_view_fits_320_pixels(system, job, person):
    page = person(system)
    page.setViewportSize({"width": 320, "height": 640})
    wide, hidden = {}, []
    for name in views(page, job):
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide[name] = width
        if not page.evaluate("""(() => {
                const at = document.querySelector('nav [aria-current]')?.getBoundingClientRect();
                return !at || (at.left >= 0 && at.right <= 320);
            })()"""):
            hidden.append(name)
    assert not wide and not hidden, (wide, hidden)


def test_browser_an_amount_keeps_its_sign_before_it_when_read_from_the_right(system, job, person):
    page = person(system, "/dashboard/transactions", **WHO)
    page.locator("td .books-money").first().waitFor()
    first, before, sides = page.evaluate("""(() => {
        document.documentElement.dir = 'rtl';
        const side = (what) => getComputedStyle(document.querySelector(what)).textAlign;
        const text = document.querySelector('td .books-money').firstChild;
        const left = (at) => {
            const range = document.createRange();
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            return range.getBoundingClientRect().left;
        };
        return [text.data[0], left(0) < left(text.data.length - 1),
                [side('main h1'), side('main td'), side('main td.number')]];
    })()""")
    assert first == "\u2212" and before
    assert sides == ["right", "right", "left"]


def test_browser_what_a_bank_file_brings_is_text(system, job, person):
    """Nothing of it becomes an element, and it can be read as it is."""
    page = person(system)
    for name in views(page, job):
        strangers = page.evaluate(
            "document.querySelectorAll('main img, main script, main svg[onload]').length")
        assert strangers == 0, name
        assert page.title() != "owned", name
        assert page.getByRole("heading", name="owned").count() == 0, name
        text = page.text()
        if name in ("Transactions", "Journal entries"):
            assert all(one in text for one in HOSTILE), name
        if name in ("Background jobs", "A job", "Imports"):
            assert FILE_NAME in text, name


def test_browser_what_a_bank_file_brings_is_text_before_it_is_stored(system, person, tmp_path):
    (tmp_path / FILE_NAME).write_bytes(hostile_statement())
    page = person(system, "/dashboard/upload", **WHO)
    page.locator("input[type=file]").setInputFiles(str(tmp_path / FILE_NAME))
    page.getByRole("row").nth(8).waitFor()
    text = page.text()
    assert FILE_NAME in text and all(one in text for one in HOSTILE)
    assert page.evaluate("document.querySelectorAll('main img, main script').length") == 0


def focus(page):
    return page.evaluate("(document.activeElement?.textContent || '').trim().slice(0, 60)")


def tab_to(page, name, most=60):
    for _ in range(most):
        page.keyboard.press("Tab")
        if focus(page) == name:
            return
    raise AssertionError(f"{most} tabs do not reach {name}")


def test_browser_by_keyboard_alone(system, job, person):
    """From the top of the page into the review, an answer, and its way back."""
    page = person(system, HOME, **WHO)
    settle(page)
    tab_to(page, "Skip to the view", most=1)
    tab_to(page, "Review")
    page.keyboard.press("Enter")
    page.heading("Review")
    queue = page.getByRole("navigation", name="Queue").getByRole("button")
    queue.first().waitFor()
    groups = queue.count()
    page.keyboard.press("?")
    keys = page.getByRole("dialog", name="Keys")
    keys.waitFor()
    page.keyboard.press("Escape")
    keys.waitFor(state="hidden")
    page.keyboard.press("j")
    page.keyboard.press("/")
    page.keyboard.type("restaurants")
    page.getByRole("option", name=re.compile("Restaurants")).first().waitFor()
    page.keyboard.press("Enter")
    wait_until("the group is answered", lambda: queue.count() == groups - 1)
    page.keyboard.press("u")
    wait_until("the answer is taken back", lambda: queue.count() == groups)
    tab_to(page, "Export")
    page.keyboard.press("Enter")
    page.heading("Export")


def test_browser_reload_and_back_show_the_same(system, job, person):
    page = person(system, "/dashboard/transactions", **WHO)
    page.getByLabel("Description").fill("NETFLIX")
    page.button("Filter").click()
    rows = page.getByRole("row")
    wait_until("one row is left", lambda: rows.count() == 2)
    assert "q=NETFLIX" in page.url()
    page.reload()
    settle(page)
    wait_until("one row is left", lambda: rows.count() == 2)
    page.goBack()
    wait_until("all rows are back", lambda: rows.count() > 2)


def test_browser_results_of_a_job_are_its_own(system, job, person):
    page = person(system, f"{HOME}/{job}", **WHO)
    page.link("View results").click()
    page.heading("Transactions")
    page.see(re.compile("Only of job"))
    settle(page)
    assert page.getByText("NETFLIX.COM").count() == 0


def test_browser_a_key_is_asked_for_and_taken(daybook, person):
    """With keys configured nothing is shown without one; with one, events come too."""
    key = "k" * 64
    system = daybook(start=False, config='access\n    keys_file = "FOLDER/keys"\n')
    system.config.write_text(system.config.read_text().replace("FOLDER", str(system.folder)))
    digest = hashlib.blake2b(key.encode(), digest_size=32).hexdigest()
    (system.folder / "keys").write_text(f"t1 tester {digest}\n")
    (system.folder / "keys").chmod(0o600)
    system.start()
    page = person(system, HOME, bears=("401",), **WHO)
    page.see("A key is needed")
    page.button(re.compile("^Settings")).click()
    page.getByLabel("API key").fill(key)
    page.button("Use these").click()
    page.see("No jobs yet")
    system.http.headers["Authorization"] = f"Bearer {key}"
    system.upload(b"Date,Description,Amount\n2026-05-01,HUMBDRO,-1.00\n", name="keyed.csv")
    page.getByRole("row").filter(hasText="keyed.csv").filter(hasText="complete").waitFor()

