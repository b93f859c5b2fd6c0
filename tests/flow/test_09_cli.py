"""The `daybook` command: help, exit codes, what people and scripts read from it."""
import json
import socket

import pytest
from daybook import BIN, STAGES, System, check_result
from statements import Statement

COMMANDS = ("up", "upload", "categorize", "jobs", "job", "cancel", "retry", "watch", "tap",
            "stages", "balances", "ps")
WHO = ("--tenant", "t1", "--company", "cli")


def where(system):
    return ("--url", system.url)


def test_help_of_every_command(system):
    text = system.cli("--help", check=0).stdout
    for command in COMMANDS:
        assert f"  {command} " in text
        about = system.cli(command, "--help", check=0).stdout
        assert about.startswith(f"daybook {command}") and "Usage:" in about
        assert "Exit status" in about
    assert "Exit status" in text


def test_every_program_says_what_it_is(system):
    for program in sorted(BIN.glob("daybook-*")):
        assert system.cli("version", check=0).stdout.startswith("daybook ")
        name = program.name.removeprefix("daybook-")
        if name in (*STAGES, "fetch", "broker", "status-api", "dump"):
            import subprocess
            done = subprocess.run([str(program), "--help"], capture_output=True, text=True,
                                  timeout=20, check=False)
            assert done.returncode == 0 and name in done.stdout, program


def test_mistakes_on_the_command_line_are_64(system):
    for words in ((), ("no-such-command",), ("upload",), ("job",), ("jobs", "--no-such-option"),
                  ("up", "--data"), ("watch", "a", "b")):
        done = system.cli(*words)
        assert done.returncode == 64 and done.stderr, words


def test_upload_as_json_tells_the_result(system, tmp_path):
    statement = Statement(400, seed=1)
    path = statement.write(tmp_path / "may.csv")
    done = system.cli("upload", path, *WHO, "--json", *where(system), check=0)
    record = json.loads(done.stdout.splitlines()[-1])
    assert record["status"] == "complete"
    check_result(record, statement)


def test_upload_for_people_says_how_it_went(system, tmp_path):
    path = Statement(200, seed=2).write(tmp_path / "june.csv")
    done = system.cli("upload", path, *WHO, *where(system), check=0)
    assert "196" in done.stdout + done.stderr  # of 200 rows every 50th is rejected


def test_upload_of_a_file_that_is_not_there_is_66(system):
    done = system.cli("upload", "/no/such/file.csv", *WHO, *where(system), check=66)
    assert "/no/such/file.csv" in done.stderr


def test_refusal_is_1_and_nobody_there_is_69(system, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    system.cli("upload", path, *WHO, *where(system), check=1)
    system.cli("job", "job_01JD8ZQ0000000000000000000", *where(system), check=1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = system.cli("jobs", "--url", f"http://127.0.0.1:{port}", check=69)
    assert str(port) in done.stderr


def test_jobs_job_watch_stages_ps_and_balances(system):
    statement = Statement(100, seed=3)
    job = system.upload(statement.bytes(), company="cli2")
    system.complete(job)
    assert job in system.cli("jobs", "--tenant", "t1", *where(system), check=0).stdout
    assert "complete" in system.cli("job", job, *where(system), check=0).stdout
    assert system.cli("watch", job, *where(system), check=0).returncode == 0
    stages = system.cli("stages", *where(system), check=0).stdout
    assert all(name in stages for name in (*STAGES, "fetch"))
    listed = system.cli("ps", "--data", system.data, check=0).stdout
    for name in (*STAGES, "fetch", "broker", "status-api"):
        for pid in system.pids(name):
            assert str(pid) in listed, listed
    balances = system.cli("balances", "--tenant", "t1", "--company", "cli2", *where(system),
                          check=0).stdout
    assert "Assets:Bank:Checking" in balances


def test_categorize_cancel_and_retry(daybook):
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:100"})
    system.cli("categorize", *WHO, "--limit", 50, *where(system), check=0)
    job = system.upload(Statement(5000).bytes())
    system.cli("cancel", job, *where(system), check=0)
    assert system.poll(job)["status"] == "cancelled"
    system.cli("retry", job, *where(system), check=0)
    assert system.complete(job)["attempt"] == 2


def one_line(done):
    lines = [line for line in done.stderr.splitlines() + done.stdout.splitlines()
             if "daybook: " in line or line.startswith("daybook ")]
    assert lines, (done.returncode, done.stdout, done.stderr)
    return lines[-1]


def test_busy_port_is_one_clear_line(system):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        done = system.cli("up", "--data", system.folder / "busy", "--listen", f"127.0.0.1:{port}",
                          check=69)
        assert str(port) in one_line(done)


def test_second_up_on_the_same_folder_is_refused(system):
    done = system.cli("up", "--data", system.data, "--listen", "127.0.0.1:0", check=75)
    assert str(system.data) in one_line(done)
    assert system.get("/api/stages")


def test_up_with_a_mistake_in_its_configuration_is_78(daybook):
    system = daybook(config="limits\n    retention = 5\n", start=False)
    done = system.cli(*system.command()[1:], check=78)
    assert "retention" in one_line(done)


def test_address_other_than_loopback_needs_keys(daybook):
    system: System = daybook(start=False)
    done = system.cli("up", "--data", system.data, "--listen", "0.0.0.0:0")
    assert done.returncode not in (0, -9) and one_line(done)


@pytest.mark.parametrize("number", ("SIGTERM", "SIGINT"))
def test_up_stops_cleanly_while_it_works(daybook, number):
    import signal
    import time
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:100"})
    job = system.upload(Statement(20000).bytes())
    system.poll(job, until=lambda record: record["stages"][3]["done"] > 0)
    begun = time.monotonic()
    system.up.send_signal(getattr(signal, number))
    assert system.up.wait(30) == 0
    assert time.monotonic() - begun < 10
    assert not system.processes()
    system.extra_env.clear()
    system.start()
    check_result(system.complete(job), Statement(20000))
