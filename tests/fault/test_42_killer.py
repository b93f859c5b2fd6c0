"""A killer that picks any process at random moments, while several tenants upload: kill -9, SIGSTOP
past the lease and SIGCONT, SIGTERM. One seed is one run of the killer."""
# runner: limit 3600
import os
import signal
import time

import pytest
from daybook import FULL, STAGES, free_port, in_background
from injury import Load, Mercy, Row, ready_again, seeded

KILLS = int(os.environ.get("DAYBOOK_KILLS") or (2000 if FULL else 40))
pytestmark = pytest.mark.limit(3600 if FULL else 200)
LEASE_MS = 1500
CONFIG = "limits\n    retention_s = 86400\npipelines\n    upload-and-categorize\n" + "".join(
    f"        {stage}\n            lease_ms = {LEASE_MS}\n            attempts = 60\n"
    for stage in STAGES)
NAMES = ("broker", "status-api", *STAGES)
ROUNDS = 4 if FULL else 1
WAYS = ("kill", "kill", "kill", "stop", "term")


class Killer:
    def __init__(self, system, dice, rows):
        self.system, self.dice, self.rows = system, dice, rows
        self.mercy = Mercy()

    def strike(self):
        """One injury; False when nobody may be hurt just now."""
        way = self.dice.choice(WAYS)
        name = self.dice.choice([name for name in NAMES if self.mercy.bears(name)])
        pids = self.system.pids(name)
        if not pids:
            time.sleep(0.05)
            return False
        begun = time.monotonic()
        try:
            self.hurt(way, name, pids[0])
        except ProcessLookupError:
            return False
        self.rows[way].injected += 1
        if self.dice.random() < 0.6:  # else the next one comes on top of this one
            self.rows[way].recovered(ready_again(self.system, begun))
        time.sleep(self.dice.uniform(0, 0.2))
        return True

    def hurt(self, way, name, pid):
        self.mercy.note(name)
        if way == "stop":
            os.kill(pid, signal.SIGSTOP)
            time.sleep(LEASE_MS / 1000 * self.dice.uniform(0.5, 1.6))
            if pid in self.system.processes():  # or its supervisor was faster
                os.kill(pid, signal.SIGCONT)
        else:
            os.kill(pid, signal.SIGKILL if way == "kill" else signal.SIGTERM)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_nothing_is_lost_under_a_random_killer(daybook, number):
    seed, dice = seeded(number)
    rows = {"kill": Row("kill -9 of any process, at random"),
            "stop": Row("SIGSTOP about the lease, then SIGCONT"),
            "term": Row("SIGTERM of any process, at random")}
    system = daybook(config=CONFIG, port=free_port(), env={"DAYBOOK_SLOW_MS": "rules:10,insert:5"})
    load = Load(system, tenants=4, companies=2, seed=seed % 1000)
    killer = Killer(system, dice, rows)
    struck, over = 0, []

    def uploads():
        while not over:
            load.upload(rows=400)
            time.sleep(0.3 if FULL else 0.1)

    join = in_background(uploads)
    while struck < KILLS / ROUNDS:
        struck += killer.strike()
    over.append(True)
    join(timeout=120)
    total = Row("all of these together")
    load.settle(total, timeout=300)
    print(f"{len(load.jobs)} jobs under {struck} strikes")
    for row in rows.values():
        row.work = total.work  # they hit the same load
        row.lost, row.duplicated, row.stuck = total.lost, total.duplicated, total.stuck
        row.done()


def test_the_whole_machine_goes_down_again_and_again(daybook):
    """kill -9 of `daybook up` and with it of everything, at random moments of a load."""
    seed, dice = seeded(1)
    row = Row("kill -9 of everything at once")
    system = daybook(config=CONFIG, port=free_port(), env={"DAYBOOK_SLOW_MS": "rules:10,journal:5"})
    load = Load(system, tenants=2, seed=seed % 1000)
    for _ in range(40 if FULL else 3):
        for _ in range(3):
            load.upload(rows=1000)
        time.sleep(dice.uniform(0, 1.2))
        system.kill_up()
        begun = time.monotonic()
        system.start()
        row.injected += 1
        row.recovered(ready_again(system, begun))
    load.settle(row)
    row.done()
