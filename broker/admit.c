/* admit - where jobs stand: pending ones in a lane per company, running ones in one list. */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "mem.h"

static struct lane *lane_get(struct sched *s, const struct job *job)
{
	struct lane *lane = s->lanes;

	while (lane &&
	       (strcmp(lane->tenant, job->tenant) != 0 || strcmp(lane->company, job->company) != 0))
		lane = lane->next;
	if (lane)
		return lane;
	lane = xcalloc(1, sizeof(*lane));
	memcpy(lane->tenant, job->tenant, sizeof(lane->tenant));
	memcpy(lane->company, job->company, sizeof(lane->company));
	lane->next = s->lanes;
	s->lanes = lane;
	return lane;
}

static bool goes_before(const struct job *a, const struct job *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return id_compare(a->id, b->id) < 0;
}

/* Jobs come oldest first but for restored and retried ones: walk back from the end. */
static void lane_add(struct sched *s, struct job *job)
{
	struct lane *lane = lane_get(s, job);
	struct job *after = lane->last;

	while (after && goes_before(job, after))
		after = after->prev;
	job->prev = after;
	job->next = after ? after->next : lane->first;
	*(job->next ? &job->next->prev : &lane->last) = job;
	*(after ? &after->next : &lane->first) = job;
	job->lane = lane;
	s->n_pending++;
}

static void lane_free(struct sched *s, struct lane *lane)
{
	struct lane **at = &s->lanes;

	while (*at != lane)
		at = &(*at)->next;
	*at = lane->next;
	free(lane);
}

static void lane_remove(struct sched *s, struct job *job)
{
	struct lane *lane = job->lane;

	*(job->next ? &job->next->prev : &lane->last) = job->prev;
	*(job->prev ? &job->prev->next : &lane->first) = job->next;
	job->lane = NULL;
	s->n_pending--;
	if (lane->first == NULL)
		lane_free(s, lane);
}

static void active_add(struct sched *s, struct job *job)
{
	job->prev = NULL;
	job->next = s->active;
	if (s->active)
		s->active->prev = job;
	s->active = job;
	job->active = true;
	s->n_running += job->status == JOB_RUNNING;
}

static void active_remove(struct sched *s, struct job *job)
{
	if (job->next)
		job->next->prev = job->prev;
	*(job->prev ? &job->prev->next : &s->active) = job->next;
	job->active = false;
	s->n_running -= job->status == JOB_RUNNING;
}

void job_place(struct sched *s, struct job *job, enum job_status status)
{
	if (job->lane)
		lane_remove(s, job);
	if (job->active)
		active_remove(s, job);
	job->status = status;
	if (status == JOB_PENDING)
		lane_add(s, job);
	else if (status == JOB_RUNNING || job->expiring)
		active_add(s, job);
}

void job_unplace(struct sched *s, struct job *job)
{
	if (job->lane)
		lane_remove(s, job);
	if (job->active)
		active_remove(s, job);
}

static void running_in(const struct sched *s, const struct lane *lane, uint32_t *tenant,
		       uint32_t *company)
{
	*tenant = *company = 0;
	for (const struct job *j = s->active; j; j = j->next) {
		if (j->status != JOB_RUNNING || strcmp(j->tenant, lane->tenant) != 0)
			continue;
		++*tenant;
		*company += strcmp(j->company, lane->company) == 0;
	}
}

/* Places are for those who have none: beyond `running_jobs` half as many again for companies
 * without a running job, and as many for tenants without. Jobs that wait for a slow model hold
 * their places for as long as it takes. */
static uint32_t places(const struct sched *s, uint32_t tenant, uint32_t company)
{
	uint32_t jobs = s->config->running_jobs;

	return tenant == 0 ? 2 * jobs : company == 0 ? jobs + (jobs + 1) / 2 : jobs;
}

/* The tenant with the fewest running jobs goes first, in it the company with the fewest, then the
 * highest priority, then the oldest job. */
static struct job *next_pending(const struct sched *s)
{
	struct job *best = NULL;
	uint32_t best_tenant = 0, best_company = 0;

	for (const struct lane *lane = s->lanes; lane; lane = lane->next) {
		uint32_t tenant, company;

		if (lane->first->fresh)
			continue; /* it is told as pending first */
		running_in(s, lane, &tenant, &company);
		if (s->n_running >= places(s, tenant, company))
			continue;
		if (best &&
		    (tenant > best_tenant || (tenant == best_tenant && company > best_company)))
			continue;
		if (best && tenant == best_tenant && company == best_company &&
		    !goes_before(lane->first, best))
			continue;
		best = lane->first;
		best_tenant = tenant;
		best_company = company;
	}
	return best;
}

void admit_all(struct sched *s)
{
	struct job *job;

	while (s->n_pending && s->n_running < places(s, 0, 0) && (job = next_pending(s)) != NULL)
		life_start(s, job);
	s->admit_soon = false;
}

static uint32_t place_of(const struct sched *s, const struct job *job)
{
	uint32_t place = 1;

	for (const struct lane *lane = s->lanes; lane; lane = lane->next) {
		if (strcmp(lane->tenant, job->tenant) != 0)
			continue;
		for (const struct job *j = lane->first; j && goes_before(j, job); j = j->next)
			place++;
	}
	return place;
}

void sched_waiting(const struct sched *s, const struct job *job, char *out, size_t size)
{
	const struct unit *u = job->special ? job->special : job->open;

	*out = '\0';
	if (job->status == JOB_PENDING)
		snprintf(out, size, "%u job%s running; place %u in the queue", s->n_running,
			 s->n_running == 1 ? " is" : "s are", place_of(s, job));
	else if (u && u->queued && u->lacks_room)
		snprintf(out, size, "the disk is full; it goes on when there is room");
	else if (job->status == JOB_RUNNING && u && u->queued && s->stages[u->stage].credit == 0)
		snprintf(out, size, "no %s process is running", s->stages[u->stage].config->name);
}
