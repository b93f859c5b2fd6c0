#include "stream.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "jobs.h"
#include "mem.h"
#include "params.h"
#include "record.h"
#include "server.h"

#define SLOTS		20   /* of 250 ms: a comment every 5 s */
#define QUEUE_MAX	256  /* frames that wait for one client */
#define PAGE		200  /* records a page of what was missed */
#define BLOCK		1024 /* MHD's buffer for one stream; it is used by HTTP/1.0 only */
#define CUT		": the broker does not answer\n\n"
#define RETRY_LEAST_MS	1000 /* clients of a restarted API come back over three seconds */
#define RETRY_SPREAD_MS 3000

struct queued {
	struct frame *frame;
	struct queued *next;
};

struct stream {
	struct watcher watcher; /* first: take() finds the stream by it */
	struct server *server;
	struct MHD_Connection *connection;
	struct request *request; /* until it is answered */
	struct broker_call call;
	struct stream *next, **back; /* in its slot */
	struct queued *first, **end;
	uint32_t n_queued;
	size_t sent; /* of the first frame */
	char intro[80];
	size_t intro_sent;
	struct id job;	 /* zero: a tenant's */
	uint64_t floor;	 /* told of everything up to here */
	uint64_t missed; /* newest change that came while the broker was being asked */
	uint64_t last;	 /* Last-Event-ID */
	bool has_last, asking, suspended, comment, ended, broken;
};

struct streams {
	struct stream *slots[SLOTS];
	int at, next, n;
};

/* ---- all of them ---- */

struct streams *streams_new(void)
{
	return xcalloc(1, sizeof(struct streams));
}

void streams_free(struct streams **streams)
{
	free(*streams);
	*streams = NULL;
}

int streams_count(const struct streams *streams)
{
	return streams->n;
}

static void wake(struct stream *s)
{
	if (!s->suspended)
		return;
	s->suspended = false;
	MHD_resume_connection(s->connection);
}

void streams_tick(struct streams *streams)
{
	streams->at = (streams->at + 1) % SLOTS;
	for (struct stream *s = streams->slots[streams->at]; s; s = s->next) {
		s->comment = true;
		wake(s);
	}
}

void streams_end(struct streams *streams)
{
	for (int i = 0; i < SLOTS; i++) {
		for (struct stream *s = streams->slots[i]; s; s = s->next) {
			s->ended = true;
			wake(s);
		}
	}
}

/* ---- the queue ---- */

static void queue_drop(struct stream *s, struct queued **at)
{
	struct queued *q = *at;

	*at = q->next;
	if (s->end == &q->next)
		s->end = at;
	frame_release(&q->frame);
	free(q);
	s->n_queued--;
}

/* Drops what the new frame makes useless: the last one of the same job, if only counts differ and
 * no byte of it is out. The new one goes to the end, so that ids always rise. */
static void queue_coalesce(struct stream *s, const struct frame *frame)
{
	struct queued **found = NULL;

	for (struct queued **at = &s->first; *at; at = &(*at)->next) {
		if (id_compare((*at)->frame->job, frame->job) == 0)
			found = at;
	}
	if (found && (*found)->frame->kind == frame->kind && !(found == &s->first && s->sent))
		queue_drop(s, found);
}

/* Its socket is full, so MHD would not ask us again before its time-out. */
static void cut_off(struct stream *s)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		s->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	s->broken = true;
	if (info)
		shutdown(info->connect_fd, SHUT_RDWR);
}

static void queue_add(struct stream *s, struct frame *frame)
{
	struct queued *q;

	if (s->first)
		queue_coalesce(s, frame);
	if (s->n_queued == QUEUE_MAX) {
		cut_off(s);
		return;
	}
	q = xmalloc(sizeof(*q));
	q->frame = frame_ref(frame);
	q->next = NULL;
	*s->end = q;
	s->end = &q->next;
	s->n_queued++;
}

/* ---- to the client ---- */

static void catch_up(struct stream *s);

static size_t put(struct span bytes, size_t *sent, char *out, size_t max)
{
	size_t n = bytes.len - *sent < max ? bytes.len - *sent : max;

	memcpy(out, bytes.at + *sent, n);
	*sent += n;
	return n;
}

static ssize_t fill(struct stream *s, char *out, size_t max)
{
	size_t n = put(span_text(s->intro), &s->intro_sent, out, max);

	while (s->first && n < max) {
		n += put(span_of(s->first->frame->bytes, s->first->frame->len), &s->sent, out + n,
			 max - n);
		if (s->sent < s->first->frame->len)
			break;
		queue_drop(s, &s->first);
		s->sent = 0;
	}
	/* any bytes will do as a sign of life, but who watches a job must not take it for the
	 * broker's */
	if (n == 0 && s->comment)
		n = put(span_text(events_are_cut(s->server->hub) ? CUT : ":\n\n"), &(size_t){0},
			out, max);
	s->comment = false;
	return (ssize_t)n;
}

static ssize_t stream_read(void *cls, uint64_t pos, char *out, size_t max)
{
	struct stream *s = cls;
	ssize_t n;

	(void)pos;
	if (s->broken)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = fill(s, out, max);
	if (s->first == NULL && s->asking && id_is_zero(s->job))
		catch_up(s);
	if (n)
		return n;
	if (s->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	s->suspended = true;
	MHD_suspend_connection(s->connection);
	return 0;
}

static void stream_free(void *cls)
{
	struct stream *s = cls;

	events_unwatch(s->server->hub, &s->watcher);
	broker_forget(s->server->broker, &s->call);
	while (s->first)
		queue_drop(s, &s->first);
	*s->back = s->next;
	if (s->next)
		s->next->back = s->back;
	s->server->streams->n--;
	free(s);
}

static void put_intro(struct stream *s, bool with_id)
{
	char change[RECORD_CHANGE_SIZE];
	unsigned retry_ms = RETRY_LEAST_MS + randombytes_uniform(RETRY_SPREAD_MS);

	record_change_text(s->floor, change);
	/* an id without data moves the client's place without an event */
	snprintf(s->intro, sizeof(s->intro), "retry: %u\n%s%s\n%s", retry_ms, with_id ? "id: " : "",
		 with_id ? change : "", with_id ? "\n" : "");
}

static void stream_start(struct stream *s, bool with_id)
{
	struct request *r = s->request;
	struct MHD_Response *response;

	if (r == NULL)
		return;
	put_intro(s, with_id);
	s->request = NULL;
	r->state = NULL; /* the response has it now */
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, stream_read, s,
						     stream_free);
	MHD_add_response_header(response, "Content-Type", "text/event-stream");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Accel-Buffering", "no");
	request_answer(r, 200, response);
}

/* Refused, or cut off if it has begun: the client comes back with its place. */
static void no_answer(struct stream *s, const struct wire_msg *msg)
{
	s->broken = true;
	if (s->request)
		request_no_answer(s->request, msg);
	else
		wake(s);
}

/* ---- from the hub ---- */

static void stream_take(struct watcher *watcher, struct frame *frame)
{
	struct stream *s = (struct stream *)watcher;

	if (s->asking) {
		s->missed = frame->change;
		return;
	}
	if (frame->change <= s->floor || s->ended)
		return;
	queue_add(s, frame);
	if (!id_is_zero(s->job)) {
		s->floor = frame->change;
		s->ended = frame->ended;
	}
	wake(s);
}

static void ask_job(struct stream *s);

static void stream_again(struct watcher *watcher)
{
	struct stream *s = (struct stream *)watcher;

	if (s->asking || s->ended)
		return;
	s->asking = true;
	if (id_is_zero(s->job))
		catch_up(s);
	else
		ask_job(s);
}

static struct stream *stream_new(struct request *r)
{
	struct streams *all = r->server->streams;
	const char *last = request_header(r, "Last-Event-ID");
	struct stream *s = xcalloc(1, sizeof(*s));

	s->server = r->server;
	s->connection = r->connection;
	s->request = r;
	s->call.asker = s;
	s->end = &s->first;
	s->watcher.take = stream_take;
	s->watcher.again = stream_again;
	s->asking = true;
	if (last == NULL)
		last = request_query(r, "last_event_id");
	s->has_last = last && *last;
	/* one that we never gave: everything may be new to that client */
	if (s->has_last && record_change_read(span_text(last), &s->last) != 0)
		s->last = 0;
	s->back = &all->slots[all->next];
	all->next = (all->next + 1) % SLOTS;
	s->next = *s->back;
	if (s->next)
		s->next->back = &s->next;
	*s->back = s;
	all->n++;
	r->state = s;
	r->state_free = stream_free;
	return s;
}

/* ---- a job's ---- */

static void queue_record(struct stream *s, const struct wire_job *job)
{
	struct frame *frame = frame_new(job);

	queue_add(s, frame);
	frame_release(&frame);
}

static void take_job(struct broker_call *call, const struct wire_msg *msg,
		     const struct sock_msg *raw)
{
	struct stream *s = call->asker;
	bool known;

	(void)raw;
	if (msg == NULL || msg->type != WIRE_JOB) {
		no_answer(s, msg);
		return;
	}
	if (s->missed > msg->job.change) {
		ask_job(s);
		return;
	}
	known = msg->job.change == (s->request ? s->last : s->floor);
	s->asking = false;
	s->floor = msg->job.change;
	s->ended = record_is_ended(&msg->job);
	if (s->request && known && s->ended) {
		struct buf none = {0};

		request_answer(s->request, 204, request_response(&none, NULL));
		return;
	}
	if (!known)
		queue_record(s, &msg->job);
	stream_start(s, false);
	wake(s);
}

/* Whether the caller may see the job was asked with the first question. */
static void ask_job(struct stream *s)
{
	struct wire_get m = {.job = s->job,
			     .tenant = s->request ? jobs_tenant(s->request) : span_of("", 0)};

	s->asking = true;
	s->missed = 0;
	s->call.answer = take_job;
	broker_ask(s->server->broker, &s->call, WIRE_GET, &m, BROKER_TIMEOUT_MS);
}

void stream_job(struct request *r)
{
	char text[ID_JOB_TEXT_SIZE];
	struct stream *s;
	struct id job;

	if (request_job(r, &job) != 0)
		return;
	s = stream_new(r);
	s->job = job;
	id_job_text(job, text);
	events_watch(r->server->hub, &s->watcher, WATCH_JOB, span_text(text));
	ask_job(s);
}

/* ---- a tenant's ---- */

/* Goes live as soon as the hub has told nobody of anything beyond what this client knows. */
static void caught_up(struct stream *s)
{
	if (events_position(s->server->hub) <= s->floor)
		s->asking = false;
}

static void take_page(struct broker_call *call, const struct wire_msg *msg,
		      const struct sock_msg *raw)
{
	struct stream *s = call->asker;

	if (msg == NULL || msg->type != WIRE_PAGE) {
		no_answer(s, msg);
		return;
	}
	for (int i = 1; i < sock_msg_frames(raw); i++) {
		struct wire_msg record;

		if (wire_decode(sock_msg_frame(raw, i), &record, NULL) != 0 ||
		    record.type != WIRE_JOB)
			continue;
		queue_record(s, &record.job);
		s->floor = record.job.change;
	}
	if (!msg->page.more) {
		s->floor = msg->page.change;
		caught_up(s);
	}
	stream_start(s, false);
	wake(s);
}

/* A client that has seen nothing yet begins with what comes from now on. */
static void take_now(struct broker_call *call, const struct wire_msg *msg,
		     const struct sock_msg *raw)
{
	struct stream *s = call->asker;

	(void)raw;
	if (msg == NULL || msg->type != WIRE_PONG) {
		no_answer(s, msg);
		return;
	}
	s->floor = msg->pong.change;
	caught_up(s);
	stream_start(s, true);
}

/* The next page of what was missed: asked for when the client has read the one before. */
static void catch_up(struct stream *s)
{
	struct wire_since m = {
		.tenant = span_text(s->watcher.key), .change = s->floor, .limit = PAGE};

	if (s->call.request)
		return;
	s->call.answer = take_page;
	broker_ask(s->server->broker, &s->call, WIRE_SINCE, &m, BROKER_TIMEOUT_MS);
}

void stream_tenant(struct request *r)
{
	const char *tenant = request_query(r, "tenant_id");
	struct span who = tenant ? span_text(tenant) : jobs_tenant(r);
	char name[NAME_SIZE];
	struct problem p = {0};
	struct wire_ping ping = {0};
	struct stream *s;

	if (tenant)
		params_name(&p, "query", "tenant_id", who, name);
	if (p.status == 0 && !access_may(&r->caller, who))
		problem_set(&p, 404, "tenant-unknown", "There is no such tenant");
	if (p.status) {
		request_problem(r, &p);
		return;
	}
	s = stream_new(r);
	events_watch(r->server->hub, &s->watcher, who.len ? WATCH_TENANT : WATCH_ALL, who);
	s->floor = s->last;
	if (s->has_last) {
		catch_up(s);
		return;
	}
	s->call.answer = take_now;
	broker_ask(r->server->broker, &s->call, WIRE_PING, &ping, BROKER_TIMEOUT_MS);
}
