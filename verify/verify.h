/*
 * verify - reads a data directory from outside and checks that what daybook promises holds in it.
 *
 * Shape    on purpose a second reading of every format: of broker/jobstore.h and
 *          jobstore_internal.h (store.c, record.c), of journal/books*.sql (books.c), of lib/blob.h
 *          (files.c) and of the uploaded file itself (source.c). Nothing is written.
 *          Works beside a running system: the job store is read in one transaction, each company's
 *          books in another; a job that moved on between the two is not judged.
 * Errors   -1 only for what makes looking impossible (no such folder); damage is a breach.
 * Owns     verify_free() frees what the table of jobs holds.
 */
#ifndef DAYBOOK_VERIFY_VERIFY_H
#define DAYBOOK_VERIFY_VERIFY_H

#include <stdbool.h>

#include "fault.h"
#include "id.h"
#include "name.h"
#include "report.h"

/* The values of jobs[...].status on disk. */
enum { STATUS_PENDING, STATUS_RUNNING, STATUS_COMPLETE, STATUS_FAILED, STATUS_CANCELLED };

struct job {
	struct id id;
	uint8_t status;
	bool begun, effects; /* the books know it */
	bool imported;
	bool has_upload; /* its file is in the store, too */
	char type[NAME_SIZE], tenant[NAME_SIZE], company[NAME_SIZE], status_text[17];
	char text_id[ID_JOB_TEXT_SIZE];
	uint64_t progress, change, attempt, total;
	int64_t finished_ms, expires_ms;
	bool stages_sound, stages_even; /* none beyond its total; all as far as the first */
	bool has_blob, has_key, has_context;
	uint8_t blob[32], context_hash[32];
	char *result;
	uint32_t units;
	uint32_t in_tenants, in_changes, in_expiry, in_keys; /* how often an index names it */
};

#define RESTORED_MAX 32

struct verify {
	const char *data;
	bool ended; /* nothing may be in flight */
	bool live;  /* a broker runs on it */
	bool blind; /* its job store cannot be read: nothing that takes jobs is judged */
	int64_t wall_ms;
	struct {
		int64_t taken_ms, restored_ms;
	} restored[RESTORED_MAX]; /* from a backup: when it was taken, and restored */
	int n_restored;
	struct report report;
	struct job *jobs; /* by id */
	size_t n_jobs, room;
	uint32_t epoch;
	struct id *imported; /* of every import met so far, in any books */
	size_t n_imported, imported_room;
};

/* Each checks its part and says into v->report what it found. */
int store_check(struct verify *v, struct fault *why);
void files_check(struct verify *v);
void books_check(struct verify *v);
/* The ids in a file, one a line: each must be in the store. */
int store_accepted(struct verify *v, const char *path, struct fault *why);
void verify_free(struct verify *v);

struct job *verify_job(const struct verify *v, const void *id);
/* Whether what the store says of a job has changed since it was read (true also when it cannot be
 * told). Never true where nothing runs. */
bool store_moved(const struct verify *v, const void *id);
/* The epoch as it is now. */
uint32_t store_epoch(const struct verify *v);
/* Fills a job from its stored value; -1 when that is no job's record. */
int record_read(struct span value, struct job *job, struct span *key);
static inline bool job_over(const struct job *job)
{
	return job->status >= STATUS_COMPLETE;
}
/* Its rejects and its upload may be gone at any moment. */
static inline bool job_expired(const struct verify *v, const struct job *job)
{
	return job->expires_ms != 0 && job->expires_ms <= v->wall_ms;
}

#endif
