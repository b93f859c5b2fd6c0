"""Uploads: streamed, checked, on disk before the answer, and gone when they are refused."""
# runner: san
import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from api import BIN, CSV, UPLOAD, WHO, Api, wait_until
from fake_broker import job_text

SANITIZED = "san" in BIN.parts


@pytest.fixture(scope="module")
def api():
    api = Api(config="limits\n    max_bytes = 300000\n")
    yield api
    api.close()


@pytest.fixture(autouse=True)
def nothing_left(api):
    yield
    wait_until("no temporary file is left", lambda: not api.temporary())


def blob_name(content, job):
    return f"{hashlib.blake2b(content, digest_size=32).hexdigest()}.{job[4:]}"


def locations(answer):
    return [error["loc"] for error in answer.json()["errors"]]


def form(*parts, boundary="XX", end="--"):
    """A multipart body of (headers, content) parts, in this order."""
    body = b""
    for headers, content in parts:
        body += f"--{boundary}\r\n{headers}\r\n\r\n".encode() + content + b"\r\n"
    return body + f"--{boundary}{end}\r\n".encode()


def field(name, value):
    return f'Content-Disposition: form-data; name="{name}"', value.encode()


def file_part(content=CSV, name="may.csv"):
    return (f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: text/csv", content)


def send(api, body, kind="multipart/form-data; boundary=XX", **options):
    return api.call("POST", UPLOAD, data=body, headers={"Content-Type": kind}, **options)


# ---- what is taken ----

def test_form_is_on_disk_before_the_answer(api):
    answer = api.upload(account="Liabilities:Card", currency="eur", date_order="dmy",
                        profile='{"delimiter": ";", "a": 1}')
    assert answer.status_code == 202
    job = answer.json()["job_id"]
    submit = api.broker.submits[-1]
    assert job_text(submit["job"]) == job and blob_name(CSV, job) in api.blobs()
    assert os.stat(api.data / "blobs" / blob_name(CSV, job)).st_mode & 0o777 == 0o600
    assert submit["blob"] == hashlib.blake2b(CSV, digest_size=32).digest()
    assert json.loads(submit["params"]) == {"params": {
        "blob": submit["blob"].hex(), "account": "Liabilities:Card", "currency": "EUR",
        "date_order": "dmy", "profile": {"a": 1, "delimiter": ";"}, "file_name": "may.csv",
        "bytes": len(CSV)}}
    assert json.loads(submit["meta"]) == {"file_name": "may.csv", "bytes": len(CSV)}


@pytest.mark.parametrize("order", ("first", "middle", "last"))
def test_fields_may_come_after_the_file(api, order):
    parts = [field("company_id", "acme"), field("tenant_id", "t1")]
    parts.insert(("first", "middle", "last").index(order), file_part())
    answer = send(api, form(*parts))
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("boundary", ("xy", "-a", "a" * 70,
                                      "----WebKitFormBoundary7MA4YWxkTrZu0gW"))
def test_boundaries(api, boundary):
    body = form(field("company_id", "acme"), field("tenant_id", "t1"), file_part(),
                boundary=boundary)
    answer = send(api, body, f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 202, answer.text


def test_content_that_looks_like_a_boundary(api):
    content = b"Date,Description,Amount\r\n--X\r\n-XX\r\n\n--XX\r\r\n--\r\n" * 400
    answer = send(api, form(field("company_id", "acme"), file_part(content),
                            field("tenant_id", "t1")))
    job = answer.json()["job_id"]
    assert blob_name(content, job) in api.blobs()


@pytest.mark.parametrize("headers", ({"Content-Type": "text/csv"}, {"Content-Type": "text/plain"},
                                     {}, {"Content-Type": "application/vnd.ms-excel"}))
@pytest.mark.parametrize("method", ("POST", "PUT"))
def test_raw_body_with_query(api, headers, method):
    answer = api.call(method, UPLOAD, params={**WHO, "file_name": "june.csv", "currency": "EUR"},
                      data=CSV, headers=headers)
    assert answer.status_code == 202, answer.text
    params = json.loads(api.broker.submits[-1]["params"])["params"]
    assert (params["file_name"], params["currency"]) == ("june.csv", "EUR")


def test_raw_body_in_chunks(api):
    pieces = [CSV] + [b"2026-05-02,HUMBDRO,-2.00\n" * 50] * 50
    answer = api.call("POST", UPLOAD, params=WHO, data=iter(pieces),
                      headers={"Content-Type": "text/csv"})
    assert answer.status_code == 202
    assert blob_name(b"".join(pieces), answer.json()["job_id"]) in api.blobs()


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
@pytest.mark.parametrize("options, name", (
    (["-T", "FILE", "URL?WHO"], None), (["-T", "FILE", "URL/?WHO"], "may 1.csv"),
    (["-T", "-", "URL?WHO"], None), (["-F", "file=@FILE", "-F", "tenant_id=t1", "-F",
                                      "company_id=acme", "URL"], "may 1.csv"),
    (["--data-binary", "@FILE", "-H", "Content-Type: text/csv", "URL?WHO"], None)))
def test_curl_as_people_use_it(api, tmp_path, options, name):
    path = tmp_path / "may 1.csv"
    path.write_bytes(CSV)
    words = {"FILE": str(path), "URL": api.url + UPLOAD, "WHO": "tenant_id=t1&company_id=acme"}
    for old, new in words.items():
        options = [option.replace(old, new) for option in options]
    done = subprocess.run(["curl", "-sS", *options], input=CSV, capture_output=True, check=True,
                          timeout=60)
    job = json.loads(done.stdout)["job_id"]
    assert blob_name(CSV, job) in api.blobs()
    assert json.loads(api.broker.submits[-1]["meta"])["file_name"] == name


@pytest.mark.parametrize("name, kept", (
    ("../../etc/passwd", "passwd"), ("C:\\bank\\may.csv", "may.csv"), ("x" * 300, "x" * 255),
    ("a\u202egnp.csv", "a\u202egnp.csv"), ("con", "con"), ("tab\there", "tab\there")))
def test_file_names_are_only_text(api, name, kept):
    answer = send(api, form(field("company_id", "acme"), field("tenant_id", "t1"),
                            file_part(name=name)))
    assert answer.status_code == 202
    assert json.loads(api.broker.submits[-1]["meta"])["file_name"] == kept


@pytest.mark.parametrize("content", (
    "Date;Betrag\n".encode("utf-16"), "Date;Betrag\n".encode("utf-16-le"),
    "Datum;Müller\n".encode("cp1252"), "\ufeffDate,x\n".encode(), b"a", b"Date,\x1aAmount\n"))
def test_texts_of_all_kinds(api, content):
    assert api.upload(content).status_code == 202


def test_empty_optional_fields_are_as_if_not_given(api):
    answer = api.upload(account="", currency="", date_order="", profile="")
    assert answer.status_code == 202
    params = json.loads(api.broker.submits[-1]["params"])["params"]
    assert params["account"] == "Assets:Bank:Checking" and "currency" not in params


# ---- what is refused ----

def test_all_faults_are_named_at_once(api):
    fields = {"company_id": "a b", "currency": "EURO", "date_order": "x", "profile": "[]",
              "account": "Bank", "acount": "x"}
    answer = api.call("POST", UPLOAD, data=fields, files={"document": ("x.csv", CSV)})
    assert answer.status_code == 422
    wanted = {"company_id", "tenant_id", "currency", "date_order", "profile", "account", "acount",
              "file", "document"}
    assert {place[1] for place in locations(answer)} == wanted
    assert all(place[0] == "body" for place in locations(answer))


def test_no_file_and_empty_file(api):
    answer = api.call("POST", UPLOAD, files={"tenant_id": (None, "t1"), "company_id": (None, "c")})
    assert answer.status_code == 422 and locations(answer) == [["body", "file"]]
    assert answer.json()["errors"][0]["type"] == "missing"
    answer = api.upload(b"")
    assert answer.status_code == 422 and answer.json()["errors"][0]["type"] == "file_empty"
    answer = api.call("PUT", UPLOAD, params=WHO, data=b"")
    assert answer.status_code == 422 and locations(answer) == [["body", "file"]]
    answer = api.call("POST", UPLOAD)
    assert {tuple(place) for place in locations(answer)} == {
        ("body", "file"), ("query", "company_id"), ("query", "tenant_id")}


@pytest.mark.parametrize("account", ("Expenses:Food", "Income:Salary", "Equity:Opening"))
def test_a_statement_is_of_assets_or_liabilities(api, account):
    answer = api.upload(account=account)
    assert answer.status_code == 422, answer.text
    assert {place[1] for place in locations(answer)} == {"account"}
    assert "Liabilities" in answer.text


@pytest.mark.parametrize("magic", (
    b"PK\x03\x04", b"%PDF-1.7\n", b"\x7fELF\x02\x01", b"\x89PNG\r\n\x1a\n", b"GIF89a",
    b"\xff\xd8\xff\xe0", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"text\0with nul"))
def test_binary_files(api, magic):
    before = len(api.broker.submits)
    for content in (magic, magic + bytes(range(256)) * 500):
        answer = api.upload(content, account="bad")
        assert answer.status_code == 415, answer.text
        assert {place[1] for place in locations(answer)} == {"file", "account"}
    assert len(api.broker.submits) == before


@pytest.mark.parametrize("kind", ("application/zip", "application/json", "image/png",
                                  "application/x-www-form-urlencoded", "application/octet-stream",
                                  "multipart/mixed; boundary=XX"))
def test_wrong_types(api, kind):
    answer = api.call("POST", UPLOAD, params=WHO, data=CSV, headers={"Content-Type": kind})
    assert answer.status_code == 415 and answer.json()["hint"]


def test_compressed_body(api):
    answer = api.call("POST", UPLOAD, params=WHO, data=CSV,
                      headers={"Content-Type": "text/csv", "Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize("bytes_", (300001, 360000, 3000000))
def test_too_many_bytes(api, bytes_):
    content = CSV + b"x" * (bytes_ - len(CSV))
    assert api.upload(content).status_code == 413
    for data in (content, iter([content])):
        answer = api.call("POST", UPLOAD, params=WHO, data=data,
                          headers={"Content-Type": "text/csv"})
        assert answer.status_code == 413, answer.text


def test_exactly_as_many_bytes_as_allowed(api):
    content = CSV + b"x" * (300000 - len(CSV))
    assert api.upload(content).status_code == 202


def test_too_many_parts_and_too_long_values(api):
    parts = [field(f"n{i}", "v") for i in range(40)] + [file_part()]
    answer = send(api, form(*parts))
    assert answer.status_code == 413 and answer.json()["more_errors"] > 0
    answer = api.upload(company_id="x" * 2000, profile=json.dumps({"delimiter": "x" * 17000}))
    assert answer.status_code == 422
    assert {place[1] for place in locations(answer)} == {"company_id", "profile"}


def test_two_files_or_a_field_twice(api):
    who = [field("company_id", "acme"), field("tenant_id", "t1")]
    answer = send(api, form(*who, file_part(), file_part(b"other")))
    assert answer.status_code == 422 and locations(answer) == [["body", "file"]]
    answer = send(api, form(*who, who[0], file_part()))
    assert answer.status_code == 422 and locations(answer) == [["body", "company_id"]]


def test_malformed_forms(api):
    good = form(field("company_id", "acme"), field("tenant_id", "t1"), file_part())
    for body, kind in ((good[:-6], "multipart/form-data; boundary=XX"),
                       (good, "multipart/form-data"), (good, "multipart/form-data; boundary="),
                       (good, f"multipart/form-data; boundary={'b' * 100}"),
                       (b"no boundary at all", "multipart/form-data; boundary=XX"),
                       (good, "multipart/form-data; boundary=YY")):
        assert send(api, body, kind).status_code in (400, 422), (body, kind)


def test_part_with_an_endless_header(api):
    header = 'Content-Disposition: form-data; name="file"\r\nX-Long: ' + "y" * 20000
    assert send(api, form((header, CSV))).status_code in (400, 422)


# ---- what breaks on the way ----

def cuts(total):
    return sorted({total * i // 16 for i in range(1, 16)})


@pytest.mark.parametrize("chunked", (False, True))
def test_truncated_bodies_leave_nothing(api, chunked):
    before = len(api.broker.submits)
    content = CSV * 1000
    body = form(field("company_id", "acme"), file_part(content), field("tenant_id", "t1"))
    head = (f"POST {UPLOAD} HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: multipart/form-data; boundary=XX\r\n")
    if chunked:
        whole = head + "Transfer-Encoding: chunked\r\n\r\n"
        body = b"".join(f"{len(body[i:i + 4000]):x}\r\n".encode() + body[i:i + 4000] + b"\r\n"
                        for i in range(0, len(body), 4000)) + b"0\r\n\r\n"
    else:
        whole = head + f"Content-Length: {len(body)}\r\n\r\n"
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda cut: api.raw(whole.encode() + body[:cut]), cuts(len(body))))
    assert not [answer for answer in answers if answer.startswith(b"HTTP/1.1 2")], answers
    wait_until("nothing temporary is left", lambda: not api.temporary())
    assert len(api.broker.submits) == before


def test_refused_submit_deletes_the_file(api):
    before = api.blobs()
    api.broker.refuse = 507, "disk-full"
    try:
        answer = api.upload()
    finally:
        api.broker.refuse = None
    assert answer.status_code == 507 and answer.headers["Retry-After"]
    assert api.blobs() == before


def test_known_key_deletes_the_second_file(api):
    first = api.upload(headers={"Idempotency-Key": "u1"})
    before = api.blobs()
    again = api.upload(headers={"Idempotency-Key": "u1"}, name="renamed.csv")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["job_id"] == again.json()["job_id"] and api.blobs() == before
    for changed in ({"content": CSV + b"x"}, {"company_id": "other"}, {"currency": "EUR"}):
        answer = api.upload(headers={"Idempotency-Key": "u1"}, **changed)
        assert answer.status_code == 409, changed
    assert api.blobs() == before


def test_form_and_raw_body_are_the_same_request(api):
    first = api.upload(headers={"Idempotency-Key": "u2"}, currency="EUR", date_order="dmy")
    again = api.call("PUT", UPLOAD, data=CSV, headers={"Idempotency-Key": "u2"},
                     params={"date_order": "dmy", **WHO, "currency": "EUR"})
    assert again.status_code == 200 and again.json()["job_id"] == first.json()["job_id"]


def test_what_a_dead_process_left_is_swept_at_start():
    api = Api(start=False)
    try:
        folder = api.data / "blobs/tmp"
        folder.mkdir(parents=True)
        (folder / "half").write_bytes(b"x")
        api.start()
        assert not api.temporary()
    finally:
        api.close()


@pytest.mark.parametrize("size, point", [
    *(("large", point) for point in ("api.blob.before", "blob.fsync.before", "blob.rename.after",
                                     "api.blob.after", "api.submit.before", "api.reply.before")),
    *(("small", point) for point in ("blob.rename.before", "blob.rename.after",
                                     "api.submit.before", "api.reply.before"))])
def test_dying_at_any_point_promises_nothing(size, point):
    """A large file is synced by a helper first, a small one goes into the job's record."""
    body = CSV * 1000 if size == "large" else CSV
    api = Api(args=("--die-at", point))
    try:
        head = (f"PUT {UPLOAD}?tenant_id=t1&company_id=acme HTTP/1.1\r\nHost: localhost\r\n"
                f"Content-Length: {len(body)}\r\n\r\n")
        answer = api.raw(head.encode() + body, shut=False)
        assert answer in (b"", b"HTTP/1.1 100 Continue\r\n\r\n")
        assert api.process.wait(10) == 137
        assert len(api.broker.submits) == (1 if point == "api.reply.before" else 0)
        api.args = []
        api.start()
        assert api.upload().status_code == 202
    finally:
        api.close()


# ---- size and number ----

@pytest.mark.skipif(SANITIZED, reason="memory is another thing under the sanitizers")
def test_memory_is_flat_whatever_the_size():
    api = Api()
    try:
        line = b"2026-05-01,HUMBDRO TICKET OFFICE,-12.50\n"
        assert api.call("PUT", UPLOAD, params=WHO, data=iter([line * 1000])).status_code == 202
        before = api.memory()
        peak = []
        done = threading.Event()

        def sample():
            while not done.wait(0.01):
                peak.append(api.memory())

        thread = threading.Thread(target=sample)
        thread.start()
        answer = api.call("PUT", UPLOAD, params=WHO, data=(line * 1000 for _ in range(2500)))
        done.set()
        thread.join()
        assert answer.status_code == 202
        assert json.loads(api.broker.submits[-1]["meta"])["bytes"] == len(line) * 2500 * 1000
        assert max(peak) < before + (4 << 20), (before, max(peak))
    finally:
        api.close()


def test_many_uploads_at_once(api):
    seen, faults = [], []

    def one(number):
        content = CSV * random.Random(number).randint(1, 2000)
        try:
            answer = requests.post(api.url + UPLOAD, data=WHO, timeout=60,
                                   files={"file": ("x.csv", content)})
            job = answer.json()["job_id"]
            seen.append(job)
            if blob_name(content, job) not in api.blobs():
                faults.append(job)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults and len(set(seen)) == 40


def test_a_form_that_comes_in_two_pieces_is_the_same_form(api):
    """Wherever the network cuts it: node's fetch sends it part by part."""
    body = form(field("tenant_id", "t1"), field("company_id", "acme"), file_part())
    head = (f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n"
            "Content-Type: multipart/form-data; boundary=XX\r\n\r\n")
    for cut in range(1, len(body)):
        with socket.create_connection(("127.0.0.1", api.port), 30) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(head.encode() + body[:cut])
            time.sleep(0.002)  # without it the pieces come as one, which is no fault
            client.sendall(body[cut:])
            answer = client.makefile("rb").read()
        assert b" 202 " in answer.splitlines()[0], (body[:cut][-30:], answer)


def test_full_disk_is_507_and_nothing_stays():
    """The blob folder is a file system of 256 KiB, where that can be made."""
    small = Api(start=False)
    blobs = small.data / "blobs"
    blobs.mkdir()
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "none", blobs],
                              capture_output=True, check=False)
        if done.returncode:
            pytest.skip("no right to mount")
        small.start()
        answer = small.upload(CSV * 20000)
        assert answer.status_code == 507 and answer.headers["Retry-After"], answer.text
        assert not small.temporary() and not small.broker.submits
        assert small.upload(CSV).status_code == 202
    finally:
        if small.process:
            small.stop()
        subprocess.run(["umount", blobs], capture_output=True, check=False)
        small.close()
