#include "service.h"

#include <inttypes.h>
#include <stdlib.h>

#include "mem.h"
#include "record.h"
#include "route.h"
#include "server.h"
#include "stream.h"

#define ASK_MS 2000

static void ask(struct request *r, enum wire_type type, void *message, broker_answer *answer)
{
	r->call.answer = answer;
	broker_ask(r->server->broker, &r->call, type, message, ASK_MS);
}

void service_healthz(struct request *r)
{
	struct buf json = {0};

	buf_format(&json, "{\"status\":\"ok\",\"version\":\"%s\"}", DAYBOOK_VERSION);
	request_json(r, 200, &json);
}

void service_openapi(struct request *r)
{
	struct span json = openapi_json();
	struct MHD_Response *response = MHD_create_response_from_buffer(
		json.len, (void *)(uintptr_t)json.at, MHD_RESPMEM_PERSISTENT);

	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "Cache-Control", "public, max-age=300");
	request_answer(r, 200, response);
}

/* ---- readyz ---- */

/* "a,b" -> "a","b" */
static void put_names(struct buf *json, const char *member, struct span names)
{
	buf_format(json, ",\"%s\":[", member);
	while (names.len) {
		const char *comma = memchr(names.at, ',', names.len);
		size_t len = comma ? (size_t)(comma - names.at) : names.len;

		buf_json_string(json, span_of(names.at, len));
		names.at += len + (comma != NULL);
		names.len -= len + (comma != NULL);
		if (names.len)
			buf_char(json, ',');
	}
	buf_char(json, ']');
}

static void take_ready(struct broker_call *call, const struct wire_msg *msg,
		       const struct sock_msg *raw)
{
	struct request *r = call->asker;
	bool known = msg && msg->type == WIRE_PONG;
	bool ready = known && msg->pong.ready && !r->server->stopping;
	struct buf json = {0};

	(void)raw;
	buf_format(&json, "{\"status\":\"%s\",\"broker\":\"%s\"", ready ? "ready" : "not ready",
		   !known		 ? "unreachable"
		   : msg->pong.read_only ? "read-only"
					 : "reachable");
	put_names(&json, "missing", known ? msg->pong.missing : span_of("", 0));
	put_names(&json, "degraded", known ? msg->pong.degraded : span_of("", 0));
	buf_char(&json, '}');
	request_json(r, ready ? 200 : 503, &json);
}

void service_readyz(struct request *r)
{
	struct wire_ping ping = {0};

	ask(r, WIRE_PING, &ping, take_ready);
}

/* ---- stages ---- */

static void put_worker(struct buf *json, const struct wire_worker *w)
{
	buf_text(json, "{\"host\":");
	buf_json_string(json, w->host);
	buf_format(json, ",\"pid\":%" PRIu32 ",\"version\":", w->pid);
	buf_json_string(json, w->version);
	buf_format(json,
		   ",\"credit\":%" PRIu32 ",\"in_flight\":%" PRIu32 ",\"units_done\":%" PRIu64
		   ",\"last_seen\":",
		   w->credit, w->in_flight, w->units_done);
	record_time(json, w->seen_ms);
	buf_char(json, '}');
}

static void put_workers(struct buf *json, const struct sock_msg *raw, struct span stage)
{
	struct wire_msg msg;
	bool first = true;

	for (int i = 1; i < sock_msg_frames(raw); i++) {
		if (wire_decode(sock_msg_frame(raw, i), &msg, NULL) != 0 ||
		    msg.type != WIRE_WORKER || !span_equal(msg.worker.stage, stage))
			continue;
		if (!first)
			buf_char(json, ',');
		first = false;
		put_worker(json, &msg.worker);
	}
}

static void put_stage(struct buf *json, const struct sock_msg *raw, const struct wire_stage *s)
{
	buf_text(json, "{\"name\":");
	buf_json_string(json, s->name);
	buf_text(json, ",\"kind\":");
	buf_json_string(json, s->kind);
	buf_format(json,
		   ",\"builtin\":%s,\"queued\":%" PRIu32 ",\"in_flight\":%" PRIu32
		   ",\"units_done\":%" PRIu64 ",\"rows_done\":%" PRIu64 ",\"failures\":%" PRIu64
		   ",\"rows_per_s\":%" PRIu64 ",\"oldest_ms\":%" PRId64 ",\"workers\":[",
		   s->builtin ? "true" : "false", s->queued, s->in_flight, s->units_done,
		   s->rows_done, s->failures, s->rows_per_s, s->oldest_ms);
	put_workers(json, raw, s->name);
	buf_text(json, "]}");
}

static void take_stages(struct broker_call *call, const struct wire_msg *msg,
			const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct buf json = {0};
	struct wire_msg frame;
	bool first = true;

	if (msg == NULL || msg->type != WIRE_PAGE) {
		request_no_answer(r, msg);
		return;
	}
	buf_text(&json, "{\"items\":[");
	for (int i = 1; i < sock_msg_frames(raw); i++) {
		if (wire_decode(sock_msg_frame(raw, i), &frame, NULL) != 0 ||
		    frame.type != WIRE_STAGE)
			continue;
		if (!first)
			buf_char(&json, ',');
		first = false;
		put_stage(&json, raw, &frame.stage);
	}
	buf_text(&json, "]}");
	request_json(r, 200, &json);
}

void service_stages(struct request *r)
{
	struct wire_stages m = {0};

	request_ask(r, WIRE_STAGES, &m, take_stages);
}

/* ---- metrics ---- */

static void put_value(struct buf *text, const char *name, const char *type, const char *help,
		      uint64_t value)
{
	meter_head(text, name, type, help);
	buf_format(text, "%s %" PRIu64 "\n", name, value);
}

static void put_broker(struct buf *text, const struct wire_pong *p)
{
	meter_head(text, "daybook_jobs", "gauge", "Jobs that have not ended, by state.");
	buf_format(text,
		   "daybook_jobs{state=\"pending\"} %" PRIu64 "\n"
		   "daybook_jobs{state=\"running\"} %" PRIu64 "\n",
		   p->jobs_pending, p->jobs_running);
	put_value(text, "daybook_jobs_submitted_total", "counter",
		  "Jobs accepted since the broker started.", p->submitted);
	meter_head(text, "daybook_jobs_ended_total", "counter",
		   "Jobs ended since the broker started, by state.");
	buf_format(text,
		   "daybook_jobs_ended_total{state=\"complete\"} %" PRIu64 "\n"
		   "daybook_jobs_ended_total{state=\"failed\"} %" PRIu64 "\n"
		   "daybook_jobs_ended_total{state=\"cancelled\"} %" PRIu64 "\n",
		   p->completed, p->failed, p->cancelled);
	put_value(text, "daybook_store_commits_total", "counter",
		  "Transactions of the job store since the broker started.", p->commits);
	put_value(text, "daybook_store_read_only", "gauge", "1: the job store refuses writes.",
		  p->read_only);
	put_value(text, "daybook_ready", "gauge",
		  "1: every stage of the built-in pipelines has a worker.", p->ready);
}

struct stage_metric {
	const char *name, *type, *help;
};

static const struct stage_metric stage_metrics[] = {
	{"daybook_stage_queued_units", "gauge", "Units that wait for the stage."},
	{"daybook_stage_in_flight_units", "gauge", "Units at the stage's workers."},
	{"daybook_stage_units_total", "counter", "Units done since the broker started."},
	{"daybook_stage_rows_total", "counter", "Rows done since the broker started."},
	{"daybook_stage_failures_total", "counter", "Failures and lost leases since then."},
	{"daybook_stage_oldest_seconds", "gauge", "Age of the oldest unit that waits."},
};

static double stage_value(const struct wire_stage *s, size_t metric)
{
	const double values[ARRAY_LEN(stage_metrics)] = {s->queued,
							 s->in_flight,
							 (double)s->units_done,
							 (double)s->rows_done,
							 (double)s->failures,
							 (double)s->oldest_ms / 1000};

	return values[metric];
}

static void put_stages(struct buf *text, const struct sock_msg *raw)
{
	struct wire_msg frame;

	for (size_t m = 0; m < ARRAY_LEN(stage_metrics); m++) {
		meter_head(text, stage_metrics[m].name, stage_metrics[m].type,
			   stage_metrics[m].help);
		for (int i = 1; i < sock_msg_frames(raw); i++) {
			if (wire_decode(sock_msg_frame(raw, i), &frame, NULL) == 0 &&
			    frame.type == WIRE_STAGE)
				buf_format(text, "%s{stage=\"%.*s\"} %.17g\n",
					   stage_metrics[m].name, SPAN_ARG(frame.stage.name),
					   stage_value(&frame.stage, m));
		}
	}
}

static void put_workers_count(struct buf *text, const struct sock_msg *raw)
{
	struct wire_msg stage, worker;

	meter_head(text, "daybook_stage_workers", "gauge", "Workers of the stage.");
	for (int i = 1; i < sock_msg_frames(raw); i++) {
		int n = 0;

		if (wire_decode(sock_msg_frame(raw, i), &stage, NULL) != 0 ||
		    stage.type != WIRE_STAGE)
			continue;
		for (int k = 1; k < sock_msg_frames(raw); k++) {
			if (wire_decode(sock_msg_frame(raw, k), &worker, NULL) == 0 &&
			    worker.type == WIRE_WORKER)
				n += span_equal(worker.worker.stage, stage.stage.name);
		}
		buf_format(text, "daybook_stage_workers{stage=\"%.*s\"} %d\n",
			   SPAN_ARG(stage.stage.name), n);
	}
}

static void name_of(int route, const char **method, const char **path)
{
	*method = route_at(route)->method;
	*path = route_at(route)->path;
}

static void metrics_end(struct request *r, bool broker_up)
{
	struct server *server = r->server;
	struct MHD_Response *response;
	struct buf *text = &r->body;

	put_value(text, "daybook_broker_up", "gauge", "1: the broker answers.", broker_up);
	put_value(text, "daybook_http_in_flight", "gauge", "Requests without an end yet.",
		  (uint64_t)server->n_requests);
	put_value(text, "daybook_http_streams", "gauge", "Open event streams.",
		  (uint64_t)streams_count(server->streams));
	meter_put(server->meter, name_of, text);
	response = request_response(text, "text/plain; version=0.0.4; charset=utf-8");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	request_answer(r, 200, response);
}

static void take_metric_stages(struct broker_call *call, const struct wire_msg *msg,
			       const struct sock_msg *raw)
{
	struct request *r = call->asker;

	if (msg && msg->type == WIRE_PAGE) {
		put_stages(&r->body, raw);
		put_workers_count(&r->body, raw);
	}
	metrics_end(r, msg != NULL);
}

static void take_metric_pong(struct broker_call *call, const struct wire_msg *msg,
			     const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct wire_stages m = {0};

	(void)raw;
	if (msg == NULL || msg->type != WIRE_PONG) {
		metrics_end(r, false);
		return;
	}
	put_broker(&r->body, &msg->pong);
	ask(r, WIRE_STAGES, &m, take_metric_stages);
}

void service_metrics(struct request *r)
{
	struct wire_ping ping = {0};

	buf_clear(&r->body);
	ask(r, WIRE_PING, &ping, take_metric_pong);
}
