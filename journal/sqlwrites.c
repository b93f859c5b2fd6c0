/* sqlwrites - statements of what people do to entries: answers, undo, transfers. CROSS JOIN is as
 * in sql.c. */
#include "sql.h"

/* Placed by a rule; false also where there is no such account yet. */
#define IN_CONVERSION                                                                              \
	"coalesce((SELECT id FROM accounts WHERE name = 'Equity:Conversion') IN (e.debit, "        \
	"e.credit), 0)"

/* What a bank writes of an exchange between currencies, as far as it says so at all. */
#define EXCHANGES                                                                                  \
	"t.description LIKE '%exchang%' OR t.description LIKE '%convert%' OR t.description LIKE "  \
	"'%conversion%' OR t.description LIKE '%currency%' OR t.description LIKE '%forex%' OR "    \
	"t.description LIKE '%umtausch%' OR t.description LIKE '%wechsel%' OR t.description LIKE " \
	"'%devisen%' OR t.description LIKE '%cambio%' OR t.description LIKE '%change %'"

/* The entry that one stands for: itself, or the one that an undo brought back as it. */
#define FIRST(entry) "coalesce((SELECT first FROM again WHERE entry = " entry "), " entry ")"

#define IN_TRANSIT(live, side)                                                                     \
	"EXISTS (SELECT 1 FROM entries a CROSS JOIN entries b WHERE a.id = " live ".entry AND "    \
	"b.id = x." side "_after AND a.debit = b.debit AND a.credit = b.credit)"

#define FIRST_LIVE	 FIRST("l.entry")
#define FIRST_2		 FIRST("?2")
#define FIRST_OUT	 FIRST("o.entry")
#define FIRST_IN	 FIRST("i.entry")
#define FIRST_OUT_BEFORE FIRST("x.out_before")
#define FIRST_IN_BEFORE	 FIRST("x.in_before")
#define THERE_OUT	 IN_TRANSIT("o", "out")
#define THERE_IN	 IN_TRANSIT("i", "in")

const char *const sql_writes[SQL_COUNT] = {
	[SQL_ANSWER_ADD] = "INSERT INTO answers (account, learn, made_ms) VALUES (?1, ?2, ?3)",
	[SQL_ANSWER_FIND] = "SELECT undone_ms IS NOT NULL FROM answers WHERE id = ?1",
	[SQL_ANSWER_UNDONE] = "UPDATE answers SET undone_ms = ?2 WHERE id = ?1",
	[SQL_ANSWERED_ADD] =
		"INSERT INTO answered (answer, txn, before, after) VALUES (?1, ?2, nullif(?3, 0), "
		"?4)",
	[SQL_ANSWERED_OF] =
		"SELECT a.txn, coalesce(a.before, 0), l.entry, " FIRST_LIVE
		" IS a.after FROM answered a LEFT JOIN live l ON l.txn = a.txn WHERE a.answer = ?1",

	/* What history learns from: newest first, each transaction by the last answer that was not
	 * taken back, also when its import was. */
	[SQL_ANSWERED_LEARN] =
		"SELECT coalesce(t.description, u.description), coalesce(t.amount, u.amount), "
		"coalesce(t.currency, u.currency), c.name FROM answers w CROSS JOIN answered a ON "
		"a.answer = w.id LEFT JOIN transactions t ON t.id = a.txn LEFT JOIN undone u ON "
		"t.id IS NULL AND u.id = a.txn CROSS JOIN accounts c ON c.id = w.account WHERE "
		"w.learn AND w.undone_ms IS NULL AND w.account > 2 AND NOT EXISTS (SELECT 1 FROM "
		"answered b CROSS JOIN answers v ON v.id = b.answer WHERE b.txn = a.txn AND "
		"b.answer > a.answer AND v.undone_ms IS NULL) ORDER BY w.id DESC LIMIT ?1",

	/* Entries that stand again. */
	[SQL_AGAIN_ADD] = "INSERT INTO again (entry, first) SELECT ?1, " FIRST_2,
	/* What stood before entry ?2 of transaction ?1, if what brought that is taken back. */
	[SQL_AGAIN_BEFORE] =
		"SELECT coalesce(a.before, 0) FROM answered a CROSS JOIN answers w ON w.id = "
		"a.answer WHERE a.txn = ?1 AND a.after = " FIRST_2
		" AND w.undone_ms IS NOT NULL UNION ALL SELECT x.out_before FROM transfers x WHERE "
		"x.out_txn = ?1 AND x.undone_ms IS NOT NULL AND x.out_after <> x.out_before AND "
		"x.out_after = " FIRST_2
		" UNION ALL SELECT x.in_before FROM transfers x WHERE x.in_txn = ?1 AND "
		"x.undone_ms IS NOT NULL AND x.in_after <> x.in_before AND x.in_after = " FIRST_2
		" LIMIT 1",
	/* What a transfer that stands brought in the place of entry ?2 of transaction ?1. */
	[SQL_AGAIN_SINCE] = "SELECT x.out_after FROM transfers x WHERE x.out_txn = ?1 AND "
			    "x.undone_ms IS NULL AND " FIRST_OUT_BEFORE " = " FIRST_2
			    " UNION ALL SELECT x.in_after FROM transfers x WHERE x.in_txn = ?1 AND "
			    "x.undone_ms IS NULL AND " FIRST_IN_BEFORE " = " FIRST_2,
	[SQL_AGAIN_UNBOOKED] =
		"SELECT t.amount FROM transactions t CROSS JOIN imports i ON i.id = t.import WHERE "
		"t.id = ?1 AND i.state <> 'running'",

	/* `going` is a table of the moment, see undo.c. */
	[SQL_UNDO_KEPT_BESIDE] =
		"SELECT count(*) FROM sightings s CROSS JOIN transactions t ON t.id = s.txn WHERE "
		"s.kept IS NOT NULL AND s.import <> ?1 AND t.import = ?1",
	[SQL_UNDO_SIGHTINGS] =
		"INSERT INTO undone_sightings (import, line, txn, raw, kept, undone_ms) SELECT "
		"import, line, txn, raw, kept, ?2 FROM sightings WHERE import = ?1",
	[SQL_UNDO_GOING] =
		"INSERT INTO going SELECT t.id FROM effects f CROSS JOIN transactions t ON t.id "
		"BETWEEN f.first_id AND f.last_id WHERE f.import = ?1 AND f.stage = 'insert' AND "
		"t.import = ?1",
	[SQL_UNDO_GOING_KEPT] = "INSERT INTO going SELECT kept FROM sightings WHERE import = ?1 "
				"AND kept IS NOT NULL",
	[SQL_UNDO_GOING_SEEN] =
		"INSERT INTO going SELECT s.txn FROM sightings s CROSS JOIN transactions t ON "
		"t.id = s.txn CROSS JOIN imports i ON i.id = t.import WHERE s.import = ?1 AND "
		"i.state = 'undone'",
	[SQL_UNDO_DROP_SIGHTINGS] = "DELETE FROM sightings WHERE import = ?1",
	[SQL_UNDO_VOUCHED] = "DELETE FROM going WHERE EXISTS (SELECT 1 FROM sightings s WHERE "
			     "s.txn = going.txn)",
	[SQL_UNDO_REVERSE] =
		"INSERT INTO entries (txn, date, debit, credit, amount, currency, decider, "
		"confidence, reverses, label) SELECT e.txn, e.date, e.credit, e.debit, e.amount, "
		"e.currency, ?1, 1000000, e.id, e.label FROM going g CROSS JOIN live l ON l.txn = "
		"g.txn CROSS JOIN entries e ON e.id = l.entry ORDER BY g.txn",
	[SQL_UNDO_PARTS] =
		"INSERT INTO parts (entry, place, debit, credit, amount) SELECT r.id, p.place, "
		"p.credit, p.debit, p.amount FROM going g CROSS JOIN live l ON l.txn = g.txn CROSS "
		"JOIN parts p ON p.entry = l.entry CROSS JOIN entries r ON r.reverses = l.entry",
	[SQL_UNDO_LIVE] = "DELETE FROM live WHERE txn IN (SELECT txn FROM going)",
	[SQL_UNDO_TRAIL] = "INSERT INTO undone (id, import, line, bank, date, amount, currency, "
			   "fingerprint, ordinal, description, reference, raw, balance, undone_ms) "
			   "SELECT t.id, t.import, t.line, t.bank, t.date, t.amount, t.currency, "
			   "t.fingerprint, t.ordinal, t.description, t.reference, t.raw, "
			   "t.balance, ?1 FROM going g CROSS JOIN transactions t ON t.id = g.txn",
	[SQL_UNDO_DROP] = "DELETE FROM transactions WHERE id IN (SELECT txn FROM going)",
	/* No token is as new as this fence. */
	[SQL_UNDO_CLOSE] = "UPDATE imports SET state = 'undone', fence = 9223372036854775807 "
			   "WHERE id = ?1",

	[SQL_BANKS] = "SELECT count(DISTINCT bank) > 1 OR count(DISTINCT currency) > 1 OR "
		      "max(json_extract(reading, '$.currency_column') > 0) FROM imports WHERE kind "
		      "= 'upload'",
	/* `moves` is a table of the moment, see transfers.c: what nobody placed, or a rule placed
	 * in transit, and no person did. ?1 is the transit account. */
	[SQL_MOVES_FILL] =
		"INSERT INTO moves (txn, entry, bank, day, amount, currency, placed, import, "
		"description, converted) SELECT l.txn, l.entry, t.bank, CAST(julianday(t.date) AS "
		"INTEGER), t.amount, t.currency, NOT l.open, t.import, iif(" IN_CONVERSION
		" OR (l.open AND (" EXCHANGES ")), t.description, NULL), " IN_CONVERSION
		" FROM live l CROSS JOIN entries e ON e.id = l.entry CROSS JOIN deciders d ON d.id "
		"= e.decider CROSS JOIN transactions t ON t.id = l.txn WHERE (l.open OR e.debit = "
		"?1 OR e.credit = ?1 OR " IN_CONVERSION
		") AND d.source <> 4 AND t.amount <> 0 AND t.bank <> ?1 AND NOT EXISTS (SELECT 1 "
		"FROM parts p WHERE p.entry = l.entry) AND NOT EXISTS (SELECT 1 FROM transfers x "
		"WHERE x.undone_ms IS NULL AND (x.out_txn = l.txn OR x.in_txn = l.txn)) ORDER BY "
		"l.txn DESC LIMIT ?2",
	/* One that has two others to go with goes with none; a pair taken apart stays apart. */
	[SQL_MOVES_PAIRS] =
		"WITH pairs AS (SELECT o.txn AS o, i.txn AS i, o.entry AS oe, i.entry AS ie, "
		"o.placed AS op, i.placed AS ip, o.import AS om, i.import AS im FROM moves o JOIN "
		"moves i ON i.amount = -o.amount AND i.currency = o.currency AND i.bank <> o.bank "
		"AND abs(i.day - o.day) <= ?1 WHERE o.amount < 0 AND NOT o.converted AND NOT "
		"i.converted AND NOT EXISTS (SELECT 1 FROM transfers x WHERE x.out_txn = o.txn AND "
		"x.in_txn = i.txn)) SELECT o, oe, op, om, i, ie, ip, im FROM pairs p WHERE (SELECT "
		"count(*) FROM pairs q WHERE q.o = p.o) = 1 AND (SELECT count(*) FROM pairs q "
		"WHERE q.i = p.i) = 1 ORDER BY o",
	/* The two legs of an exchange: one day, one description that speaks of it, two currencies.
	 */
	[SQL_EXCHANGE_PAIRS] =
		"WITH pairs AS (SELECT o.txn AS o, i.txn AS i, o.entry AS oe, i.entry AS ie, "
		"o.placed AS op, i.placed AS ip, o.import AS om, i.import AS im FROM moves o JOIN "
		"moves i ON i.description = o.description AND i.day = o.day AND i.currency <> "
		"o.currency AND i.amount > 0 WHERE o.amount < 0 AND o.description IS NOT NULL AND "
		"EXISTS (SELECT 1 FROM live l WHERE l.txn = o.txn AND l.entry = o.entry) AND "
		"EXISTS (SELECT 1 FROM live l WHERE l.txn = i.txn AND l.entry = i.entry) AND NOT "
		"EXISTS (SELECT 1 FROM transfers x WHERE x.out_txn = o.txn AND x.in_txn = i.txn)) "
		"SELECT o, oe, op, om, i, ie, ip, im FROM pairs p WHERE (SELECT count(*) FROM "
		"pairs q WHERE q.o = p.o) = 1 AND (SELECT count(*) FROM pairs q WHERE q.i = p.i) = "
		"1 ORDER BY o",
	[SQL_ENTRY_DECIDED] =
		"INSERT INTO entries (txn, run, date, debit, credit, amount, currency, decider, "
		"confidence, label) SELECT t.id, ?2, t.date, iif(t.amount > 0, t.bank, ?3), "
		"iif(t.amount > 0, ?3, t.bank), abs(t.amount), t.currency, ?4, ?5, (SELECT label "
		"FROM entries WHERE id = ?6) FROM transactions t WHERE t.id = ?1",
	[SQL_TRANSFER_ADD] =
		"INSERT INTO transfers (out_txn, in_txn, out_before, in_before, out_after, "
		"in_after, made_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	/* For each side: its transaction, what stood before, the live entry, and whether that is
	 * the one that the transfer brought. */
	[SQL_TRANSFER_FIND] = "SELECT x.undone_ms IS NOT NULL, x.out_txn, x.out_before, o.entry, "
			      "x.out_after <> x.out_before AND " FIRST_OUT
			      " IS x.out_after, x.in_txn, x.in_before, i.entry, x.in_after <> "
			      "x.in_before AND " FIRST_IN
			      " IS x.in_after FROM transfers x LEFT JOIN live o ON o.txn = "
			      "x.out_txn LEFT JOIN live i ON i.txn = x.in_txn WHERE x.id = ?1",
	/* The transfer of a transaction that is to go to account ?2. */
	[SQL_TRANSFER_OF] =
		"SELECT x.id FROM transfers x CROSS JOIN entries e ON e.id = x.out_after WHERE "
		"x.out_txn = ?1 AND x.undone_ms IS NULL AND ?2 NOT IN (e.debit, e.credit) UNION "
		"ALL SELECT x.id FROM transfers x CROSS JOIN entries e ON e.id = x.in_after WHERE "
		"x.in_txn = ?1 AND x.undone_ms IS NULL AND ?2 NOT IN (e.debit, e.credit)",
	[SQL_TRANSFER_PARTED] = "UPDATE transfers SET parted_by = ?2 WHERE id = ?1",
	/* Taken apart by an answer that was taken back since. */
	[SQL_TRANSFER_ASTRAY] =
		"SELECT x.id FROM transfers x CROSS JOIN answers w ON w.id = x.parted_by WHERE "
		"x.out_txn = ?1 AND x.undone_ms IS NOT NULL AND w.undone_ms IS NOT NULL UNION ALL "
		"SELECT x.id FROM transfers x CROSS JOIN answers w ON w.id = x.parted_by WHERE "
		"x.in_txn = ?1 AND x.undone_ms IS NOT NULL AND w.undone_ms IS NOT NULL",
	/* For each side: its transaction, what the transfer brought, the live entry, whether that
	 * is in transit, and whether it is what stood before. None if a side is in another transfer
	 * by now. */
	[SQL_TRANSFER_SIDES] =
		"SELECT x.out_txn, x.out_after, o.entry, " THERE_OUT ", " FIRST_OUT
		" IS " FIRST_OUT_BEFORE ", x.in_txn, x.in_after, i.entry, " THERE_IN ", " FIRST_IN
		" IS " FIRST_IN_BEFORE
		" FROM transfers x CROSS JOIN live o ON o.txn = x.out_txn CROSS JOIN live i ON "
		"i.txn = x.in_txn WHERE x.id = ?1 AND NOT EXISTS (SELECT 1 FROM transfers y WHERE "
		"y.undone_ms IS NULL AND y.out_txn = x.out_txn) AND NOT EXISTS (SELECT 1 FROM "
		"transfers y WHERE y.undone_ms IS NULL AND y.in_txn = x.in_txn)",
	[SQL_TRANSFER_REDONE] =
		"UPDATE transfers SET undone_ms = NULL, parted_by = NULL WHERE id = ?1",
	[SQL_TRANSFER_UNDONE] = "UPDATE transfers SET undone_ms = ?2 WHERE id = ?1",
	[SQL_TRANSFER_GOING] =
		"SELECT x.id FROM going g CROSS JOIN transfers x ON x.out_txn = g.txn WHERE "
		"x.undone_ms IS NULL UNION SELECT x.id FROM going g CROSS JOIN transfers x ON "
		"x.in_txn = g.txn WHERE x.undone_ms IS NULL",
	[SQL_TRANSFER_PAGE] =
		"SELECT x.id, o.entry, i.entry FROM transfers x CROSS JOIN live o ON o.txn = "
		"x.out_txn CROSS JOIN live i ON i.txn = x.in_txn WHERE x.undone_ms IS NULL AND "
		"x.id < ?1 ORDER BY x.id DESC LIMIT ?2",
};
