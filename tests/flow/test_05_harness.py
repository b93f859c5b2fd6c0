"""A stage process against a broker that is played here: the dialogue of docs/WIRE.md, both for the
C harness and for the Python one of examples/."""
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import msgpack
import pytest
import zmq
from daybook import BIN, PATIENCE, ROOT

ROWS, BEGIN, FINISH, WRITE = range(4)
TEXT = "".join(f"line {n} of a text\n" for n in range(50))
CONTEXT = json.dumps({"params": {"text": TEXT}}).encode()
C_STAGE = (str(BIN / "daybook-lines"),)
PYTHON_STAGE = (sys.executable, str(ROOT / "examples/own-task/tally.py"))
EITHER = pytest.mark.parametrize("command", (C_STAGE, PYTHON_STAGE), ids=("C", "Python"))


class Broker:
    """The broker's side of the dialogue, said by the test line by line."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybook-"))
        self.endpoint = f"ipc://{self.folder}/work.ipc"
        self.context = zmq.Context.instance()
        self.token, self.peer, self.worker = 0, None, None
        self.bind()

    def bind(self):
        self.router = self.context.socket(zmq.ROUTER)
        self.router.setsockopt(zmq.LINGER, 0)
        self.router.bind(self.endpoint)

    def start(self, *command, env=None):
        environment = {**os.environ, "DAYBOOK_BROKER": self.endpoint,
                       "DAYBOOK_DATA": str(self.folder), **(env or {})}
        self.worker = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE, text=True, cwd=self.folder)
        return self

    def close(self):
        if self.worker and self.worker.poll() is None:
            self.worker.kill()
        if self.worker:
            self.worker.wait()
            self.worker.stderr.close()
        self.router.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, name, payload=None, **fields):
        frames = [self.peer, msgpack.packb({"wire": name, **fields})]
        self.router.send_multipart(frames + ([] if payload is None else [payload]))

    def hear(self, *names, seconds=5.0):
        """The next message of one of these names; beats are passed over unless they are meant."""
        deadline = time.monotonic() + seconds * PATIENCE
        while True:
            left = deadline - time.monotonic()
            assert left > 0 and self.router.poll(left * 1000), f"waited for {names} in vain"
            self.peer, head, *payload = self.router.recv_multipart()
            message = msgpack.unpackb(head)
            if message["wire"] in names:
                return message, payload[0] if payload else b""
            assert message["wire"] in ("BEAT", "NEED"), f"{message} instead of {names}"

    def holds(self, n):
        """The worker has said that it holds so many units."""
        while self.hear("BEAT")[0]["held"] != n:
            pass

    def silent(self, *names, seconds=0.4):
        """None of these is said for a while."""
        deadline = time.monotonic() + seconds
        while self.router.poll(max(0, deadline - time.monotonic()) * 1000):
            message = msgpack.unpackb(self.router.recv_multipart()[1])
            assert message["wire"] not in names, message
        return True

    def welcome(self, beat_ms=100, lease_ms=10000):
        message, _ = self.hear("HELLO")
        self.say("WELCOME", beat_ms=beat_ms, lease_ms=lease_ms)
        return message

    def work(self, kind=ROWS, payload=None, context=CONTEXT, **fields):
        self.token += 1
        digest = hashlib.blake2b(context, digest_size=32).digest()
        head = {"job": bytes(15) + b"\1", "unit": 0, "work": kind, "token": self.token, "flags": 0,
                "pipeline": "count-words", "tenant": "t1", "company": "acme", "start": b"",
                "end": b"", "context": digest if kind in (ROWS, FINISH) else b"", "rows": 0,
                "detail": ""}
        self.say("WORK", payload, **{**head, **fields})
        return self.token

    def give_context(self, context=CONTEXT, piece=131072):
        offset = 0
        while offset < len(context):
            message, _ = self.hear("NEED")
            assert message["offset"] == offset
            assert message["hash"] == hashlib.blake2b(context, digest_size=32).digest()
            self.say("PIECE", context[offset:offset + piece], hash=message["hash"], offset=offset,
                     total=len(context))
            offset += piece

    def give_lines(self, lines, **fields):
        """Work for the Python stage: no context is needed to count."""
        return self.work(payload=msgpack.packb(lines), rows=len(lines), **fields)

    def ended(self, seconds=10):
        return self.worker.wait(seconds * PATIENCE)


@pytest.fixture
def broker():
    broker = Broker()
    yield broker
    broker.close()


def source_answers(broker):
    """All units of the text, as a broker deals a source: each from where the last one ended."""
    rows, start = [], b""
    while True:
        token = broker.work(start=start, unit=len(rows))
        done, payload = broker.hear("DONE")
        assert done["token"] == token and done["work"] == ROWS
        lines = msgpack.unpackb(payload)
        assert done["rows_in"] == done["rows_out"] == len(lines)
        rows.append(lines)
        if done["last"]:
            return rows
        start = done["end"]


@EITHER
def test_hello_says_who_it_is(broker, command):
    broker.start(*command)
    hello = broker.welcome()
    assert hello["protocol"] == 1 and hello["pid"] == broker.worker.pid
    assert hello["stage"] == ("lines" if command is C_STAGE else "tally")
    assert 1 <= hello["credit"] <= 64 and hello["host"] and hello["version"]


@EITHER
def test_hello_is_repeated_until_welcome(broker, command):
    broker.start(*command)
    broker.hear("HELLO")
    broker.hear("HELLO")
    broker.say("WELCOME", beat_ms=50, lease_ms=10000)
    broker.hear("BEAT")
    assert broker.silent("HELLO", seconds=1.2)


def test_a_worker_waits_for_a_broker_that_comes_later(broker):
    broker.router.close()
    broker.start(*C_STAGE)
    time.sleep(1.5)  # time to pile up HELLOs, were they sent to nobody
    broker.bind()
    broker.welcome()
    assert broker.silent("HELLO", seconds=1.2)


def test_begin_and_units_of_a_source(broker):
    broker.start(*C_STAGE)
    broker.welcome()
    broker.work(BEGIN, payload=CONTEXT)
    done, context = broker.hear("DONE")
    assert done["total"] == 50 and json.loads(context) == json.loads(CONTEXT)
    broker.work()
    broker.give_context()
    broker.hear("DONE")
    rows = source_answers(broker)  # the context is known by now: no NEED comes in between
    assert [len(lines) for lines in rows] == [20, 20, 10]
    assert "".join(line + "\n" for lines in rows for line in lines) == TEXT


def test_replay_stops_exactly_at_its_end(broker):
    broker.start(*C_STAGE)
    broker.welcome()
    end = str(len("".join(f"line {n} of a text\n" for n in range(7)))).encode()
    broker.work(end=end, flags=2)
    broker.give_context()
    done, payload = broker.hear("DONE")
    assert done["end"] == end and not done["last"] and len(msgpack.unpackb(payload)) == 7


def test_context_comes_in_pieces_and_other_work_goes_on_meanwhile(broker):
    large = json.dumps({"params": {"text": TEXT, "more": "x" * 300000}}).encode()
    broker.start(*C_STAGE)
    broker.welcome()
    waiting = broker.work(context=large)
    broker.hear("NEED")
    begin = broker.work(BEGIN, payload=CONTEXT)
    assert broker.hear("DONE")[0]["token"] == begin
    for offset in range(0, len(large), 131072):
        broker.say("PIECE", large[offset:offset + 131072], offset=offset, total=len(large),
                   hash=hashlib.blake2b(large, digest_size=32).digest())
    assert broker.hear("DONE")[0]["token"] == waiting


@pytest.mark.parametrize("lie", ("missing", "damaged"))
def test_context_that_cannot_be_had_fails_the_unit_for_now(broker, lie):
    broker.start(*C_STAGE)
    broker.welcome()
    token = broker.work()
    need, _ = broker.hear("NEED")
    if lie == "missing":
        broker.say("PIECE", hash=need["hash"], offset=0, total=0)
    else:
        broker.say("PIECE", CONTEXT[:-2] + b" }", hash=need["hash"], offset=0, total=len(CONTEXT))
    fail, _ = broker.hear("FAIL")
    assert (fail["token"], fail["class"], fail["code"]) == (token, 2, f"context-{lie}")


def test_what_a_handler_refuses_fails_the_job(broker):
    broker.start(*C_STAGE)
    broker.welcome()
    broker.work(BEGIN, payload=b'{"params": {}}')
    fail, _ = broker.hear("FAIL")
    assert fail["class"] == 3 and fail["code"] == "no-text" and fail["work"] == BEGIN


@pytest.mark.parametrize("kind", (FINISH, WRITE))
def test_work_without_a_handler_fails_the_job(broker, kind):
    broker.start(*C_STAGE)
    broker.welcome()
    broker.work(kind, payload=b"{}")
    if kind == FINISH:
        broker.give_context()
    fail, _ = broker.hear("FAIL")
    assert fail["class"] == 3 and fail["code"] == "not-supported"


def test_begin_without_a_handler_is_passed_on_unchanged(broker):
    broker.start(*PYTHON_STAGE)
    broker.welcome()
    broker.work(BEGIN, payload=CONTEXT)
    assert json.loads(broker.hear("DONE")[1]) == json.loads(CONTEXT)


def test_beats_pass_while_a_unit_takes_its_time(broker):
    broker.start(*C_STAGE, "--slow-ms", "800")
    broker.welcome()
    broker.work(BEGIN, payload=CONTEXT)
    for _ in range(4):
        assert broker.hear("BEAT", "DONE")[0] == {"wire": "BEAT", "held": 1}
    broker.hear("DONE")


@EITHER
def test_who_voids_what_is_held(broker, command):
    slow = {"DAYBOOK_SLOW_MS": "lines:600"}
    broker.start(*command, env=slow)
    broker.welcome()
    if command is C_STAGE:
        broker.work(BEGIN, payload=CONTEXT)
        broker.work(BEGIN, payload=CONTEXT)
        broker.hear("BEAT")
    broker.say("WHO", reason="unknown: say HELLO")
    broker.welcome()
    assert broker.silent("DONE", "FAIL", "HELLO", seconds=0.9)
    token = broker.work(BEGIN, payload=CONTEXT)
    assert broker.hear("DONE")[0]["token"] == token


def test_a_restarted_broker_is_found_again(broker):
    broker.start(*C_STAGE)
    broker.welcome()
    broker.hear("BEAT")
    broker.router.close()
    broker.bind()
    broker.hear("BEAT")
    broker.say("WHO", reason="unknown: say HELLO")
    broker.welcome()
    broker.work(BEGIN, payload=CONTEXT)
    broker.hear("DONE")


@EITHER
def test_silence_is_doubted_and_then_connected_anew(broker, command):
    broker.start(*command)
    broker.welcome(beat_ms=50, lease_ms=400)
    first = broker.peer
    need, _ = broker.hear("NEED")  # a question that a broker always answers
    assert need["hash"] == bytes(32)
    broker.hear("HELLO")
    assert broker.peer != first


@EITHER
def test_an_answered_question_is_a_sign_of_life(broker, command):
    broker.start(*command)
    broker.welcome(beat_ms=50, lease_ms=200)
    for _ in range(5):
        need, _ = broker.hear("NEED")
        broker.say("PIECE", hash=need["hash"], offset=0, total=0)


def test_drop_of_waiting_and_of_current_work(broker):
    broker.start(*C_STAGE, "--slow-ms", "2000")
    broker.welcome()
    current = broker.work(BEGIN, payload=CONTEXT)
    waiting = broker.work(BEGIN, payload=CONTEXT)
    last = broker.work(BEGIN, payload=CONTEXT)
    broker.holds(3)
    for token in (waiting, current):
        broker.say("DROP", token=token)
        fail, _ = broker.hear("FAIL")
        assert (fail["token"], fail["class"], fail["code"]) == (token, 2, "dropped")
    assert broker.hear("DONE")[0]["token"] == last
    assert broker.silent("DONE", "FAIL")


@EITHER
@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_stop_says_bye_and_ends_well(broker, command, number):
    broker.start(*command)
    broker.welcome()
    broker.hear("BEAT")
    broker.worker.send_signal(number)
    assert broker.hear("BYE")[0]["held"] == 0
    assert broker.ended() == 0


def test_stop_hands_back_what_is_held(broker):
    broker.start(*C_STAGE, "--slow-ms", "60000")
    broker.welcome()
    for _ in range(3):
        broker.work(BEGIN, payload=CONTEXT)
    broker.holds(3)
    broker.worker.send_signal(signal.SIGTERM)
    assert broker.hear("BYE")[0]["held"] >= 2  # and no answer to the one that it was at
    assert broker.ended(3) == 0


def test_one_unit_ends_after_one(broker):
    broker.start(*C_STAGE, "--one-unit")
    broker.welcome()
    token = broker.work(BEGIN, payload=CONTEXT)
    broker.work(BEGIN, payload=CONTEXT)
    assert broker.hear("DONE")[0]["token"] == token
    broker.hear("BYE")
    assert broker.ended() == 0


def test_die_at_a_point_of_the_harness(broker):
    broker.start(*C_STAGE, "--die-at", "done.before:2")
    broker.welcome()
    token = broker.work(BEGIN, payload=CONTEXT)
    assert broker.hear("DONE")[0]["token"] == token
    broker.work(BEGIN, payload=CONTEXT)
    assert broker.ended() == 137
    assert broker.silent("DONE", seconds=0.2)


def test_die_at_from_the_environment_is_for_one_stage(broker):
    broker.start(*C_STAGE, env={"DAYBOOK_DIE_AT": "rules:done.before,lines:work.received"})
    broker.welcome()
    broker.work(BEGIN, payload=CONTEXT)
    assert broker.ended() == 137


@EITHER
def test_another_protocol_ends_the_process(broker, command):
    broker.start(*command)
    broker.hear("HELLO")
    broker.say("WHO", reason="protocol: this broker speaks another version")
    assert broker.ended() == (78 if command is C_STAGE else 1)
    assert "another version" in broker.worker.stderr.read()


def test_credit_is_what_was_asked_for(broker):
    broker.start(*C_STAGE, "--credit", "7")
    assert broker.welcome()["credit"] == 7


@pytest.mark.parametrize("words", (("--credit", "65"), ("--slow-ms", "soon"), ("--no-such",),
                                   ("file",)))
def test_mistakes_on_a_stages_command_line_are_64(broker, words):
    broker.start(*C_STAGE, *words)
    assert broker.ended() == 64
    assert broker.worker.stderr.read()


def test_python_stage_counts_once(broker):
    broker.start(*PYTHON_STAGE)
    broker.welcome()
    for unit, lines in ((0, ["a b", "a"]), (0, ["a b", "a"]), (1, ["b b"])):
        broker.give_lines(lines, unit=unit)
        done = broker.hear("NEED", "DONE")[0]
        if done["wire"] == "NEED":
            broker.say("PIECE", CONTEXT, hash=done["hash"], offset=0, total=len(CONTEXT))
            done = broker.hear("DONE")[0]
        assert done["rows_in"] == len(lines) and done["rows_out"] == 0
    broker.work(FINISH, detail="complete")
    result = json.loads(broker.hear("DONE")[1])
    assert result == {"lines": 3, "words": 5, "top": {"b": 3, "a": 2}}
