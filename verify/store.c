/* store - the job store: records, their indexes, and what hangs on them. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mem.h"
#include "tables.h"

#define FORMAT_KEY   "\0format"
#define FORMAT_VALUE "daybook-kv 1"
#define UNIT_HEAD    32
#define UNIT_START   2 /* lengths of the two places in a unit's head */
#define UNIT_END     3
#define UNIT_DONE    2
#define KEY_VALUE    (ID_BYTES + 32)
#define TEND_US	     1500000 /* the broker clears dead readers every second */

static uint64_t big_endian(const char *at, int bytes)
{
	uint64_t n = 0;

	for (int i = 0; i < bytes; i++)
		n = n << 8 | (uint8_t)at[i];
	return n;
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, ID_BYTES);
}

struct job *verify_job(const struct verify *v, const void *id)
{
	if (v->n_jobs == 0)
		return NULL;
	return bsearch(id, v->jobs, v->n_jobs, sizeof(*v->jobs), by_id); /* id is a job's first */
}

/* ---- each table ---- */

static void see_meta(struct verify *v, struct span key, struct span value)
{
	if (span_equal(key, span_of(FORMAT_KEY, sizeof(FORMAT_KEY) - 1))) {
		if (!span_is(value, FORMAT_VALUE))
			report_breach(&v->report, I8, "jobs/: the store is of another format");
	} else if (span_is(key, "epoch") && value.len == 4) {
		v->epoch = (uint32_t)big_endian(value.at, 4);
	}
}

static void see_job(struct verify *v, struct span key, struct span value)
{
	struct job *job;
	struct span idem;

	if (v->n_jobs == v->room) {
		v->room = v->room ? 2 * v->room : 256;
		v->jobs = xrealloc(v->jobs, v->room * sizeof(*v->jobs));
	}
	job = &v->jobs[v->n_jobs];
	memset(job, 0, sizeof(*job));
	if (key.len == ID_BYTES)
		memcpy(job->id.bytes, key.at, ID_BYTES);
	if (key.len != ID_BYTES || record_read(value, job, &idem) != 0) {
		free(job->result);
		id_job_text(job->id, job->text_id);
		report_breach(&v->report, I1, "%s: its record cannot be read", job->text_id);
		return;
	}
	v->n_jobs++;
}

static void see_unit(struct verify *v, struct span key, struct span value)
{
	struct job *job = key.len == ID_BYTES + 4 ? verify_job(v, key.at) : NULL;
	bool sound = value.len >= UNIT_HEAD && value.at[0] <= UNIT_DONE &&
		     value.len == UNIT_HEAD + (size_t)(uint8_t)value.at[UNIT_START] +
					  (uint8_t)value.at[UNIT_END];

	report_looked(&v->report, I7, 1);
	if (!sound)
		report_breach(&v->report, I8, "jobs/: a unit's record is cut short");
	if (job)
		job->units++;
	else
		report_breach(&v->report, I7, "jobs/: a unit belongs to no job");
}

static void see_context(struct verify *v, struct span key, struct span value)
{
	struct job *job = key.len == ID_BYTES ? verify_job(v, key.at) : NULL;
	uint8_t hash[32];

	report_looked(&v->report, I7, 1);
	if (!job) {
		report_breach(&v->report, I7, "jobs/: a context belongs to no job");
		return;
	}
	job->has_context = true;
	crypto_generichash(hash, sizeof(hash), (const uint8_t *)value.at, value.len, NULL, 0);
	if (job->begun && memcmp(hash, job->context_hash, sizeof(hash)) != 0)
		report_breach(&v->report, I8, "%s: its context is not the one it began with",
			      job->text_id);
}

/* A small file is kept beside its job until that is complete. */
static void see_upload(struct verify *v, struct span key, struct span value)
{
	struct job *job = key.len == ID_BYTES ? verify_job(v, key.at) : NULL;
	uint8_t hash[32];

	report_looked(&v->report, I7, 1);
	if (!job) {
		report_breach(&v->report, I7, "jobs/: an upload belongs to no job");
		return;
	}
	job->has_upload = true;
	crypto_generichash(hash, sizeof(hash), (const uint8_t *)value.at, value.len, NULL, 0);
	if (!job->has_blob || memcmp(hash, job->blob, sizeof(hash)) != 0)
		report_breach(&v->report, I8, "%s: its upload in the job store is another file",
			      job->text_id);
}

/* A write that was promised and is not yet done is no breach; one that nobody can find again is. */
static void see_kept(struct verify *v, struct span key, struct span value)
{
	report_looked(&v->report, I7, 1);
	if (key.len != ID_BYTES || value.len == 0)
		report_breach(&v->report, I7, "jobs/: a promised write has no id or no content");
}

/* tenant NUL pipeline NUL key -> job, fingerprint */
static void see_key(struct verify *v, struct span key, struct span value)
{
	struct job *job = value.len == KEY_VALUE ? verify_job(v, value.at) : NULL;
	size_t len = strnlen(key.at, key.len);

	report_looked(&v->report, I7, 1);
	if (!job) {
		report_breach(&v->report, I7, "jobs/: an Idempotency-Key of %.*s names no job",
			      (int)len, key.at);
		return;
	}
	job->in_keys++;
	if (!span_is(span_of(key.at, len), job->tenant))
		report_breach(&v->report, I9, "%s of %s is found by an Idempotency-Key of %.*s",
			      job->text_id, job->tenant, (int)len, key.at);
}

/* tenant NUL job */
static void see_tenant(struct verify *v, struct span key, struct span value)
{
	size_t len = strnlen(key.at, key.len);
	struct job *job = key.len == len + 1 + ID_BYTES ? verify_job(v, key.at + len + 1) : NULL;

	(void)value;
	report_looked(&v->report, I9, 1);
	if (!job) {
		report_breach(&v->report, I7,
			      "jobs/: the list of %.*s names a job that is not there", (int)len,
			      key.at);
		return;
	}
	job->in_tenants++;
	if (!span_is(span_of(key.at, len), job->tenant))
		report_breach(&v->report, I9, "%s of %s is in the list of %.*s", job->text_id,
			      job->tenant, (int)len, key.at);
}

static void see_change(struct verify *v, struct span key, struct span value)
{
	struct job *job = value.len == ID_BYTES ? verify_job(v, value.at) : NULL;

	report_looked(&v->report, I6, 1);
	if (!job || key.len != 8) {
		report_breach(&v->report, I7, "jobs/: a change belongs to no job");
		return;
	}
	job->in_changes++;
	if (big_endian(key.at, 8) != job->change)
		report_breach(&v->report, I6, "%s: its change is listed under another number",
			      job->text_id);
}

static void see_expiry(struct verify *v, struct span key, struct span value)
{
	struct job *job = key.len == 8 + ID_BYTES ? verify_job(v, key.at + 8) : NULL;

	(void)value;
	report_looked(&v->report, I7, 1);
	if (!job) {
		report_breach(&v->report, I7,
			      "jobs/: the end of a job that is not there is listed");
		return;
	}
	job->in_expiry++;
	if ((int64_t)big_endian(key.at, 8) != job->expires_ms)
		report_breach(&v->report, I7, "%s: its expiry is listed for another time",
			      job->text_id);
}

/* ---- each job ---- */

static void check_life(struct verify *v, const struct job *job)
{
	struct report *r = &v->report;

	report_looked(r, I1, 1);
	if (v->ended && !job_over(job))
		report_breach(r, I1, "%s is still %s", job->text_id, job->status_text);
	if (job->in_tenants != 1)
		report_breach(r, I1, "%s is not in the list of its tenant", job->text_id);
	if (job_over(job) != (job->finished_ms != 0) || job_over(job) != (job->expires_ms != 0))
		report_breach(r, I1, "%s is %s, and its end is not so", job->text_id,
			      job->status_text);
	if (job->in_expiry != job_over(job))
		report_breach(r, I7, "%s would never expire, or while it runs", job->text_id);
	if (job->in_keys != job->has_key)
		report_breach(r, I1, "%s is not found by its Idempotency-Key", job->text_id);
	if (job->status == STATUS_COMPLETE && (job->units || job->has_context))
		report_breach(r, I7, "%s is complete, and its work is still kept", job->text_id);
	if (job->begun && job->status != STATUS_COMPLETE && !job->has_context)
		report_breach(r, I1, "%s has lost its context", job->text_id);
	if (!name_is_valid(span_text(job->tenant)) || !name_is_valid(span_text(job->company)))
		report_breach(r, I9, "%s has no valid tenant and company", job->text_id);
}

static void check_telling(struct verify *v, const struct job *job)
{
	static const char *const names[] = {"pending", "running", "complete", "failed",
					    "cancelled"};
	struct report *r = &v->report;
	char id[ID_JOB_TEXT_SIZE];

	report_looked(r, I6, 1);
	report_looked(r, I5, 1);
	id_job_text(job->id, id);
	if (strcmp(id, job->text_id) != 0)
		report_breach(r, I6, "%s tells of itself as %s", id, job->text_id);
	if (strcmp(names[job->status], job->status_text) != 0)
		report_breach(r, I6, "%s is %s and tells %s", id, names[job->status],
			      job->status_text);
	if (job->progress > 100 || (job->progress == 100) != (job->status == STATUS_COMPLETE))
		report_breach(r, I6, "%s is %s at %u per cent", id, job->status_text,
			      (unsigned)job->progress);
	if (!job->stages_sound || (job->status == STATUS_COMPLETE && !job->stages_even))
		report_breach(r, I6, "%s: a stage's count is not that of its status", id);
	if (job->in_changes != 1)
		report_breach(r, I6, "%s: its last change is listed %u times", id, job->in_changes);
	if (job->change >> 32 > v->epoch)
		report_breach(r, I6, "%s has a change of an epoch that is to come", id);
	if (job->attempt == 0)
		report_breach(r, I5, "%s has no attempt", id);
}

int store_check(struct verify *v, struct fault *why)
{
	static void (*const each[TABLES])(struct verify *, struct span, struct span) = {
		[META] = see_meta,	  [JOBS] = see_job,	 [UNITS] = see_unit,
		[CONTEXTS] = see_context, [KEYS] = see_key,	 [TENANTS] = see_tenant,
		[CHANGES] = see_change,	  [EXPIRY] = see_expiry, [UPLOADS] = see_upload,
		[KEPT] = see_kept};
	struct tables *tables;
	int dead;

	if (tables_open(v->data, &tables, why) != 0)
		return -1;
	for (int i = 0; i < TABLES; i++)
		table_walk(v, tables, (enum table)i, each[i]);
	dead = tables_dead_readers(tables);
	tables_close(&tables);
	for (size_t i = 0; i < v->n_jobs; i++) {
		check_life(v, &v->jobs[i]);
		check_telling(v, &v->jobs[i]);
	}
	if (dead > 0) {
		usleep(TEND_US);
		dead = tables_open(v->data, &tables, why) == 0 ? tables_dead_readers(tables) : 0;
		tables_close(&tables);
	}
	if (dead > 0)
		report_breach(&v->report, I7, "jobs/: %d dead processes are listed as readers",
			      dead);
	return 0;
}

bool store_moved(const struct verify *v, const void *id)
{
	const struct job *before = verify_job(v, id);
	struct tables *tables;
	struct job now = {0};
	struct span value, key;
	bool moved = true;
	int rc;

	if (!v->live || tables_open(v->data, &tables, NULL) != 0)
		return v->live;
	rc = table_get(tables, JOBS, span_of(id, ID_BYTES), &value);
	if (rc == 1)
		moved = before != NULL;
	else if (rc == 0 && before && record_read(value, &now, &key) == 0)
		moved = now.change != before->change;
	free(now.result);
	tables_close(&tables);
	return moved;
}

uint32_t store_epoch(const struct verify *v)
{
	struct tables *tables;
	struct span value;
	uint32_t epoch = v->epoch;

	if (tables_open(v->data, &tables, NULL) != 0)
		return epoch;
	if (table_get(tables, META, span_text("epoch"), &value) == 0 && value.len == 4)
		epoch = (uint32_t)big_endian(value.at, 4);
	tables_close(&tables);
	return epoch;
}

int store_accepted(struct verify *v, const char *path, struct fault *why)
{
	FILE *file = fopen(path, "re");
	char line[256];
	struct id id;

	if (!file)
		return fault_errno(why, "read the list of accepted jobs");
	while (fgets(line, sizeof(line), file)) {
		struct span text = span_trim(span_text(line));

		if (text.len == 0)
			continue;
		report_looked(&v->report, I1, 1);
		if (id_job_read(text, &id) != 0 || !verify_job(v, id.bytes))
			report_breach(&v->report, I1, "%.*s was accepted and is not there",
				      SPAN_ARG(text));
	}
	fclose(file);
	return 0;
}

void verify_free(struct verify *v)
{
	for (size_t i = 0; i < v->n_jobs; i++)
		free(v->jobs[i].result);
	free(v->jobs);
	free(v->imported);
}
