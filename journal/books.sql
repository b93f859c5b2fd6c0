-- books.sql - the tables of one company's books.
--
-- Money is INTEGER minor units of the currency beside it; a day is TEXT yyyy-mm-dd; a time is
-- INTEGER milliseconds since 1970 UTC. journal/schema.c makes the template of every company's file
-- from this text; a changed table needs the next user_version and a step from the one before.
--
-- Foreign keys are enforced where they cost little. On transactions, entries and live they took a
-- third of the speed (250,000 rows/s with them off, 145,000 with them on), and what they would
-- check holds by construction: journal/ finds or makes the row referred to in the same transaction,
-- and an entry's day, amount, currency and bank are copied by SQL from the transaction it books.

PRAGMA application_id = 0x64617962; -- "dayb"
PRAGMA user_version = 1;

CREATE TABLE accounts (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;
-- Ids 1 and 2 are known to the code and to the SQL below: what nobody could place.
INSERT INTO accounts VALUES (1, 'Expenses:Uncategorised'), (2, 'Income:Uncategorised');

-- Who decided an entry: a rule with its version, history, a model with its prompt, a person.
CREATE TABLE deciders (
	id INTEGER PRIMARY KEY,
	source INTEGER NOT NULL CHECK (source BETWEEN 0 AND 4), -- none, rule, history, llm, user
	name TEXT NOT NULL,
	UNIQUE (source, name)
) STRICT;
INSERT INTO deciders VALUES (1, 0, '');

-- One line for each upload and each categorize run. `fence`: a unit with an older token is refused.
-- `kind`: upload, categorize; unopened: a job that ended before it came here, for its fence's sake.
CREATE TABLE imports (
	id INTEGER PRIMARY KEY,
	job BLOB NOT NULL UNIQUE CHECK (length(job) = 16),
	kind TEXT NOT NULL,
	bank INTEGER REFERENCES accounts,
	currency TEXT,
	file_name TEXT,
	reading TEXT, -- JSON: how the file was read
	fence INTEGER NOT NULL DEFAULT 0,
	state TEXT NOT NULL DEFAULT 'running', -- running, complete, failed, cancelled
	begun_ms INTEGER NOT NULL,
	finished_ms INTEGER,
	result TEXT -- JSON of the last finish
) STRICT;

-- What the bank said. Never changed. AUTOINCREMENT: an id is never used for a second transaction,
-- also after the first is gone. The day leads the unique key on purpose: a statement comes in order
-- of days, so its keys go to few pages (with the fingerprint first: 85,000 rows/s for 300,000).
CREATE TABLE transactions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	import INTEGER NOT NULL,
	line INTEGER NOT NULL,
	bank INTEGER NOT NULL,
	date TEXT NOT NULL,
	amount INTEGER NOT NULL, -- negative is money out
	currency TEXT NOT NULL,
	fingerprint INTEGER NOT NULL, -- journal/fingerprint.c
	ordinal INTEGER NOT NULL, -- tells equal ones of a day apart, from 0
	description TEXT NOT NULL,
	reference TEXT NOT NULL,
	raw TEXT NOT NULL,
	balance INTEGER, -- of the account after it, where the bank said so
	UNIQUE (bank, date, fingerprint, ordinal)
) STRICT;

-- A line of an import that met a transaction which was there already: a duplicate. `kept`: the
-- transaction that was made of it after all, because a person said so.
CREATE TABLE sightings (
	import INTEGER NOT NULL REFERENCES imports,
	line INTEGER NOT NULL,
	txn INTEGER NOT NULL REFERENCES transactions,
	raw TEXT NOT NULL,
	kept INTEGER REFERENCES transactions,
	PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sightings_txn ON sightings (txn, import);

-- Lines that could not be read or booked. Purged with the job record; everything else stays.
CREATE TABLE rejects (
	import INTEGER NOT NULL REFERENCES imports,
	line INTEGER NOT NULL,
	reason TEXT NOT NULL,
	detail TEXT NOT NULL,
	raw TEXT NOT NULL,
	PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;

-- The journal: `amount` goes from the credited to the debited account, so that every row balances
-- by construction. Never changed: a correction is a row that reverses and a new one.
CREATE TABLE entries (
	id INTEGER PRIMARY KEY,
	txn INTEGER NOT NULL,
	run INTEGER, -- the import whose job booked it; NULL: a person's correction
	date TEXT NOT NULL,
	debit INTEGER NOT NULL,
	credit INTEGER NOT NULL,
	amount INTEGER NOT NULL CHECK (amount >= 0),
	currency TEXT NOT NULL,
	decider INTEGER NOT NULL,
	confidence INTEGER NOT NULL, -- parts of a million
	reverses INTEGER
) STRICT;
-- Lists of transactions and of entries go by day, newest first.
CREATE INDEX entries_date ON entries (date, txn);
CREATE UNIQUE INDEX entries_reverses ON entries (reverses) WHERE reverses IS NOT NULL;

-- The one entry of a transaction that counts, enforced by the primary key. `review` is the day of
-- a transaction that a person should look at, else NULL, so that the queue is an index in order of
-- days. `open`: Uncategorised and not put there by a person, so a categorize run may take it.
CREATE TABLE live (
	txn INTEGER PRIMARY KEY,
	entry INTEGER NOT NULL,
	review TEXT,
	open INTEGER NOT NULL
) STRICT;
CREATE INDEX live_review ON live (review) WHERE review IS NOT NULL;

-- What a unit did, written in the transaction of its rows; a replay is answered from here.
CREATE TABLE effects (
	import INTEGER NOT NULL REFERENCES imports,
	stage TEXT NOT NULL, -- insert, journal, finish
	unit INTEGER NOT NULL,
	token INTEGER NOT NULL,
	input BLOB NOT NULL, -- hash of what the unit was given
	first_line INTEGER NOT NULL DEFAULT 0,
	rows INTEGER NOT NULL DEFAULT 0,
	first_id INTEGER NOT NULL DEFAULT 0, -- transactions (insert) or entries that it wrote; no
	last_id INTEGER NOT NULL DEFAULT -1, -- other unit wrote any between; none: last < first
	first_date TEXT,
	last_date TEXT,
	rejected INTEGER NOT NULL DEFAULT 0,
	inserted INTEGER NOT NULL DEFAULT 0,
	duplicates INTEGER NOT NULL DEFAULT 0,
	doubtful INTEGER NOT NULL DEFAULT 0, -- inserted beside an equal one of another import
	booked INTEGER NOT NULL DEFAULT 0,
	categorized INTEGER NOT NULL DEFAULT 0,
	by_rules INTEGER NOT NULL DEFAULT 0,
	by_history INTEGER NOT NULL DEFAULT 0,
	by_llm INTEGER NOT NULL DEFAULT 0,
	high_confidence INTEGER NOT NULL DEFAULT 0,
	reversed INTEGER NOT NULL DEFAULT 0,
	changed_meanwhile INTEGER NOT NULL DEFAULT 0,
	answer BLOB, -- insert: which rows go on (journal/effect.c)
	PRIMARY KEY (import, stage, unit)
) STRICT, WITHOUT ROWID;

-- Short writes, once by request.
CREATE TABLE writes (
	request BLOB PRIMARY KEY CHECK (length(request) = 16),
	verb TEXT NOT NULL,
	answer TEXT NOT NULL,
	done_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER transactions_stay BEFORE UPDATE ON transactions
BEGIN SELECT raise(ABORT, 'what the bank said is never changed'); END;
CREATE TRIGGER transactions_remain BEFORE DELETE ON transactions
BEGIN SELECT raise(ABORT, 'what the bank said is never deleted'); END;
CREATE TRIGGER sightings_stay BEFORE UPDATE OF import, line, txn, raw ON sightings
BEGIN SELECT raise(ABORT, 'what the bank said is never changed'); END;
CREATE TRIGGER sightings_remain BEFORE DELETE ON sightings
BEGIN SELECT raise(ABORT, 'what the bank said is never deleted'); END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT raise(ABORT, 'an entry is never changed: reverse it'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
BEGIN SELECT raise(ABORT, 'an entry is never deleted: reverse it'); END;

-- For people and their tools.

CREATE VIEW lines (entry, txn, date, account, amount, currency) AS
SELECT e.id, e.txn, e.date, a.name, e.amount, e.currency
FROM entries e JOIN accounts a ON a.id = e.debit
UNION ALL
SELECT e.id, e.txn, e.date, a.name, -e.amount, e.currency
FROM entries e JOIN accounts a ON a.id = e.credit;

CREATE VIEW trial_balance (account, currency, debit, credit, balance) AS
SELECT account, currency, sum(max(amount, 0)), sum(max(-amount, 0)), sum(amount)
FROM lines GROUP BY account, currency;

CREATE VIEW register (txn, date, bank, description, amount, currency, account, needs_review) AS
SELECT t.id, t.date, b.name, t.description, t.amount, t.currency, a.name, l.review IS NOT NULL
FROM transactions t
JOIN live l ON l.txn = t.id
JOIN entries e ON e.id = l.entry
JOIN accounts b ON b.id = t.bank
JOIN accounts a ON a.id = iif(t.amount > 0, e.credit, e.debit);
