/*
 * The scheduler against a world that misbehaves: workers that answer, fail, die, fall silent and
 * speak late, clients that cancel and retry, brokers that restart, time that goes on. The job store
 * is the real one; the books are a list of effects with a fence, as journal/ keeps them.
 * One seed is one run; DAYBOOK_STEPS and DAYBOOK_SEED choose another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "jobstore.h"
#include "mem.h"
#include "sched.h"
#include "sched_record.h"
#include "sched_setup.h"

#define STEPS	  20000
#define JOBS_MAX  400
#define UNITS_MAX 12
#define WORKERS	  12

enum { ST_SOURCE, ST_MAP, ST_INSERT, ST_RULES, ST_BOOK, ST_N };

/* What the books know of a job. */
struct books {
	uint64_t fence;
	uint8_t inserted[UNITS_MAX], booked[UNITS_MAX];
	bool swept;
};

struct known_job {
	struct id id;
	uint32_t units, progress, attempts;
	struct books books;
	struct record_units told;
	bool ended_once;
};

struct held {
	struct wire_work work;
	char start[8], end[8];
	bool used, slow;
};

struct sim_worker {
	char key[8];
	uint32_t stage;
	bool up, silent;
	struct held held[8];
};

struct world {
	struct config config;
	struct sched *sched;
	struct jobstore *store;
	char dir[64];
	int64_t now;
	uint64_t random;
	struct known_job jobs[JOBS_MAX];
	uint32_t n_jobs;
	struct sim_worker workers[WORKERS];
	uint32_t ended;
};

static uint32_t roll(struct world *w, uint32_t n)
{
	return setup_roll(&w->random, n);
}

static void make_config(struct config *c)
{
	static const struct setup_stage stages[ST_N] = {{"source", STAGE_SOURCE, true, false},
							{"map", STAGE_MAP, false, false},
							{"insert", STAGE_EFFECT, true, false},
							{"rules", STAGE_MAP, false, false},
							{"book", STAGE_EFFECT, false, true}};
	static const struct config_stage each = {
		.credit = 4, .lease_ms = 1000, .attempts = 4, .timeout_ms = 5000};

	c->retention_s = 60;
	c->window_units = 4;
	c->window_all = 16;
	c->running_jobs = 6;
	setup_pipeline(c, stages, ST_N, &each);
}

static struct known_job *known(struct world *w, struct id id)
{
	for (uint32_t i = 0; i < w->n_jobs; i++) {
		if (id_compare(w->jobs[i].id, id) == 0)
			return &w->jobs[i];
	}
	return NULL;
}

/* ---- commit and speak ---- */

static void check_told(struct world *w, const struct job *job)
{
	struct known_job *k = known(w, job->id);
	uint32_t inserted = 0, booked = 0;

	assert_true(job->progress >= k->progress);
	k->progress = job->progress;
	record_check_units(&k->told, job, k->units);
	assert_true(job->status != JOB_COMPLETE || job->progress == 100);
	assert_true(job->status == JOB_COMPLETE || job->progress < 100);
	if (!job_is_ended(job))
		return;
	w->ended++;
	for (uint32_t i = 0; i < UNITS_MAX; i++) {
		inserted += k->books.inserted[i];
		booked += k->books.booked[i];
	}
	if (job->status == JOB_COMPLETE) {
		assert_int_equal(inserted, k->units);
		assert_int_equal(booked, k->units);
	}
	/* what is in the books is booked, in every terminal state */
	assert_true(inserted == booked || k->books.swept || job->status == JOB_FAILED);
}

static void take_work(struct world *w, const struct act *act)
{
	const struct unit *u = act->unit;
	struct sim_worker *to = NULL;

	if (act->worker->lost || u->token != act->token)
		return;
	for (int i = 0; i < WORKERS; i++) {
		if (memcmp(w->workers[i].key, act->worker->key, 8) == 0)
			to = &w->workers[i];
	}
	if (to == NULL || !to->up)
		return; /* the ROUTER would say that it is gone; its lease tells too */
	for (size_t i = 0; i < ARRAY_LEN(to->held); i++) {
		struct held *h = &to->held[i];

		if (h->used)
			continue;
		*h = (struct held){.used = true, .slow = roll(w, 40) == 0};
		h->work = (struct wire_work){.job = u->job->id,
					     .unit = u->no,
					     .work = u->kind,
					     .token = u->token,
					     .rows = u->rows};
		h->work.flags = (u->job->ending == JOB_COMPLETE ? 0U : WORK_HURRY);
		memcpy(h->end, u->end.at, 4);
		h->work.end = span_of(h->end, u->end_known ? 4 : 0);
		return;
	}
	fail_msg("a worker was dealt more than its credit");
}

static void round_over(struct world *w)
{
	struct fault why;
	struct act *acts;
	int n;

	sched_time(w->sched, w->now, w->now);
	sched_tick(w->sched);
	sched_deal(w->sched);
	sched_tell(w->sched);
	if (jobstore_commit(w->store, sched_dirty_jobs(w->sched), sched_dirty_units(w->sched),
			    &why) != 0)
		fail_msg("commit: %s", why.text);
	acts = sched_acts(w->sched, &n);
	for (int i = 0; i < n; i++) {
		if (acts[i].kind == ACT_WORK)
			take_work(w, &acts[i]);
	}
	for (struct job *j = sched_dirty_jobs(w->sched); j; j = j->dirty_next) {
		if (j->tell && !j->gone && !j->expiring)
			check_told(w, j);
	}
	sched_clean(w->sched);
}

/* ---- workers ---- */

/* The effect of a unit in the books: once by unit, refused behind the fence. */
static bool effect(struct books *b, uint8_t *done, const struct wire_work *work)
{
	if (done[work->unit])
		return true;
	if (work->token < b->fence)
		return false;
	done[work->unit] = 1;
	return true;
}

static bool do_work(struct world *w, uint32_t stage, struct held *h, struct wire_done *done)
{
	struct known_job *k = known(w, h->work.job);
	struct books *b = &k->books;

	*done = (struct wire_done){.job = h->work.job,
				   .unit = h->work.unit,
				   .work = h->work.work,
				   .token = h->work.token,
				   .rows_out = 10};
	if (h->work.work == WORK_BEGIN) {
		done->total = k->units * 10;
		return true;
	}
	if (h->work.work == WORK_FINISH) {
		b->fence = h->work.token > b->fence ? h->work.token : b->fence;
		for (int i = 0; i < UNITS_MAX; i++)
			b->booked[i] |= b->inserted[i];
		b->swept = true;
		return true;
	}
	if (stage == ST_SOURCE) {
		memcpy(h->start, &(uint32_t){h->work.unit + 1}, 4);
		done->end = span_of(h->start, 4);
		done->rows_in = 10;
		done->last = h->work.unit + 1 == k->units;
		return true;
	}
	if (stage == ST_INSERT)
		return effect(b, b->inserted, &h->work);
	if (stage == ST_BOOK) {
		assert_true(b->inserted[h->work.unit]);
		for (uint32_t i = 0; i < h->work.unit; i++) /* in order */
			assert_true(b->booked[i] || b->swept || k->attempts > 1 ||
				    (h->work.flags & WORK_HURRY));
		done->rows_out = 0;
		return effect(b, b->booked, &h->work);
	}
	return true;
}

static void say_fail(struct world *w, struct worker *worker, const struct held *h, uint32_t class)
{
	struct wire_fail fail = {.job = h->work.job,
				 .unit = h->work.unit,
				 .work = h->work.work,
				 .token = h->work.token,
				 .class = class,
				 .code = span_text("test"),
				 .text = span_text("test")};

	sched_fail(w->sched, worker, &fail);
}

/* Workers do what they hold in the order in which it came. */
static struct held *oldest(struct sim_worker *sim)
{
	struct held *best = &sim->held[0];

	for (size_t i = 0; i < ARRAY_LEN(sim->held); i++) {
		struct held *h = &sim->held[i];

		if (h->used && (!best->used || h->work.token < best->work.token))
			best = h;
	}
	return best;
}

static void worker_acts(struct world *w, struct sim_worker *sim)
{
	struct worker *worker = sched_worker(w->sched, span_of(sim->key, 8));
	struct held *h = oldest(sim);
	struct wire_done done;
	bool ok;

	if (worker)
		sched_beat(w->sched, worker);
	if (!h->used || (h->slow && roll(w, 10)))
		return;
	ok = do_work(w, sim->stage, h, &done);
	h->used = false;
	if (roll(w, 60) == 0) { /* dies after its commit, before it says so */
		sim->up = false;
		return;
	}
	if (worker == NULL)
		return;
	if (roll(w, 300) == 0)
		say_fail(w, worker, h, FAULT_JOB);
	else if (!ok || roll(w, 50) == 0)
		say_fail(w, worker, h, ok ? FAULT_RETRY : FAULT_JOB);
	else
		sched_done(w->sched, worker, &done, NULL, span_of("{}", 2));
}

static void hello(struct world *w, struct sim_worker *sim)
{
	struct wire_hello m = {.stage = span_text(w->config.stages[sim->stage].name), .credit = 4};

	snprintf(sim->key, sizeof(sim->key), "%07u", roll(w, 9999999));
	memset(sim->held, 0, sizeof(sim->held));
	sim->up = true;
	sim->silent = false;
	assert_non_null(sched_hello(w->sched, span_of(sim->key, 8), &m));
}

/* ---- clients, restarts ---- */

static void submit(struct world *w)
{
	struct known_job *k = &w->jobs[w->n_jobs];
	char tenant[8], company[8];
	struct wire_submit m = {.type = span_text("upload"), .params = span_text("{}")};

	if (w->n_jobs == JOBS_MAX)
		return;
	w->n_jobs++;
	snprintf(tenant, sizeof(tenant), "t%u", roll(w, 3));
	snprintf(company, sizeof(company), "c%u", roll(w, 3));
	m.tenant = span_text(tenant);
	m.company = span_text(company);
	k->id = id_new(w->now);
	k->units = 1 + roll(w, UNITS_MAX);
	k->attempts = 1;
	m.job = k->id;
	sched_submit(w->sched, &m, &w->config.pipelines[0]);
}

static void restore_unit(void *arg, struct job *job, struct unit *unit)
{
	sched_restore_unit(((struct world *)arg)->sched, job, unit);
}

static void restore(void *arg, struct job *job)
{
	struct world *w = arg;
	struct fault why;

	job->rows_read = 0;
	job->source_done = false;
	sched_restore(w->sched, job);
	assert_int_equal(jobstore_units(w->store, job, restore_unit, w, &why), 0);
	sched_restored(w->sched, job);
}

static void start_broker(struct world *w)
{
	uint32_t epoch;
	struct fault why;

	if (jobstore_open(w->dir, &w->config, false, &w->store, &epoch, &why) != 0)
		fail_msg("open: %s", why.text);
	w->sched = sched_new(&w->config, epoch, w->random, setup_no_payload);
	sched_time(w->sched, w->now, w->now);
	assert_int_equal(jobstore_unended(w->store, restore, w, &why), 0);
}

static void restart_broker(struct world *w)
{
	sched_free(&w->sched);
	jobstore_close(&w->store);
	start_broker(w);
}

static void cancel_or_retry(struct world *w)
{
	struct known_job *k;
	struct job *job;
	struct fault why;

	if (w->n_jobs == 0)
		return;
	k = &w->jobs[roll(w, w->n_jobs)];
	job = sched_job(w->sched, k->id);
	if (job) {
		sched_cancel(w->sched, job);
		return;
	}
	if (jobstore_load(w->store, k->id, &job, &why) != 0)
		return;
	job->rows_read = 0;
	job->source_done = false;
	sched_restore(w->sched, job);
	if (job->status == JOB_COMPLETE) {
		sched_forget(w->sched, job);
		return;
	}
	assert_int_equal(jobstore_units(w->store, job, restore_unit, w, &why), 0);
	assert_int_equal(sched_retry(w->sched, job, false, &why), 0);
	k->attempts++;
}

static void step(struct world *w)
{
	struct sim_worker *sim = &w->workers[roll(w, WORKERS)];
	uint32_t what = roll(w, 1000);

	w->now += roll(w, 8);
	if (what < 20)
		submit(w);
	else if (what < 25)
		cancel_or_retry(w);
	else if (what < 27)
		sim->up = false;
	else if (what < 29)
		sim->silent = true; /* a SIGSTOP */
	else if (what < 31)
		w->now += 1500; /* leases run out */
	else if (what < 32)
		restart_broker(w);
	else if (!sim->up)
		hello(w, sim);
	else if (sim->silent)
		sim->silent = roll(w, 20) != 0;
	else
		worker_acts(w, sim);
	round_over(w);
}

/* After a restart workers are unknown and say HELLO again, as they do on WHO. */
static void greet(struct world *w)
{
	for (int i = 0; i < WORKERS; i++) {
		struct sim_worker *sim = &w->workers[i];

		if (sim->up && !sim->silent &&
		    sched_worker(w->sched, span_of(sim->key, 8)) == NULL && roll(w, 4) == 0)
			hello(w, sim);
	}
}

static void settle(struct world *w)
{
	for (int i = 0; i < 200000 && sched_pending(w->sched) + sched_running(w->sched) > 0; i++) {
		struct sim_worker *sim = &w->workers[roll(w, WORKERS)];

		w->now += 5;
		greet(w);
		if (!sim->up || sim->silent)
			hello(w, sim);
		else
			worker_acts(w, sim);
		round_over(w);
	}
	assert_int_equal(sched_pending(w->sched) + sched_running(w->sched), 0);
}

static void run_world(uint64_t seed, uint64_t steps)
{
	struct world *w = xcalloc(1, sizeof(*w));
	char command[128];

	w->random = seed * 2 + 1;
	w->now = 1000;
	snprintf(w->dir, sizeof(w->dir), "/tmp/daybook-sched-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	make_config(&w->config);
	start_broker(w);
	for (uint32_t i = 0; i < WORKERS; i++) {
		w->workers[i].stage = i % ST_N;
		hello(w, &w->workers[i]);
	}
	for (uint64_t i = 0; i < steps; i++) {
		greet(w);
		step(w);
	}
	settle(w);
	assert_true(w->n_jobs > 0 && w->ended >= w->n_jobs);
	print_message("seed %llu: %u jobs, %u ends, epoch %u\n", (unsigned long long)seed,
		      w->n_jobs, w->ended, (unsigned)(sched_change(w->sched) >> 32));
	sched_free(&w->sched);
	jobstore_close(&w->store);
	snprintf(command, sizeof(command), "rm -r %s", w->dir);
	assert_int_equal(system(command), 0);
	free(w);
}

/* A world has so many jobs; more steps are more worlds, each with the next seed. */
static void test_sched_ends_every_job_once_whatever_happens(void **state)
{
	uint64_t steps = setup_setting("DAYBOOK_STEPS", STEPS),
		 seed = setup_setting("DAYBOOK_SEED", 20261123);

	(void)state;
	for (uint64_t done = 0; done < steps; done += STEPS)
		run_world(seed + done / STEPS, steps - done < STEPS ? steps - done : STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sched_ends_every_job_once_whatever_happens),
	};

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
