#include "jobstore.h"

#include <stdlib.h>

#include "crash.h"
#include "jobstore_internal.h"
#include "mem.h"

static const char *const tables[T_N] = {"meta",	   "jobs",    "units",	"contexts", "keys",
					"tenants", "changes", "expiry", "uploads",  "kept"};

static void put_u32(struct buf *b, uint32_t n)
{
	char bytes[4] = {(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n};

	buf_add(b, bytes, sizeof(bytes));
}

static void put_u64(struct buf *b, uint64_t n)
{
	put_u32(b, (uint32_t)(n >> 32));
	put_u32(b, (uint32_t)n);
}

/* ---- open ---- */

static int next_epoch(struct jobstore *store, uint32_t *epoch, struct fault *why)
{
	struct kv_txn *txn;
	struct span key = span_text("epoch"), value;
	struct buf b = {0};
	int rc;

	if (kv_begin(store->kv, true, &txn, why) != 0)
		return -1;
	rc = kv_get(txn, T_META, key, &value, why);
	*epoch = rc == 0 && value.len == 4 ? get_u32(value.at) + 1 : 1;
	put_u32(&b, *epoch);
	if (rc < 0 || kv_put(txn, T_META, key, buf_span(&b), why) != 0) {
		kv_abort(&txn);
		rc = -1;
	} else {
		crash_at("broker.epoch.before");
		rc = kv_commit(&txn, why);
		crash_at("broker.epoch.after");
	}
	buf_release(&b);
	return rc;
}

int jobstore_open(const char *dir, const struct config *config, bool sync, struct jobstore **store,
		  uint32_t *epoch, struct fault *why)
{
	struct jobstore *js = xcalloc(1, sizeof(*js));

	js->config = config;
	if (kv_open(dir, tables, T_N, sync, &js->kv, why) != 0 || next_epoch(js, epoch, why) != 0 ||
	    stored_tally(js, why) != 0) {
		jobstore_close(&js);
		return -1;
	}
	*store = js;
	return 0;
}

void jobstore_close(struct jobstore **store)
{
	if (*store == NULL)
		return;
	kv_close(&(*store)->kv);
	tally_release(&(*store)->tally);
	free(*store);
	*store = NULL;
}

void jobstore_tend(struct jobstore *store)
{
	kv_reader_check(store->kv);
}

uint64_t jobstore_commits(const struct jobstore *store)
{
	return store->commits;
}

/* ---- writing ---- */

static int put_unit(struct kv_txn *txn, const struct unit *u, struct buf *key, struct buf *value,
		    struct fault *why)
{
	struct stored_unit head = {.stored = (uint8_t)u->stored,
				   .last = u->last,
				   .start_len = u->start.len,
				   .end_len = u->end.len,
				   .source_rows = u->source_rows,
				   .first_row = u->first_row,
				   .first_line = u->first_line,
				   .last_line = u->last_line};

	buf_clear(key);
	buf_clear(value);
	buf_add(key, u->job->id.bytes, ID_BYTES);
	put_u32(key, u->no);
	buf_add(value, &head, sizeof(head));
	buf_add(value, u->start.at, u->start.len);
	buf_add(value, u->end.at, u->end.len);
	return kv_put(txn, T_UNITS, buf_span(key), buf_span(value), why);
}

void key_of_idem(struct buf *b, struct span tenant, struct span type, struct span key)
{
	buf_clear(b);
	buf_add(b, tenant.at, tenant.len);
	buf_char(b, '\0');
	buf_add(b, type.at, type.len);
	buf_char(b, '\0');
	buf_add(b, key.at, key.len);
}

static void key_of_tenant(struct buf *b, const struct job *job)
{
	buf_clear(b);
	buf_add(b, job->tenant, strlen(job->tenant) + 1);
	buf_add(b, job->id.bytes, ID_BYTES);
}

static void key_of_expiry(struct buf *b, int64_t ms, struct id id)
{
	buf_clear(b);
	put_u64(b, (uint64_t)ms);
	buf_add(b, id.bytes, ID_BYTES);
}

static int put_fresh(struct kv_txn *txn, const struct job *job, struct buf *k, struct fault *why)
{
	struct buf v = {0};
	int rc;

	key_of_tenant(k, job);
	rc = kv_put(txn, T_TENANTS, buf_span(k), span_of("", 0), why);
	if (rc == 0 && job->key.len) {
		key_of_idem(k, span_text(job->tenant), span_text(job->type), buf_span(&job->key));
		buf_add(&v, job->id.bytes, ID_BYTES);
		buf_add(&v, job->fingerprint, sizeof(job->fingerprint));
		rc = kv_put(txn, T_KEYS, buf_span(k), buf_span(&v), why);
	}
	buf_release(&v);
	return rc;
}

/* The indexes by change and by expiry, moved from what is stored to what is now. */
static int put_indexes(struct kv_txn *txn, const struct job *job, struct buf *k, struct fault *why)
{
	if (job->change != job->stored_change) {
		buf_clear(k);
		put_u64(k, job->stored_change);
		if (job->stored_change && kv_del(txn, T_CHANGES, buf_span(k), why) != 0)
			return -1;
		buf_clear(k);
		put_u64(k, job->change);
		if (kv_put(txn, T_CHANGES, buf_span(k), id_span(&job->id), why) != 0)
			return -1;
	}
	if (job->expires_ms == job->stored_expires_ms)
		return 0;
	key_of_expiry(k, job->stored_expires_ms, job->id);
	if (job->stored_expires_ms && kv_del(txn, T_EXPIRY, buf_span(k), why) != 0)
		return -1;
	key_of_expiry(k, job->expires_ms, job->id);
	if (job->expires_ms)
		return kv_put(txn, T_EXPIRY, buf_span(k), span_of("", 0), why);
	return 0;
}

static int put_record(struct kv_txn *txn, const struct job *job, struct buf *v, struct fault *why)
{
	struct stored_job head = {
		.format = STORE_FORMAT,
		.status = (uint8_t)job->status,
		.ending = (uint8_t)job->ending,
		.flags = (uint8_t)((job->begun ? 1 : 0) | (job->effects_begun ? 2 : 0)),
		.priority = job->priority,
		.failed_unit = job->failed_unit,
		.total = job->total,
		.key_len = (uint32_t)job->key.len};

	memcpy(head.context_hash, job->context_hash, sizeof(head.context_hash));
	memcpy(head.fingerprint, job->fingerprint, sizeof(head.fingerprint));
	buf_clear(v);
	buf_add(v, &head, sizeof(head));
	buf_add(v, job->key.at, job->key.len);
	buf_add(v, job->record.at, job->record.len);
	return kv_put(txn, T_JOBS, id_span(&job->id), buf_span(v), why);
}

/* All keys of `table` that begin with the job's id. */
static int del_of_job(struct kv_txn *txn, int table, const struct job *job, struct fault *why)
{
	struct kv_cursor *cursor;
	struct span key, value;
	struct buf keys = {0};
	int rc;

	if (kv_walk(txn, table, id_span(&job->id), false, &cursor, why) != 0)
		return -1;
	while ((rc = kv_next(cursor, &key, &value, why)) == 0 && key.len == ID_BYTES + 4 &&
	       memcmp(key.at, job->id.bytes, ID_BYTES) == 0)
		buf_add(&keys, key.at, key.len);
	kv_walk_end(&cursor);
	rc = rc < 0 ? -1 : 0;
	for (size_t i = 0; rc == 0 && i < keys.len; i += ID_BYTES + 4)
		rc = kv_del(txn, table, span_of(keys.at + i, ID_BYTES + 4), why);
	buf_release(&keys);
	return rc;
}

static int del_work(struct kv_txn *txn, const struct job *job, struct fault *why)
{
	if (del_of_job(txn, T_UNITS, job, why) != 0)
		return -1;
	return kv_del(txn, T_CONTEXTS, id_span(&job->id), why);
}

static int del_job(struct kv_txn *txn, const struct job *job, struct buf *k, struct fault *why)
{
	if (del_work(txn, job, why) != 0 || kv_del(txn, T_UPLOADS, id_span(&job->id), why) != 0 ||
	    kv_del(txn, T_JOBS, id_span(&job->id), why) != 0)
		return -1;
	key_of_tenant(k, job);
	if (kv_del(txn, T_TENANTS, buf_span(k), why) != 0)
		return -1;
	key_of_idem(k, span_text(job->tenant), span_text(job->type), buf_span(&job->key));
	if (job->key.len && kv_del(txn, T_KEYS, buf_span(k), why) != 0)
		return -1;
	buf_clear(k);
	put_u64(k, job->stored_change);
	if (kv_del(txn, T_CHANGES, buf_span(k), why) != 0)
		return -1;
	key_of_expiry(k, job->stored_expires_ms, job->id);
	return kv_del(txn, T_EXPIRY, buf_span(k), why);
}

static int put_job(struct kv_txn *txn, const struct job *job, struct buf *k, struct buf *v,
		   struct fault *why)
{
	if (job->gone)
		return del_job(txn, job, k, why);
	if (put_record(txn, job, v, why) != 0 || put_indexes(txn, job, k, why) != 0)
		return -1;
	if (job->fresh && put_fresh(txn, job, k, why) != 0)
		return -1;
	if (job->context.len &&
	    kv_put(txn, T_CONTEXTS, id_span(&job->id), buf_span(&job->context), why) != 0)
		return -1;
	if (job->upload.len &&
	    kv_put(txn, T_UPLOADS, id_span(&job->id), buf_span(&job->upload), why) != 0)
		return -1;
	return job->status == JOB_COMPLETE ? del_work(txn, job, why) : 0;
}

/* Units alone are progress: what is lost of them is done again from where they began. */
static int begin_commit(struct jobstore *store, const struct job *jobs, struct kv_txn **txn,
			struct fault *why)
{
	for (const struct job *j = jobs; j; j = j->dirty_next) {
		if (j->promised)
			return kv_begin(store->kv, true, txn, why);
	}
	return kv_begin_progress(store->kv, txn, why);
}

static int commit_once(struct jobstore *store, struct job *jobs, struct unit *units,
		       struct fault *why)
{
	struct kv_txn *txn;
	struct buf k = {0}, v = {0};
	int rc = 0;

	if (begin_commit(store, jobs, &txn, why) != 0)
		return -1;
	for (struct unit *u = units; u && rc == 0; u = u->dirty_next)
		rc = put_unit(txn, u, &k, &v, why);
	for (struct job *j = jobs; j && rc == 0; j = j->dirty_next)
		rc = put_job(txn, j, &k, &v, why);
	buf_release(&k);
	buf_release(&v);
	crash_at("broker.commit.before");
	if (rc != 0)
		kv_abort(&txn);
	else
		rc = kv_commit(&txn, why);
	crash_at("broker.commit.after");
	return rc;
}

static void tally_move(struct tally *tally, struct job *job)
{
	if (job->tallied)
		tally_add(tally, job->tenant, (enum job_status)(job->tallied - 1), -1);
	job->tallied = job->gone ? 0 : (uint8_t)(job->status + 1);
	if (job->tallied)
		tally_add(tally, job->tenant, job->status, 1);
}

int jobstore_commit(struct jobstore *store, struct job *jobs, struct unit *units, struct fault *why)
{
	int rc;

	if (jobs == NULL && units == NULL)
		return 0;
	rc = commit_once(store, jobs, units, why);
	if (rc != 0 && strcmp(why->code, "map-full") == 0 && kv_grow(store->kv, why) == 0)
		rc = commit_once(store, jobs, units, why);
	if (rc != 0)
		return -1;
	store->commits++;
	for (struct job *j = jobs; j; j = j->dirty_next) {
		j->stored_change = j->change;
		j->stored_expires_ms = j->expires_ms;
		tally_move(&store->tally, j);
	}
	return 0;
}

int jobstore_let_go(struct jobstore *store, const struct id *ids, int n, struct fault *why)
{
	struct kv_txn *txn;
	int rc = 0;

	if (n == 0)
		return 0;
	if (kv_begin_progress(store->kv, &txn, why) != 0)
		return -1;
	for (int i = 0; i < n && rc == 0; i++)
		rc = kv_del(txn, T_UPLOADS, id_span(&ids[i]), why);
	if (rc == 0)
		return kv_commit(&txn, why);
	kv_abort(&txn);
	return -1;
}

static int keep_once(struct jobstore *store, struct id write, struct span message,
		     struct fault *why)
{
	struct kv_txn *txn;

	if (kv_begin(store->kv, true, &txn, why) != 0)
		return -1;
	if (kv_put(txn, T_KEPT, id_span(&write), message, why) != 0) {
		kv_abort(&txn);
		return -1;
	}
	return kv_commit(&txn, why);
}

int jobstore_keep(struct jobstore *store, struct id write, struct span message, struct fault *why)
{
	int rc;

	crash_at("broker.keep.before");
	rc = keep_once(store, write, message, why);
	if (rc != 0 && strcmp(why->code, "map-full") == 0 && kv_grow(store->kv, why) == 0)
		rc = keep_once(store, write, message, why);
	crash_at("broker.keep.after");
	return rc;
}

int jobstore_unkeep(struct jobstore *store, struct id write, struct fault *why)
{
	struct kv_txn *txn;
	int rc;

	if (kv_begin_progress(store->kv, &txn, why) != 0)
		return -1;
	if (kv_del(txn, T_KEPT, id_span(&write), why) != 0) {
		kv_abort(&txn);
		return -1;
	}
	crash_at("broker.unkeep.before");
	rc = kv_commit(&txn, why);
	crash_at("broker.unkeep.after");
	return rc;
}
