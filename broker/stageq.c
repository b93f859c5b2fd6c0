#include "stageq.h"

#include <stdlib.h>

#include "mem.h"

#define COST_MIN  32  /* rows: a small unit still costs a message */
#define COST_OPEN 500 /* rows of a source unit that nobody has read yet (ROWS_MAX) */

const char *unit_tenant(const struct unit *unit)
{
	return unit->job ? unit->job->tenant : unit->tenant;
}

const char *unit_company(const struct unit *unit)
{
	return unit->job ? unit->job->company : unit->company;
}

static struct flow *flow_find(const struct stageq *q, const char *tenant, const char *company)
{
	for (uint32_t i = 0; i < q->n_flows; i++) {
		struct flow *f = &q->flows[i];

		if (strcmp(f->tenant, tenant) == 0 && strcmp(f->company, company) == 0)
			return f;
	}
	return NULL;
}

/* Idle flows give their place to new ones, so the table is as long as what is active. */
static struct flow *flow_get(struct stageq *q, const char *tenant, const char *company)
{
	struct flow *f = flow_find(q, tenant, company);

	if (f)
		return f;
	for (uint32_t i = 0; i < q->n_flows && f == NULL; i++) {
		if (q->flows[i].queued == 0 && q->flows[i].held == 0)
			f = &q->flows[i];
	}
	if (f == NULL) {
		if (q->n_flows == q->room) {
			q->room = q->room ? 2 * q->room : 16;
			q->flows = xrealloc(q->flows, q->room * sizeof(*q->flows));
		}
		f = &q->flows[q->n_flows++];
	}
	memset(f, 0, sizeof(*f));
	memcpy(f->tenant, tenant, strlen(tenant) + 1);
	memcpy(f->company, company, strlen(company) + 1);
	return f;
}

static void flow_wake(struct flow *f, uint64_t clock)
{
	if (f->queued == 0 && f->held == 0 && f->clock < clock)
		f->clock = clock;
	f->queued++;
}

/* A tenant's own flow has company "": no name is empty, so it cannot be a company's. */
void stageq_add(struct stageq *q, struct unit *unit, int64_t now_ms)
{
	struct unit **at = &q->first;
	struct flow *tenant = flow_get(q, unit_tenant(unit), "");
	uint64_t inner = tenant->inner;

	flow_wake(tenant, q->clock);
	flow_wake(flow_get(q, unit_tenant(unit), unit_company(unit)), inner);
	while (*at)
		at = &(*at)->queue_next;
	*at = unit;
	unit->queue_next = NULL;
	unit->queued = true;
	unit->since_ms = now_ms;
	q->queued++;
}

void stageq_remove(struct stageq *q, struct unit *unit)
{
	struct unit **at = &q->first;

	while (*at != unit)
		at = &(*at)->queue_next;
	*at = unit->queue_next;
	unit->queued = false;
	q->queued--;
	flow_get(q, unit_tenant(unit), "")->queued--;
	flow_get(q, unit_tenant(unit), unit_company(unit))->queued--;
}

/* Every lower unit of the job must be past this step or with the same worker already. */
static bool in_order(const struct unit *unit)
{
	if (unit->kind != WORK_ROWS)
		return true;
	for (const struct unit *u = unit->job->open; u && u->no < unit->no; u = u->next) {
		if (u->step < unit->step || (u->step == unit->step && u->worker == NULL))
			return false;
	}
	return true;
}

static bool others_wait(const struct stageq *q, const char *tenant)
{
	for (uint32_t i = 0; i < q->n_flows; i++) {
		const struct flow *f = &q->flows[i];

		if (f->company[0] == '\0' && f->queued && strcmp(f->tenant, tenant) != 0)
			return true;
	}
	return false;
}

/* Whoever has units here leaves some credit to those who have none, be they of another tenant or of
 * another company: what a slow model holds would otherwise hold everybody. */
static bool takes_spare(const struct stageq *q, const struct flow *tenant,
			const struct flow *company)
{
	uint32_t left = q->credit - q->held, spare = q->config->spare;

	if (company->held == 0)
		spare = tenant->held ? spare / 2 : 0;
	return left <= spare && spare < q->credit;
}

static struct worker *roomiest(struct worker *workers, uint32_t stage)
{
	struct worker *best = NULL;

	for (struct worker *w = workers; w; w = w->next) {
		if (w->stage != stage || w->lost || w->held >= w->credit)
			continue;
		if (best == NULL || w->credit - w->held > best->credit - best->held)
			best = w;
	}
	return best;
}

static struct worker *worker_for(struct stageq *q, const struct unit *unit, struct worker *workers,
				 const struct flow *company)
{
	struct worker *w;

	if (q->config->kind != STAGE_EFFECT)
		return roomiest(workers, unit->stage);
	if (!in_order(unit))
		return NULL;
	if (company->held == 0)
		return roomiest(workers, unit->stage);
	w = company->holder;
	return w && !w->lost && w->held < w->credit ? w : NULL;
}

static int by_job(const struct unit *a, const struct unit *b)
{
	if ((a->kind == WORK_WRITE) != (b->kind == WORK_WRITE))
		return a->kind == WORK_WRITE ? -1 : 1;
	if (a->job == NULL || b->job == NULL || a->job == b->job)
		return a->no < b->no ? -1 : a->no > b->no;
	if (a->job->priority != b->job->priority)
		return a->job->priority > b->job->priority ? -1 : 1;
	return id_compare(a->job->id, b->job->id);
}

struct choice {
	struct unit *unit;
	struct worker *worker;
	const struct flow *tenant, *company;
};

static bool is_before(const struct choice *a, const struct choice *b)
{
	if (b->unit == NULL)
		return true;
	if (a->tenant != b->tenant)
		return a->tenant->clock < b->tenant->clock;
	if (a->company != b->company)
		return a->company->clock < b->company->clock;
	return by_job(a->unit, b->unit) < 0;
}

struct unit *stageq_next(struct stageq *q, struct worker *workers, int64_t now_ms,
			 struct worker **worker)
{
	struct choice best = {0};

	if (q->held >= q->credit)
		return NULL;
	for (struct unit *u = q->first; u; u = u->queue_next) {
		struct choice c = {.unit = u};

		if (u->not_before_ms > now_ms)
			continue;
		c.tenant = flow_find(q, unit_tenant(u), "");
		c.company = flow_find(q, unit_tenant(u), unit_company(u));
		if (!is_before(&c, &best))
			continue;
		if (c.tenant->held && 2 * (c.tenant->held + 1) > q->credit &&
		    others_wait(q, c.tenant->tenant))
			continue;
		if (takes_spare(q, c.tenant, c.company))
			continue;
		c.worker = worker_for(q, u, workers, c.company);
		if (c.worker)
			best = c;
	}
	*worker = best.worker;
	return best.unit;
}

static uint32_t cost(const struct unit *unit)
{
	uint32_t rows = unit->step == 0 && !unit->end_known ? COST_OPEN : unit->rows;

	return unit->kind != WORK_ROWS || rows < COST_MIN ? COST_MIN : rows;
}

void stageq_hold(struct stageq *q, struct unit *unit, struct worker *worker)
{
	struct flow *tenant = flow_get(q, unit_tenant(unit), "");
	struct flow *company = flow_get(q, unit_tenant(unit), unit_company(unit));

	q->clock = tenant->clock;
	tenant->inner = company->clock;
	tenant->clock += cost(unit);
	company->clock += cost(unit);
	tenant->held++;
	company->held++;
	company->holder = worker;
	q->held++;
	worker->held++;
	unit->worker = worker;
}

void stageq_release(struct stageq *q, struct unit *unit)
{
	struct flow *company = flow_get(q, unit_tenant(unit), unit_company(unit));

	flow_get(q, unit_tenant(unit), "")->held--;
	company->held--;
	q->held--;
	unit->worker->held--;
	unit->worker = NULL;
	unit->token = 0;
}

static void rate_advance(struct stageq *q, int64_t second)
{
	if (second - q->second > STAGEQ_RATE_SECONDS)
		q->second = second - STAGEQ_RATE_SECONDS;
	while (q->second < second)
		q->second_rows[++q->second % STAGEQ_RATE_SECONDS] = 0;
}

void stageq_count(struct stageq *q, uint32_t rows, int64_t now_ms)
{
	rate_advance(q, now_ms / 1000);
	q->second_rows[q->second % STAGEQ_RATE_SECONDS] += rows;
	q->units_done++;
	q->rows_done += rows;
}

uint64_t stageq_rows_per_s(const struct stageq *q, int64_t now_ms)
{
	uint64_t sum = 0;
	int64_t second = now_ms / 1000;

	for (int64_t s = q->second; s > q->second - STAGEQ_RATE_SECONDS && s >= 0; s--) {
		if (second - s < STAGEQ_RATE_SECONDS)
			sum += q->second_rows[s % STAGEQ_RATE_SECONDS];
	}
	return sum / STAGEQ_RATE_SECONDS;
}

int64_t stageq_next_ms(const struct stageq *q, int64_t now_ms)
{
	int64_t next = INT64_MAX;

	for (const struct unit *u = q->first; u; u = u->queue_next) {
		if (u->not_before_ms > now_ms && u->not_before_ms < next)
			next = u->not_before_ms;
	}
	return next;
}
