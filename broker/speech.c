/* speech - what was decided is told, after the commit: work, answers, events. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker.h"
#include "crash.h"
#include "log.h"

static struct span work_payload(struct broker *b, const struct unit *u, struct fault *why)
{
	if (u->payload)
		return payload_bytes(u->payload);
	if (u->kind != WORK_BEGIN)
		return span_of("", 0);
	assert(u->job); /* only a write has none */
	buf_clear(&b->out2);
	if (jobstore_context(b->store, u->job->id, &b->out2, why) != 0)
		log_error("a job's context is missing");
	return buf_span(&b->out2);
}

static void say_work(struct broker *b, const struct act *act)
{
	const struct unit *u = act->unit;
	const struct job *job = u->job;
	struct wire_work m = {.job = job ? job->id : u->id,
			      .unit = u->no,
			      .work = u->kind,
			      .token = u->token,
			      .rows = u->rows,
			      .detail = span_text(u->verb),
			      .tenant = span_text(unit_tenant(u)),
			      .company = span_text(unit_company(u))};
	struct sock_peer peer;
	struct span payload;
	struct fault why;

	if (act->worker->lost || u->token != act->token)
		return; /* lost in the same round: it is queued again */
	if (job) {
		m.pipeline = span_text(job->type);
		m.flags = (job->ending == JOB_COMPLETE ? 0U : WORK_HURRY) |
			  (u->end_known ? WORK_REPLAY : 0U);
		m.start = span_of(u->start.at, u->start.len);
		m.end = span_of(u->end.at, u->end.len);
		/* the context of a job that is complete is gone; to forget it takes none */
		if (u->kind != WORK_BEGIN && !job->expiring)
			m.context = span_of((const char *)job->context_hash,
					    sizeof(job->context_hash));
	}
	peer_of(act->worker, &peer);
	payload = work_payload(b, u, &why);
	buf_clear(&b->out);
	wire_put_work(&b->out, &m);
	crash_at("broker.work.before");
	if (tell_worker(b, &peer, payload) != 0)
		act->worker->seen_ms = INT64_MIN / 2; /* gone: its lease ends with the next tick */
	crash_at("broker.work.after");
}

static void say_drop(struct broker *b, const struct act *act)
{
	struct wire_drop m = {.token = act->token};
	struct sock_peer peer;

	if (act->worker->lost)
		return;
	peer_of(act->worker, &peer);
	buf_clear(&b->out);
	wire_put_drop(&b->out, &m);
	crash_at("broker.drop.before");
	tell_worker(b, &peer, span_of("", 0));
	crash_at("broker.drop.after");
}

static void say_event(struct broker *b, const struct job *job)
{
	char topic[16 + NAME_SIZE + ID_JOB_TEXT_SIZE], id[ID_JOB_TEXT_SIZE];
	struct span frames[2];
	struct fault why;

	id_job_text(job->id, id);
	snprintf(topic, sizeof(topic), "job.%s.%s", job->tenant, id);
	buf_clear(&b->out);
	record_copy(buf_span(&job->record), 0, &b->out);
	frames[0] = span_text(topic);
	frames[1] = buf_span(&b->out);
	crash_at("broker.event.before");
	if (sock_send_frames(b->events, NULL, frames, 2, &why) != 0)
		log_fault(LOG_DEBUG, "an event", &why);
	crash_at("broker.event.after");
}

/* A unit's payload is with the worker now; only a write keeps its own until it is answered. */
static void release_sent(struct broker *b)
{
	int n;
	struct act *acts = sched_acts(b->sched, &n);

	for (int i = 0; i < n; i++) {
		struct unit *u = acts[i].unit;

		if (acts[i].kind != ACT_WORK || u->kind == WORK_WRITE || u->payload == NULL ||
		    u->worker == NULL)
			continue;
		payload_release(u->payload);
		u->payload = NULL;
	}
}

void speech_all(struct broker *b)
{
	int n;
	struct act *acts = sched_acts(b->sched, &n);

	for (int i = 0; i < n; i++) {
		if (acts[i].kind == ACT_WORK)
			say_work(b, &acts[i]);
		else if (acts[i].kind == ACT_DROP)
			say_drop(b, &acts[i]);
		else
			control_written(b, &acts[i]);
	}
	control_speak(b);
	for (struct job *j = sched_dirty_jobs(b->sched); j; j = j->dirty_next) {
		b->submitted += j->fresh;
		if (j->tell && !j->gone)
			say_event(b, j);
		if (!job_is_ended(j) || j->expiring)
			continue;
		b->completed += j->status == JOB_COMPLETE;
		b->failed += j->status == JOB_FAILED;
		b->cancelled += j->status == JOB_CANCELLED;
	}
	release_sent(b);
}
