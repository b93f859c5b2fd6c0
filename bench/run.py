#!/usr/bin/python3
"""run.py - what `make bench` measures: daybook, a straight-line program, a Python reference.

    run.py [--build DIR] [--rows N,N,N] [--quick] [--skip-reference] [--json FILE]

Everything is one run on one machine, into a folder of its own under the build directory (a real
disk, not a memory file system). Nothing is asserted about time; that the three books are equal is.
"""
import argparse
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile

import report
from subject import (ROOT, BenchError, Daybook, Reference, Watch, multipart, run_tool, say)

SMALL_ROWS = 10
NOOP_JOBS = 10000
NOOP_IN_FLIGHT = 100
ACCEPT_PACE_MS = 20  # so that one small job is over before the next: "idle" means idle
WRK_CONNECTIONS = 32
NOOP_PIPELINE = """pipelines
    noop
        noop
            kind = source
            share = 100
            credit = 64
            command = "{build}/bench/noop"
"""

# What there is much of, and what there is none of: then a page looks on until its time is over.
ALIKE = ["", "account=Assets:Bank:Checking", "account=Equity:Nothing",
         "from=2025-06-01&to=2025-06-30", "from=1990-01-01&to=1990-12-31", "job_id={job}"]
LISTS = {"transactions": [*ALIKE, "status=needs_review", "status=categorized", "q=a",
                          "q=nothing-like-it", "q=nothing-like-it&status=needs_review"],
         "journal-entries": ALIKE}
LIST_REQUESTS = 40

REPETITIONS = {3000: 9, 100000: 5, 1000000: 3}
POLL_S = {3000: 0.002, 100000: 0.01}


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.straight = os.path.join(args.build, "bench/straight")
        self.load = os.path.join(args.build, "bench/load")
        self.facts = {"machine": machine(), "throughput": {}, "latency": {}}
        self.make_inputs()
        self.daybook = Daybook(folder, self.config)
        self.reference = None
        if not args.skip_reference:
            self.reference = Reference(os.path.join(folder, "reference"), self.regexes)

    # ---- inputs ----

    def make_inputs(self):
        """An installed daybook with the bench's hundred rules instead of the starter set."""
        etc = os.path.join(self.folder, "share/daybook/etc")
        shutil.copytree(os.path.join(self.args.build, "bin"), os.path.join(self.folder, "bin"))
        shutil.copytree(os.path.join(ROOT, "etc"), etc)
        shutil.rmtree(os.path.join(etc, "rules"))
        os.mkdir(os.path.join(etc, "rules"))
        self.rules = os.path.join(etc, "rules/bench.rules")
        shutil.copy(os.path.join(ROOT, "bench/bench.rules"), self.rules)
        self.config = os.path.join(self.folder, "noop.conf")
        with open(self.config, "w", encoding="utf-8") as config:
            config.write(NOOP_PIPELINE.format(build=os.path.abspath(self.args.build)))
        self.regexes = os.path.join(self.folder, "regexes.json")
        with open(self.regexes, "w", encoding="utf-8") as out:
            json.dump(read_rules(self.rules), out)

    def statement(self, rows):
        path = os.path.join(self.folder, f"statement-{rows}.csv")
        if not os.path.exists(path):
            subprocess.run(["/usr/bin/python3", os.path.join(ROOT, "etc/sample/make_statement.py"),
                            "--rows", str(rows), path], check=True)
        return path

    # ---- throughput ----

    def throughput(self, rows):
        path, times, sums = self.statement(rows), {}, {}
        repetitions = 1 if self.args.quick else REPETITIONS.get(rows, 1)
        for i in range(repetitions):
            say(f"{rows} rows, {i + 1} of {repetitions}")
            for name, run in (("straight", self.run_straight), ("daybook", self.run_daybook),
                              ("reference", self.run_reference)):
                if name == "reference" and (self.reference is None or (rows > 500000 and i > 0)):
                    continue
                seconds, books = run(path, rows, f"c{rows}-{i}")
                times.setdefault(name, []).append(seconds)
                sums[name] = sum_books(books)
                if name == "daybook" and i == 0 and rows == max(self.args.rows):
                    self.lists(f"c{rows}-{i}")
                forget(books)
        if len(set(map(str, sums.values()))) != 1:
            raise BenchError(f"the books differ: {sums}")
        self.facts["throughput"][rows] = {
            name: rows / statistics.median(seconds) for name, seconds in times.items()}

    def run_straight(self, path, rows, company):
        folder = os.path.join(self.folder, "straight")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        told = run_tool([self.straight, path, self.rules, folder])
        self.facts.setdefault("straight_parts", {})[rows] = told["parts"]
        return told["seconds"], os.path.join(folder, "bench", "bench.db")

    def run_daybook(self, path, rows, company):
        with Watch(self.daybook.process.pid) as watch:
            seconds, job = self.daybook.run(path, company, POLL_S.get(rows, 0.05))
        self.daybook.last_job = job["id"]
        self.facts.setdefault("processes", {})[rows] = watch.table()
        check_result(job["result"], rows)
        return seconds, self.daybook.books(company)

    def run_reference(self, path, rows, company):
        seconds, _ = self.reference.run(path, company, POLL_S.get(rows, 0.05))
        return seconds, self.reference.books(company)

    # ---- lists ----

    def lists(self, company):
        """The first page of every filter over the largest books, beside a GET that reads none."""
        def page(path):
            return run_tool([self.load, "--requests", str(LIST_REQUESTS), "--seconds", "10",
                             "127.0.0.1", str(self.daybook.port), path])["latency_us"]

        who = f"tenant_id=bench&company_id={company}"
        job = self.daybook.last_job
        bare = page(f"/api/jobs/{job}")
        self.facts["lists"] = {"rows": max(self.args.rows), "bare": bare, "pages": {
            f"{kind} {query}".strip(): page(f"/api/{kind}?{who}&{query.format(job=job)}")
            for kind, queries in LISTS.items() for query in queries}}

    # ---- latencies ----

    def accept(self, requests, seconds):
        target = "/api/jobs/upload-and-categorize?company_id=small&tenant_id=bench"
        return run_tool([self.load, "--requests", str(requests), "--seconds", str(seconds),
                         "--every-ms", str(ACCEPT_PACE_MS), "--body", self.statement(SMALL_ROWS),
                         "--type", "text/csv", "--beside", self.folder,
                         "127.0.0.1", str(self.daybook.port), target])

    def status(self, subject, job_id, seconds):
        """Rate at 32 connections by wrk, latency of one at a time by our own client."""
        path = f"/api/jobs/{job_id}"
        one = run_tool([self.load, "--seconds", str(seconds), "127.0.0.1", str(subject.port), path])
        told = subprocess.run(
            ["wrk", "-t1", f"-c{WRK_CONNECTIONS}", f"-d{seconds}s", "--latency",
             f"http://127.0.0.1:{subject.port}{path}"], stdout=subprocess.PIPE, text=True,
            check=True).stdout
        if "Non-2xx" in told:
            raise BenchError(f"{subject.name}: {told}")
        return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", told).group(1)),
                "p99_32_us": in_us(re.search(r"99%\s+(\S+)", told).group(1)),
                "one": one["latency_us"]}

    def latencies(self, subject, seconds):
        """Status GETs, and uploads for daybook: with nothing else to do, and while a job runs."""
        facts = self.facts["latency"].setdefault(subject.name, {})
        _, job = subject.run(self.statement(3000), "quiet", 0.01)
        facts["status idle"] = self.status(subject, job["id"], seconds)
        if subject is self.daybook:
            facts["accept idle"] = self.accept(400, 4 * seconds)
        busy_rows = max(self.args.rows)
        facts["status busy"] = self.while_busy(
            subject, busy_rows, "busy-a", lambda job_id: self.status(subject, job_id, seconds))
        if subject is self.daybook:
            facts["accept busy"] = self.while_busy(
                subject, busy_rows, "busy-b", lambda job_id: self.accept(400, seconds))

    def while_busy(self, subject, rows, company, measure):
        job_id = subject.submit(multipart(self.statement(rows), company))
        facts = measure(job_id)
        if subject.job(job_id)["status"] not in ("pending", "running"):
            say(f"note: the large job of {subject.name} ended before the measurement did")
            facts["too_short"] = True
        if subject is self.daybook:
            subject.wait(job_id, 0.05)
            forget(subject.books(company))
        return facts

    # ---- jobs ----

    def noop_jobs(self):
        body = os.path.join(self.folder, "noop.json")
        with open(body, "w", encoding="utf-8") as out:
            json.dump({"company_id": "noop", "tenant_id": "bench"}, out)
        jobs = NOOP_JOBS // 10 if self.args.quick else NOOP_JOBS
        done_before = self.daybook.completed()
        with Watch(self.daybook.process.pid) as watch:
            told = run_tool([self.load, "--connections", str(NOOP_IN_FLIGHT), "--requests",
                             str(jobs), "--body", body, "127.0.0.1", str(self.daybook.port),
                             "/api/jobs/noop"])
            behind = self.daybook.wait_completed(done_before + jobs)
        self.facts["noop"] = {
            "jobs": jobs, "accepted_per_s": told["rate"], "latency_us": told["latency_us"],
            "done_per_s": jobs / (told["seconds"] + behind), "processes": watch.table()}


# ---- helpers ----

REFERENCE_BALANCE = """
    SELECT account, sum(max(amount, 0)), sum(max(-amount, 0)) FROM (
        SELECT debit AS account, amount FROM entries UNION ALL
        SELECT credit, -amount FROM entries) GROUP BY account ORDER BY account"""
RULE = re.compile(r'rule \S+ if description (?:contains "(.*)"|matches /(.*)/) then account (\S+)')


def read_rules(path):
    """[regex, account] of a rule file, for Python: bench.rules keeps to descriptions."""
    with open(path, encoding="utf-8") as file:
        found = [RULE.fullmatch(line.strip()) for line in file if line.startswith("rule ")]
    return [[re.escape(rule[1]) if rule[1] else rule[2], rule[3]] for rule in found]


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return f"{os.cpu_count()} cores, {model.group(1) if model else os.uname().machine}"


def in_us(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def sum_books(path):
    """Counts and sums that must be the same in all three books, down to every account."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as books:
        def ask(sql):
            return books.execute(sql).fetchall()

        if ask("SELECT 1 FROM sqlite_master WHERE name = 'trial_balance'"):
            accounts = ask("SELECT account, debit, credit FROM trial_balance ORDER BY account")
        else:
            accounts = ask(REFERENCE_BALANCE)
        return {"transactions": ask("SELECT count(*), sum(amount) FROM transactions"),
                "entries": ask("SELECT count(*), sum(amount) FROM entries"),
                "accounts": accounts}


def forget(path):
    """A million rows of books are 400 MB: gone as soon as they are checked."""
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)


def check_result(result, rows):
    if result["parsed"] != rows or result["inserted"] != rows or result["je_created"] != rows:
        raise BenchError(f"daybook booked something else: {result}")


def measure(bench):
    for subject in (bench.daybook, bench.reference):
        if subject:
            subject.start()
            subject.run(bench.statement(3000), "warm", 0.01)
    for rows in bench.args.rows:
        bench.throughput(rows)
    seconds = 1 if bench.args.quick else 3
    for subject in (bench.daybook, bench.reference):
        if subject:
            say(f"latencies of {subject.name}")
            bench.latencies(subject, seconds)
    if bench.reference:
        bench.reference.stop()
    say("no-op jobs")
    bench.noop_jobs()
    say("rules")
    bench.facts["rules"] = run_tool([os.path.join(bench.args.build, "bench/match")])
    say("reading alone")
    bench.facts["reading"] = run_tool([os.path.join(bench.args.build, "bench/reading")])


def read_args():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--rows", default="3000,100000,1000000")
    parser.add_argument("--quick", action="store_true", help="one repetition, at most 100,000 rows")
    parser.add_argument("--skip-reference", action="store_true")
    parser.add_argument("--json", metavar="FILE", help="the figures, for programs")
    args = parser.parse_args()
    args.rows = [int(n) for n in args.rows.split(",")]
    if args.quick:
        args.rows = [n for n in args.rows if n <= 100000] or args.rows[:1]
    return args


def main():
    args = read_args()
    folder = tempfile.mkdtemp(prefix="bench-", dir=args.build)
    bench = Bench(args, folder)
    try:
        measure(bench)
        report.show(bench.facts)
        if args.json:
            with open(args.json, "w", encoding="utf-8") as out:
                json.dump(bench.facts, out, indent=1)
    except BenchError as why:
        say(f"bench: {why}")
        return 1
    finally:
        for subject in (bench.daybook, bench.reference):
            if subject:
                subject.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
