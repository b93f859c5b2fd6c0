#!/usr/bin/python3
"""openapi_lint - is openapi.yaml a sound OpenAPI 3.1 document, and of this very API?

Every reference resolves and every component is used; schemas are JSON Schema 2020-12; operations
have an id of their own, a summary, a tag that is declared, described parameters and described
responses with at least one refusal; every example and default is what its schema accepts; and the
routes of status-api are the paths of the document. Prints one line a fault.
"""
import pathlib
import re
import sys

import jsonschema

import openapi_check as api

ROUTES = pathlib.Path(__file__).resolve().parent.parent / "status-api/route.c"


def walk(node, place=""):
    """(place, node) of every mapping and list in the document."""
    yield place, node
    items = node.items() if isinstance(node, dict) else enumerate(node) \
        if isinstance(node, list) else ()
    for key, value in items:
        if isinstance(value, (dict, list)):
            yield from walk(value, f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}")


def operations():
    """(path, method, path item, operation)"""
    for path, item in api.document()["paths"].items():
        for method in api.METHODS:
            if method in item:
                yield path, method, item, item[method]


def lint_references():
    used = set()
    for place, node in walk(api.document()):
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            continue
        used.add(node["$ref"])
        try:
            api.resolve({"$ref": node["$ref"]})
        except (KeyError, TypeError):
            yield f"{place}: {node['$ref']} leads nowhere"
    for kind, components in api.document()["components"].items():
        for name in components:
            if kind not in ("securitySchemes",) and f"#/components/{kind}/{name}" not in used \
                    and name != "MethodNotAllowed":
                yield f"#/components/{kind}/{name} is not used"


def schemas():
    """(place, schema) of every whole schema."""
    for name, schema in api.document()["components"]["schemas"].items():
        yield f"#/components/schemas/{name}", schema
    for place, node in walk(api.document()):
        if isinstance(node, dict) and "schema" in node and "/properties" not in place:
            yield f"#{place}/schema", node["schema"]


def lint_schemas():
    for place, schema in schemas():
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            yield f"{place}: {error.message}"
    for place, node in walk(api.document()["components"]["schemas"]):
        if isinstance(node, dict) and "properties" in node:
            for name in node.get("required", []):
                if name not in node["properties"]:
                    yield f"{place}: requires {name}, which it does not describe"


def examples_of(node):
    if "example" in node:
        yield node["example"]
    for example in node["examples"].values() if isinstance(node.get("examples"), dict) else ():
        yield api.resolve(example)["value"]


def lint_examples():
    for place, node in walk(api.document()):
        if not isinstance(node, dict):
            continue
        if "schema" in node:
            for value in examples_of(node):
                for fault in api.faults(node["schema"], value):
                    yield f"#{place}: example: {fault}"
        if place.endswith("/examples") or "/examples/" in place or "/example" in place:
            continue
        if isinstance(node.get("examples"), list) or "default" in node and "/schemas/" in place:
            for value in [*node.get("examples", []), *([node["default"]] if "default" in node
                                                       else [])]:
                for fault in api.faults(node, value):
                    yield f"#{place}: example or default: {fault}"


def lint_parameters(where, path, parameters):
    names = set()
    for parameter in map(api.resolve, parameters):
        key = parameter["in"], parameter["name"]
        if key in names:
            yield f"{where}: the parameter {key} twice"
        names.add(key)
        if not parameter.get("description"):
            yield f"{where}: the parameter {parameter['name']} is not described"
        if parameter["in"] == "path" and not parameter.get("required"):
            yield f"{where}: the path parameter {parameter['name']} must be required"
    wanted = set(re.findall(r"\{(\w+)\}", path))
    given = {name for place, name in names if place == "path"}
    if wanted != given:
        yield f"{where}: path has {wanted}, parameters have {given}"


def lint_operation(where, operation, tags):
    for key in ("operationId", "summary", "tags", "responses"):
        if not operation.get(key):
            yield f"{where}: {key} is missing"
    for tag in operation.get("tags", []):
        if tag not in tags:
            yield f"{where}: the tag {tag} is not declared"
    responses = operation.get("responses", {})
    if not any(status.startswith(("2", "302")) for status in responses):
        yield f"{where}: no success"
    if not any(status[0] in "45" for status in responses):
        yield f"{where}: no refusal"
    for status, response in responses.items():
        response = api.resolve(response)
        if not response.get("description"):
            yield f"{where}: {status} is not described"
        for kind, content in response.get("content", {}).items():
            if "schema" not in content:
                yield f"{where}: {status} {kind} has no schema"
    body = operation.get("requestBody")
    if body and not (body.get("description") and body.get("content")):
        yield f"{where}: the request body is not described"


def lint_operations():
    ids, tags = {}, {tag["name"] for tag in api.document()["tags"]}
    for path, method, item, operation in operations():
        where = f"{method.upper()} {path}"
        before = ids.setdefault(operation.get("operationId"), where)
        if before != where:
            yield f"{where}: has the operationId of {before}"
        yield from lint_operation(where, operation, tags)
        yield from lint_parameters(where, path, [*item.get("parameters", []),
                                                 *operation.get("parameters", [])])


def lint_routes():
    """The table of routes and the document have the same calls."""
    routes = {(method, path.replace("{+", "{")) for method, path in
              re.findall(r'\{"([A-Z]+)", "(/[^"]*)"', ROUTES.read_text())}
    described = {(method.upper(), path) for path, method, _, _ in operations()}
    for method, path in sorted(routes - described):
        yield f"{method} {path} is served but not described"
    for method, path in sorted(described - routes):
        yield f"{method} {path} is described but not served"


def main():
    found = []
    if not re.match(r"3\.1\.\d+$", api.document().get("openapi", "")):
        found.append("openapi: not 3.1")
    for lint in (lint_references, lint_schemas, lint_examples, lint_operations, lint_routes):
        found += lint()
        if found:
            break  # later checks stand on earlier ones
    print("\n".join(found) or f"openapi.yaml: {len(list(operations()))} operations, sound")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
