#include "sched.h"

#include <stdlib.h>

#include "blob.h"
#include "internal.h"
#include "mem.h"

struct sched *sched_new(const struct config *config, uint32_t epoch, uint64_t seed,
			void (*release)(void *payload))
{
	struct sched *s = xcalloc(1, sizeof(*s));

	s->config = config;
	s->epoch = epoch;
	s->random = seed | 1;
	s->release = release;
	s->token = s->change = (uint64_t)epoch << 32;
	for (uint32_t i = 0; i < config->n_stages; i++)
		s->stages[i].config = &config->stages[i];
	return s;
}

void sched_time(struct sched *s, int64_t now_ms, int64_t wall_ms)
{
	s->now_ms = now_ms;
	s->wall_ms = wall_ms;
}

static struct job **bucket_of(struct sched *s, struct id id)
{
	/* the last bytes of a ULID are random */
	return &s->buckets[(id.bytes[15] | id.bytes[14] << 8) % JOB_BUCKETS];
}

struct job *sched_job(struct sched *s, struct id id)
{
	struct job *job = *bucket_of(s, id);

	while (job && id_compare(job->id, id) != 0)
		job = job->hash_next;
	return job;
}

static void job_hash(struct sched *s, struct job *job)
{
	struct job **bucket = bucket_of(s, job->id);

	job->hash_next = *bucket;
	*bucket = job;
}

static void free_units(struct sched *s, struct unit **list)
{
	while (*list) {
		struct unit *u = *list;

		*list = u->next;
		if (u->payload)
			s->release(u->payload);
		free(u);
	}
}

void job_free(struct sched *s, struct job *job)
{
	struct job **at = bucket_of(s, job->id);

	while (*at && *at != job)
		at = &(*at)->hash_next;
	if (*at)
		*at = job->hash_next;
	job_unplace(s, job);
	free_units(s, &job->open);
	free_units(s, &job->special);
	buf_release(&job->result);
	buf_release(&job->meta);
	buf_release(&job->context);
	buf_release(&job->upload);
	buf_release(&job->key);
	buf_release(&job->record);
	free(job->error);
	free(job);
}

void sched_free(struct sched **sched)
{
	struct sched *s = *sched;

	if (s == NULL)
		return;
	sched_clean(s);
	for (uint32_t i = 0; i < JOB_BUCKETS; i++) {
		while (s->buckets[i])
			job_free(s, s->buckets[i]);
	}
	free_units(s, &s->writes);
	while (s->workers) {
		struct worker *w = s->workers;

		s->workers = w->next;
		free(w);
	}
	for (uint32_t i = 0; i < s->config->n_stages; i++)
		free(s->stages[i].flows);
	free(s->acts);
	free(s);
	*sched = NULL;
}

struct act *act_add(struct sched *s, enum act_kind kind)
{
	if (s->n_acts == s->room_acts) {
		s->room_acts = s->room_acts ? 2 * s->room_acts : 64;
		s->acts = xrealloc(s->acts, (size_t)s->room_acts * sizeof(*s->acts));
	}
	memset(&s->acts[s->n_acts], 0, sizeof(*s->acts));
	s->acts[s->n_acts].kind = kind;
	return &s->acts[s->n_acts++];
}

static void job_list(struct sched *s, struct job *job)
{
	if (job->dirty)
		return;
	job->dirty = true;
	job->dirty_next = s->dirty_jobs;
	s->dirty_jobs = job;
}

void job_dirty(struct sched *s, struct job *job)
{
	job->promised = true;
	job_list(s, job);
}

void unit_dirty(struct sched *s, struct unit *unit)
{
	if (unit->dirty)
		return;
	unit->dirty = true;
	unit->dirty_next = s->dirty_units;
	s->dirty_units = unit;
}

void job_tell_progress(struct sched *s, struct job *job)
{
	job->tell = true;
	job->counts_changed = false;
	job_list(s, job);
}

void job_tell(struct sched *s, struct job *job)
{
	job_tell_progress(s, job);
	job->promised = true;
}

/* ---- clients ---- */

struct job *sched_submit(struct sched *s, const struct wire_submit *submit,
			 const struct config_pipeline *pipeline)
{
	struct job *job = xcalloc(1, sizeof(*job));
	struct blob_hash hash;

	job->id = submit->job;
	job->pipeline = pipeline;
	span_copy(submit->type, job->type, sizeof(job->type));
	span_copy(submit->tenant, job->tenant, sizeof(job->tenant));
	span_copy(submit->company, job->company, sizeof(job->company));
	job->ending = JOB_COMPLETE;
	job->attempt = 1;
	job->priority = submit->priority;
	job->fresh = true;
	job->failed_unit = UINT32_MAX;
	job->created_ms = s->wall_ms;
	buf_add(&job->meta, submit->meta.at, submit->meta.len);
	buf_add(&job->context, submit->params.at, submit->params.len);
	buf_add(&job->upload, submit->upload.at, submit->upload.len);
	buf_add(&job->key, submit->key.at, submit->key.len);
	if (submit->fingerprint.len == sizeof(job->fingerprint))
		memcpy(job->fingerprint, submit->fingerprint.at, sizeof(job->fingerprint));
	if (submit->blob.len == sizeof(job->blob_bytes)) {
		memcpy(job->blob_bytes, submit->blob.at, sizeof(job->blob_bytes));
		job->blob = span_of((const char *)job->blob_bytes, sizeof(job->blob_bytes));
	}
	blob_hash_of(submit->params, &hash);
	memcpy(job->context_hash, hash.bytes, sizeof(job->context_hash));
	job->begun = true;
	for (uint32_t i = 0; i < pipeline->n_steps; i++)
		job->begun = job->begun && !pipeline->steps[i].begin;
	job->event_ms = s->now_ms;
	job_hash(s, job);
	job_place(s, job, JOB_PENDING);
	job_tell(s, job);
	return job;
}

struct job *sched_restore(struct sched *s, struct job *job)
{
	job_hash(s, job);
	job_place(s, job, job->status);
	return job;
}

void sched_restored(struct sched *s, struct job *job)
{
	if (job->status == JOB_RUNNING)
		life_start(s, job);
}

void sched_restore_unit(struct sched *s, struct job *job, struct unit *unit)
{
	job->next_unit = unit->no + 1;
	job->next_start = unit->end;
	job->rows_read = unit->first_row + unit->source_rows;
	job->source_done = unit->last;
	if (unit->stored == UNIT_DONE) {
		job_count(job, unit, 0, job->pipeline->n_steps);
		free(unit);
		return;
	}
	unit->job = job;
	unit->kind = WORK_ROWS;
	unit->end_known = true;
	s->open_units++;
	job_insert_open(job, unit);
}

void job_insert_open(struct job *job, struct unit *unit)
{
	struct unit **at = &job->open;

	while (*at && (*at)->no < unit->no)
		at = &(*at)->next;
	unit->next = *at;
	*at = unit;
	job->n_open++;
}

int sched_cancel(struct sched *s, struct job *job)
{
	if (job_is_ended(job))
		return -1;
	if (job->ending == JOB_COMPLETE && job->phase != PHASE_FINISH)
		life_cut(s, job, JOB_CANCELLED, NULL, NULL);
	return 0;
}

static int skip_failed(struct sched *s, struct job *job, struct fault *why)
{
	struct unit *u = job->open;

	while (u && u->no != job->failed_unit)
		u = u->next;
	if (u == NULL)
		return fault_set(why, FAULT_INPUT, "cannot-skip",
				 "the part that failed was not read yet, so it cannot be passed");
	u->stored = UNIT_DONE;
	unit_dirty(s, u);
	job_count(job, u, 0, job->pipeline->n_steps);
	unit_close(s, u);
	return 0;
}

int sched_retry(struct sched *s, struct job *job, bool skip, struct fault *why)
{
	if (skip && skip_failed(s, job, why) != 0)
		return -1;
	job->ending = JOB_COMPLETE;
	job->phase = PHASE_BEGIN;
	job->attempt++;
	job->failed_unit = UINT32_MAX;
	job->finished_ms = job->expires_ms = 0;
	free(job->error);
	job->error = NULL;
	job->error_stage[0] = '\0';
	buf_clear(&job->result);
	job->event_ms = s->now_ms;
	job_place(s, job, JOB_PENDING);
	job_tell(s, job);
	return 0;
}

void sched_write(struct sched *s, const struct wire_write *write, void *payload, uint64_t client,
		 uint32_t stage)
{
	struct unit *u = unit_new(s, NULL, WORK_WRITE, 0);

	u->id = write->id;
	u->client = client;
	u->payload = payload;
	u->stage = stage;
	span_copy(write->tenant, u->tenant, sizeof(u->tenant));
	span_copy(write->company, u->company, sizeof(u->company));
	span_copy(write->verb, u->verb, sizeof(u->verb));
	u->next = s->writes;
	s->writes = u;
	stageq_add(&s->stages[stage], u, s->now_ms);
}

bool sched_keep(struct sched *s, struct id id)
{
	struct unit *u = s->writes;

	while (u && id_compare(u->id, id) != 0)
		u = u->next;
	if (u)
		u->kept = true;
	return u != NULL;
}

uint32_t sched_kept(const struct sched *s)
{
	uint32_t n = 0;

	for (const struct unit *u = s->writes; u; u = u->next)
		n += u->kept;
	return n;
}

void sched_expire(struct sched *s, struct job *job)
{
	uint32_t step = job->pipeline ? pipeline_finish(job->pipeline) : 0;
	struct unit *u;

	job->expiring = true;
	job_place(s, job, job->status);
	if (job->pipeline == NULL || step == job->pipeline->n_steps || !job->effects_begun) {
		job->gone = true;
		job_dirty(s, job);
		return;
	}
	u = unit_new(s, job, WORK_FINISH, step);
	span_copy(span_text("expired"), u->verb, sizeof(u->verb));
	job->special = u;
	unit_queue(s, u);
}

/* Takes back what was decided for a job in this round: its acts and its dirty units. */
static void undecide(struct sched *s, const struct job *job)
{
	struct unit **at = &s->dirty_units;
	int kept = 0;

	while (*at) {
		if ((*at)->job == job)
			*at = (*at)->dirty_next;
		else
			at = &(*at)->dirty_next;
	}
	for (int i = 0; i < s->n_acts; i++) {
		if (s->acts[i].unit == NULL || s->acts[i].unit->job != job)
			s->acts[kept++] = s->acts[i];
	}
	s->n_acts = kept;
}

void sched_forget(struct sched *s, struct job *job)
{
	struct job **at = &s->dirty_jobs;

	while (*at && *at != job)
		at = &(*at)->dirty_next;
	if (*at)
		*at = job->dirty_next;
	undecide(s, job);
	if (job->special)
		unit_loose(s, job->special, false);
	while (job->open)
		unit_close(s, job->open);
	job_free(s, job);
}

bool sched_context_job(const struct sched *s, struct span hash, struct id *id)
{
	for (const struct job *j = s->active; j; j = j->next) {
		if (span_equal(hash,
			       span_of((const char *)j->context_hash, sizeof(j->context_hash)))) {
			*id = j->id;
			return true;
		}
	}
	return false;
}
