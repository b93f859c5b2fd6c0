#include "booksheet.h"

#include <stdio.h>
#include <stdlib.h>

#include "day.h"
#include "jobs.h"
#include "ledger.h"
#include "mem.h"
#include "params.h"
#include "route.h"
#include "server.h"

#define SHEET_BLOCK 4096

typedef int job_page(struct ledger *ledger, struct id job, uint64_t *after, struct buf *csv,
		     struct fault *why);

/* Lives as state of its request until the answer begins, then as that answer. */
struct sheet {
	struct request *request; /* until it is answered */
	struct server *server;
	struct MHD_Connection *connection;
	char tenant[NAME_SIZE], company[NAME_SIZE];
	struct id job;
	job_page *page; /* NULL: an export */
	struct ledger_export export;
	char file_name[128];
	const char *type;
	uint64_t after;
	struct buf bytes;
	size_t sent;
	bool last, failed, reading, suspended;
	struct fault fault;
	struct aside_task task;
};

static void sheet_free(void *state)
{
	struct sheet *sheet = state;

	buf_release(&sheet->bytes);
	free(sheet);
}

static void sheet_work(struct aside_task *task, void *own)
{
	struct sheet *sheet = task->asker;
	struct ledger *ledger;
	int rc = ledger_pool_get(own, span_text(sheet->tenant), span_text(sheet->company), &ledger,
				 &sheet->fault);

	if (rc >= 0 && !sheet->page)
		rc = ledger_export(rc == 0 ? ledger : NULL, &sheet->export, &sheet->bytes,
				   &sheet->fault);
	else if (rc == 0)
		rc = sheet->page(ledger, sheet->job, &sheet->after, &sheet->bytes, &sheet->fault);
	sheet->last = rc == 1;
	sheet->failed = rc < 0;
}

static ssize_t sheet_read(void *cls, uint64_t pos, char *out, size_t max)
{
	struct sheet *sheet = cls;
	size_t n = sheet->bytes.len - sheet->sent < max ? sheet->bytes.len - sheet->sent : max;

	(void)pos;
	if (n) {
		memcpy(out, sheet->bytes.at + sheet->sent, n);
		sheet->sent += n;
		return (ssize_t)n;
	}
	if (sheet->failed)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (sheet->last)
		return MHD_CONTENT_READER_END_OF_STREAM;
	buf_clear(&sheet->bytes);
	sheet->sent = 0;
	sheet->suspended = true;
	MHD_suspend_connection(sheet->connection);
	aside_run(sheet->server->books, &sheet->task);
	return 0;
}

static void sheet_start(struct sheet *sheet)
{
	struct request *r = sheet->request;
	struct MHD_Response *response;
	char disposition[sizeof(sheet->file_name) + 32];

	sheet->request = NULL;
	if (sheet->failed) {
		request_fault(r, &sheet->fault);
		return;
	}
	r->state = NULL; /* the response has it now */
	snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s\"", sheet->file_name);
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, SHEET_BLOCK, sheet_read,
						     sheet, sheet_free);
	MHD_add_response_header(response, "Content-Type", sheet->type);
	MHD_add_response_header(response, "Content-Disposition", disposition);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	request_answer(r, 200, response);
}

static void sheet_done(struct aside_task *task)
{
	struct sheet *sheet = task->asker;

	if (sheet->request) {
		sheet_start(sheet);
		return;
	}
	sheet->suspended = false;
	MHD_resume_connection(sheet->connection);
}

static void sheet_take_job(struct broker_call *call, const struct wire_msg *msg,
			   const struct sock_msg *raw)
{
	struct request *r = call->asker;
	struct sheet *sheet = r->state;

	(void)raw;
	if (msg == NULL || msg->type != WIRE_JOB) {
		request_no_answer(r, msg);
		return;
	}
	span_copy(msg->job.tenant, sheet->tenant, sizeof(sheet->tenant));
	span_copy(msg->job.company, sheet->company, sizeof(sheet->company));
	aside_run(r->server->books, &sheet->task);
}

static struct sheet *sheet_new(struct request *r)
{
	struct sheet *sheet = xcalloc(1, sizeof(*sheet));

	sheet->request = r;
	sheet->server = r->server;
	sheet->connection = r->connection;
	sheet->type = "text/csv; charset=utf-8";
	sheet->task = (struct aside_task){.work = sheet_work, .done = sheet_done, .asker = sheet};
	r->state = sheet;
	r->state_free = sheet_free;
	return sheet;
}

static void sheet_of(struct request *r, job_page *page, const char *kind)
{
	char text[ID_JOB_TEXT_SIZE];
	struct sheet *sheet;
	struct id job;

	if (request_job(r, &job) != 0)
		return;
	sheet = sheet_new(r);
	sheet->job = job;
	sheet->page = page;
	id_job_text(job, text);
	snprintf(sheet->file_name, sizeof(sheet->file_name), "%s-%s.csv", kind, text);
	jobs_ask(r, job, sheet_take_job);
}

void booksheet_rejects(struct request *r)
{
	sheet_of(r, ledger_rejects_csv, "rejects");
}

void booksheet_duplicates(struct request *r)
{
	sheet_of(r, ledger_duplicates_csv, "duplicates");
}

/* ---- the books for other tools ---- */

struct format {
	const char *name, *suffix, *type;
};

/* In the order of enum export_format. */
static const struct format formats[] = {
	{"hledger", "journal", "text/plain; charset=utf-8"},
	{"ledger", "ledger", "text/plain; charset=utf-8"},
	{"beancount", "beancount", "text/plain; charset=utf-8"},
	{"csv", "csv", "text/csv; charset=utf-8"},
	{"json", "json", "application/json"},
};

/* Empty where it was not given. */
static void take_day(struct request *r, struct problem *p, const char *name,
		     char out[DAY_TEXT_SIZE])
{
	const char *day = request_query(r, name);

	if (day && *day && params_date(p, "query", name, span_text(day)) == 0)
		span_copy(span_text(day), out, DAY_TEXT_SIZE);
}

static bool is_table(const char *format)
{
	return strcmp(format, "csv") == 0 || strcmp(format, "json") == 0;
}

void booksheet_export(struct request *r)
{
	const char *tenant = request_query(r, "tenant_id"), *format = request_query(r, "format");
	const char *company = request_query(r, "company_id");
	const char *opening = request_query(r, "opening");
	struct sheet *sheet = sheet_new(r);
	struct problem p = {0};

	params_name(&p, "query", "tenant_id", span_text(tenant), sheet->tenant);
	params_name(&p, "query", "company_id", span_text(company), sheet->company);
	params_choice(&p, "query", "format", span_text(format ? format : ""),
		      "hledger|ledger|beancount|csv|json");
	take_day(r, &p, "from", sheet->export.date);
	take_day(r, &p, "to", sheet->export.until);
	params_choice(&p, "query", "opening", span_text(opening ? opening : "false"), "true|false");
	sheet->export.opening = opening && strcmp(opening, "true") == 0;
	if (sheet->export.opening && *sheet->export.date)
		problem_field(&p, "query", span_text("opening"), "value_error",
			      "what accounts held is told where the books begin: leave out from");
	if (sheet->export.opening && format && is_table(format))
		problem_field(&p, "query", span_text("opening"), "value_error",
			      "what accounts held is told to hledger, ledger and beancount: %s has "
			      "only what was moved",
			      format);
	if (p.status == 0 && !access_may(&r->caller, span_text(sheet->tenant)))
		problem_set(&p, 404, "tenant-unknown", "There is no such tenant");
	if (p.status) {
		request_problem(r, &p);
		return;
	}
	while (format && strcmp(formats[sheet->export.format].name, format) != 0)
		sheet->export.format++;
	sheet->type = formats[sheet->export.format].type;
	snprintf(sheet->file_name, sizeof(sheet->file_name), "%s.%s", sheet->company,
		 formats[sheet->export.format].suffix);
	aside_run(r->server->books, &sheet->task);
}
