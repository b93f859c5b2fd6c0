/* finish - the end of a job: fence, sweep, sums, result. */
#include <assert.h>

#include "books.h"
#include "clock.h"
#include "crash.h"
#include "result.h"
#include "transfers.h"

struct finishing {
	struct ledger *ledger;
	struct import import;
	const struct ledger_end *end;
};

static int unbalanced(struct fault *why, const char *what, int64_t one, int64_t other)
{
	return fault_set(why, FAULT_JOB, "books-unbalanced", "%s: %lld is not %lld", what,
			 (long long)one, (long long)other);
}

/* ---- what was inserted and has no entry ---- */

struct range {
	int64_t first, last;
};

/* Appends the ranges of transactions, a unit each, in which some have no live entry. */
static int find_unbooked(struct finishing *f, struct buf *ranges, struct fault *why)
{
	struct db *db = f->ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_EFFECT_UNBOOKED, why, "i", f->import.id);
	int status = found ? 1 : -1;

	while (status == 1 && (status = db_next(db, found, why)) == 1) {
		struct range range = {sqlite3_column_int64(found, 0),
				      sqlite3_column_int64(found, 1)};

		buf_add(ranges, &range, sizeof range);
	}
	return status;
}

static int sweep_range(struct finishing *f, struct range range, int64_t *swept, struct fault *why)
{
	struct db *db = f->ledger->db;

	if (db_do(db, SQL_ENTRY_SWEEP, why, "iii", range.first, range.last, f->import.id) != 0)
		return -1;
	*swept += sqlite3_changes(db->handle);
	return 0;
}

static int record_sweep(struct finishing *f, int64_t first, int64_t swept, struct fault *why)
{
	struct db *db = f->ledger->db;
	struct effect effect = {.stage = "finish",
				.token = f->end->token,
				.first_id = first,
				.last_id = first + swept - 1,
				.booked = swept};

	if (db_do(db, SQL_LIVE_ADD, why, "iii", first, effect.last_id,
		  (int64_t)f->end->confidence_ppm) != 0)
		return -1;
	if (db_number(db, SQL_EFFECT_COUNT, &effect.unit, why, "it", f->import.id,
		      span_text(effect.stage)) != 0)
		return -1;
	return effect_add(f->ledger, f->import.id, &effect, why);
}

static int check_all_booked(struct finishing *f, struct fault *why)
{
	struct buf ranges = {0};
	int status = find_unbooked(f, &ranges, why);
	int64_t left = (int64_t)(ranges.len / sizeof(struct range));

	buf_release(&ranges);
	if (status == 0 && left > 0)
		return unbalanced(why, "units with transactions that have no live entry", left, 0);
	return status;
}

/* Books what the journal stage never got (a failed or cancelled job) to Uncategorised. */
static int sweep(struct finishing *f, struct fault *why)
{
	struct buf ranges = {0};
	int64_t first = 0, swept = 0;
	int status = find_unbooked(f, &ranges, why);

	if (status == 0 && ranges.len > 0)
		status = db_number(f->ledger->db, SQL_ENTRY_NEXT, &first, why, "");
	for (size_t at = 0; status == 0 && at < ranges.len; at += sizeof(struct range)) {
		struct range range;

		memcpy(&range, ranges.at + at, sizeof range);
		status = sweep_range(f, range, &swept, why);
	}
	buf_release(&ranges);
	if (status != 0 || swept == 0)
		return status;
	if (record_sweep(f, first, swept, why) != 0)
		return -1;
	return check_all_booked(f, why);
}

/* ---- the sums ---- */

/* What the units recorded against what is in the tables. An entry balances by construction. */
static int check(struct finishing *f, const struct result *r, struct fault *why)
{
	int64_t entries;

	if (r->parsed != r->rejected + r->inserted + r->duplicates)
		return unbalanced(why, "rows parsed and rows rejected, inserted and duplicate",
				  r->parsed, r->rejected + r->inserted + r->duplicates);
	if (db_number(f->ledger->db, SQL_EFFECT_ENTRIES, &entries, why, "i", f->import.id) != 0)
		return -1;
	if (entries != r->booked + r->reversed)
		return unbalanced(why, "entries and entries counted", entries,
				  r->booked + r->reversed);
	return 0;
}

/* ---- transfers ---- */

/* What the match placed of this import's own is placed, and no other unit counted it. */
static int match_transfers(struct finishing *f, struct fault *why)
{
	struct db *db = f->ledger->db;
	struct effect effect = {.stage = "finish", .token = f->end->token, .last_id = -1};
	struct transferred done = {0};

	if (strcmp(f->import.kind, "upload") != 0)
		return 0;
	if (transfers_match(f->ledger, f->import.id, &done, why) != 0)
		return -1;
	if (done.placed == 0)
		return 0;
	effect.categorized = effect.by_rules = effect.high_confidence = done.placed;
	if (db_number(db, SQL_EFFECT_COUNT, &effect.unit, why, "it", f->import.id,
		      span_text(effect.stage)) != 0)
		return -1;
	return effect_add(f->ledger, f->import.id, &effect, why);
}

/* ---- finish ---- */

static int close_import(struct finishing *f, struct buf *result, struct fault *why)
{
	struct db *db = f->ledger->db;
	struct result r;

	if (sweep(f, why) != 0 || match_transfers(f, why) != 0 ||
	    result_count(f->ledger, &f->import, &r, why) != 0 || check(f, &r, why) != 0)
		return -1;
	r.elapsed_ms = clock_wall_ms() - f->import.begun_ms;
	if (result_write(f->ledger, &f->import, &r, result, why) != 0)
		return -1;
	return db_do(db, SQL_IMPORT_CLOSE, why, "itit", f->import.id, span_text(f->end->state),
		     clock_wall_ms(), buf_span(result));
}

/* The job ended before it was opened here: a line that is nothing but its fence, so that whoever
 * was to open it and wakes up late is refused. A retry opens it. */
static int close_unopened(struct finishing *f, struct buf *result, struct fault *why)
{
	ledger_empty_result("upload", result);
	return db_do(f->ledger->db, SQL_IMPORT_UNOPENED, why, "bitit",
		     span_of((const char *)f->end->job.bytes, ID_BYTES), (int64_t)f->end->token,
		     span_text(f->end->state), clock_wall_ms(), buf_span(result));
}

static int finish(struct finishing *f, struct buf *result, struct fault *why)
{
	int status = import_find(f->ledger, f->end->job, &f->import, why);

	if (status < 0)
		return -1;
	if (f->end->token < f->import.fence)
		return fault_set(why, FAULT_JOB, "fenced", "the job has ended meanwhile");
	if (status == 1 || strcmp(f->import.kind, IMPORT_UNOPENED) == 0)
		return close_unopened(f, result, why);
	if (db_do(f->ledger->db, SQL_IMPORT_FENCE, why, "ii", f->import.id,
		  (int64_t)f->end->token) != 0)
		return -1;
	/* A finish dealt again: nothing was written since the first one. */
	if (!f->import.running && strcmp(f->end->state, f->import.state) == 0) {
		status = import_result(f->ledger, f->end->job, result, why);
		if (status <= 0)
			return status;
	}
	return close_import(f, result, why);
}

int ledger_finish(struct ledger *ledger, const struct ledger_end *end, struct buf *result,
		  struct fault *why)
{
	struct finishing f = {.ledger = ledger, .end = end};

	assert(ledger->mode == LEDGER_WRITE);
	buf_clear(result);
	if (db_begin(ledger->db, UNGUARDED, why) != 0)
		return -1;
	if (finish(&f, result, why) != 0)
		return books_undo(ledger);
	crash_at("finish.commit.before");
	if (db_commit(ledger->db, why) != 0)
		return books_undo(ledger);
	crash_at("finish.commit.after");
	return 0;
}
