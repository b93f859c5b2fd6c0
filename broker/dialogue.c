/* dialogue - what workers say, and what they are told at once. */
#include <stdlib.h>

#include "broker.h"
#include "crash.h"
#include "log.h"
#include "mem.h"

#define BEAT_MS_MAX 1000
#define PROBE_MS    2000 /* a worker silent for so long is asked, so that a dead one is noticed */

static struct span peer_span(const struct sock_peer *peer)
{
	return span_of((const char *)peer->id, peer->len);
}

void peer_of(const struct worker *w, struct sock_peer *peer)
{
	peer->len = w->key_len;
	memcpy(peer->id, w->key, w->key_len);
}

int tell_worker(struct broker *b, const struct sock_peer *peer, struct span payload)
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
	int rc;

	peer_of(w, &peer);
	buf_clear(&b->out);
	wire_put_welcome(&b->out, &m);
	crash_at("broker.welcome.before");
	rc = tell_worker(b, &peer, span_of("", 0));
	crash_at("broker.welcome.after");
	return rc;
}

/* A WELCOME more does no harm, and the ROUTER knows at once when its peer is gone. */
static void probe(struct broker *b, struct worker *w)
{
	if (w->lost)
		return;
	w->probed_ms = b->now_ms;
	if (welcome(b, w) == 0)
		return;
	log_info("%s %u is gone", b->config->stages[w->stage].name, w->pid);
	sched_lost(b->sched, w, true);
}

static void take_hello(struct broker *b, const struct sock_peer *peer,
		       const struct wire_hello *hello)
{
	struct worker *w;

	if (hello->protocol != WIRE_PROTOCOL) {
		who(b, peer, "protocol: this broker speaks another version");
		return;
	}
	w = sched_hello(b->sched, peer_span(peer), hello);
	if (w == NULL) {
		who(b, peer, "stage: no pipeline names it");
		return;
	}
	log_info("%.*s %u is here", SPAN_ARG(hello->stage), hello->pid);
	welcome(b, w);
	/* it may stand in for one that died: no need to wait for that one's silence */
	for (struct worker *other = sched_workers(b->sched); other; other = other->next) {
		if (other != w && other->stage == w->stage)
			probe(b, other);
	}
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
	crash_at("broker.piece.before");
	tell_worker(b, peer, part);
	crash_at("broker.piece.after");
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
	if (!sched_done(b->sched, w, done, p, bytes) && p)
		payload_release(p);
}

void dialogue_take(struct broker *b)
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
	sched_beat(b->sched, w);
	if (m.type == WIRE_DONE)
		take_done(b, w, &m.done);
	else if (m.type == WIRE_FAIL)
		sched_fail(b->sched, w, &m.fail);
	else if (m.type == WIRE_NEED)
		take_need(b, peer, &m.need);
	else if (m.type == WIRE_BYE)
		sched_lost(b->sched, w, false);
}

void dialogue_probe(struct broker *b)
{
	for (struct worker *w = sched_workers(b->sched); w; w = w->next) {
		if (b->now_ms - w->seen_ms >= PROBE_MS && b->now_ms - w->probed_ms >= PROBE_MS)
			probe(b, w);
	}
}
