/* upload, categorize, post - the commands that make a job. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jobview.h"
#include "name.h"

/* ---- upload ---- */

static void show_sent(void *arg, uint64_t bytes, uint64_t total)
{
	uint64_t *shown = arg;
	uint64_t percent = total ? bytes * 100 / total : 0;

	if (percent == *shown || total == 0)
		return;
	*shown = percent;
	fprintf(stderr, "\rsending %3d %% of %llu bytes\033[K", (int)percent,
		(unsigned long long)total);
	if (bytes == total)
		fprintf(stderr, "\r\033[K");
}

struct upload_wish {
	const char *file, *company, *tenant, *account, *currency, *date_order, *profile, *key;
	bool no_wait, wait;
};

static int upload(const struct upload_wish *wish, const struct api_options *options)
{
	const struct api_field fields[] = {
		{"company_id", wish->company},
		{"tenant_id", wish->tenant},
		{"account", wish->account},
		{"currency", wish->currency},
		{"date_order", wish->date_order},
		{"profile", wish->profile},
		{0},
	};
	uint64_t shown = 0;
	struct api_upload what = {.path = "/api/jobs/upload-and-categorize",
				  .file = wish->file,
				  .fields = fields,
				  .idempotency_key = wish->key,
				  .sent = isatty(STDERR_FILENO) ? show_sent : NULL,
				  .arg = &shown};
	struct api *api;
	json_t *reply;
	int rc;

	if (access(wish->file, R_OK) != 0) {
		fprintf(stderr, "daybook upload: %s: %s\n", wish->file, strerror(errno));
		return EX_NOINPUT;
	}
	rc = api_open(options, &api);
	if (rc != EX_OK)
		return rc;
	rc = api_upload(api, &what, &reply);
	if (rc == EX_OK)
		rc = jobview_accepted(api, reply, !wish->no_wait, options->json);
	api_close(&api);
	return rc;
}

static int run_upload(int argc, char **argv)
{
	struct api_options api = {0};
	struct upload_wish wish = {0};
	struct usage_option shared[API_USAGE_MAX];
	const struct usage_option table[] = {
		{USAGE_TEXT, "company", "ID", "whose books (needed)", &wish.company},
		{USAGE_TEXT, "tenant", "ID", "whose company (needed)", &wish.tenant},
		{USAGE_TEXT, "account", "NAME", "the bank account's ledger account", &wish.account},
		{USAGE_TEXT, "currency", "CODE", "if the file does not say", &wish.currency},
		{USAGE_TEXT, "date-order", "ORDER", "dmy, mdy or ymd, if dates do not show",
		 &wish.date_order},
		{USAGE_TEXT, "profile", "JSON", "overrides what is detected", &wish.profile},
		{USAGE_TEXT, "idempotency-key", "KEY", "sent again, it is the same job", &wish.key},
		{USAGE_FLAG, "no-wait", NULL, "print the job's id and end", &wish.no_wait},
		{USAGE_FLAG, "wait", NULL, "stay until the job has ended (the default)",
		 &wish.wait},
		{0},
	};
	struct usage usage = {&COMMAND_UPLOAD, table, shared, &wish.file, 1, 0};
	int rc;

	api_usage(&api, shared);
	rc = usage_read(&usage, argc, argv);
	if (rc != -1)
		return rc;
	if (!wish.company || !wish.tenant)
		return usage_wrong(&COMMAND_UPLOAD, "--company and --tenant are needed");
	if (wish.wait && wish.no_wait)
		return usage_wrong(&COMMAND_UPLOAD, "--wait or --no-wait, not both");
	return upload(&wish, &api);
}

const struct command COMMAND_UPLOAD = {
	.name = "upload",
	.arguments = "FILE --company ID --tenant ID [option ...]",
	.about = "upload a bank statement (CSV), categorise and book it",
	.more = "Shows how far it is and prints the result; with --json the final record.\n",
	.run = run_upload,
};

/* ---- categorize, post ---- */

static int post(const char *path, json_t *body, const char *key, bool wait,
		const struct api_options *options)
{
	struct api *api;
	json_t *reply;
	int rc = api_open(options, &api);

	if (rc == EX_OK) {
		rc = api_call(api, path, body, key, &reply);
		if (rc == EX_OK)
			rc = jobview_accepted(api, reply, wait, options->json);
		api_close(&api);
	}
	json_decref(body);
	return rc;
}

static int run_categorize(int argc, char **argv)
{
	struct api_options api = {0};
	const char *company = NULL, *tenant = NULL, *key = NULL;
	uint64_t limit = 1000;
	bool no_wait = false;
	struct usage_option shared[API_USAGE_MAX];
	const struct usage_option table[] = {
		{USAGE_TEXT, "company", "ID", "whose books (needed)", &company},
		{USAGE_TEXT, "tenant", "ID", "whose company (needed)", &tenant},
		{USAGE_NUMBER, "limit", "N", "at most so many transactions (1000)", &limit},
		{USAGE_TEXT, "idempotency-key", "KEY", "sent again, it is the same job", &key},
		{USAGE_FLAG, "no-wait", NULL, "print the job's id and end", &no_wait},
		{0},
	};
	struct usage usage = {&COMMAND_CATEGORIZE, table, shared, NULL, 0, 0};
	json_t *body;
	int rc;

	api_usage(&api, shared);
	rc = usage_read(&usage, argc, argv);
	if (rc != -1)
		return rc;
	if (!company || !tenant)
		return usage_wrong(&COMMAND_CATEGORIZE, "--company and --tenant are needed");
	body = json_pack("{s:s, s:s, s:I}", "company_id", company, "tenant_id", tenant, "limit",
			 (json_int_t)limit);
	if (!body)
		return usage_wrong(&COMMAND_CATEGORIZE, "the ids are not UTF-8");
	return post("/api/jobs/categorize", body, key, !no_wait, &api);
}

const struct command COMMAND_CATEGORIZE = {
	.name = "categorize",
	.arguments = "--company ID --tenant ID [--limit N] [option ...]",
	.about = "categorise what has no category yet, with the rules of now",
	.run = run_categorize,
};

static int run_post(int argc, char **argv)
{
	struct api_options api = {0};
	const char *words[2], *key = NULL;
	bool no_wait = false;
	struct usage_option shared[API_USAGE_MAX];
	const struct usage_option table[] = {
		{USAGE_TEXT, "idempotency-key", "KEY", "sent again, it is the same job", &key},
		{USAGE_FLAG, "no-wait", NULL, "print the job's id and end", &no_wait},
		{0},
	};
	struct usage usage = {&COMMAND_POST, table, shared, words, 2, 0};
	struct buf path = {0};
	json_error_t error;
	json_t *body;
	int rc;

	api_usage(&api, shared);
	rc = usage_read(&usage, argc, argv);
	if (rc != -1)
		return rc;
	if (!name_is_valid(span_text(words[0])))
		return usage_wrong(&COMMAND_POST, "\"%s\" cannot be a pipeline's name", words[0]);
	body = json_loads(words[1], 0, &error);
	if (!json_is_object(body)) {
		json_decref(body);
		return usage_wrong(&COMMAND_POST, "the body is not a JSON object");
	}
	buf_format(&path, "/api/jobs/%s", words[0]);
	rc = post(path.at, body, key, !no_wait, &api);
	buf_release(&path);
	return rc;
}

const struct command COMMAND_POST = {
	.name = "post",
	.arguments = "PIPELINE JSON [option ...]",
	.about = "start a job of a pipeline of your own",
	.more = "JSON is an object with company_id, tenant_id and what the pipeline's first stage\n"
		"wants.\n",
	.run = run_post,
};
