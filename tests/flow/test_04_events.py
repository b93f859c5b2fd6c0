"""Server-Sent Events: the record at once, every change in order, an end after the end."""
from daybook import change_of, events, in_background, wait_until
from statements import Statement


def stream(system, path, last=None, **params):
    headers = {"Last-Event-ID": last} if last else {}
    answer = system.call("GET", path, stream=True, headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    return answer


def records(answer):
    """All records of a stream that ends by itself: [(event id, record)]."""
    with answer:
        return [(key, data) for key, _, data in events(answer) if key]


def check_story(found):
    """Event ids rise and are the records' own change numbers; progress never falls."""
    numbers = [change_of(record) for _, record in found]
    assert numbers == sorted(set(numbers)), numbers
    assert [key for key, _ in found] == [record["change"] for _, record in found]
    progress = [record["progress"] for _, record in found]
    assert progress == sorted(progress)


def test_stream_of_a_job_tells_its_story_and_ends(daybook):
    system = daybook(config="pipelines\n    upload-and-categorize\n        rules\n"
                            "            workers = 0\n", env={"DAYBOOK_SLOW_MS": "rules:40"})
    job = system.upload(Statement(3000).bytes())
    answer = stream(system, f"/api/jobs/{job}/events")
    system.worker("rules")  # the job goes on when it is being watched
    found = records(answer)
    check_story(found)
    assert found[-1][1]["status"] == "complete" and found[-1][1]["result"]["inserted"]
    assert found[-1][1] == system.job(job)
    assert len(found) >= 5
    statuses = [record["status"] for _, record in found]
    assert statuses == sorted(statuses, key=["pending", "running", "complete"].index)


def test_stream_of_a_finished_job_is_its_record(system):
    job = system.upload(Statement(20, seed=2).bytes(), company="finished")
    record = system.complete(job)
    found = records(stream(system, f"/api/jobs/{job}/events"))
    assert [data for _, data in found] == [record]


def test_events_of_a_tenant_go_on_after_a_reconnect(system):
    """What changed while nobody listened is told first, then it goes on live; nobody else's."""
    first = system.upload(Statement(20, seed=3).bytes(), tenant="tell", company="a")
    last = system.complete(first)["change"]
    second = system.upload(Statement(20, seed=4).bytes(), tenant="tell", company="b")
    system.complete(second)
    system.complete(system.upload(Statement(20, seed=5).bytes(), tenant="tel", company="b"))
    answer = stream(system, "/api/events", last=last, tenant_id="tell")
    found = []

    def listen():
        for key, _, data in events(answer):
            if key:
                found.append((key, data))
            if len({data["id"] for _, data in found}) == 2 and found[-1][1]["status"] == "complete":
                return

    join = in_background(listen)
    wait_until("the change that was missed", lambda: found)
    assert found[0][1]["id"] == second, "told again what was known"
    third = system.upload(Statement(20, seed=6).bytes(), tenant="tell", company="c")
    system.complete(third)
    join(20)
    answer.close()
    assert [data["id"] for _, data in found if data["tenant_id"] != "tell"] == []
    assert {data["id"] for _, data in found} == {second, third}
    numbers = [change_of(data) for _, data in found]
    assert numbers == sorted(numbers)


def test_a_quiet_stream_says_that_it_lives(daybook):
    """A comment every 5 s."""
    system = daybook(env={"DAYBOOK_SLOW_MS": "parse:9000"})
    job = system.upload(Statement(20).bytes())
    with stream(system, f"/api/jobs/{job}/events") as answer:
        kinds = []
        for _, name, _ in events(answer):
            kinds.append(name)
            if name == "comment" or len(kinds) > 20:
                break
    assert "comment" in kinds, kinds
    system.post(f"/api/jobs/{job}/cancel", expect=202)
