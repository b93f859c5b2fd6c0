-- books-4.sql - version 4 of the tables: what stands again, and no way round the journal.
--
-- Run after books-3.sql when a company's file is made, and on a file of an earlier version when it
-- is first opened.

PRAGMA user_version = 4;

-- An entry that an undo brought back: it stands for the first of its kind, which was reversed.
CREATE TABLE again (
	entry INTEGER PRIMARY KEY,
	first INTEGER NOT NULL
) STRICT;
-- The answer that took it apart; NULL: none did.
ALTER TABLE transfers ADD COLUMN parted_by INTEGER;
CREATE INDEX answered_txn ON answered (txn);

-- What history thinks by now of a transaction that waits, where that is not what its entry says: a
-- categorize run tells it again, and a thought is no reason for a new entry.
CREATE TABLE suggestions (
	txn INTEGER PRIMARY KEY,
	decider INTEGER NOT NULL REFERENCES deciders -- suggests:ACCOUNT, or no one
) STRICT;

-- REPLACE deletes without a delete trigger, unless the connection asks for it. So what would
-- replace is refused where it comes in. (journal/db.c has them off while a job's rows are booked:
-- they would take 40 % of the speed, and what a job does is insert.)
CREATE TRIGGER transactions_come BEFORE INSERT ON transactions
WHEN EXISTS (SELECT 1 FROM transactions WHERE id = NEW.id)
	OR EXISTS (SELECT 1 FROM transactions t WHERE t.bank = NEW.bank AND t.date = NEW.date
		AND t.fingerprint = NEW.fingerprint AND t.ordinal = NEW.ordinal)
BEGIN SELECT raise(ABORT, 'what the bank said is never replaced'); END;
CREATE TRIGGER sightings_come BEFORE INSERT ON sightings
WHEN EXISTS (SELECT 1 FROM sightings s WHERE s.import = NEW.import AND s.line = NEW.line)
	OR EXISTS (SELECT 1 FROM sightings s WHERE s.txn = NEW.txn AND s.import = NEW.import)
BEGIN SELECT raise(ABORT, 'what the bank said is never replaced'); END;
CREATE TRIGGER entries_come BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)
	OR EXISTS (SELECT 1 FROM entries e WHERE e.reverses = NEW.reverses)
BEGIN SELECT raise(ABORT, 'an entry is never replaced: reverse it'); END;
CREATE TRIGGER entries_alone BEFORE INSERT ON entries
WHEN NEW.reverses IS NULL AND EXISTS (SELECT 1 FROM live l WHERE l.txn = NEW.txn)
BEGIN SELECT raise(ABORT, 'the transaction has a live entry: reverse it'); END;
CREATE TRIGGER undone_come BEFORE INSERT ON undone
WHEN EXISTS (SELECT 1 FROM undone WHERE id = NEW.id)
BEGIN SELECT raise(ABORT, 'the trail is never changed'); END;
CREATE TRIGGER undone_sightings_come BEFORE INSERT ON undone_sightings
WHEN EXISTS (SELECT 1 FROM undone_sightings u WHERE u.import = NEW.import AND u.line = NEW.line)
BEGIN SELECT raise(ABORT, 'the trail is never changed'); END;

-- What counts comes in with an entry of its transaction that stands, and goes with its reversal.
CREATE TRIGGER live_come BEFORE INSERT ON live
WHEN EXISTS (SELECT 1 FROM live l WHERE l.txn = NEW.txn)
	OR NOT EXISTS (SELECT 1 FROM entries e WHERE e.id = NEW.entry AND e.txn = NEW.txn
		AND e.reverses IS NULL)
	OR EXISTS (SELECT 1 FROM entries r WHERE r.reverses = NEW.entry)
BEGIN SELECT raise(ABORT, 'a transaction has one live entry, which is its own'); END;
CREATE TRIGGER live_stay BEFORE UPDATE ON live
BEGIN SELECT raise(ABORT, 'the live entry is never changed: reverse it'); END;
CREATE TRIGGER live_remain BEFORE DELETE ON live
WHEN NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses = OLD.entry)
BEGIN SELECT raise(ABORT, 'a live entry is never deleted: reverse it'); END;

-- How many duplicates of an import were kept after all, for the list of imports.
CREATE INDEX sightings_kept ON sightings (import) WHERE kept IS NOT NULL;
