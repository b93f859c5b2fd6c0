"""The web page as status-api serves it: from the program itself, whole, cached, and locked up."""
# runner: san
import gzip
import re

import pytest
import requests

from api import ROOT, Api

DIST = ROOT / "web/dist"
HOME = "/dashboard/background-jobs"
INDEX = (DIST / "index.html").read_bytes()
ASSETS = sorted(path.name for path in (DIST / "assets").iterdir())

LARGEST = max(ASSETS, key=lambda name: (DIST / "assets" / name).stat().st_size)


@pytest.fixture(scope="module")
def api():
    api = Api(broker=False)  # the page itself needs none
    yield api
    api.close()


def plain(api, path, coding="identity", method="GET", **headers):
    """The answer as it came, not unpacked."""
    answer = api.call(method, path, allow_redirects=False,
                      headers={"Accept-Encoding": coding, **headers})
    return answer


@pytest.mark.parametrize("path", (HOME, f"{HOME}/job_01JD8Z0000000000000000000",
                                  "/dashboard/upload", f"{HOME}?tenant=t1&company=acme",
                                  "/dashboard/a/b/c/", "/dashboard/index.html",
                                  "/dashboard/assets"))
def test_every_address_of_the_page_is_the_page(api, path):
    answer = plain(api, path)
    assert answer.status_code == 200 and answer.content == INDEX
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ("/", "/dashboard", "/dashboard/"))
def test_the_way_to_the_page(api, path):
    answer = plain(api, path)
    assert answer.status_code == 302 and answer.headers["Location"] == HOME


@pytest.mark.parametrize("name", ASSETS)
def test_assets_are_kept_for_ever(api, name):
    content = (DIST / "assets" / name).read_bytes()
    answer = plain(api, f"/dashboard/assets/{name}")
    assert answer.status_code == 200 and answer.content == content
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"


@pytest.mark.parametrize("path", ("nothing.js", "", "../index.html", "a/b.js", "%2e%2e/index.html",
                                  "x" * 3000))
def test_other_assets_are_not_there(api, path):
    request = requests.Request("GET", api.url).prepare()
    request.url = f"{api.url}/dashboard/assets/{path}"  # as it is, dots too
    with requests.Session() as http:
        answer = http.send(request, timeout=30)
    assert answer.status_code == 404 and answer.json()["code"] == "not-found"


def test_what_the_page_loads_is_there(api):
    loaded = re.findall(rb'(?:src|href)="(/[^"]+)"', INDEX)
    assert loaded
    for path in loaded:
        assert plain(api, path.decode()).status_code == 200


@pytest.mark.parametrize("coding, packed", (
    ("gzip", True), ("GZIP", True), ("br, gzip;q=0.5", True), ("*", True), ("deflate,  gzip", True),
    ("identity", False), ("", False), ("br", False), ("gzip;q=0", False),
    ("gzip; q=0.000, br", False), ("xgzip", False)))
def test_packed_for_who_takes_it(api, coding, packed):
    content = (DIST / "assets" / LARGEST).read_bytes()
    answer = api.raw(f"GET /dashboard/assets/{LARGEST} HTTP/1.1\r\nHost: localhost\r\n"
                     f"Accept-Encoding: {coding}\r\nConnection: close\r\n\r\n".encode(), shut=False)
    head, body = answer.split(b"\r\n\r\n", 1)
    assert b"Vary: Accept-Encoding" in head
    assert (b"Content-Encoding: gzip" in head) == packed
    assert (gzip.decompress(body) if packed else body) == content
    assert len(body) < len(content) or not packed


def test_nothing_is_sent_again_that_is_known(api):
    for path in (HOME, f"/dashboard/assets/{LARGEST}"):
        tags = {plain(api, path, coding).headers["ETag"] for coding in ("gzip", "identity")}
        assert len(tags) == 2  # other bytes, another strong tag
        tag = plain(api, path).headers["ETag"]
        same = plain(api, path, **{"If-None-Match": tag})
        assert same.status_code == 304 and not same.content and same.headers["ETag"] == tag
        assert plain(api, path, "gzip", **{"If-None-Match": tag}).status_code == 200
        assert plain(api, path, **{"If-None-Match": '"0123"'}).status_code == 200


def test_head_has_the_length_and_no_body(api):
    answer = plain(api, HOME, method="HEAD")
    assert answer.status_code == 200 and not answer.content
    assert int(answer.headers["Content-Length"]) == len(INDEX)


def test_nothing_but_reading(api):
    for method in ("POST", "PUT", "DELETE"):
        answer = api.call(method, HOME)
        assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", (HOME, "/dashboard", f"/dashboard/assets/{ASSETS[0]}"))
def test_the_page_is_locked_up(api, path):
    headers = plain(api, path).headers
    policy = dict(rule.split(" ", 1) for rule in
                  headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'",
        "img-src": "'self' data:", "connect-src": "'self'", "font-src": "'self'",
        "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"


def test_the_page_keeps_to_its_policy():
    assert b"<style" not in INDEX and b" style=" not in INDEX
    assert b" on" not in INDEX.split(b"<body")[1]
    assert not re.search(rb"<script(?![^>]*src=)[^>]*>", INDEX)
    assert not re.search(rb'(?:src|href)="(?:https?:)?//', INDEX)


def test_the_page_needs_no_key():
    api = Api(config='access\n    keys_file = "FOLDER/keys"\n', start=False, broker=False)
    keys = api.folder / "keys"
    keys.touch(0o600)
    keys.write_text("t1 one " + "0" * 64 + "\n")
    api.start()
    try:
        assert plain(api, HOME).status_code == 200
        assert plain(api, f"/dashboard/assets/{ASSETS[0]}").status_code == 200
        assert api.call("GET", "/api/jobs").status_code == 401
    finally:
        api.close()


def test_a_page_under_another_name_is_refused(api):
    answer = plain(api, HOME, Host="evil.example")
    assert answer.status_code == 403
