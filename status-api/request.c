#include "request.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "blob.h"
#include "crash.h"
#include "crowd.h"
#include "log.h"
#include "mem.h"
#include "route.h"
#include "server.h"
#include "upload.h"

#define JSON_BODY_MAX  65536
#define LARGE_BODY_MAX 131072 /* wire.def, WRITE */
/* What is read and thrown away of a refused request: strangers get little of our time. */
#define DRAIN_STRANGER	1048576
#define DRAIN_CALLER	(UINT64_C(64) << 20)
#define MULTIPART_EXTRA 65536 /* part headers and small fields around the file */

struct request *request_new(struct server *server, struct MHD_Connection *connection)
{
	struct request *r = xcalloc(1, sizeof(*r));

	r->server = server;
	r->connection = connection;
	r->call.asker = r;
	r->task.asker = r;
	r->began_us = meter_now_us();
	server->n_requests++;
	return r;
}

void request_free(struct request **r)
{
	struct request *q = *r;

	*r = NULL;
	if (q == NULL)
		return;
	broker_forget(q->server->broker, &q->call);
	q->server->n_requests--;
	if (q->in_crowd)
		crowd_leave(q->server->crowd, q->caller.tenant);
	upload_free(&q->upload);
	if (q->state)
		q->state_free(q->state);
	if (q->response && !q->response_is_shared)
		MHD_destroy_response(q->response);
	buf_release(&q->body);
	free(q->path);
	free(q);
}

/* ---- answers ---- */

void request_resume(struct request *r)
{
	if (!r->suspended)
		return;
	r->suspended = false;
	MHD_resume_connection(r->connection);
}

void request_answer(struct request *r, unsigned status, struct MHD_Response *response)
{
	assert(r->response == NULL && response);
	crash_at("api.reply.before");
	r->status = status;
	r->response = response;
	if (r->server->stopping && !r->response_is_shared)
		MHD_add_response_header(response, "Connection", "close");
	request_resume(r);
}

struct MHD_Response *request_response(struct buf *body, const char *content_type)
{
	struct MHD_Response *response;

	if (body->at == NULL)
		buf_reserve(body, 0);
	response = MHD_create_response_from_buffer_with_free_callback(body->len, body->at, free);
	*body = (struct buf){0};
	if (content_type)
		MHD_add_response_header(response, "Content-Type", content_type);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	return response;
}

void request_json(struct request *r, unsigned status, struct buf *json)
{
	struct MHD_Response *response = request_response(json, "application/json");

	MHD_add_response_header(response, "Cache-Control", "no-store");
	request_answer(r, status, response);
}

static struct MHD_Response *problem_response(const struct problem *p)
{
	struct MHD_Response *response;
	struct buf json = {0};
	char seconds[16];
	unsigned wait_s = problem_retry_after_s(p);

	problem_json(p, &json);
	response = request_response(&json, "application/problem+json");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	if (wait_s) {
		snprintf(seconds, sizeof(seconds), "%u", wait_s);
		MHD_add_response_header(response, "Retry-After", seconds);
	}
	if (p->status == 401)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer realm=\"daybook\"");
	return response;
}

void request_problem(struct request *r, const struct problem *p)
{
	if (p->status >= 500)
		log_warn("%s answered %u: %s", r->path ? r->path : "?", p->status, p->detail);
	request_answer(r, p->status, problem_response(p));
}

void request_fault(struct request *r, const struct fault *why)
{
	struct problem p = {0};

	problem_fault(&p, why);
	request_problem(r, &p);
}

void request_refuse(struct request *r, unsigned status, const char *code, const char *text)
{
	struct problem p = {0};

	problem_set(&p, status, code, "%s", text);
	request_problem(r, &p);
}

void request_no_answer(struct request *r, const struct wire_msg *msg)
{
	struct problem p = {0};

	if (msg == NULL) {
		problem_set(&p, 503, "broker-unreachable", "The broker did not answer in time");
		problem_hint(&p, "Try again; an Idempotency-Key makes that safe");
	} else if (msg->type == WIRE_REFUSED) {
		const struct wire_refused *refused = &msg->refused;
		unsigned status = refused->status >= 400 && refused->status < 600 ? refused->status
										  : 500;
		char code[48];

		span_copy(refused->code, code, sizeof(code));
		problem_set(&p, status, code, "%.*s", SPAN_ARG(refused->text));
		problem_hint(&p, "%.*s", SPAN_ARG(refused->hint));
	} else {
		problem_set(&p, 500, "broker-answer", "The broker's answer was not understood");
	}
	request_problem(r, &p);
}

void request_ask(struct request *r, enum wire_type type, void *message, broker_answer *answer)
{
	r->call.answer = answer;
	broker_ask(r->server->broker, &r->call, type, message,
		   type == WIRE_WRITE ? 3 * BROKER_TIMEOUT_MS : BROKER_TIMEOUT_MS);
}

/* ---- what the client sent ---- */

const char *request_query(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *request_header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

bool request_has_tag(const struct request *r, const char *tag)
{
	const char *header = request_header(r, "If-None-Match");

	return header && (strcmp(header, "*") == 0 || strstr(header, tag) != NULL);
}

int request_job(struct request *r, struct id *id)
{
	if (id_job_read(r->parts[0], id) == 0)
		return 0;
	request_refuse(r, 404, "job-unknown", "There is no such job");
	return -1;
}

/* ---- the header ---- */

static bool type_is(const char *type, const char *want)
{
	size_t len = strlen(want);

	if (strncasecmp(type, want, len) != 0)
		return false;
	return want[len - 1] == '/' || strchr("; \t", type[len]) != NULL;
}

/* JSON is taken under any type of text, as pages send it with fetch() and no header; 415 is for
 * forms and for what is binary. */
static bool is_json_type(const char *type)
{
	static const char *const taken[] = {"text/", "application/json", "application/xml",
					    "application/javascript", "application/x-ndjson"};
	size_t len;

	if (type == NULL || *type == '\0')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		if (type_is(type, taken[i]))
			return true;
	}
	len = strcspn(type, "; \t");
	return len > 5 && strncasecmp(type + len - 5, "+json", 5) == 0;
}

/* "application/vnd.ms-excel" is what browsers on a machine with a spreadsheet call a CSV. */
static bool is_upload_type(const char *type)
{
	static const char *const taken[] = {"multipart/form-data", "text/", "application/csv",
					    "application/x-csv", "application/vnd.ms-excel"};

	if (type == NULL || *type == '\0')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		if (type_is(type, taken[i]))
			return true;
	}
	return false;
}

static uint64_t json_body_max(const struct request *r)
{
	return r->route->flags & ROUTE_LARGE ? LARGE_BODY_MAX : JSON_BODY_MAX;
}

static void check_body(struct request *r, struct problem *p)
{
	const char *type = request_header(r, "Content-Type");
	const char *length = request_header(r, "Content-Length");
	const char *coding = request_header(r, "Content-Encoding");
	uint64_t bytes = 0, max = json_body_max(r);
	bool upload = r->route->body == BODY_UPLOAD;

	if (!r->has_body && !upload)
		return;
	if (!(upload ? is_upload_type(type) : is_json_type(type))) {
		problem_set(p, 415, "content-type", "Content of type '%.100s' is not taken here",
			    type);
		problem_hint(p, "%s",
			     upload ? "Send multipart/form-data with a field `file`, or the "
				      "file itself as text/csv"
				    : "Send the JSON as application/json");
	}
	if (coding && *coding && strcasecmp(coding, "identity") != 0)
		problem_set(p, 415, "content-encoding", "Compressed content is not taken");
	if (upload)
		max = r->server->config->max_bytes ? r->server->config->max_bytes + MULTIPART_EXTRA
						   : UINT64_MAX;
	if (length && span_u64(span_text(length), &bytes) == 0 && bytes > max)
		problem_set(p, 413, "body-too-large",
			    "The body has %llu bytes, at most %llu are taken",
			    (unsigned long long)bytes, (unsigned long long)max);
}

/* Before the body: what is running needs the rest of the disk to end. */
static void check_room(const struct request *r, struct problem *p)
{
	const struct server *s = r->server;

	if (r->route->body != BODY_UPLOAD || blob_has_room(s->blobs, s->config->disk_fill_ppm))
		return;
	problem_set(p, 507, "disk-full", "The disk is too full to take an upload");
	problem_hint(p, "Make room on the disk, or raise limits.disk_fill");
}

static void check_origin(const struct request *r, const char *method, struct problem *p)
{
	const char *host = request_header(r, "Host");

	if (!access_has_keys(r->server->access) && host && !access_is_local_host(host)) {
		problem_set(p, 403, "host-not-local",
			    "Without keys only this machine is served, by address or as localhost");
		problem_hint(p, "To serve under the name %.100s, configure access.keys_file", host);
	}
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
	    access_is_cross_origin(request_header(r, "Origin"), host))
		problem_set(p, 403, "cross-origin", "A page from another origin may not do this");
}

static void check_access(struct request *r, struct problem *p)
{
	if (r->route && r->route->flags & ROUTE_OPEN)
		return;
	if (access_check(r->server->access, request_header(r, "Authorization"), &r->caller) != 0)
		problem_set(p, 401, "key-needed",
			    "A valid key is needed: Authorization: Bearer <key>");
	else if (r->route && r->route->flags & ROUTE_OPERATOR && !r->caller.any_tenant)
		problem_set(p, 403, "operator-only", "This is for operators");
}

/* Operators are no tenant, and no crowd. */
static void check_crowd(struct request *r, struct problem *p)
{
	if (r->caller.any_tenant || r->caller.tenant[0] == '\0')
		return;
	r->in_crowd = crowd_enter(r->server->crowd, r->caller.tenant) == 0;
	if (r->in_crowd)
		return;
	problem_set(p, 429, "too-many-requests",
		    "%u requests of tenant %.64s are under way, and that is as many as it may have",
		    r->server->config->requests_per_tenant, r->caller.tenant);
	problem_hint(p, "Wait for some to end; one stream of events may serve many watchers");
}

/* No route: 405 with the methods that there are, 204 to OPTIONS, or 404. */
static void answer_no_route(struct request *r, const char *method, const char *allow)
{
	struct problem p = {0};
	struct buf none = {0};

	if (*allow == '\0') {
		request_refuse(r, 404, "not-found", "There is nothing at this address");
		return;
	}
	if (strcmp(method, "OPTIONS") == 0) {
		request_answer(r, 204, request_response(&none, NULL));
	} else {
		problem_set(&p, 405, "method-not-allowed", "%.20s is not a method of this address",
			    method);
		problem_hint(&p, "It has %s", allow);
		request_problem(r, &p);
	}
	MHD_add_response_header(r->response, "Allow", allow);
}

static void set_drain(struct request *r)
{
	const char *length = request_header(r, "Content-Length");
	uint64_t bytes = 0;

	r->drain_left = r->status == 401 || r->status == 403 ? DRAIN_STRANGER : DRAIN_CALLER;
	if (request_header(r, "Expect") ||
	    (length && span_u64(span_text(length), &bytes) == 0 && bytes > r->drain_left))
		r->drain_left = 0; /* answered at once; MHD hangs up after that */
}

void request_open(struct request *r, const char *method, const char *url)
{
	const char *length = request_header(r, "Content-Length");
	char allow[ROUTE_ALLOW_SIZE];
	struct problem p;

	problem_init(&p);
	r->path = xstrdup(url);
	r->has_body = request_header(r, "Transfer-Encoding") ||
		      (length && strcmp(length, "0") != 0);
	r->route = route_find(method, r->path, r->parts, allow);
	check_origin(r, method, &p);
	if (p.status == 0)
		check_access(r, &p);
	if (p.status == 0)
		check_crowd(r, &p);
	if (p.status == 0 && r->route)
		check_body(r, &p);
	if (p.status == 0 && r->route)
		check_room(r, &p);
	if (p.status)
		request_problem(r, &p);
	else if (r->route == NULL)
		answer_no_route(r, method, allow);
	else if (r->route->body == BODY_UPLOAD)
		r->upload = upload_new(r);
	if (r->response)
		set_drain(r);
	else
		r->drain_left = DRAIN_CALLER;
}

/* ---- the body ---- */

static void body_too_large(struct request *r)
{
	struct problem p = {0};

	problem_set(&p, 413, "body-too-large", "The body has more than %llu bytes",
		    (unsigned long long)json_body_max(r));
	buf_clear(&r->body);
	request_problem(r, &p);
}

static int drain(struct request *r, size_t bytes)
{
	if (bytes > r->drain_left)
		return -1;
	r->drain_left -= bytes;
	return 0;
}

int request_receive(struct request *r, struct span data)
{
	r->received += data.len;
	if (r->response)
		return drain(r, data.len);
	if (r->upload)
		return upload_receive(r->upload, data) ? drain(r, data.len) : 0;
	if (r->route->body == BODY_NONE)
		return drain(r, data.len);
	if (r->body.len + data.len > json_body_max(r))
		body_too_large(r);
	else
		buf_add(&r->body, data.at, data.len);
	return 0;
}
