#include "questions.h"

#include <stdbool.h>

#include "mem.h"

/* A kept line: a duplicate that a person made a transaction of after all. */

#define NOT_KEPT    "NOT IN (SELECT kept FROM seen WHERE kept IS NOT NULL)"
#define NOT_KEPT_BY "NOT IN (SELECT kept, import FROM seen WHERE kept IS NOT NULL)"
#define ALL_LINES                                                                                  \
	"(SELECT import, line FROM txns WHERE id " NOT_KEPT                                        \
	" UNION ALL SELECT import, line FROM seen"                                                 \
	" UNION ALL SELECT import, line FROM rejects)"

/* Books of version 1 know no way back and no transfers. */
#define TXN_COLUMNS  "id, import, line, bank, date, amount, currency, raw"
#define SEEN_COLUMNS "import, line, txn, raw, kept"
static const char VIEWS_1[] = "CREATE TEMP VIEW txns AS SELECT " TXN_COLUMNS " FROM transactions;"
			      "CREATE TEMP VIEW seen AS SELECT " SEEN_COLUMNS " FROM sightings;"
			      "CREATE TEMP VIEW moves AS SELECT 0 AS entry WHERE 0;"
			      "CREATE TEMP VIEW paired AS SELECT 0 AS txn WHERE 0;";
/* Before version 3 nothing is split. */
static const char PARTS_0[] =
	"CREATE TEMP VIEW pieces AS SELECT 0 AS entry, 0 AS place, 0 AS debit, "
	"0 AS credit, 0 AS amount WHERE 0;";
static const char PARTS_3[] =
	"CREATE TEMP VIEW pieces AS SELECT entry, place, debit, credit, amount "
	"FROM parts;";
/* Before version 4 nothing says what stands again. */
static const char AGAIN_0[] = "CREATE TEMP VIEW repeats AS SELECT 0 AS entry, 0 AS first WHERE 0;";
static const char AGAIN_4[] = "CREATE TEMP VIEW repeats AS SELECT entry, first FROM again;";
/* Of an import, in order of lines: what is looked for in its file. Transactions have no such index,
 * and one look through them all for each import took minutes where there are hundreds. */
static const char CLAIMED[] =
	"CREATE TEMP TABLE claimed (import, line, id, PRIMARY KEY (import, line, id)) WITHOUT "
	"ROWID; INSERT INTO claimed SELECT import, line, id FROM txns WHERE id " NOT_KEPT;
static const char VIEWS_2[] =
	"CREATE TEMP VIEW txns AS SELECT " TXN_COLUMNS " FROM transactions "
	"UNION ALL SELECT " TXN_COLUMNS " FROM undone;"
	"CREATE TEMP VIEW seen AS SELECT " SEEN_COLUMNS " FROM sightings "
	"UNION ALL SELECT " SEEN_COLUMNS " FROM undone_sightings;"
	"CREATE TEMP VIEW moves AS WITH side (was, became) AS ("
	"SELECT out_before, out_after FROM transfers UNION ALL SELECT in_before, in_after FROM "
	"transfers), moved AS (SELECT was, became FROM side WHERE was <> became) "
	"SELECT became AS entry FROM moved UNION SELECT e.id FROM moved JOIN entries e "
	"ON e.reverses = was WHERE e.reverses IS NOT NULL;"
	"CREATE TEMP VIEW paired AS SELECT out_txn AS txn FROM transfers WHERE undone_ms IS NULL "
	"UNION ALL SELECT in_txn FROM transfers WHERE undone_ms IS NULL;";

const struct question QUESTIONS[] = {
	{I2, "SELECT count(*) FROM effects WHERE stage = 'insert'",
	 "SELECT 'import ' || import || ', unit ' || unit || ': ' || rows || ' rows are not ' || "
	 "rejected || ' rejected, ' || inserted || ' inserted and ' || duplicates || ' duplicates' "
	 "FROM effects WHERE stage = 'insert' AND rows <> rejected + inserted + duplicates"},
	{I2, "SELECT count(*) FROM " ALL_LINES,
	 "SELECT 'import ' || import || ', line ' || line || ' ended ' || count(*) || ' times' "
	 "FROM " ALL_LINES " GROUP BY import, line HAVING count(*) > 1"},
	{I2, "SELECT count(*) FROM transactions",
	 "SELECT 'transaction ' || t.id || ' has no entry' FROM transactions t "
	 "JOIN imports i ON i.id = t.import WHERE i.state <> 'running' "
	 "AND NOT EXISTS (SELECT 1 FROM live l WHERE l.txn = t.id)"},
	{I2, "SELECT count(*) FROM live",
	 "SELECT 'transaction ' || l.txn || ': its live entry is reversed, or not its own' "
	 "FROM live l LEFT JOIN entries e ON e.id = l.entry WHERE e.id IS NULL OR e.txn <> l.txn "
	 "OR e.reverses IS NOT NULL "
	 "OR EXISTS (SELECT 1 FROM entries r WHERE r.reverses = e.id)"},
	{I2, "SELECT count(*) FROM entries",
	 "SELECT 'entry ' || e.id || ' is beside the live one of transaction ' || e.txn "
	 "FROM entries e WHERE e.reverses IS NULL "
	 "AND NOT EXISTS (SELECT 1 FROM live l WHERE l.txn = e.txn AND l.entry = e.id) "
	 "AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses = e.id)"},
	{I3, "SELECT count(*) FROM entries WHERE reverses IS NULL",
	 "SELECT 'entry ' || e.id || ' is not of the amount, day, currency and account of "
	 "transaction ' || e.txn FROM entries e JOIN txns t ON t.id = e.txn "
	 "WHERE e.reverses IS NULL AND (e.amount <> abs(t.amount) OR e.currency <> t.currency OR "
	 "e.date <> t.date OR iif(t.amount > 0, e.debit, e.credit) <> t.bank)"},
	{I3, "SELECT count(*) FROM entries WHERE reverses IS NOT NULL",
	 "SELECT 'entry ' || e.id || ' is not the reverse of entry ' || e.reverses FROM entries e "
	 "LEFT JOIN entries o ON o.id = e.reverses WHERE e.reverses IS NOT NULL AND (o.id IS NULL "
	 "OR o.txn <> e.txn OR o.amount <> e.amount OR o.currency <> e.currency OR "
	 "o.debit <> e.credit OR o.credit <> e.debit)"},
	{I3, "SELECT count(DISTINCT entry) FROM pieces",
	 "SELECT 'the parts of entry ' || p.entry || ' are not of its amount and category' FROM "
	 "pieces p LEFT JOIN entries e ON e.id = p.entry LEFT JOIN txns t ON t.id = e.txn "
	 "GROUP BY p.entry HAVING e.id IS NULL OR t.id IS NULL OR min(p.amount) <= 0 "
	 "OR sum(p.amount) > e.amount "
	 "OR sum(p.debit = t.bank OR p.credit = t.bank OR p.debit = p.credit) > 0 "
	 "OR sum(iif((t.amount > 0) = (e.reverses IS NULL), p.debit <> e.credit, "
	 "p.credit <> e.debit)) > 0"},
	{I3,
	 "SELECT count(*) FROM pieces p JOIN entries e ON e.id = p.entry "
	 "WHERE e.reverses IS NOT NULL",
	 "SELECT 'entry ' || e.id || ' does not reverse the parts of entry ' || e.reverses "
	 "FROM entries e WHERE e.reverses IS NOT NULL AND EXISTS (SELECT 1 FROM pieces o "
	 "WHERE o.entry IN (e.id, e.reverses)) AND (SELECT count(*) FROM pieces o JOIN pieces p "
	 "ON p.entry = e.id AND p.place = o.place AND p.debit = o.credit AND p.credit = o.debit "
	 "AND p.amount = o.amount WHERE o.entry = e.reverses) <> (SELECT max(n) FROM (SELECT "
	 "count(*) AS n FROM pieces WHERE entry IN (e.id, e.reverses) GROUP BY entry))"},
	{I3, "SELECT 0",
	 "SELECT 'a part of entry ' || p.entry || ' is of an account that is not there' FROM "
	 "pieces p LEFT JOIN accounts d ON d.id = p.debit LEFT JOIN accounts c ON c.id = p.credit "
	 "WHERE d.id IS NULL OR c.id IS NULL"},
	{I3, "SELECT 0",
	 "SELECT 'entry ' || e.id || ' is of an account that is not there' FROM entries e "
	 "LEFT JOIN accounts d ON d.id = e.debit LEFT JOIN accounts c ON c.id = e.credit "
	 "WHERE d.id IS NULL OR c.id IS NULL OR e.amount < 0"},
	{I3, "SELECT 0",
	 "SELECT 'transaction ' || txn || ' is a side of ' || count(*) || ' transfers' FROM paired "
	 "GROUP BY txn HAVING count(*) > 1"},
	{I3, "SELECT count(*) FROM repeats",
	 "SELECT 'entry ' || p.entry || ' does not book what entry ' || p.first || ' did' FROM "
	 "repeats p LEFT JOIN entries e ON e.id = p.entry LEFT JOIN entries f ON f.id = p.first "
	 "WHERE e.id IS NULL OR f.id IS NULL OR e.id <= f.id OR e.txn <> f.txn OR e.debit <> "
	 "f.debit OR e.credit <> f.credit OR e.decider <> f.decider"},
	{I3, "SELECT count(*) FROM paired",
	 "SELECT 'transaction ' || l.txn || ' is one half of a transfer that is none' FROM "
	 "deciders d JOIN entries e ON e.decider = d.id JOIN live l ON l.txn = e.txn AND "
	 "l.entry = e.id WHERE d.source = 1 AND d.name LIKE 'transfer:%' AND NOT EXISTS "
	 "(SELECT 1 FROM paired p WHERE p.txn = l.txn)"},
	{I3, "SELECT count(*) FROM imports WHERE kind = 'upload' AND state <> 'running'",
	 "SELECT 'import ' || id || ': its result counts ' || told || ', the books ' || are FROM "
	 "(SELECT i.id, printf('%d parsed, %d inserted, %d duplicates, %d rejected, %d booked', "
	 "json_extract(result, '$.parsed'), json_extract(result, '$.inserted'), "
	 "json_extract(result, '$.duplicates'), json_extract(result, '$.rejected'), "
	 "json_extract(result, '$.je_created')) AS told, "
	 "printf('%d parsed, %d inserted, %d duplicates, %d rejected, %d booked', "
	 "sum(f.rows), sum(f.inserted), sum(f.duplicates), sum(f.rejected), "
	 "(SELECT count(*) FROM entries e WHERE e.run = i.id AND e.reverses IS NULL AND "
	 "e.id NOT IN (SELECT entry FROM moves) AND (e.txn, e.run) " NOT_KEPT_BY
	 ")) AS are FROM imports i "
	 "LEFT JOIN effects f ON f.import = i.id AND f.stage = 'insert' "
	 "WHERE i.kind = 'upload' AND i.state <> 'running' GROUP BY i.id) WHERE told <> are"},
	{I4, "SELECT count(*) FROM txns",
	 "SELECT 'transaction ' || t.id || ' is of no import' FROM txns t "
	 "LEFT JOIN imports i ON i.id = t.import WHERE i.id IS NULL"},
	{I4, "SELECT count(*) FROM entries",
	 "SELECT 'entry ' || e.id || ' was booked by no job and no person, or of no transaction' "
	 "FROM entries e LEFT JOIN imports i ON i.id = e.run "
	 "LEFT JOIN deciders d ON d.id = e.decider LEFT JOIN txns t ON t.id = e.txn "
	 "WHERE t.id IS NULL OR d.id IS NULL OR (e.run IS NULL AND d.source <> 4 AND NOT "
	 "EXISTS (SELECT 1 FROM entries o WHERE o.date = e.date AND o.txn = e.txn AND o.id < e.id "
	 "AND o.debit = e.debit AND o.credit = e.credit AND o.decider = e.decider)) "
	 "OR (e.run IS NOT NULL AND i.id IS NULL)"},
	{I4, "SELECT count(*) FROM effects WHERE stage = 'insert'",
	 "SELECT 'import ' || f.import || ', unit ' || f.unit || ' did not write what it recorded' "
	 "FROM effects f WHERE f.stage = 'insert' AND f.inserted <> (SELECT count(*) FROM "
	 "txns t WHERE t.id BETWEEN f.first_id AND f.last_id AND t.import = f.import)"},
	{I4, "SELECT count(*) FROM effects WHERE stage <> 'insert'",
	 "SELECT 'import ' || f.import || ', ' || f.stage || ' unit ' || f.unit || ' did not book "
	 "what it recorded' FROM effects f WHERE f.stage <> 'insert' AND f.booked + f.reversed <> "
	 "(SELECT count(*) FROM entries e WHERE e.id BETWEEN f.first_id AND f.last_id "
	 "AND e.run = f.import)"},
	{I4, "SELECT count(*) FROM imports",
	 "SELECT 'import ' || i.id || ' has ' || n || ' transactions, its units ' || recorded "
	 "FROM imports i JOIN (SELECT import, count(*) AS n FROM txns WHERE id " NOT_KEPT
	 " GROUP BY import) t ON t.import = i.id LEFT JOIN (SELECT import, sum(inserted) AS "
	 "recorded FROM effects WHERE stage = 'insert' GROUP BY import) f ON f.import = i.id "
	 "WHERE n IS NOT recorded"},
	{I4, "SELECT count(*) FROM imports",
	 "SELECT 'import ' || i.id || ' has ' || n || ' entries, its units ' || recorded "
	 "FROM imports i JOIN (SELECT run, count(*) AS n FROM entries WHERE (reverses IS NOT "
	 "NULL OR (txn, run) " NOT_KEPT_BY ") AND id NOT IN (SELECT entry FROM moves) "
	 "GROUP BY run) e ON e.run = i.id "
	 "LEFT JOIN (SELECT import, sum(booked + reversed) AS recorded FROM effects WHERE stage <> "
	 "'insert' GROUP BY import) f ON f.import = i.id WHERE n IS NOT recorded"},
	{I5, "SELECT count(*) FROM effects",
	 "SELECT 'token ' || token || ' wrote ' || count(*) || ' units' FROM effects "
	 "GROUP BY token HAVING count(*) > 1"},
	{I5, "SELECT count(*) FROM imports WHERE state <> 'running'",
	 "SELECT 'import ' || i.id || ', unit ' || f.unit || ' was written behind its fence' "
	 "FROM imports i JOIN effects f ON f.import = i.id WHERE i.state <> 'running' "
	 "AND f.token > i.fence"},
	{I8, "SELECT count(*) FROM pragma_integrity_check",
	 "SELECT 'the file is damaged: ' || integrity_check FROM pragma_integrity_check "
	 "WHERE integrity_check <> 'ok'"},
	{I4, "SELECT 0",
	 "SELECT 'a row of ' || \"table\" || ' names a row of ' || parent || ' that is not there' "
	 "FROM pragma_foreign_key_check"},
};

const int N_QUESTIONS = ARRAY_LEN(QUESTIONS);

static bool has_table(sqlite3 *db, const char *name)
{
	return sqlite3_table_column_metadata(db, "main", name, NULL, NULL, NULL, NULL, NULL,
					     NULL) == SQLITE_OK;
}

int questions_prepare(sqlite3 *db)
{
	int rc = sqlite3_exec(db, has_table(db, "undone") ? VIEWS_2 : VIEWS_1, NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, CLAIMED, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_exec(db, has_table(db, "parts") ? PARTS_3 : PARTS_0, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	return sqlite3_exec(db, has_table(db, "again") ? AGAIN_4 : AGAIN_0, NULL, NULL, NULL);
}
