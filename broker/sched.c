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

void job_dirty(struct sched *s, struct job *job)
{
	if (job->dirty)
		return;
	job->dirty = true;
	job->dirty_next = s->dirty_jobs;
	s->dirty_jobs = job;
}

void unit_dirty(struct sched *s, struct unit *unit)
{
	if (unit->dirty)
		return;
	unit->dirty = true;
	unit->dirty_next = s->dirty_units;
	s->dirty_units = unit;
}

void job_tell(struct sched *s, struct job *job)
{
	job->tell = true;
	job->counts_changed = false;
	job_dirty(s, job);
}

/* ---- clients ---- */

struct job *sched_submit(struct sched *s, const struct wire_submit *submit,
			 const struct config_pipeline *pipeline, int64_t now_ms, int64_t wall_ms)
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
	job->created_ms = wall_ms;
	buf_add(&job->meta, submit->meta.at, submit->meta.len);
	buf_add(&job->context, submit->params.at, submit->params.len);
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
	job->event_ms = now_ms;
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

void sched_restored(struct sched *s, struct job *job, int64_t now_ms, int64_t wall_ms)
{
	if (job->status == JOB_RUNNING)
		life_start(s, job, now_ms, wall_ms);
}

void sched_restore_unit(struct sched *s, struct job *job, struct unit *unit)
{
	job->next_unit = unit->no + 1;
	job->next_start = unit->end;
	job->rows_read = unit->first_row + unit->source_rows;
	job->source_done = unit->last;
	if (unit->stored == UNIT_DONE) {
		for (uint32_t i = 0; i < job->pipeline->n_steps; i++)
			job->done[i] += unit->source_rows;
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

int sched_cancel(struct sched *s, struct job *job, int64_t now_ms, int64_t wall_ms)
{
	if (job_is_ended(job))
		return -1;
	if (job->ending == JOB_COMPLETE && job->phase != PHASE_FINISH)
		life_cut(s, job, JOB_CANCELLED, NULL, NULL, now_ms, wall_ms);
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
	for (uint32_t i = 0; i < job->pipeline->n_steps; i++)
		job->done[i] += u->source_rows;
	unit_close(s, u);
	return 0;
}

int sched_retry(struct sched *s, struct job *job, bool skip, int64_t now_ms, struct fault *why)
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
	job->event_ms = now_ms;
	job_place(s, job, JOB_PENDING);
	job_tell(s, job);
	return 0;
}

void sched_write(struct sched *s, const struct wire_write *write, void *payload, uint64_t client,
		 uint32_t stage, int64_t now_ms)
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
	stageq_add(&s->stages[stage], u, now_ms);
}

void sched_expire(struct sched *s, struct job *job, int64_t now_ms)
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
	unit_queue(s, u, now_ms);
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

/* ---- workers ---- */

struct worker *sched_worker(struct sched *s, struct span key)
{
	struct worker *w = s->workers;

	while (w && (w->lost || !span_equal(span_of(w->key, w->key_len), key)))
		w = w->next;
	return w;
}

struct worker *sched_workers(struct sched *s)
{
	return s->workers;
}

struct worker *sched_hello(struct sched *s, struct span key, const struct wire_hello *hello,
			   int64_t now_ms)
{
	struct worker *w = sched_worker(s, key);
	uint32_t stage = 0;

	if (w) /* it dropped what it held; not its fault */
		sched_lost(s, w, false, now_ms, 0);
	while (stage < s->config->n_stages && !span_is(hello->stage, s->config->stages[stage].name))
		stage++;
	if (stage == s->config->n_stages || key.len > sizeof(w->key))
		return NULL;
	w = xcalloc(1, sizeof(*w));
	memcpy(w->key, key.at, key.len);
	w->key_len = (uint8_t)key.len;
	w->stage = stage;
	w->credit = hello->credit < 1 ? 1 : hello->credit > 64 ? 64 : hello->credit;
	w->pid = hello->pid;
	span_copy(hello->host, w->host, sizeof(w->host));
	span_copy(hello->version, w->version, sizeof(w->version));
	w->seen_ms = w->probed_ms = now_ms;
	w->next = s->workers;
	s->workers = w;
	s->stages[stage].credit += w->credit;
	return w;
}

void sched_beat(struct sched *s, struct worker *w, int64_t now_ms)
{
	(void)s;
	w->seen_ms = now_ms;
}

/* Every unit that `w` holds, one after another: NULL ends. */
static struct unit *held_by(struct sched *s, const struct worker *w)
{
	for (struct job *job = s->active; job; job = job->next) {
		if (job->special && job->special->worker == w)
			return job->special;
		for (struct unit *u = job->open; u; u = u->next) {
			if (u->worker == w)
				return u;
		}
	}
	for (struct unit *u = s->writes; u; u = u->next) {
		if (u->worker == w)
			return u;
	}
	return NULL;
}

/* Of a job that was cut short, only what is in the books is finished. */
static bool is_unwanted(const struct unit *u)
{
	return u->kind == WORK_ROWS && u->job->ending != JOB_COMPLETE && u->stored == UNIT_OPEN;
}

void sched_lost(struct sched *s, struct worker *w, bool blame, int64_t now_ms, int64_t wall_ms)
{
	struct unit *u;
	struct fault why;

	fault_set(&why, FAULT_RETRY, "worker-lost", "the %s process that did it died or stopped",
		  s->config->stages[w->stage].name);
	w->lost = true;
	s->stages[w->stage].credit -= w->credit;
	while (w->held && (u = held_by(s, w)) != NULL) {
		stageq_release(&s->stages[u->stage], u);
		s->stages[u->stage].failures += blame;
		if (blame)
			unit_again(s, u, &why, now_ms, wall_ms);
		else if (is_unwanted(u))
			unit_close(s, u);
		else
			unit_replay(s, u, now_ms);
	}
}

static struct unit *unit_held(struct sched *s, struct worker *w, struct id id, uint64_t token)
{
	struct job *job = sched_job(s, id);

	if (job) {
		if (job->special && job->special->token == token && job->special->worker == w)
			return job->special;
		for (struct unit *u = job->open; u; u = u->next) {
			if (u->token == token && u->worker == w)
				return u;
		}
	}
	for (struct unit *u = s->writes; u; u = u->next) {
		if (u->token == token && u->worker == w)
			return u;
	}
	return NULL;
}

static void write_over(struct sched *s, struct unit *unit)
{
	struct unit **at = &s->writes;

	while (*at != unit)
		at = &(*at)->next;
	*at = unit->next;
	unit_free_later(s, unit);
}

bool sched_done(struct sched *s, struct worker *w, const struct wire_done *done, void *payload,
		struct span payload_bytes, int64_t now_ms, int64_t wall_ms)
{
	struct unit *u = unit_held(s, w, done->job, done->token);
	struct act *act;

	w->seen_ms = now_ms;
	if (u == NULL)
		return false;
	w->units_done++;
	stageq_count(&s->stages[u->stage],
		     u->kind == WORK_ROWS && u->step ? u->rows : done->rows_in, now_ms);
	stageq_release(&s->stages[u->stage], u);
	switch (u->kind) {
	case WORK_BEGIN:
		life_begin_done(s, u, done, &payload, payload_bytes, now_ms, wall_ms);
		break;
	case WORK_ROWS:
		life_rows_done(s, u, done, &payload, now_ms, wall_ms);
		break;
	case WORK_FINISH:
		life_finish_done(s, u, payload_bytes, wall_ms);
		break;
	case WORK_WRITE:
		act = act_add(s, ACT_WRITTEN);
		act->client = u->client;
		act->payload = payload;
		act->bytes = payload_bytes;
		payload = NULL;
		write_over(s, u);
		break;
	}
	if (payload)
		s->release(payload);
	return true;
}

static void fault_of(const struct wire_fail *fail, struct fault *why)
{
	memset(why, 0, sizeof(*why));
	why->class = fail->class == FAULT_RETRY ? FAULT_RETRY : FAULT_JOB;
	span_copy(fail->code, why->code, sizeof(why->code));
	span_copy(fail->text, why->text, sizeof(why->text));
	span_copy(fail->hint, why->hint, sizeof(why->hint));
	why->row = fail->row;
}

static void write_failed(struct sched *s, struct unit *unit, const struct fault *why)
{
	struct act *act = act_add(s, ACT_WRITE_FAILED);

	act->client = unit->client;
	act->fault = *why;
	write_over(s, unit);
}

/* For good: the job ends early, without this unit; a retry begins with it again. */
static void unit_failed(struct sched *s, struct unit *u, const struct fault *why, int64_t now_ms,
			int64_t wall_ms)
{
	const char *stage = s->config->stages[u->stage].name;
	struct job *job = u->job;

	if (u->kind == WORK_WRITE) {
		write_failed(s, u, why);
		return;
	}
	if (u->kind == WORK_ROWS) {
		job->failed_unit = u->no;
		unit_close(s, u);
	}
	life_cut(s, job, JOB_FAILED, why, stage, now_ms, wall_ms);
}

void sched_fail(struct sched *s, struct worker *w, const struct wire_fail *fail, int64_t now_ms,
		int64_t wall_ms)
{
	struct unit *u = unit_held(s, w, fail->job, fail->token);
	struct fault why;

	w->seen_ms = now_ms;
	if (u == NULL)
		return;
	fault_of(fail, &why);
	s->stages[u->stage].failures++;
	stageq_release(&s->stages[u->stage], u);
	if (why.class == FAULT_RETRY)
		unit_again(s, u, &why, now_ms, wall_ms);
	else
		unit_failed(s, u, &why, now_ms, wall_ms);
}

/* ---- units ---- */

struct unit *unit_new(struct sched *s, struct job *job, enum wire_work_kind kind, uint32_t step)
{
	struct unit *u = xcalloc(1, sizeof(*u));

	(void)s;
	u->job = job;
	u->kind = kind;
	u->step = step;
	if (job)
		u->stage = step_of(job, step)->stage;
	return u;
}

void unit_queue(struct sched *s, struct unit *unit, int64_t now_ms)
{
	unit->stage = step_of(unit->job, unit->step)->stage;
	stageq_add(&s->stages[unit->stage], unit, now_ms);
}

void unit_loose(struct sched *s, struct unit *unit, bool drop)
{
	if (unit->queued)
		stageq_remove(&s->stages[unit->stage], unit);
	if (unit->worker) {
		if (drop) {
			struct act *act = act_add(s, ACT_DROP);

			act->worker = unit->worker;
			act->token = unit->token;
		}
		stageq_release(&s->stages[unit->stage], unit);
	}
	if (unit->payload)
		s->release(unit->payload);
	unit->payload = NULL;
}

void unit_free_later(struct sched *s, struct unit *unit)
{
	unit_loose(s, unit, false);
	unit->next = s->trash;
	s->trash = unit;
}

void unit_close(struct sched *s, struct unit *unit)
{
	struct unit **at = &unit->job->open;

	while (*at != unit)
		at = &(*at)->next;
	*at = unit->next;
	unit->job->n_open--;
	s->open_units--;
	unit_free_later(s, unit);
}

void unit_replay(struct sched *s, struct unit *unit, int64_t now_ms)
{
	if (unit->kind == WORK_WRITE) { /* its payload is kept until it is answered */
		stageq_add(&s->stages[unit->stage], unit, now_ms);
		return;
	}
	if (unit->payload)
		s->release(unit->payload);
	unit->payload = NULL;
	if (unit->kind == WORK_ROWS)
		unit->step = 0;
	if (unit->kind == WORK_BEGIN) {
		unit->step = 0;
		while (!step_of(unit->job, unit->step)->begin)
			unit->step++;
	}
	unit_queue(s, unit, now_ms);
}

static uint64_t random_next(struct sched *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

/* What is told when the tries are used up: which rows, and what to do. */
static void exhausted(const struct unit *u, const struct fault *why, struct fault *out)
{
	*out = *why;
	out->class = FAULT_JOB;
	if (u->kind != WORK_ROWS || !u->end_known)
		return;
	fault_set(out, FAULT_JOB, why->code, "rows %llu to %llu failed %u times: %.120s",
		  (unsigned long long)u->first_row + 1,
		  (unsigned long long)u->first_row + u->source_rows, u->attempts, why->text);
	out->row = why->row;
	fault_hint(out, "retry the job, or retry it with {\"skip\": true} to pass these rows");
}

void unit_again(struct sched *s, struct unit *u, const struct fault *why, int64_t now_ms,
		int64_t wall_ms)
{
	const struct config_stage *stage = &s->config->stages[u->stage];
	uint32_t shift = u->attempts < 6 ? u->attempts : 6;
	struct fault last;

	u->attempts++;
	/* 100 ms doubling to 6.4 s, and up to half of it more so that crowds come apart */
	u->not_before_ms = now_ms + (100 << shift) + (int64_t)(random_next(s) % (50U << shift));
	if (is_unwanted(u)) {
		struct job *job = u->job;

		unit_close(s, u);
		life_check(s, job, now_ms, wall_ms);
		return;
	}
	if (u->attempts < stage->attempts || (u->job && u->job->expiring)) {
		unit_replay(s, u, now_ms);
		return;
	}
	exhausted(u, why, &last);
	unit_failed(s, u, &last, now_ms, wall_ms);
}
