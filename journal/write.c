/* write - short writes, verbs of API calls. */
#include "writing.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "crash.h"
#include "mem.h"

#define LINES_MAX 10000

int writing_refuse(struct writing *w, int status, const char *code, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	w->refused = true;
	buf_clear(w->answer);
	buf_format(w->answer, "{\"refused\": {\"status\": %d, \"code\": \"%s\", \"text\": ", status,
		   code);
	buf_json_string(w->answer, span_text(text));
	buf_text(w->answer, ", \"hint\": \"\"}}");
	return 0;
}

int writing_refuse_showing(struct writing *w, const struct buf *present, const char *code,
			   const char *text)
{
	writing_refuse(w, 409, code, "%s", text);
	w->answer->len -= strlen("}}");
	buf_text(w->answer, ", \"present\": ");
	buf_add(w->answer, present->at, present->len);
	buf_text(w->answer, "}}");
	return 0;
}

int64_t writing_integer(const struct writing *w, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(w->body, name);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

int writing_import(struct writing *w, struct import *import, struct fault *why)
{
	const json_t *text = json_object_get(w->body, "job");
	struct id job;
	int status;

	if (!json_is_string(text) || id_job_read(span_text(json_string_value(text)), &job) != 0) {
		writing_refuse(w, 400, "job-missing", "job is a job's id");
		return 1;
	}
	status = import_find(w->ledger, job, import, why);
	if (status > 0)
		writing_refuse(w, 404, "job-unknown", "these books know no such job");
	return status;
}

/* ---- keep-duplicates {job, lines} ---- */

static int keep_line(struct writing *w, int64_t import, int64_t line, int64_t met,
		     struct fault *why)
{
	struct db *db = w->ledger->db;
	int64_t txn, entry, like;
	int status;

	if (db_do(db, SQL_TXN_KEEP, why, "ii", import, line) != 0)
		return -1;
	txn = sqlite3_last_insert_rowid(db->handle);
	if (db_do(db, SQL_SIGHTING_KEPT, why, "iii", import, line, txn) != 0 ||
	    db_number(db, SQL_ENTRY_NEXT, &entry, why, "") != 0)
		return -1;
	/* It is the same purchase once more, so what was decided for the other holds for it too;
	 * but a transfer has two sides, and this is none of them. */
	if (db_do(db, SQL_ENTRY_LIKE, why, "iii", txn, met, import) != 0)
		return -1;
	if (sqlite3_changes(db->handle) == 0) {
		met = 0;
		status = db_do(db, SQL_ENTRY_SWEEP, why, "iii", txn, txn, import);
	} else if (db_number(db, SQL_LIVE_OF, &like, why, "i", met) == 0) {
		status = entry_parts_like(w->ledger, like, why);
	} else {
		status = -1;
	}
	if (status != 0)
		return -1;
	if (db_do(db, SQL_LIVE_LIKE, why, "iii", txn, met, entry) != 0)
		return -1;
	buf_format(w->answer, "%s\"%lld\"", w->answer->at[w->answer->len - 1] == '[' ? "" : ", ",
		   (long long)txn);
	return 0;
}

/* 0 kept (or kept before), 1 refused. */
static int keep_one(struct writing *w, int64_t import, int64_t line, int64_t *kept,
		    struct fault *why)
{
	struct db *db = w->ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_SIGHTING_LINE, why, "ii", import, line);
	int status = found ? db_next(db, found, why) : -1;
	int64_t met, before;

	if (status < 0)
		return -1;
	if (status == 0)
		return 1;
	met = sqlite3_column_int64(found, 0);
	before = sqlite3_column_int64(found, 1);
	sqlite3_reset(found);
	if (before != 0)
		return 0;
	++*kept;
	return keep_line(w, import, line, met, why);
}

static int keep_duplicates(struct writing *w, struct fault *why)
{
	const json_t *lines = json_object_get(w->body, "lines");
	size_t n = json_array_size(lines);
	struct import import;
	int64_t kept = 0;
	int status = writing_import(w, &import, why);

	if (status != 0)
		return status < 0 ? -1 : 0;
	if (n == 0 || n > LINES_MAX)
		return writing_refuse(w, 400, "lines-missing",
				      "lines is a list of 1 to 10000 line numbers");
	if (import.running)
		return writing_refuse(w, 409, "job-running", "the job is still running");
	buf_text(w->answer, "{\"transactions\": [");
	for (size_t i = 0; i < n; i++) {
		int64_t line = json_integer_value(json_array_get(lines, i));

		status = keep_one(w, import.id, line, &kept, why);
		if (status < 0)
			return -1;
		if (status > 0)
			return writing_refuse(w, 404, "line-not-duplicate",
					      "a line in the list is not a duplicate of this job");
	}
	buf_format(w->answer, "], \"kept\": %lld}", (long long)kept);
	return 0;
}

/* ---- purge-rejects {job} ---- */

static int purge_rejects(struct writing *w, struct fault *why)
{
	struct import import;
	int status = writing_import(w, &import, why);

	if (status != 0)
		return status < 0 ? -1 : 0;
	if (db_do(w->ledger->db, SQL_REJECT_PURGE, why, "i", import.id) != 0)
		return -1;
	buf_format(w->answer, "{\"purged\": %d}", sqlite3_changes(w->ledger->db->handle));
	return 0;
}

/* ---- any ---- */

static int write_verb(struct writing *w, struct span verb, struct fault *why)
{
	static const struct {
		const char *name;
		int (*run)(struct writing *w, struct fault *why);
	} verbs[] = {
		{"keep-duplicates", keep_duplicates},
		{"purge-rejects", purge_rejects},
		{"answer", answer_give},
		{"undo-answer", answer_take_back},
		{"undo-import", undo_import},
		{"undo-transfer", transfer_take_back},
	};

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (span_is(verb, verbs[i].name))
			return verbs[i].run(w, why);
	return writing_refuse(w, 400, "verb-unknown", "the books know no such write");
}

/* What a refused write had done is undone, its answer stays. */
static int write_once(struct writing *w, struct span request, struct span verb, struct fault *why)
{
	struct db *db = w->ledger->db;
	sqlite3_stmt *known = db_query(db, SQL_WRITE_FIND, why, "b", request);
	int status = known ? db_next(db, known, why) : -1;
	struct span answer;

	if (status < 0)
		return -1;
	if (status == 1) {
		answer = db_text(known, 0);
		buf_add(w->answer, answer.at, answer.len);
		sqlite3_reset(known);
		return 0;
	}
	if (db_do(db, SQL_SAVE, why, "") != 0 || write_verb(w, verb, why) != 0)
		return -1;
	if (w->refused) {
		if (db_do(db, SQL_SAVE_BACK, why, "") != 0)
			return -1;
		books_forget(w->ledger);
	}
	return db_do(db, SQL_WRITE_ADD, why, "btti", request, verb, buf_span(w->answer),
		     clock_wall_ms());
}

int ledger_write(struct ledger *ledger, struct id request, struct span verb, struct span body_json,
		 struct buf *answer, struct fault *why)
{
	json_t *body = json_loadb(body_json.at ? body_json.at : "", body_json.len, 0, NULL);
	struct writing w = {.ledger = ledger, .body = body, .answer = answer};
	struct span id = span_of((const char *)request.bytes, ID_BYTES);
	int status;

	assert(ledger->mode == LEDGER_WRITE);
	buf_clear(answer);
	status = db_begin(ledger->db, GUARDED, why);
	if (status == 0 && write_once(&w, id, verb, why) != 0)
		status = books_undo(ledger);
	json_decref(body);
	if (status != 0)
		return -1;
	crash_at("write.commit.before");
	if (db_commit(ledger->db, why) != 0)
		return books_undo(ledger);
	crash_at("write.commit.after");
	return 0;
}
