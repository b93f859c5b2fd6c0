"""Who may do what: keys, tenants, origins, and connections that take their time."""
# runner: san
import hashlib
import socket
import time

import pytest
import requests

from api import CSV, PATIENCE, UPLOAD, Api, wait_until

KEYS = {"one": ("t1", "key-of-one"), "two": ("t2", "key-of-two"),
        "boss": ("*operator", "key-of-boss")}


def write_keys(path, keys=KEYS, mode=0o600):
    lines = ["# who may ask", ""]
    lines += [f"{tenant} {name} {hashlib.blake2b(key.encode(), digest_size=32).hexdigest()}"
              for name, (tenant, key) in keys.items()]
    path.touch(mode)
    path.write_text("\n".join(lines) + "\n")
    path.chmod(mode)


def bearer(name):
    return {"Authorization": f"Bearer {KEYS[name][1]}"}


@pytest.fixture(scope="module")
def api():
    api = Api(config='access\n    keys_file = "FOLDER/keys"\n', start=False)
    write_keys(api.folder / "keys")
    api.listen = "0.0.0.0:0"  # with keys any address will do
    api.start()
    yield api
    api.close()


@pytest.fixture(scope="module")
def open_api():
    api = Api()
    yield api
    api.close()


# ---- keys ----

@pytest.mark.parametrize("value", (None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic a2V5",
                                   "key-of-one", "Bearer key-of-one2", "Bearer " + "x" * 2000))
def test_without_a_good_key_nothing_is_said(api, value):
    headers = {} if value is None else {"Authorization": value}
    for method, path in (("GET", "/api/jobs"), ("POST", "/api/jobs/categorize"),
                         ("GET", "/api/events"), ("GET", "/api/stages"), ("GET", "/metrics"),
                         ("PUT", UPLOAD), ("GET", "/api/nothing"), ("DELETE", "/api/jobs")):
        answer = api.call(method, path, headers=headers)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"], path
    assert not api.broker.submits


def test_what_is_open_to_all(api):
    for path in ("/healthz", "/readyz", "/openapi.json"):
        assert api.call("GET", path).status_code == 200
    assert api.call("GET", "/metrics", headers=bearer("one")).status_code == 403
    assert api.call("GET", "/metrics", headers=bearer("boss")).status_code == 200


def test_scheme_is_read_without_case(api):
    answer = api.call("GET", "/api/jobs", headers={"Authorization": "bearer  key-of-one"})
    assert answer.status_code == 200


def test_what_is_another_tenants_is_not_there(api):
    job = api.broker.make(1, tenant="t2", company="acme")
    own = api.broker.make(2, tenant="t1", company="acme")
    for method, verb, body in (("GET", "", None), ("POST", "/cancel", None),
                               ("POST", "/retry", None), ("GET", "/events", None),
                               ("GET", "/rejects", None), ("GET", "/duplicates", None),
                               ("POST", "/duplicates", {"lines": [1]})):
        answer = api.call(method, f"/api/jobs/{job}{verb}", headers=bearer("one"), json=body)
        assert answer.status_code == 404, (method, verb, answer.text)
    assert api.broker.jobs[job]["status"] == "pending"
    for who in ("two", "boss"):
        assert api.call("GET", f"/api/jobs/{job}", headers=bearer(who)).status_code == 200
    assert api.call("GET", f"/api/jobs/{own}", headers=bearer("one")).status_code == 200


@pytest.mark.parametrize("path", ("/api/jobs", "/api/events", "/api/transactions",
                                  "/api/journal-entries", "/api/accounts/balances",
                                  "/api/accounts/monthly", "/api/companies"))
def test_queries_for_another_tenant(api, path):
    answer = api.call("GET", path, params={"tenant_id": "t2", "company_id": "acme"},
                      headers=bearer("one"))
    assert answer.status_code == 404


def test_posts_for_another_tenant(api):
    before = len(api.broker.submits)
    body = {"tenant_id": "t2", "company_id": "acme"}
    answer = api.call("POST", "/api/jobs/categorize", json={**body, "limit": 1},
                      headers=bearer("one"))
    assert answer.status_code == 404
    answer = api.call("POST", UPLOAD, data=body, files={"file": ("a.csv", CSV)},
                      headers=bearer("one"))
    assert answer.status_code == 404
    assert len(api.broker.submits) == before and not api.blobs() and not api.temporary()
    answer = api.call("POST", UPLOAD, data=body, files={"file": ("a.csv", CSV)},
                      headers=bearer("two"))
    assert answer.status_code == 202


def test_lists_without_a_tenant_hold_only_the_callers(api):
    for tenant in ("t1", "t2", "t10"):
        api.broker.make(hash(tenant) % 1000 + 10, tenant=tenant)
    own = api.call("GET", "/api/jobs", headers=bearer("one")).json()["items"]
    assert {item["tenant_id"] for item in own} == {"t1"}
    every = api.call("GET", "/api/jobs", headers=bearer("boss")).json()["items"]
    assert {item["tenant_id"] for item in every} >= {"t1", "t2", "t10"}


def test_companies_without_a_tenant_are_only_the_callers(api):
    for tenant in ("t1", "t2", "t10"):
        folder = api.data / "books" / tenant
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("acme.db", "acme.db-wal", ".template-1.db", "not a name.db"):
            (folder / name).touch()
    for who, tenants in (("one", ["t1"]), ("boss", ["t1", "t10", "t2"])):
        items = api.call("GET", "/api/companies", headers=bearer(who)).json()["items"]
        assert items == [{"tenant_id": tenant, "company_id": "acme"} for tenant in tenants]


def test_stream_without_a_tenant_tells_only_of_the_callers(api):
    with socket.create_connection(("127.0.0.1", api.port), 10 * PATIENCE) as client:
        client.sendall(b"GET /api/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 0-0\r\n"
                       b"Authorization: Bearer key-of-one\r\n\r\n")
        last, seen = api.broker.make(5000, tenant="t1"), ""
        while last not in seen:
            seen += client.recv(65536).decode()
    assert '"tenant_id":"t1"' in seen and '"tenant_id":"t2"' not in seen


def test_revoked_key_is_refused_within_a_second(api):
    path = api.folder / "keys"
    keys = dict(KEYS)
    keys["three"] = "t1", "key-of-three"
    write_keys(path, keys)
    headers = {"Authorization": "Bearer key-of-three"}
    wait_until("the new key is known", lambda: api.call(
        "GET", "/api/jobs", headers=headers).status_code == 200, 3)
    write_keys(path)
    wait_until("it is revoked", lambda: api.call(
        "GET", "/api/jobs", headers=headers).status_code == 401, 3)
    path.write_text("this is no key\n")  # the old ones stay
    time.sleep(1.5)
    assert api.call("GET", "/api/jobs", headers=bearer("one")).status_code == 200
    write_keys(path)


@pytest.mark.parametrize("text, mode", (
    ("t1 name abc\n", 0o600), ("t1 name\n", 0o600), ("a/b name " + "0" * 64 + "\n", 0o600),
    ("", 0o600), ("t1 name " + "0" * 64 + "\n", 0o644), ("t1 name " + "0" * 64 + " more\n", 0o600)))
def test_bad_keys_files_stop_the_start(text, mode):
    api = Api(config='access\n    keys_file = "FOLDER/keys"\n', start=False, broker=False)
    try:
        (api.folder / "keys").write_text(text)
        (api.folder / "keys").chmod(mode)
        with pytest.raises(AssertionError):
            api.start()
        assert api.process.returncode == 78
        assert "keys" in api.logs() and len(api.logs().splitlines()) == 1, api.logs()
    finally:
        api.close()


# ---- origins ----

@pytest.mark.parametrize("origin, status", (
    ("SELF", 202), (None, 202), ("https://evil.example", 403), ("null", 403), ("", 403),
    ("http://127.0.0.1", 403), ("http://localhost.evil.example", 403), ("file://", 403)))
def test_pages_of_another_origin_may_not_post(open_api, origin, status):
    headers = {} if origin is None else {"Origin": open_api.url if origin == "SELF" else origin}
    answer = open_api.call("POST", "/api/jobs/categorize", headers=headers,
                           json={"tenant_id": "t1", "company_id": "acme"})
    assert answer.status_code == status
    answer = open_api.call("POST", UPLOAD, headers=headers, files={"file": ("a.csv", CSV)},
                           data={"tenant_id": "t1", "company_id": "acme"})
    assert answer.status_code == status
    answer = open_api.call("POST", "/api/jobs/job_01JD8ZQ0000000000000000000/cancel",
                           headers=headers)
    assert answer.status_code == (404 if status == 202 else 403)


@pytest.mark.parametrize("host, status", (
    ("localhost", 200), ("127.0.0.1:8080", 200), ("[::1]:8080", 200), ("app.localhost:1", 200),
    ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("[evil", 403)))
def test_without_keys_only_local_names_are_served(open_api, host, status):
    """A page whose own name was made to point here (DNS rebinding) is turned away."""
    assert open_api.call("GET", "/api/jobs", headers={"Host": host}).status_code == status


def test_with_keys_any_name_is_served(api):
    answer = api.call("GET", "/api/jobs", headers={**bearer("one"), "Host": "books.example"})
    assert answer.status_code == 200
    answer = api.call("POST", "/api/jobs/categorize",
                      json={"tenant_id": "t1", "company_id": "acme"},
                      headers={**bearer("one"), "Host": "books.example",
                               "Origin": "https://books.example"})
    assert answer.status_code == 202


# ---- connections that take their time ----

@pytest.mark.skipif(PATIENCE > 1, reason="it only waits, and has been seen without sanitizers")
def test_slow_header_is_cut_off(open_api):
    """A byte now and then does not keep a connection, and nobody else notices."""
    with socket.create_connection(("127.0.0.1", open_api.port)) as client:
        client.settimeout(2)
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")
        began = time.monotonic()
        while time.monotonic() - began < 45 * PATIENCE:
            try:
                client.sendall(b"y")
                if client.recv(1000) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        assert 25 < time.monotonic() - began < 40 * PATIENCE


def test_an_address_has_so_many_connections_and_no_more():
    """Those that it has go on; one more is hung up on, until one of them is closed."""
    api = Api(config="limits\n    connections_per_address = 3\n")
    clients = []

    def ask(client):
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client.recv(1000).startswith(b"HTTP/1.1 200")

    def one_more():
        clients.append(socket.create_connection(("127.0.0.1", api.port), 10 * PATIENCE))
        try:
            return ask(clients[-1])
        except ConnectionError:
            return False

    try:
        assert one_more() and one_more() and one_more()
        assert not one_more()
        assert all(ask(client) for client in clients[:3])
        clients[0].close()
        wait_until("a place to be free", one_more)
    finally:
        for client in clients:
            client.close()
        api.close()


def test_a_tenant_has_so_many_requests_under_way_and_no_more():
    """Who waits at as many streams as it may keeps nobody else waiting, and comes in again when one
    of them ends."""
    api = Api(config='limits\n    requests_per_tenant = 2\n'
                     'access\n    keys_file = "FOLDER/keys"\n', start=False)
    write_keys(api.folder / "keys")
    api.start()

    def jobs(name):
        return api.call("GET", "/api/jobs", headers=bearer(name))

    streams = []
    try:
        for _ in range(2):
            streams.append(requests.get(f"{api.url}/api/events", headers=bearer("one"), stream=True,
                                        timeout=10 * PATIENCE))
            assert streams[-1].status_code == 200
        refused = jobs("one")
        assert refused.status_code == 429 and refused.headers["Retry-After"] == "1"
        assert refused.json()["code"] == "too-many-requests" and "t1" in refused.json()["detail"]
        assert api.call("POST", UPLOAD, headers=bearer("one"), data=CSV).status_code == 429
        assert jobs("two").status_code == 200 and jobs("boss").status_code == 200
        streams[0].close()
        wait_until("a request to be taken", lambda: jobs("one").status_code == 200)
    finally:
        for stream in streams:
            stream.close()
        api.close()


def test_large_headers_are_refused(open_api):
    answer = open_api.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 20000 +
                          b"\r\n\r\n")
    assert answer == b"" or answer.split()[1] in (b"413", b"431"), answer[:100]
    answer = open_api.raw(b"GET /" + b"y" * 20000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer == b"" or answer.split()[1] in (b"414", b"431"), answer[:100]


@pytest.mark.parametrize("junk", (
    b"\x00" * 20, b"GET\r\n\r\n", b"\r\n" * 10, b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"GET /healthz HTTP/1.1\r\n\r\n"))
def test_junk_hurts_nobody(open_api, junk):
    answer = open_api.raw(junk, timeout=1)
    assert not answer.startswith(b"HTTP/1.1 2")
    assert open_api.call("GET", "/healthz").status_code == 200
