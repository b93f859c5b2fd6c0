"""Tapping the bus: `daybook tap` and ten lines of Python see every change, and cannot do harm."""
import os
import signal
import subprocess
import threading
import time

import msgpack
import zmq
from daybook import BIN, PATIENCE, STAGES, TERMINAL, check_result, wait_until
from statements import Statement


def subscribe(system, topic):
    socket = zmq.Context.instance().socket(zmq.SUB)
    socket.connect(f"ipc://{system.data}/run/events.ipc")
    socket.setsockopt(zmq.SUBSCRIBE, topic.encode())
    return socket


def changes(socket, count=1):
    """The records of all events until `count` jobs have ended."""
    found, ended = [], 0
    while ended < count:
        assert socket.poll(30000 * PATIENCE), f"silence after {found[-3:]}"
        _topic, message = socket.recv_multipart()[:2]
        event = msgpack.unpackb(message)
        found.append(event)
        ended += event["status"] in TERMINAL
    return found


def until_heard(system, is_heard):
    """PUB/SUB has no handshake that tells whether a subscription has arrived: small jobs pass until
    one is heard of. Returns the last of them."""
    def one_more():
        job = system.upload(Statement(2).bytes(), company="probe")
        system.complete(job)
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline and not is_heard():
            time.sleep(0.02)
        return is_heard() and job

    return wait_until("the subscription to arrive", one_more, 30)


def subscribed(system, topic):
    """A subscription at work, and nothing of the past in it."""
    socket = subscribe(system, topic)
    last = until_heard(system, lambda: socket.poll(0))
    while changes(socket)[-1]["id"] != last:
        pass
    return socket


def tapped(system, lines):
    """`daybook tap`, at work: what it says is added to the list."""
    tap = subprocess.Popen([str(BIN / "daybook"), "tap", "--data", str(system.data)],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           env=system.env(), cwd=system.folder)
    reader = threading.Thread(target=lambda: lines.extend(tap.stdout), daemon=True)
    reader.start()
    until_heard(system, lambda: any("complete" in line for line in lines))
    return tap, reader


def test_python_subscriber_sees_every_change_in_order(daybook):
    """Of two jobs of a company the second waits: it is seen pending, running and complete."""
    system = daybook(config="limits\n    running_jobs = 1\n",
                     env={"DAYBOOK_SLOW_MS": "insert:40,journal:40"})
    socket = subscribed(system, "job.t1.")
    jobs = [system.upload(Statement(2000, seed=seed).bytes()) for seed in (1, 2)]
    found = changes(socket, 2)
    numbers = [event["change"] for event in found]
    assert numbers == sorted(set(numbers))
    second = [event for event in found if event["id"] == jobs[1]]
    assert len(second) < len(found)
    progress = [event["progress"] for event in second]
    assert progress == sorted(progress) and progress[-1] == 100
    statuses = [event["status"] for event in second]
    assert list(dict.fromkeys(statuses)) == ["pending", "running", "complete"]
    stages = list(dict.fromkeys(event["stage"] for event in second if event["stage"]))
    assert stages == sorted(stages, key=STAGES.index) and {"insert", "journal"} <= {*stages}
    socket.close(0)


def test_topic_of_one_tenant_is_not_that_of_another(system):
    socket = subscribed(system, "job.t1.")
    system.complete(system.upload(Statement(20, seed=3).bytes(), tenant="t10", company="b"))
    job = system.upload(Statement(20, seed=4).bytes(), company="b")
    assert socket.poll(10000 * PATIENCE)
    assert socket.recv_multipart()[0].decode().startswith(f"job.t1.{job}")
    socket.close(0)


def test_daybook_tap_prints_every_change(daybook):
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:30"})
    lines = []
    tap, reader = tapped(system, lines)
    job = system.upload(Statement(3000).bytes())
    system.complete(job)
    wait_until("the last change", lambda: any(job in line and "complete" in line for line in lines))
    tap.send_signal(signal.SIGINT)
    assert tap.wait(10 * PATIENCE) in (0, -signal.SIGINT)
    reader.join(10)
    told = [line for line in lines if job in line]
    assert len(told) >= 4 and "complete" in told[-1], told


def test_a_stalled_subscriber_harms_nobody(daybook):
    """One stopped for long while a hundred jobs pass: all complete, the broker does not grow."""
    seconds = 60 if os.environ.get("DAYBOOK_TEST_FULL") == "1" else 12
    system = daybook()
    stalled, _ = tapped(system, [])
    stalled.send_signal(signal.SIGSTOP)
    memory = system.sample_memory()
    deadline, jobs = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        statement = Statement(500, seed=100 + jobs)
        check_result(system.complete(system.upload(statement.bytes())), statement)
        jobs += 1
    assert jobs >= 20, f"only {jobs} jobs in {seconds} s"
    assert memory.stop()["daybook-broker"] < 48 * 2**20
    stalled.send_signal(signal.SIGCONT)
    stalled.send_signal(signal.SIGINT)
    assert stalled.wait(20 * PATIENCE) in (0, -signal.SIGINT)
