#include "broker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "blob.h"
#include "clock.h"
#include "crash.h"
#include "log.h"
#include "mem.h"
#include "notify.h"

#define DRAIN_MAX	256  /* messages a socket and round, so that neither starves the other */
#define TEND_MS		1000 /* dead readers, expired jobs */
#define COMMIT_AGAIN_MS 500
#define BEAT_MS_MAX	1000
#define PROBE_MS	2000 /* a worker silent for so long is asked, so that a dead one is noticed */
#define EXPIRE_MAX	64   /* jobs a second and round; the rest next second */

void payload_release(void *payload)
{
	struct payload *p = payload;

	sock_msg_release(&p->msg);
	buf_release(&p->own);
	free(p);
}

struct span payload_bytes(const struct payload *payload)
{
	return payload->msg ? sock_msg_frame(payload->msg, 1) : buf_span(&payload->own);
}

/* ---- open ---- */

static void restore_unit(void *arg, struct job *job, struct unit *unit)
{
	sched_restore_unit(((struct broker *)arg)->sched, job, unit);
}

static void restore_job(void *arg, struct job *job)
{
	struct broker *b = arg;
	struct fault why;

	if (job->pipeline == NULL) {
		log_warn("job of pipeline %s is left alone: it is no longer configured", job->type);
		return;
	}
	job->rows_read = 0;
	job->source_done = false;
	sched_restore(b->sched, job);
	if (jobstore_units(b->store, job, restore_unit, b, &why) != 0)
		log_fault(LOG_ERROR, "reading a job's units", &why);
	sched_restored(b->sched, job, b->now_ms, b->wall_ms);
}

static int open_sockets(struct broker *b, struct fault *why)
{
	char endpoint[256];

	config_endpoint(b->config, "work", endpoint);
	if (sock_open(SOCK_ROUTER, endpoint, true, &b->work, why) != 0)
		return -1;
	config_endpoint(b->config, "control", endpoint);
	if (sock_open(SOCK_ROUTER, endpoint, true, &b->control, why) != 0)
		return -1;
	config_endpoint(b->config, "events", endpoint);
	return sock_open(SOCK_XPUB, endpoint, true, &b->events, why);
}

int broker_open(const struct config *config, bool sync, struct broker **broker, struct fault *why)
{
	struct broker *b = xcalloc(1, sizeof(*b));
	char *dir = xasprintf("%s/jobs", config->data);
	uint32_t epoch = 0;
	int rc;

	b->config = config;
	b->now_ms = clock_ms();
	b->wall_ms = clock_wall_ms();
	b->in = sock_msg_new();
	rc = jobstore_open(dir, config, sync, &b->store, &epoch, why);
	free(dir);
	if (rc == 0) {
		b->sched = sched_new(config, epoch, (uint64_t)b->wall_ms, payload_release);
		rc = jobstore_unended(b->store, restore_job, b, why);
	}
	if (rc == 0)
		rc = open_sockets(b, why);
	if (rc != 0) {
		broker_close(&b);
		return -1;
	}
	log_info("epoch %u, %u jobs pending, %u running", epoch, sched_pending(b->sched),
		 sched_running(b->sched));
	*broker = b;
	return 0;
}

void broker_close(struct broker **broker)
{
	struct broker *b = *broker;

	if (b == NULL)
		return;
	sock_close(&b->work);
	sock_close(&b->control);
	sock_close(&b->events);
	sock_msg_release(&b->in);
	sched_free(&b->sched);
	jobstore_close(&b->store);
	buf_release(&b->out);
	buf_release(&b->out2);
	free(b->replies);
	free(b);
	*broker = NULL;
	sock_shutdown();
}

/* ---- workers ---- */

static struct span peer_span(const struct sock_peer *peer)
{
	return span_of((const char *)peer->id, peer->len);
}

static void peer_of(const struct worker *w, struct sock_peer *peer)
{
	peer->len = w->key_len;
	memcpy(peer->id, w->key, w->key_len);
}

static int tell_worker(struct broker *b, const struct sock_peer *peer, struct span payload)
{
	struct fault why;

	if (sock_send(b->work, peer, buf_span(&b->out), payload, &why) == 0)
		return 0;
	log_fault(LOG_DEBUG, "telling a worker", &why);
	return -1;
}

static void who(struct broker *b, const struct sock_peer *peer, const char *reason)
{
	struct wire_who m = {.reason = span_text(reason)};

	buf_clear(&b->out);
	wire_put_who(&b->out, &m);
	tell_worker(b, peer, span_of("", 0));
}

static int welcome(struct broker *b, const struct worker *w)
{
	uint32_t lease = b->config->stages[w->stage].lease_ms;
	struct wire_welcome m = {.lease_ms = lease,
				 .beat_ms = lease / 4 < BEAT_MS_MAX ? lease / 4 : BEAT_MS_MAX};
	struct sock_peer peer;

	peer_of(w, &peer);
	buf_clear(&b->out);
	wire_put_welcome(&b->out, &m);
	return tell_worker(b, &peer, span_of("", 0));
}

static void take_hello(struct broker *b, const struct sock_peer *peer,
		       const struct wire_hello *hello)
{
	struct worker *w;

	if (hello->protocol != WIRE_PROTOCOL) {
		who(b, peer, "protocol: this broker speaks another version");
		return;
	}
	w = sched_hello(b->sched, peer_span(peer), hello, b->now_ms);
	if (w == NULL) {
		who(b, peer, "stage: no pipeline names it");
		return;
	}
	log_info("%.*s %u is here", SPAN_ARG(hello->stage), hello->pid);
	welcome(b, w);
}

/* The context wanted is that of a job in memory: workers need it while they work only. */
static void take_need(struct broker *b, const struct sock_peer *peer, const struct wire_need *need)
{
	struct wire_piece m = {.hash = need->hash, .offset = need->offset};
	struct buf context = {0};
	struct span part = {0};
	struct fault why;
	struct id id;

	if (sched_context_job(b->sched, need->hash, &id) &&
	    jobstore_context(b->store, id, &context, &why) == 0 && need->offset < context.len) {
		part = span_of(context.at + need->offset, context.len - need->offset);
		part.len = part.len < WIRE_FRAME_MAX / 2 ? part.len : WIRE_FRAME_MAX / 2;
		m.total = context.len;
	}
	buf_clear(&b->out);
	wire_put_piece(&b->out, &m);
	tell_worker(b, peer, part);
	buf_release(&context);
}

static void take_done(struct broker *b, struct worker *w, const struct wire_done *done)
{
	struct payload *p = NULL;
	struct span bytes = sock_msg_frame(b->in, 1);

	if (bytes.len) {
		p = xcalloc(1, sizeof(*p));
		p->msg = b->in; /* the message stays where it is; a new one is read next */
		b->in = sock_msg_new();
	}
	if (!sched_done(b->sched, w, done, p, bytes, b->now_ms, b->wall_ms) && p)
		payload_release(p);
}

static void take_worker(struct broker *b)
{
	const struct sock_peer *peer = sock_msg_peer(b->in);
	struct wire_msg m;
	struct fault why;
	struct worker *w;

	if (wire_decode(sock_msg_frame(b->in, 0), &m, &why) != 0) {
		log_fault(LOG_WARN, "a worker's message is dropped", &why);
		return;
	}
	w = sched_worker(b->sched, peer_span(peer));
	if (m.type == WIRE_HELLO) {
		take_hello(b, peer, &m.hello);
		return;
	}
	if (w == NULL) {
		who(b, peer, "unknown: say HELLO");
		return;
	}
	sched_beat(b->sched, w, b->now_ms);
	if (m.type == WIRE_DONE)
		take_done(b, w, &m.done);
	else if (m.type == WIRE_FAIL)
		sched_fail(b->sched, w, &m.fail, b->now_ms, b->wall_ms);
	else if (m.type == WIRE_NEED)
		take_need(b, peer, &m.need);
	else if (m.type == WIRE_BYE)
		sched_lost(b->sched, w, false, b->now_ms, b->wall_ms);
}

/* A worker that is silent gets a WELCOME: the ROUTER knows at once when its peer is gone. */
static void probe(struct broker *b)
{
	for (struct worker *w = sched_workers(b->sched); w; w = w->next) {
		if (w->lost || b->now_ms - w->seen_ms < PROBE_MS ||
		    b->now_ms - w->probed_ms < PROBE_MS)
			continue;
		w->probed_ms = b->now_ms;
		if (welcome(b, w) != 0) {
			log_info("%s %u is gone", b->config->stages[w->stage].name, w->pid);
			sched_lost(b->sched, w, true, b->now_ms, b->wall_ms);
		}
	}
}

/* ---- speech ---- */

static struct span work_payload(struct broker *b, const struct unit *u, struct fault *why)
{
	if (u->payload)
		return payload_bytes(u->payload);
	if (u->kind != WORK_BEGIN)
		return span_of("", 0);
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
		if (u->kind != WORK_BEGIN)
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
	tell_worker(b, &peer, span_of("", 0));
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
}

static void speak(struct broker *b)
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

/* ---- the round ---- */

static void forget_blobs(struct broker *b)
{
	char *dir = xasprintf("%s/blobs", b->config->data);
	struct blob_hash hash;
	struct fault why;

	for (struct job *j = sched_dirty_jobs(b->sched); j; j = j->dirty_next) {
		if (!j->gone || j->blob.len == 0)
			continue;
		memcpy(hash.bytes, j->blob_bytes, sizeof(hash.bytes));
		if (blob_delete(dir, hash, j->id, &why) != 0)
			log_fault(LOG_WARN, "deleting an upload", &why);
	}
	free(dir);
}

static void expire(struct broker *b)
{
	struct id ids[EXPIRE_MAX];
	struct job *job;
	struct fault why;
	int n;

	if (jobstore_expired(b->store, b->wall_ms, ids, EXPIRE_MAX, &n, &why) != 0) {
		log_fault(LOG_ERROR, "looking for expired jobs", &why);
		return;
	}
	for (int i = 0; i < n; i++) {
		if (sched_job(b->sched, ids[i]) || jobstore_load(b->store, ids[i], &job, &why) != 0)
			continue;
		sched_restore(b->sched, job);
		sched_expire(b->sched, job, b->now_ms);
	}
}

static void tend(struct broker *b)
{
	if (b->now_ms - b->tended_ms < TEND_MS)
		return;
	b->tended_ms = b->now_ms;
	notify_alive();
	jobstore_tend(b->store);
	probe(b);
	if (!b->read_only)
		expire(b);
}

static int commit(struct broker *b)
{
	struct fault why;

	if (b->read_only && b->now_ms - b->tried_ms < COMMIT_AGAIN_MS)
		return -1;
	b->tried_ms = b->now_ms;
	/* blobs first: a record that is gone can no longer name its upload */
	forget_blobs(b);
	if (jobstore_commit(b->store, sched_dirty_jobs(b->sched), sched_dirty_units(b->sched),
			    &why) == 0) {
		if (b->read_only)
			log_info("the store takes writes again");
		b->read_only = false;
		return 0;
	}
	if (!b->read_only)
		log_fault(LOG_ERROR, "the store refuses: no job is taken until it has room", &why);
	b->read_only = true;
	control_refuse_fresh(b, &why);
	return -1;
}

static void drain(struct broker *b, struct sock *sock, void (*take)(struct broker *b))
{
	struct fault why;
	int rc;

	for (int i = 0; i < DRAIN_MAX && (rc = sock_recv(sock, b->in, &why)) != 1; i++) {
		if (rc == 0)
			take(b);
		else
			log_fault(LOG_WARN, "a message is dropped", &why);
	}
}

static void round_once(struct broker *b)
{
	b->now_ms = clock_ms();
	b->wall_ms = clock_wall_ms();
	drain(b, b->control, control_take);
	/* While nothing can be committed workers wait too: their answers stay in the socket. */
	if (!b->read_only)
		drain(b, b->work, take_worker);
	tend(b);
	if (!b->read_only) {
		sched_tick(b->sched, b->now_ms, b->wall_ms);
		sched_deal(b->sched, b->now_ms, b->wall_ms);
	}
	if (commit(b) != 0)
		return;
	speak(b);
	release_sent(b);
	sched_clean(b->sched);
}

int broker_run(struct broker *b, const volatile int *stop, struct fault *why)
{
	struct sock *const socks[] = {b->work, b->control, b->events};
	bool ready[ARRAY_LEN(socks)];
	struct fault ignored;

	(void)why;
	notify_ready();
	while (!*stop) {
		sock_wait(socks, ARRAY_LEN(socks), -1,
			  b->read_only ? COMMIT_AGAIN_MS : sched_timeout_ms(b->sched, clock_ms()),
			  ready);
		/* subscriptions are read and forgotten: the socket itself remembers them */
		while (sock_recv(b->events, b->in, &ignored) == 0)
			;
		round_once(b);
	}
	return 0;
}
