/* imports - a job's line in the books. */
#include "books.h"
#include "clock.h"
#include "crash.h"

static struct span job_span(const struct id *job)
{
	return span_of((const char *)job->bytes, ID_BYTES);
}

int import_find(struct ledger *ledger, struct id job, struct import *import, struct fault *why)
{
	sqlite3_stmt *found = db_query(ledger->db, SQL_IMPORT_FIND, why, "b", job_span(&job));
	int status = found ? db_next(ledger->db, found, why) : -1;

	if (status <= 0)
		return status == 0 ? 1 : -1;
	import->id = sqlite3_column_int64(found, 0);
	import->fence = (uint64_t)sqlite3_column_int64(found, 1);
	import->running = sqlite3_column_int(found, 2) != 0;
	import->bank = sqlite3_column_int64(found, 3);
	span_copy(db_text(found, 4), import->kind, sizeof import->kind);
	span_copy(db_text(found, 5), import->state, sizeof import->state);
	import->begun_ms = sqlite3_column_int64(found, 6);
	sqlite3_reset(found);
	return 0;
}

int import_result(struct ledger *ledger, struct id job, struct buf *result, struct fault *why)
{
	sqlite3_stmt *found = db_query(ledger->db, SQL_IMPORT_FIND, why, "b", job_span(&job));
	int status = found ? db_next(ledger->db, found, why) : -1;
	struct span text;

	if (status <= 0)
		return status == 0 ? 1 : -1;
	text = db_text(found, 7);
	buf_add(result, text.at, text.len);
	sqlite3_reset(found);
	return text.len ? 0 : 1;
}

static int import_add(struct ledger *ledger, const struct ledger_import *what, int64_t *number,
		      struct fault *why)
{
	int64_t bank = 0;

	if (what->bank.len > 0 &&
	    names_account(&ledger->accounts, ledger->db, what->bank, &bank, why) != 0)
		return -1;
	if (db_do(ledger->db, SQL_IMPORT_ADD, why, "btittti", job_span(&what->job),
		  span_text(what->kind), bank, what->currency, what->file_name, what->reading_json,
		  clock_wall_ms()) != 0)
		return -1;
	*number = sqlite3_last_insert_rowid(ledger->db->handle);
	return 0;
}

static int import_begin(struct ledger *ledger, const struct ledger_import *what, int64_t *number,
			struct fault *why)
{
	struct import known;
	int status = import_find(ledger, what->job, &known, why);

	if (status < 0)
		return -1;
	if (status > 0)
		return import_add(ledger, what, number, why);
	if (what->token < known.fence)
		return fault_set(why, FAULT_JOB, "fenced", "the job has ended meanwhile");
	*number = known.id;
	return 0;
}

int ledger_begin(struct ledger *ledger, const struct ledger_import *what, int64_t *import,
		 struct fault *why)
{
	if (db_begin(ledger->db, why) != 0)
		return -1;
	if (import_begin(ledger, what, import, why) != 0)
		return books_undo(ledger);
	crash_at("begin.commit.before");
	if (db_commit(ledger->db, why) != 0)
		return books_undo(ledger);
	crash_at("begin.commit.after");
	return 0;
}
