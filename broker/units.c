/* units - a unit queued, held, replayed, tried again, given up. */
#include <stdlib.h>

#include "internal.h"
#include "mem.h"

#define BACKOFF_MS	  100
#define BACKOFF_DOUBLINGS 6 /* to 6.4 s */
#define BACKOFF_FULL_DISK 3 /* 0.8 s: soon after there is room the unit goes on */

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

void unit_queue(struct sched *s, struct unit *unit)
{
	unit->stage = step_of(unit->job, unit->step)->stage;
	unit->job->counts_changed = !unit->job->expiring;
	stageq_add(&s->stages[unit->stage], unit, s->now_ms);
}

void unit_drop(struct sched *s, const struct unit *unit)
{
	struct act *act = act_add(s, ACT_DROP);

	act->worker = unit->worker;
	act->token = unit->token;
}

void unit_loose(struct sched *s, struct unit *unit, bool drop)
{
	if (unit->queued)
		stageq_remove(&s->stages[unit->stage], unit);
	if (unit->worker) {
		if (drop)
			unit_drop(s, unit);
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

void unit_replay(struct sched *s, struct unit *unit)
{
	if (unit->kind == WORK_WRITE) { /* its payload is kept until it is answered */
		stageq_add(&s->stages[unit->stage], unit, s->now_ms);
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
	unit_queue(s, unit);
}

/* Of a job that was cut short, only what is in the books is finished. */
bool unit_is_unwanted(const struct unit *u)
{
	return (u->kind == WORK_ROWS || u->kind == WORK_BEGIN) && u->job->ending != JOB_COMPLETE &&
	       u->stored == UNIT_OPEN;
}

void unit_let_go(struct sched *s, struct unit *unit)
{
	struct job *job = unit->job;

	if (unit->kind == WORK_BEGIN) {
		life_begin_over(s, unit);
		return;
	}
	unit_close(s, unit);
	life_check(s, job);
}

struct act *write_over(struct sched *s, struct unit *unit, enum act_kind kind)
{
	struct act *act = act_add(s, kind);
	struct unit **at = &s->writes;

	act->client = unit->client;
	act->write = unit->id;
	act->kept = unit->kept;
	while (*at != unit)
		at = &(*at)->next;
	*at = unit->next;
	unit_free_later(s, unit);
	return act;
}

/* For good: the job ends early, without this unit; a retry begins with it again. */
void unit_failed(struct sched *s, struct unit *u, const struct fault *why)
{
	const char *stage = s->config->stages[u->stage].name;
	struct job *job = u->job;

	if (u->kind == WORK_WRITE) {
		write_over(s, u, ACT_WRITE_FAILED)->fault = *why;
		return;
	}
	if (u->kind == WORK_ROWS) {
		job->failed_unit = u->no;
		unit_close(s, u);
	}
	life_cut(s, job, JOB_FAILED, why, stage);
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
	bool lines = u->first_line > 0;

	*out = *why;
	out->class = FAULT_JOB;
	if (u->kind != WORK_ROWS || !u->end_known)
		return;
	fault_set(out, FAULT_JOB, why->code, "%s %llu to %llu failed %u times: %.120s",
		  lines ? "lines" : "rows",
		  (unsigned long long)(lines ? u->first_line : u->first_row + 1),
		  (unsigned long long)(lines ? u->last_line : u->first_row + u->source_rows),
		  u->tries[u->step], why->text);
	out->row = lines ? u->first_line : 0;
	fault_hint(out, "retry the job, or retry it with {\"skip\": true} to pass them");
}

/* What forgets an expired job, and a write that was promised. */
static bool is_tried_for_ever(const struct unit *u)
{
	return u->kind == WORK_WRITE ? u->kept : u->job->expiring;
}

void unit_again(struct sched *s, struct unit *u, const struct fault *why)
{
	const struct config_stage *stage = &s->config->stages[u->stage];
	uint8_t *tries = &u->tries[u->step];
	uint32_t shift = *tries < BACKOFF_DOUBLINGS ? *tries : BACKOFF_DOUBLINGS;
	struct fault last;

	/* a full disk is no fault of the unit: it waits as long as it takes */
	u->lacks_room = strcmp(why->code, "disk-full") == 0;
	if (u->lacks_room)
		shift = BACKOFF_FULL_DISK;
	else if (*tries < UINT8_MAX)
		++*tries;
	/* and up to half of it more so that crowds come apart */
	u->not_before_ms = s->now_ms + (BACKOFF_MS << shift) +
			   (int64_t)(random_next(s) % ((BACKOFF_MS / 2U) << shift));
	if (unit_is_unwanted(u)) {
		unit_let_go(s, u);
		return;
	}
	if (u->kind != WORK_WRITE && !u->lacks_room)
		u->job->failures[u->step]++;
	if (u->lacks_room || *tries < stage->attempts || is_tried_for_ever(u)) {
		unit_replay(s, u);
		return;
	}
	exhausted(u, why, &last);
	unit_failed(s, u, &last);
}
