"""Streams: the record at once, every change in order, nothing lost, nothing twice."""
# runner: san
import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from api import BIN, PATIENCE, Api, wait_until

SANITIZED = "san" in BIN.parts


@pytest.fixture(scope="module")
def api():
    api = Api()
    yield api
    api.close()


class Stream:
    """Reads events in a thread: `events` is [(id, record)], `comments` are the signs of life."""

    def __init__(self, api, path, last=None, **params):
        headers = {"Last-Event-ID": last} if last else {}
        self.answer = requests.get(api.url + path, params=params, headers=headers, stream=True,
                                   timeout=30 * PATIENCE)
        self.events, self.comments, self.ids, self.retry, self.ended = [], [], [], None, False
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        fields = {}
        try:
            for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                else:
                    self.take(fields)
                    fields = {}
            self.ended = True
        except (requests.RequestException, AttributeError, ValueError):
            pass  # closed

    def take(self, fields):
        if "id" in fields:
            self.ids.append(fields["id"])
        self.retry = fields.get("retry", self.retry)
        if "data" in fields:
            self.events.append((fields["id"], json.loads(fields["data"])))

    def wait(self, count, timeout=10):
        wait_until(f"{count} events", lambda: len(self.events) >= count, timeout)
        return self

    def close(self):
        """Hangs up at once; closing the answer would wait for the reader's next bytes."""
        connection = self.answer.raw._connection
        if connection and connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def number(change):
    epoch, counter = change.split("-")
    return int(epoch), int(counter)


def check_story(stream):
    """Ids are the records' change numbers; each job's rise; no id comes twice."""
    ids = [key for key, _ in stream.events]
    assert ids == [record["change"] for _, record in stream.events]
    assert len(set(ids)) == len(ids)
    assert [number(key) for key in ids] == sorted(number(key) for key in ids)


# ---- a job's ----

def test_story_of_a_job(api):
    job = api.broker.make(1)
    with Stream(api, f"/api/jobs/{job}/events") as stream:
        assert stream.answer.headers["Content-Type"] == "text/event-stream"
        assert stream.answer.headers["X-Accel-Buffering"] == "no"
        assert stream.answer.headers["Cache-Control"] == "no-store"
        stream.wait(1)
        for progress in range(1, 50):
            api.broker.change(job, status="running", progress=progress)
        last = api.broker.change(job, status="complete", progress=100, result=b'{\n"rows":\r\n1}')
        stream.thread.join(10)
        assert stream.ended
    check_story(stream)
    assert 1000 <= int(stream.retry) < 4000
    assert [record["progress"] for _, record in stream.events][-1] == 100
    assert stream.events[-1][0] == last and stream.events[-1][1]["result"] == {"rows": 1}
    assert stream.events[-1][1] == api.call("GET", f"/api/jobs/{job}").json()


def test_changes_are_seen_at_once(api):
    job = api.broker.make(2)
    with Stream(api, f"/api/jobs/{job}/events") as stream:
        stream.wait(1)
        taken = []
        for progress in range(1, 20):
            began = time.monotonic()
            api.broker.change(job, status="running", progress=progress, stage=f"s{progress}")
            stream.wait(1 + progress)
            taken.append(time.monotonic() - began)
        assert sorted(taken)[len(taken) // 2] < 0.1 * PATIENCE, taken


def test_finished_job_is_one_event_and_then_no_more(api):
    job = api.broker.make(3, status="complete", progress=100)
    with Stream(api, f"/api/jobs/{job}/events") as stream:
        stream.thread.join(10)
        assert stream.ended and len(stream.events) == 1
    again = api.call("GET", f"/api/jobs/{job}/events", headers={"Last-Event-ID": stream.ids[-1]})
    assert again.status_code == 204
    again = api.call("GET", f"/api/jobs/{job}/events", params={"last_event_id": stream.ids[-1]})
    assert again.status_code == 204


def test_coming_back_to_a_running_job(api):
    job = api.broker.make(4)
    with Stream(api, f"/api/jobs/{job}/events") as stream:
        stream.wait(1)
    last = stream.ids[-1]
    with Stream(api, f"/api/jobs/{job}/events", last=last) as stream:
        wait_until("it is open", lambda: stream.retry)
        assert not stream.events, "told what was known"
        api.broker.change(job, status="running", progress=3)
        stream.wait(1)
    api.broker.change(job, progress=7)
    with Stream(api, f"/api/jobs/{job}/events", last=last) as stream:
        assert stream.wait(1).events[0][1]["progress"] == 7


@pytest.mark.parametrize("last", ("nonsense", "-", "99999999999-1", "4-", ""))
def test_odd_last_event_ids(api, last):
    job = api.broker.make(5)
    with Stream(api, f"/api/jobs/{job}/events", last=last) as stream:
        stream.wait(1)


def test_event_between_question_and_answer_is_not_lost(api):
    """The record is asked for while it changes all the time: the last state must arrive."""
    job = api.broker.make(6)
    for turn in range(30):
        mover = threading.Thread(target=lambda turn=turn: [
            api.broker.change(job, status="running", progress=step, message=f"{turn}")
            for step in range(5)])
        mover.start()
        with Stream(api, f"/api/jobs/{job}/events") as stream:
            mover.join()
            wait_until("the last state", lambda: stream.events and
                       stream.events[-1][1]["message"] == f"{turn}" and
                       stream.events[-1][1]["progress"] == 4)
            check_story(stream)


def test_lost_events_are_made_up_for(api):
    job = api.broker.make(7)
    with Stream(api, f"/api/jobs/{job}/events") as stream:
        stream.wait(1)
        api.broker.lose = 3
        for progress in (1, 2, 3):
            api.broker.change(job, status="running", progress=progress)
        assert stream.wait(2, 5).events[-1][1]["progress"] == 3  # nothing followed that shows it
        api.broker.lose = 1
        api.broker.change(job, progress=4)
        api.broker.change(job, progress=5, stage="rules")
        wait_until("what followed", lambda: stream.events[-1][1]["progress"] == 5)
        check_story(stream)


def test_stream_lives_through_a_restart_of_the_broker():
    api = Api()
    try:
        job = api.broker.make(8)
        with Stream(api, f"/api/jobs/{job}/events") as stream, \
                Stream(api, "/api/events", tenant_id="t1") as tenant:
            stream.wait(1)
            wait_until("both are open", lambda: tenant.retry)
            api.broker.restart()
            api.broker.change(job, status="running", progress=5)
            wait_until("news of the new broker", lambda: stream.events[-1][1]["progress"] == 5)
            tenant.wait(1)
            assert number(stream.ids[-1])[0] == api.broker.epoch
            check_story(stream)
    finally:
        api.close()


def test_comment_every_five_seconds_tells_a_silent_broker(api):
    job = api.broker.make(9)
    with Stream(api, f"/api/jobs/{job}/events") as stream:
        stream.wait(1)
        api.broker.mute = True
        wait_until("a sign of life", lambda: stream.comments, 6)
        wait_until("word that the broker is silent",
                   lambda: stream.comments[-1] == ": the broker does not answer", 12)
        api.broker.mute = False
        wait_until("word that it is not", lambda: stream.comments[-1] == ":", 12)
        assert not stream.ended


# ---- a tenant's ----

def test_tenant_sees_its_jobs_and_no_others(api):
    with Stream(api, "/api/events", tenant_id="own") as stream, Stream(api, "/api/events") as every:
        wait_until("they are open", lambda: stream.ids and every.ids)
        assert not stream.events, "a new stream begins with what is new"
        for i, tenant in enumerate(("own", "ow", "own1", "other", "own")):
            api.broker.make(100 + i, tenant=tenant)
        stream.wait(2)
        every.wait(5)
        check_story(stream)
        check_story(every)
    assert {record["tenant_id"] for _, record in stream.events} == {"own"}


def test_tenant_stream_after_a_reconnect_has_no_gap_and_nothing_twice(api):
    """Connections come and go while 1,200 changes are made; all of them together saw everything."""
    jobs = [api.broker.make(200 + i, tenant="many") for i in range(40)]
    with Stream(api, "/api/events", tenant_id="many") as stream:
        wait_until("it is open", lambda: stream.ids)
        last = stream.ids[0]
    newest, told, moved = {}, {}, threading.Event()

    def move():
        for step in range(1200):
            job = jobs[step % len(jobs)]
            newest[job] = api.broker.change(job, status="running", stage=f"s{step}",
                                            progress=min(99, step // 20))
            time.sleep(0.0005)
        moved.set()

    mover = threading.Thread(target=move)
    mover.start()
    rounds, ids = 0, []
    while not moved.is_set() or told != newest:
        with Stream(api, "/api/events", last=last, tenant_id="many") as stream:
            wait_until("some of it", lambda: len(stream.events) >= 20 or moved.is_set())
            if moved.is_set():
                wait_until("the rest", lambda: {**told, **{record["id"]: key for key, record
                                                           in stream.events}} == newest)
        for key, record in list(stream.events):
            told[record["id"]] = key
            ids.append(key)
            last = key
        rounds += 1
        assert rounds < 500
    mover.join()
    assert rounds > 2 and len(set(ids)) == len(ids)
    assert [number(key) for key in ids] == sorted(number(key) for key in ids)


def test_reconnect_after_more_than_a_page(api):
    jobs = [api.broker.make(1000 + i, tenant="pages") for i in range(700)]
    with Stream(api, "/api/events", last="0-0", tenant_id="pages") as stream:
        stream.wait(700)
        api.broker.change(jobs[0], status="running")
        stream.wait(701)
        check_story(stream)
        assert [record["id"] for _, record in stream.events] == [*jobs, jobs[0]]


def test_bad_tenant(api):
    answer = api.call("GET", "/api/events", params={"tenant_id": "a b"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["query", "tenant_id"]


def test_silent_broker_is_503():
    api = Api()
    try:
        api.broker.mute = True
        paths = "/api/events", "/api/jobs/job_01JD8ZQ0000000000000000000/events"
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda path: requests.get(api.url + path, timeout=60), paths))
        assert [answer.status_code for answer in answers] == [503, 503]
        api.broker.mute = False
        with Stream(api, "/api/events") as stream:
            wait_until("it is open", lambda: stream.ids)
            api.broker.make(1)
            stream.wait(1)
    finally:
        api.close()


# ---- clients that are slow, many, or gone ----

def slow_client(api, path):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", api.port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return client


def streams(api):
    """How many are open, as /metrics says."""
    text = api.call("GET", "/metrics").text
    return int(text.split("\ndaybook_http_streams ")[1].split()[0])


def test_slow_client_misses_counts_but_no_change_of_stage(api):
    job = api.broker.make(2000)
    client = slow_client(api, f"/api/jobs/{job}/events")
    time.sleep(0.2)
    padding = "x" * 200
    for stage in range(60):
        for step in range(100):
            api.broker.change(job, status="running", stage=f"stage{stage}", progress=stage,
                              message=f"{step} {padding}")
    api.broker.change(job, status="complete", progress=100)
    text = b""
    client.settimeout(10 * PATIENCE)
    while piece := client.recv(65536):
        text += piece
        if text.endswith(b"0\r\n\r\n"):
            break
    client.close()
    told = [f"stage{stage}" for stage in range(60)
            if f'"stage":"stage{stage}"'.encode() in text]
    assert len(told) == 60, told
    assert text.count(b"data: ") < 60 * 100, "it was not slow enough to show anything"
    assert b'"status":"complete"' in text


@pytest.mark.skipif(SANITIZED, reason="memory is another thing under the sanitizers")
def test_client_that_does_not_read_is_cut_off_and_costs_little():
    api = Api()
    try:
        job = api.broker.make(1)
        clients = [slow_client(api, f"/api/jobs/{job}/events") for _ in range(20)]
        time.sleep(0.3)
        before = api.memory()
        padding = "x" * 200
        for step in range(6000):
            api.broker.change(job, status="running", stage=f"stage{step}", message=padding)
        wait_until("they are cut off", lambda: streams(api) == 0)
        assert api.memory() < before + (8 << 20)
        for client in clients:
            client.close()
        assert api.call("GET", f"/api/jobs/{job}").status_code == 200
    finally:
        api.close()


@pytest.mark.skipif(SANITIZED, reason="memory is another thing under the sanitizers")
def test_many_idle_streams_are_small_and_all_hear():
    api = Api()
    clients = []
    try:
        job = api.broker.make(1)
        assert api.call("GET", f"/api/jobs/{job}").status_code == 200
        before = api.memory()
        clients = [slow_client(api, f"/api/jobs/{job}/events") for _ in range(800)]
        wait_until("all are open", lambda: streams(api) == 800)
        each = (api.memory() - before) / len(clients)
        assert each < 15000, each
        api.broker.change(job, status="complete", progress=100)
        for client in clients:
            client.settimeout(10 * PATIENCE)
            text = b""
            while not text.endswith(b"0\r\n\r\n"):
                text += client.recv(65536)
            assert b'"progress":100' in text
    finally:
        for client in clients:
            client.close()
        api.close()


def test_clients_that_left_are_forgotten(api):
    job = api.broker.make(3000)
    clients = [slow_client(api, f"/api/jobs/{job}/events") for _ in range(30)]
    wait_until("they are there", lambda: streams(api) >= 30)
    for client in clients:
        client.close()
    wait_until("they are forgotten", lambda: streams(api) == 0, 15)


def test_stopped_client_and_process(api):
    """A process that was stopped for a while goes on where the broker is by then."""
    job = api.broker.make(4000)
    with Stream(api, f"/api/jobs/{job}/events") as stream:
        stream.wait(1)
        api.process.send_signal(signal.SIGSTOP)
        for step in range(5000):
            api.broker.change(job, status="running", progress=step % 99, message=str(step))
        api.process.send_signal(signal.SIGCONT)
        wait_until("the newest state", lambda: stream.events[-1][1]["message"] == "4999", 15)
        check_story(stream)
