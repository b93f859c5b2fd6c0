/*
 * sched_model - the scheduler's rules written down a second time, as naively as can be.
 *
 * Shape    plain lists of jobs, units and workers, searched from end to end. Where every unit is,
 *          what an answer, a refusal, a death or a cancel makes of it, which job starts next, and
 *          which unit may be dealt to whom. It knows nothing of queues, turns, records or the
 *          store. Included by test_sched_model.c alone, which says what happens and compares.
 */
#ifndef DAYBOOK_TESTS_SCHED_MODEL_H
#define DAYBOOK_TESTS_SCHED_MODEL_H

#include "sched.h"
#include "sched_setup.h"

#define JOBS	  24 /* at once; a place is used again when its job has ended */
#define UNITS_MAX 6
#define WORKERS	  10
#define CREDIT	  3
#define LEASE_MS  1000
#define STUCK_MS  4000
#define ATTEMPTS  3
#define WINDOW	  3
#define RUNNING	  4

enum { ST_SOURCE, ST_MAP, ST_INSERT, ST_BOOK, ST_N };
enum where { NOT_YET, QUEUED, HELD, OVER };

struct m_unit {
	enum where where;
	uint32_t step, tries[ST_N];
	bool known_end, inserted;
	int worker;
	uint64_t token;
	int64_t earliest_ms, latest_ms; /* of its pause: whatever the jitter */
};

struct m_job {
	bool used, fresh, begun, effects_begun, source_done;
	struct id id;
	char tenant[4], company[4];
	enum job_status status, ending;
	enum job_phase phase;
	uint32_t priority, units, next;
	struct m_unit unit[UNITS_MAX], special; /* special: its begin or finish */
	bool has_special, special_is_finish;
};

struct m_worker {
	char key[8];
	uint32_t stage;
	bool up, silent;
	int64_t seen_ms, moved_ms;
	uint64_t number; /* of its HELLO */
};

struct world {
	struct config config;
	struct sched *sched;
	int64_t now;
	uint64_t random, last_token, hellos, dealt, ended[JOB_CANCELLED + 1];
	struct m_job jobs[JOBS];
	struct m_worker workers[WORKERS];
};

static uint32_t roll(struct world *w, uint32_t n)
{
	return setup_roll(&w->random, n);
}

static bool is_effect(uint32_t step)
{
	return step == ST_INSERT || step == ST_BOOK;
}

/* ---- every unit that there is ---- */

typedef bool unit_look(struct world *w, struct m_job *j, struct m_unit *u, const void *arg);

/* The first unit of all jobs of which test() is true. */
static struct m_unit *find(struct world *w, unit_look *test, const void *arg, struct m_job **job)
{
	for (int i = 0; i < JOBS; i++) {
		struct m_job *j = &w->jobs[i];

		if (!j->used)
			continue;
		*job = j;
		if (j->has_special && test(w, j, &j->special, arg))
			return &j->special;
		for (uint32_t n = 0; n < UNITS_MAX; n++) {
			if ((j->unit[n].where == QUEUED || j->unit[n].where == HELD) &&
			    test(w, j, &j->unit[n], arg))
				return &j->unit[n];
		}
	}
	return NULL;
}

struct count {
	enum where where;
	uint32_t step;
	const char *tenant, *not_tenant, *company;
	int worker, not_worker;
};

static bool counts(struct world *w, struct m_job *j, struct m_unit *u, const void *arg)
{
	const struct count *c = arg;

	(void)w;
	return u->where == c->where && u->step == c->step &&
	       (!c->tenant || strcmp(c->tenant, j->tenant) == 0) &&
	       (!c->not_tenant || strcmp(c->not_tenant, j->tenant) != 0) &&
	       (!c->company || strcmp(c->company, j->company) == 0) &&
	       (c->worker < 0 || u->worker == c->worker) &&
	       (c->not_worker < 0 || u->worker != c->not_worker);
}

static uint32_t count(struct world *w, struct count c)
{
	uint32_t n = 0;

	for (int i = 0; i < JOBS; i++) {
		struct m_job *j = &w->jobs[i];

		if (!j->used)
			continue;
		n += j->has_special && counts(w, j, &j->special, &c);
		for (uint32_t u = 0; u < UNITS_MAX; u++)
			n += counts(w, j, &j->unit[u], &c);
	}
	return n;
}

static uint32_t held_by(struct world *w, int worker)
{
	return count(w, (struct count){.where = HELD,
				       .step = w->workers[worker].stage,
				       .worker = worker,
				       .not_worker = -1});
}

static bool is_held_oldest(struct world *w, struct m_job *j, struct m_unit *u, const void *arg)
{
	const int *worker = arg;
	struct m_job *other;

	(void)j;
	if (u->where != HELD || u->worker != *worker)
		return false;
	for (int i = 0; i < JOBS; i++) {
		other = &w->jobs[i];
		if (!other->used)
			continue;
		if (other->has_special && other->special.where == HELD &&
		    other->special.worker == *worker && other->special.token < u->token)
			return false;
		for (uint32_t n = 0; n < UNITS_MAX; n++) {
			if (other->unit[n].where == HELD && other->unit[n].worker == *worker &&
			    other->unit[n].token < u->token)
				return false;
		}
	}
	return true;
}

static struct m_unit *oldest_of(struct world *w, int worker, struct m_job **job)
{
	return find(w, is_held_oldest, &worker, job);
}

/* ---- a job's way ---- */

static bool has_open(const struct m_job *j)
{
	for (uint32_t n = 0; n < UNITS_MAX; n++) {
		if (j->unit[n].where == QUEUED || j->unit[n].where == HELD)
			return true;
	}
	return false;
}

static void end(struct world *w, struct m_job *j, enum job_status status)
{
	j->status = status;
	j->has_special = false;
	j->phase = PHASE_ENDED;
	for (uint32_t n = 0; n < UNITS_MAX; n++)
		j->unit[n].where = OVER;
	w->ended[status]++;
}

static void special(struct m_job *j, bool finish)
{
	j->special = (struct m_unit){.where = QUEUED, .step = finish ? ST_BOOK : ST_SOURCE};
	j->has_special = true;
	j->special_is_finish = finish;
}

static void check_over(struct m_job *j)
{
	if (j->status != JOB_RUNNING || j->phase != PHASE_ROWS || has_open(j) ||
	    !(j->source_done || j->ending != JOB_COMPLETE))
		return;
	j->phase = PHASE_FINISH;
	special(j, true);
}

static void feed(struct m_job *j)
{
	uint32_t open = 0;

	if (j->status != JOB_RUNNING || j->phase != PHASE_ROWS || j->ending != JOB_COMPLETE ||
	    j->source_done)
		return;
	for (uint32_t n = 0; n < j->next; n++) {
		open += j->unit[n].where == QUEUED || j->unit[n].where == HELD;
		if (!j->unit[n].known_end)
			return;
	}
	if (open && open >= WINDOW)
		return;
	j->unit[j->next++] = (struct m_unit){.where = QUEUED};
}

static void cut(struct world *w, struct m_job *j, enum job_status ending)
{
	if (j->ending == JOB_COMPLETE)
		j->ending = ending;
	if (j->phase == PHASE_FINISH) {
		end(w, j, JOB_FAILED);
		return;
	}
	/* its import is being opened: the answer tells, or the end of the lease */
	if (j->has_special && j->special.where == HELD && j->special.step == ST_INSERT)
		return;
	j->has_special = false;
	for (uint32_t n = 0; n < UNITS_MAX; n++) {
		struct m_unit *u = &j->unit[n];

		if (u->where != QUEUED && u->where != HELD)
			continue;
		if (!u->inserted && !(u->where == HELD && u->step == ST_INSERT))
			u->where = OVER;
		else if (u->inserted && u->where == HELD && !is_effect(u->step) &&
			 u->step != ST_SOURCE) {
			u->where = QUEUED;
			u->step = ST_SOURCE;
		}
	}
	if (!j->effects_begun) {
		end(w, j, j->ending);
		return;
	}
	j->phase = PHASE_ROWS;
	check_over(j);
}

/* Back to where its input can be had again. */
static void replay(struct m_job *j, struct m_unit *u)
{
	u->where = QUEUED;
	if (u != &j->special || !j->special_is_finish)
		u->step = ST_SOURCE;
}

static bool is_unwanted(const struct m_job *j, const struct m_unit *u)
{
	return !(u == &j->special && j->special_is_finish) && j->ending != JOB_COMPLETE &&
	       !u->inserted;
}

static void let_go(struct m_job *j, struct m_unit *u)
{
	u->where = OVER;
	if (u == &j->special) {
		j->has_special = false;
		j->phase = PHASE_ROWS;
	}
	check_over(j);
}

static void again(struct world *w, struct m_job *j, struct m_unit *u, bool full_disk)
{
	uint32_t *tries = &u->tries[u->step], shift = full_disk ? 3 : *tries;

	*tries += !full_disk;
	u->earliest_ms = w->now + (100 << shift);
	u->latest_ms = w->now + (150 << shift);
	if (is_unwanted(j, u)) {
		let_go(j, u);
	} else if (full_disk || *tries < ATTEMPTS) {
		replay(j, u);
	} else {
		u->where = OVER;
		cut(w, j, JOB_FAILED);
	}
}

static void done(struct world *w, struct m_job *j, struct m_unit *u, bool nothing_left)
{
	if (u == &j->special && j->special_is_finish) {
		end(w, j, j->ending);
	} else if (u == &j->special && is_unwanted(j, u)) {
		let_go(j, u);
	} else if (u == &j->special) {
		if (u->step == ST_SOURCE) {
			u->step = ST_INSERT;
			u->where = QUEUED;
			return;
		}
		j->begun = true;
		j->has_special = false;
		j->phase = PHASE_ROWS;
		feed(j);
	} else {
		if (u->step == ST_SOURCE && !u->known_end) {
			u->known_end = true;
			j->source_done = (uint32_t)(u - j->unit) + 1 == j->units;
		}
		u->inserted = u->inserted || u->step == ST_INSERT;
		u->where = nothing_left || u->step == ST_BOOK ? OVER : QUEUED;
		u->step++;
		feed(j);
		check_over(j);
	}
}

static void lost(struct world *w, int worker, bool blame)
{
	struct m_unit *u;
	struct m_job *j = NULL;

	while ((u = oldest_of(w, worker, &j)) != NULL) {
		if (blame)
			again(w, j, u, false);
		else if (is_unwanted(j, u))
			let_go(j, u);
		else
			replay(j, u);
		blame = false;
	}
	w->workers[worker].up = false;
}

/* ---- a round ---- */

static bool goes_before(const struct m_job *a, const struct m_job *b)
{
	return a->priority != b->priority ? a->priority > b->priority
					  : id_compare(a->id, b->id) < 0;
}

static uint32_t running(const struct world *w, const char *tenant, const char *company)
{
	uint32_t n = 0;

	for (int i = 0; i < JOBS; i++) {
		const struct m_job *j = &w->jobs[i];

		n += j->used && j->status == JOB_RUNNING &&
		     (!tenant || strcmp(tenant, j->tenant) == 0) &&
		     (!company || strcmp(company, j->company) == 0);
	}
	return n;
}

/* Whether `j` may start now, and goes before `best`. */
static bool is_next(const struct world *w, const struct m_job *j, const struct m_job *best)
{
	uint32_t tenant = running(w, j->tenant, NULL), company = running(w, j->tenant, j->company);
	uint32_t places = tenant == 0	 ? 2 * RUNNING
			  : company == 0 ? RUNNING + (RUNNING + 1) / 2
					 : RUNNING;
	uint32_t best_tenant, best_company;

	for (int i = 0; i < JOBS; i++) { /* only the first of a company */
		const struct m_job *other = &w->jobs[i];

		if (other->used && other->status == JOB_PENDING && other != j &&
		    strcmp(other->tenant, j->tenant) == 0 &&
		    strcmp(other->company, j->company) == 0 && goes_before(other, j))
			return false;
	}
	if (j->fresh || running(w, NULL, NULL) >= places)
		return false;
	if (best == NULL)
		return true;
	best_tenant = running(w, best->tenant, NULL);
	best_company = running(w, best->tenant, best->company);
	if (tenant != best_tenant)
		return tenant < best_tenant;
	if (company != best_company)
		return company < best_company;
	return goes_before(j, best);
}

static void admit(struct world *w)
{
	struct m_job *best;

	do {
		best = NULL;
		for (int i = 0; i < JOBS; i++) {
			struct m_job *j = &w->jobs[i];

			if (j->used && j->status == JOB_PENDING && is_next(w, j, best))
				best = j;
		}
		if (best) {
			best->status = JOB_RUNNING;
			special(best, false);
		}
	} while (best);
}

/* The one that came last before `number`; -1: none. The order matters where two are lost at once.
 */
static int came_before(const struct world *w, uint64_t number)
{
	int best = -1;

	for (int i = 0; i < WORKERS; i++) {
		if (w->workers[i].up && w->workers[i].number < number &&
		    (best < 0 || w->workers[i].number > w->workers[best].number))
			best = i;
	}
	return best;
}

static void tick(struct world *w)
{
	struct m_unit *u;
	struct m_job *j = NULL;

	for (int i = came_before(w, UINT64_MAX); i >= 0; i = came_before(w, w->workers[i].number)) {
		struct m_worker *worker = &w->workers[i];

		if (w->now - worker->seen_ms > LEASE_MS) {
			lost(w, i, true);
		} else if (held_by(w, i) && w->now - worker->moved_ms > STUCK_MS) {
			worker->moved_ms = w->now;
			u = oldest_of(w, i, &j);
			if (u)
				again(w, j, u, false);
		}
	}
	for (int i = 0; i < JOBS; i++) {
		if (w->jobs[i].used && w->jobs[i].ending != JOB_COMPLETE)
			check_over(&w->jobs[i]);
	}
}

/* ---- what may be dealt ---- */

/* All lower units of the job are past this step or with the same worker. */
static bool in_order(const struct m_job *j, const struct m_unit *u, int worker)
{
	for (const struct m_unit *lower = j->unit; u != &j->special && lower < u; lower++) {
		if (lower->where == OVER || lower->where == NOT_YET || lower->step > u->step)
			continue;
		if (lower->step < u->step || lower->where != HELD || lower->worker != worker)
			return false;
	}
	return true;
}

static bool may_have(struct world *w, const struct m_job *j, const struct m_unit *u, int worker)
{
	const struct m_worker *to = &w->workers[worker];
	struct count mine = {HELD, u->step, j->tenant, NULL, NULL, -1, -1};
	struct count others = {QUEUED, u->step, NULL, j->tenant, NULL, -1, -1};
	struct count elsewhere = {HELD, u->step, j->tenant, NULL, j->company, -1, worker};
	uint32_t credit = 0, held;

	if (!to->up || to->stage != u->step || held_by(w, worker) >= CREDIT)
		return false;
	for (int i = 0; i < WORKERS; i++)
		credit += w->workers[i].up && w->workers[i].stage == u->step ? CREDIT : 0;
	held = count(w, mine);
	if (held && 2 * (held + 1) > credit && count(w, others))
		return false;
	return !is_effect(u->step) || (in_order(j, u, worker) && count(w, elsewhere) == 0);
}

#endif
