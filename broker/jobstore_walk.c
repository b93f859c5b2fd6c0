/* jobstore_walk - the job store read in order: what has not ended, what expires, lists. */
#include <stdlib.h>

#include "jobstore_internal.h"
#include "log.h"

/* Records that one call looks at: some milliseconds of the broker's one thread, whatever the
 * filter. */
#define LIST_SCAN 2000

int jobstore_unended(struct jobstore *store, void (*each)(void *arg, struct job *job), void *arg,
		     struct fault *why)
{
	struct kv_txn *txn;
	struct kv_cursor *cursor;
	struct span key, value, rest;
	struct stored_job head;
	struct job *job;
	int rc;

	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	rc = kv_walk(txn, T_JOBS, span_of("", 0), false, &cursor, why);
	while (rc == 0) {
		rc = kv_next(cursor, &key, &value, why);
		if (rc < 0 && key.len) {
			log_fault(LOG_ERROR, "a job's record is set aside", why);
			rc = 0;
			continue;
		}
		if (rc != 0)
			break;
		if (stored_split(value, &head, &rest, &rest, why) != 0 ||
		    (head.status <= JOB_RUNNING && stored_job(store, key, value, &job, why) != 0))
			log_fault(LOG_ERROR, "a job's record is set aside", why);
		else if (head.status <= JOB_RUNNING)
			each(arg, job);
	}
	kv_walk_end(&cursor);
	kv_abort(&txn);
	return rc < 0 ? -1 : 0;
}

int jobstore_expired(struct jobstore *store, int64_t wall_ms, struct id *ids, int limit, int *n,
		     struct fault *why)
{
	struct kv_txn *txn;
	struct kv_cursor *cursor;
	struct span key, value;
	int rc;

	*n = 0;
	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	rc = kv_walk(txn, T_EXPIRY, span_of("", 0), false, &cursor, why);
	while (rc == 0 && *n < limit && (rc = kv_next(cursor, &key, &value, why)) != 1 &&
	       key.len == 8 + ID_BYTES && get_u64(key.at) <= (uint64_t)wall_ms) {
		if (rc == 0)
			memcpy(ids[(*n)++].bytes, key.at + 8, ID_BYTES);
		rc = 0; /* a bad record is left out: it must not keep the others for ever */
	}
	kv_walk_end(&cursor);
	kv_abort(&txn);
	return rc < 0 ? -1 : 0;
}

int stored_tally(struct jobstore *store, struct fault *why)
{
	struct kv_txn *txn;
	struct kv_cursor *cursor;
	struct span key, value, rest;
	struct stored_job head;
	int rc;

	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	rc = kv_walk(txn, T_TENANTS, span_of("", 0), false, &cursor, why);
	while (rc == 0 && (rc = kv_next(cursor, &key, &value, why)) != 1 && key.len) {
		if (rc == 0 && key.len > ID_BYTES && key.len <= NAME_SIZE + ID_BYTES &&
		    kv_get(txn, T_JOBS, span_of(key.at + key.len - ID_BYTES, ID_BYTES), &value,
			   why) == 0 &&
		    stored_split(value, &head, &rest, &rest, why) == 0 &&
		    head.status <= JOB_CANCELLED)
			tally_add(&store->tally, key.at, (enum job_status)head.status, 1);
		rc = 0; /* a bad record counts nowhere */
	}
	kv_walk_end(&cursor);
	kv_abort(&txn);
	return rc < 0 ? -1 : 0;
}

void jobstore_tally(const struct jobstore *store, struct span tenant, uint64_t n[JOB_CANCELLED + 1])
{
	char name[NAME_SIZE];

	span_copy(tenant, name, sizeof(name));
	tally_of(&store->tally, name, n);
}

static bool matches(const struct wire_list *q, const struct stored_job *head, struct span record)
{
	struct wire_msg msg;

	if (q->status.len && !span_is(q->status, job_status_name((enum job_status)head->status)))
		return false;
	if (q->company.len == 0 && q->type.len == 0 && q->tenant.len == 0)
		return true;
	if (wire_decode(record, &msg, NULL) != 0 || msg.type != WIRE_JOB)
		return false;
	return (q->tenant.len == 0 || span_equal(q->tenant, msg.job.tenant)) &&
	       (q->company.len == 0 || span_equal(q->company, msg.job.company)) &&
	       (q->type.len == 0 || span_equal(q->type, msg.job.type));
}

/* One id of a list: its record, if it matches, to each(); false to stop. */
static bool give(struct kv_txn *txn, struct id id, const struct wire_list *query,
		 bool (*each)(void *arg, struct span record), void *arg)
{
	struct stored_job head;
	struct span value, key, record;
	struct fault why;

	if (kv_get(txn, T_JOBS, id_span(&id), &value, &why) != 0 ||
	    stored_split(value, &head, &key, &record, &why) != 0)
		return true; /* gone or set aside: a list goes on */
	if (!matches(query, &head, record))
		return true;
	return each(arg, record);
}

/* Where a walk down from `before` begins: the key itself, left out when it is met. */
static void start_of(const struct wire_list *q, struct buf *from)
{
	static const char last[ID_BYTES] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
					   "\xff\xff\xff\xff";

	if (q->tenant.len) {
		buf_add(from, q->tenant.at, q->tenant.len);
		buf_char(from, '\0');
	}
	if (id_is_zero(q->before))
		buf_add(from, last, sizeof(last));
	else
		buf_add(from, q->before.bytes, ID_BYTES);
}

int jobstore_list(struct jobstore *store, const struct wire_list *query,
		  bool (*each)(void *arg, struct span record), void *arg, struct list_end *end,
		  struct fault *why)
{
	int table = query->tenant.len ? T_TENANTS : T_JOBS, left = LIST_SCAN;
	size_t prefix = query->tenant.len ? query->tenant.len + 1 : 0;
	struct kv_txn *txn;
	struct kv_cursor *cursor;
	struct span key, value;
	struct buf from = {0};
	struct id id;
	int rc;

	*end = (struct list_end){.last = query->before};
	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	start_of(query, &from);
	rc = kv_walk(txn, table, buf_span(&from), true, &cursor, why);
	while (rc == 0 && !end->more && (rc = kv_next(cursor, &key, &value, why)) != 1) {
		if (key.len != prefix + ID_BYTES || memcmp(key.at, from.at, prefix) != 0)
			break;
		memcpy(id.bytes, key.at + prefix, ID_BYTES);
		if (rc < 0 || id_compare(id, query->before) == 0)
			rc = 0; /* bad records are left out, and so is where the last page ended */
		else if (left-- == 0 || !give(txn, id, query, each, arg))
			end->more = true;
		else
			end->last = id;
	}
	kv_walk_end(&cursor);
	kv_abort(&txn);
	buf_release(&from);
	return rc < 0 ? -1 : 0;
}

int jobstore_since(struct jobstore *store, const struct wire_since *query,
		   bool (*each)(void *arg, struct span record), void *arg, bool *more,
		   struct fault *why)
{
	struct wire_list any = {.tenant = query->tenant};
	struct kv_txn *txn;
	struct kv_cursor *cursor;
	struct span key, value;
	uint64_t from = query->change + 1;
	char start[8];
	struct id id;
	int rc;

	for (int i = 0; i < 8; i++)
		start[i] = (char)(from >> (56 - 8 * i));
	*more = false;
	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	rc = kv_walk(txn, T_CHANGES, span_of(start, sizeof(start)), false, &cursor, why);
	while (rc == 0 && !*more && (rc = kv_next(cursor, &key, &value, why)) != 1 && key.len) {
		if (rc < 0 || value.len != ID_BYTES) {
			rc = 0; /* a bad record is left out */
			continue;
		}
		memcpy(id.bytes, value.at, ID_BYTES);
		*more = !give(txn, id, &any, each, arg);
	}
	kv_walk_end(&cursor);
	kv_abort(&txn);
	return rc < 0 ? -1 : 0;
}

int jobstore_uploads(struct jobstore *store,
		     bool (*each)(void *arg, struct id job, struct span upload), void *arg,
		     struct fault *why)
{
	struct kv_txn *txn;
	struct kv_cursor *cursor;
	struct span key, upload;
	struct id job;
	int rc;

	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	rc = kv_walk(txn, T_UPLOADS, span_of("", 0), false, &cursor, why);
	while (rc == 0 && (rc = kv_next(cursor, &key, &upload, why)) != 1) {
		if (rc < 0 || key.len != ID_BYTES) {
			log_fault(LOG_ERROR, "a small upload is damaged", why);
			rc = 0;
			continue;
		}
		memcpy(job.bytes, key.at, ID_BYTES);
		if (!each(arg, job, upload))
			break;
	}
	kv_walk_end(&cursor);
	kv_abort(&txn);
	return rc < 0 ? -1 : 0;
}

int jobstore_kept(struct jobstore *store, void (*each)(void *arg, struct span message), void *arg,
		  struct fault *why)
{
	struct kv_txn *txn;
	struct kv_cursor *cursor;
	struct span key, message;
	int rc;

	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	rc = kv_walk(txn, T_KEPT, span_of("", 0), false, &cursor, why);
	while (rc == 0 && (rc = kv_next(cursor, &key, &message, why)) != 1) {
		if (rc < 0 && key.len == 0)
			break;
		if (rc < 0)
			log_fault(LOG_ERROR, "a write that was promised is damaged", why);
		else
			each(arg, message);
		rc = 0;
	}
	kv_walk_end(&cursor);
	kv_abort(&txn);
	return rc < 0 ? -1 : 0;
}
