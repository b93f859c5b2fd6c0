#!/usr/bin/python3
"""reference.py - the same job as one does it in Python: what daybook is compared with.

FastAPI and uvicorn, a ThreadPoolExecutor for the work, csv, SQLite with bulk inserts, and a list of
compiled regexes of which the first match decides. Written to be good of its kind: batches of 5,000
rows, executemany, one transaction a batch, ids given in Python, dates and amounts parsed without
strptime or Decimal. It keeps its jobs in memory and syncs no upload: it promises less.

    reference.py --port N --data DIR --rules FILE      (FILE: JSON list of [regex, account])
"""
import argparse
import csv
import datetime
import hashlib
import json
import os
import re
import shutil
import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI, File, Form, Response, UploadFile

BATCH_ROWS = 5000
BANK = "Assets:Bank:Checking"
CURRENCY = "USD"

TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS transactions (
	id INTEGER PRIMARY KEY, job TEXT NOT NULL, line INTEGER NOT NULL, raw TEXT NOT NULL,
	account TEXT NOT NULL, date TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
	description TEXT NOT NULL, fingerprint BLOB NOT NULL, ordinal INTEGER NOT NULL,
	UNIQUE (account, date, fingerprint, ordinal)) STRICT;
CREATE TABLE IF NOT EXISTS entries (
	id INTEGER PRIMARY KEY, txn INTEGER NOT NULL REFERENCES transactions (id),
	debit TEXT NOT NULL, credit TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0),
	currency TEXT NOT NULL, rule INTEGER, needs_review INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS rejects (
	job TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, raw TEXT NOT NULL) STRICT;
"""


class Refused(Exception):
    pass


def read_row(fields):
    """(date, description, cents) of one record, or Refused."""
    if len(fields) < 3:
        raise Refused("too-few-fields")
    date, description, amount = fields[0], " ".join(fields[1].split()), fields[2]
    try:
        datetime.date.fromisoformat(date)
    except ValueError:
        raise Refused("date-syntax") from None
    try:
        whole, _, cents = amount.partition(".")
        minor = int(whole) * 100 + (-1 if whole.startswith("-") else 1) * int(cents or 0)
    except ValueError:
        raise Refused("amount-syntax") from None
    if not description:
        raise Refused("description-empty")
    return date, description, minor


def decide(rules, description):
    for number, (search, account) in enumerate(rules):
        if search(description):
            return number, account
    return None, None


class Import:
    """One file on its way into the books."""

    def __init__(self, books, rules, job):
        self.books, self.rules, self.job = books, rules, job
        self.seen = {}
        self.next_id = books.execute("SELECT coalesce(max(id), 0) FROM transactions").fetchone()[0]

    def batch(self, records):
        transactions, rejects = [], []
        for line, fields in records:
            raw = ",".join(fields)
            try:
                date, description, minor = read_row(fields)
            except Refused as why:
                rejects.append((self.job["id"], line, str(why), raw))
                continue
            key = f"{description}|{minor}|{CURRENCY}"
            ordinal = self.seen[date + key] = self.seen.get(date + key, -1) + 1
            self.next_id += 1
            mark = hashlib.blake2b(key.encode(), digest_size=16).digest()
            transactions.append((self.next_id, self.job["id"], line, raw, BANK, date, minor,
                                 CURRENCY, description, mark, ordinal))
        self.store(transactions, rejects)

    def store(self, transactions, rejects):
        first = transactions[0][0] if transactions else 0
        with self.books:
            self.books.executemany(
                "INSERT OR IGNORE INTO transactions VALUES (?,?,?,?,?,?,?,?,?,?,?)", transactions)
            self.books.executemany("INSERT INTO rejects VALUES (?,?,?,?)", rejects)
            inserted = {row[0] for row in self.books.execute(
                "SELECT id FROM transactions WHERE id >= ?", (first,))}
            entries = [self.entry(t) for t in transactions if t[0] in inserted]
            self.books.executemany(
                "INSERT INTO entries (txn, debit, credit, amount, currency, rule, needs_review)"
                " VALUES (?,?,?,?,?,?,?)", entries)
        counts = self.job["result"]
        counts["parsed"] += len(transactions) + len(rejects)
        counts["rejected"] += len(rejects)
        counts["inserted"] += len(entries)
        counts["duplicates"] += len(transactions) - len(entries)
        counts["je_created"] += len(entries)

    def entry(self, transaction):
        minor, description = transaction[6], transaction[8]
        rule, account = decide(self.rules, description)
        if account is None:
            account = "Expenses:Uncategorised" if minor < 0 else "Income:Uncategorised"
        debit, credit = (account, BANK) if minor < 0 else (BANK, account)
        return transaction[0], debit, credit, abs(minor), CURRENCY, rule, rule is None


def work(job, path, books_path, rules):
    try:
        books = sqlite3.connect(books_path)
        books.executescript(TABLES)
        run = Import(books, rules, job)
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            next(reader)
            batch = []
            for fields in reader:
                batch.append((reader.line_num, fields))
                if len(batch) == BATCH_ROWS:
                    run.batch(batch)
                    job["progress"] = min(99, 100 * file.buffer.tell() // job["bytes"])
                    batch = []
            run.batch(batch)
        books.close()
        job["status"], job["progress"] = "complete", 100
    except Exception as why:  # whatever it was, the person who waits is told
        job["status"], job["error"] = "failed", str(why)


def make_app(data, rules):
    app = FastAPI()
    pool = ThreadPoolExecutor(max_workers=4)
    jobs = {}

    @app.post("/api/jobs/upload-and-categorize", status_code=202)
    def upload(file: UploadFile = File(...), company_id: str = Form(...),
               tenant_id: str = Form(...)):
        job_id = uuid.uuid4().hex
        path = os.path.join(data, job_id + ".csv")
        with open(path, "wb") as out:
            shutil.copyfileobj(file.file, out, 1 << 20)
        jobs[job_id] = job = {
            "id": job_id, "type": "upload-and-categorize", "tenant_id": tenant_id,
            "company_id": company_id, "status": "running", "progress": 0, "error": None,
            "bytes": os.path.getsize(path),
            "result": dict.fromkeys(
                ("parsed", "rejected", "inserted", "duplicates", "je_created"), 0)}
        pool.submit(work, job, path, os.path.join(data, company_id + ".db"), rules)
        return {"job_id": job_id, "status": "pending"}

    @app.get("/api/jobs/{job_id}")
    async def status(job_id: str):
        # json.dumps at once: FastAPI's own encoder would halve the rate.
        job = jobs.get(job_id)
        return Response(json.dumps(job), 200 if job else 404, media_type="application/json")

    return app


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--rules", required=True)
    args = parser.parse_args()
    with open(args.rules, encoding="utf-8") as file:
        rules = [(re.compile(regex, re.I).search, account) for regex, account in json.load(file)]
    uvicorn.run(make_app(args.data, rules), host="127.0.0.1", port=args.port,
                log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
