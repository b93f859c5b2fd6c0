#!/usr/bin/python3
"""wire - daybook's messages and rows, a second time: written from docs/WIRE.md alone.

The tables are read from that page, so what it says is what is tested. Bytes become a dict and
back; a message is {"wire": NAME, field: value, ...} with the fields that are not zero.

    tests/python/wire.py decode HEX     one message or payload as JSON, bins in hexadecimal
    tests/python/wire.py encode JSON    its bytes in hexadecimal, for tests/vectors/wire.txt
"""
import json
import pathlib
import re
import struct
import sys

import msgpack

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/WIRE.md"
DEPTH_MAX = 4
VALUES = {"u8": "B", "u32": "I", "i32": "i", "u64": "Q", "i64": "q", "4 bytes": "4s", "text": "II"}


class Refused(Exception):
    """These bytes are no message."""


def read_tables(page):
    """{NAME: {field: (kind, limit)}} and {column: value}, from the page's tables."""
    messages, columns, fields = {}, {}, None
    for line in page.splitlines():
        heading = re.fullmatch(r"#### ([A-Z_]+)", line)
        row = re.match(r"\| `(\w+)` \| ([^|]+) \| ", line)
        if heading:
            fields = messages.setdefault(heading.group(1), {})
        elif line.startswith("#"):
            fields = None
        elif row and fields is not None:
            fields[row.group(1)] = read_kind(row.group(2))
        elif row:
            columns[row.group(1)] = row.group(2)
    return messages, columns


def read_kind(text):
    kind, _, limit = text.partition(", ")
    numbers = [eval_power(word) for word in re.findall(r"-?\d+(?:\^\d+(?:-1)?)?", limit)]
    if kind == "integer":
        return kind, range(numbers[0], numbers[1] + 1)
    return ("id" if "at most" not in limit else kind), numbers[0]


def eval_power(word):
    base, _, rest = word.lstrip("-").partition("^")
    exponent, _, less = rest.partition("-")
    value = int(base) ** int(exponent or 1) - int(less or 0)
    return -value if word.startswith("-") else value


MESSAGES, COLUMNS = read_tables(PAGE.read_text())
FRAME_MAX = int(re.search(r"A frame has at most (\d+) bytes", PAGE.read_text()).group(1))
ROWS_MAX = int(re.search(r"at most (\d+) rows, column", PAGE.read_text()).group(1))
ITEMS = {("JOB", "stages"): "STAGE_COUNT"}


class Pairs(list):
    """A map as it stands in the bytes, so that a key given twice shows."""


def unpack(data):
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=False, object_pairs_hook=Pairs,
                               unicode_errors="surrogateescape")
    except Exception as error:  # msgpack raises all kinds
        raise Refused(f"no msgpack: {error!r}") from error


def check_tree(value, depth):
    """No extension types, not too deep."""
    if isinstance(value, (msgpack.ExtType, msgpack.Timestamp)):
        raise Refused("an extension type")
    if isinstance(value, list):
        if depth == 0:
            raise Refused("too deep")
        inner = [part for pair in value for part in pair] if isinstance(value, Pairs) else value
        for part in inner:
            check_tree(part, depth - 1)


def raw(text):
    return text.encode("utf-8", "surrogateescape")


def is_text(value):
    return isinstance(value, str) and "\0" not in value and \
        not any("\ud800" <= c <= "\udfff" for c in value)


# ---- messages ----

def read_value(name, field, value):
    kind, limit = MESSAGES[name][field]
    if kind == "integer":
        good = type(value) is int and value in limit
    elif kind == "str":
        good = is_text(value) and len(raw(value)) <= limit
    elif kind == "array":
        good = type(value) is list and len(value) <= limit and \
            all(isinstance(item, Pairs) for item in value)
        value = [read_fields(ITEMS[name, field], item) for item in value] if good else value
    else:
        good = type(value) is bytes and (len(value) == 16 if kind == "id" else len(value) <= limit)
    if not good:
        raise Refused(f"{name}.{field}")
    return value


def read_fields(name, pairs):
    fields = {}
    for key, value in pairs:
        if not isinstance(key, str):
            raise Refused("a key that is no string")
        if key in MESSAGES[name]:
            if key in fields:
                raise Refused(f"{key} twice")
            fields[key] = read_value(name, key, value)
    return {key: value for key, value in fields.items() if value not in (0, "", b"", [], bytes(16))}


def decode(data):
    if len(data) > FRAME_MAX:
        raise Refused("longer than a frame")
    pairs = unpack(data)
    check_tree(pairs, DEPTH_MAX)
    if not isinstance(pairs, Pairs) or not pairs or pairs[0][0] != "wire":
        raise Refused("does not begin with wire")
    name = pairs[0][1]
    if not isinstance(name, str) or name not in MESSAGES:
        raise Refused("no such message")
    return {"wire": name, **read_fields(name, pairs[1:])}


def write_fields(name, message):
    zero = {"integer": 0, "str": "", "bin": b"", "id": bytes(16), "array": []}
    out = {}
    for field, (kind, _) in MESSAGES[name].items():
        value = message.get(field, zero[kind])
        out[field] = [write_fields(ITEMS[name, field], item) for item in value] \
            if kind == "array" else value
    return out


def encode(message):
    name = message["wire"]
    return msgpack.packb({"wire": name, **write_fields(name, message)}, use_bin_type=True)


# ---- rows ----

def read_texts(column, values, heap):
    out = []
    for off, length in zip(values[::2], values[1::2]):
        if off + length > len(heap):
            raise Refused(f"{column} beyond the text")
        try:
            out.append(heap[off:off + length].decode())
        except UnicodeDecodeError as error:
            raise Refused(f"{column} within a character") from error
    return out


def read_column(column, n, data, heap):
    form = VALUES[COLUMNS[column]]
    if type(data) is not bytes or len(data) != n * struct.calcsize("<" + form):
        raise Refused(f"{column} has not {n} values")
    if form == "II":
        return read_texts(column, struct.unpack(f"<{2 * n}I", data), heap)
    values = [value for value, in struct.iter_unpack("<" + form, data)]
    if form != "4s":
        return values
    if any(value[3] for value in values):
        raise Refused(f"{column} is not three letters and NUL")
    return [value.rstrip(b"\0").decode("latin-1") for value in values]


LIMITS = {"state": range(3), "source": range(5), "confidence_ppm": range(10**6 + 1),
          "amount_minor": range(-10**15, 10**15 + 1)}


def decode_rows(data):
    """{"rows": n, column: [values]}, without columns that are not there."""
    pairs = unpack(data)
    check_tree(pairs, 3)
    if not isinstance(pairs, Pairs) or not pairs or pairs[0][0] != "rows":
        raise Refused("does not begin with rows")
    if any(not isinstance(key, str) for key, _ in pairs):
        raise Refused("a key that is no string")
    known = [key for key, _ in pairs if key in COLUMNS or key in ("rows", "text")]
    if len(set(known)) != len(known):
        raise Refused("a column twice")
    found = dict(pairs)
    n, heap = found["rows"], found.get("text", b"")
    if type(n) is not int or not 0 <= n <= ROWS_MAX:
        raise Refused("rows")
    if type(heap) is not bytes or heap.decode("utf-8", "replace").encode() != heap:
        raise Refused("text")
    rows = {key: read_column(key, n, found[key], heap) for key in COLUMNS if key in found}
    for key, limit in LIMITS.items():
        if any(value not in limit for value in rows.get(key, [])):
            raise Refused(key)
    return {"rows": n, **rows}


def encode_rows(rows):
    n, heap, columns = rows["rows"], b"", {}
    for column in COLUMNS:
        form = VALUES[COLUMNS[column]]
        data = b""
        for value in rows.get(column, []):
            if form == "II":
                text = value.encode()
                data += struct.pack("<II", len(heap) if text else 0, len(text))
                heap += text
            else:
                data += struct.pack("<" + form, value.encode() if form == "4s" else value)
        if any(data):
            columns[column] = data
    return msgpack.packb({"rows": n, "text": heap, **columns}, use_bin_type=True)


# ---- as JSON: bins and ids in hexadecimal, numbers from 2^63 on as strings ----

def to_json(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, int) and value >= 2**63:
        return str(value)
    if isinstance(value, dict):
        return {key: to_json(part) for key, part in value.items()}
    return [to_json(part) for part in value] if isinstance(value, list) else value


def from_json(message):
    read = {"bin": bytes.fromhex, "id": bytes.fromhex, "integer": int}
    fields = MESSAGES[message["wire"]]
    return {key: value if key == "wire" else read.get(fields[key][0], lambda v: v)(value)
            for key, value in message.items()}


def main(verb, text):
    if verb == "encode":
        message = json.loads(text)
        data = encode(from_json(message)) if "wire" in message else encode_rows(message)
        print(data.hex())
    else:
        data = bytes.fromhex(text)
        print(json.dumps(to_json(decode_rows(data) if b"\xa4rows" in data[:8] else decode(data))))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("encode", "decode"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
