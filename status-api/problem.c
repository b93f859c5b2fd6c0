#include "problem.h"

#include <stdarg.h>
#include <stdio.h>

static const char *title_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *title;
	} titles[] = {
		{400, "The request is not well formed"},
		{401, "A key is needed"},
		{403, "This is not allowed"},
		{404, "There is no such thing"},
		{405, "This method is not for this address"},
		{409, "The request does not fit the present state"},
		{411, "The length of the body is needed"},
		{413, "The body is too large"},
		{415, "This type of content is not taken"},
		{422, "Some fields are not right"},
		{500, "Something went wrong here"},
		{503, "The service cannot answer now"},
		{507, "There is no room to store this"},
	};

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		if (titles[i].status == status)
			return titles[i].title;
	}
	return "The request was refused";
}

/* Of two things wrong, which one decides the answer: the one that mending the other cannot help. */
static int weight_of(unsigned status)
{
	switch (status) {
	case 0:
		return 0;
	case 422:
		return 1;
	case 415:
		return 2;
	case 413:
		return 3;
	default:
		return 4;
	}
}

void problem_init(struct problem *p)
{
	p->status = 0;
	p->code[0] = p->detail[0] = p->hint[0] = '\0';
	p->n_errors = p->more_errors = 0;
	p->present = NULL;
}

void problem_set(struct problem *p, unsigned status, const char *code, const char *format, ...)
{
	va_list args;

	if (weight_of(status) <= weight_of(p->status))
		return;
	p->status = status;
	snprintf(p->code, sizeof(p->code), "%s", code);
	va_start(args, format);
	vsnprintf(p->detail, sizeof(p->detail), format, args);
	va_end(args);
	p->hint[0] = '\0';
}

void problem_hint(struct problem *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->hint, sizeof(p->hint), format, args);
	va_end(args);
}

void problem_field(struct problem *p, const char *place, struct span field, const char *type,
		   const char *format, ...)
{
	struct problem_error *error;
	va_list args;

	problem_set(p, 422, "invalid-request", "The request has fields that are missing or wrong");
	if (p->n_errors == PROBLEM_ERRORS_MAX) {
		p->more_errors++;
		return;
	}
	error = &p->errors[p->n_errors++];
	error->place = place;
	error->line = error->column = 0;
	span_copy(field, error->field, sizeof(error->field));
	snprintf(error->type, sizeof(error->type), "%s", type);
	va_start(args, format);
	vsnprintf(error->msg, sizeof(error->msg), format, args);
	va_end(args);
}

void problem_place(struct problem *p, uint32_t line, uint32_t column)
{
	if (p->n_errors == 0 || p->more_errors > 0)
		return;
	p->errors[p->n_errors - 1].line = line;
	p->errors[p->n_errors - 1].column = column;
}

static unsigned status_of(const struct fault *why)
{
	switch (why->class) {
	case FAULT_INPUT:
		return 422;
	case FAULT_RETRY:
		return strcmp(why->code, "disk-full") == 0 ? 507 : 503;
	default:
		return 500;
	}
}

void problem_fault(struct problem *p, const struct fault *why)
{
	problem_set(p, status_of(why), why->code, "%s", why->text);
	if (why->hint[0])
		problem_hint(p, "%s", why->hint);
}

unsigned problem_retry_after_s(const struct problem *p)
{
	/* a full disk is emptied by people or by retention, an absent broker restarts in a second,
	 * a request ends */
	return p->status == 507 ? 30 : p->status == 503 ? 2 : p->status == 429 ? 1 : 0;
}

static void put_member(struct buf *json, const char *name, const char *text)
{
	buf_format(json, ",\"%s\":", name);
	buf_json_string(json, span_text(text));
}

void problem_json(const struct problem *p, struct buf *json)
{
	buf_format(json, "{\"type\":\"urn:daybook:problem:%s\"", p->code);
	put_member(json, "title", title_of(p->status));
	buf_format(json, ",\"status\":%u", p->status);
	put_member(json, "detail", p->detail);
	put_member(json, "code", p->code);
	if (p->hint[0])
		put_member(json, "hint", p->hint);
	buf_text(json, ",\"errors\":[");
	for (int i = 0; i < p->n_errors; i++) {
		const struct problem_error *error = &p->errors[i];

		buf_format(json, "%s{\"loc\":[\"%s\"", i ? "," : "", error->place);
		if (error->field[0]) {
			buf_char(json, ',');
			buf_json_string(json, span_text(error->field));
		}
		if (error->line)
			buf_format(json, ",%u", error->line);
		if (error->column)
			buf_format(json, ",%u", error->column);
		buf_char(json, ']');
		put_member(json, "msg", error->msg);
		put_member(json, "type", error->type);
		buf_char(json, '}');
	}
	buf_char(json, ']');
	if (p->more_errors)
		buf_format(json, ",\"more_errors\":%d", p->more_errors);
	if (p->present)
		buf_format(json, ",\"present\":%s", p->present);
	buf_char(json, '}');
}
