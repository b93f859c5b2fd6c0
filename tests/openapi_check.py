#!/usr/bin/python3
"""openapi_check - does an answer of the API match openapi.yaml?

    openapi_check.check("GET", "/api/jobs/job_01...", 200, headers, body)

raises Mismatch, which says what differs, unless the document promises exactly such an answer:
operation, status, content type, headers, and a body that its schema accepts. A refusal for an
address or a method that the document does not have must still be a problem as it describes them.
Run as a program it lints the document (openapi_lint.py).
"""
import functools
import json
import pathlib
import re
import sys

import jsonschema
import yaml

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent / "openapi.yaml"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Mismatch(AssertionError):
    """An answer that the document does not promise."""


@functools.lru_cache(maxsize=None)
def document():
    return yaml.safe_load(DOCUMENT.read_text())


def resolve(node):
    """What a reference stands for, with what is written beside it."""
    while isinstance(node, dict) and "$ref" in node:
        found = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        beside = {key: value for key, value in node.items() if key != "$ref"}
        node = {**found, **beside} if beside else found
    return node


def validator(schema):
    resolver = jsonschema.RefResolver("", document())
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def faults(schema, value):
    """Every reason why the schema refuses the value, as text."""
    found = []
    for error in validator(schema).iter_errors(value):
        place = "/".join(map(str, error.absolute_path)) or "the value"
        found.append(f"{place}: {error.message[:300]}")
    return found


@functools.lru_cache(maxsize=None)
def patterns():
    """[(pattern, path item)], those with more literal segments first."""
    found = []
    for path, item in document()["paths"].items():
        pattern = re.escape(path).replace(r"\{path\}", ".*")  # the web page's, with its slashes
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", pattern) + "$")
        found.append((path.count("{"), pattern, item))
    found.sort(key=lambda entry: entry[0])
    return [(pattern, item) for _, pattern, item in found]


def operation_of(method, path):
    """The operation, or None; and whether the address exists at all. More than one pattern may
    match: what the first does not have, the next may."""
    known = False
    for pattern, item in patterns():
        if not pattern.match(path):
            continue
        known = True
        if method in item:
            return item[method], True
    return None, known


def response_of(operation, known, status):
    shared = document()["components"]["responses"]
    if operation:
        responses = operation["responses"]
        if str(status) in responses:
            return resolve(responses[str(status)])
        raise Mismatch(f"{operation['operationId']} does not promise {status}")
    if known and status == 405:
        return shared["MethodNotAllowed"]
    if status in (401, 403, 404):
        return shared[{401: "KeyNeeded", 403: "Forbidden", 404: "NotFound"}[status]]
    raise Mismatch(f"there is no such operation, but {status} was answered")


def check_headers(response, headers):
    for name, header in response.get("headers", {}).items():
        header, value = resolve(header), headers.get(name)
        if value is None:
            if header.get("required"):
                raise Mismatch(f"the header {name} is missing")
            continue
        schema = resolve(header["schema"])
        if schema.get("type") == "integer":
            value = int(value)
        wrong = faults(schema, value)
        if wrong:
            raise Mismatch(f"the header {name} is {value!r}: {wrong[0]}")


def check_body(response, kind, body):
    content = response.get("content")
    if not content:
        if body:
            raise Mismatch(f"a body where none is promised: {body[:200]!r}")
        return
    if kind not in content:
        raise Mismatch(f"content type {kind!r}, promised are {list(content)}")
    text = body.decode("utf-8")
    value = text
    if kind == "application/json" or kind.endswith("+json"):
        try:
            value = json.loads(text)
        except ValueError as error:
            raise Mismatch(f"no JSON: {error}: {text[:200]!r}") from None
    wrong = faults(content[kind]["schema"], value)
    if wrong:
        raise Mismatch("; ".join(wrong[:5]))


def check(method, path, status, headers, body):
    """Raises Mismatch unless the document promises this answer. `path` may have a query."""
    method, path = method.lower(), path.split("?")[0]
    headers = {name.lower(): value for name, value in headers.items()}
    operation, known = operation_of("get" if method == "head" else method, path)
    if method == "options" and known and status == 204:
        if "allow" not in headers:
            raise Mismatch("OPTIONS without Allow")
        return
    where = f"{method.upper()} {path} -> {status}"
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        response = response_of(operation, known, status)
        check_headers({"headers": {name.lower(): header for name, header
                                   in response.get("headers", {}).items()}}, headers)
        if method != "head":
            check_body(response, kind, body or b"")
        if status >= 400 and kind == "application/problem+json" and method != "head":
            named = json.loads(body)["status"]
            if named != status:
                raise Mismatch(f"the problem says {named}")
    except Mismatch as error:
        raise Mismatch(f"{where}: {error}") from None


if __name__ == "__main__":
    import openapi_lint
    sys.exit(openapi_lint.main())
