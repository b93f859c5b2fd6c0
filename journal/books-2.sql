-- books-2.sql - version 2 of the tables: what people answered, and imports that were taken back.
--
-- Run after books.sql when a company's file is made, and on a file of version 1 when it is first
-- opened. Nothing here is written to while a statement is booked.

PRAGMA user_version = 2;

-- What a person decided, in one act: one transaction or a merchant's whole group. `learn`: history
-- may decide by it (rules/history.h).
CREATE TABLE answers (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES accounts,
	learn INTEGER NOT NULL,
	made_ms INTEGER NOT NULL,
	undone_ms INTEGER
) STRICT;

-- The transactions of an answer, with the entries before and after it.
CREATE TABLE answered (
	answer INTEGER NOT NULL REFERENCES answers,
	txn INTEGER NOT NULL,
	before INTEGER, -- NULL: it had none
	after INTEGER NOT NULL,
	PRIMARY KEY (answer, txn)
) STRICT, WITHOUT ROWID;

-- Money between the company's own accounts: two transactions of opposite amounts, each booked to
-- Assets:Transfers, with the entries that stood before and after (0: none; equal: left as it was).
CREATE TABLE transfers (
	id INTEGER PRIMARY KEY,
	out_txn INTEGER NOT NULL,
	in_txn INTEGER NOT NULL,
	out_before INTEGER NOT NULL,
	in_before INTEGER NOT NULL,
	out_after INTEGER NOT NULL,
	in_after INTEGER NOT NULL,
	made_ms INTEGER NOT NULL,
	undone_ms INTEGER
) STRICT;
CREATE INDEX transfers_out ON transfers (out_txn);
CREATE INDEX transfers_in ON transfers (in_txn);

-- Transactions and sightings of imports that were taken back: as they stood, and when they went.
CREATE TABLE undone (
	id INTEGER PRIMARY KEY,
	import INTEGER NOT NULL,
	line INTEGER NOT NULL,
	bank INTEGER NOT NULL,
	date TEXT NOT NULL,
	amount INTEGER NOT NULL,
	currency TEXT NOT NULL,
	fingerprint INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	description TEXT NOT NULL,
	reference TEXT NOT NULL,
	raw TEXT NOT NULL,
	undone_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE undone_sightings (
	import INTEGER NOT NULL,
	line INTEGER NOT NULL,
	txn INTEGER NOT NULL,
	raw TEXT NOT NULL,
	kept INTEGER,
	undone_ms INTEGER NOT NULL,
	PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;

-- What goes must stand in the trail first.
DROP TRIGGER transactions_remain;
CREATE TRIGGER transactions_remain BEFORE DELETE ON transactions
WHEN NOT EXISTS (SELECT 1 FROM undone u WHERE u.id = OLD.id AND u.raw = OLD.raw)
BEGIN SELECT raise(ABORT, 'what the bank said is never deleted'); END;
DROP TRIGGER sightings_remain;
CREATE TRIGGER sightings_remain BEFORE DELETE ON sightings
WHEN NOT EXISTS (SELECT 1 FROM undone_sightings u WHERE u.import = OLD.import AND u.line = OLD.line)
BEGIN SELECT raise(ABORT, 'what the bank said is never deleted'); END;
CREATE TRIGGER undone_stay BEFORE UPDATE ON undone
BEGIN SELECT raise(ABORT, 'the trail is never changed'); END;
CREATE TRIGGER undone_remain BEFORE DELETE ON undone
BEGIN SELECT raise(ABORT, 'the trail is never deleted'); END;
CREATE TRIGGER undone_sightings_stay BEFORE UPDATE ON undone_sightings
BEGIN SELECT raise(ABORT, 'the trail is never changed'); END;
CREATE TRIGGER undone_sightings_remain BEFORE DELETE ON undone_sightings
BEGIN SELECT raise(ABORT, 'the trail is never deleted'); END;
