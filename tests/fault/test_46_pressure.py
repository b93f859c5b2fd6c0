"""Back-pressure: what is slow, large or asleep costs others nothing, and the broker no memory."""
# runner: limit 900
import os
import signal
import socket
import time

import msgpack
import pytest
import zmq
from daybook import FULL, PATIENCE, check_result, in_background, wait_until
from injury import Load, Row
from sampler import anonymous_bytes
from statements import Statement

pytestmark = pytest.mark.limit(600 if FULL else 150)
MB = 2**20
ROWS = 1000000 if FULL else 60000


def broker_bytes(system):
    return anonymous_bytes(system.pids("broker")[0])


def test_a_slow_stage_bounds_the_broker_whatever_the_file(daybook):
    """The source is read no further than the window: the rest waits in the file."""
    row = Row(f"a stage that stands still under {ROWS:,} rows")
    system = daybook(env={"DAYBOOK_SLOW_MS": "validate:600000"})
    warm = broker_bytes(system)
    statements = {}
    for i in range(4):
        statement = Statement(ROWS // 4, seed=i + 1)
        path = statement.write(system.folder / f"{i}.csv")
        statements[system.upload(path, tenant=f"t{i}")] = statement
        path.unlink()
    wait_until("the windows to be full", lambda: system.stages()["validate"]["queued"] > 50, 30)
    time.sleep(2)
    row.injected = 1
    held = broker_bytes(system) - warm
    print(f"{held / MB:.1f} MiB for what waits")
    read = sum(system.job(job)["stages"][0]["done"] for job in statements)
    assert read <= 128 * 500 and held < 128 * 256 * 1024, (read, held)
    begun = time.monotonic()
    system.extra_env.clear()
    system.stop()
    system.start()
    for job, statement in statements.items():
        check_result(system.complete(job, timeout=400), statement)
        row.work += 1
    row.recovered(time.monotonic() - begun)
    assert broker_bytes(system) - warm < 128 * 256 * 1024
    row.done()


def asleep(system, path):
    """A client that opens a stream and never reads it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    port = int(system.url.rpartition(":")[2])
    sock.connect(("127.0.0.1", port))
    sock.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return sock


def test_stalled_subscribers_cost_others_nothing(daybook):
    """Sleepers on the API's streams and on the event socket, while many jobs run."""
    row = Row("subscribers of events that never read")
    system = daybook()
    load = Load(system, tenants=1)
    warm = load.upload(rows=100)
    system.complete(warm)
    begun = time.monotonic()
    system.complete(load.upload(rows=3000), timeout=30)
    alone = time.monotonic() - begun
    sleepers = [asleep(system, "/api/events?tenant_id=t0") for _ in range(20)]
    deaf = zmq.Context.instance().socket(zmq.SUB)
    deaf.setsockopt(zmq.RCVHWM, 1)
    deaf.setsockopt(zmq.LINGER, 0)
    deaf.setsockopt(zmq.SUBSCRIBE, b"job.")
    deaf.connect(f"ipc://{system.data}/run/events.ipc")
    memory = system.sample_memory()
    for _ in range(300 if FULL else 60):
        load.upload(rows=20)
    begun = time.monotonic()
    system.complete(load.upload(rows=3000), timeout=60)
    beside = time.monotonic() - begun
    row.injected = len(sleepers) + 1
    load.settle(row)
    peaks = memory.stop()
    for sock in sleepers:
        sock.close()
    deaf.close()
    row.recovered(beside)
    print(f"alone {alone:.2f} s, beside sleepers {beside:.2f} s")
    assert beside < 3 * alone + 2 * PATIENCE, (alone, beside)
    assert peaks["daybook-broker"] < 48 * MB and peaks["daybook-status-api"] < 96 * MB, peaks
    row.done()


def test_a_gateway_that_is_stopped_costs_the_broker_no_memory(daybook):
    """SIGSTOP of status-api while jobs run: what is for it ends at the high-water mark."""
    row = Row("SIGSTOP of status-api under a stream of events")
    system = daybook()
    load = Load(system, tenants=2)
    pid = system.pids("status-api")[0]
    jobs = [load.upload(rows=4000) for _ in range(4)]
    os.kill(pid, signal.SIGSTOP)
    before = broker_bytes(system)
    time.sleep(5)
    after = broker_bytes(system)
    os.kill(pid, signal.SIGCONT)
    row.injected = 1
    begun = time.monotonic()
    for job in jobs:
        system.poll(job, patient=True)
    row.recovered(time.monotonic() - begun)
    assert after - before < 32 * MB, (before, after)
    load.settle(row)
    row.done()


def test_junk_on_the_buses_is_refused_and_costs_nothing(daybook):
    """Strangers that say what nobody understands, and workers that finish what they do not hold."""
    row = Row("messages of strangers that nobody understands")
    system = daybook(env={"DAYBOOK_SLOW_MS": "rules:20"})
    load = Load(system, tenants=1)
    context = zmq.Context.instance()
    socks = []
    for name in ("work", "control"):
        sock = context.socket(zmq.DEALER)
        sock.setsockopt(zmq.LINGER, 0)
        sock.connect(f"ipc://{system.data}/run/{name}.ipc")
        socks.append(sock)
    before = broker_bytes(system)
    job = load.upload(rows=4000)
    forged = {"wire": "DONE", "job": bytes(16), "unit": 0, "work": 0, "token": 1 << 32 | 5,
              "rows_in": 500, "rows_out": 0, "end": b"", "last": 1, "first_line": 0,
              "last_line": 0, "total": 0}

    def babble():
        for i in range(20000 if FULL else 2000):
            for sock in socks:
                while sock.poll(0):
                    sock.recv_multipart()
                assert sock.poll(20000 * PATIENCE, zmq.POLLOUT), "the broker hears nothing"
                sock.send([b"", b"\xc1", os.urandom(64), msgpack.packb(forged),
                           msgpack.packb({"wire": "GET", "request": i})][i % 5])

    join = in_background(babble)
    system.complete(job)
    join()
    row.injected = 2
    load.settle(row)
    for sock in socks:
        sock.close()
    assert broker_bytes(system) - before < 32 * MB
    row.done()
