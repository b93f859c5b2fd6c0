"""Every size that has a limit, at the limit and one above it."""
import socket

import pytest
from daybook import Refused
from sampler import anonymous_bytes

HEAD = "Date,Description,Amount\n"
WHO = {"tenant_id": "t1", "company_id": "acme"}
COLUMNS = 512
POOL = 8192  # bytes that a connection has for what it reads and answers


def row_of(size):
    """A record of so many bytes, one for its line end among them."""
    return "2026-01-01," + "x" * (size - len("2026-01-01,,-1.00\n")) + ",-1.00"


def status(call, *args, **options):
    try:
        call(*args, **options)
        return 0
    except Refused as refused:
        return refused.status


def test_a_record_has_16_kib(system):
    content = HEAD + "\n".join((row_of(16384), row_of(16385), row_of(40))) + "\n"
    result = system.complete(system.upload(content.encode(), company="record"))["result"]
    assert (result["inserted"], result["rejected"]) == (2, 1), result
    rejects = system.one("SELECT group_concat(line || ' ' || reason) FROM rejects",
                         company="record")
    assert rejects == "3 row-too-long", rejects


@pytest.mark.parametrize("field", ("tenant", "company"))
def test_a_name_has_64_characters(system, field):
    content = (HEAD + row_of(40) + "\n").encode()
    assert status(system.upload, content, **{field: "n" * 64}) == 0
    assert status(system.upload, content, **{field: "n" * 65}) == 422


def test_a_key_has_255_characters(system):
    content = (HEAD + row_of(40) + "\n").encode()
    assert status(system.upload, content, company="key", key="k" * 255) == 0
    assert status(system.upload, content, company="key", key="k" * 256) == 422


def test_a_page_has_1000_items(system):
    assert status(system.get, "/api/jobs", limit=1000, **WHO) == 0
    assert status(system.get, "/api/jobs", limit=1001, **WHO) == 422


def test_a_file_has_as_many_rows_and_bytes_as_configured(daybook):
    system = daybook(config="limits\n    max_rows = 20\n    max_bytes = 4096\n")
    rows = [row_of(40) for i in range(21)]
    fits = (HEAD + "\n".join(rows[:20]) + "\n").encode()
    assert system.complete(system.upload(fits))["result"]["parsed"] == 20
    record = system.poll(system.upload((HEAD + "\n".join(rows) + "\n").encode()))
    assert record["error"]["code"] == "too-many-rows", record
    body = (HEAD + row_of(4097 - len(HEAD))).encode()
    assert len(body) == 4096 and status(system.upload, body) == 0
    assert status(system.upload, body + b"0") == 413


def test_a_line_has_512_columns(system):
    def of(columns):
        more = ",c" * (columns - 3) + "\n"
        return (HEAD.strip() + more + row_of(40) + more).encode()

    fits = system.complete(system.upload(of(COLUMNS), company="columns"))
    assert fits["result"]["inserted"] == 1, fits
    record = system.poll(system.upload(of(COLUMNS + 1), company="columns"))
    assert record["error"]["code"] == "too-many-columns", record


def header_of(system, size):
    """What a request is answered whose header has so many bytes; 0: cut off in the middle."""
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: "
    port = int(system.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        try:
            client.sendall(head + b"y" * (size - len(head) - 4) + b"\r\n\r\n")
            answer = client.recv(64)
        except (ConnectionResetError, BrokenPipeError):
            return 0
    return int(answer.split()[1]) if answer else 0


def test_a_header_has_6_kib_and_what_is_longer_is_not_kept(system):
    assert header_of(system, 6144) == 200
    assert header_of(system, POOL + 1) in (0, 431)
    (pid,) = system.pids("status-api")
    before = anonymous_bytes(pid)
    for _ in range(200):
        assert header_of(system, 1 << 20) in (0, 431)
    assert anonymous_bytes(pid) < before + (1 << 20)
