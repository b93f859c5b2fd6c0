"""Every route of openapi.yaml, called by a tenant for what is another tenant's: it is not there.
Then by its owner, to whom it is: so that the first answer says something."""
import hashlib

import pytest
from daybook import System
from openapi_check import document
from statements import CHART, Statement

OWNER, STRANGER = "owner", "stranger"
OF_ALL = {"/api/stages"}  # says nothing of tenants
OF_OPERATORS = {"/metrics"}
WHO = {"tenant_id": OWNER, "company_id": "acme"}
FOOD = "Expenses:Food:Groceries"
BODIES = {
    "/api/jobs/categorize": {**WHO, "limit": 1},
    "/api/jobs/{pipeline}": WHO,
    "/api/jobs/{id}/duplicates": {"lines": [2]},
    "/api/transactions/categorize": {"merchant": "x", "account": FOOD},
    "/api/transactions/{id}/categorize": {"account": FOOD, "entry_id": "1"},
    "/api/rules": {"rules": ""},
    "/api/rules/test": {"descriptions": ["x"]},
    "/api/accounts": {"text": CHART},
}


def is_open(operation):
    return operation.get("security", [{"key": []}]) == [{}]


def routes():
    return [(method.upper(), path) for path, methods in document()["paths"].items()
            for method, operation in methods.items()
            if method in ("get", "post", "put", "delete", "patch") and not is_open(operation)
            and path not in OF_ALL | OF_OPERATORS]


class World:
    """Two tenants with a key each; the owner has jobs, books, an answer."""

    def __init__(self, system):
        self.system = system
        system.http.headers.update(self.bearer(OWNER))
        content = Statement(20).bytes()
        self.job = system.upload(content, tenant=OWNER)
        system.complete(self.job)
        system.complete(system.upload(content, tenant=OWNER))  # all duplicates
        system.http.headers.update(self.bearer(STRANGER))
        system.complete(system.upload(content, tenant=STRANGER))
        system.http.headers.clear()
        page = self.call(OWNER, "GET", "/api/transactions", WHO).json()["items"]
        answer = self.call(OWNER, "POST", f"/api/transactions/{page[0]['id']}/categorize", WHO,
                           json={"account": FOOD, "entry_id": page[0]["entry_id"]}).json()
        assert "answer_id" in answer, answer
        self.ids = {"transactions": page[1]["id"], "answers": answer["answer_id"], "transfers": "1"}

    @staticmethod
    def bearer(name):
        return {"Authorization": f"Bearer key-of-{name}"}

    def call(self, who, method, path, params, **options):
        return self.system.call(method, path, validate=False, headers=self.bearer(who),
                                params=params, **options)

    def ask(self, who, method, path, params):
        """(status, code of the problem): the route, of what is the owner's."""
        kind = path.split("/")[2]
        place = path.replace("{id}", self.ids.get(kind, self.job)).replace("{file}", "a.csv")
        place = place.replace("{pipeline}", "own")
        options = {"json": BODIES.get(path, {})} if method != "GET" else {}
        if path.startswith(("/api/jobs/upload", "/api/preview")):
            options = {"data": b"Date,Description,Amount\n2026-01-01,x,-1.00\n",
                       "headers": {"Content-Type": "text/csv"}}
        if path == "/api/export":
            params = {**params, "format": "json"}
        options.setdefault("headers", {}).update(self.bearer(who))
        with self.system.call(method, place, validate=False, params=params, stream=True,
                              **options) as answer:
            failed = answer.status_code >= 400
            return answer.status_code, answer.json()["code"] if failed else ""


@pytest.fixture(scope="module")
def world():
    system = System(config="")
    keys = system.folder / "keys"
    system.config.write_text(f'access\n    keys_file = "{keys}"\n'
                             "pipelines\n    own\n        fetch\n")
    keys.touch(0o600)
    keys.write_text("".join(
        f"{name} {name} {hashlib.blake2b(f'key-of-{name}'.encode(), digest_size=32).hexdigest()}\n"
        for name in (OWNER, STRANGER)))
    try:
        yield World(system.start())
    finally:
        system.close()
        system.remove()


@pytest.mark.parametrize("method, path", routes())
def test_what_is_another_tenants_is_not_there(world, method, path):
    named = world.ask(STRANGER, method, path, WHO)
    asked = [{}] if "{id}" in path else []  # the id alone
    if path.startswith("/api/jobs/{id}"):
        asked.append({"tenant_id": STRANGER, "company_id": "acme"})  # as if it were one's own
    strange = {world.ask(STRANGER, method, path, params) for params in asked}
    owned = world.ask(OWNER, method, path, WHO)
    assert named[0] == 404, named
    assert all(status == 404 or code == "invalid-request" for status, code in strange), strange
    assert owned != named and owned[0] not in (401, 403, 422), (owned, named)
