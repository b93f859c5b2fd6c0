/* control - what clients ask: submit, get, list, cancel, retry, write, status. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker.h"
#include "crash.h"
#include "log.h"
#include "mem.h"

/* ---- answers ---- */

void control_answer(struct broker *b, const struct sock_peer *peer)
{
	struct fault why;

	crash_at("broker.reply.before");
	if (sock_send(b->control, peer, buf_span(&b->out), span_of("", 0), &why) != 0)
		log_fault(LOG_DEBUG, "a client is gone", &why);
	crash_at("broker.reply.after");
}

void broker_refuse(struct broker *b, const struct sock_peer *peer, uint64_t request,
		   uint32_t status, const struct fault *why)
{
	struct wire_refused m = {.request = request,
				 .status = status,
				 .code = span_text(why->code),
				 .text = span_text(why->text),
				 .hint = span_text(why->hint)};

	buf_clear(&b->out);
	wire_put_refused(&b->out, &m);
	control_answer(b, peer);
}

static void refuse(struct broker *b, uint64_t request, uint32_t status, const char *code,
		   const char *text)
{
	struct fault why = {0};

	fault_set(&why, FAULT_INPUT, code, "%s", text);
	broker_refuse(b, sock_msg_peer(b->in), request, status, &why);
}

static void refuse_unknown(struct broker *b, uint64_t request)
{
	refuse(b, request, 404, "job-unknown", "there is no such job");
}

/* Of a fault of the store: no room, not now, or damage. */
static uint32_t status_of(const struct fault *why)
{
	if (strcmp(why->code, "disk-full") == 0 || strcmp(why->code, "map-full") == 0)
		return 507;
	return why->class == FAULT_RETRY || strcmp(why->code, "store-io") == 0 ? 503 : 500;
}

/* `rc` of a read: 1 not there, -1 a record that is damaged, which is not the same as none. */
static void refuse_read(struct broker *b, uint64_t request, int rc, const struct fault *why)
{
	if (rc < 0)
		broker_refuse(b, sock_msg_peer(b->in), request, status_of(why), why);
	else
		refuse_unknown(b, request);
}

/* True when it was refused: nothing new is begun while the disk does not keep it. */
static bool refuse_unkept(struct broker *b, uint64_t request)
{
	if (b->state == STORE_BROKEN)
		refuse(b, request, 503, "store-io",
		       "a write to the job store failed; nothing is taken until it was checked");
	else if (b->state != STORE_OK)
		refuse(b, request, 507, "disk-full", "there is no room on the disk for this");
	return b->state != STORE_OK;
}

/* Answered with the job's record once the commit is done. */
static struct reply *reply_later(struct broker *b, uint64_t request, struct id job)
{
	struct reply *r;

	if (b->n_replies == b->room_replies) {
		b->room_replies = b->room_replies ? 2 * b->room_replies : 64;
		b->replies = xrealloc(b->replies, (size_t)b->room_replies * sizeof(*b->replies));
	}
	r = &b->replies[b->n_replies++];
	*r = (struct reply){.peer = *sock_msg_peer(b->in), .request = request, .job = job};
	return r;
}

/* The record of a job as a JOB message: told, or built now where `waiting` says something. */
static int put_record(struct broker *b, struct id id, uint64_t request, struct fault *why)
{
	struct job *job = sched_job(b->sched, id);
	char waiting[256];
	int rc;

	/* what could not be committed yet is not told */
	if (job && job->record.len && broker_can_commit(b)) {
		sched_waiting(b->sched, job, waiting, sizeof(waiting));
		if (*waiting)
			record_build(job, b->config, waiting, request, &b->out);
		else
			record_copy(buf_span(&job->record), request, &b->out);
		return 0;
	}
	buf_clear(&b->out2);
	rc = jobstore_record(b->store, id, &b->out2, why);
	if (rc == 0)
		record_copy(buf_span(&b->out2), request, &b->out);
	return rc;
}

/* A record that matches the tenant and has not expired. */
bool control_is_visible(const struct broker *b, struct span record, struct span tenant)
{
	struct wire_msg m;

	if (wire_decode(record, &m, NULL) != 0 || m.type != WIRE_JOB)
		return false;
	if (m.job.expires_ms && m.job.expires_ms <= b->wall_ms)
		return false;
	return tenant.len == 0 || span_equal(tenant, m.job.tenant);
}

static void take_get(struct broker *b, const struct wire_get *get)
{
	struct fault why;
	int rc;

	buf_clear(&b->out);
	rc = put_record(b, get->job, get->request, &why);
	if (rc == 0 && control_is_visible(b, buf_span(&b->out), get->tenant))
		control_answer(b, sock_msg_peer(b->in));
	else
		refuse_read(b, get->request, rc, &why);
}

void control_speak(struct broker *b)
{
	struct fault why;

	for (int i = 0; i < b->n_replies; i++) {
		struct reply *r = &b->replies[i];
		struct wire_msg m;

		buf_clear(&b->out);
		if (put_record(b, r->job, r->request, &why) != 0)
			continue;
		if (r->existed && wire_decode(buf_span(&b->out), &m, &why) == 0) {
			struct buf copy = {0};

			m.job.existed = 1;
			wire_put_job(&copy, &m.job);
			buf_release(&b->out);
			b->out = copy;
		}
		control_answer(b, &r->peer);
	}
	b->n_replies = 0;
}

void control_refuse_fresh(struct broker *b, const struct fault *why)
{
	int kept = 0;

	for (int i = 0; i < b->n_replies; i++) {
		struct reply *r = &b->replies[i];
		struct job *job = sched_job(b->sched, r->job);

		if (job && job->fresh)
			broker_refuse(b, &r->peer, r->request,
				      why->class == FAULT_RETRY ? status_of(why) : 503, why);
		else
			b->replies[kept++] = *r;
	}
	b->n_replies = kept;
	for (struct job *j = sched_dirty_jobs(b->sched), *next; j; j = next) {
		next = j->dirty_next;
		if (j->fresh)
			sched_forget(b->sched, j);
	}
}

/* ---- submit ---- */

static bool is_sound(const struct wire_submit *s)
{
	return name_is_valid(s->tenant) && name_is_valid(s->company) && !id_is_zero(s->job) &&
	       s->params.len > 0 && (s->blob.len == 0 || s->blob.len == 32);
}

/* The job that has this idempotency key, in the store or submitted in this very round: 0 found, 1
 * none, -1 the key's record is damaged, so that a job may have it. */
static int known_key(struct broker *b, const struct wire_submit *s, struct id *id,
		     uint8_t fingerprint[32], struct fault *why)
{
	for (struct job *j = sched_dirty_jobs(b->sched); j; j = j->dirty_next) {
		if (j->fresh && span_equal(buf_span(&j->key), s->key) &&
		    span_is(s->tenant, j->tenant) && span_is(s->type, j->type)) {
			*id = j->id;
			memcpy(fingerprint, j->fingerprint, 32);
			return 0;
		}
	}
	return jobstore_key(b->store, s, id, fingerprint, why);
}

/* True when it is answered: its Idempotency-Key is that of a job, or may be. */
static bool answer_known_key(struct broker *b, const struct wire_submit *s)
{
	uint8_t fingerprint[32];
	struct fault why;
	struct id id;
	int rc = s->key.len ? known_key(b, s, &id, fingerprint, &why) : 1;

	if (rc < 0)
		broker_refuse(b, sock_msg_peer(b->in), s->request, status_of(&why), &why);
	else if (rc == 0 &&
		 (s->fingerprint.len != 32 || memcmp(fingerprint, s->fingerprint.at, 32) != 0))
		refuse(b, s->request, 409, "idempotency-conflict",
		       "this Idempotency-Key was used with another request");
	else if (rc == 0)
		reply_later(b, s->request, id)->existed = true;
	return rc <= 0;
}

static void take_submit(struct broker *b, const struct wire_submit *s)
{
	char type[NAME_SIZE];
	const struct config_pipeline *pipeline;

	span_copy(s->type, type, sizeof(type));
	pipeline = config_pipeline(b->config, type);
	if (pipeline == NULL) {
		refuse(b, s->request, 404, "pipeline-unknown", "no pipeline has this name");
		return;
	}
	if (!is_sound(s)) {
		refuse(b, s->request, 400, "submit-malformed", "the request is not complete");
		return;
	}
	if (answer_known_key(b, s) || refuse_unkept(b, s->request))
		return;
	if (sched_job(b->sched, s->job)) { /* the same submit once more */
		reply_later(b, s->request, s->job)->existed = true;
		return;
	}
	sched_submit(b->sched, s, pipeline);
	reply_later(b, s->request, s->job);
}

/* ---- cancel, retry ---- */

static bool tenant_may(struct span tenant, const struct job *job)
{
	return tenant.len == 0 || span_is(tenant, job->tenant);
}

/* Not running and not waiting: it has ended, or there is none. */
static void cancel_ended(struct broker *b, const struct wire_cancel *c)
{
	struct buf record = {0};
	struct fault why;
	int rc = jobstore_record(b->store, c->job, &record, &why);

	if (rc == 0 && control_is_visible(b, buf_span(&record), c->tenant))
		refuse(b, c->request, 409, "job-ended", "the job has ended already");
	else
		refuse_read(b, c->request, rc, &why);
	buf_release(&record);
}

static void take_cancel(struct broker *b, const struct wire_cancel *c)
{
	struct job *job = sched_job(b->sched, c->job);

	if (job == NULL || job->expiring)
		cancel_ended(b, c);
	else if (!tenant_may(c->tenant, job))
		refuse_unknown(b, c->request);
	else if (b->state > STORE_LOW) /* to end what runs may make the room that lacks */
		refuse_unkept(b, c->request);
	else if (sched_cancel(b->sched, job) != 0)
		refuse(b, c->request, 409, "job-ended", "the job has ended already");
	else
		reply_later(b, c->request, c->job);
}

static void retry_loaded(struct broker *b, const struct wire_retry *r, struct job *job)
{
	struct fault why = {0};

	if (broker_restore(b, job, &why) != 0 || sched_retry(b->sched, job, r->skip, &why) != 0) {
		sched_forget(b->sched, job);
		broker_refuse(b, sock_msg_peer(b->in), r->request, 409, &why);
		return;
	}
	reply_later(b, r->request, r->job);
}

static void take_retry(struct broker *b, const struct wire_retry *r)
{
	struct job *job;
	struct fault why;
	int rc;

	if (sched_job(b->sched, r->job)) {
		if (tenant_may(r->tenant, sched_job(b->sched, r->job)))
			refuse(b, r->request, 409, "job-not-ended", "the job has not ended yet");
		else
			refuse_unknown(b, r->request);
		return;
	}
	rc = jobstore_load(b->store, r->job, &job, &why);
	if (rc != 0) {
		refuse_read(b, r->request, rc, &why);
		return;
	}
	if (!tenant_may(r->tenant, job) || job->expires_ms <= b->wall_ms) {
		refuse_unknown(b, r->request);
	} else if (job->status == JOB_COMPLETE) {
		refuse(b, r->request, 409, "job-complete", "the job is complete: nothing to retry");
	} else if (job->pipeline == NULL) {
		refuse(b, r->request, 409, "pipeline-unknown", "its pipeline is gone");
	} else if (!refuse_unkept(b, r->request)) {
		retry_loaded(b, r, job);
		return;
	}
	sched_restore(b->sched, job);
	sched_forget(b->sched, job);
}

/* ---- writes ---- */

static void take_write(struct broker *b, const struct wire_write *w)
{
	struct waiter *at = &b->waiters[b->next_waiter % WAITERS_MAX];
	struct payload *body;
	struct fault why;
	uint32_t stage;

	if (config_stage_of(b->config, w->stage, &stage) != 0 || !name_is_valid(w->tenant) ||
	    !name_is_valid(w->company)) {
		refuse(b, w->request, 400, "write-malformed", "no such stage, tenant or company");
		return;
	}
	if (!broker_can_commit(b)) { /* nothing is dealt now, so nobody would do it */
		refuse_unkept(b, w->request);
		return;
	}
	if (w->keep) {
		if (!refuse_unkept(b, w->request) && kept_take(b, w, stage, &why) != 0)
			broker_refuse(b, sock_msg_peer(b->in), w->request,
				      strcmp(why.code, "disk-full") == 0 ? 507 : 503, &why);
		return;
	}
	if (at->used) {
		refuse(b, w->request, 503, "busy", "too many writes are waiting; try again");
		return;
	}
	*at = (struct waiter){.peer = *sock_msg_peer(b->in),
			      .request = w->request,
			      .number = b->next_waiter,
			      .used = true};
	body = xcalloc(1, sizeof(*body));
	buf_add(&body->own, w->body.at, w->body.len);
	sched_write(b->sched, w, body, b->next_waiter++, stage);
}

void control_written(struct broker *b, const struct act *act)
{
	struct waiter *w = &b->waiters[act->client % WAITERS_MAX];
	struct wire_written m = {.request = w->request, .body = act->bytes};

	if (act->kept)
		kept_over(b, act);
	if (!w->used || w->number != act->client)
		return;
	w->used = false;
	if (act->kind == ACT_WRITE_FAILED) {
		broker_refuse(b, &w->peer, w->request, act->fault.class == FAULT_JOB ? 409 : 503,
			      &act->fault);
		return;
	}
	buf_clear(&b->out);
	wire_put_written(&b->out, &m);
	control_answer(b, &w->peer);
}

void control_take(struct broker *b)
{
	struct wire_msg m;
	struct fault why;

	if (wire_decode(sock_msg_frame(b->in, 0), &m, &why) != 0) {
		log_fault(LOG_WARN, "a client's message is dropped", &why);
		broker_refuse(b, sock_msg_peer(b->in), 0, 400, &why);
		return;
	}
	switch (m.type) {
	case WIRE_SUBMIT:
		take_submit(b, &m.submit);
		break;
	case WIRE_GET:
		take_get(b, &m.get);
		break;
	case WIRE_LIST:
		pages_list(b, &m.list);
		break;
	case WIRE_SINCE:
		pages_since(b, &m.since);
		break;
	case WIRE_CANCEL:
		take_cancel(b, &m.cancel);
		break;
	case WIRE_RETRY:
		take_retry(b, &m.retry);
		break;
	case WIRE_WRITE:
		take_write(b, &m.write);
		break;
	case WIRE_STAGES:
		pages_stages(b, &m.stages);
		break;
	case WIRE_PING:
		pages_ping(b, &m.ping);
		break;
	default:
		refuse(b, 0, 400, "wire-unexpected", "this message is not for the control socket");
	}
}
