#include "books.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "mem.h"

#define BUSY_MS	    10000
#define OPEN_FLAGS  (SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX)
#define EPOCH_SHIFT 32

/* A question whose every row is a breach, told by its first column, and how many things it looks
 * at. KEPT: a duplicate that a person made a transaction of after all. */
struct question {
	enum invariant at;
	const char *looked, *broken;
};

#define UNDONE	 "undone" /* an import that was taken back: its fence is above every token */
#define NOT_KEPT "NOT IN (SELECT kept FROM sightings WHERE kept IS NOT NULL)"
#define ALL_LINES                                                                                  \
	"(SELECT import, line FROM transactions WHERE id " NOT_KEPT                                \
	" UNION ALL SELECT import, line FROM sightings"                                            \
	" UNION ALL SELECT import, line FROM rejects)"

static const struct question QUESTIONS[] = {
	{I2, "SELECT count(*) FROM effects WHERE stage = 'insert'",
	 "SELECT 'import ' || import || ', unit ' || unit || ': ' || rows || ' rows are not ' || "
	 "rejected || ' rejected, ' || inserted || ' inserted and ' || duplicates || ' duplicates' "
	 "FROM effects WHERE stage = 'insert' AND rows <> rejected + inserted + duplicates"},
	{I2, "SELECT count(*) FROM " ALL_LINES,
	 "SELECT 'import ' || import || ', line ' || line || ' ended ' || count(*) || ' times' "
	 "FROM " ALL_LINES " GROUP BY import, line HAVING count(*) > 1"},
	{I2, "SELECT count(*) FROM transactions",
	 "SELECT 'transaction ' || t.id || ' has no entry' FROM main.transactions t "
	 "JOIN imports i ON i.id = t.import WHERE i.state <> 'running' "
	 "AND NOT EXISTS (SELECT 1 FROM live l WHERE l.txn = t.id)"},
	{I2, "SELECT count(*) FROM live",
	 "SELECT 'transaction ' || l.txn || ': its live entry is reversed, or not its own' "
	 "FROM live l LEFT JOIN entries e ON e.id = l.entry WHERE e.id IS NULL OR e.txn <> l.txn "
	 "OR e.reverses IS NOT NULL "
	 "OR EXISTS (SELECT 1 FROM entries r WHERE r.reverses = e.id)"},
	{I2, "SELECT count(*) FROM entries",
	 "SELECT 'entry ' || e.id || ' is beside the live one of transaction ' || e.txn "
	 "FROM entries e WHERE e.reverses IS NULL "
	 "AND NOT EXISTS (SELECT 1 FROM live l WHERE l.txn = e.txn AND l.entry = e.id) "
	 "AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses = e.id)"},
	{I3, "SELECT count(*) FROM entries WHERE reverses IS NULL",
	 "SELECT 'entry ' || e.id || ' is not of the amount, day, currency and account of "
	 "transaction ' || e.txn FROM entries e JOIN transactions t ON t.id = e.txn "
	 "WHERE e.reverses IS NULL AND (e.amount <> abs(t.amount) OR e.currency <> t.currency OR "
	 "e.date <> t.date OR iif(t.amount > 0, e.debit, e.credit) <> t.bank)"},
	{I3, "SELECT count(*) FROM entries WHERE reverses IS NOT NULL",
	 "SELECT 'entry ' || e.id || ' is not the reverse of entry ' || e.reverses FROM entries e "
	 "LEFT JOIN entries o ON o.id = e.reverses WHERE e.reverses IS NOT NULL AND (o.id IS NULL "
	 "OR o.txn <> e.txn OR o.amount <> e.amount OR o.currency <> e.currency OR "
	 "o.debit <> e.credit OR o.credit <> e.debit)"},
	{I3, "SELECT 0",
	 "SELECT 'entry ' || e.id || ' is of an account that is not there' FROM entries e "
	 "LEFT JOIN accounts d ON d.id = e.debit LEFT JOIN accounts c ON c.id = e.credit "
	 "WHERE d.id IS NULL OR c.id IS NULL OR e.amount < 0"},
	{I3, "SELECT count(*) FROM imports WHERE kind = 'upload' AND state <> 'running'",
	 "SELECT 'import ' || id || ': its result counts ' || told || ', the books ' || are FROM "
	 "(SELECT i.id, printf('%d parsed, %d inserted, %d duplicates, %d rejected, %d booked', "
	 "json_extract(result, '$.parsed'), json_extract(result, '$.inserted'), "
	 "json_extract(result, '$.duplicates'), json_extract(result, '$.rejected'), "
	 "json_extract(result, '$.je_created')) AS told, "
	 "printf('%d parsed, %d inserted, %d duplicates, %d rejected, %d booked', "
	 "sum(f.rows), sum(f.inserted), sum(f.duplicates), sum(f.rejected), "
	 "(SELECT count(*) FROM entries e WHERE e.run = i.id AND e.reverses IS NULL AND "
	 "e.txn " NOT_KEPT ")) AS are FROM imports i "
	 "LEFT JOIN effects f ON f.import = i.id AND f.stage = 'insert' "
	 "WHERE i.kind = 'upload' AND i.state <> 'running' GROUP BY i.id) WHERE told <> are"},
	{I4, "SELECT count(*) FROM transactions",
	 "SELECT 'transaction ' || t.id || ' is of no import' FROM transactions t "
	 "LEFT JOIN imports i ON i.id = t.import WHERE i.id IS NULL"},
	{I4, "SELECT count(*) FROM entries",
	 "SELECT 'entry ' || e.id || ' was booked by no job and no person, or of no transaction' "
	 "FROM entries e LEFT JOIN imports i ON i.id = e.run "
	 "LEFT JOIN deciders d ON d.id = e.decider LEFT JOIN transactions t ON t.id = e.txn "
	 "WHERE t.id IS NULL OR d.id IS NULL OR (e.run IS NULL AND d.source <> 4) "
	 "OR (e.run IS NOT NULL AND i.id IS NULL)"},
	{I4, "SELECT count(*) FROM effects WHERE stage = 'insert'",
	 "SELECT 'import ' || f.import || ', unit ' || f.unit || ' did not write what it recorded' "
	 "FROM effects f WHERE f.stage = 'insert' AND f.inserted <> (SELECT count(*) FROM "
	 "transactions t WHERE t.id BETWEEN f.first_id AND f.last_id AND t.import = f.import)"},
	{I4, "SELECT count(*) FROM effects WHERE stage <> 'insert'",
	 "SELECT 'import ' || f.import || ', ' || f.stage || ' unit ' || f.unit || ' did not book "
	 "what it recorded' FROM effects f WHERE f.stage <> 'insert' AND f.booked + f.reversed <> "
	 "(SELECT count(*) FROM entries e WHERE e.id BETWEEN f.first_id AND f.last_id "
	 "AND e.run = f.import)"},
	{I4, "SELECT count(*) FROM imports",
	 "SELECT 'import ' || i.id || ' has ' || n || ' transactions, its units ' || recorded "
	 "FROM imports i JOIN (SELECT import, count(*) AS n FROM transactions WHERE id " NOT_KEPT
	 " GROUP BY import) t ON t.import = i.id LEFT JOIN (SELECT import, sum(inserted) AS "
	 "recorded FROM effects WHERE stage = 'insert' GROUP BY import) f ON f.import = i.id "
	 "WHERE n IS NOT recorded"},
	{I4, "SELECT count(*) FROM imports",
	 "SELECT 'import ' || i.id || ' has ' || n || ' entries, its units ' || recorded "
	 "FROM imports i JOIN (SELECT run, count(*) AS n FROM entries WHERE txn " NOT_KEPT
	 " OR reverses IS NOT NULL GROUP BY run) e ON e.run = i.id "
	 "LEFT JOIN (SELECT import, sum(booked + reversed) AS recorded FROM effects WHERE stage <> "
	 "'insert' GROUP BY import) f ON f.import = i.id WHERE n IS NOT recorded"},
	{I5, "SELECT count(*) FROM effects",
	 "SELECT 'token ' || token || ' wrote ' || count(*) || ' units' FROM effects "
	 "GROUP BY token HAVING count(*) > 1"},
	{I5, "SELECT count(*) FROM imports WHERE state <> 'running'",
	 "SELECT 'import ' || i.id || ', unit ' || f.unit || ' was written behind its fence' "
	 "FROM imports i JOIN effects f ON f.import = i.id WHERE i.state <> 'running' "
	 "AND f.token > i.fence"},
	{I8, "SELECT count(*) FROM pragma_integrity_check",
	 "SELECT 'the file is damaged: ' || integrity_check FROM pragma_integrity_check "
	 "WHERE integrity_check <> 'ok'"},
	{I4, "SELECT 0",
	 "SELECT 'a row of ' || \"table\" || ' names a row of ' || parent || ' that is not there' "
	 "FROM pragma_foreign_key_check"},
};

/* What was taken back stands in a trail: together with what stands in the books it is what the
 * files said, and that is what is counted. These views stand before the tables of their names. */
static const char WITH_TRAIL[] =
	"CREATE TEMP VIEW transactions AS SELECT id, import, line, bank, date, amount, currency, "
	"raw "
	"FROM main.transactions UNION ALL SELECT id, import, line, bank, date, amount, currency, "
	"raw "
	"FROM main.undone;"
	"CREATE TEMP VIEW sightings AS SELECT import, line, txn, raw, kept FROM main.sightings "
	"UNION ALL SELECT import, line, txn, raw, kept FROM main.undone_sightings;";

static void broken(struct books *b, enum invariant at, const char *what)
{
	report_breach(&b->v->report, at, "books/%s/%s.db: %s", b->tenant, b->company, what);
}

sqlite3_stmt *books_query(struct books *books, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(books->db, sql, -1, &statement, NULL) == SQLITE_OK)
		return statement;
	broken(books, I8, sqlite3_errmsg(books->db));
	return NULL;
}

bool books_next(struct books *books, sqlite3_stmt *statement)
{
	int rc = statement ? sqlite3_step(statement) : SQLITE_DONE;

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		broken(books, I8, sqlite3_errmsg(books->db));
	return rc == SQLITE_ROW;
}

static const char *text_of(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}

static void ask(struct books *b, const struct question *question)
{
	sqlite3_stmt *statement = books_query(b, question->looked);

	if (books_next(b, statement))
		report_looked(&b->v->report, question->at,
			      (uint64_t)sqlite3_column_int64(statement, 0));
	sqlite3_finalize(statement);
	statement = books_query(b, question->broken);
	while (books_next(b, statement))
		broken(b, question->at, text_of(statement, 0));
	sqlite3_finalize(statement);
}

/* ---- imports and their jobs ---- */

enum {
	COL_ID,
	COL_JOB,
	COL_STATE,
	COL_READING,
	COL_RESULT,
	COL_ROWS,
	COL_TOLD,
	COL_REJECTS,
	COL_TOKEN,
	COL_SEEN,
	COL_DUPLICATES,
	COL_BEGUN
};

static void remember(struct verify *v, const struct id *job)
{
	if (v->n_imported == v->imported_room) {
		v->imported_room = v->imported_room ? 2 * v->imported_room : 256;
		v->imported = xrealloc(v->imported, v->imported_room * sizeof(*v->imported));
	}
	v->imported[v->n_imported++] = *job;
}

/* Says it unless the job has gone on since the store was read. */
static void broken_job(struct books *b, enum invariant at, const struct id *id, const char *what)
{
	char name[ID_JOB_TEXT_SIZE];

	if (store_moved(b->v, id->bytes))
		return;
	id_job_text(*id, name);
	report_breach(&b->v->report, at, "books/%s/%s.db: %s %s", b->tenant, b->company, name,
		      what);
}

/* Begun after the backup that this was restored from: in its books, not in its job store. */
static bool was_left_behind(const struct verify *v, int64_t begun_ms)
{
	for (int i = 0; i < v->n_restored; i++) {
		if (begun_ms >= v->restored[i].taken_ms && begun_ms <= v->restored[i].restored_ms)
			return true;
	}
	return false;
}

/* An import whose job has no record: the record has expired, and the rejects with it. */
static void check_alone(struct books *b, const struct id *id, sqlite3_stmt *row)
{
	bool running = strcmp(text_of(row, COL_STATE), "running") == 0;
	char name[ID_JOB_TEXT_SIZE];

	if (was_left_behind(b->v, sqlite3_column_int64(row, COL_BEGUN))) {
		id_job_text(*id, name);
		report_note(&b->v->report,
			    "%s of %s/%s began after the backup that this was restored from%s",
			    name, b->tenant, b->company,
			    running ? " and is lost: upload its file again" : "");
	} else if (running) {
		broken_job(b, I1, id, "is still at work in the books and not in the job store");
	} else if (sqlite3_column_int64(row, COL_REJECTS) > 0) {
		broken_job(b, I7, id, "has expired, and its rejects are kept");
	}
}

static void check_owner(struct books *b, const struct job *job, const char *state,
			const char *result)
{
	if (strcmp(job->tenant, b->tenant) != 0 || strcmp(job->company, b->company) != 0)
		broken_job(b, I9, &job->id, "is another company's");
	if (!job_over(job))
		return;
	if (strcmp(state, "running") == 0)
		broken_job(b, I1, &job->id, "has ended, and its import has not");
	else if (strcmp(state, UNDONE) != 0 && strcmp(state, job->status_text) != 0)
		broken_job(b, I6, &job->id, "has ended otherwise than its import");
	else if (strcmp(result, job->result) != 0)
		broken_job(b, I6, &job->id, "tells another result than its import");
}

static void check_import(struct books *b, sqlite3_stmt *row)
{
	struct import import = {.id = sqlite3_column_int64(row, COL_ID),
				.rows = sqlite3_column_int64(row, COL_ROWS),
				.reading = text_of(row, COL_READING)};
	int64_t told = sqlite3_column_int64(row, COL_TOLD);
	int64_t rejects = sqlite3_column_int64(row, COL_REJECTS);
	uint32_t epoch = (uint32_t)(sqlite3_column_int64(row, COL_TOKEN) >> EPOCH_SHIFT);
	const void *bytes = sqlite3_column_blob(row, COL_JOB);
	struct id id;

	if (!bytes || sqlite3_column_bytes(row, COL_JOB) != ID_BYTES)
		return;
	memcpy(id.bytes, bytes, ID_BYTES);
	remember(b->v, &id);
	span_copy(span_text(text_of(row, COL_STATE)), import.state, sizeof(import.state));
	id_job_text(id, import.name);
	import.job = verify_job(b->v, id.bytes);
	report_looked(&b->v->report, I9, 1);
	if (sqlite3_column_int64(row, COL_SEEN) != sqlite3_column_int64(row, COL_DUPLICATES))
		broken_job(b, I2, &id, "has not as many duplicates as its units recorded");
	if (b->v->blind)
		return;
	if (strcmp(import.state, UNDONE) != 0 && epoch > b->v->epoch && epoch > store_epoch(b->v))
		broken_job(b, I5, &id, "was written by an epoch that is to come");
	if (!import.job) {
		check_alone(b, &id, row);
		return;
	}
	check_owner(b, import.job, import.state, text_of(row, COL_RESULT));
	if (job_expired(b->v, import.job))
		return;
	if (rejects != told)
		broken_job(b, I2, &id, "has not as many rejects as its units recorded");
	if (import.job->has_blob)
		source_check(b, &import);
}

static void check_imports(struct books *b)
{
	sqlite3_stmt *row = books_query(
		b, "SELECT i.id, i.job, i.state, i.reading, i.result, coalesce(sum(f.rows), 0), "
		   "coalesce(sum(f.rejected), 0), "
		   "(SELECT count(*) FROM rejects r WHERE r.import = i.id), "
		   "max(i.fence, coalesce(max(f.token), 0)), "
		   "(SELECT count(*) FROM sightings s WHERE s.import = i.id), "
		   "coalesce(sum(f.duplicates), 0), i.begun_ms FROM imports i LEFT JOIN effects f "
		   "ON f.import = i.id AND f.stage = 'insert' GROUP BY i.id");

	while (books_next(b, row))
		check_import(b, row);
	sqlite3_finalize(row);
}

/* ---- all books ---- */

static void check_company(struct verify *v, const char *tenant, const char *file)
{
	struct books b = {.v = v};
	char *path = xasprintf("%s/books/%s/%s", v->data, tenant, file);

	span_copy(span_text(tenant), b.tenant, sizeof(b.tenant));
	snprintf(b.company, sizeof(b.company), "%.*s", (int)strlen(file) - 3, file);
	if (sqlite3_open_v2(path, &b.db, OPEN_FLAGS, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(b.db, BUSY_MS);
		if (sqlite3_exec(b.db, WITH_TRAIL, NULL, NULL, NULL) != SQLITE_OK ||
		    sqlite3_exec(b.db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
			broken(&b, I8, sqlite3_errmsg(b.db));
		for (size_t i = 0; i < ARRAY_LEN(QUESTIONS); i++)
			ask(&b, &QUESTIONS[i]);
		check_imports(&b);
	} else {
		broken(&b, I8, sqlite3_errmsg(b.db));
	}
	sqlite3_close(b.db);
	free(path);
}

static void check_tenant(struct verify *v, const char *tenant)
{
	char *path = xasprintf("%s/books/%s", v->data, tenant);
	DIR *dir = opendir(path);
	struct dirent *entry;

	free(path);
	while (dir && (entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len > 3 && strcmp(entry->d_name + len - 3, ".db") == 0)
			check_company(v, tenant, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, ID_BYTES);
}

/* No job wrote into the books of two companies. */
static void check_strays(struct verify *v)
{
	char name[ID_JOB_TEXT_SIZE];

	if (v->n_imported > 0)
		qsort(v->imported, v->n_imported, sizeof(*v->imported), by_id);
	for (size_t i = 1; i < v->n_imported; i++) {
		if (memcmp(&v->imported[i - 1], &v->imported[i], ID_BYTES) != 0)
			continue;
		id_job_text(v->imported[i], name);
		report_breach(&v->report, I9, "%s is in the books of two companies", name);
	}
}

void books_check(struct verify *v)
{
	char *path = xasprintf("%s/books", v->data);
	DIR *dir = opendir(path);
	struct dirent *entry;

	free(path);
	while (dir && (entry = readdir(dir)) != NULL) {
		if (name_is_valid(span_text(entry->d_name)))
			check_tenant(v, entry->d_name);
	}
	if (dir)
		closedir(dir);
	check_strays(v);
}
