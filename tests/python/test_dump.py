"""daybook-dump on traces that are made here."""
import os
import pathlib
import struct
import subprocess

import wire

DUMP = pathlib.Path(os.environ.get("DAYBOOK_BIN", "build/bin")) / "daybook-dump"
JOB = bytes.fromhex("01563e3ab5d3d6764c61efb99302bd5b")
JOB_TEXT = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
TEN = 36000 * 10**6  # 10:00:00 UTC on the first day, in microseconds
ROUTER, DEALER, XPUB, SUB = range(4)
ROWS = wire.encode_rows({"rows": 2, "line": [16, 17], "amount_minor": [5, -1250],
                         "currency": ["EUR", "EUR"], "day": [20000, 20000],
                         "description": ["x", "Caf\u00e9"], "source": [0, 1]})


def record(us, program, *frames, pid=7, sent=1, kind=DEALER, peer=b""):
    body = struct.pack("<qIBBH", us, pid, sent, kind, len(frames))
    for text in (program.encode(), peer):
        body += bytes([len(text)]) + text
    for frame in frames:
        body += struct.pack("<I", len(frame)) + frame
    return struct.pack("<I", len(body)) + body


def dump(*args, given=b""):
    return subprocess.run([DUMP, *map(str, args)], input=given, capture_output=True, timeout=30,
                          check=False)


def lines(*args, given=b""):
    done = dump(*args, given=given)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().splitlines()


WORK = wire.encode({"wire": "WORK", "job": JOB, "unit": 3, "rows": 2})
BEAT = wire.encode({"wire": "BEAT", "held": 1})


def test_traces_are_merged_by_time(tmp_path):
    (tmp_path / "a").write_bytes(record(TEN + 1, "daybook-rules", BEAT) +
                                 record(TEN + 3, "daybook-rules", WORK, ROWS, sent=0))
    (tmp_path / "b").write_bytes(record(TEN + 2, "daybook-broker", BEAT, pid=8, sent=0,
                                        kind=ROUTER, peer=b"\x00\xab"))
    assert lines(tmp_path / "a", tmp_path / "b") == [
        "10:00:00.000001 daybook-rules[7] -> BEAT held=1",
        "10:00:00.000002 daybook-broker[8] <- 00ab BEAT held=1",
        f"10:00:00.000003 daybook-rules[7] <- WORK job={JOB_TEXT} unit=3 rows=2 | "
        "rows=2 text(6) line day amount_minor currency source description"]


def test_pages_and_events_are_readable():
    job = wire.encode({"wire": "JOB", "id": "job_" + JOB_TEXT, "progress": 7})
    page = wire.encode({"wire": "PAGE", "count": 1})
    trace = record(TEN, "b", page, job) + record(TEN, "b", b"job.t1.x", job, kind=XPUB) + \
        record(TEN, "b", b"\x01job.t1.", kind=XPUB, sent=0) + record(TEN, "b", b"\x00\x01")
    assert lines(given=trace) == [
        "10:00:00.000000 b[7] -> PAGE count=1",
        f'    JOB id="job_{JOB_TEXT}" progress=7',
        f'10:00:00.000000 b[7] -> topic job.t1.x JOB id="job_{JOB_TEXT}" progress=7',
        '10:00:00.000000 b[7] <- subscribe "job.t1."',
        "10:00:00.000000 b[7] -> 2 bytes (message: the bytes are not one bounded msgpack object)"]


def test_one_job_or_one_line_is_followed():
    other = wire.encode({"wire": "WORK", "job": bytes(15) + b"x", "rows": 2})
    trace = record(TEN, "a", BEAT) + record(TEN + 1, "a", WORK, ROWS) + \
        record(TEN + 2, "a", other, ROWS)
    assert len(lines(given=trace)) == 3
    assert len(lines("--job", "job_" + JOB_TEXT, given=trace)) == 1
    found = lines("--line", 17, "--job", JOB_TEXT, given=trace)
    assert found[1] == ('    line 17: state=0 day=2024-10-04 amount=-12.50 EUR source=rule '
                        'confidence_ppm=0 description="Caf\u00e9"')
    assert len(found) == 2 and lines("--line", 18, given=trace) == []


def test_damage_is_told_after_what_is_whole(tmp_path):
    whole = record(TEN, "a", BEAT)
    for rest in (b"\x05", b"\xff\xff\xff\xff" + whole[4:], whole[:-1], b"\0\0\0\0" + whole):
        done = dump(given=whole + rest)
        assert done.returncode == 65
        assert done.stdout.decode().count("BEAT") == 1
        assert f"from byte {len(whole)} on" in done.stderr.decode()
    assert dump(tmp_path / "none").returncode == 66
    assert lines(given=b"") == []


def test_decode_reads_one_message_or_payload():
    assert lines("--decode", given=BEAT) == ["BEAT held=1"]
    text = BEAT.hex().upper()
    assert lines("--decode", "--hex", given=f"{text[:6]} {text[6:]}\n".encode()) == \
        ["BEAT held=1"]
    assert lines("--decode", given=ROWS)[0].startswith("rows=2 ")
    refused = dump("--decode", given=BEAT[:-1])
    assert refused.returncode == 65 and b"bounded msgpack" in refused.stderr
    assert dump("--decode", "--hex", given=b"abc").returncode == 65
    assert dump("--decode", "--hex", given=b"zz").returncode == 65


def test_usage_is_told():
    assert "Usage:" in lines("--help")[2]
    assert lines("--version")[0].startswith("daybook-dump ")
    for args in (["--colour"], ["--job", "x"], ["--line", "0"], ["--line"], ["--decode", "file"]):
        done = dump(*args)
        assert done.returncode == 64 and b"daybook-dump --help" in done.stderr


def test_the_page_is_made_from_its_template(tmp_path):
    assert dump("--markdown").stdout.decode() == wire.PAGE.read_text()
    (tmp_path / "t").write_text("{{BEAT}}\n{{nothing}}\n")
    done = dump("--markdown", tmp_path / "t")
    assert done.returncode == 65 and b"{{nothing}}" in done.stderr
    (tmp_path / "t").write_text("{{BEAT}}\n")
    assert b"does not show" in dump("--markdown", tmp_path / "t").stderr
    assert dump("--markdown", tmp_path / "none").returncode == 66
