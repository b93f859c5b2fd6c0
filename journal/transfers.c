#include "transfers.h"

#include "clock.h"
#include "show.h"
#include "writing.h"

#define TRANSIT	  "Assets:Transfers"
#define EXCHANGED "Equity:Conversion"
#define SURE_PPM  INT64_C(950000)
#define MOVES_MAX 200000 /* newest first: 0.5 s */

static const char moves[] =
	"CREATE TEMP TABLE IF NOT EXISTS moves (txn INTEGER PRIMARY KEY, entry INTEGER, bank "
	"INTEGER, day INTEGER, amount INTEGER, currency TEXT, placed INTEGER, import INTEGER, "
	"description TEXT, converted INTEGER);"
	"CREATE INDEX IF NOT EXISTS temp.moves_amount ON moves (amount, currency);"
	"CREATE INDEX IF NOT EXISTS temp.moves_exchange ON moves (description) WHERE description "
	"IS "
	"NOT NULL;"
	"DELETE FROM moves";

struct side {
	int64_t txn, entry, after;
	bool placed; /* in transit already */
	bool mine;   /* the import in hand brought it */
};

struct matching {
	struct ledger *ledger;
	int64_t run, account, decider; /* account: where both sides go */
	struct transferred *result;
};

static int place(struct matching *m, struct side *side, struct fault *why)
{
	struct db *db = m->ledger->db;

	side->after = side->entry;
	if (side->placed)
		return 0;
	if (entry_reverse(m->ledger,
			  &(struct reversal){side->txn, side->entry, m->run, m->decider, SURE_PPM},
			  why) != 0 ||
	    db_do(db, SQL_ENTRY_DECIDED, why, "iiiiii", side->txn, m->run, m->account, m->decider,
		  SURE_PPM, side->entry) != 0)
		return -1;
	side->after = sqlite3_last_insert_rowid(db->handle);
	m->result->placed += side->mine;
	return db_do(db, SQL_LIVE_ADD, why, "iii", side->after, side->after, INT64_C(0));
}

static int match(struct matching *m, struct side *out, struct side *in, struct fault *why)
{
	if (place(m, out, why) != 0 || place(m, in, why) != 0)
		return -1;
	m->result->pairs++;
	return db_do(m->ledger->db, SQL_TRANSFER_ADD, why, "iiiiiii", out->txn, in->txn, out->entry,
		     in->entry, out->after, in->after, clock_wall_ms());
}

static struct side side_at(const struct matching *m, sqlite3_stmt *found, int column)
{
	return (struct side){.txn = sqlite3_column_int64(found, column),
			     .entry = sqlite3_column_int64(found, column + 1),
			     .placed = sqlite3_column_int(found, column + 2) != 0,
			     .mine = sqlite3_column_int64(found, column + 3) == m->run};
}

/* What nobody placed, in a table of the moment. */
static int find_moves(struct matching *m, struct fault *why)
{
	struct db *db = m->ledger->db;

	if (sqlite3_exec(db->handle, moves, NULL, NULL, NULL) != SQLITE_OK)
		return db_fault(db, "look for transfers", why);
	return db_do(db, SQL_MOVES_FILL, why, "ii", m->account, (int64_t)MOVES_MAX);
}

/* All pairs are known before the first is booked. */
static int find_pairs(struct matching *m, sqlite3_stmt *found, struct buf *sides, struct fault *why)
{
	int status = found ? 1 : -1;

	while (status == 1 && (status = db_next(m->ledger->db, found, why)) == 1) {
		struct side pair[2] = {side_at(m, found, 0), side_at(m, found, 4)};

		buf_add(sides, pair, sizeof pair);
	}
	return status;
}

static int match_all(struct matching *m, sqlite3_stmt *found, struct fault *why)
{
	struct buf sides = {0};
	struct side pair[2];
	int status = find_pairs(m, found, &sides, why);

	for (size_t at = 0; status == 0 && at < sides.len; at += sizeof pair) {
		memcpy(pair, sides.at + at, sizeof pair);
		status = match(m, &pair[0], &pair[1], why);
	}
	buf_release(&sides);
	return status;
}

static int begin(struct matching *m, const char *account, const char *decider, struct fault *why)
{
	struct ledger *ledger = m->ledger;

	if (names_account(&ledger->accounts, ledger->db, span_text(account), &m->account, why) != 0)
		return -1;
	return names_decider(&ledger->deciders, ledger->db, SOURCE_RULE, span_text(decider),
			     &m->decider, why);
}

static int match_transfers(struct matching *m, struct fault *why)
{
	if (begin(m, TRANSIT, "transfer:opposite amounts", why) != 0 || find_moves(m, why) != 0)
		return -1;
	return match_all(
		m, db_query(m->ledger->db, SQL_MOVES_PAIRS, why, "i", (int64_t)TRANSFER_DAYS), why);
}

/* Of what is left. */
static int match_exchanges(struct matching *m, struct fault *why)
{
	int64_t any;
	int status = db_number(m->ledger->db, SQL_EXCHANGE_PAIRS, &any, why, "");

	if (status != 0)
		return status < 0 ? -1 : 0; /* and no account for nothing */
	if (begin(m, EXCHANGED, "transfer:exchange", why) != 0)
		return -1;
	return match_all(m, db_query(m->ledger->db, SQL_EXCHANGE_PAIRS, why, ""), why);
}

int transfers_match(struct ledger *ledger, int64_t run, struct transferred *result,
		    struct fault *why)
{
	struct matching m = {.ledger = ledger, .run = run, .result = result};
	int64_t several; /* accounts or currencies */

	if (db_number(ledger->db, SQL_BANKS, &several, why, "") != 0)
		return -1;
	if (!several)
		return 0;
	return match_transfers(&m, why) != 0 ? -1 : match_exchanges(&m, why);
}

/* ---- taken apart ---- */

int transfer_undo(struct ledger *ledger, int64_t transfer, int64_t confidence_ppm,
		  struct fault *why)
{
	struct db *db = ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_TRANSFER_FIND, why, "i", transfer);
	struct restoring sides[2];
	bool stands[2];
	int restored = 0;

	if (!found || db_next(db, found, why) != 1)
		return -1;
	for (int i = 0; i < 2; i++) {
		sides[i] = (struct restoring){.txn = sqlite3_column_int64(found, 1 + 4 * i),
					      .before = sqlite3_column_int64(found, 2 + 4 * i),
					      .entry = sqlite3_column_int64(found, 3 + 4 * i)};
		stands[i] = sqlite3_column_int(found, 4 + 4 * i) != 0;
	}
	sqlite3_reset(found);
	if (db_do(db, SQL_TRANSFER_UNDONE, why, "ii", transfer, clock_wall_ms()) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (!stands[i])
			continue;
		if (again_stand(ledger, &sides[i], confidence_ppm, why) != 0)
			return -1;
		restored++;
	}
	return restored;
}

int transfer_take_back(struct writing *w, struct fault *why)
{
	struct db *db = w->ledger->db;
	int64_t transfer = writing_integer(w, "transfer", 0), undone;
	int status = db_number(db, SQL_TRANSFER_FIND, &undone, why, "i", transfer);

	if (status < 0)
		return -1;
	if (status > 0)
		return writing_refuse(w, 404, "transfer-unknown",
				      "these books have no such transfer");
	if (undone)
		return writing_refuse(w, 409, "transfer-undone", "this was taken apart before");
	status = transfer_undo(w->ledger, transfer, writing_integer(w, "confidence", 0), why);
	if (status < 0)
		return -1;
	buf_format(w->answer, "{\"transfer_id\": \"%lld\", \"restored\": %d}", (long long)transfer,
		   status);
	return 0;
}

/* ---- for people ---- */

int ledger_transfers(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		     struct buf *next, struct fault *why)
{
	struct db *db = ledger->db;
	uint64_t before = INT64_MAX;
	sqlite3_stmt *found;
	uint32_t n = 0;
	int status;

	buf_clear(next);
	if (query->cursor.len && (span_u64(query->cursor, &before) != 0 || before > INT64_MAX))
		return fault_set(why, FAULT_INPUT, "cursor", "the cursor is not one of this list");
	found = db_query(db, SQL_TRANSFER_PAGE, why, "ii", (int64_t)before,
			 (int64_t)query->limit + 1);
	status = found ? 1 : -1;
	while (status == 1 && (status = db_next(db, found, why)) == 1) {
		if (n++ == query->limit) {
			buf_format(next, "%llu", (unsigned long long)before);
			sqlite3_reset(found);
			return 0;
		}
		before = (uint64_t)sqlite3_column_int64(found, 0);
		buf_format(items, "%s{\"id\":\"%llu\",\"out\":", n > 1 ? "," : "",
			   (unsigned long long)before);
		if (show_transaction(db, sqlite3_column_int64(found, 1), items, why) != 0)
			return -1;
		buf_text(items, ",\"in\":");
		if (show_transaction(db, sqlite3_column_int64(found, 2), items, why) != 0)
			return -1;
		buf_char(items, '}');
	}
	return status;
}
