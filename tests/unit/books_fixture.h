/*
 * books_fixture - books in a folder of their own, rows from short lines of text, and plain SQL to
 * look behind the ledger's back.
 */
#ifndef DAYBOOK_TESTS_BOOKS_FIXTURE_H
#define DAYBOOK_TESTS_BOOKS_FIXTURE_H

#include "unit.h"

#include <sqlite3.h>

#include "day.h"
#include "ledger.h"
#include "mem.h"

#define BANK	  "Assets:Bank:Checking"
#define THRESHOLD 800000

struct books {
	char dir[UNIT_PATH];
	struct ledger *ledger;
	uint64_t token; /* the newest that was dealt */
};

static inline void books_open(struct books *b)
{
	struct fault why = {0};

	if (ledger_open(b->dir, span_text("t1"), span_text("acme"), LEDGER_WRITE, &b->ledger,
			&why) != 0)
		fail_msg("%s: %s", why.code, why.text);
}

static inline int books_setup(void **state)
{
	struct books *b = xcalloc(1, sizeof(*b));

	unit_mkdir(b->dir);
	books_open(b);
	b->token = 1;
	*state = b;
	return 0;
}

static inline int books_teardown(void **state)
{
	struct books *b = *state;

	ledger_close(&b->ledger);
	unit_rmdir(b->dir);
	free(b);
	return 0;
}

/* ---- plain SQL ---- */

static inline sqlite3 *books_sql(struct books *b)
{
	char path[UNIT_PATH + 16];
	sqlite3 *sql;

	snprintf(path, sizeof(path), "%s/t1/acme.db", b->dir);
	assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
	return sql;
}

/* The first column of the first row; NULL is 0. */
static inline int64_t books_number(struct books *b, const char *query)
{
	sqlite3 *sql = books_sql(b);
	sqlite3_stmt *found;
	int64_t number;

	if (sqlite3_prepare_v2(sql, query, -1, &found, NULL) != SQLITE_OK)
		fail_msg("%s: %s", query, sqlite3_errmsg(sql));
	assert_int_equal(sqlite3_step(found), SQLITE_ROW);
	number = sqlite3_column_int64(found, 0);
	sqlite3_finalize(found);
	sqlite3_close(sql);
	return number;
}

/* Runs a statement behind the ledger's back; what SQLite said of it. */
static inline int books_do(struct books *b, const char *statement)
{
	sqlite3 *sql = books_sql(b);
	int status = sqlite3_exec(sql, statement, NULL, NULL, NULL);

	sqlite3_close(sql);
	return status;
}

/* What must be true of any books at any time. */
static inline void books_check(struct books *b)
{
	assert_int_equal(books_number(b, "SELECT count(*) FROM (SELECT sum(amount) s FROM lines "
					 "GROUP BY currency HAVING s <> 0)"),
			 0);
	/* an entry is live, or reversed, or a reversal */
	assert_int_equal(books_number(b,
				      "SELECT count(*) FROM entries e WHERE "
				      "(SELECT count(*) FROM live l WHERE l.entry = e.id) + "
				      "(SELECT count(*) FROM entries r WHERE r.reverses = e.id) + "
				      "(e.reverses IS NOT NULL) <> 1"),
			 0);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries e JOIN transactions t "
					 "ON t.id = e.txn WHERE e.amount <> abs(t.amount) "
					 "OR e.currency <> t.currency OR e.date <> t.date "
					 "OR t.bank NOT IN (e.debit, e.credit)"),
			 0);
	/* references that SQLite does not enforce, see books.sql */
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries e WHERE "
					 "e.txn NOT IN (SELECT id FROM transactions) "
					 "OR e.debit NOT IN (SELECT id FROM accounts) "
					 "OR e.credit NOT IN (SELECT id FROM accounts) "
					 "OR e.decider NOT IN (SELECT id FROM deciders) "
					 "OR e.run NOT IN (SELECT id FROM imports)"),
			 0);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions t WHERE "
					 "t.bank NOT IN (SELECT id FROM accounts) "
					 "OR t.import NOT IN (SELECT id FROM imports)"),
			 0);
}

/* ---- rows ---- */

/* Adds the row of `line` of the file: "2024-01-05 -250 USD Coffee", or one that was refused. */
static inline void rows_put(struct rows *rows, uint64_t line, const char *text)
{
	uint32_t i = rows_add(rows);
	char date[16] = "", currency[8] = "";
	long amount = 0;
	int at = 0;

	rows->line[i] = line;
	rows->raw[i] = rows_text(rows, span_text(text));
	rows->bank[i] = rows_text(rows, span_text(BANK));
	if (sscanf(text, "%15s %ld %7s %n", date, &amount, currency, &at) < 3 ||
	    day_read(span_text(date), &rows->day[i]) != 0) {
		rows_reject(rows, i, "date-syntax", "%s is no date", date);
		return;
	}
	rows->amount_minor[i] = amount;
	memcpy(rows->currency[i].code, currency, 3);
	rows->description[i] = rows_text(rows, span_text(text + at));
}

/* A unit of these lines (ended by NULL), from line `first` of its file on. */
static inline void unit_fill(struct ledger_unit *unit, const char *const *lines, uint64_t first)
{
	if (!unit->rows)
		unit->rows = rows_new();
	rows_clear(unit->rows);
	for (int i = 0; lines[i]; i++)
		rows_put(unit->rows, first + (uint64_t)i, lines[i]);
}

/* Decides row i of the unit as a rule would. */
static inline void unit_decide(struct ledger_unit *unit, uint32_t i, const char *account,
			       uint32_t confidence_ppm)
{
	struct rows *rows = unit->rows;

	rows->account[i] = rows_text(rows, span_text(account));
	rows->decider[i] = rows_text(rows, span_text("a rule @1"));
	rows->source[i] = SOURCE_RULE;
	rows->confidence_ppm[i] = confidence_ppm;
}

/* ---- jobs ---- */

static inline struct id job_begin(struct books *b, const char *kind)
{
	struct ledger_import what = {.job = id_new(1700000000000),
				     .token = ++b->token,
				     .kind = kind,
				     .bank = span_text(BANK),
				     .currency = span_text("USD"),
				     .file_name = span_text("may.csv"),
				     .reading_json = span_text("{\"assumed\": [\"USD\"]}")};
	struct fault why = {0};
	int64_t import;

	if (ledger_begin(b->ledger, &what, &import, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
	assert_true(import > 0);
	return what.job;
}

static inline void unit_dealt(struct books *b, struct ledger_unit *unit, struct id job,
			      uint32_t number)
{
	unit->job = job;
	unit->unit = number;
	unit->token = ++b->token;
	unit->start = span_of("start", 5);
	unit->end = span_of("end", 3);
}

static inline void units_insert(struct books *b, struct ledger_unit *units, int n)
{
	struct fault why = {0};

	if (ledger_insert(b->ledger, units, n, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
}

static inline void units_post(struct books *b, struct ledger_unit *units, int n)
{
	struct fault why = {0};

	if (ledger_post(b->ledger, units, n, THRESHOLD, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
}

static inline void unit_done(const struct ledger_unit *unit)
{
	if (unit->fault.class != FAULT_NONE)
		fail_msg("%s: %s", unit->fault.code, unit->fault.text);
}

static inline void job_finish(struct books *b, struct id job, const char *state, struct buf *result)
{
	struct ledger_end end = {
		.job = job, .token = ++b->token, .state = state, .confidence_ppm = THRESHOLD};
	struct fault why = {0};

	if (ledger_finish(b->ledger, &end, result, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
}

/* Inserts lines as unit `number` of the job. */
static inline struct ledger_unit unit_brought(struct books *b, struct id job, uint32_t number,
					      const char *const *lines)
{
	struct ledger_unit unit = {0};

	unit_fill(&unit, lines, 2 + 1000 * (uint64_t)number);
	unit_dealt(b, &unit, job, number);
	units_insert(b, &unit, 1);
	unit_done(&unit);
	return unit;
}

/* How many transactions stand in an account. */
static inline int64_t books_standing(struct books *b, const char *account)
{
	char query[256];

	snprintf(query, sizeof(query), "SELECT count(*) FROM register WHERE account = '%s'",
		 account);
	return books_number(b, query);
}

/* A whole upload in one unit, everything by rule to Expenses:Food. Returns its job. */
static inline struct id job_upload(struct books *b, const char *const *lines, struct buf *result)
{
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit = {0};
	struct buf own = {0};

	unit_fill(&unit, lines, 2);
	unit_dealt(b, &unit, job, 0);
	units_insert(b, &unit, 1);
	unit_done(&unit);
	for (uint32_t i = 0; i < unit.rows->n; i++)
		unit_decide(&unit, i, "Expenses:Food", 950000);
	units_post(b, &unit, 1);
	unit_done(&unit);
	job_finish(b, job, "complete", result ? result : &own);
	rows_free(&unit.rows);
	buf_release(&own);
	return job;
}

/* The number that follows "key": in a JSON object. */
static inline long json_number(const struct buf *json, const char *key)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	at = strstr(json->at, quoted);
	if (!at)
		fail_msg("no %s in %s", key, json->at);
	return at ? strtol(at + strlen(quoted), NULL, 10) : -1;
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Three lines that most tests do with. */
#define COFFEE "2024-01-05 -250 USD Coffee"
#define TEA    "2024-01-06 -300 USD Tea"
#define WAGE   "2024-01-31 100000 USD Wage"

#define IN_BOOKS(test) cmocka_unit_test_setup_teardown(test, books_setup, books_teardown)

#endif
