#include "jobs.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bookwrite.h"
#include "ledger.h"
#include "mem.h"
#include "params.h"
#include "record.h"
#include "route.h"
#include "server.h"

#define LIST_DEFAULT 100
#define LIST_MAX     1000
#define LIST_PAGE    200     /* wire.def: LIST answers at most so many */
#define LIST_BYTES   8388608 /* an answer is cut, never refused */
#define LIST_ASKS    16 /* and so it is after so many answers of the broker with little in them */
#define LINES_MAX    10000

struct span jobs_tenant(const struct request *r)
{
	return span_text(r->caller.any_tenant ? "" : r->caller.tenant);
}

void jobs_ask(struct request *r, struct id job, broker_answer *answer)
{
	struct wire_get get = {.job = job, .tenant = jobs_tenant(r)};

	request_ask(r, WIRE_GET, &get, answer);
}

/* ---- one ---- */

/* Takes the bytes of `json`. */
static struct MHD_Response *record_response(struct buf *json, const char *tag)
{
	struct MHD_Response *response = request_response(json,
							 json->len ? "application/json" : NULL);

	MHD_add_response_header(response, "ETag", tag);
	MHD_add_response_header(response, "Cache-Control", "private, no-cache");
	return response;
}

/* 304 when the client has it already. */
static bool answer_unchanged(struct request *r, const char *tag)
{
	struct buf none = {0};

	if (!request_has_tag(r, tag))
		return false;
	request_answer(r, 304, record_response(&none, tag));
	return true;
}

static void answer_record(struct request *r, unsigned status, const struct wire_job *job)
{
	struct buf json = {0};
	char tag[RECORD_ETAG_SIZE];

	record_etag(job, tag);
	if (status == 200 && answer_unchanged(r, tag))
		return;
	buf_reserve(&json, 1024);
	json.len = 0;
	record_json(&json, job);
	if (status == 200)
		recent_keep(r->server->recent, job, buf_span(&json));
	request_answer(r, status, record_response(&json, tag));
}

static void answer_recent(struct request *r, struct recent_answer *a)
{
	if (answer_unchanged(r, a->tag))
		return;
	if (a->response == NULL)
		a->response = record_response(&a->json, a->tag);
	r->response_is_shared = true;
	request_answer(r, 200, a->response);
}

static void take_get(struct broker_call *call, const struct wire_msg *msg,
		     const struct sock_msg *raw)
{
	(void)raw;
	if (msg && msg->type == WIRE_JOB)
		answer_record(call->asker, 200, &msg->job);
	else
		request_no_answer(call->asker, msg);
}

void jobs_get(struct request *r)
{
	struct recent_answer *recent;
	struct id job;

	if (request_job(r, &job) != 0)
		return;
	recent = recent_find(r->server->recent, job);
	if (recent && access_may(&r->caller, span_text(recent->tenant)))
		answer_recent(r, recent);
	else
		jobs_ask(r, job, take_get);
}

/* ---- cancel, retry ---- */

/* Accepted: the job stops, or goes on, soon; the record tells when. */
static void take_control(struct broker_call *call, const struct wire_msg *msg,
			 const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct id job;

	(void)raw;
	if (msg && msg->type == WIRE_JOB) {
		if (id_job_read(msg->job.id, &job) == 0)
			recent_forget(r->server->recent, job);
		answer_record(r, 202, &msg->job);
	} else {
		request_no_answer(r, msg);
	}
}

void jobs_cancel(struct request *r)
{
	struct wire_cancel cancel = {.tenant = jobs_tenant(r)};

	if (request_job(r, &cancel.job) == 0)
		request_ask(r, WIRE_CANCEL, &cancel, take_control);
}

/* A job whose import was taken back does not run again: the books are asked before the broker. */
struct retrying {
	struct id job;
	char tenant[NAME_SIZE], company[NAME_SIZE];
	bool skip, undone;
};

static void retry_look(struct aside_task *task, void *own)
{
	struct retrying *retrying = ((struct request *)task->asker)->state;
	char state[IMPORT_STATE_SIZE] = "";
	struct ledger *ledger;
	struct fault why;

	/* books that cannot be read say nothing: the job's own stages will meet the same fault */
	if (ledger_pool_get(own, span_text(retrying->tenant), span_text(retrying->company), &ledger,
			    &why) == 0 &&
	    ledger_import_state(ledger, retrying->job, state, &why) == 0)
		retrying->undone = strcmp(state, "undone") == 0;
}

static void retry_ask(struct aside_task *task)
{
	struct request *r = task->asker;
	const struct retrying *retrying = r->state;
	struct wire_retry retry = {
		.job = retrying->job, .tenant = jobs_tenant(r), .skip = retrying->skip};

	if (retrying->undone)
		request_refuse(r, 409, "import-undone",
			       "This import was taken back; upload the statement again");
	else
		request_ask(r, WIRE_RETRY, &retry, take_control);
}

static void retry_known(struct broker_call *call, const struct wire_msg *msg,
			const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct retrying *retrying = r->state;

	(void)raw;
	if (msg == NULL || msg->type != WIRE_JOB) {
		request_no_answer(r, msg);
		return;
	}
	span_copy(msg->job.tenant, retrying->tenant, sizeof(retrying->tenant));
	span_copy(msg->job.company, retrying->company, sizeof(retrying->company));
	r->task.work = retry_look;
	r->task.done = retry_ask;
	aside_run(r->server->books, &r->task);
}

void jobs_retry(struct request *r)
{
	struct retrying *retrying;
	struct problem p = {0};
	bool skip = false;
	struct id job;
	json_t *body;

	if (request_job(r, &job) != 0)
		return;
	if (params_body(&p, buf_span(&r->body), true, &body) == 0) {
		params_json_known(&p, body, "skip");
		params_json_bool(&p, body, "skip", &skip);
	}
	json_decref(body);
	if (p.status) {
		request_problem(r, &p);
		return;
	}
	retrying = xcalloc(1, sizeof(*retrying));
	retrying->job = job;
	retrying->skip = skip;
	r->state = retrying;
	r->state_free = free;
	jobs_ask(r, job, retry_known);
}

/* ---- list ---- */

struct list {
	char tenant[NAME_SIZE], company[NAME_SIZE], status[16], type[NAME_SIZE];
	struct id before;
	uint32_t left, asks;
	struct buf json;
};

static void list_free(void *state)
{
	struct list *list = state;

	buf_release(&list->json);
	free(list);
}

static void list_take(struct broker_call *call, const struct wire_msg *msg,
		      const struct sock_msg *raw);

static void list_ask(struct request *r)
{
	struct list *list = r->state;
	struct wire_list m = {.tenant = span_text(list->tenant),
			      .company = span_text(list->company),
			      .status = span_text(list->status),
			      .type = span_text(list->type),
			      .before = list->before,
			      .limit = list->left < LIST_PAGE ? list->left : LIST_PAGE};

	request_ask(r, WIRE_LIST, &m, list_take);
}

static void list_add(struct list *list, const struct wire_job *job)
{
	if (list->left == 0 || id_job_read(job->id, &list->before) != 0)
		return;
	if (list->json.at[list->json.len - 1] != '[')
		buf_char(&list->json, ',');
	record_json(&list->json, job);
	list->left--;
}

static void list_end(struct request *r, const struct wire_page *page)
{
	struct list *list = r->state;
	char last[ID_JOB_TEXT_SIZE];

	id_job_text(list->before, last);
	buf_text(&list->json, "],\"next_cursor\":");
	if (page->more)
		buf_format(&list->json, "\"%s\"", last);
	else
		buf_text(&list->json, "null");
	buf_format(&list->json,
		   ",\"counts\":{\"pending\":%" PRIu64 ",\"running\":%" PRIu64
		   ",\"complete\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"cancelled\":%" PRIu64 "}}",
		   page->pending, page->running, page->complete, page->failed, page->cancelled);
	request_json(r, 200, &list->json);
}

static void list_take(struct broker_call *call, const struct wire_msg *msg,
		      const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct list *list = r->state;

	if (msg == NULL || msg->type != WIRE_PAGE) {
		request_no_answer(r, msg);
		return;
	}
	for (int i = 1; i < sock_msg_frames(raw); i++) {
		struct wire_msg record;

		if (wire_decode(sock_msg_frame(raw, i), &record, NULL) == 0 &&
		    record.type == WIRE_JOB)
			list_add(list, &record.job);
	}
	/* where the broker stopped looking, which may be behind the last that matched */
	if (!id_is_zero(msg->page.last))
		list->before = msg->page.last;
	if (msg->page.more && list->left && ++list->asks < LIST_ASKS && list->json.len < LIST_BYTES)
		list_ask(r);
	else
		list_end(r, &msg->page);
}

static void list_check(struct request *r, struct list *list, struct problem *p)
{
	const char *tenant = request_query(r, "tenant_id");
	const char *company = request_query(r, "company_id");
	const char *status = request_query(r, "status"), *type = request_query(r, "type");
	const char *limit = request_query(r, "limit"), *cursor = request_query(r, "cursor");

	if (tenant)
		params_name(p, "query", "tenant_id", span_text(tenant), list->tenant);
	else
		span_copy(jobs_tenant(r), list->tenant, sizeof(list->tenant));
	if (company)
		params_name(p, "query", "company_id", span_text(company), list->company);
	if (status && params_choice(p, "query", "status", span_text(status),
				    "pending|running|complete|failed|cancelled") == 0)
		span_copy(span_text(status), list->status, sizeof(list->status));
	if (type)
		params_name(p, "query", "type", span_text(type), list->type);
	if (limit)
		params_u32(p, "query", "limit", span_text(limit), (struct range){1, LIST_MAX},
			   &list->left);
	if (cursor)
		params_job(p, "query", "cursor", span_text(cursor), &list->before);
	if (p->status == 0 && !access_may(&r->caller, span_text(list->tenant)))
		problem_set(p, 404, "tenant-unknown", "There is no such tenant");
}

void jobs_list(struct request *r)
{
	struct list *list = xcalloc(1, sizeof(*list));
	struct problem p = {0};

	r->state = list;
	r->state_free = list_free;
	list->left = LIST_DEFAULT;
	list_check(r, list, &p);
	if (p.status) {
		request_problem(r, &p);
		return;
	}
	buf_text(&list->json, "{\"items\":[");
	list_ask(r);
}

/* ---- keeping duplicates: a short write to the job's books ---- */

static void keep_free(void *state)
{
	json_decref(state);
}

static void keep_ask(struct broker_call *call, const struct wire_msg *msg,
		     const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct bookwrite what = {.stage = "journal", .verb = "keep-duplicates"};

	(void)raw;
	if (msg == NULL || msg->type != WIRE_JOB) {
		request_no_answer(r, msg);
		return;
	}
	json_object_set_new(r->state, "job", json_stringn(msg->job.id.at, msg->job.id.len));
	what.tenant = msg->job.tenant;
	what.company = msg->job.company;
	what.body = json_incref(r->state);
	bookwrite_send(r, &what);
}

static void check_lines(struct problem *p, const json_t *body)
{
	json_t *lines = json_object_get(body, "lines"), *line;
	size_t i;

	if (lines == NULL) {
		problem_field(p, "body", span_text("lines"), "missing", "Field required");
		return;
	}
	if (!json_is_array(lines) || json_array_size(lines) == 0 ||
	    json_array_size(lines) > LINES_MAX) {
		problem_field(p, "body", span_text("lines"), "list_type",
			      "Input should be a list of 1 to %d line numbers", LINES_MAX);
		return;
	}
	json_array_foreach(lines, i, line)
	{
		if (json_is_integer(line) && json_integer_value(line) > 0)
			continue;
		problem_field(p, "body", span_text("lines"), "int_type",
			      "Input should be line numbers, from 1; item %zu is none", i);
		return;
	}
}

void jobs_keep_duplicates(struct request *r)
{
	struct problem p = {0};
	struct id job;
	json_t *body;

	if (request_job(r, &job) != 0)
		return;
	if (params_body(&p, buf_span(&r->body), false, &body) == 0) {
		params_json_known(&p, body, "lines");
		check_lines(&p, body);
	}
	if (request_header(r, "Idempotency-Key"))
		params_idempotency_key(&p, request_header(r, "Idempotency-Key"));
	r->state = body;
	r->state_free = keep_free;
	if (p.status)
		request_problem(r, &p);
	else
		jobs_ask(r, job, keep_ask);
}
