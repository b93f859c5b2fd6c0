"""Browser tests use the systems, fixtures and limits of the flow tests, and a browser a file. A
test that fails shows what its pages did."""
import importlib.util
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
FLOW = HERE.parent / "flow"
sys.path[:0] = [str(HERE), str(FLOW), str(FLOW.parent)]

spec = importlib.util.spec_from_file_location("flow_conftest", FLOW / "conftest.py")
flow_conftest = importlib.util.module_from_spec(spec)
spec.loader.exec_module(flow_conftest)
globals().update({name: value for name, value in vars(flow_conftest).items()
                  if name.startswith("pytest_") or name in ("daybook", "system")})

from browser import Browser  # noqa: E402


@pytest.fixture(scope="module")
def browser():
    started = Browser()
    yield started
    started.close()


@pytest.fixture
def person(browser, request):
    """person(system, path, ...) opens a page. At the end none of them may have asked another
    origin, broken the policy, or complained; `bears` are patterns of complaints that the test is
    about."""
    pages = []

    def opens(system, path=None, bears=(), **query):
        page = browser.open(system.url, path, **query)
        pages.append((page, bears))
        return page

    yield opens
    wrongs = [wrong for page, bears in pages for wrong in page.wrongs(bears)]
    if getattr(request.node, "daybook_failed", False):
        for page, _ in pages:
            print(page.url(), page.locator("body").ariaSnapshot(), sep="\n")
        print("wrong:", *wrongs, sep="\n")
    for page, _ in pages:
        page.close()
    assert getattr(request.node, "daybook_failed", False) or not wrongs, wrongs
