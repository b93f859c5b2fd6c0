"""Fixtures and limits of the flow tests. A test that hangs is ended, a test that fails shows the
logs of its processes, and no process outlives its test."""
import faulthandler
import pathlib
import signal
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parent.parent)]

from daybook import PATIENCE, System  # noqa: E402

LIMIT_S = 120


def pytest_configure(config):
    config.addinivalue_line("markers", "limit(seconds): ends the test after so long")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """The limit of a test, its fixtures included; the hard end follows if even that hangs."""
    marker = item.get_closest_marker("limit")
    seconds = int((marker.args[0] if marker else LIMIT_S) * PATIENCE)

    def too_long(_signal, _frame):
        raise TimeoutError(f"longer than {seconds} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    faulthandler.dump_traceback_later(seconds + 60, exit=True)
    yield
    signal.alarm(0)
    faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        item.daybook_failed = True
        for system in getattr(item.module, "SYSTEMS", []):
            report.sections.append(("logs of the processes", system.logs()))


def systems_of(module):
    if not hasattr(module, "SYSTEMS"):
        module.SYSTEMS = []
    return module.SYSTEMS


def maker(module):
    """A function that starts systems, and one that ends them all: as they should end, if `well`."""
    started = []

    def make(*args, **options):
        start = options.pop("start", True)
        system = System(*args, **options)
        started.append(system)
        systems_of(module).append(system)
        return system.start() if start else system

    def end(well):
        try:
            for system in started:
                if system.up and system.up.poll() is None and well:
                    system.stop()
        finally:
            for system in started:
                system.close()
        for system in started:
            assert not system.sanitizer_reports(), system.sanitizer_reports()
            systems_of(module).remove(system)
            system.remove()

    return make, end


@pytest.fixture
def daybook(request):
    """daybook(config=..., env=...) starts a system for this test; it must also stop well."""
    make, end = maker(request.module)
    yield make
    end(not getattr(request.node, "daybook_failed", False))


@pytest.fixture(scope="module")
def system(request):
    """One system for all tests of a file; each takes a company of its own."""
    make, end = maker(request.module)
    yield make()
    end(True)

