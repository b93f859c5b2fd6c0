#include "sql.h"

/* CROSS JOIN is JOIN in the order written: there are no statistics in the books, and without them
 * SQLite has begun with a million transactions where ten units were meant.
 *
 * Accounts 1 and 2 are Expenses:Uncategorised and Income:Uncategorised, see books.sql. Source 4 is
 * a person. */
#define CATEGORY     "iif(t.amount > 0, e.credit, e.debit)"
#define FROM_ENTRIES "FROM entries e CROSS JOIN transactions t ON t.id = e.txn "

/* What waits for a category, in order of id, with the entry seen (0 = none). An upload's own
 * transactions are booked by its own job, so those without an entry count only when that job has
 * been silent for a day (?2): it is lost. */
#define CANDIDATES                                                                                 \
	"SELECT txn, entry FROM live WHERE open AND txn > ?1 AND txn <= ?3 "                       \
	"UNION ALL "                                                                               \
	"SELECT t.id, 0 FROM imports i "                                                           \
	"CROSS JOIN effects f ON f.import = i.id AND f.stage = 'insert' "                          \
	"CROSS JOIN transactions t ON t.id BETWEEN f.first_id AND f.last_id "                      \
	"WHERE i.state = 'running' AND i.begun_ms < ?2 AND t.id > ?1 AND t.id <= ?3 "              \
	"AND NOT EXISTS (SELECT 1 FROM live l WHERE l.txn = t.id) "                                \
	"ORDER BY 1 LIMIT ?4"

/* Equal transactions of a day (see twin.h): of a row 100,000 times in one file the first tell
 * enough. Parameters: bank, date, fingerprint, import, reference, balance. */
#define TWINS(what)                                                                                \
	"SELECT " what " FROM transactions t WHERE t.bank = ?1 AND t.date = ?2 AND "               \
	"t.fingerprint = ?3 AND t.ordinal < 1000"
#define TWINS_NEW                                                                                  \
	" AND t.import <> ?4 AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.txn = t.id AND "    \
	"s.import = ?4) ORDER BY t.ordinal LIMIT 1"

/* A transaction of another import whose balance on one side is ?4, where no other one of them goes
 * on: the end of a day's chain of balances. Parameters: bank, date, import, balance, currency. */
#define CHAIN(side, other)                                                                         \
	"SELECT 1 FROM transactions t WHERE t.bank = ?1 AND t.date = ?2 AND t.import <> ?3 "       \
	"AND " side                                                                                \
	" = ?4 AND t.currency = ?5 AND NOT EXISTS (SELECT 1 FROM transactions u WHERE "            \
	"u.bank = ?1 AND u.date = ?2 AND u.import <> ?3 AND " other " = ?4 AND u.currency = ?5)"

/* A label is "payee, line end, tags", see names.h. */
#define PAYEE "substr(?1, 1, instr(?1, char(10)) - 1)"
#define TAGS  "substr(?1, instr(?1, char(10)) + 1)"

static const char *const texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",

	[SQL_ACCOUNT_FIND] = "SELECT id FROM accounts WHERE name = ?1",
	[SQL_ACCOUNT_ADD] = "INSERT INTO accounts (name) VALUES (?1)",
	[SQL_ACCOUNT_NAME] = "SELECT name FROM accounts WHERE id = ?1",
	[SQL_DECIDER_FIND] = "SELECT id FROM deciders WHERE source = ?2 AND name = ?1",
	[SQL_DECIDER_ADD] = "INSERT INTO deciders (name, source) VALUES (?1, ?2)",

	[SQL_IMPORT_FIND] =
		"SELECT id, fence, state = 'running', coalesce(bank, 0), kind, state, begun_ms, "
		"result FROM imports WHERE job = ?1",
	[SQL_IMPORT_ADD] =
		"INSERT INTO imports (job, kind, bank, currency, file_name, reading, begun_ms) "
		"VALUES (?1, ?2, nullif(?3, 0), nullif(?4, ''), nullif(?5, ''), nullif(?6, ''), "
		"?7) ON CONFLICT (job) DO UPDATE SET kind = excluded.kind, bank = excluded.bank, "
		"currency = excluded.currency, file_name = excluded.file_name, reading = "
		"excluded.reading, begun_ms = excluded.begun_ms, state = 'running', finished_ms = "
		"NULL, result = NULL",
	[SQL_IMPORT_UNOPENED] =
		"INSERT INTO imports (job, kind, fence, state, begun_ms, finished_ms, result) "
		"VALUES (?1, '" IMPORT_UNOPENED "', ?2, ?3, ?4, ?4, ?5) ON CONFLICT (job) DO "
		"UPDATE SET fence = excluded.fence, state = excluded.state, finished_ms = "
		"excluded.finished_ms, result = excluded.result",
	[SQL_IMPORT_REOPEN] =
		"UPDATE imports SET state = 'running', finished_ms = NULL, result = NULL WHERE "
		"id = ?1",
	[SQL_IMPORT_FENCE] = "UPDATE imports SET fence = max(fence, ?2) WHERE id = ?1",
	[SQL_IMPORT_CLOSE] =
		"UPDATE imports SET state = ?2, finished_ms = ?3, result = ?4 WHERE id = ?1",
	[SQL_IMPORT_SAID] = "SELECT reading FROM imports WHERE id = ?1",
	[SQL_IMPORT_READINGS] =
		"SELECT i.reading, i.currency, a.name = ?1 AS own FROM imports i JOIN accounts a "
		"ON "
		"a.id = i.bank WHERE i.kind = 'upload' AND i.state = 'complete' AND i.reading IS "
		"NOT NULL AND EXISTS (SELECT 1 FROM effects f WHERE f.import = i.id AND f.stage = "
		"'insert' AND f.inserted + f.duplicates > 0) ORDER BY own DESC, i.id DESC LIMIT 4",
	[SQL_IMPORT_DAYS] = "SELECT min(first_date), max(last_date) FROM effects WHERE import = ?1",

	[SQL_TXN_DAY] = "SELECT date FROM transactions WHERE id = ?1 UNION ALL SELECT date FROM "
			"undone WHERE id = ?1 LIMIT 1",

	[SQL_EFFECT_FIND] =
		"SELECT input, answer FROM effects WHERE import = ?1 AND stage = ?2 AND unit = ?3",
	[SQL_EFFECT_ADD] =
		"INSERT INTO effects (import, stage, unit, token, input, first_line, rows, "
		"first_id, last_id, first_date, last_date, rejected, inserted, duplicates, "
		"doubtful, booked, categorized, by_rules, by_history, by_llm, high_confidence, "
		"reversed, changed_meanwhile, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
		"?9, nullif(?10, ''), nullif(?11, ''), ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "
		"?20, ?21, ?22, ?23, ?24)",
	[SQL_EFFECT_COUNT] = "SELECT count(*) FROM effects WHERE import = ?1 AND stage = ?2",
	[SQL_EFFECT_INSERTED] =
		"SELECT coalesce(sum(rows), 0), coalesce(sum(rejected), 0), "
		"coalesce(sum(inserted), 0), coalesce(sum(duplicates), 0), "
		"coalesce(sum(doubtful), 0), min(first_date), max(last_date) FROM effects WHERE "
		"import = ?1 AND stage = 'insert'",
	[SQL_EFFECT_BOOKED] =
		"SELECT coalesce(sum(rows), 0), coalesce(sum(booked), 0), "
		"coalesce(sum(categorized), 0), coalesce(sum(by_rules), 0), "
		"coalesce(sum(by_history), 0), coalesce(sum(by_llm), 0), "
		"coalesce(sum(high_confidence), 0), coalesce(sum(reversed), 0), "
		"coalesce(sum(changed_meanwhile), 0) FROM effects WHERE import = ?1 AND stage IN "
		"('journal', 'finish')",
	[SQL_EFFECT_ENTRIES] =
		"SELECT coalesce(sum((SELECT count(*) FROM entries e WHERE e.id BETWEEN "
		"f.first_id AND f.last_id)), 0) FROM effects f WHERE f.import = ?1 AND f.stage "
		"IN ('journal', 'finish')",
	[SQL_EFFECT_UNBOOKED] =
		"SELECT f.first_id, f.last_id, f.inserted - (SELECT count(*) FROM live l WHERE "
		"l.txn BETWEEN f.first_id AND f.last_id) AS missing FROM effects f WHERE "
		"f.import = ?1 AND f.stage = 'insert' AND missing <> 0",
	[SQL_EFFECT_DOUBTFUL] =
		"SELECT t.line, t.id, o.id, t.date, t.amount, t.currency, t.description FROM "
		"effects f CROSS JOIN transactions t ON t.id BETWEEN f.first_id AND f.last_id "
		"CROSS JOIN transactions o ON o.bank = t.bank AND o.date = t.date AND "
		"o.fingerprint = t.fingerprint AND o.ordinal = 0 WHERE f.import = ?1 AND f.stage "
		"= 'insert' AND f.doubtful > 0 AND t.ordinal > 0 AND o.import <> t.import ORDER "
		"BY t.line LIMIT ?2",

	[SQL_TXN_NEXT] = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = "
			 "'transactions'",
	[SQL_TXN_ADD_ALL] =
		"INSERT OR IGNORE INTO transactions (id, import, line, bank, date, amount, "
		"currency, fingerprint, ordinal, description, reference, raw, balance) SELECT ?1 "
		"+ place, ?2, line, bank, date, amount, currency, fingerprint, 0, description, "
		"reference, raw, balance FROM incoming",
	[SQL_TXN_ADD] =
		"INSERT INTO transactions (id, import, line, bank, date, amount, currency, "
		"fingerprint, ordinal, description, reference, raw, balance) VALUES (?1, ?2, ?3, "
		"?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, CASE WHEN ?13 THEN ?14 END)",
	[SQL_TXN_KEEP] =
		"INSERT INTO transactions (import, line, bank, date, amount, currency, "
		"fingerprint, ordinal, description, reference, raw) SELECT s.import, s.line, "
		"t.bank, t.date, t.amount, t.currency, t.fingerprint, (SELECT max(o.ordinal) + 1 "
		"FROM transactions o WHERE o.bank = t.bank AND o.date = t.date AND o.fingerprint "
		"= t.fingerprint), t.description, t.reference, s.raw FROM sightings s CROSS JOIN "
		"transactions t ON t.id = s.txn WHERE s.import = ?1 AND s.line = ?2",
	[SQL_TXN_BETWEEN] = "SELECT id FROM transactions WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
	[SQL_TXN_AT] = "SELECT id, import FROM transactions WHERE bank = ?1 AND date = ?2 AND "
		       "fingerprint = ?3 AND ordinal = ?4",
	[SQL_TWIN_REFERENCE] = TWINS("t.id") " AND t.reference = ?5" TWINS_NEW,
	[SQL_TWIN_NAMELESS] = TWINS("1") " AND length(t.reference) < 6",
	[SQL_TWIN_BALANCE] = TWINS("t.id") " AND t.balance = ?6" TWINS_NEW,
	[SQL_TWIN_UNSEEN] = TWINS("t.id") TWINS_NEW,
	[SQL_CHAIN_END] = CHAIN("t.balance", "u.balance - u.amount"),
	[SQL_CHAIN_START] = CHAIN("t.balance - t.amount", "u.balance"),
	[SQL_TWIN_NEXT] = "SELECT max(ordinal) + 1 FROM transactions WHERE bank = ?1 AND date = ?2 "
			  "AND fingerprint = ?3",

	[SQL_SIGHTING_OF] = "SELECT 1 FROM sightings WHERE txn = ?1 AND import = ?2",
	[SQL_SIGHTING_ADD] =
		"INSERT INTO sightings (import, line, txn, raw) VALUES (?1, ?2, ?3, ?4)",
	[SQL_SIGHTING_LINE] =
		"SELECT txn, coalesce(kept, 0) FROM sightings WHERE import = ?1 AND line = ?2",
	[SQL_SIGHTING_KEPT] = "UPDATE sightings SET kept = ?3 WHERE import = ?1 AND line = ?2",
	[SQL_SIGHTING_DOUBTFUL] =
		"WITH spans AS MATERIALIZED (SELECT min(f.first_date) AS low, max(f.last_date) AS "
		"high FROM imports i CROSS JOIN imports j ON j.bank = i.bank AND j.id <> i.id AND "
		"j.state <> 'undone' CROSS JOIN effects f ON f.import = j.id AND f.stage = "
		"'insert' "
		"WHERE i.id = ?1 GROUP BY f.import), ends AS MATERIALIZED (SELECT i.bank, d.date, "
		"EXISTS (SELECT 1 FROM transactions n WHERE n.bank = i.bank AND n.date = d.date "
		"AND "
		"n.import = ?1) AS new, EXISTS (SELECT 1 FROM transactions o WHERE o.bank = i.bank "
		"AND o.date = d.date AND o.import <> ?1 AND NOT EXISTS (SELECT 1 FROM sightings x "
		"WHERE x.txn = o.id AND x.import = ?1)) AS unseen, EXISTS (SELECT 1 FROM spans "
		"WHERE "
		"d.date = ?2 AND high = ?2 OR d.date = ?3 AND low = ?3) AND NOT EXISTS (SELECT 1 "
		"FROM "
		"spans WHERE low < d.date AND high > d.date) AS meets, EXISTS (SELECT 1 FROM "
		"imports j WHERE j.bank = i.bank AND j.id <> i.id AND j.state <> 'undone' AND NOT "
		"EXISTS (SELECT 1 FROM transactions o WHERE o.bank = i.bank AND o.date = d.date "
		"AND o.import <> j.id AND NOT EXISTS (SELECT 1 FROM sightings x WHERE x.txn = o.id "
		"AND x.import = j.id))) AS whole FROM imports i CROSS JOIN "
		"(SELECT ?2 AS date UNION SELECT ?3) d WHERE i.id = ?1) SELECT s.line, 0, t.id, "
		"t.date, t.amount, t.currency, t.description FROM ends e CROSS JOIN transactions t "
		"ON "
		"t.bank = e.bank AND t.date = e.date CROSS JOIN sightings s ON s.txn = t.id AND "
		"s.import = ?1 WHERE CASE WHEN t.balance IS NULL AND t.reference = '' THEN "
		"e.new AND e.unseen OR e.meets AND (e.new OR e.unseen OR e.whole) ELSE s.raw <> "
		"t.raw AND (e.new AND e.unseen OR e.meets AND "
		"t.balance IS NOT NULL) END ORDER BY s.line LIMIT ?4",
	[SQL_TXN_REWORDED] =
		"WITH spans AS MATERIALIZED (SELECT f.import AS import, min(f.first_date) AS low, "
		"max(f.last_date) AS high FROM imports i CROSS JOIN imports j ON j.bank = i.bank "
		"AND j.id <> i.id AND j.state <> 'undone' CROSS JOIN effects f ON f.import = j.id "
		"AND f.stage = 'insert' WHERE i.id = ?1 GROUP BY f.import HAVING low <= ?3 AND "
		"high >= ?2 AND sum(f.inserted) > 0), others AS MATERIALIZED (SELECT o.id, o.bank, "
		"o.date, o.amount, o.currency, o.fingerprint FROM spans s CROSS JOIN effects f ON "
		"f.import = s.import AND f.stage = 'insert' AND f.first_date <= ?3 AND f.last_date "
		">= ?2 CROSS JOIN transactions o ON o.id BETWEEN f.first_id AND f.last_id AND "
		"o.import = s.import AND (s.low < o.date AND o.date < s.high AND ?2 < o.date AND "
		"o.date < ?3 OR s.low = ?2 AND s.high = ?3) WHERE NOT EXISTS (SELECT 1 FROM "
		"sightings x WHERE x.txn = o.id AND x.import = ?1)) SELECT t.line, t.id, "
		"min(o.id), t.date, t.amount, t.currency, t.description FROM effects f CROSS JOIN "
		"transactions t ON t.id BETWEEN f.first_id AND f.last_id CROSS JOIN others o ON "
		"o.bank = t.bank AND o.date = t.date AND o.amount = t.amount AND o.currency = "
		"t.currency WHERE EXISTS (SELECT 1 FROM others) AND "
		"f.import = ?1 AND f.stage = 'insert' AND t.import = ?1 AND "
		"o.fingerprint <> t.fingerprint GROUP BY t.id ORDER BY t.line LIMIT ?4",
	[SQL_REJECT_ADD] =
		"INSERT INTO rejects (import, line, reason, detail, raw) VALUES (?1, ?2, ?3, ?4, "
		"?5)",
	[SQL_REJECT_PURGE] = "DELETE FROM rejects WHERE import = ?1",
	[SQL_REJECT_PAGE] =
		"SELECT line, reason, detail, raw FROM rejects WHERE import = ?1 AND line > ?2 "
		"ORDER BY line LIMIT ?3",
	[SQL_DUPLICATE_PAGE] =
		"SELECT s.line, s.raw, t.id, t.date, t.amount, t.currency, t.description, s.kept "
		"FROM sightings s CROSS JOIN transactions t ON t.id = s.txn WHERE s.import = ?1 "
		"AND s.line > ?2 ORDER BY s.line LIMIT ?3",

	[SQL_LIVE_OF] = "SELECT entry FROM live WHERE txn = ?1",
	[SQL_LIVE_BETWEEN] = "SELECT count(*) FROM live WHERE txn BETWEEN ?1 AND ?2",
	[SQL_LIVE_ACCOUNT] =
		"SELECT " CATEGORY
		" FROM live l CROSS JOIN entries e ON e.id = l.entry CROSS JOIN transactions t "
		"ON t.id = l.txn WHERE l.txn = ?1 AND l.entry = ?2",
	/* Nothing where it is what was said already. */
	[SQL_SUGGEST] =
		"INSERT INTO suggestions (txn, decider) SELECT ?1, ?2 WHERE ?2 <> coalesce((SELECT "
		"decider FROM suggestions WHERE txn = ?1), (SELECT e.decider FROM live l CROSS "
		"JOIN entries e ON e.id = l.entry WHERE l.txn = ?1)) ON CONFLICT (txn) DO UPDATE "
		"SET decider = excluded.decider",
	[SQL_LIVE_TAKE] = "DELETE FROM live WHERE txn = ?1 AND entry = ?2",
	[SQL_LIVE_ADD] =
		"INSERT INTO live (txn, entry, review, open) SELECT e.txn, e.id, CASE WHEN "
		"e.confidence < ?3 OR e.debit <= 2 OR e.credit <= 2 THEN e.date END, (e.debit <= "
		"2 OR e.credit <= 2) AND d.source <> 4 FROM entries e CROSS JOIN deciders d ON "
		"d.id = e.decider WHERE e.id BETWEEN ?1 AND ?2",

	[SQL_LIVE_LIKE] =
		"INSERT INTO live (txn, entry, review, open) SELECT e.txn, e.id, CASE WHEN "
		"EXISTS (SELECT 1 FROM live l WHERE l.txn = ?2) THEN (SELECT review FROM live "
		"WHERE txn = ?2) ELSE e.date END, coalesce((SELECT open FROM live WHERE txn = "
		"?2), 1) FROM entries e WHERE e.id = ?3",
	[SQL_SAVE] = "SAVEPOINT asked",
	[SQL_SAVE_BACK] = "ROLLBACK TO asked",

	[SQL_ENTRY_LAST_DAY] = "SELECT max(date) FROM entries",
	[SQL_ENTRY_NEXT] = "SELECT coalesce(max(id), 0) + 1 FROM entries",
	[SQL_ENTRY_ADD_ALL] =
		"INSERT INTO entries (id, txn, run, date, debit, credit, amount, currency, "
		"decider, confidence, label) SELECT ?1 + d.place, t.id, ?2, t.date, iif(t.amount > "
		"0, "
		"t.bank, coalesce(d.account, 1)), iif(t.amount > 0, coalesce(d.account, 2), "
		"t.bank), abs(t.amount), t.currency, d.decider, d.confidence, d.label FROM "
		"decisions d CROSS JOIN transactions t ON t.id = d.txn",
	[SQL_ENTRY_REVERSE] =
		"INSERT INTO entries (txn, run, date, debit, credit, amount, currency, decider, "
		"confidence, reverses, label) SELECT txn, nullif(?2, 0), date, credit, debit, "
		"amount, currency, ?3, ?4, id, label FROM entries WHERE id = ?1",
	[SQL_ENTRY_SWEEP] =
		"INSERT INTO entries (txn, run, date, debit, credit, amount, currency, decider, "
		"confidence) SELECT t.id, ?3, t.date, iif(t.amount > 0, t.bank, 1), iif(t.amount "
		"> 0, 2, t.bank), abs(t.amount), t.currency, 1, 0 FROM transactions t WHERE t.id "
		"BETWEEN ?1 AND ?2 AND NOT EXISTS (SELECT 1 FROM live l WHERE l.txn = t.id) "
		"ORDER BY t.id",
	[SQL_ENTRY_LIKE] =
		"INSERT INTO entries (txn, run, date, debit, credit, amount, currency, "
		"decider, confidence, label) SELECT ?1, ?3, e.date, e.debit, e.credit, "
		"e.amount, e.currency, e.decider, e.confidence, e.label FROM live l "
		"CROSS JOIN entries e ON e.id = l.entry WHERE l.txn = ?2 AND NOT EXISTS "
		"(SELECT 1 FROM transfers x WHERE x.out_txn = ?2 AND x.undone_ms IS "
		"NULL) AND NOT EXISTS (SELECT 1 FROM transfers x WHERE x.in_txn = ?2 AND "
		"x.undone_ms IS NULL)",
	[SQL_PART_ADD] = "INSERT INTO parts (entry, place, debit, credit, amount) SELECT e.id, ?2, "
			 "iif(t.amount > 0, e.credit, ?3), iif(t.amount > 0, ?3, e.debit), ?4 FROM "
			 "entries e CROSS JOIN transactions t ON t.id = e.txn WHERE e.id = ?1",
	[SQL_PARTS_COPY] = "INSERT INTO parts (entry, place, debit, credit, amount) SELECT ?1, "
			   "place, debit, credit, amount FROM parts WHERE entry = ?2",
	[SQL_PARTS_REVERSE] = "INSERT INTO parts (entry, place, debit, credit, amount) SELECT ?1, "
			      "place, credit, debit, amount FROM parts WHERE entry = ?2",
	[SQL_PARTS_OF] =
		"SELECT iif(p.credit = e.debit, p.amount, -p.amount), a.name FROM parts p CROSS "
		"JOIN entries e ON e.id = p.entry CROSS JOIN accounts a ON a.id = iif(p.credit = "
		"e.debit, p.debit, p.credit) WHERE p.entry = ?1 ORDER BY p.place",
	[SQL_LABEL_FIND] = "SELECT id FROM labels WHERE payee = " PAYEE " AND tags = " TAGS,
	[SQL_LABEL_ADD] = "INSERT INTO labels (payee, tags) VALUES (" PAYEE ", " TAGS ")",
	[SQL_REMARK_ADD] =
		"INSERT INTO remarks (import, text, line, rows) VALUES (?1, ?2, ?3, 1) ON CONFLICT "
		"(import, text) DO UPDATE SET rows = rows + 1, line = min(line, excluded.line)",
	[SQL_REMARKS_OF] =
		"SELECT text, line, rows FROM remarks WHERE import = ?1 ORDER BY line, text",

	[SQL_CANDIDATE_COUNT] = "SELECT count(*), coalesce(max(txn), 0) FROM (" CANDIDATES ")",
	[SQL_CANDIDATE_PAGE] =
		"SELECT t.id, c.entry, b.name, t.date, t.amount, t.currency, t.description, "
		"t.reference FROM (" CANDIDATES
		") c CROSS JOIN transactions t ON t.id = c.txn CROSS JOIN accounts b ON b.id = "
		"t.bank",

	[SQL_SHOW_TXN] =
		"SELECT t.id, t.date, t.amount, t.currency, t.description, t.reference, c.name, "
		"b.name, e.confidence, d.source, d.name, l.review IS NOT NULL, e.id, i.job, "
		"t.line, n.payee, n.tags, (SELECT g.name FROM suggestions s CROSS JOIN deciders g "
		"ON g.id = s.decider WHERE s.txn = t.id) " FROM_ENTRIES
		"CROSS JOIN live l ON l.txn = t.id CROSS JOIN accounts b ON b.id = t.bank CROSS "
		"JOIN accounts c ON c.id = " CATEGORY
		" CROSS JOIN deciders d ON d.id = e.decider CROSS JOIN imports i ON i.id = "
		"t.import LEFT JOIN labels n ON n.id = e.label WHERE e.id = ?1",
	[SQL_SHOW_ENTRY] =
		"SELECT e.id, e.date, coalesce(t.description, (SELECT u.description FROM undone u "
		"WHERE u.id = e.txn)), e.txn, i.job, e.reverses, r.id, d.source, d.name, "
		"e.confidence, a.name, b.name, e.amount, e.currency, n.payee, n.tags FROM entries "
		"e LEFT JOIN "
		"transactions t ON t.id = e.txn CROSS JOIN accounts a ON a.id = e.debit CROSS JOIN "
		"accounts b ON b.id = "
		"e.credit CROSS JOIN deciders d ON d.id = e.decider LEFT JOIN imports i ON i.id "
		"= e.run LEFT JOIN entries r ON r.reverses = e.id LEFT JOIN labels n ON n.id = "
		"e.label WHERE e.id = ?1",
	[SQL_AMOUNTS] = "SELECT debit, credit, currency, amount FROM entries",
	[SQL_AMOUNTS_UNTIL] =
		"SELECT debit, credit, currency, amount FROM entries WHERE date <= ?1",
	[SQL_AMOUNTS_BETWEEN] =
		"SELECT debit, credit, currency, amount, date FROM entries NOT INDEXED WHERE date "
		"BETWEEN ?1 AND ?2",
	[SQL_PART_AMOUNTS] =
		"SELECT p.debit, p.credit, e.currency, p.amount, p.credit = e.debit, e.date FROM "
		"parts p "
		"CROSS JOIN entries e ON e.id = p.entry WHERE e.date BETWEEN ?1 AND ?2",

	/* What waits for a person: the merchant is in the description, so it is looked at one by
	 * one. */
	[SQL_LIVE_REVIEW] =
		"SELECT l.txn, l.entry, l.review, t.description, t.amount, t.currency, t.bank FROM "
		"live l INDEXED BY live_review CROSS JOIN transactions t ON t.id = l.txn WHERE "
		"l.review IS NOT NULL AND l.entry <= ?1 ORDER BY l.review DESC",
	[SQL_ENTRY_ANSWER] =
		"INSERT INTO entries (txn, date, debit, credit, amount, currency, decider, "
		"confidence, label) SELECT t.id, t.date, iif(t.amount > 0, t.bank, ?2), "
		"iif(t.amount > 0, ?2, t.bank), abs(t.amount), t.currency, ?3, 1000000, (SELECT "
		"label FROM entries WHERE id = ?4) FROM transactions t WHERE t.id = ?1",
	[SQL_ENTRY_AGAIN] = "INSERT INTO entries (txn, date, debit, credit, amount, currency, "
			    "decider, confidence, label) SELECT txn, date, debit, credit, amount, "
			    "currency, decider, confidence, label FROM entries WHERE id = ?1",
	[SQL_TXN_OF] = "SELECT bank, currency FROM transactions WHERE id = ?1",

	[SQL_IMPORT_PAGE] =
		"SELECT i.id, i.job, i.state, b.name, i.currency, i.file_name, i.begun_ms, "
		"i.finished_ms, i.result, (SELECT count(*) FROM sightings s INDEXED BY "
		"sightings_kept WHERE s.import = i.id AND s.kept IS NOT NULL) FROM imports i LEFT "
		"JOIN accounts b ON b.id = i.bank "
		"WHERE i.kind = 'upload' AND i.id < ?1 AND (?3 IS NULL OR i.job = ?3) ORDER BY "
		"i.id DESC LIMIT ?2",

	[SQL_EXPORT_PAGE] =
		"SELECT e.date, e.txn, e.id, t.description, t.reference, e.amount, e.currency, "
		"a.name, b.name, l.review IS NOT NULL, t.amount, d.source, d.name, e.confidence, "
		"n.payee, n.tags, e.debit, e.credit FROM entries e INDEXED BY entries_date CROSS "
		"JOIN live l ON l.txn = e.txn "
		"AND l.entry = e.id CROSS JOIN transactions t ON t.id = e.txn CROSS JOIN accounts "
		"a "
		"ON a.id = e.debit CROSS JOIN accounts b ON b.id = e.credit CROSS JOIN deciders d "
		"ON d.id = e.decider LEFT JOIN labels n ON n.id = e.label WHERE (e.date, e.txn, "
		"e.id) > (?1, ?2, ?3) AND e.date <= ?5 ORDER BY e.date, "
		"e.txn, e.id LIMIT ?4",
	[SQL_EXPORT_ACCOUNTS] = "SELECT name FROM accounts ORDER BY name",
	[SQL_EXPORT_TAGS] = "SELECT DISTINCT tags FROM labels WHERE tags <> ''",
	[SQL_EXPORT_BANKS] = "SELECT DISTINCT i.bank FROM imports i JOIN accounts a ON a.id = "
			     "i.bank WHERE NOT (?1 AND EXISTS (SELECT 1 FROM accounts s WHERE "
			     "substr(s.name, 1, length(a.name) + 1) = a.name || ':'))",
	/* One balance before the first day that all rows of that day agree on, as far as it is a
	   chain. */
	[SQL_EXPORT_OPENING] =
		"SELECT f.date, a.name, f.bank, f.currency, min(t.balance - t.amount) FROM (SELECT "
		"bank, currency, min(date) AS date FROM transactions GROUP BY bank, currency) f "
		"CROSS JOIN transactions t ON t.bank = f.bank AND t.date = f.date AND t.currency = "
		"f.currency CROSS JOIN accounts a ON a.id = f.bank WHERE t.amount <> 0 AND "
		"t.balance IS NOT NULL AND NOT EXISTS (SELECT 1 FROM transactions u WHERE u.bank = "
		"t.bank AND u.date = t.date AND u.currency = t.currency AND u.balance = t.balance "
		"- t.amount AND u.amount <> 0) GROUP BY f.bank, f.currency HAVING count(DISTINCT "
		"t.balance - t.amount) = 1 ORDER BY f.date, a.name, f.currency",
	[SQL_EXPORT_STATED] =
		"SELECT a.name FROM transactions t CROSS JOIN accounts a ON a.id = t.bank WHERE "
		"t.bank = ?1 AND t.date = ?2 AND t.currency = ?3 AND t.balance = ?4 LIMIT 1",
	[SQL_EXPORT_FIRST] = "SELECT min(date) FROM entries",

	[SQL_WRITE_FIND] = "SELECT answer FROM writes WHERE request = ?1",
	[SQL_WRITE_ADD] =
		"INSERT INTO writes (request, verb, answer, done_ms) VALUES (?1, ?2, ?3, ?4)",
};

const char *sql_text(enum sql name)
{
	return texts[name] ? texts[name] : sql_writes[name];
}
