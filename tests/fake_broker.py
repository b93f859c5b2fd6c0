"""fake_broker - the control and events sockets of a broker, with jobs that a test moves by hand.

    with FakeBroker(data) as broker:
        ...
        broker.change(job, status="running", progress=10)

Speaks wire.def by msgpack alone. What a test may bend: `mute` (no answers), `lose` (so many events
are not published), `refuse` (SUBMITs are refused), `page` (jobs in an answer).
"""
import queue
import threading
import time
import traceback

import msgpack
import zmq

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TERMINAL = ("complete", "failed", "cancelled")
STAGES = ("parse", "validate", "insert", "rules", "llm", "journal")


def job_text(ulid):
    number, text = int.from_bytes(ulid, "big"), ""
    for _ in range(26):
        number, digit = divmod(number, 32)
        text = ALPHABET[digit] + text
    return "job_" + text


def job_bytes(text):
    number = 0
    for letter in text[4:]:
        number = number * 32 + ALPHABET.index(letter)
    return number.to_bytes(16, "big")


def encode(wire, **fields):
    return msgpack.packb({"wire": wire, **fields}, use_bin_type=True)


class FakeBroker:
    def __init__(self, data):
        self.run_folder = data / "run"
        self.run_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.jobs = {}      # text id -> JOB fields
        self.submits = []   # SUBMIT as they came
        self.keys = {}      # (tenant, type, key) -> (fingerprint, text id)
        self.writes = []
        self.asked = []     # names of all questions
        self.errors = []    # what this program itself did wrong
        self.epoch, self.counter = 3, 10440
        self.mute, self.refuse, self.lose, self.page = False, None, 0, 200
        self.written = b'{"transactions": ["7"], "kept": 1}'
        self.missing = ""
        self.work = queue.Queue()
        self.thread = None

    # ---- life ----

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        ready = threading.Event()
        self.stopping = False
        self.thread = threading.Thread(target=self.loop, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(5)

    def stop(self):
        self.stopping = True
        self.do(lambda: None)
        self.thread.join(5)
        assert not self.errors, self.errors[0]

    def restart(self):
        """As after a crash: another epoch, nobody connected, what was published meanwhile lost."""
        self.stop()
        self.epoch, self.counter = self.epoch + 1, 0
        self.start()

    def loop(self, ready):
        context = zmq.Context()
        self.control, self.events = context.socket(zmq.ROUTER), context.socket(zmq.XPUB)
        self.wake, self.waker = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
        self.control.bind(f"ipc://{self.run_folder}/control.ipc")
        self.events.bind(f"ipc://{self.run_folder}/events.ipc")
        self.wake.bind("inproc://wake")
        self.waker.connect("inproc://wake")
        ready.set()
        poller = zmq.Poller()
        for socket in (self.control, self.events, self.wake):
            poller.register(socket, zmq.POLLIN)
        while not self.stopping:
            for socket, _ in poller.poll():
                if socket is self.control:
                    self.answer_or_note(*socket.recv_multipart())
                elif socket is self.events:
                    socket.recv()
                else:
                    socket.recv()
                    self.work_off()
        self.work_off()
        context.destroy(linger=0)

    def work_off(self):
        while not self.work.empty():
            function, done, box = self.work.get()
            try:
                box.append(function())
            finally:
                done.set()

    def do(self, function):
        """Runs it in the broker's thread and gives what it returns."""
        done, box = threading.Event(), []
        self.work.put((function, done, box))
        self.waker.send(b"")
        assert done.wait(5)
        return box[0]

    # ---- jobs ----

    def next_change(self):
        self.counter += 1
        return self.epoch << 32 | self.counter

    def tell(self, job):
        job["change"] = self.next_change()
        if self.lose:
            self.lose -= 1
            return
        self.events.send_multipart([f"job.{job['tenant']}.{job['id']}".encode(),
                                    encode("JOB", request=0, **job)])

    def add(self, text, kind="upload-and-categorize", tenant="t1", company="acme", **fields):
        now = int(time.time() * 1000)
        self.jobs[text] = {
            "id": text, "type": kind, "tenant": tenant, "company": company, "status": "pending",
            "progress": 0, "stage": "parse", "message": "Queued",
            "stages": [{"name": name, "done": 0, "total": 0, "share": 20, "state": "pending"}
                       for name in STAGES],
            "result": b"", "error_code": "", "error_text": "", "error_stage": "", "error_row": 0,
            "error_hint": "", "change": 0, "waiting": "", "meta": b"", "attempt": 1, "ending": "",
            "created_ms": now, "started_ms": 0, "finished_ms": 0, "expires_ms": 0, "existed": 0,
            "blob": b"", **fields}
        return self.jobs[text]

    def make(self, number, **fields):
        """A job of the test's own making; returns its id."""
        text = job_text((int(time.time() * 1000) << 80 | number).to_bytes(16, "big"))

        def enter():
            self.tell(self.add(text, **fields))
            return text

        return self.do(enter)

    def change(self, text, **fields):
        """Changes fields of a record and tells; returns the change number as text."""
        def move():
            job = self.jobs[text]
            job.update(fields)
            if job["status"] in TERMINAL:
                job["finished_ms"] = int(time.time() * 1000)
                job["expires_ms"] = job["finished_ms"] + 86400000
            self.tell(job)
            return f"{job['change'] >> 32}-{job['change'] & 0xffffffff}"

        return self.do(move)

    # ---- answers ----

    def answer_or_note(self, *frames):
        try:
            self.answer(*frames)
        except Exception:  # kept for the test: the thread must live to tell
            self.errors.append(traceback.format_exc())

    def answer(self, peer, bytes_):
        message = msgpack.unpackb(bytes_, raw=False)
        self.asked.append(message["wire"])
        if self.mute:
            return
        frames = getattr(self, "take_" + message["wire"].lower())(message)
        self.control.send_multipart([peer, *frames])

    @staticmethod
    def refused(message, status, code, text="so it is", hint=""):
        return [encode("REFUSED", request=message["request"], status=status, code=code, text=text,
                       hint=hint)]

    def record(self, message, text, **more):
        return [encode("JOB", request=message["request"], **{**self.jobs[text], **more})]

    def find(self, message):
        text = job_text(message["job"])
        job = self.jobs.get(text)
        if job is None or message["tenant"] not in ("", job["tenant"]):
            return None
        return text

    def take_submit(self, message):
        self.submits.append(message)
        if self.refuse:
            return self.refused(message, *self.refuse)
        text = job_text(message["job"])
        key = message["tenant"], message["type"], message["key"]
        if message["key"] and key in self.keys:
            fingerprint, known = self.keys[key]
            if fingerprint != message["fingerprint"]:
                return self.refused(message, 409, "idempotency-conflict")
            return self.record(message, known, existed=1)
        if message["key"]:
            self.keys[key] = message["fingerprint"], text
        job = self.add(text, message["type"], message["tenant"], message["company"],
                       meta=message["meta"], blob=message["blob"])
        self.tell(job)
        return self.record(message, text)

    def take_get(self, message):
        text = self.find(message)
        return self.record(message, text) if text else self.refused(message, 404, "job-unknown")

    def take_cancel(self, message):
        text = self.find(message)
        if not text:
            return self.refused(message, 404, "job-unknown")
        if self.jobs[text]["status"] in TERMINAL:
            return self.refused(message, 409, "job-ended")
        self.jobs[text]["status"] = "cancelled"
        self.tell(self.jobs[text])
        return self.record(message, text)

    def take_retry(self, message):
        text = self.find(message)
        if not text:
            return self.refused(message, 404, "job-unknown")
        self.jobs[text].update(status="running", attempt=2, message=f"skip {message['skip']}")
        self.tell(self.jobs[text])
        return self.record(message, text)

    def page_of(self, message, records, limit):
        limit = min(limit or self.page, self.page)
        head = encode("PAGE", request=message["request"], count=len(records[:limit]),
                      more=int(len(records) > limit), change=self.epoch << 32 | self.counter)
        return [head, *(encode("JOB", request=message["request"], **job)
                        for job in records[:limit])]

    def take_list(self, message):
        before = job_text(message["before"]) if any(message["before"]) else "k"
        found = [job for text, job in sorted(self.jobs.items(), reverse=True) if text < before
                 and all(message[name] in ("", job[name])
                         for name in ("tenant", "company", "status", "type"))]
        return self.page_of(message, found, message["limit"])

    def take_since(self, message):
        found = sorted((job for job in self.jobs.values() if job["change"] > message["change"]
                        and message["tenant"] in ("", job["tenant"])),
                       key=lambda job: job["change"])
        return self.page_of(message, found, message["limit"])

    def take_write(self, message):
        self.writes.append(message)
        return [encode("WRITTEN", request=message["request"], body=self.written)]

    def take_stages(self, message):
        frames = [encode("STAGE", name="parse", kind="source", builtin=1, queued=2, in_flight=1,
                         units_done=3, rows_done=1500, failures=0, rows_per_s=150, oldest_ms=12),
                  encode("STAGE", name="tax", kind="map", builtin=0, queued=0, in_flight=0,
                         units_done=0, rows_done=0, failures=0, rows_per_s=0, oldest_ms=0),
                  encode("WORKER", stage="parse", host="here", pid=77, version="1", credit=4,
                         in_flight=1, units_done=3, seen_ms=int(time.time() * 1000))]
        return [encode("PAGE", request=message["request"], count=len(frames), more=0,
                       change=0), *frames]

    def take_ping(self, message):
        return [encode("PONG", request=message["request"], protocol=1,
                       change=self.epoch << 32 | self.counter, ready=int(not self.missing),
                       missing=self.missing, degraded="tax",
                       jobs_pending=sum(j["status"] == "pending" for j in self.jobs.values()),
                       jobs_running=sum(j["status"] == "running" for j in self.jobs.values()),
                       read_only=0, commits=5, submitted=len(self.submits), completed=0, failed=0,
                       cancelled=0)]
