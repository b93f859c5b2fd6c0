/* pages - answers of many frames, and what the service itself is asked. */
#include <stdio.h>
#include <stdlib.h>

#include "broker.h"
#include "log.h"

#define PAGE_MAX   200	   /* jobs in one answer (wire.def) */
#define PAGE_BYTES 1048576 /* and bytes: a page is cut, not refused */

struct page {
	struct broker *b;
	uint64_t request;
	uint32_t limit, n;
	struct buf bytes;
	struct span frames[1 + PAGE_MAX];
	size_t ends[PAGE_MAX];
};

static bool page_add(void *arg, struct span record)
{
	struct page *p = arg;

	if (p->n == p->limit || p->bytes.len + record.len > PAGE_BYTES)
		return false;
	if (!control_is_visible(p->b, record, span_of("", 0)))
		return true;
	record_copy(record, p->request, &p->bytes);
	p->ends[p->n++] = p->bytes.len;
	return true;
}

static void page_send(struct page *p, struct wire_page m)
{
	struct broker *b = p->b;
	struct fault why;
	size_t from = 0;

	m.request = p->request;
	m.count = p->n;
	m.change = sched_change(b->sched);
	buf_clear(&b->out);
	wire_put_page(&b->out, &m);
	p->frames[0] = buf_span(&b->out);
	for (uint32_t i = 0; i < p->n; i++) {
		p->frames[1 + i] = span_of(p->bytes.at + from, p->ends[i] - from);
		from = p->ends[i];
	}
	if (sock_send_frames(b->control, sock_msg_peer(b->in), p->frames, (int)(1 + p->n), &why))
		log_fault(LOG_DEBUG, "a client is gone", &why);
}

static uint32_t limit_of(uint32_t limit)
{
	return limit < 1 || limit > PAGE_MAX ? PAGE_MAX : limit;
}

/* No job at all is in the status that is asked for: then there is nothing to look through. */
static bool is_none(const struct wire_list *list, const uint64_t n[JOB_CANCELLED + 1])
{
	for (enum job_status status = JOB_PENDING; status <= JOB_CANCELLED; status++) {
		if (span_is(list->status, job_status_name(status)))
			return n[status] == 0;
	}
	return false;
}

void pages_list(struct broker *b, const struct wire_list *list)
{
	struct page p = {.b = b, .request = list->request, .limit = limit_of(list->limit)};
	struct list_end end = {0};
	uint64_t n[JOB_CANCELLED + 1];
	struct fault why;

	jobstore_tally(b->store, list->tenant, n);
	if (is_none(list, n) || jobstore_list(b->store, list, page_add, &p, &end, &why) == 0)
		page_send(&p, (struct wire_page){.more = end.more,
						 .last = end.last,
						 .pending = n[JOB_PENDING],
						 .running = n[JOB_RUNNING],
						 .complete = n[JOB_COMPLETE],
						 .failed = n[JOB_FAILED],
						 .cancelled = n[JOB_CANCELLED]});
	else
		broker_refuse(b, sock_msg_peer(b->in), list->request, 503, &why);
	buf_release(&p.bytes);
}

void pages_since(struct broker *b, const struct wire_since *since)
{
	struct page p = {.b = b, .request = since->request, .limit = limit_of(since->limit)};
	struct fault why;
	bool more;

	if (jobstore_since(b->store, since, page_add, &p, &more, &why) == 0)
		page_send(&p, (struct wire_page){.more = more});
	else
		broker_refuse(b, sock_msg_peer(b->in), since->request, 503, &why);
	buf_release(&p.bytes);
}

static void frame_add(struct page *p)
{
	p->ends[p->n++] = p->bytes.len;
}

static void put_worker(const struct broker *b, const struct worker *w, struct buf *out)
{
	struct wire_worker m = {.stage = span_text(b->config->stages[w->stage].name),
				.host = span_text(w->host),
				.pid = w->pid,
				.version = span_text(w->version),
				.credit = w->credit,
				.in_flight = w->held,
				.units_done = w->units_done,
				.seen_ms = b->wall_ms - (b->now_ms - w->seen_ms)};

	wire_put_worker(out, &m);
}

void pages_stages(struct broker *b, const struct wire_stages *s)
{
	struct page p = {.b = b, .request = s->request, .limit = PAGE_MAX};
	struct wire_stage info;

	for (uint32_t i = 0; i < b->config->n_stages; i++) {
		sched_stage_info(b->sched, i, &info);
		wire_put_stage(&p.bytes, &info);
		frame_add(&p);
	}
	for (struct worker *w = sched_workers(b->sched); w && p.n < PAGE_MAX; w = w->next) {
		if (w->lost)
			continue;
		put_worker(b, w, &p.bytes);
		frame_add(&p);
	}
	page_send(&p, (struct wire_page){0});
	buf_release(&p.bytes);
}

static bool has_worker(struct broker *b, uint32_t stage)
{
	for (struct worker *w = sched_workers(b->sched); w; w = w->next) {
		if (!w->lost && w->stage == stage)
			return true;
	}
	return false;
}

static void missing(struct broker *b, bool builtin, char *out, size_t size)
{
	size_t len = 0;

	*out = '\0';
	for (uint32_t i = 0; i < b->config->n_stages && len < size; i++) {
		const struct config_stage *stage = &b->config->stages[i];

		if (stage->builtin == builtin && !has_worker(b, i))
			len += (size_t)snprintf(out + len, size - len, "%s%s", len ? "," : "",
						stage->name);
	}
}

void pages_ping(struct broker *b, const struct wire_ping *ping)
{
	char lacking[256], degraded[256];
	struct wire_pong m = {.request = ping->request,
			      .protocol = WIRE_PROTOCOL,
			      .change = sched_change(b->sched),
			      .jobs_pending = sched_pending(b->sched),
			      .jobs_running = sched_running(b->sched),
			      .read_only = b->state != STORE_OK,
			      .commits = jobstore_commits(b->store),
			      .submitted = b->submitted,
			      .completed = b->completed,
			      .failed = b->failed,
			      .cancelled = b->cancelled};

	missing(b, true, lacking, sizeof(lacking));
	missing(b, false, degraded, sizeof(degraded));
	m.ready = *lacking == '\0' && b->state == STORE_OK;
	m.missing = span_text(lacking);
	m.degraded = span_text(degraded);
	buf_clear(&b->out);
	wire_put_pong(&b->out, &m);
	control_answer(b, sock_msg_peer(b->in));
}
