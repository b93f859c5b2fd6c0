/*
 * ledger - one company's books: transactions, double entry, duplicates, trial balance.
 *
 * Shape    SQLite, one file per company, DIR/<tenant>/<company>.db, tables in journal/books.sql.
 *          Writers are the insert and journal stages; others open it read-only.
 *          A ledger_unit is a unit at an effect stage; its effect happens once by (job, unit,
 *          stage): the first commit writes an effect record in the same transaction as its rows,
 *          every later one answers from it.
 * Errors   -1 with fault RETRY ("books-busy", "disk-full", "books-io": nothing was written), JOB
 *          ("books-corrupt", "books-refused", "books-version"). A unit alone: JOB "replay-differs"
 *          (its input is not that of the record), "import-unknown", "fenced" (token older than the
 *          import's fence: the job has ended; nothing written and nothing answered is wanted).
 * Owns     ledger_open gives. Rows are the caller's, changed in place.
 * Source   docs/ARCHITECTURE.md, Books.
 */
#ifndef DAYBOOK_JOURNAL_LEDGER_H
#define DAYBOOK_JOURNAL_LEDGER_H

#include "buf.h"
#include "fault.h"
#include "id.h"
#include "rows.h"

struct ledger;

enum ledger_mode { LEDGER_READ, LEDGER_WRITE };

/* LEDGER_WRITE makes a missing file from a template; LEDGER_READ of a missing one returns 1. */
int ledger_open(const char *dir, struct span tenant, struct span company, enum ledger_mode mode,
		struct ledger **ledger, struct fault *why);
void ledger_close(struct ledger **ledger);

/* A bounded set of open books in a process, least recently used closed first. The ledger is
 * borrowed until the next call. A new one for writing first removes what a process that died while
 * it made books has left. */
struct ledger_pool;
struct ledger_pool *ledger_pool_new(const char *dir, enum ledger_mode mode, int max_open);
void ledger_pool_free(struct ledger_pool **pool);
int ledger_pool_get(struct ledger_pool *pool, struct span tenant, struct span company,
		    struct ledger **ledger, struct fault *why);

/* Does this company have books? Whoever only looks must not make them. */
int ledger_pool_has(struct ledger_pool *pool, struct span tenant, struct span company);
/* Called every 30 ms or so in statements that take long; non-zero ends the call with RETRY. */
void ledger_alive(struct ledger *ledger, int (*alive)(void *arg), void *arg);
/* books.sql, as it was built in. */
const char *ledger_schema(void);
/* The result of a job that never came to the books, appended; `kind` as for ledger_begin. */
void ledger_empty_result(const char *kind, struct buf *result);

/* ---- begin: an upload or a categorize run gets its line in `imports` (once by job) ---- */

struct ledger_import {
	struct id job;
	uint64_t token;
	const char *kind; /* "upload" or "categorize" */
	struct span bank, currency, file_name, reading_json;
};
/* `import` is its number in these books. A known job gets its number again. */
int ledger_begin(struct ledger *ledger, const struct ledger_import *what, int64_t *import,
		 struct fault *why);

/* What the last complete uploads to a bank account were opened with, newest first: `readings` gets
 * a JSON array of reading_json, `currency` that of the newest one (of the company's, where the
 * account has none; empty when there is none at all). They are what the account's next file is
 * known by, and kept as long as the books: a profile of its own would be a second truth. */
int ledger_readings(struct ledger *ledger, struct span bank, struct buf *readings,
		    char currency[CURRENCY_SIZE], struct fault *why);

/* ---- units ---- */

struct ledger_unit {
	struct id job;
	uint64_t token;
	uint32_t unit;
	bool replayed;		/* answered from the effect record */
	struct span start, end; /* cursors, from WORK */
	struct rows *rows; /* insert: comes back with only the rows that are to be booked, each with
			    * txn; journal: unchanged */
	struct fault fault; /* class FAULT_NONE when the unit is done */
};

/* Both do all units in one transaction: returns 0 when it is committed (look at each unit's fault),
 * -1 when nothing was written. All units must be of this company. `confidence_ppm` is where "high
 * confidence" begins. */
int ledger_insert(struct ledger *ledger, struct ledger_unit *units, int n, struct fault *why);
/* Books txn's entries from account, source, confidence_ppm, decider, label and parts, and keeps the
 * remarks for the result; parts that are more than the amount are a fault of the unit,
 * "parts-invalid". A row without an account
 * goes to Expenses:Uncategorised or Income:Uncategorised, marked for review. Where a row names the
 * entry it saw (categorize) and that is no longer the live one, or the account decided is the one
 * it has, it is left alone and counted. */
int ledger_post(struct ledger *ledger, struct ledger_unit *units, int n, uint32_t confidence_ppm,
		struct fault *why);

/* ---- finish ---- */

struct ledger_end {
	struct id job;
	uint64_t token;
	const char *state;	 /* complete, failed or cancelled */
	uint32_t confidence_ppm; /* where "high confidence" begins */
};

/* Raises the import's fence to the token (of a job that was never opened here too: its late begin
 * is refused), books what was inserted and has no live entry to Uncategorised, checks the sums and
 * writes `result` (JSON object of API.md) computed by SQL from what is in the books. Once by job
 * and attempt: a replay gives the same. */
int ledger_finish(struct ledger *ledger, const struct ledger_end *end, struct buf *result,
		  struct fault *why);

/* ---- short writes: verbs of API calls, once by request id ---- */

/* "keep-duplicates" {job, lines:[...]}, "purge-rejects" {job};
 * "answer" {account, learn, txn, entry} a person's decision for a transaction, `entry` being the
 * one it was shown with; or for all of a merchant that wait for review {account, learn, merchant,
 * out, until}, `until` being the newest entry seen; a transfer that it is a side of is taken apart
 * (confidence); account_currency, if given, is the only one that the account takes;
 * "undo-answer" {answer, confidence}; "undo-import" {job, confidence}; "undo-transfer" {transfer,
 * confidence}, `confidence` being where high confidence begins.
 * `answer` is a JSON object; a request that cannot be done is answered {"refused": {status, code,
 * text, hint}}, a 409 of an entry that is not live any more with "present", the transaction. */
int ledger_write(struct ledger *ledger, struct id request, struct span verb, struct span body_json,
		 struct buf *answer, struct fault *why);

/* ---- what history learns from ---- */

/* People's decisions that still stand, newest first, at most `max` of them: description, amount,
 * currency and account of a row each. */
int ledger_decided(struct ledger *ledger, uint32_t max, struct rows *rows, struct fault *why);

/* ---- fetch: what a categorize job looks at ---- */

/* Transactions without a live entry, or in Uncategorised and not put there by a person, in order of
 * id: how many (at most `limit`) and the id of the last one. */
int ledger_candidates(struct ledger *ledger, uint64_t limit, uint64_t *count, int64_t *last_txn,
		      struct fault *why);
/* At most ROWS_MAX of them with after < id <= until, appended with txn, entry, bank, day, amount,
 * currency, description, reference. `next` is where to go on: `until` when there are no more. */
int ledger_fetch(struct ledger *ledger, int64_t after, int64_t until, struct rows *rows,
		 int64_t *next, struct fault *why);

/* ---- reading, for status-api: pages of JSON objects, comma-separated, appended to `items` ---- */

struct ledger_query {
	struct span status, account, from, to, q; /* empty = any; dates yyyy-mm-dd */
	struct span merchant; /* at == NULL: any, since one without a word has an empty name */
	struct span direction, currency; /* "in" or "out" */
	struct id job;			 /* zero = any */
	int64_t txn;			 /* 0 = any */
	struct span cursor;		 /* next_cursor of the page before; empty = first */
	uint32_t limit;			 /* 1 to 1000 */
	uint32_t months;		 /* 1 to LEDGER_MONTHS_MAX, 0 = 12 */
};
/* `next` is left empty when that was the last page; -1 INPUT "cursor" for one that is not ours. */
int ledger_transactions(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
			struct buf *next, struct fault *why);
int ledger_entries(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		   struct buf *next, struct fault *why);
/* What waits for review by merchant, direction and currency, the largest group first. Of `query`
 * cursor and limit count. */
int ledger_groups(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		  struct buf *next, struct fault *why);
/* Every upload, newest first, also those that were taken back. Of `query` job, cursor and limit
 * count. */
int ledger_imports(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		   struct buf *next, struct fault *why);
/* Pairs of transactions between own accounts, newest first. Of `query` cursor and limit count. */
int ledger_transfers(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		     struct buf *next, struct fault *why);
/* The state of a job's import: running, complete, failed, cancelled, undone; 1 = not known here. */
#define IMPORT_STATE_SIZE 16
int ledger_import_state(struct ledger *ledger, struct id job, char state[IMPORT_STATE_SIZE],
			struct fault *why);
/* {"items": [{account, currency, debit, credit, balance}], "totals": [{currency, debit, credit}]}
 * as of `at` (yyyy-mm-dd, empty = all). */
int ledger_balances(struct ledger *ledger, struct span at, struct buf *json, struct fault *why);
/* {"from", "to", "items": [{month, account, currency, amount}]}: what each account gained (debits
 * less credits) in each month, without those that gained nothing. Of `query` from, to, account (and
 * those below it) and currency count; without `to` until the newest entry, without `from` so
 * many months until then. -1 INPUT "range" for more than LEDGER_MONTHS_MAX. */
#define LEDGER_MONTHS_MAX 120
int ledger_monthly(struct ledger *ledger, const struct ledger_query *query, struct buf *json,
		   struct fault *why);
/* {tenant_id, company_id} of those that have books under `dir`, by name; `tenant` empty: of every
 * tenant. Of `query` cursor and limit count. */
int ledger_companies(const char *dir, const char *tenant, const struct ledger_query *query,
		     struct buf *items, struct buf *next, struct fault *why);

/* ---- export: the entries that count, in order of days, a page a call ---- */

enum export_format { EXPORT_HLEDGER, EXPORT_LEDGER, EXPORT_BEANCOUNT, EXPORT_CSV, EXPORT_JSON };

#define EXPORT_CURRENCIES_MAX 200 /* ISO 4217 has 180 */

#define EXPORT_BANKS_MAX 64

/* What an export wrote so far on a bank account in a currency (stated.h). */
struct export_bank {
	int64_t account, sum;
	char currency[CURRENCY_SIZE];
	bool touched; /* since the last end of a day */
};

/* Where an export is; all zero at first but for the format, `opening`, `until` and, to begin at a
 * day, `date`. */
struct ledger_export {
	enum export_format format;
	/* Begin with what the bank's accounts held before: the books know only what was moved. */
	bool opening;
	bool begun;
	char until[11]; /* its last day, empty = all */
	char date[11];	/* of the last entry written, and its numbers */
	int64_t txn, entry;
	char declared[EXPORT_CURRENCIES_MAX][CURRENCY_SIZE];
	uint32_t n_declared;
	struct export_bank banks[EXPORT_BANKS_MAX];
	uint32_t n_banks;
};
/* Appends the next page; returns 1 when it was the last. `ledger` NULL: a company without books.
 * Each page is a snapshot of its own: books that change meanwhile may show a change in the part
 * that is still to come. */
int ledger_export(struct ledger *ledger, struct ledger_export *export, struct buf *out,
		  struct fault *why);

/* Pages of text/csv lines (RFC 4180, formula-safe) for rejects and duplicates of a job. `after` is
 * the last line number seen, 0 at first; returns 1 when nothing is left. */
int ledger_rejects_csv(struct ledger *ledger, struct id job, uint64_t *after, struct buf *csv,
		       struct fault *why);
int ledger_duplicates_csv(struct ledger *ledger, struct id job, uint64_t *after, struct buf *csv,
			  struct fault *why);

#endif
