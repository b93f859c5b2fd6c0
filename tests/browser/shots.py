#!/usr/bin/python3
"""shots - pictures of every view and state of the page, of a real system, into docs/shots."""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "flow"), str(HERE.parent)]

from browser import Browser  # noqa: E402
from daybook import System, wait_until  # noqa: E402

ROOT = HERE.parent.parent
SHOTS = ROOT / "docs/shots"
SAMPLE = ROOT / "etc/sample"
HOME = "/dashboard/background-jobs"
WHO = {"tenant": "demo", "company": "acme"}
BOOKS = ("transactions", "review", "entries", "balances", "rules", "imports", "export")
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}


class Camera:
    def __init__(self, system, browser):
        self.system = system
        self.page = browser.open(system.url, options={"viewport": WIDE, "locale": "en-GB",
                                                      "timezoneId": "UTC",
                                                      "reducedMotion": "reduce"})

    def visit(self, path, **query):
        self.page.visit(path, **{**WHO, **query})
        self.page.locator("main h1").first().waitFor()
        wait_until("the view is still", lambda: self.page.evaluate(
            "!document.querySelector('main .spinner')"))

    def take(self, name):
        self.page.screenshot(path=str(SHOTS / f"{name}.png"), animations="disabled")
        print(name, flush=True)

    def upload(self, name, content, **fields):
        return self.system.upload(content, tenant="demo", name=name, **fields)


def states(camera):
    """A job in each of its states; the largest file is slowed so that it can be seen at work."""
    page, year = camera.page, (SAMPLE / "statement.csv").read_bytes()
    camera.visit(HOME)
    camera.take("jobs-none")
    camera.visit("/dashboard/upload")
    page.locator("input[type=file]").setInputFiles(str(SAMPLE / "statement.csv"))
    page.button(re.compile("^Start")).waitFor()
    camera.take("upload-preview")
    earlier = camera.upload("earlier.csv", (SAMPLE / "earlier.csv").read_bytes())
    camera.system.complete(earlier)
    running = camera.upload("statement.csv", year)
    waiting = camera.upload("next.csv", year[:20000])
    camera.visit(f"{HOME}/{waiting}")
    page.see("Job queued")
    camera.take("job-queued")
    camera.visit(f"{HOME}/{running}")
    camera.system.poll(running, until=lambda record: record["progress"] > 40)
    camera.take("job-running")
    camera.visit("/dashboard/stages")
    camera.take("stages")
    camera.visit(HOME)
    camera.take("jobs-running")
    camera.system.complete(running)
    camera.system.complete(waiting)
    camera.visit(f"{HOME}/{running}")
    page.link("View results").waitFor()
    camera.take("job-complete")
    failing = camera.upload("no-amounts.csv", b"Date,Description\n2026-05-01,SHOP\n")
    camera.system.poll(failing)
    camera.visit(f"{HOME}/{failing}")
    page.getByRole("alert").first().waitFor()
    camera.take("job-failed")
    return running


def main():
    SHOTS.mkdir(parents=True, exist_ok=True)
    system = System(env={"DAYBOOK_SLOW_MS": "rules:600"}, config="limits\n    running_jobs = 1\n")
    browser = None
    try:
        system.start()
        browser = Browser()
        camera = Camera(system, browser)
        job = states(camera)
        for view in BOOKS:
            camera.visit(f"/dashboard/{view}")
            camera.take(view)
        camera.visit(HOME)
        camera.take("jobs")
        camera.page.emulateMedia(colorScheme="dark", reducedMotion="reduce")
        camera.take("jobs-dark")
        for view in ("balances", "review"):
            camera.visit(f"/dashboard/{view}")
            camera.take(f"{view}-dark")
        camera.page.emulateMedia(colorScheme="light", reducedMotion="reduce")
        camera.page.setViewportSize(NARROW)
        for name, path in (("jobs", HOME), ("job", f"{HOME}/{job}"),
                           ("review", "/dashboard/review"), ("balances", "/dashboard/balances"),
                           ("transactions", "/dashboard/transactions")):
            camera.visit(path)
            camera.take(f"{name}-320")
        system.stop()
    finally:
        if browser:
            browser.close()
        system.close()
        system.remove()


if __name__ == "__main__":
    main()
