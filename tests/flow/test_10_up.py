"""`daybook up` as a supervisor, of processes that are played here: order, restarts, giving up,
watchdog, the end of everything. What it runs for real is the other tests' matter."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
from daybook import BIN, PATIENCE, ROOT, wait_until

# A process that tells what happens to it in a common diary and does as its orders say.
PLAYER = """#!/usr/bin/python3 -I
import os, signal, socket, sys, time
name = os.path.basename(sys.argv[0]).removeprefix("daybook-") if len(sys.argv) < 2 or \\
    not sys.argv[1].startswith("as=") else sys.argv[1][3:]
folder = os.environ["PLAY"]

def diary(what):
    with open(folder + "/diary", "a") as out:
        out.write(f"{name} {os.getpid()} {what}\\n")

def tell(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(text, os.environ["NOTIFY_SOCKET"])

def stop(*_):
    diary("stops")
    if orders.get("deaf") != name:
        sys.exit(0)

signal.signal(signal.SIGTERM, stop)
orders = dict(order.split("=") for order in os.environ.get("ORDERS", "").split())
with open(folder + "/environ." + name, "w") as out:
    out.write("".join(f"{key}={value}\\n" for key, value in os.environ.items()))
diary("starts")
if orders.get("exits", "").startswith(name + ":"):
    sys.exit(int(orders["exits"].split(":")[1]))
if name == "status-api":
    with open(os.environ["DAYBOOK_DATA"] + "/run/http.port", "w") as out:
        out.write("4711\\n")
diary("is ready")
if orders.get("mute") != name:
    tell(b"READY=1")
while True:
    if orders.get("mute") != name and orders.get("silent") != name:
        tell(b"WATCHDOG=1")
    time.sleep(0.1)
"""
CONFIG = (ROOT / "etc/daybook.conf").read_text().split("pipelines\n")[0] + """
listen = "127.0.0.1:0"
pipelines
    upload-and-categorize
        parse
            kind = source
            share = 50
            lease_ms = 1500
        rules
            share = 50
            workers = 2
            lease_ms = 1500
"""


class Play:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybook-"))
        self.data = self.folder / "data"
        self.bin = self.folder / "build/bin"
        self.bin.mkdir(parents=True)
        (self.folder / "etc").mkdir()
        (self.folder / "etc/daybook.conf").write_text(CONFIG)
        shutil.copy(BIN / "daybook", self.bin)
        for name in ("broker", "status-api", "parse", "rules"):
            program = self.bin / f"daybook-{name}"
            program.write_text(PLAYER)
            program.chmod(0o755)
        self.up = None

    def env(self, orders=""):
        env = {**os.environ, "PLAY": str(self.folder), "ORDERS": orders}
        env.pop("DAYBOOK_CONFIG", None)
        return env

    def command(self, *words):
        return [str(self.bin / "daybook"), *map(str, words)]

    def run(self, *words, orders="", timeout=60):
        return subprocess.run(self.command(*words), env=self.env(orders), cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout * PATIENCE, check=False)

    def start(self, *words, orders="", ready=True):
        self.out = open(self.folder / "out", "w+")
        self.errors = open(self.folder / "errors", "w+")
        self.up = subprocess.Popen(self.command("up", "--data", self.data, *words), cwd=self.folder,
                                   env=self.env(orders), stdin=subprocess.DEVNULL, stdout=self.out,
                                   stderr=self.errors)
        if ready:
            wait_until("ready", lambda: "daybook is ready" in self.said(), 20)
        return self

    def said(self):
        return (self.folder / "out").read_text()

    def complained(self):
        return (self.folder / "errors").read_text()

    def diary(self):
        path = self.folder / "diary"
        lines = path.read_text().splitlines() if path.exists() else []
        return [tuple(line.split(" ", 2)) for line in lines]

    def pids(self, name):
        """Of the processes played under this name that are alive."""
        pids = {int(pid) for player, pid, _ in self.diary() if player == name}
        return sorted(pid for pid in pids if alive(pid))

    def everyone(self):
        return [pid for _, pid, _ in self.diary() if alive(int(pid))]

    def environ(self, name):
        lines = (self.folder / f"environ.{name}").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def stop(self, number=signal.SIGTERM, status=0):
        self.up.send_signal(number)
        assert self.up.wait(30) == status, self.complained()
        assert not self.everyone()

    def close(self):
        if self.up and self.up.poll() is None:
            self.up.kill()
            self.up.wait()
        if self.up:
            self.out.close()
            self.errors.close()
        wait_until("no orphans", lambda: not self.everyone(), 10)
        shutil.rmtree(self.folder, ignore_errors=True)


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def play():
    play = Play()
    yield play
    play.close()


def test_broker_is_ready_before_the_rest_starts_and_ends_last(play):
    play.start()
    play.stop()
    told = [(name, what) for name, _, what in play.diary()]
    assert told[:2] == [("broker", "starts"), ("broker", "is ready")]
    assert sorted(set(told[2:10])) == sorted({(name, what) for name in
                                              ("status-api", "parse", "rules")
                                              for what in ("starts", "is ready")})
    stops = [name for name, what in told if what == "stops"]
    assert sorted(stops[:3]) == ["parse", "rules", "rules"]
    assert stops[3:] == ["status-api", "broker"]


def test_ready_line_names_the_port_that_was_found(play):
    play.start()
    assert play.said() == ("daybook is ready: http://127.0.0.1:4711\n"
                           "its web page: http://127.0.0.1:4711/dashboard\n")


def test_a_port_that_was_found_is_kept(play):
    play.start()
    assert play.environ("status-api")["DAYBOOK_LISTEN"] == "127.0.0.1:0"
    os.kill(play.pids("status-api")[0], signal.SIGKILL)
    wait_until("the same port", lambda: play.environ("status-api").get("DAYBOOK_LISTEN")
               == "127.0.0.1:4711")


def test_children_know_where_they_are(play):
    play.start("--log", "debug")
    environ = play.environ("rules")
    assert environ["DAYBOOK_SUPERVISED"] == "1" and environ["DAYBOOK_LOG"] == "debug"
    assert environ["DAYBOOK_DATA"] == str(play.data)
    assert environ["DAYBOOK_BROKER"] == f"ipc://{play.data}/run/work.ipc"
    assert environ["WATCHDOG_USEC"] == "1500000"
    assert play.environ("broker")["WATCHDOG_USEC"] == "10000000"
    for name in ("", "run", "blobs", "jobs", "books", "contexts"):
        assert (play.data / name).stat().st_mode & 0o777 == 0o700


def test_ps_lists_processes_with_their_restarts(play):
    play.start()
    os.kill(play.pids("parse")[0], signal.SIGKILL)
    wait_until("a new one", lambda: len(play.pids("parse")) == 1)

    def listed():
        lines = play.run("ps", "--data", play.data).stdout.splitlines()
        found = {line.split()[0]: line.split()[1:4] for line in lines[1:]}
        return found if found["parse"][1] == "ready" else None

    table = wait_until("parse is listed as ready", listed)
    assert list(table) == ["up", "broker", "status-api", "parse", "rules", "rules-2"]
    assert table["parse"] == [str(play.pids("parse")[0]), "ready", "1"]
    play.stop()
    assert play.run("ps", "--data", play.data).returncode == 69


def test_die_at_is_for_the_first_start_only(play, monkeypatch):
    monkeypatch.setenv("DAYBOOK_DIE_AT", "rules:done.before")
    play.start()
    assert play.environ("parse")["DAYBOOK_DIE_AT"] == "rules:done.before"
    os.kill(play.pids("parse")[0], signal.SIGKILL)
    wait_until("without it", lambda: "DAYBOOK_DIE_AT" not in play.environ("parse"))


def test_one_that_dies_again_and_again_ends_everything(play):
    play.start(orders="exits=parse:3", ready=False)
    assert play.up.wait(60 * PATIENCE) == 1
    assert "parse died 10 times within a minute (exit status 3): giving up" in play.complained()
    assert len([1 for name, _, what in play.diary() if (name, what) == ("parse", "starts")]) == 10
    assert not play.everyone()


def test_one_that_cannot_start_ends_everything_soon(play):
    begun = time.monotonic()
    play.start(orders="exits=rules:78", ready=False)
    assert play.up.wait(30 * PATIENCE) == 78
    assert time.monotonic() - begun < 10 * PATIENCE
    assert "cannot start (exit status 78)" in play.complained()


def test_silent_one_is_killed_and_started_again(play):
    play.start()
    stopped = play.pids("parse")[0]
    os.kill(stopped, signal.SIGSTOP)
    wait_until("another one", lambda: play.pids("parse") not in ([], [stopped]), 15)
    assert not alive(stopped)
    assert "has been silent" in play.complained()
    play.stop()


def test_one_that_never_told_is_not_watched(play):
    play.start("--config", own_stage(play, "/usr/bin/python3 -I {player} as=own"),
               orders="mute=own")
    own = wait_until("it runs", lambda: play.pids("own"))
    time.sleep(3.5)  # longer than its lease, and than a look of the supervisor
    assert play.pids("own") == own
    play.stop()


def test_own_command_finds_its_folder_and_is_watched_once_it_has_told(play):
    play.start("--config", own_stage(play, "/usr/bin/python3 -I {player} as=own"))
    own = wait_until("it runs", lambda: play.pids("own"))[0]
    assert play.environ("own")["DAYBOOK_CONFIG_DIR"] == str(play.folder)
    wait_until("it tells", lambda: ("own", str(own), "is ready") in play.diary())
    time.sleep(0.3)
    os.kill(own, signal.SIGSTOP)
    wait_until("another one", lambda: play.pids("own") not in ([], [own]), 15)


def own_stage(play, command):
    (play.folder / "player").write_text(PLAYER)
    config = play.folder / "own.conf"
    line = command.format(player="$DAYBOOK_CONFIG_DIR/player")
    config.write_text(f"pipelines\n    mine\n        own\n            kind = source\n"
                      f"            share = 100\n            lease_ms = 1500\n"
                      f"            command = \"{line}\"\n")
    return config


def test_deaf_one_is_killed_at_the_end(play):
    play.start(orders="deaf=parse")
    begun = time.monotonic()
    play.stop()
    assert 9 < time.monotonic() - begun < 15 * PATIENCE


def test_stop_said_twice_is_at_once(play):
    play.start(orders="deaf=parse")
    play.up.send_signal(signal.SIGINT)
    wait_until("parse hears it", lambda: any(what == "stops" for _, _, what in play.diary()))
    begun = time.monotonic()
    play.stop(signal.SIGINT)
    assert time.monotonic() - begun < 5


def test_children_end_with_up_and_the_next_one_goes_on(play):
    play.start()
    play.up.kill()
    play.up.wait()
    wait_until("no orphans", lambda: not play.everyone(), 10)
    play.start()
    play.stop()


def one_line(done, status):
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("daybook up: "), done.stderr
    return lines[0]


def test_missing_program_is_one_line(play):
    (play.bin / "daybook-rules").unlink()
    done = play.run("up", "--data", play.data)
    assert "daybook-rules" in one_line(done, 72)


def test_data_directory_that_cannot_be_is_one_line(play):
    (play.folder / "file").write_text("")
    assert "file" in one_line(play.run("up", "--data", play.folder / "file/data"), 73)
    long = play.folder / ("x" * 100)
    assert "too long" in one_line(play.run("up", "--data", long), 78)


def test_second_up_is_one_line(play):
    play.start()
    assert str(play.data) in one_line(play.run("up", "--data", play.data), 75)
    play.stop()


def test_open_address_without_keys_is_one_line(play):
    done = play.run("up", "--data", play.data, "--listen", "0.0.0.0:0")
    assert "keys" in one_line(done, 78)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_full_disk_is_one_line(play):
    play.data.mkdir()
    options = ["-t", "tmpfs", "-o", "size=256k"]
    if subprocess.run(["mount", *options, "none", str(play.data)], check=False).returncode != 0:
        pytest.skip("this kernel or container does not let us mount")
    try:
        assert "No space" in one_line(play.run("up", "--data", play.data), 74)
    finally:
        subprocess.run(["umount", str(play.data)], check=True)
