-- books-3.sql - version 3 of the tables: payees, tags and splits, and what stages remarked.
--
-- Run after books-2.sql when a company's file is made, and on a file of an earlier version when it
-- is first opened (journal/schema.c, which also adds transactions.balance where a file of version 1
-- was made before it was there).

PRAGMA user_version = 3;

-- Who a rule says the money went to or came from, and its tags.
CREATE TABLE labels (
	id INTEGER PRIMARY KEY,
	payee TEXT NOT NULL, -- '': none
	tags TEXT NOT NULL, -- a line each: name or name:value
	UNIQUE (payee, tags)
) STRICT;
ALTER TABLE entries ADD COLUMN label INTEGER; -- NULL: none

-- Further rows of an entry that is split: `amount` goes from the credited to the debited account,
-- one of which is the entry's category and the other the part's. Like an entry each balances by
-- construction; the category keeps what the parts leave of the entry's amount.
CREATE TABLE parts (
	entry INTEGER NOT NULL,
	place INTEGER NOT NULL, -- from 1
	debit INTEGER NOT NULL,
	credit INTEGER NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0),
	PRIMARY KEY (entry, place)
) STRICT, WITHOUT ROWID;

-- What stages could not do for rows of a job, for its warnings.
CREATE TABLE remarks (
	import INTEGER NOT NULL REFERENCES imports,
	text TEXT NOT NULL,
	line INTEGER NOT NULL, -- the first one; 0: of no file
	rows INTEGER NOT NULL,
	PRIMARY KEY (import, text)
) STRICT, WITHOUT ROWID;

-- The trail keeps what the bank said of the balance, too.
ALTER TABLE undone ADD COLUMN balance INTEGER;

CREATE TRIGGER parts_stay BEFORE UPDATE ON parts
BEGIN SELECT raise(ABORT, 'an entry is never changed: reverse it'); END;
CREATE TRIGGER parts_remain BEFORE DELETE ON parts
BEGIN SELECT raise(ABORT, 'an entry is never deleted: reverse it'); END;
-- Parts come with their entry, before it counts; those of a reversal are those of what it reverses.
CREATE TRIGGER parts_come BEFORE INSERT ON parts
WHEN NOT EXISTS (SELECT 1 FROM entries e WHERE e.id = NEW.entry AND e.reverses IS NULL
		AND (NEW.credit = e.debit OR NEW.debit = e.credit)
		AND NOT EXISTS (SELECT 1 FROM live l WHERE l.txn = e.txn AND l.entry = e.id)
		AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses = e.id)
		AND NEW.amount + (SELECT coalesce(sum(p.amount), 0) FROM parts p
			WHERE p.entry = e.id) <= e.amount)
	AND NOT EXISTS (SELECT 1 FROM entries e JOIN parts o ON o.entry = e.reverses
		AND o.place = NEW.place AND o.debit = NEW.credit AND o.credit = NEW.debit
		AND o.amount = NEW.amount WHERE e.id = NEW.entry)
BEGIN SELECT raise(ABORT, 'an entry is never changed: reverse it'); END;

-- An account of an entry with what its parts leave of it, and an account of a part.
DROP VIEW trial_balance;
DROP VIEW lines;
CREATE VIEW lines (entry, txn, date, account, amount, currency) AS
SELECT e.id, e.txn, e.date, a.name, e.amount - coalesce((SELECT sum(p.amount) FROM parts p
	WHERE p.entry = e.id AND p.credit = e.debit), 0), e.currency
FROM entries e JOIN accounts a ON a.id = e.debit
UNION ALL
SELECT e.id, e.txn, e.date, a.name, coalesce((SELECT sum(p.amount) FROM parts p
	WHERE p.entry = e.id AND p.debit = e.credit), 0) - e.amount, e.currency
FROM entries e JOIN accounts a ON a.id = e.credit
UNION ALL
SELECT e.id, e.txn, e.date, a.name, iif(p.credit = e.debit, p.amount, -p.amount), e.currency
FROM parts p JOIN entries e ON e.id = p.entry
JOIN accounts a ON a.id = iif(p.credit = e.debit, p.debit, p.credit);

CREATE VIEW trial_balance (account, currency, debit, credit, balance) AS
SELECT account, currency, sum(max(amount, 0)), sum(max(-amount, 0)), sum(amount)
FROM lines GROUP BY account, currency;
