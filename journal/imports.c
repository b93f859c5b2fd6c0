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
	if (*number == 0)
		*number = sqlite3_last_insert_rowid(ledger->db->handle);
	return 0;
}

static int import_begin(struct ledger *ledger, const struct ledger_import *what, int64_t *number,
			struct fault *why)
{
	struct import known = {0};
	int status = import_find(ledger, what->job, &known, why);

	if (status < 0)
		return -1;
	if (what->token < known.fence)
		return fault_set(why, FAULT_JOB, "fenced", "the job has ended meanwhile");
	*number = known.id;
	if (status > 0 || strcmp(known.kind, IMPORT_UNOPENED) == 0)
		return import_add(ledger, what, number, why);
	return 0;
}

int ledger_begin(struct ledger *ledger, const struct ledger_import *what, int64_t *import,
		 struct fault *why)
{
	if (db_begin(ledger->db, UNGUARDED, why) != 0)
		return -1;
	if (import_begin(ledger, what, import, why) != 0)
		return books_undo(ledger);
	crash_at("begin.commit.before");
	if (db_commit(ledger->db, why) != 0)
		return books_undo(ledger);
	crash_at("begin.commit.after");
	return 0;
}

/* ---- for people ---- */

static void put_time(struct buf *out, const char *name, sqlite3_stmt *found, int column)
{
	char text[CLOCK_TEXT_SIZE];

	if (sqlite3_column_type(found, column) == SQLITE_NULL) {
		buf_format(out, ",\"%s\":null", name);
		return;
	}
	clock_text(sqlite3_column_int64(found, column), text);
	buf_format(out, ",\"%s\":\"%s\"", name, text);
}

static void put_text(struct buf *out, const char *name, sqlite3_stmt *found, int column)
{
	buf_format(out, ",\"%s\":", name);
	if (sqlite3_column_type(found, column) == SQLITE_NULL)
		buf_text(out, "null");
	else
		buf_json_string(out, db_text(found, column));
}

/* Columns of SQL_IMPORT_PAGE. */
static void put_import(struct buf *items, sqlite3_stmt *found)
{
	struct span job = db_blob(found, 1), result = db_text(found, 8);
	char text[ID_JOB_TEXT_SIZE];
	struct id id = {0};

	if (job.len == ID_BYTES)
		memcpy(id.bytes, job.at, ID_BYTES);
	id_job_text(id, text);
	buf_format(items, "{\"job_id\":\"%s\"", text);
	put_text(items, "status", found, 2);
	put_text(items, "bank_account", found, 3);
	put_text(items, "currency", found, 4);
	put_text(items, "file_name", found, 5);
	put_time(items, "begun_at", found, 6);
	put_time(items, "finished_at", found, 7);
	buf_text(items, ",\"result\":");
	if (result.len)
		buf_add(items, result.at, result.len);
	else
		buf_text(items, "null");
	buf_format(items, ",\"kept\":%lld}", (long long)sqlite3_column_int64(found, 9));
}

int ledger_imports(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		   struct buf *next, struct fault *why)
{
	uint64_t before = INT64_MAX;
	sqlite3_stmt *found;
	uint32_t n = 0;
	int status;

	buf_clear(next);
	if (query->cursor.len && (span_u64(query->cursor, &before) != 0 || before > INT64_MAX))
		return fault_set(why, FAULT_INPUT, "cursor", "the cursor is not one of this list");
	found = db_query(ledger->db, SQL_IMPORT_PAGE, why, id_is_zero(query->job) ? "iin" : "iib",
			 (int64_t)before, (int64_t)query->limit + 1, job_span(&query->job));
	status = found ? 1 : -1;
	while (status == 1 && (status = db_next(ledger->db, found, why)) == 1) {
		if (n++ == query->limit) {
			buf_format(next, "%llu", (unsigned long long)before);
			sqlite3_reset(found);
			return 0;
		}
		if (n > 1)
			buf_char(items, ',');
		before = (uint64_t)sqlite3_column_int64(found, 0);
		put_import(items, found);
	}
	return status;
}

int ledger_import_state(struct ledger *ledger, struct id job, char state[IMPORT_STATE_SIZE],
			struct fault *why)
{
	struct import import;
	int status = import_find(ledger, job, &import, why);

	if (status == 0)
		memcpy(state, import.state, sizeof import.state);
	return status;
}
