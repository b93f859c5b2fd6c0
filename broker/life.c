/* life - a job's way from pending to ended. */
#include <inttypes.h>
#include <stdlib.h>

#include "blob.h"
#include "internal.h"
#include "mem.h"

#define RESULT_MAX 65536 /* JOB.result in wire.def */

static uint32_t begin_after(const struct job *job, uint32_t step)
{
	while (step < job->pipeline->n_steps && !step_of(job, step)->begin)
		step++;
	return step;
}

static void open_rows(struct sched *s, struct job *job)
{
	job->phase = PHASE_ROWS;
	for (struct unit *u = job->open, *next; u; u = next) {
		next = u->next;
		if (job->ending == JOB_COMPLETE || u->stored == UNIT_INSERTED)
			unit_replay(s, u);
		else
			unit_close(s, u);
	}
	life_feed(s, job);
}

void life_start(struct sched *s, struct job *job)
{
	if (job->status == JOB_PENDING) {
		job_place(s, job, JOB_RUNNING);
		if (job->started_ms == 0)
			job->started_ms = s->wall_ms;
	}
	if (!job->begun && job->ending == JOB_COMPLETE) {
		job->special = unit_new(s, job, WORK_BEGIN, begin_after(job, 0));
		unit_queue(s, job->special);
	} else {
		open_rows(s, job);
	}
	job_tell_progress(s, job);
	life_check(s, job);
}

/* The window bounds the broker's memory; a job's first open unit always has a place in it, so that
 * no job waits for another's. */
void life_feed(struct sched *s, struct job *job)
{
	struct unit *u;

	if (job->phase != PHASE_ROWS || job->ending != JOB_COMPLETE || job->source_done)
		return;
	for (u = job->open; u; u = u->next) {
		if (!u->end_known)
			return; /* its end is where the next one starts */
	}
	if (job->n_open &&
	    (job->n_open >= s->config->window_units || s->open_units >= s->config->window_all))
		return;
	u = unit_new(s, job, WORK_ROWS, 0);
	u->no = job->next_unit;
	u->start = job->next_start;
	u->first_row = job->rows_read;
	job_insert_open(job, u);
	s->open_units++;
	unit_queue(s, u);
}

static void job_end(struct sched *s, struct job *job)
{
	while (job->open)
		unit_close(s, job->open);
	job_place(s, job, job->ending);
	job->phase = PHASE_ENDED;
	job->finished_ms = s->wall_ms;
	job->expires_ms = s->wall_ms + (int64_t)s->config->retention_s * 1000;
	if (job->started_ms == 0)
		job->started_ms = s->wall_ms;
	job_tell(s, job);
}

/* A pipeline without a finish step has only counts to show. */
static void end_with_counts(struct sched *s, struct job *job)
{
	buf_clear(&job->result);
	buf_format(&job->result, "{\"rows\":%" PRIu64 "}", job->rows_read);
	job_end(s, job);
}

static bool is_over(const struct job *job)
{
	return job->open == NULL && (job->source_done || job->ending != JOB_COMPLETE);
}

void life_check(struct sched *s, struct job *job)
{
	uint32_t step = pipeline_finish(job->pipeline);

	if (job->phase != PHASE_ROWS || !is_over(job))
		return;
	if (step == job->pipeline->n_steps) {
		end_with_counts(s, job);
		return;
	}
	job->phase = PHASE_FINISH;
	job->special = unit_new(s, job, WORK_FINISH, step);
	span_copy(span_text(job_status_name(job->ending)), job->special->verb, NAME_SIZE);
	unit_queue(s, job->special);
	job_tell_progress(s, job);
}

/* What is not in the books is dropped; what is goes on without the model. A unit that is being
 * written now is waited for: its DONE or the end of its lease tells. */
static void cut_units(struct sched *s, struct job *job)
{
	uint32_t effect = pipeline_first_effect(job->pipeline, s->config);

	for (struct unit *u = job->open, *next; u; u = next) {
		const struct config_stage *stage = &s->config->stages[u->stage];

		next = u->next;
		if (u->stored == UNIT_OPEN && u->worker && u->step == effect) {
			unit_drop(s, u); /* answered with FAIL dropped, or with DONE: too late */
		} else if (u->stored == UNIT_OPEN) {
			unit_loose(s, u, true);
			unit_close(s, u);
		} else if (u->stored == UNIT_INSERTED && u->worker && stage->kind == STAGE_MAP) {
			unit_loose(s, u, true); /* it may be waiting for a model */
			unit_replay(s, u);
		}
	}
}

static void take_fault(struct job *job, const struct fault *why, const char *stage)
{
	if (job->error == NULL)
		job->error = xcalloc(1, sizeof(*job->error));
	*job->error = *why;
	span_copy(span_text(stage), job->error_stage, sizeof(job->error_stage));
}

/* An effect stage is at its begin just now: the books may know of the job before we do. */
static bool is_opening(const struct sched *s, const struct unit *unit)
{
	return unit->kind == WORK_BEGIN && unit->worker &&
	       s->stages[unit->stage].config->kind == STAGE_EFFECT;
}

void life_begin_over(struct sched *s, struct unit *unit)
{
	struct job *job = unit->job;

	job->special = NULL;
	unit_free_later(s, unit);
	job->phase = PHASE_ROWS;
	life_check(s, job);
}

void life_cut(struct sched *s, struct job *job, enum job_status ending, const struct fault *why,
	      const char *stage)
{
	if (job->expiring) { /* nothing more to forget for it */
		job->gone = true;
		job_dirty(s, job);
		return;
	}
	if (why && job->ending == JOB_COMPLETE)
		take_fault(job, why, stage);
	if (job->ending == JOB_COMPLETE)
		job->ending = ending;
	if (job->phase == PHASE_FINISH) { /* finish itself failed: nothing is left to try */
		job->ending = JOB_FAILED;
		if (why)
			take_fault(job, why, stage);
		unit_free_later(s, job->special);
		job->special = NULL;
		job_end(s, job);
		return;
	}
	if (job->special && is_opening(s, job->special)) {
		unit_drop(s, job->special); /* its answer, or the end of its lease, goes on */
		job_tell(s, job);
		return;
	}
	if (job->special) {
		unit_loose(s, job->special, true);
		unit_free_later(s, job->special);
		job->special = NULL;
	}
	cut_units(s, job);
	job_tell(s, job);
	if (!job->effects_begun) {
		job_end(s, job);
		return;
	}
	if (job->status == JOB_PENDING) {
		life_start(s, job);
		return;
	}
	job->phase = PHASE_ROWS;
	life_check(s, job);
}

void life_begin_done(struct sched *s, struct unit *unit, const struct wire_done *done,
		     void **payload, struct span bytes)
{
	struct job *job = unit->job;
	struct blob_hash hash;

	if (done->total)
		job->total = done->total;
	if (unit_is_unwanted(unit)) { /* cut while its import was being opened */
		life_begin_over(s, unit);
		return;
	}
	unit->step = begin_after(job, unit->step + 1);
	if (unit->step < job->pipeline->n_steps) {
		unit->payload = *payload;
		*payload = NULL;
		unit_queue(s, unit);
		return;
	}
	buf_clear(&job->context);
	buf_add(&job->context, bytes.at, bytes.len);
	blob_hash_of(bytes, &hash);
	memcpy(job->context_hash, hash.bytes, sizeof(job->context_hash));
	job->begun = true;
	job->special = NULL;
	unit_free_later(s, unit);
	open_rows(s, job);
	job_tell(s, job);
	life_check(s, job);
}

/* The source says where the unit ended; a replay must end where it did the first time. */
static int source_done(struct sched *s, struct unit *unit, const struct wire_done *done,
		       struct fault *why)
{
	struct job *job = unit->job;

	if (unit->end_known) {
		/* its rows are compared by who books them */
		if (span_equal(done->end, span_of(unit->end.at, unit->end.len)))
			return 0;
		return fault_set(why, FAULT_JOB, "replay-differs",
				 "reading rows %" PRIu64 " on again ended elsewhere",
				 unit->first_row + 1);
	}
	if (done->end.len > sizeof(unit->end.at))
		return fault_set(why, FAULT_JOB, "cursor-too-long",
				 "a cursor has at most %zu bytes", sizeof(unit->end.at));
	unit->end.len = (uint8_t)done->end.len;
	memcpy(unit->end.at, done->end.at, done->end.len);
	unit->end_known = true;
	unit->last = done->last != 0;
	unit->source_rows = done->rows_in;
	unit->first_line = done->first_line;
	unit->last_line = done->last_line;
	job->next_unit = unit->no + 1;
	job->next_start = unit->end;
	job->rows_read += done->rows_in;
	job->source_done = unit->last;
	unit_dirty(s, unit);
	return 0;
}

void life_rows_done(struct sched *s, struct unit *unit, const struct wire_done *done,
		    void **payload)
{
	struct job *job = unit->job;
	uint32_t steps = job->pipeline->n_steps;
	uint32_t effect = pipeline_first_effect(job->pipeline, s->config);
	uint32_t before = record_stage(job);
	struct fault why;

	if (unit->step == 0 && source_done(s, unit, done, &why) != 0) {
		unit_failed(s, unit, &why);
		return;
	}
	job->counts_changed = true;
	job_count(job, unit, 0, unit->step + 1);
	unit->rows = done->rows_out;
	if (unit->step + 1 == steps || done->rows_out == 0) {
		job_count(job, unit, 0, steps);
		unit->stored = UNIT_DONE;
		unit_dirty(s, unit);
		unit_close(s, unit);
	} else {
		if (unit->step == effect && unit->stored == UNIT_OPEN) {
			unit->stored = UNIT_INSERTED;
			unit_dirty(s, unit);
		}
		unit->step++;
		unit->payload = *payload;
		*payload = NULL;
		unit_queue(s, unit);
	}
	life_feed(s, job);
	if (record_stage(job) != before)
		job_tell_progress(s, job);
	life_check(s, job);
}

void life_finish_done(struct sched *s, struct unit *unit, struct span bytes)
{
	struct job *job = unit->job;

	job->special = NULL;
	unit_free_later(s, unit);
	if (job->expiring) {
		job->gone = true;
		job_dirty(s, job);
		return;
	}
	buf_clear(&job->result);
	if (bytes.len <= RESULT_MAX)
		buf_add(&job->result, bytes.at, bytes.len);
	job_end(s, job);
}
