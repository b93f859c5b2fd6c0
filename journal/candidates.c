/* candidates - what a categorize run looks at: no live entry, or nobody knew. */
#include "books.h"
#include "clock.h"
#include "day.h"

/* An upload that has been silent for so long is lost; its rows may be taken by a categorize run. */
#define LOST_MS INT64_C(86400000)

/* Descriptions may be long, a message may not (docs/ARCHITECTURE.md, Units). */
#define FETCH_TEXT_BYTES (64 * 1024)

int ledger_candidates(struct ledger *ledger, uint64_t limit, uint64_t *count, int64_t *last_txn,
		      struct fault *why)
{
	sqlite3_stmt *found = db_query(ledger->db, SQL_CANDIDATE_COUNT, why, "iiii", (int64_t)0,
				       clock_wall_ms() - LOST_MS, INT64_MAX, (int64_t)limit);

	if (found == NULL || db_next(ledger->db, found, why) != 1)
		return -1;
	*count = (uint64_t)sqlite3_column_int64(found, 0);
	*last_txn = sqlite3_column_int64(found, 1);
	sqlite3_reset(found);
	return 0;
}

/* Columns: id, entry, bank, date, amount, currency, description, reference. */
static int take_row(struct rows *rows, sqlite3_stmt *found, struct fault *why)
{
	uint32_t i = rows_add(rows);

	rows->txn[i] = sqlite3_column_int64(found, 0);
	rows->entry[i] = sqlite3_column_int64(found, 1);
	rows->bank[i] = rows_text(rows, db_text(found, 2));
	if (day_read(db_text(found, 3), &rows->day[i]) != 0)
		return fault_set(why, FAULT_JOB, "books-corrupt",
				 "transaction %lld has a date that is none",
				 (long long)rows->txn[i]);
	rows->amount_minor[i] = sqlite3_column_int64(found, 4);
	span_copy(db_text(found, 5), rows->currency[i].code, sizeof rows->currency[i].code);
	rows->description[i] = rows_text(rows, db_text(found, 6));
	rows->reference[i] = rows_text(rows, db_text(found, 7));
	return 0;
}

int ledger_fetch(struct ledger *ledger, int64_t after, int64_t until, struct rows *rows,
		 int64_t *next, struct fault *why)
{
	struct db *db = ledger->db;
	uint32_t first = rows->n;
	sqlite3_stmt *found = db_query(db, SQL_CANDIDATE_PAGE, why, "iiii", after,
				       clock_wall_ms() - LOST_MS, until, (int64_t)ROWS_MAX + 1);
	int status = found ? 1 : -1;
	bool full;

	*next = until;
	while (status == 1 && (status = db_next(db, found, why)) == 1) {
		full = rows->n - first == ROWS_MAX ||
		       (rows->n > first && rows->text_len > FETCH_TEXT_BYTES);
		if (full)
			*next = rows->txn[rows->n - 1];
		if (full || take_row(rows, found, why) != 0) {
			sqlite3_reset(found);
			return full ? 0 : -1;
		}
	}
	return status;
}

int ledger_decided(struct ledger *ledger, uint32_t max, struct rows *rows, struct fault *why)
{
	struct db *db = ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_ANSWERED_LEARN, why, "i", (int64_t)max);
	int status = found ? 1 : -1;

	while (status == 1 && (status = db_next(db, found, why)) == 1) {
		uint32_t i = rows_add(rows);

		rows->description[i] = rows_text(rows, db_text(found, 0));
		rows->amount_minor[i] = sqlite3_column_int64(found, 1);
		span_copy(db_text(found, 2), rows->currency[i].code, sizeof rows->currency[i].code);
		rows->account[i] = rows_text(rows, db_text(found, 3));
	}
	return status;
}
