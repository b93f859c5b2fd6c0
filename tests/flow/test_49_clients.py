"""The client of docs/CLIENTS.md, as it stands there, against a running system."""
import json
import pathlib
import re
import subprocess

import pytest

from statements import Statement

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module", name="client")
def fixture_client(tmp_path_factory):
    """The only JavaScript in the document, in a file, and a node to run it."""
    blocks = re.findall(r"^```js\n(.*?)^```$", (ROOT / "docs/CLIENTS.md").read_text(), re.M | re.S)
    assert len(blocks) == 1
    path = tmp_path_factory.mktemp("client") / "client.js"
    path.write_text(blocks[0])
    node = subprocess.run(["sh", ROOT / "etc/node.sh"], capture_output=True, text=True, check=True)
    return [node.stdout.strip(), str(ROOT / "tests/flow/clients.mjs")], path


def run(client, system, content, tmp_path):
    (node, script), path = client
    csv = tmp_path / "may.csv"
    csv.write_bytes(content)
    done = subprocess.run([node, script, system.url, str(path), str(csv)], capture_output=True,
                          text=True, timeout=100, check=True)
    return json.loads(done.stdout)


def test_it_tells_progress_and_gives_what_was_booked(system, client, tmp_path):
    end = run(client, system, Statement(3000).bytes(), tmp_path)
    assert "error" not in end, end
    progress = [told[0] for told in end["told"]]
    assert progress == sorted(progress) and progress[-1] == 100
    assert end["result"]["parsed"] == 3000 and end["result"]["je_created"] > 0


def test_it_throws_why_a_file_was_not_booked(system, client, tmp_path):
    end = run(client, system, b"%PDF-1.7 this is no statement\n", tmp_path)
    assert "result" not in end and end["error"]


def test_it_throws_why_an_upload_was_refused(system, client, tmp_path):
    path = tmp_path / "client.js"
    path.write_text(client[1].read_text().replace('form.set("tenant_id", tenant)',
                                                  'form.set("tenant_id", "no tenant")'))
    end = run((client[0], path), system, b"x", tmp_path)
    assert end == {"told": [], "error": "The request has fields that are missing or wrong"}
