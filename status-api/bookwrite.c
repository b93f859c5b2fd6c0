#include "bookwrite.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "jobs.h"
#include "mem.h"
#include "params.h"
#include "route.h"
#include "server.h"

#define WRITE_MAX	 131072 /* wire.def, WRITE */
#define DESCRIPTIONS_MAX 1000

/* ---- what the stage answered ---- */

static const char *text_of(const json_t *object, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : otherwise;
}

/* Places in a text of the body: [{field, line, column, msg}]. */
static void add_errors(struct problem *p, const json_t *errors)
{
	json_t *error;
	size_t i;

	json_array_foreach(errors, i, error)
	{
		problem_field(p, "body", span_text(text_of(error, "field", "")),
			      text_of(error, "type", "value_error"), "%s",
			      text_of(error, "msg", ""));
		problem_place(p, (uint32_t)json_integer_value(json_object_get(error, "line")),
			      (uint32_t)json_integer_value(json_object_get(error, "column")));
	}
}

/* {"refused": {status, code, text, hint, errors, present}} of the stage, as a problem. */
static void answer_refused(struct request *r, const json_t *refused)
{
	json_int_t status = json_integer_value(json_object_get(refused, "status"));
	json_t *present = json_object_get(refused, "present");
	struct problem p = {0};

	problem_set(&p, status >= 400 && status < 600 ? (unsigned)status : 409,
		    text_of(refused, "code", "refused"), "%s",
		    text_of(refused, "text", "The books refused this"));
	problem_hint(&p, "%s", text_of(refused, "hint", ""));
	add_errors(&p, json_object_get(refused, "errors"));
	if (present)
		p.present = json_dumps(present, JSON_COMPACT);
	request_problem(r, &p);
	free(p.present);
}

static void take_written(struct broker_call *call, const struct wire_msg *msg,
			 const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct buf json = {0};
	json_t *answer;

	(void)raw;
	if (msg == NULL || msg->type != WIRE_WRITTEN) {
		request_no_answer(r, msg);
		return;
	}
	answer = json_loadb(msg->written.body.at, msg->written.body.len, 0, NULL);
	if (answer == NULL) {
		request_refuse(r, 500, "stage-answer", "The stage's answer was not understood");
	} else if (json_object_get(answer, "refused")) {
		answer_refused(r, json_object_get(answer, "refused"));
	} else {
		buf_add(&json, msg->written.body.at, msg->written.body.len);
		request_json(r, 200, &json);
	}
	json_decref(answer);
}

/* ---- the write ---- */

/* Done once by its id: with an Idempotency-Key it always has the same. */
static struct id write_id(const struct request *r, const struct bookwrite *what, const char *body)
{
	const char *key = request_header(r, "Idempotency-Key");
	crypto_generichash_state state;
	struct id id;

	if (key == NULL)
		return id_new(clock_wall_ms());
	crypto_generichash_init(&state, NULL, 0, sizeof(id.bytes));
	crypto_generichash_update(&state, (const uint8_t *)what->verb, strlen(what->verb) + 1);
	crypto_generichash_update(&state, (const uint8_t *)what->company.at, what->company.len);
	crypto_generichash_update(&state, (const uint8_t *)"/", 1);
	crypto_generichash_update(&state, (const uint8_t *)key, strlen(key) + 1);
	crypto_generichash_update(&state, (const uint8_t *)body, strlen(body));
	crypto_generichash_final(&state, id.bytes, sizeof(id.bytes));
	return id;
}

/* ---- a write that outlasts its answer ---- */

struct lasting {
	char tenant[NAME_SIZE], company[NAME_SIZE];
	char job[ID_JOB_TEXT_SIZE];
	struct wire_write write;
	char *body; /* of the write */
};

static void lasting_free(void *state)
{
	free(((struct lasting *)state)->body);
	free(state);
}

/* The broker has it on disk: it is told where its end will show. */
static void take_kept(struct broker_call *call, const struct wire_msg *msg,
		      const struct sock_msg *raw)
{
	struct request *r = call->asker;
	const struct lasting *lasting = r->state;
	struct MHD_Response *response;
	char location[3 * NAME_SIZE + 64];
	struct buf json = {0};

	if (msg == NULL || msg->type != WIRE_KEPT) {
		take_written(call, msg, raw);
		return;
	}
	snprintf(location, sizeof(location), "/api/imports?tenant_id=%s&company_id=%s&job_id=%s",
		 lasting->tenant, lasting->company, lasting->job);
	buf_format(&json, "{\"job_id\":\"%s\",\"status\":\"running\"}", lasting->job);
	response = request_response(&json, "application/json");
	MHD_add_response_header(response, "Location", location);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	request_answer(r, 202, response);
}

/* Not done in time: the same write again (it is one, by its id), now to be promised. */
static void take_lasting(struct broker_call *call, const struct wire_msg *msg,
			 const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct lasting *lasting = r->state;

	if (msg) {
		take_written(call, msg, raw);
		return;
	}
	lasting->write.keep = 1;
	request_ask(r, WIRE_WRITE, &lasting->write, take_kept);
}

/* An import of a million rows is taken back in one transaction, which takes longer than anybody
 * waits: who asks hears sooner than of other writes, for there is something to tell. */
static void ask_lasting(struct request *r, const struct wire_write *write, const char *job)
{
	struct lasting *lasting = xcalloc(1, sizeof(*lasting));

	lasting->write = *write;
	lasting->body = xstrndup(write->body.at, write->body.len);
	lasting->write.body.at = lasting->body;
	span_copy(write->tenant, lasting->tenant, sizeof(lasting->tenant));
	span_copy(write->company, lasting->company, sizeof(lasting->company));
	span_copy(span_text(job), lasting->job, sizeof(lasting->job));
	lasting->write.tenant = span_text(lasting->tenant);
	lasting->write.company = span_text(lasting->company);
	r->state = lasting;
	r->state_free = lasting_free;
	r->call.answer = take_lasting;
	broker_ask(r->server->broker, &r->call, WIRE_WRITE, &lasting->write, BROKER_TIMEOUT_MS);
}

void bookwrite_send(struct request *r, struct bookwrite *what)
{
	bool lasts = strcmp(what->verb, "undo-import") == 0;
	char *body = json_dumps(what->body, JSON_COMPACT | JSON_SORT_KEYS);
	char job[ID_JOB_TEXT_SIZE];
	struct wire_write write = {.stage = span_text(what->stage),
				   .verb = span_text(what->verb),
				   .tenant = what->tenant,
				   .company = what->company,
				   .body = span_text(body)};

	span_copy(span_text(text_of(what->body, "job", "")), job, sizeof(job));
	json_decref(what->body);
	what->body = NULL;
	if (write.body.len > WRITE_MAX) {
		request_refuse(r, 413, "body-too-large", "The request is larger than 128 KiB");
	} else {
		write.id = write_id(r, what, body ? body : "");
		if (lasts)
			ask_lasting(r, &write, job);
		else
			request_ask(r, WIRE_WRITE, &write, take_written);
	}
	free(body);
}

/* ---- who and what ---- */

struct asked {
	char tenant[NAME_SIZE], company[NAME_SIZE];
	struct problem p;
	json_t *body;
};

/* A name from the query, else from the body, where it is not needed any more. */
static void take_name(struct request *r, struct asked *a, const char *name, char out[NAME_SIZE])
{
	const char *value = request_query(r, name);

	if (value || !json_object_get(a->body, name))
		params_name(&a->p, "query", name, span_text(value), out);
	else
		params_json_name(&a->p, a->body, name, out);
	json_object_del(a->body, name);
}

/* The body with the members `known`; wrong ones are named in the problem. */
static void ask_read(struct request *r, struct asked *a, bool optional, const char *known)
{
	if (params_body(&a->p, buf_span(&r->body), optional, &a->body) != 0)
		a->body = json_object();
	take_name(r, a, "tenant_id", a->tenant);
	take_name(r, a, "company_id", a->company);
	params_json_known(&a->p, a->body, known);
	if (request_header(r, "Idempotency-Key"))
		params_idempotency_key(&a->p, request_header(r, "Idempotency-Key"));
}

/* Sends the body as it is by now, or answers what was wrong with it. */
static void ask_send(struct request *r, struct asked *a, const char *stage, const char *verb)
{
	struct bookwrite what = {.stage = stage,
				 .verb = verb,
				 .tenant = span_text(a->tenant),
				 .company = span_text(a->company),
				 .body = a->body};

	if (a->p.status == 0 && !access_may(&r->caller, what.tenant))
		problem_set(&a->p, 404, "tenant-unknown", "There is no such tenant");
	if (a->p.status == 0) {
		bookwrite_send(r, &what);
		return;
	}
	request_problem(r, &a->p);
	json_decref(a->body);
}

/* ---- fields ---- */

static int need_text(struct problem *p, const json_t *body, const char *field)
{
	const json_t *value = json_object_get(body, field);

	if (json_is_string(value))
		return 0;
	problem_field(p, "body", span_text(field), value ? "string_type" : "missing",
		      value ? "Input should be a valid string" : "Field required");
	return -1;
}

static void check_account(struct asked *a)
{
	const json_t *account = json_object_get(a->body, "account");

	if (need_text(&a->p, a->body, "account") == 0)
		params_account(&a->p, "body", "account",
			       span_of(json_string_value(account), json_string_length(account)));
}

/* An id of the books: digits, as a string or a number. 0: there is none; null is 0 too. */
static int64_t take_id(struct asked *a, const char *field)
{
	const json_t *value = json_object_get(a->body, field);
	const char *text = json_string_value(value);
	uint64_t id = 0;

	if (text && span_u64(span_text(text), &id) == 0 && id <= INT64_MAX)
		return (int64_t)id;
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		return json_integer_value(value);
	if (value && !json_is_null(value))
		problem_field(&a->p, "body", span_text(field), "id",
			      "Input should be an id, as this API gave it");
	return 0;
}

static void set_id(struct asked *a, const char *from, const char *to)
{
	int64_t id = take_id(a, from);
	bool given = json_object_get(a->body, from) != NULL;

	json_object_del(a->body, from);
	if (given)
		json_object_set_new(a->body, to, json_integer(id));
}

/* {id} of the path; 0 was answered. */
static int64_t path_id(struct request *r, const char *what)
{
	uint64_t id;

	if (span_u64(r->parts[0], &id) == 0 && id > 0 && id <= INT64_MAX)
		return (int64_t)id;
	request_refuse(r, 404, what, "There is no such thing in these books");
	return 0;
}

static void set_confidence(const struct request *r, json_t *body)
{
	json_object_set_new(body, "confidence", json_integer(r->server->config->confidence_ppm));
}

/* ---- review ---- */

void bookwrite_categorize(struct request *r)
{
	struct asked a = {0};
	int64_t txn = path_id(r, "transaction-unknown");
	bool learn = true;

	if (txn == 0)
		return;
	ask_read(r, &a, false, "account|learn|entry_id");
	check_account(&a);
	params_json_bool(&a.p, a.body, "learn", &learn);
	set_id(&a, "entry_id", "entry");
	json_object_set_new(a.body, "txn", json_integer(txn));
	set_confidence(r, a.body);
	ask_send(r, &a, "journal", "answer");
}

void bookwrite_categorize_group(struct request *r)
{
	struct asked a = {0};
	const char *direction, *currency;
	char code[CURRENCY_SIZE];
	bool learn = true;

	ask_read(r, &a, false, "account|learn|merchant|direction|currency|last_entry_id");
	check_account(&a);
	params_json_bool(&a.p, a.body, "learn", &learn);
	need_text(&a.p, a.body, "merchant");
	direction = text_of(a.body, "direction", "out");
	params_choice(&a.p, "body", "direction", span_text(direction), "in|out");
	currency = text_of(a.body, "currency", NULL);
	if (currency)
		params_currency(&a.p, "body", "currency", span_text(currency), code);
	set_id(&a, "last_entry_id", "until");
	json_object_set_new(a.body, "out", json_boolean(strcmp(direction, "out") == 0));
	json_object_del(a.body, "direction");
	set_confidence(r, a.body);
	ask_send(r, &a, "journal", "answer");
}

static void undo_numbered(struct request *r, const char *name, const char *verb,
			  const char *unknown)
{
	struct asked a = {0};
	int64_t id = path_id(r, unknown);

	if (id == 0)
		return;
	ask_read(r, &a, true, "");
	json_object_set_new(a.body, name, json_integer(id));
	set_confidence(r, a.body);
	ask_send(r, &a, "journal", verb);
}

void bookwrite_undo_answer(struct request *r)
{
	undo_numbered(r, "answer", "undo-answer", "answer-unknown");
}

void bookwrite_undo_transfer(struct request *r)
{
	undo_numbered(r, "transfer", "undo-transfer", "transfer-unknown");
}

/* ---- undo of an import ---- */

static void undo_known(struct broker_call *call, const struct wire_msg *msg,
		       const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct bookwrite what = {.stage = "journal", .verb = "undo-import"};

	(void)raw;
	if (msg == NULL || msg->type != WIRE_JOB) {
		request_no_answer(r, msg);
		return;
	}
	what.tenant = msg->job.tenant;
	what.company = msg->job.company;
	what.body = json_pack("{s:s%}", "job", msg->job.id.at, msg->job.id.len);
	set_confidence(r, what.body);
	bookwrite_send(r, &what);
}

/* The record of a job goes after a day, its import stays: then the caller says whose it is. */
void bookwrite_undo_import(struct request *r)
{
	struct asked a = {0};
	char text[ID_JOB_TEXT_SIZE];
	struct id job;

	if (request_job(r, &job) != 0)
		return;
	if (!request_query(r, "company_id") && r->body.len == 0) {
		jobs_ask(r, job, undo_known);
		return;
	}
	ask_read(r, &a, true, "");
	id_job_text(job, text);
	json_object_set_new(a.body, "job", json_string(text));
	set_confidence(r, a.body);
	ask_send(r, &a, "journal", "undo-import");
}

/* ---- rules and chart ---- */

static void get(struct request *r, const char *verb)
{
	struct asked a = {0};

	ask_read(r, &a, true, "");
	ask_send(r, &a, "rules", verb);
}

void bookwrite_rules_get(struct request *r)
{
	get(r, "get-rules");
}

void bookwrite_accounts_get(struct request *r)
{
	get(r, "get-accounts");
}

void bookwrite_rules_put(struct request *r)
{
	struct asked a = {0};

	ask_read(r, &a, false, "rules|version");
	need_text(&a.p, a.body, "rules");
	if (json_object_get(a.body, "version"))
		need_text(&a.p, a.body, "version");
	ask_send(r, &a, "rules", "put-rules");
}

static void check_descriptions(struct asked *a)
{
	const json_t *list = json_object_get(a->body, "descriptions");
	json_t *item;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) == 0 ||
	    json_array_size(list) > DESCRIPTIONS_MAX) {
		problem_field(&a->p, "body", span_text("descriptions"),
			      list ? "list_type" : "missing",
			      "Input should be a list of 1 to %d descriptions", DESCRIPTIONS_MAX);
		return;
	}
	json_array_foreach(list, i, item)
	{
		if (json_is_string(item) || json_is_string(json_object_get(item, "description")))
			continue;
		problem_field(&a->p, "body", span_text("descriptions"), "string_type",
			      "Item %zu should be a text, or an object with a description", i);
		return;
	}
}

void bookwrite_rules_test(struct request *r)
{
	struct asked a = {0};

	ask_read(r, &a, false, "rules|descriptions");
	if (json_object_get(a.body, "rules"))
		need_text(&a.p, a.body, "rules");
	check_descriptions(&a);
	ask_send(r, &a, "rules", "test-rules");
}

void bookwrite_accounts_put(struct request *r)
{
	struct asked a = {0};

	ask_read(r, &a, false, "accounts|text|version");
	if (!json_is_array(json_object_get(a.body, "accounts")))
		need_text(&a.p, a.body, "text");
	ask_send(r, &a, "rules", "put-accounts");
}
