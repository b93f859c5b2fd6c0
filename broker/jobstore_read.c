/* jobstore_read - records of the job store as jobs, units, contexts and keys. */
#include <stdlib.h>

#include "jobstore_internal.h"
#include "mem.h"

int stored_split(struct span value, struct stored_job *head, struct span *key, struct span *record,
		 struct fault *why)
{
	if (value.len < sizeof(*head))
		return fault_set(why, FAULT_JOB, "store-corrupt", "a job's record is cut short");
	memcpy(head, value.at, sizeof(*head));
	if (head->format != STORE_FORMAT || head->key_len > value.len - sizeof(*head))
		return fault_set(why, FAULT_JOB, "store-format",
				 "a job's record has format %u, this program reads %u",
				 head->format, STORE_FORMAT);
	*key = span_of(value.at + sizeof(*head), head->key_len);
	*record = span_of(key->at + key->len, value.len - sizeof(*head) - key->len);
	return 0;
}

static void error_of(const struct wire_job *m, struct job *job)
{
	if (m->error_code.len == 0)
		return;
	job->error = xcalloc(1, sizeof(*job->error));
	job->error->class = FAULT_JOB;
	job->error->row = m->error_row;
	span_copy(m->error_code, job->error->code, sizeof(job->error->code));
	span_copy(m->error_text, job->error->text, sizeof(job->error->text));
	span_copy(m->error_hint, job->error->hint, sizeof(job->error->hint));
	span_copy(m->error_stage, job->error_stage, sizeof(job->error_stage));
}

static void told_of(const struct wire_job *m, struct job *job, const struct stored_job *head)
{
	job->total = head->total;
	job->progress = m->progress;
	for (uint32_t i = 0; i < m->n_stages && i < job->pipeline->n_steps; i++) {
		job->told[i] = m->stages[i].done;
		job->units_told[i] = m->stages[i].units_done;
		job->failures[i] = m->stages[i].failures;
	}
	/* an ended job's rows are known by its counts alone until its units are read */
	job->rows_read = m->n_stages ? m->stages[0].done : 0;
}

static struct job *job_of(const struct jobstore *store, struct id id, const struct stored_job *head,
			  struct span key, const struct wire_job *m, struct span record)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->id = id;
	span_copy(m->type, job->type, sizeof(job->type));
	span_copy(m->tenant, job->tenant, sizeof(job->tenant));
	span_copy(m->company, job->company, sizeof(job->company));
	job->pipeline = config_pipeline(store->config, job->type);
	job->status = (enum job_status)head->status;
	job->ending = (enum job_status)head->ending;
	job->tallied = head->status + 1;
	job->phase = job_is_ended(job) ? PHASE_ENDED : PHASE_BEGIN;
	job->begun = head->flags & 1;
	job->effects_begun = head->flags & 2;
	job->priority = head->priority;
	job->failed_unit = head->failed_unit;
	job->attempt = m->attempt;
	job->created_ms = m->created_ms;
	job->started_ms = m->started_ms;
	job->finished_ms = m->finished_ms;
	job->expires_ms = job->stored_expires_ms = m->expires_ms;
	job->change = job->stored_change = m->change;
	memcpy(job->context_hash, head->context_hash, sizeof(job->context_hash));
	memcpy(job->fingerprint, head->fingerprint, sizeof(job->fingerprint));
	buf_add(&job->key, key.at, key.len);
	buf_add(&job->meta, m->meta.at, m->meta.len);
	buf_add(&job->result, m->result.at, m->result.len);
	buf_add(&job->record, record.at, record.len);
	if (m->blob.len == sizeof(job->blob_bytes)) {
		memcpy(job->blob_bytes, m->blob.at, sizeof(job->blob_bytes));
		job->blob = span_of((const char *)job->blob_bytes, sizeof(job->blob_bytes));
	}
	error_of(m, job);
	if (job->pipeline)
		told_of(m, job, head);
	return job;
}

int stored_job(const struct jobstore *store, struct span key, struct span value, struct job **job,
	       struct fault *why)
{
	struct stored_job head;
	struct span idem, record;
	struct wire_msg msg;
	struct id id;

	if (key.len != ID_BYTES || stored_split(value, &head, &idem, &record, why) != 0)
		return -1;
	memcpy(id.bytes, key.at, ID_BYTES);
	if (wire_decode(record, &msg, why) != 0)
		return -1;
	if (msg.type != WIRE_JOB)
		return fault_set(why, FAULT_JOB, "store-corrupt", "a job's record is no JOB");
	*job = job_of(store, id, &head, idem, &msg.job, record);
	return 0;
}

static int get(struct jobstore *store, int table, struct id id, struct kv_txn **txn,
	       struct span *value, struct fault *why)
{
	int rc;

	if (kv_begin(store->kv, false, txn, why) != 0)
		return -1;
	rc = kv_get(*txn, table, id_span(&id), value, why);
	if (rc != 0)
		kv_abort(txn);
	return rc;
}

int jobstore_load(struct jobstore *store, struct id id, struct job **job, struct fault *why)
{
	struct kv_txn *txn;
	struct span value;
	int rc = get(store, T_JOBS, id, &txn, &value, why);

	if (rc != 0)
		return rc;
	rc = stored_job(store, id_span(&id), value, job, why);
	kv_abort(&txn);
	return rc;
}

int jobstore_record(struct jobstore *store, struct id id, struct buf *record, struct fault *why)
{
	struct kv_txn *txn;
	struct stored_job head;
	struct span value, key, bytes;
	int rc = get(store, T_JOBS, id, &txn, &value, why);

	if (rc != 0)
		return rc;
	rc = stored_split(value, &head, &key, &bytes, why);
	if (rc == 0)
		buf_add(record, bytes.at, bytes.len);
	kv_abort(&txn);
	return rc;
}

static int copy(struct jobstore *store, enum table table, struct id id, struct buf *out,
		struct fault *why)
{
	struct kv_txn *txn;
	struct span value;
	int rc = get(store, table, id, &txn, &value, why);

	if (rc != 0)
		return rc;
	buf_add(out, value.at, value.len);
	kv_abort(&txn);
	return 0;
}

int jobstore_context(struct jobstore *store, struct id id, struct buf *context, struct fault *why)
{
	return copy(store, T_CONTEXTS, id, context, why);
}

int jobstore_key(struct jobstore *store, const struct wire_submit *submit, struct id *id,
		 uint8_t fingerprint[32], struct fault *why)
{
	struct kv_txn *txn;
	struct buf k = {0};
	struct span value;
	int rc;

	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	key_of_idem(&k, submit->tenant, submit->type, submit->key);
	rc = kv_get(txn, T_KEYS, buf_span(&k), &value, why);
	if (rc == 0 && value.len == ID_BYTES + 32) {
		memcpy(id->bytes, value.at, ID_BYTES);
		memcpy(fingerprint, value.at + ID_BYTES, 32);
	}
	kv_abort(&txn);
	buf_release(&k);
	return rc;
}

static struct unit *unit_of(struct span key, struct span value)
{
	struct stored_unit head;
	struct unit *u;

	if (value.len < sizeof(head))
		return NULL;
	memcpy(&head, value.at, sizeof(head));
	if (value.len != sizeof(head) + head.start_len + head.end_len)
		return NULL;
	u = xcalloc(1, sizeof(*u));
	u->no = get_u32(key.at + ID_BYTES);
	u->stored = (enum unit_stored)head.stored;
	u->last = head.last;
	u->source_rows = head.source_rows;
	u->first_row = head.first_row;
	u->first_line = head.first_line;
	u->last_line = head.last_line;
	u->start.len = head.start_len;
	u->end.len = head.end_len;
	memcpy(u->start.at, value.at + sizeof(head), head.start_len);
	memcpy(u->end.at, value.at + sizeof(head) + head.start_len, head.end_len);
	return u;
}

int jobstore_units(struct jobstore *store, struct job *job,
		   void (*each)(void *arg, struct job *job, struct unit *unit), void *arg,
		   struct fault *why)
{
	struct kv_txn *txn;
	struct kv_cursor *cursor;
	struct span key, value;
	struct unit *u;
	int rc;

	if (kv_begin(store->kv, false, &txn, why) != 0)
		return -1;
	rc = kv_walk(txn, T_UNITS, id_span(&job->id), false, &cursor, why);
	while (rc == 0 && (rc = kv_next(cursor, &key, &value, why)) == 0 &&
	       key.len == ID_BYTES + 4 && memcmp(key.at, job->id.bytes, ID_BYTES) == 0) {
		u = unit_of(key, value);
		if (u == NULL) {
			rc = fault_set(why, FAULT_JOB, "store-corrupt", "a unit's record is cut");
			break;
		}
		each(arg, job, u);
	}
	kv_walk_end(&cursor);
	kv_abort(&txn);
	return rc < 0 ? -1 : 0;
}
