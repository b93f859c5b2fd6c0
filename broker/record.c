#include <inttypes.h>
#include <stdio.h>

#include "job.h"

/* A number that needs all eight bytes, so that another can be written over it in place. */
#define REQUEST_PLACEHOLDER UINT64_MAX

const char *job_status_name(enum job_status status)
{
	static const char *const names[] = {"pending", "running", "complete", "failed",
					    "cancelled"};

	return names[status];
}

bool job_is_ended(const struct job *job)
{
	return job->status != JOB_PENDING && job->status != JOB_RUNNING;
}

void job_count(struct job *job, struct unit *unit, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (unit->counted & 1U << i)
			continue;
		unit->counted |= (uint16_t)(1U << i);
		job->done[i] += unit->source_rows;
		job->units_done[i]++;
	}
}

uint32_t pipeline_first_effect(const struct config_pipeline *pipeline, const struct config *config)
{
	uint32_t i = 0;

	while (i < pipeline->n_steps &&
	       config->stages[pipeline->steps[i].stage].kind != STAGE_EFFECT)
		i++;
	return i;
}

uint32_t pipeline_finish(const struct config_pipeline *pipeline)
{
	uint32_t i = 0;

	while (i < pipeline->n_steps && !pipeline->steps[i].finish)
		i++;
	return i;
}

static uint64_t total_of(const struct job *job)
{
	if (job->total > job->rows_read)
		return job->total;
	return job->source_done || job->total ? job->rows_read : 0;
}

static uint64_t done_of(const struct job *job, uint32_t step)
{
	uint64_t done = job->done[step] > job->told[step] ? job->done[step] : job->told[step];
	uint64_t total = total_of(job);

	return total && done > total ? total : done;
}

static bool step_complete(const struct job *job, uint32_t step)
{
	if (job->status == JOB_COMPLETE)
		return true;
	return job->source_done && job->phase >= PHASE_ROWS &&
	       done_of(job, step) >= total_of(job) && (job->open == NULL || total_of(job) > 0);
}

uint32_t record_stage(const struct job *job)
{
	uint32_t last = job->pipeline->n_steps - 1;

	for (uint32_t i = 0; i < last; i++) {
		if (!step_complete(job, i))
			return i;
	}
	return last;
}

uint32_t record_progress(const struct job *job)
{
	const struct config_pipeline *p = job->pipeline;
	uint64_t total = total_of(job), shares = 0, now;

	if (job->status == JOB_COMPLETE)
		return 100;
	if (job->phase == PHASE_BEGIN)
		return job->status == JOB_PENDING ? 0 : p->base ? p->base / 2 : 1;
	/* share x done summed first, divided once: exact in integers for 10^15 rows */
	for (uint32_t i = 0; i < p->n_steps && total; i++)
		shares += (uint64_t)p->steps[i].share * done_of(job, i);
	now = p->base + (total ? p->span * shares / (100 * total) : 0);
	/* a job that is cut short is not nearly done, and may go on later */
	if (job->phase == PHASE_FINISH && job->ending == JOB_COMPLETE)
		now = (p->base + p->span + 100) / 2;
	return now > 99 ? 99 : now < 1 ? 1 : (uint32_t)now;
}

static const char *state_of(const struct job *job, uint32_t step, uint32_t current)
{
	if (step_complete(job, step))
		return "complete";
	if (job->status == JOB_RUNNING && (step == current || done_of(job, step) > 0))
		return "running";
	return "pending";
}

static void message_of(const struct job *job, uint32_t step, char *out, size_t size)
{
	const char *verb = job->pipeline->steps[step].verb;

	if (job->status == JOB_PENDING)
		snprintf(out, size, "Queued");
	else if (job->status == JOB_COMPLETE)
		snprintf(out, size, "Complete: %" PRIu64 " rows", total_of(job));
	else if (job->status == JOB_FAILED)
		snprintf(out, size, "Failed: %.240s", job->error ? job->error->text : "unknown");
	else if (job->status == JOB_CANCELLED)
		snprintf(out, size, "Cancelled");
	else if (job->ending == JOB_CANCELLED)
		snprintf(out, size, "Cancelling: finishing what was stored...");
	else if (job->phase == PHASE_BEGIN)
		snprintf(out, size, "Getting ready...");
	else if (job->phase == PHASE_FINISH)
		snprintf(out, size, "Checking the sums...");
	else
		snprintf(out, size, "%s %" PRIu64 "/%" PRIu64 "...", *verb ? verb : "Doing row",
			 done_of(job, step), total_of(job));
}

static uint32_t units_of(const struct job *job, uint32_t step)
{
	return job->units_done[step] > job->units_told[step] ? job->units_done[step]
							     : job->units_told[step];
}

/* Where its units are now: as many as the window holds, and its begin or finish. */
static void fill_units(const struct unit *first, struct wire_job *m)
{
	for (const struct unit *u = first; u; u = u->next) {
		m->stages[u->step].queued += u->queued;
		m->stages[u->step].in_flight += u->worker != NULL;
	}
}

static void fill_stages(const struct job *job, uint32_t current, struct wire_job *m)
{
	const struct config_pipeline *p = job->pipeline;

	m->n_stages = p->n_steps;
	for (uint32_t i = 0; i < p->n_steps; i++) {
		/* a step's name is its stage's; set by the caller, who has the configuration */
		m->stages[i].done = done_of(job, i);
		m->stages[i].total = total_of(job);
		m->stages[i].share = p->steps[i].share;
		m->stages[i].state = span_text(state_of(job, i, current));
		m->stages[i].units_done = units_of(job, i);
		m->stages[i].failures = job->failures[i];
	}
	fill_units(job->open, m);
	fill_units(job->special, m);
}

static void fill_error(const struct job *job, struct wire_job *m)
{
	if (job->error == NULL)
		return;
	m->error_code = span_text(job->error->code);
	m->error_text = span_text(job->error->text);
	m->error_stage = span_text(job->error_stage);
	m->error_row = job->error->row;
	m->error_hint = span_text(job->error->hint);
}

/* What it will end as, while what it stored is finished; empty: as it comes. */
static const char *ending_of(const struct job *job)
{
	return job_is_ended(job) || job->ending == JOB_COMPLETE ? "" : job_status_name(job->ending);
}

void record_build(const struct job *job, const struct config *config, const char *waiting,
		  uint64_t request, struct buf *out)
{
	const struct config_pipeline *p = job->pipeline;
	uint32_t step = record_stage(job);
	char id[ID_JOB_TEXT_SIZE], message[256];
	struct wire_job m = {.request = request,
			     .type = span_text(job->type),
			     .tenant = span_text(job->tenant),
			     .company = span_text(job->company),
			     .status = span_text(job_status_name(job->status)),
			     .progress = job->progress,
			     .result = buf_span(&job->result),
			     .change = job->change,
			     .waiting = span_text(waiting),
			     .meta = buf_span(&job->meta),
			     .attempt = job->attempt,
			     .created_ms = job->created_ms,
			     .started_ms = job->started_ms,
			     .finished_ms = job->finished_ms,
			     .expires_ms = job->expires_ms,
			     .blob = job->blob,
			     .ending = span_text(ending_of(job))};

	id_job_text(job->id, id);
	m.id = span_text(id);
	message_of(job, step, message, sizeof(message));
	m.message = span_text(message);
	m.stage = span_text(config->stages[p->steps[step].stage].name);
	fill_stages(job, step, &m);
	for (uint32_t i = 0; i < p->n_steps; i++)
		m.stages[i].name = span_text(config->stages[p->steps[i].stage].name);
	fill_error(job, &m);
	wire_put_job(out, &m);
}

void record_tell(struct job *job, const struct config *config)
{
	uint32_t progress = record_progress(job);

	if (progress > job->progress)
		job->progress = progress;
	for (uint32_t i = 0; i < job->pipeline->n_steps; i++) {
		job->told[i] = done_of(job, i);
		job->units_told[i] = units_of(job, i);
	}
	buf_clear(&job->record);
	record_build(job, config, "", REQUEST_PLACEHOLDER, &job->record);
}

void record_copy(struct span record, uint64_t request, struct buf *out)
{
	static const char mark[] = "\xcf\xff\xff\xff\xff\xff\xff\xff\xff";
	size_t from = out->len;
	char *at;

	buf_add(out, record.at, record.len);
	at = memmem(out->at + from, record.len, mark, sizeof(mark) - 1);
	for (int i = 0; at && i < 8; i++)
		at[1 + i] = (char)(request >> (56 - 8 * i));
}
