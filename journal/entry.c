/* entry - an entry with its parts, as those who write one share it. */
#include "books.h"

static int64_t last(const struct ledger *ledger)
{
	return sqlite3_last_insert_rowid(ledger->db->handle);
}

int entry_reverse(struct ledger *ledger, const struct reversal *what, struct fault *why)
{
	struct db *db = ledger->db;

	if (db_do(db, SQL_ENTRY_REVERSE, why, "iiii", what->entry, what->run, what->decider,
		  what->confidence_ppm) != 0 ||
	    db_do(db, SQL_PARTS_REVERSE, why, "ii", last(ledger), what->entry) != 0)
		return -1;
	return db_do(db, SQL_LIVE_TAKE, why, "ii", what->txn, what->entry);
}

int entry_parts_like(struct ledger *ledger, int64_t entry, struct fault *why)
{
	return db_do(ledger->db, SQL_PARTS_COPY, why, "ii", last(ledger), entry);
}
