"""make install: what lies under DESTDIR runs from there, with its configuration and rules."""
import os
import pathlib
import subprocess

import daybook as module
import pytest
from daybook import BIN, ROOT, check_result
from statements import Statement


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A tree installed with DESTDIR and PREFIX; the build under test is what is installed."""
    tree = tmp_path_factory.mktemp("install")
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run(["make", "install", f"BUILD={BIN.parent}", f"DESTDIR={tree}",
                           "PREFIX=/opt/daybook"], cwd=ROOT, env=env, capture_output=True,
                          text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return tree / "opt/daybook"


def test_everything_is_installed(installed):
    programs = {path.name for path in (installed / "bin").iterdir()}
    assert {path.name for path in BIN.glob("daybook*")} - {"daybook-noop"} <= programs | {
        path.name for path in BIN.glob("daybook-*") if not is_shipped(path.name)}
    assert list(installed.rglob("daybook.conf")), "no configuration"
    assert list(installed.rglob("*.rules")), "no starter rules"
    assert not [path for path in installed.rglob("*") if path.is_file()
                and path.stat().st_mode & 0o022], "files that others may write"


def is_shipped(name):
    """Examples are built beside the rest and need not be installed."""
    return not list((ROOT / "examples").rglob(f"{name.removeprefix('daybook-')}.c"))


def test_installed_tree_does_the_main_job(installed, daybook, monkeypatch):
    monkeypatch.setattr(module, "BIN", pathlib.Path(installed / "bin"))
    system = daybook()
    statement = Statement(1000)
    record = system.complete(system.upload(statement.bytes()))
    check_result(record, statement)
    system.trial_balance()
    system.stop()


def test_a_build_is_known_by_one_name_however_it_was_given(installed):
    """Otherwise what was built under the other name is not built anew when its headers change."""
    assert installed.exists()
    assert not [path for path in BIN.parent.rglob("*.d") if path.read_text().startswith("/")]
