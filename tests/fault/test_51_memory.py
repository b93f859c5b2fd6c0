"""Memory that is refused: of each process in turn the nth allocation fails while it is at work, in
our code or in a library of others. It may die of it or refuse what it does; the system goes on."""
# runner: limit 2000
import subprocess
import time

import pytest
from daybook import (BIN, FULL, PATIENCE, SANITIZED, STAGES, Refused, free_port, in_background,
                     wait_until)
from injury import Load, Mercy, Row, ready_again, seeded

pytestmark = [pytest.mark.limit(2000 if FULL else 200),
              pytest.mark.skipif(SANITIZED, reason="another library is loaded first there")]
TIMES = 60 if FULL else 2
PROCESSES = ("broker", "status-api", *STAGES)
CONFIG = "pipelines\n    upload-and-categorize\n" + "".join(
    f"        {stage}\n            attempts = 9\n            lease_ms = 3000\n" for stage in STAGES)


def refuse_one(system, name, n, log):
    """The nth allocation of a process from now on; False: it made not so many in time."""
    before = len(log.read_text().splitlines()) if log.exists() else 0
    pid = wait_until(f"a {name}", lambda: system.pids(name))[0]
    subprocess.run(["/bin/kill", "-s", "USR2", "-q", str(n), str(pid)], check=False)
    deadline = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < deadline:
        if log.exists() and len(log.read_text().splitlines()) > before:
            return True
        time.sleep(0.02)
    return False


def test_no_allocation_that_fails_loses_anything(daybook):
    seed, dice = seeded()
    row = Row("the nth allocation of each process fails")
    system = daybook(config=CONFIG, port=free_port(), start=False)
    log = system.folder / "refused"
    system.extra_env.update({"LD_PRELOAD": str(BIN.parent / "test/nomemory.so"),
                             "NOMEMORY_LOG": str(log)})
    call = system.call  # libmicrohttpd leaves out a header that it has no memory for
    system.call = lambda *args, **options: call(*args, **{**options, "validate": False})
    system.start()
    load, mercy, over = Load(system, seed=seed % 1000), Mercy(), []

    def uploads():
        while not over:
            try:
                load.upload(rows=dice.choice((50, 1200)))
            except Refused as refused:  # its reader of forms loses a field, not a file
                assert refused.status in (400, 422), refused
            time.sleep(0.5 if FULL else 0.1)

    join = in_background(uploads)
    for i in range(TIMES):
        for name in PROCESSES:
            mercy.wait(name)
            row.injected += refuse_one(system, name, dice.randint(1, 30 * 10 ** (i % 3)), log)
            begun = time.monotonic()
            row.recovered(ready_again(system, begun))
    over.append(True)
    join(timeout=120)
    load.settle(row)
    refused = log.read_text().split()
    print({name: refused.count(f"daybook-{name}") for name in PROCESSES})
    assert {f"daybook-{name}" for name in PROCESSES} <= set(refused), refused
    row.done()
