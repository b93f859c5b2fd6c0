"""The vectors of tests/vectors/wire.txt through the codec that was written from docs/WIRE.md.
tests/unit/test_vectors.c puts the same ones through the C codec."""
import json
import pathlib

import pytest

import wire

FILE = pathlib.Path(__file__).resolve().parents[1] / "vectors/wire.txt"


def load():
    for line in FILE.read_text().splitlines():
        if line and not line.startswith("#"):
            verb, name, data, expected = line.split(" ", 3)
            yield pytest.param(verb, bytes.fromhex(data.strip("-")), expected, id=name)


@pytest.mark.parametrize("verb, data, expected", load())
def test_vector(verb, data, expected):
    rows = verb.startswith("rows-")
    decode = wire.decode_rows if rows else wire.decode
    if verb.endswith("refuse"):
        with pytest.raises(wire.Refused):
            decode(data)
        return
    decoded = decode(data)
    assert wire.to_json(decoded) == json.loads(expected)
    if verb.endswith("exact"):
        assert (wire.encode_rows if rows else wire.encode)(decoded) == data


def test_every_message_has_an_exact_vector():
    names = [json.loads(p.values[2])["wire"] for p in load() if p.values[0] == "exact"]
    assert set(names) == set(wire.MESSAGES)


def test_every_prefix_of_a_message_is_refused():
    for param in load():
        verb, data, _ = param.values
        if verb in ("exact", "rows-exact"):
            decode = wire.decode_rows if verb.startswith("rows-") else wire.decode
            for n in range(0, len(data), max(1, len(data) // 40)):
                with pytest.raises(wire.Refused):
                    decode(data[:n])


def test_the_page_gives_limits():
    assert wire.FRAME_MAX == 256 * 1024 and wire.ROWS_MAX == 500
    assert wire.MESSAGES["WORK"]["job"] == ("id", 16)
    assert wire.MESSAGES["WORK"]["tenant"] == ("str", 64)
    assert wire.MESSAGES["JOB"]["created_ms"] == ("integer", range(-2**63, 2**63))
    assert wire.MESSAGES["JOB"]["stages"] == ("array", 16)
    assert wire.COLUMNS["currency"] == "4 bytes"
