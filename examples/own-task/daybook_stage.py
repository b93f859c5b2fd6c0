"""daybook_stage - a daybook stage in Python: everything that it is, but its work.

Written from docs/WIRE.md; needs pyzmq and msgpack, nothing of daybook's own. A stage is a class:

    class Tally(daybook_stage.Stage):
        name = "tally"
        def unit(self, work):
            return msgpack.packb(len(msgpack.unpackb(work.payload)))

    daybook_stage.run(Tally())

It joins the broker at $DAYBOOK_BROKER (`daybook up` sets it), takes units one at a time, sends
beats in between, hands back what it holds on SIGTERM. A handler that works for longer than a second
calls work.alive() now and then; False means that nobody waits for the unit any more.
"""
import collections
import hashlib
import json
import os
import signal
import socket
import sys
import time

import msgpack
import zmq

PROTOCOL = 1
KINDS = ("unit", "begin", "finish", "write")
RETRY, JOB = 2, 3


class Fail(Exception):
    """What a handler raises: the unit is dealt again later (retry), or its job fails."""

    def __init__(self, code, text, retry=False, hint="", row=0):
        super().__init__(text)
        self.fields = {"class": RETRY if retry else JOB, "code": code, "text": text,
                       "hint": hint, "row": row}


class Work:
    """One unit: the fields of WORK as attributes, `payload` as bytes, `context` as a dict."""

    def __init__(self, head, payload, worker):
        self.__dict__.update(head)
        self.context_hash = head["context"]
        self.kind = KINDS[head["work"]]
        self.payload = payload
        self.context = {}
        self.rows_in = self.rows_out = head["rows"]
        self.cursor, self.last, self.total = b"", False, 0
        self._worker = worker
        self.dropped = False

    def alive(self):
        self._worker.turn(0)
        return not self.dropped


class Stage:
    """A handler returns the payload that goes on (unit) or a dict (finish, write); begin changes
    work.context. One that a stage does not have is refused, begin is passed on."""

    name = ""
    credit = 4

    def begin(self, work):
        pass

    def unit(self, work):
        raise Fail("not-supported", f"the stage {self.name} does no units")

    def finish(self, work):
        raise Fail("not-supported", f"the stage {self.name} finishes no jobs")

    def write(self, work):
        raise Fail("not-supported", f"the stage {self.name} does no writes")


def notify(text):
    """sd_notify: tells the supervisor that we are ready, or alive."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        try:
            sock.sendto(text.encode(), "\0" + path[1:] if path[0] == "@" else path)
        except OSError:
            pass


class Worker:
    """The dialogue: HELLO, WELCOME, WORK, DONE or FAIL, BEAT, BYE."""

    def __init__(self, stage, endpoint):
        self.stage = stage
        self.endpoint = endpoint
        self.zmq = zmq.Context()
        self.sock = None
        self.queue = collections.deque()
        self.current = None
        self.contexts = collections.OrderedDict()
        self.pieces = {}
        self.welcomed = self.stopping = False
        self.beat, self.lease = 1.0, 10.0
        self.said = self.heard = self.asked = 0.0
        self.connect()

    def connect(self):
        if self.sock is not None:
            self.sock.close(0)
        self.sock = self.zmq.socket(zmq.DEALER)
        self.sock.setsockopt(zmq.IMMEDIATE, 1)  # nothing piles up for a broker that is away
        self.sock.setsockopt(zmq.LINGER, 1000)
        self.sock.connect(self.endpoint)
        self.heard = time.monotonic()
        self.forget()

    def forget(self):
        """What is held is no longer ours."""
        self.queue.clear()
        self.pieces.clear()
        if self.current:
            self.current.dropped = True
        self.welcomed = False
        self.said = 0.0

    def say(self, name, payload=b"", **fields):
        frames = [msgpack.packb({"wire": name, **fields})]
        try:
            self.sock.send_multipart(frames + [payload] * bool(payload), zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    # What the broker says.

    def on_welcome(self, message, payload):
        self.beat, self.lease = message["beat_ms"] / 1000, message["lease_ms"] / 1000
        if not self.welcomed:
            notify("READY=1")
        self.welcomed = True

    def on_who(self, message, payload):
        if message["reason"].startswith("protocol"):
            sys.exit(f"daybook_stage: {message['reason']}")
        if self.welcomed:
            self.forget()

    def on_work(self, message, payload):
        if self.welcomed:
            self.queue.append(Work(message, payload, self))

    def on_drop(self, message, payload):
        held = list(self.queue) + [self.current] * bool(self.current)
        for work in held:
            work.dropped = work.dropped or work.token == message["token"]

    def on_piece(self, message, payload):
        name = message["hash"]
        if name not in self.pieces:
            return
        if not message["total"]:
            self.pieces[name] = None
        elif message["offset"] == len(self.pieces[name]):
            self.pieces[name] += payload
            if len(self.pieces[name]) < message["total"]:
                self.say("NEED", hash=name, offset=len(self.pieces[name]))
            elif hashlib.blake2b(self.pieces[name], digest_size=32).digest() == name:
                self.contexts[name] = json.loads(self.pieces.pop(name))
                while len(self.contexts) > 16:
                    self.contexts.popitem(last=False)
            else:
                self.pieces[name] = None

    def turn(self, timeout_ms):
        """Receives what there is, says what is due."""
        while self.sock.poll(timeout_ms):
            frames = self.sock.recv_multipart()
            message = msgpack.unpackb(frames[0], unicode_errors="replace")
            handler = getattr(self, "on_" + message["wire"].lower(), None)
            self.heard = time.monotonic()
            timeout_ms = 0
            if handler:
                handler(message, frames[1] if len(frames) > 1 else b"")
        now = time.monotonic()
        if now - self.heard > 3 * self.lease:
            self.connect()
        elif self.welcomed and now - max(self.heard, self.asked) > self.lease:
            self.asked = now
            self.say("NEED", hash=bytes(32), offset=0)  # it always answers this
        if now - self.said < (self.beat if self.welcomed else 1.0):
            return
        if self.welcomed:
            sent = self.say("BEAT", held=len(self.queue) + bool(self.current))
        else:
            sent = self.say("HELLO", protocol=PROTOCOL, stage=self.stage.name,
                            host=socket.gethostname(), pid=os.getpid(),
                            credit=self.stage.credit, version="python")
        self.said = now if sent else 0.0
        notify("WATCHDOG=1\nREADY=1" if self.welcomed else "WATCHDOG=1")  # the first may be lost

    # Work.

    def find_context(self, work):
        """None: it is on its way."""
        name = work.context_hash
        if work.kind == "write" or (work.kind != "begin" and not name):
            return {}
        if work.kind == "begin":
            return json.loads(work.payload or b"{}")
        if name in self.contexts:
            return self.contexts[name]
        if name in self.pieces and self.pieces[name] is None:
            del self.pieces[name]
            raise Fail("context-missing", "the job's context cannot be had", retry=True)
        if name not in self.pieces:
            self.pieces[name] = b""
            self.say("NEED", hash=name, offset=0)
        return None

    def answer(self, work, result):
        head = {"job": work.job, "unit": work.unit, "work": work.work, "token": work.token}
        if isinstance(result, Fail):
            self.say("FAIL", **head, **result.fields)
        elif work.kind == "unit":
            self.say("DONE", result or b"", **head, rows_in=work.rows_in, rows_out=work.rows_out,
                     end=work.cursor, last=int(work.last))
        else:
            body = work.context if work.kind == "begin" else result
            self.say("DONE", json.dumps(body).encode(), **head, total=work.total)

    def do(self, work):
        """False: its context is not here yet."""
        try:
            context = self.find_context(work)
            if context is None:
                return False
            work.context = context
            result = getattr(self.stage, work.kind)(work)
        except Fail as fail:
            result = fail
        if not work.dropped:
            self.answer(work, result)
        return True

    def run(self):
        while not self.stopping:
            self.turn(0 if self.queue and self.queue[0].dropped else 200)
            while self.queue and not self.stopping:
                self.current = self.queue.popleft()
                if not self.current.dropped and not self.do(self.current):
                    self.queue.appendleft(self.current)
                    self.current = None
                    break
                self.current = None
                self.turn(0)
        self.say("BYE", held=len(self.queue))
        self.sock.close()
        self.zmq.term()

    def stop(self, *_):
        self.stopping = True


def run(stage, endpoint=None):
    endpoint = endpoint or os.environ.get("DAYBOOK_BROKER")
    if not endpoint:
        sys.exit("daybook_stage: DAYBOOK_BROKER is not set")
    worker = Worker(stage, endpoint)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
