"""Power cuts: everything dies at a random moment, and what was not synced is lost: all of it, or
some pages of it and not others. What was answered before stands."""
# runner: limit 3000
import time

import pytest
from daybook import FULL, SANITIZED, Refused, free_port, in_background
from injury import Load, Row, ready_again, seeded
from powercut import PowerCut

pytestmark = [pytest.mark.limit(3000 if FULL else 280),
              pytest.mark.skipif(SANITIZED, reason="another library is loaded first there")]
CUTS = 200 if FULL else 5
ROUND = 20  # cuts of one data directory
UPLOADS = 40  # at most, between two cuts: as many as come would only be waited for at the end
MODES = ("some", "lost")  # what is kept whole is the kill -9 of test_42
WHO = {"tenant_id": "t0", "company_id": "c0"}


class Client:
    """Uploads, some small enough for the job's record and some in files of their own, some for
    companies that are new; and says new rules, one after the other."""

    def __init__(self, system, load, dice):
        self.system, self.load, self.dice = system, load, dice
        self.rules_said = self.rules_kept = 0
        self.left = UPLOADS
        self.over = False

    def run(self):
        number = 0
        while not self.over:
            time.sleep(0.03)
            if self.left == 0:
                continue
            self.left -= 1
            number += 1
            place = (f"t{number % 3}", f"new{number}") if number % 7 == 0 else None
            self.load.upload(rows=self.dice.choice((20, 200, 2500)), place=place)
            if number % 3 == 0:
                self.say_rules()

    def say_rules(self):
        self.rules_said += 1
        self.load.insist(self.put_rules)
        self.rules_kept = self.rules_said

    def put_rules(self):
        rule = f'rule R{self.rules_said} if description contains "zqx" then transfer\n'
        answer = self.system.call("PUT", "/api/rules", params=WHO, json={"rules": rule})
        if answer.status_code != 200:
            raise Refused(answer)

    def check_rules(self, kept):
        """The last that were answered, or those that were on their way."""
        has = self.system.get("/api/rules", **WHO)["rules"]
        return not kept or int(has.split()[1][1:]) >= kept


def seen_complete(system, load):
    """{job: record} of those that anybody could see complete by now."""
    found = {}
    for job in list(load.jobs):
        record = system.job(job)
        if record["status"] == "complete":
            found[job] = record
    return found


def cut_once(system, client, row, cut, mode):
    load, dice = client.load, client.dice
    time.sleep(dice.uniform(0.1, 1.2))
    before = seen_complete(system, load)
    time.sleep(dice.uniform(0, 0.05))
    answered, kept, client.left = list(load.jobs), client.rules_kept, UPLOADS
    system.kill_up()
    cut.strike(mode, dice)
    begun = time.monotonic()
    system.start()
    row.recovered(ready_again(system, begun))
    row.injected += 1
    row.lost += not client.check_rules(kept)
    for job in answered:
        try:
            record = system.job(job)
            row.lost += job in before and (record["status"], record["result"]) != \
                ("complete", before[job]["result"])
        except Refused:
            row.lost += 1


@pytest.mark.parametrize("number", range((CUTS + ROUND - 1) // ROUND))
def test_a_power_cut_takes_nothing_that_was_answered(daybook, number):
    seed, dice = seeded(number)
    row = Row("power cut: what was not synced is lost, or some pages of it")
    system = daybook(port=free_port(), start=False)
    cut = PowerCut(system)
    system.start()
    client = Client(system, Load(system, seed=seed % 1000), dice)
    join = in_background(client.run)
    for i in range(min(CUTS, ROUND)):
        cut_once(system, client, row, cut, MODES[i % len(MODES)])
    client.over = True
    join(timeout=120)
    client.load.settle(row)
    print(f"{len(client.load.jobs)} jobs, {cut.lost_bytes} bytes and {cut.lost_names} names lost")
    assert cut.lost_bytes and cut.lost_names, "nothing was unsynced: the test shows nothing"
    row.done()
