#include "submit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "crash.h"
#include "log.h"
#include "mem.h"
#include "params.h"
#include "record.h"
#include "route.h"
#include "server.h"

#define LIMIT_DEFAULT 1000
#define LIMIT_MAX     1000000
#define PARAMS_MAX    65536 /* wire.def, SUBMIT */

/* What outlives submit_job(): needed when the answer comes. */
struct submitted {
	struct id job;
	struct blob_hash file;
	bool has_file;
};

static void submitted_free(void *state)
{
	free(state);
}

/* ---- the answer ---- */

static void delete_file(const struct request *r, const struct submitted *s)
{
	struct fault why;

	if (s->has_file && blob_delete(r->server->blobs, s->file, s->job, &why) != 0)
		log_fault(LOG_WARN, "an upload that is not wanted", &why);
}

/* `existed`: it is the job of an earlier request. */
static void answer_job(struct request *r, const struct wire_job *job, bool existed)
{
	struct MHD_Response *response;
	struct buf json = {0};
	char location[64];

	snprintf(location, sizeof(location), "/api/jobs/%.*s", SPAN_ARG(job->id));
	buf_text(&json, "{\"job_id\":");
	buf_json_string(&json, job->id);
	/* a new job was pending when it was accepted, also if it has begun by the time we hear of
	 * it */
	buf_text(&json, ",\"status\":");
	buf_json_string(&json, existed ? job->status : span_text("pending"));
	buf_format(&json, ",\"status_url\":\"%s\",\"events_url\":\"%s/events\"}", location,
		   location);
	response = request_response(&json, "application/json");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "Location", location);
	request_answer(r, existed ? 200 : 202, response);
}

static void take_answer(struct broker_call *call, const struct wire_msg *msg,
			const struct sock_msg *raw)
{
	struct request *r = call->asker;
	const struct submitted *s = r->state;
	char own[ID_JOB_TEXT_SIZE];

	(void)raw;
	id_job_text(s->job, own);
	if (msg && msg->type == WIRE_JOB) {
		bool existed = !span_is(msg->job.id, own);

		if (existed)
			delete_file(r, s);
		answer_job(r, &msg->job, existed);
		return;
	}
	/* without an answer the job may still come to be: then its file must be there */
	if (msg && msg->type == WIRE_REFUSED)
		delete_file(r, s);
	request_no_answer(r, msg);
}

/* ---- the question ---- */

static void hash_add(crypto_generichash_state *state, struct span bytes)
{
	uint64_t len = bytes.len;

	/* with its length, so that no two different requests are the same bytes */
	crypto_generichash_update(state, (const uint8_t *)&len, sizeof(len));
	crypto_generichash_update(state, (const uint8_t *)bytes.at, bytes.len);
}

static void fingerprint_of(const struct submission *what, uint8_t out[32])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, 32);
	hash_add(&state, span_text(what->type));
	hash_add(&state, span_text(what->tenant));
	hash_add(&state, span_text(what->company));
	hash_add(&state, what->fields);
	if (what->file)
		hash_add(&state, span_of((const char *)what->file->bytes, BLOB_HASH_BYTES));
	crypto_generichash_final(&state, out, 32);
}

static void put_params(const struct submission *what, struct buf *params)
{
	struct span members = what->params;
	char hex[BLOB_HASH_TEXT_SIZE];

	buf_text(params, "{\"params\":{");
	if (what->file) {
		blob_hash_text(*what->file, hex);
		buf_format(params, "\"blob\":\"%s\"", hex);
	} else if (members.len) {
		members.at++;
		members.len--;
	}
	buf_add(params, members.at, members.len);
	buf_text(params, "}}");
}

void submit_job(struct request *r, const struct submission *what)
{
	const char *key = request_header(r, "Idempotency-Key");
	struct submitted *s = xcalloc(1, sizeof(*s));
	uint8_t fingerprint[32];
	struct buf params = {0};
	struct wire_submit m = {.job = what->job,
				.type = span_text(what->type),
				.tenant = span_text(what->tenant),
				.company = span_text(what->company),
				.key = span_text(key ? key : ""),
				.priority = what->priority,
				.meta = what->meta};

	s->job = what->job;
	r->state = s;
	r->state_free = submitted_free;
	fingerprint_of(what, fingerprint);
	m.fingerprint = span_of((const char *)fingerprint, sizeof(fingerprint));
	if (what->file) {
		s->file = *what->file;
		s->has_file = true;
		m.blob = span_of((const char *)s->file.bytes, BLOB_HASH_BYTES);
		m.upload = what->upload;
	}
	put_params(what, &params);
	m.params = buf_span(&params);
	if (params.len > PARAMS_MAX) {
		delete_file(r, s);
		request_refuse(r, 413, "params-too-large",
			       "The parameters of the job are too large");
	} else {
		crash_at("api.submit.before");
		request_ask(r, WIRE_SUBMIT, &m, take_answer);
		crash_at("api.submit.after");
	}
	buf_release(&params);
}

/* ---- jobs without a file ---- */

/* The members of a JSON object as ",name:value..." in order of their names. */
static void put_members(const json_t *object, struct buf *out)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

	if (text && json_object_size(object)) {
		buf_char(out, ',');
		buf_add(out, text + 1, strlen(text) - 2);
	}
	free(text);
}

/* What every JSON job says. */
struct who {
	char tenant[NAME_SIZE], company[NAME_SIZE];
	uint32_t priority;
};

static void submit_members(struct request *r, const char *type, const struct who *who,
			   struct buf *members)
{
	struct submission what = {.job = id_new(clock_wall_ms()),
				  .type = type,
				  .tenant = who->tenant,
				  .company = who->company,
				  .priority = who->priority,
				  .fields = buf_span(members),
				  .params = buf_span(members),
				  .meta = span_text("{}")};

	submit_job(r, &what);
	buf_release(members);
}

/* -1: it has been answered. */
static int check_who(struct request *r, struct problem *p, const json_t *body, struct who *who)
{
	*who = (struct who){0};
	if (body) {
		params_json_name(p, body, "company_id", who->company);
		params_json_name(p, body, "tenant_id", who->tenant);
		params_json_u32(p, body, "priority", (struct range){0, PARAMS_PRIORITY_MAX},
				&who->priority);
	}
	params_idempotency_key(p, request_header(r, "Idempotency-Key"));
	if (p->status == 0 && !access_may(&r->caller, span_text(who->tenant)))
		problem_set(p, 404, "tenant-unknown", "There is no such tenant");
	if (p->status == 0)
		return 0;
	request_problem(r, p);
	return -1;
}

void submit_categorize(struct request *r)
{
	uint32_t limit = LIMIT_DEFAULT;
	struct problem p = {0};
	struct buf members = {0};
	struct who who;
	json_t *body;

	if (params_body(&p, buf_span(&r->body), false, &body) == 0) {
		params_json_known(&p, body, "company_id|tenant_id|limit|priority");
		params_json_u32(&p, body, "limit", (struct range){1, LIMIT_MAX}, &limit);
	}
	if (check_who(r, &p, body, &who) == 0) {
		buf_format(&members, ",\"limit\":%u", limit);
		if (who.priority)
			buf_format(&members, ",\"priority\":%u", who.priority);
		submit_members(r, "categorize", &who, &members);
	}
	json_decref(body);
}

void submit_pipeline(struct request *r)
{
	char type[NAME_SIZE] = "";
	struct problem p = {0};
	struct buf members = {0};
	struct who who;
	json_t *body;

	if (!name_is_valid(r->parts[0]) || span_copy(r->parts[0], type, sizeof(type)) != 0 ||
	    config_pipeline(r->server->config, type) == NULL) {
		request_refuse(r, 404, "pipeline-unknown", "There is no pipeline of this name");
		return;
	}
	params_body(&p, buf_span(&r->body), false, &body);
	if (check_who(r, &p, body, &who) == 0) {
		json_object_del(body, "company_id");
		json_object_del(body, "tenant_id");
		put_members(body, &members);
		submit_members(r, type, &who, &members);
	}
	json_decref(body);
}
