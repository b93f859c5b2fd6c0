/* deal - who gets the next unit, what is told when, and what a round leaves behind. */
#include <stdlib.h>

#include "internal.h"

/* A job's counts are told at most ten times a second (docs/ARCHITECTURE.md, Events). */
#define EVENT_MS    100
#define TICK_MAX_MS 1000

/* ---- dealing ---- */

/* On disk before an effect stage hears of the job: from here on it ends with its finish. */
static void effects_begin(struct sched *s, const struct unit *unit)
{
	struct job *job = unit->job;

	if (unit->kind != WORK_BEGIN || job->effects_begun ||
	    s->stages[unit->stage].config->kind != STAGE_EFFECT)
		return;
	job->effects_begun = true;
	job_dirty(s, job);
}

static void deal_stage(struct sched *s, struct stageq *q)
{
	struct worker *w;
	struct unit *u;
	struct act *act;

	while ((u = stageq_next(q, s->workers, s->now_ms, &w)) != NULL) {
		if (w->held == 0)
			w->moved_ms = s->now_ms;
		stageq_hold(q, u, w);
		stageq_remove(q, u);
		u->token = ++s->token;
		effects_begin(s, u);
		if (u->job)
			u->job->counts_changed = !u->job->expiring;
		act = act_add(s, ACT_WORK);
		act->worker = w;
		act->unit = u;
		act->token = u->token;
	}
}

static void feed_all(struct sched *s)
{
	for (struct job *job = s->active; job; job = job->next) {
		if (job->status == JOB_RUNNING)
			life_feed(s, job);
	}
}

void sched_tell(struct sched *s)
{
	for (struct job *job = s->active; job; job = job->next) {
		if (job->counts_changed && s->now_ms - job->event_ms >= EVENT_MS)
			job_tell_progress(s, job);
	}
	for (struct job *job = s->dirty_jobs; job; job = job->dirty_next) {
		if (!job->tell)
			continue;
		job->change = ++s->change;
		job->event_ms = s->now_ms;
		record_tell(job, s->config);
	}
}

void sched_deal(struct sched *s)
{
	admit_all(s);
	feed_all(s);
	for (uint32_t i = 0; i < s->config->n_stages; i++)
		deal_stage(s, &s->stages[i]);
}

void sched_tick(struct sched *s)
{
	for (struct worker *w = s->workers; w; w = w->next) {
		const struct config_stage *stage = &s->config->stages[w->stage];

		if (!w->lost && s->now_ms - w->seen_ms > stage->lease_ms)
			sched_lost(s, w, true);
		else if (w->held && s->now_ms - w->moved_ms > stage->timeout_ms)
			worker_stuck(s, w);
	}
	/* a cut job may have waited for a worker that was lost just now */
	for (struct job *job = s->active, *next; job; job = next) {
		next = job->next;
		if (job->status == JOB_RUNNING && job->ending != JOB_COMPLETE)
			life_check(s, job);
	}
}

int sched_timeout_ms(const struct sched *s)
{
	int64_t next = s->now_ms + TICK_MAX_MS;

	if (s->admit_soon)
		return 0;
	for (uint32_t i = 0; i < s->config->n_stages; i++) {
		int64_t at = stageq_next_ms(&s->stages[i], s->now_ms);

		next = at < next ? at : next;
	}
	for (const struct job *job = s->active; job; job = job->next) {
		if (job->counts_changed && job->event_ms + EVENT_MS < next)
			next = job->event_ms + EVENT_MS;
	}
	return next <= s->now_ms ? 1 : (int)(next - s->now_ms);
}

/* ---- what was decided ---- */

struct job *sched_dirty_jobs(struct sched *s)
{
	return s->dirty_jobs;
}

struct unit *sched_dirty_units(struct sched *s)
{
	return s->dirty_units;
}

struct act *sched_acts(struct sched *s, int *n)
{
	*n = s->n_acts;
	return s->acts;
}

static void clean_workers(struct sched *s)
{
	struct worker **at = &s->workers;

	while (*at) {
		struct worker *w = *at;

		if (!w->lost) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free(w);
	}
}

void sched_clean(struct sched *s)
{
	while (s->dirty_units) {
		s->dirty_units->dirty = false;
		s->dirty_units = s->dirty_units->dirty_next;
	}
	while (s->trash) {
		struct unit *u = s->trash;

		s->trash = u->next;
		free(u);
	}
	while (s->dirty_jobs) {
		struct job *job = s->dirty_jobs;

		s->dirty_jobs = job->dirty_next;
		s->admit_soon = s->admit_soon || job->fresh;
		job->dirty = job->promised = job->tell = job->fresh = false;
		buf_release(&job->context);
		buf_release(&job->upload);
		if (job->gone || (job_is_ended(job) && !job->expiring))
			job_free(s, job);
	}
	for (int i = 0; i < s->n_acts; i++) {
		if (s->acts[i].payload)
			s->release(s->acts[i].payload);
	}
	s->n_acts = 0;
	clean_workers(s);
}

/* ---- for status ---- */

void sched_stage_info(const struct sched *s, uint32_t stage, struct wire_stage *info)
{
	static const char *const kinds[] = {"source", "map", "effect"};
	const struct stageq *q = &s->stages[stage];
	int64_t oldest = s->now_ms;

	for (const struct unit *u = q->first; u; u = u->queue_next)
		oldest = u->since_ms < oldest ? u->since_ms : oldest;
	*info = (struct wire_stage){.name = span_text(q->config->name),
				    .kind = span_text(kinds[q->config->kind]),
				    .builtin = q->config->builtin,
				    .queued = q->queued,
				    .in_flight = q->held,
				    .units_done = q->units_done,
				    .rows_done = q->rows_done,
				    .failures = q->failures,
				    .rows_per_s = stageq_rows_per_s(q, s->now_ms),
				    .oldest_ms = s->now_ms - oldest};
}

uint32_t sched_pending(const struct sched *s)
{
	return s->n_pending;
}

uint32_t sched_running(const struct sched *s)
{
	return s->n_running;
}

uint64_t sched_change(const struct sched *s)
{
	return s->change;
}
