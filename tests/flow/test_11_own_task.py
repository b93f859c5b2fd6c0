"""A pipeline of one's own, one C stage and one Python stage: the example, run as its README says,
through POST /api/jobs/{pipeline}."""
import os
import re
import signal

import pytest
from daybook import ROOT, Refused, wait_until

EXAMPLE = ROOT / "examples/own-task"
TEXT = "".join(f"the {word} and the rest\n" for word in ("cat", "dog", "fox", "owl") * 60)
LINES = 240


@pytest.fixture
def own(daybook):
    return daybook(config=EXAMPLE / "daybook.conf")


def post(system, **more):
    body = {"tenant_id": "t1", "company_id": "acme", "text": TEXT, **more}
    return system.post("/api/jobs/count-words", json=body)["job_id"]


def check(record):
    result = record["result"]
    assert result["lines"] == 240 and result["words"] == 240 * 5, record
    assert result["top"]["the"] == 480 and result["top"]["cat"] == 60, record


def test_own_pipeline_counts_words(own):
    record = own.complete(post(own))
    check(record)
    assert record["type"] == "count-words"
    assert [stage["name"] for stage in record["stages"]] == ["lines", "tally"]
    assert [stage["done"] for stage in record["stages"]] == [240, 240]


def test_own_stages_are_seen_beside_the_built_in_ones(own):
    stages = own.stages()
    assert stages["lines"]["workers"] and stages["tally"]["workers"]
    assert not stages["lines"]["builtin"] and stages["parse"]["builtin"]


def test_own_job_that_lacks_its_text_fails_in_words(own):
    try:
        record = own.poll(post(own, text=None))
    except Refused as refused:
        assert refused.status == 422
        return
    assert record["status"] == "failed" and record["error"]["code"] == "no-text", record


def test_python_stage_killed_counts_each_line_once(own):
    """Its process is found among the workers of /api/stages, by pid."""
    job = post(own)

    def counted():
        return own.job(job)["stages"][1]["done"]

    for _ in range(3):  # each time another unit: one that its worker died of thrice fails the job
        before = counted()
        if before == LINES:
            break
        pid = wait_until("a tally", lambda: own.stages()["tally"]["workers"])[0]["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_until("another tally", lambda pid=pid: [
            worker for worker in own.stages()["tally"]["workers"] if worker["pid"] != pid])
        wait_until("it goes on", lambda before=before: counted() > before, 30)
    check(own.complete(job))


def test_readme_names_the_two_commands():
    text = (EXAMPLE / "README.md").read_text()
    assert re.search(r"daybook up .*--config examples/own-task/daybook.conf", text), text
    assert re.search(r"api/jobs/count-words|daybook post count-words", text), text
