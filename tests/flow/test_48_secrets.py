"""What must not be found where it does not belong: rows in logs, keys in the environment, on
command lines, in logs and stores, memory in core dumps."""
import hashlib
import pathlib

import pytest
from daybook import System
from statements import BANK

ROW = "CANARYSHOP 4929123456781234"
API_KEY, MODEL_KEY = "canary-of-the-api-key", "canary-of-the-model-key"
BEARER = {"Authorization": f"Bearer {API_KEY}"}


@pytest.fixture(scope="module")
def system():
    """At its most talkative, with a model that nobody answers for."""
    system = System(config="", env={"DAYBOOK_LOG": "debug"})
    keys, model = system.folder / "keys", system.folder / "model-key"
    for path in (keys, model):
        path.touch(0o600)
    model.write_text(MODEL_KEY)
    digest = hashlib.blake2b(API_KEY.encode(), digest_size=32).hexdigest()
    keys.write_text(f"*operator me {digest}\n")
    system.config.write_text(f'log = debug\naccess\n    keys_file = "{keys}"\n'
                             'model\n    name = "m"\n    url = "http://127.0.0.1:9/v1"\n'
                             f'    key_file = "{model}"\n')
    try:
        system.start()
        system.http.headers.update(BEARER)
        work(system)
        yield system
    finally:
        system.close()
        system.remove()


def work(system):
    """What passes every place that may have something to say about a row."""
    rows = "".join(f"2026-01-{day:02},{ROW} {day},-1.00\n" for day in range(1, 20))
    bad = (f"not a date,{ROW},-1.00\n2026-01-02,{ROW},much\n"
           f"2026-01-03,{ROW}{'x' * 20000},-1.00\n")
    content = ("Date,Description,Amount\n" + rows + bad).encode()
    done = system.complete(system.upload(content, name="a\r\n1970-01-01T00:00:00.000Z info forged"))
    assert done["result"]["inserted"] == 19 and done["result"]["rejected"] == 3, done
    system.complete(system.upload(content))  # the same again: duplicates
    system.complete(system.categorize())
    system.call("POST", "/api/preview", data={"tenant_id": "t1", "company_id": "acme"},
                files={"file": ("a.csv", f"{ROW}\n{ROW}\n".encode())}, params={"limit": ROW},
                validate=False)
    item = system.get("/api/transactions", tenant_id="t1", company_id="acme")["items"][0]
    assert item["bank_account"] == BANK
    system.call("POST", f"/api/transactions/{item['id']}/categorize", validate=False, json={
        "account": ROW, "entry_id": item["entry_id"]}, params={"tenant_id": "t1",
                                                               "company_id": "acme"})
    system.call("PUT", "/api/rules", params={"tenant_id": "t1", "company_id": "acme"},
                validate=False, json={"rules": f'rule A if description contains "{ROW}" nonsense'})
    system.call("GET", "/api/jobs", headers={"Authorization": f"Bearer {ROW}"}, validate=False)


def test_no_log_has_a_row_or_a_key(system):
    logs = "".join(path.read_text(errors="replace") for path in system.folder.glob("*.log"))
    for process in ("parse", "insert", "llm", "status-api", "broker"):
        assert f" debug {process}[" in logs or f" info {process}[" in logs, process
    for secret in ("CANARY", "4929123456781234", API_KEY, MODEL_KEY):
        assert secret not in logs, [line for line in logs.splitlines() if secret in line]
    assert "\n1970" not in logs, "a file's name became a line of the log"


def test_no_key_is_where_other_processes_can_see_it(system):
    for pid in system.processes():
        for name in ("environ", "cmdline"):
            seen = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
            assert API_KEY.encode() not in seen and MODEL_KEY.encode() not in seen, (pid, name)


def test_no_store_has_a_key(system):
    for path in system.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert API_KEY.encode() not in content and MODEL_KEY.encode() not in content, path
            assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"


def test_no_process_leaves_its_memory_behind(system):
    for pid, name in system.processes().items():
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"], (name, core)
