/* again - what stood before stands again: entries and transfers that an undo brings back. */
#include "writing.h"

/* One that an answer or a transfer brought which was taken back since is not brought back: what
 * stood before that is. Each step goes to an older entry. And a transfer may have been joined again
 * over what is left. */
static int resolve(struct db *db, int64_t txn, int64_t *entry, struct fault *why)
{
	int status = 0;

	while (*entry != 0 && status == 0)
		status = db_number(db, SQL_AGAIN_BEFORE, entry, why, "ii", txn, *entry);
	if (status >= 0)
		status = db_number(db, SQL_AGAIN_SINCE, entry, why, "ii", txn, *entry);
	return status < 0 ? -1 : 0;
}

static int make_live(struct ledger *ledger, int64_t entry, int64_t confidence_ppm,
		     struct fault *why)
{
	return db_do(ledger->db, SQL_LIVE_ADD, why, "iii", entry, entry, confidence_ppm);
}

static int restate(struct ledger *ledger, int64_t first, int64_t confidence_ppm, struct fault *why)
{
	struct db *db = ledger->db;
	int64_t entry;

	if (db_do(db, SQL_ENTRY_AGAIN, why, "i", first) != 0)
		return -1;
	entry = sqlite3_last_insert_rowid(db->handle);
	if (entry_parts_like(ledger, first, why) != 0 ||
	    db_do(db, SQL_AGAIN_ADD, why, "ii", entry, first) != 0)
		return -1;
	return make_live(ledger, entry, confidence_ppm, why);
}

/* It was answered before its job had booked it. A job that runs still will; otherwise it stands as
 * what nobody knew. */
static int stand_unknown(struct ledger *ledger, int64_t txn, int64_t decider, struct fault *why)
{
	struct db *db = ledger->db;
	int64_t amount;
	int status = db_number(db, SQL_AGAIN_UNBOOKED, &amount, why, "i", txn);

	if (status != 0)
		return status < 0 ? -1 : 0;
	if (db_do(db, SQL_ENTRY_ANSWER, why, "iiii", txn,
		  (int64_t)(amount > 0 ? ACCOUNT_NO_INCOME : ACCOUNT_NO_EXPENSE), decider,
		  INT64_C(0)) != 0)
		return -1;
	return db_do(db, SQL_LIVE_LIKE, why, "iii", txn, INT64_C(0),
		     (int64_t)sqlite3_last_insert_rowid(db->handle));
}

static int reverse_live(struct ledger *ledger, int64_t txn, int64_t entry, int64_t *decider,
			struct fault *why)
{
	if (names_decider(&ledger->deciders, ledger->db, SOURCE_USER, span_text("undo"), decider,
			  why) != 0)
		return -1;
	return entry_reverse(ledger, &(struct reversal){txn, entry, 0, *decider, CERTAIN}, why);
}

int again_stand(struct ledger *ledger, const struct restoring *what, int64_t confidence_ppm,
		struct fault *why)
{
	int64_t before = what->before, decider;

	if (resolve(ledger->db, what->txn, &before, why) != 0 ||
	    reverse_live(ledger, what->txn, what->entry, &decider, why) != 0)
		return -1;
	if (before == 0)
		return stand_unknown(ledger, what->txn, decider, why);
	return restate(ledger, before, confidence_ppm, why);
}

/* ---- transfers ---- */

struct side {
	int64_t txn, after, entry; /* what the transfer brought, what is live */
	bool there, back;	   /* in transit; as it stood before */
};

static struct side side_at(sqlite3_stmt *found, int column)
{
	return (struct side){
		sqlite3_column_int64(found, column), sqlite3_column_int64(found, column + 1),
		sqlite3_column_int64(found, column + 2), sqlite3_column_int(found, column + 3) != 0,
		sqlite3_column_int(found, column + 4) != 0};
}

static int into_transit(struct ledger *ledger, const struct side *side, int64_t confidence_ppm,
			struct fault *why)
{
	int64_t decider;

	if (side->there)
		return 0;
	if (reverse_live(ledger, side->txn, side->entry, &decider, why) != 0)
		return -1;
	return restate(ledger, side->after, confidence_ppm, why);
}

/* 1: a side stands elsewhere by now. */
static int join(struct ledger *ledger, int64_t transfer, int64_t confidence_ppm, struct fault *why)
{
	struct db *db = ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_TRANSFER_SIDES, why, "i", transfer);
	int status = found ? db_next(db, found, why) : -1;
	struct side out, in;

	if (status <= 0)
		return status < 0 ? -1 : 1;
	out = side_at(found, 0);
	in = side_at(found, 5);
	sqlite3_reset(found);
	if (!(out.there || out.back) || !(in.there || in.back))
		return 1;
	if (into_transit(ledger, &out, confidence_ppm, why) != 0 ||
	    into_transit(ledger, &in, confidence_ppm, why) != 0)
		return -1;
	return db_do(db, SQL_TRANSFER_REDONE, why, "i", transfer);
}

int again_transfer(struct ledger *ledger, int64_t txn, int64_t confidence_ppm, int64_t *transfer,
		   struct fault *why)
{
	int status = db_number(ledger->db, SQL_TRANSFER_ASTRAY, transfer, why, "i", txn);

	return status != 0 ? status : join(ledger, *transfer, confidence_ppm, why);
}
