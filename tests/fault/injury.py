"""injury - what the fault tests share: a load of uploads whose right answer is known, and a row of
the table that says what a fault did.

    row = Row("kill -9 of any process")
    load = Load(system, tenants=3)
    ... load.upload() and row.injected += 1, row.recovered(seconds) ...
    load.settle(row)      # every job has ended, the books are counted
    row.done()            # written down; fails when anything is lost, doubled, stuck, or not done

Seeds are printed; DAYBOOK_SEED replays one.
"""
import collections
import json
import os
import random
import time

import requests

from daybook import PATIENCE, TERMINAL, Refused, verify
from statements import Statement, recount

TABLE = os.environ.get("DAYBOOK_FAULT_TABLE")


def seeded(salt=0):
    """(seed, generator): the seed of this run, printed, or the one that is asked for."""
    seed = int(os.environ.get("DAYBOOK_SEED") or random.randrange(2**31))
    print(f"replay with DAYBOOK_SEED={seed}")
    return seed, random.Random(seed + salt)


class Mercy:
    """`up` ends everything when its broker or status-api dies ten times within a minute: whoever
    kills one of them again and again asks here first."""

    MOST, WITHIN_S = 8, 60

    def __init__(self):
        self.deaths = collections.defaultdict(collections.deque)

    def bears(self, name):
        """Whether one more death of it may be now."""
        mine = self.deaths[name]
        while mine and time.monotonic() - mine[0] > self.WITHIN_S:
            mine.popleft()
        return name not in ("broker", "status-api") or len(mine) < self.MOST

    def note(self, name):
        self.deaths[name].append(time.monotonic())

    def wait(self, name):
        while not self.bears(name):
            time.sleep(0.2)
        self.note(name)


class Row:
    """What one kind of fault did. `work`: jobs, or what else is counted, done under it."""

    def __init__(self, fault):
        self.fault = fault
        self.injected = self.work = self.lost = self.duplicated = self.stuck = 0
        self.recoveries = []

    def recovered(self, seconds):
        self.recoveries.append(seconds)

    def done(self):
        figures = {"fault": self.fault, "injected": self.injected, "work": self.work,
                   "lost": self.lost, "duplicated": self.duplicated, "stuck": self.stuck,
                   "seconds": [round(seconds, 3) for seconds in self.recoveries]}
        print(figures)
        if TABLE:
            with open(TABLE, "a", encoding="utf-8") as table:
                table.write(json.dumps(figures) + "\n")
        assert self.injected and self.work, f"no fault, or nothing done under it: {figures}"
        assert not (self.lost or self.duplicated or self.stuck), figures


class Load:
    """Uploads of several tenants, each row of them once, entered by a client that is patient."""

    def __init__(self, system, tenants=3, companies=2, seed=1):
        self.system, self.next = system, seed * 1000
        self.places = [(f"t{i}", f"c{j}") for i in range(tenants) for j in range(companies)]
        self.jobs = {}  # id: (tenant, company, statement)
        self.records = {}

    def upload(self, rows=600, place=None, **fields):
        """As a client with an Idempotency-Key does: again until it is answered."""
        self.next += 1
        tenant, company = place or self.places[self.next % len(self.places)]
        statement = Statement(rows, seed=self.next)
        job = self.insist(lambda: self.system.upload(
            statement.bytes(), tenant=tenant, company=company, key=f"load-{self.next}",
            expect=(200, 202), **fields))
        assert job not in self.jobs, "two uploads are one job"
        self.jobs[job] = (tenant, company, statement)
        return job

    def insist(self, call, timeout=90):
        deadline = time.monotonic() + timeout * PATIENCE
        while True:
            try:
                return call()
            except (requests.ConnectionError, requests.Timeout) as error:
                failure = error
            except Refused as refused:
                if refused.status not in (503, 507):
                    raise
                failure = refused
            assert time.monotonic() < deadline, failure
            time.sleep(0.05)

    def settle(self, row, timeout=180, status="complete"):
        """Waits for the end of every job, then counts what is in the books against what was sent:
        all of it when `status` is complete; else what the records say."""
        deadline = time.monotonic() + timeout * PATIENCE
        for job in self.jobs:
            record = None
            while time.monotonic() < deadline and not record:
                found = self.insist(lambda job=job: self.system.job(job))
                record = found if found["status"] in TERMINAL else time.sleep(0.05)
            row.stuck += record is None
            self.records[job] = record or found
            if record:
                assert status is None or record["status"] == status, record
        row.work += len(self.jobs) - row.stuck
        if row.stuck == 0:
            self.count(row)
            verify(self.system)

    def count(self, row):
        for tenant, company in {place[:2] for place in self.jobs.values()}:
            mine = {job: at[2] for job, at in self.jobs.items() if at[:2] == (tenant, company)}
            want = sum(self.booked(job, statement) for job, statement in mine.items())
            for table in ("transactions", "entries"):
                have = self.system.one(f"SELECT count(*) FROM {table}", tenant=tenant,
                                       company=company)
                row.lost += max(0, want - have)
                row.duplicated += max(0, have - want)
            if all(self.records[job]["status"] == "complete" for job in mine):
                assert self.system.trial_balance(tenant, company) == \
                    recount(*mine.values(), rules=False)

    def booked(self, job, statement):
        record = self.records[job]
        return statement.good() if record["status"] == "complete" else record["result"]["inserted"]


def ready_again(system, since, timeout=60):
    """Seconds from `since` until broker, API and every stage are at work."""
    deadline = time.monotonic() + timeout * PATIENCE
    while True:
        try:
            if system.call("GET", "/readyz", timeout=5).status_code == 200:
                return time.monotonic() - since
        except (requests.ConnectionError, requests.Timeout):
            pass
        assert time.monotonic() < deadline, "not ready again"
        time.sleep(0.02)
