#include "books.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "mem.h"
#include "questions.h"

#define BUSY_MS	    10000
#define OPEN_FLAGS  (SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX)
#define EPOCH_SHIFT 32
#define UPLOADS	    "upload-and-categorize" /* the pipeline whose uploads are imports */

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
	else if (strcmp(state, job->status_text) != 0 && strcmp(state, "undone") != 0)
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
	struct job *job;
	struct id id;

	if (!bytes || sqlite3_column_bytes(row, COL_JOB) != ID_BYTES)
		return;
	memcpy(id.bytes, bytes, ID_BYTES);
	remember(b->v, &id);
	span_copy(span_text(text_of(row, COL_STATE)), import.state, sizeof(import.state));
	id_job_text(id, import.name);
	import.job = job = verify_job(b->v, id.bytes);
	if (job)
		job->imported = true;
	report_looked(&b->v->report, I9, 1);
	if (sqlite3_column_int64(row, COL_SEEN) != sqlite3_column_int64(row, COL_DUPLICATES))
		broken_job(b, I2, &id, "has not as many duplicates as its units recorded");
	if (b->v->blind)
		return;
	if (epoch > b->v->epoch && epoch > store_epoch(b->v))
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
		   "max(iif(i.state = 'undone', 0, i.fence), coalesce(max(f.token), 0)), "
		   "(SELECT count(*) FROM seen s WHERE s.import = i.id), "
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
		if (sqlite3_exec(b.db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
		    questions_prepare(b.db) != SQLITE_OK)
			broken(&b, I8, sqlite3_errmsg(b.db));
		for (int i = 0; i < N_QUESTIONS; i++)
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
		else if (v->ended && strstr(entry->d_name, ".db.") != NULL)
			report_breach(&v->report, I7, "books/%s/%s is a piece of new books", tenant,
				      entry->d_name);
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

/* A complete upload has its import. */
static void check_missing(struct verify *v)
{
	for (size_t i = 0; i < v->n_jobs; i++) {
		const struct job *job = &v->jobs[i];

		if (job->status == STATUS_COMPLETE && job->effects && !job->imported &&
		    strcmp(job->type, UPLOADS) == 0 && !store_moved(v, job->id.bytes))
			report_breach(&v->report, I1, "%s is not in the books of %s/%s",
				      job->text_id, job->tenant, job->company);
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
	check_missing(v);
}
