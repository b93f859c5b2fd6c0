/*
 * The scheduler against a model of it in plain lists, step by step. The model knows where every
 * unit of every job is, by rules written down a second time and as naively as can be; it must allow
 * each unit that is dealt, agree on what is pending and running after each round, know how each job
 * ends, and find nobody idle who could have been given something. What it leaves open is whose turn
 * it is among those who may have one, and how much jitter a pause has. Steps are seeded; time,
 * deaths, silence, late answers and cancels are inputs. DAYBOOK_STEPS and DAYBOOK_SEED choose
 * another run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"
#include "sched_model.h"

#define STEPS 100000

static int sim_of(struct world *w, const struct worker *worker)
{
	for (int i = 0; i < WORKERS; i++) {
		if (w->workers[i].up && memcmp(w->workers[i].key, worker->key, 8) == 0)
			return i;
	}
	fail_msg("dealt to nobody");
	return -1;
}

static void take_act(struct world *w, const struct act *act)
{
	const struct unit *u = act->unit;
	int worker = sim_of(w, act->worker);
	struct m_job *j = NULL;
	struct m_unit *mine;

	for (int i = 0; i < JOBS; i++) {
		if (w->jobs[i].used && id_compare(w->jobs[i].id, u->job->id) == 0)
			j = &w->jobs[i];
	}
	assert_non_null(j);
	mine = u->kind == WORK_ROWS ? &j->unit[u->no] : &j->special;
	assert_true(u->kind == WORK_ROWS ? j->phase == PHASE_ROWS : j->has_special);
	assert_int_equal(mine->where, QUEUED);
	assert_int_equal(mine->step, u->step);
	assert_true(w->now >= mine->earliest_ms);
	assert_true(may_have(w, j, mine, worker));
	assert_true(act->token > w->last_token);
	w->last_token = act->token;
	if (held_by(w, worker) == 0)
		w->workers[worker].moved_ms = w->now;
	j->effects_begun = j->effects_begun || (u->kind == WORK_BEGIN && u->step == ST_INSERT);
	mine->where = HELD;
	mine->worker = worker;
	mine->token = act->token;
	w->dealt++;
}

/* A unit that waits although somebody could do it. */
static bool is_forgotten(struct world *w, struct m_job *j, struct m_unit *u, const void *arg)
{
	(void)arg;
	if (u->where != QUEUED || w->now < u->latest_ms)
		return false;
	for (int i = 0; i < WORKERS; i++) {
		if (may_have(w, j, u, i))
			return true;
	}
	return false;
}

static void compare(struct world *w)
{
	uint32_t pending = 0;
	struct m_job *j = NULL;

	for (int i = 0; i < JOBS; i++)
		pending += w->jobs[i].used && w->jobs[i].status == JOB_PENDING;
	assert_int_equal(sched_pending(w->sched), pending);
	assert_int_equal(sched_running(w->sched), running(w, NULL, NULL));
	assert_null(find(w, is_forgotten, NULL, &j));
	for (struct job *job = sched_dirty_jobs(w->sched); job; job = job->dirty_next) {
		for (int i = 0; i < JOBS; i++) {
			if (w->jobs[i].used && id_compare(w->jobs[i].id, job->id) == 0)
				assert_int_equal(job->status, w->jobs[i].status);
		}
	}
}

static void round_over(struct world *w)
{
	struct act *acts;
	int n;

	sched_time(w->sched, w->now, w->now);
	sched_tick(w->sched);
	sched_deal(w->sched);
	sched_tell(w->sched);
	tick(w);
	admit(w);
	for (int i = 0; i < JOBS; i++)
		feed(&w->jobs[i]);
	acts = sched_acts(w->sched, &n);
	for (int i = 0; i < n; i++) {
		if (acts[i].kind == ACT_WORK)
			take_act(w, &acts[i]);
	}
	compare(w);
	sched_clean(w->sched);
	for (int i = 0; i < JOBS; i++) {
		w->jobs[i].fresh = false;
		if (w->jobs[i].phase == PHASE_ENDED)
			w->jobs[i].used = false;
	}
}

/* ---- what happens ---- */

static void submit(struct world *w)
{
	struct wire_submit m = {.type = span_text("upload"), .params = span_text("{}")};
	struct m_job *j = w->jobs;

	while (j < w->jobs + JOBS && j->used)
		j++;
	if (j == w->jobs + JOBS)
		return;
	*j = (struct m_job){.used = true, .fresh = true, .units = 1 + roll(w, UNITS_MAX)};
	j->priority = roll(w, 4) == 0;
	snprintf(j->tenant, sizeof(j->tenant), "t%u", roll(w, 3));
	snprintf(j->company, sizeof(j->company), "c%u", roll(w, 3));
	j->ending = JOB_COMPLETE;
	j->id = m.job = id_new(w->now);
	m.tenant = span_text(j->tenant);
	m.company = span_text(j->company);
	m.priority = j->priority;
	sched_submit(w->sched, &m, &w->config.pipelines[0]);
}

static void cancel(struct world *w)
{
	struct m_job *j = &w->jobs[roll(w, JOBS)];

	if (!j->used || j->fresh)
		return;
	assert_int_equal(sched_cancel(w->sched, sched_job(w->sched, j->id)), 0);
	if (j->ending == JOB_COMPLETE && j->phase != PHASE_FINISH)
		cut(w, j, JOB_CANCELLED);
}

static void hello(struct world *w, int i)
{
	struct m_worker *worker = &w->workers[i];
	struct wire_hello m = {.stage = span_text(w->config.stages[worker->stage].name),
			       .credit = CREDIT};

	snprintf(worker->key, sizeof(worker->key), "%07u", roll(w, 9999999));
	worker->up = true;
	worker->silent = false;
	worker->seen_ms = w->now;
	worker->number = ++w->hellos;
	assert_non_null(sched_hello(w->sched, span_of(worker->key, 8), &m));
}

static void say_fail(struct world *w, struct worker *worker, const struct m_job *j, uint64_t token,
		     const char *code)
{
	struct wire_fail m = {.job = j->id,
			      .token = token,
			      .class = strcmp(code, "job") == 0 ? FAULT_JOB : FAULT_RETRY,
			      .code = span_text(code),
			      .text = span_text("test")};

	sched_fail(w->sched, worker, &m);
}

/* The oldest unit of a worker is answered: done, refused for now or for good. */
static void answer(struct world *w, int i, struct worker *worker)
{
	struct m_job *j = NULL;
	struct m_unit *u = oldest_of(w, i, &j);
	uint32_t dice = roll(w, 100), next;
	struct wire_done m = {.rows_in = 10, .rows_out = roll(w, 12) ? 10 : 0};

	if (u == NULL)
		return;
	w->workers[i].moved_ms = w->now;
	if (dice < 4) {
		say_fail(w, worker, j, u->token, dice == 0 ? "job" : "again");
		if (dice > 0)
			again(w, j, u, false);
		else
			u->where = OVER;
		if (dice == 0)
			cut(w, j, JOB_FAILED);
		return;
	}
	if (dice < 6) {
		say_fail(w, worker, j, u->token, "disk-full");
		again(w, j, u, true);
		return;
	}
	next = (uint32_t)(u - j->unit) + 1;
	m.job = j->id;
	m.token = u->token;
	if (u != &j->special && u->step == ST_SOURCE) {
		m.end = span_of((const char *)&next, sizeof(next));
		m.last = next == j->units;
	}
	assert_true(sched_done(w->sched, worker, &m, NULL, span_of("{}", 2)));
	done(w, j, u, m.rows_out == 0);
}

/* With a token of before: nobody may be moved by it. */
static void speak_late(struct world *w, struct worker *worker)
{
	struct wire_done m = {.job = w->jobs[roll(w, JOBS)].id,
			      .token = w->last_token - WORKERS * CREDIT - 1 - roll(w, 100)};
	struct m_job *j = NULL;

	for (int i = 0; i < WORKERS; i++) {
		struct m_unit *u = oldest_of(w, i, &j);

		if (u && u->token <= m.token)
			return; /* of now after all */
	}
	assert_false(sched_done(w->sched, worker, &m, NULL, span_of("", 0)));
}

static void step(struct world *w)
{
	int i = (int)roll(w, WORKERS);
	struct m_worker *at = &w->workers[i];
	struct worker *worker = at->up ? sched_worker(w->sched, span_of(at->key, 8)) : NULL;
	uint32_t what = roll(w, 1000);

	w->now += roll(w, 12);
	sched_time(w->sched, w->now, w->now);
	if (what < 60) {
		submit(w);
	} else if (what < 66) {
		cancel(w);
	} else if (what < 70) {
		w->now += roll(w, 2) ? LEASE_MS + 100 : 300;
	} else if (worker == NULL) {
		hello(w, i);
	} else if (what < 76) {
		bool blame = roll(w, 2);

		sched_lost(w->sched, worker, blame);
		lost(w, i, blame);
	} else if (what < 80) {
		at->silent = true;
	} else if (at->silent) {
		at->silent = roll(w, 30) != 0;
	} else {
		at->seen_ms = w->now;
		sched_beat(w->sched, worker);
		if (what < 100)
			speak_late(w, worker);
		else if (what < 900)
			answer(w, i, worker);
	}
	round_over(w);
}

static void make_config(struct config *c)
{
	static const struct setup_stage stages[ST_N] = {{"source", STAGE_SOURCE, true, false},
							{"map", STAGE_MAP, false, false},
							{"insert", STAGE_EFFECT, true, false},
							{"book", STAGE_EFFECT, false, true}};
	static const struct config_stage each = {
		.lease_ms = LEASE_MS, .timeout_ms = STUCK_MS, .attempts = ATTEMPTS};

	c->window_units = WINDOW;
	c->window_all = 4096;
	c->running_jobs = RUNNING;
	setup_pipeline(c, stages, ST_N, &each);
}

static void test_sched_does_what_a_naive_model_says(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	uint64_t steps = setup_setting("DAYBOOK_STEPS", STEPS);

	(void)state;
	w->random = setup_setting("DAYBOOK_SEED", 20261127) | 1;
	w->now = 1000;
	make_config(&w->config);
	w->sched = sched_new(&w->config, 1, w->random, setup_no_payload);
	sched_time(w->sched, w->now, w->now);
	for (int i = 0; i < WORKERS; i++) {
		w->workers[i].stage = (uint32_t)i % ST_N;
		hello(w, i);
	}
	for (uint64_t i = 0; i < steps; i++)
		step(w);
	print_message("%llu units dealt; complete %llu, failed %llu, cancelled %llu\n",
		      (unsigned long long)w->dealt, (unsigned long long)w->ended[JOB_COMPLETE],
		      (unsigned long long)w->ended[JOB_FAILED],
		      (unsigned long long)w->ended[JOB_CANCELLED]);
	assert_true(w->dealt > steps / 4);
	for (int i = JOB_COMPLETE; i <= JOB_CANCELLED; i++)
		assert_true(w->ended[i] > steps / 10000);
	sched_free(&w->sched);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sched_does_what_a_naive_model_says),
	};

	return cmocka_run_group_tests_name("sched_model", tests, NULL, NULL);
}
