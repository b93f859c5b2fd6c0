/*
 * jobstore - jobs and units on disk: the only truth about them.
 *
 * Shape    LMDB (lib/kv.h) in DATA/jobs; integers in keys are big-endian, so that order is order.
 *            meta      "epoch"                        u32, rises with every open
 *            jobs      job id                         struct stored_job, key, JOB message
 *            units     job id, unit number            struct stored_unit, start, end
 *            contexts  job id                         the job's context (JSON); first its params
 *            uploads   job id                         the uploaded file, where it is small
 *            keys      tenant NUL pipeline NUL key    job id, fingerprint
 *            tenants   tenant NUL job id              nothing
 *            changes   change number                  job id
 *            expiry    wall ms, job id                nothing
 *            kept      write id                       WRITE message
 *          A job that is complete keeps its record only: units and context go with its last
 *          commit. An upload goes when its own file is on disk (broker/uploads.c).
 *          Another layout needs another STORE_FORMAT and a reader of the old one.
 * Errors   as kv.h. jobstore_commit is all or nothing; after -1 the same lists can be committed
 *          again.
 * Owns     jobstore_open gives; a loaded job is the caller's (the scheduler takes it).
 */
#ifndef DAYBOOK_BROKER_JOBSTORE_H
#define DAYBOOK_BROKER_JOBSTORE_H

#include "job.h"

struct jobstore;

int jobstore_open(const char *dir, const struct config *config, bool sync, struct jobstore **store,
		  uint32_t *epoch, struct fault *why);
void jobstore_close(struct jobstore **store);
void jobstore_tend(struct jobstore *store); /* clears dead readers; call every second */

/* Dirty jobs and units, in one transaction, on disk before it returns; nothing to do is no
 * transaction. Where no job is `promised` a power cut may undo it (kv_begin_progress). */
int jobstore_commit(struct jobstore *store, struct job *jobs, struct unit *units,
		    struct fault *why);
uint64_t jobstore_commits(const struct jobstore *store);

/* Reads: 0 found, 1 not there, -1 fault. */
int jobstore_load(struct jobstore *store, struct id id, struct job **job, struct fault *why);
int jobstore_units(struct jobstore *store, struct job *job,
		   void (*each)(void *arg, struct job *job, struct unit *unit), void *arg,
		   struct fault *why);
int jobstore_record(struct jobstore *store, struct id id, struct buf *record, struct fault *why);
int jobstore_context(struct jobstore *store, struct id id, struct buf *context, struct fault *why);
int jobstore_key(struct jobstore *store, const struct wire_submit *submit, struct id *id,
		 uint8_t fingerprint[32], struct fault *why);

/* Every job that has not ended, oldest first; a bad record is logged and left out. */
int jobstore_unended(struct jobstore *store, void (*each)(void *arg, struct job *job), void *arg,
		     struct fault *why);
/* Up to `limit` ids of jobs whose time is over at `wall_ms`. */
int jobstore_expired(struct jobstore *store, int64_t wall_ms, struct id *ids, int limit, int *n,
		     struct fault *why);

/* Every small upload, oldest first; each() returns false to stop. */
int jobstore_uploads(struct jobstore *store,
		     bool (*each)(void *arg, struct id job, struct span upload), void *arg,
		     struct fault *why);
/* Those of these jobs go: their own files are on disk. A power cut may undo it. */
int jobstore_let_go(struct jobstore *store, const struct id *ids, int n, struct fault *why);

/* Writes that were promised: one more, on disk before it returns; one less, which a power cut may
 * undo; all of them. */
int jobstore_keep(struct jobstore *store, struct id write, struct span message, struct fault *why);
int jobstore_unkeep(struct jobstore *store, struct id write, struct fault *why);
int jobstore_kept(struct jobstore *store, void (*each)(void *arg, struct span message), void *arg,
		  struct fault *why);

/* How many jobs the tenant has in each status; "" is all tenants. */
void jobstore_tally(const struct jobstore *store, struct span tenant,
		    uint64_t n[JOB_CANCELLED + 1]);

/* Where a list stopped: it goes on before `last`, if there may be `more`. */
struct list_end {
	struct id last;
	bool more;
};

/* Records for a list, newest first, or by change, oldest first: each() gets the JOB bytes and
 * returns false to stop. A list looks at some thousand records at most. */
int jobstore_list(struct jobstore *store, const struct wire_list *query,
		  bool (*each)(void *arg, struct span record), void *arg, struct list_end *end,
		  struct fault *why);
int jobstore_since(struct jobstore *store, const struct wire_since *query,
		   bool (*each)(void *arg, struct span record), void *arg, bool *more,
		   struct fault *why);

#endif
