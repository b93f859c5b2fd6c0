"""browser - Chromium for the tests, by Playwright's own names:

    browser = Browser()
    page = browser.open(system.url, "/dashboard/upload", tenant="t1", company="acme")
    page.getByRole("button", name=re.compile("^Start")).click()
    page.see("Complete")

A call that finds something (getBy..., locator, filter, nth) gives a locator; any other is done at
once, in driver.mjs. Named arguments become Playwright's options.
"""
import json
import os
import pathlib
import re
import subprocess
from urllib.parse import urlencode

from daybook import PATIENCE

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FINDS = re.compile(r"getBy|locator$|filter$|nth$|first$|last$")
END_S = 20


def node():
    """A node that is new enough, with the packages of web/ beside it."""
    return subprocess.run(["sh", str(ROOT / "web/modules.sh")], check=True, capture_output=True,
                          text=True).stdout.strip()


def as_json(value):
    """Patterns go as what driver.mjs makes them of again."""
    if isinstance(value, re.Pattern):
        return {"$pattern": value.pattern, "$flags": "i" if value.flags & re.I else ""}
    return str(value)


class Browser:
    def __init__(self):
        env = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
        self.process = subprocess.Popen(
            [node(), str(pathlib.Path(__file__).parent / "driver.mjs"), str(PATIENCE)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def send(self, command, **fields):
        line = json.dumps({"command": command, **fields}, default=as_json)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the browser has ended, at {line}"
        answer = json.loads(answer)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def open(self, origin, path=None, beside=None, options=None, **query):
        """A page; `options` are those of Playwright's newContext."""
        fields = {"origin": origin, "options": options or {}}
        if beside is not None:
            fields["beside"] = beside.number
        page = Page(self, self.send("open", **fields))
        if path:
            page.visit(path, **query)
        return page

    def close(self):
        """Its input ends, and so does it."""
        self.process.stdin.close()
        try:
            self.process.wait(END_S * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Chain:
    """Calls of Playwright, one after the other, on a page."""

    def __init__(self, page, steps=()):
        self._page, self._steps = page, list(steps)

    def __getattr__(self, name):
        def call(*args, **options):
            steps = [*self._steps, [name, *args, *([options] if options else [])]]
            if FINDS.match(name):
                return Chain(self._page, steps)
            return self._page.do(steps)
        return call


class Page(Chain):
    def __init__(self, browser, number):
        super().__init__(self)
        self.browser, self.number = browser, number
        self.keyboard = Chain(self, [["keyboard"]])

    def do(self, steps):
        return self.browser.send("call", page=self.number, chain=steps)

    def visit(self, path, **query):
        self.goto(path + ("?" + urlencode(query) if query else ""))

    def button(self, name):
        """By its whole name, or a pattern."""
        return self.getByRole("button", name=name, exact=True)

    def link(self, name):
        return self.getByRole("link", name=name, exact=True)

    def see(self, text, timeout=15):
        """Waits until `text`, or a pattern, can be read somewhere."""
        self.getByText(text).filter(visible=True).first().waitFor(timeout=timeout * 1000 * PATIENCE)

    def heading(self, name):
        self.getByRole("heading", name=name, exact=True).first().waitFor()

    def text(self):
        return self.locator("body").innerText()

    def download(self, locator):
        """Clicks, and gives (file name, text) of what is downloaded."""
        got = self.browser.send("download", page=self.number,
                                chain=[*locator._steps, ["click"]])  # pylint: disable=W0212
        return got["name"], got["text"]

    def findings(self, *rules):
        """What axe-core holds against the page as it is, a line each; only by these rules, if any
        are named."""
        found = self.browser.send("axe", page=self.number, rules=rules)
        return [f"{one['rule']} ({one['help']}): {where}"
                for one in found for where in one["where"]]

    def wrongs(self, borne=()):
        """What the page did that it must not, since last asked, but for what a pattern of `borne`
        is found in."""
        return [wrong for wrong in self.browser.send("wrongs", page=self.number)
                if not any(re.search(pattern, wrong) for pattern in borne)]

    def close(self):
        self.browser.send("close", page=self.number)
