#include "events.h"

#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "mem.h"
#include "record.h"

#define BUCKETS	  4096
#define PAGE	  200
#define ASK_MS	  1500
#define SILENT_MS 5000 /* a broker that is started anew answers in 1 s or 2 */

/* ASLEEP: nobody watches. FINDING: the newest change number is asked for. CATCHING_UP: what came
 * after `position` is asked for, events are only counted. LIVE: events are passed on. */
enum hub_state { HUB_ASLEEP, HUB_FINDING, HUB_CATCHING_UP, HUB_LIVE };

struct hub {
	struct sock *sock;
	struct sock_msg *in;
	struct broker_client *broker;
	struct recent *recent;
	enum hub_state state;
	uint64_t position; /* told of everything up to here */
	uint64_t seen;	   /* newest event that came while it was not passed on */
	uint64_t promised; /* newest change that the broker had a second ago */
	struct broker_call find, since, probe;
	int64_t answered_ms; /* when the broker last did, whatever it said */
	bool in_doubt; /* a question for the place was lost: watchers asked before it was known */
	int n_watchers;
	struct watcher *buckets[BUCKETS];
};

/* ---- frames ---- */

static uint64_t mix(uint64_t hash, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ (uint8_t)bytes.at[i]) * UINT64_C(1099511628211); /* FNV-1a */
	return (hash ^ 0xff) * UINT64_C(1099511628211);
}

struct frame *frame_new(const struct wire_job *job)
{
	char change[RECORD_CHANGE_SIZE];
	struct buf text = {0};
	struct frame *frame;
	size_t data;

	record_change_text(job->change, change);
	buf_format(&text, "id: %s\ndata: ", change);
	data = text.len;
	record_json(&text, job);
	/* line breaks inside JSON are white space, but would end the event's line */
	for (size_t i = data; i < text.len; i++) {
		if (text.at[i] == '\r' || text.at[i] == '\n')
			text.at[i] = ' ';
	}
	buf_text(&text, "\n\n");
	frame = xcalloc(1, sizeof(*frame) + text.len);
	frame->refs = 1;
	frame->change = job->change;
	frame->ended = record_is_ended(job);
	frame->kind = mix(mix(UINT64_C(14695981039346656037), job->status), job->stage);
	for (uint32_t i = 0; i < job->n_stages; i++)
		frame->kind = mix(frame->kind, job->stages[i].state);
	id_job_read(job->id, &frame->job);
	frame->len = text.len;
	memcpy(frame->bytes, text.at, text.len);
	buf_release(&text);
	return frame;
}

struct frame *frame_ref(struct frame *frame)
{
	frame->refs++;
	return frame;
}

void frame_release(struct frame **frame)
{
	struct frame *f = *frame;

	*frame = NULL;
	if (f && --f->refs == 0)
		free(f);
}

/* ---- watchers ---- */

static struct watcher **bucket_of(struct hub *hub, struct span key)
{
	return &hub->buckets[mix(UINT64_C(14695981039346656037), key) % BUCKETS];
}

static void tell_key(struct hub *hub, enum watch what, struct span key, const struct wire_job *job,
		     struct frame **frame)
{
	struct watcher *w = *bucket_of(hub, key), *next;

	for (; w; w = next) {
		next = w->next;
		if (w->what != what || !span_is(key, w->key))
			continue;
		if (*frame == NULL)
			*frame = frame_new(job);
		w->take(w, *frame);
	}
}

static void tell(struct hub *hub, const struct wire_job *job)
{
	struct frame *frame = NULL;

	tell_key(hub, WATCH_JOB, job->id, job, &frame);
	tell_key(hub, WATCH_TENANT, job->tenant, job, &frame);
	tell_key(hub, WATCH_ALL, span_of("", 0), job, &frame);
	frame_release(&frame);
}

static void tell_again(struct hub *hub)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct watcher *w = hub->buckets[i]; w; w = w->next)
			w->again(w);
	}
}

uint64_t events_position(const struct hub *hub)
{
	return hub->position;
}

static void hear(struct hub *hub, const struct wire_msg *msg)
{
	if (msg)
		hub->answered_ms = clock_ms();
}

bool events_are_cut(const struct hub *hub)
{
	return clock_ms() - hub->answered_ms > SILENT_MS;
}

/* ---- finding the place, catching up ---- */

static void ask_since(struct hub *hub);

static void catch_up(struct hub *hub)
{
	hub->state = HUB_CATCHING_UP;
	if (hub->since.request == 0)
		ask_since(hub);
}

static void take_since(struct broker_call *call, const struct wire_msg *msg,
		       const struct sock_msg *raw)
{
	struct hub *hub = call->asker;

	hear(hub, msg);
	if (hub->state != HUB_CATCHING_UP || msg == NULL || msg->type != WIRE_PAGE)
		return; /* events_tick asks again */
	for (int i = 1; i < sock_msg_frames(raw); i++) {
		struct wire_msg record;

		if (wire_decode(sock_msg_frame(raw, i), &record, NULL) != 0 ||
		    record.type != WIRE_JOB || record.job.change <= hub->position)
			continue;
		hub->position = record.job.change;
		tell(hub, &record.job);
	}
	if (!msg->page.more && msg->page.change > hub->position)
		hub->position = msg->page.change;
	/* events that came meanwhile were only counted: go on until they are all in a page */
	if (msg->page.more || hub->seen > hub->position)
		ask_since(hub);
	else
		hub->state = HUB_LIVE;
}

static void ask_since(struct hub *hub)
{
	struct wire_since m = {.change = hub->position, .limit = PAGE};

	hub->since.answer = take_since;
	broker_ask(hub->broker, &hub->since, WIRE_SINCE, &m, ASK_MS);
}

static void take_find(struct broker_call *call, const struct wire_msg *msg,
		      const struct sock_msg *raw)
{
	struct hub *hub = call->asker;

	(void)raw;
	hear(hub, msg);
	if (hub->state != HUB_FINDING || msg == NULL || msg->type != WIRE_PONG)
		return;
	hub->position = msg->pong.change;
	hub->promised = hub->position;
	if (hub->in_doubt)
		tell_again(hub);
	hub->in_doubt = false;
	if (hub->seen > hub->position)
		catch_up(hub);
	else
		hub->state = HUB_LIVE;
}

static void find(struct hub *hub)
{
	struct wire_ping m = {0};

	hub->find.answer = take_find;
	if (hub->find.request)
		return;
	if (hub->state == HUB_FINDING)
		hub->in_doubt = true;
	hub->state = HUB_FINDING;
	broker_ask(hub->broker, &hub->find, WIRE_PING, &m, ASK_MS);
}

static void take_probe(struct broker_call *call, const struct wire_msg *msg,
		       const struct sock_msg *raw)
{
	struct hub *hub = call->asker;

	(void)raw;
	hear(hub, msg);
	if (hub->state != HUB_LIVE || msg == NULL || msg->type != WIRE_PONG)
		return;
	if (msg->pong.change < hub->promised) {
		log_warn("the broker's changes begin anew: its store was replaced");
		hub->position = msg->pong.change;
		tell_again(hub);
	}
	hub->promised = msg->pong.change;
}

/* What the broker had a second ago must have come by now, else it was lost on the way. */
void events_tick(struct hub *hub)
{
	struct wire_ping m = {0};

	if (hub->n_watchers == 0)
		return;
	if (hub->state == HUB_FINDING)
		find(hub);
	else if (hub->state == HUB_CATCHING_UP || hub->position < hub->promised)
		catch_up(hub);
	else if (hub->probe.request == 0)
		broker_ask(hub->broker, &hub->probe, WIRE_PING, &m, ASK_MS);
}

/* ---- events ---- */

static void take_event(struct hub *hub, struct span bytes)
{
	struct wire_msg msg;
	struct fault why = {.text = "not a record"};

	if (wire_decode(bytes, &msg, &why) != 0 || msg.type != WIRE_JOB) {
		log_fault(LOG_WARN, "an event is dropped", &why);
		return;
	}
	if (msg.job.change > hub->seen)
		hub->seen = msg.job.change;
	if (hub->state != HUB_LIVE || msg.job.change <= hub->position)
		return;
	if (msg.job.change != hub->position + 1) {
		catch_up(hub);
		return;
	}
	hub->position = msg.job.change;
	tell(hub, &msg.job);
}

/* The topic is job.<tenant>.<job id>: enough to know whose record has changed. */
static void forget_recent(struct hub *hub, struct span topic)
{
	const size_t len = ID_JOB_TEXT_SIZE - 1;
	struct id job;

	if (topic.len > len && id_job_read(span_of(topic.at + topic.len - len, len), &job) == 0)
		recent_forget(hub->recent, job);
}

int events_receive(struct hub *hub)
{
	struct fault why;
	int n = 0, rc;

	for (; (rc = sock_recv(hub->sock, hub->in, &why)) != 1; n++) {
		if (rc != 0 || sock_msg_frames(hub->in) != 2)
			continue;
		forget_recent(hub, sock_msg_frame(hub->in, 0));
		if (hub->state != HUB_ASLEEP)
			take_event(hub, sock_msg_frame(hub->in, 1));
	}
	return n;
}

void events_watch(struct hub *hub, struct watcher *w, enum watch what, struct span key)
{
	struct watcher **bucket = bucket_of(hub, key);

	w->what = what;
	span_copy(key, w->key, sizeof(w->key));
	w->next = *bucket;
	w->back = bucket;
	if (w->next)
		w->next->back = &w->next;
	*bucket = w;
	hub->n_watchers++;
	if (hub->state != HUB_ASLEEP)
		return;
	hub->seen = hub->position = 0;
	hub->answered_ms = clock_ms();
	/* a question that is still out was asked before whoever watches now asks anything */
	hub->in_doubt = hub->find.request != 0;
	find(hub);
	hub->state = HUB_FINDING;
}

void events_unwatch(struct hub *hub, struct watcher *w)
{
	if (w->back == NULL)
		return;
	*w->back = w->next;
	if (w->next)
		w->next->back = w->back;
	w->back = NULL;
	w->next = NULL;
	if (--hub->n_watchers == 0)
		hub->state = HUB_ASLEEP;
}

int events_open(const char *endpoint, struct broker_client *broker, struct recent *recent,
		struct hub **hub, struct fault *why)
{
	struct hub *h = xcalloc(1, sizeof(*h));

	if (sock_open(SOCK_SUB, endpoint, false, &h->sock, why) != 0 ||
	    sock_subscribe(h->sock, "job.", why) != 0) {
		sock_close(&h->sock);
		free(h);
		return -1;
	}
	h->in = sock_msg_new();
	h->broker = broker;
	h->recent = recent;
	h->find.asker = h->since.asker = h->probe.asker = h;
	h->probe.answer = take_probe;
	*hub = h;
	return 0;
}

void events_close(struct hub **hub)
{
	struct hub *h = *hub;

	*hub = NULL;
	if (h == NULL)
		return;
	broker_forget(h->broker, &h->find);
	broker_forget(h->broker, &h->since);
	broker_forget(h->broker, &h->probe);
	sock_msg_release(&h->in);
	sock_close(&h->sock);
	free(h);
}

int events_fd(const struct hub *hub)
{
	return hub->sock ? sock_fd(hub->sock) : -1;
}
