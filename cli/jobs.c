/* jobs, job, cancel, retry, watch - the commands about jobs that are there. */
#include <stdio.h>
#include <string.h>

#include "id.h"
#include "jobview.h"

#define PAGE_MAX 1000 /* API.md, lists */

/* Ids are given with or without "job_". -1: go on. */
static int read_id(const struct command *command, const char *id, char text[ID_JOB_TEXT_SIZE])
{
	struct id parsed;

	if (id_job_read(span_text(id), &parsed) != 0 && id_read(span_text(id), &parsed) != 0)
		return usage_wrong(command, "\"%s\" is not a job's id", id);
	id_job_text(parsed, text);
	return -1;
}

/* ---- jobs ---- */

struct list_wish {
	const char *tenant, *company, *status, *type;
	uint64_t limit;
};

static const char *text_of(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text ? text : "";
}

static void print_head(void)
{
	printf("%-30s  %-9s  %3s  %-22s  %-12s  %-12s  %s\n", "JOB", "STATUS", "%", "TYPE",
	       "TENANT", "COMPANY", "CREATED");
}

static void print_line(const json_t *record)
{
	printf("%-30s  %-9s  %3lld  %-22s  %-12s  %-12s  %.19s\n", text_of(record, "id"),
	       text_of(record, "status"),
	       (long long)json_integer_value(json_object_get(record, "progress")),
	       text_of(record, "type"), text_of(record, "tenant_id"), text_of(record, "company_id"),
	       text_of(record, "created_at"));
}

static void list_path(const struct list_wish *wish, uint64_t left, const char *cursor,
		      struct buf *path)
{
	buf_clear(path);
	buf_text(path, "/api/jobs");
	api_query(path, "tenant_id", wish->tenant);
	api_query(path, "company_id", wish->company);
	api_query(path, "status", wish->status);
	api_query(path, "type", wish->type);
	api_query_number(path, "limit", left < PAGE_MAX ? left : PAGE_MAX);
	api_query(path, "cursor", cursor);
}

static void print_page(const json_t *items, bool json)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		if (json)
			jobview_print_json(json_array_get(items, i));
		else
			print_line(json_array_get(items, i));
	}
}

static int list(struct api *api, const struct list_wish *wish, bool json)
{
	struct buf path = {0};
	uint64_t left = wish->limit;
	json_t *reply = NULL, *before;
	const char *cursor = NULL; /* lies in the reply before */
	size_t n;
	int rc;

	do {
		before = reply;
		list_path(wish, left, cursor, &path);
		rc = api_call(api, path.at, NULL, NULL, &reply);
		if (rc == EX_OK && !before && !json)
			print_head();
		json_decref(before);
		print_page(json_object_get(reply, "items"), json);
		n = json_array_size(json_object_get(reply, "items"));
		left -= n < left ? n : left;
		cursor = json_string_value(json_object_get(reply, "next_cursor"));
	} while (rc == EX_OK && cursor && left);
	json_decref(reply);
	buf_release(&path);
	return rc;
}

static int run_jobs(int argc, char **argv)
{
	struct api_options options = {0};
	struct list_wish wish = {.limit = 20};
	struct usage_option shared[API_USAGE_MAX];
	const struct usage_option table[] = {
		{USAGE_TEXT, "tenant", "ID", "only this tenant's", &wish.tenant},
		{USAGE_TEXT, "company", "ID", "only this company's", &wish.company},
		{USAGE_TEXT, "status", "STATUS", "pending, running, complete, failed, cancelled",
		 &wish.status},
		{USAGE_TEXT, "type", "PIPELINE", "only of this pipeline", &wish.type},
		{USAGE_NUMBER, "limit", "N", "at most so many (20)", &wish.limit},
		{0},
	};
	struct usage usage = {&COMMAND_JOBS, table, shared, NULL, 0, 0};
	struct api *api;
	int rc;

	api_usage(&options, shared);
	rc = usage_read(&usage, argc, argv);
	if (rc != -1)
		return rc;
	if (wish.limit == 0)
		return usage_wrong(&COMMAND_JOBS, "--limit is at least 1");
	rc = api_open(&options, &api);
	if (rc != EX_OK)
		return rc;
	rc = list(api, &wish, options.json);
	api_close(&api);
	return rc;
}

const struct command COMMAND_JOBS = {
	.name = "jobs",
	.arguments = "[--tenant ID] [--company ID] [--status STATUS] [option ...]",
	.about = "list jobs, the newest first",
	.more = "With --json one record a line.\n",
	.run = run_jobs,
};

/* ---- one job ---- */

/* `body` NULL: the record is only read. Takes `body`. */
static int one(const char *path, json_t *body, const struct api_options *options)
{
	struct api *api;
	json_t *record;
	int rc = api_open(options, &api);

	if (rc == EX_OK) {
		rc = api_call(api, path, body, NULL, &record);
		if (rc == EX_OK && options->json)
			jobview_print_json(record);
		else if (rc == EX_OK)
			jobview_print(record);
		if (rc == EX_OK)
			json_decref(record);
		api_close(&api);
	}
	json_decref(body);
	return rc;
}

/* POST or GET of one job. `then` is what follows its id in the path; takes `body`. */
static int act(const struct command *command, const char *id, const char *then, json_t *body,
	       const struct api_options *options)
{
	char path[64], text[ID_JOB_TEXT_SIZE];
	int rc = read_id(command, id, text);

	if (rc != -1) {
		json_decref(body);
		return rc;
	}
	snprintf(path, sizeof(path), "/api/jobs/%s%s", text, then);
	return one(path, body, options);
}

static int run_job(int argc, char **argv)
{
	struct api_options options = {0};
	struct usage_option shared[API_USAGE_MAX];
	const char *words[2], *verb;
	struct usage usage = {&COMMAND_JOB, NULL, shared, words, 2, 1};
	int rc;

	api_usage(&options, shared);
	rc = usage_read(&usage, argc, argv);
	if (rc != -1)
		return rc;
	verb = words[1];
	if (!verb)
		return act(&COMMAND_JOB, words[0], "", NULL, &options);
	if (strcmp(verb, "cancel") == 0)
		return act(&COMMAND_JOB, words[0], "/cancel", json_object(), &options);
	if (strcmp(verb, "retry") == 0)
		return act(&COMMAND_JOB, words[0], "/retry", json_object(), &options);
	return usage_wrong(&COMMAND_JOB, "\"%s\" is neither cancel nor retry", verb);
}

const struct command COMMAND_JOB = {
	.name = "job",
	.arguments = "ID [cancel|retry] [option ...]",
	.about = "show one job",
	.run = run_job,
};

static int run_cancel(int argc, char **argv)
{
	struct api_options options = {0};
	struct usage_option shared[API_USAGE_MAX];
	const char *id;
	struct usage usage = {&COMMAND_CANCEL, NULL, shared, &id, 1, 0};
	int rc;

	api_usage(&options, shared);
	rc = usage_read(&usage, argc, argv);
	return rc == -1 ? act(&COMMAND_CANCEL, id, "/cancel", json_object(), &options) : rc;
}

const struct command COMMAND_CANCEL = {
	.name = "cancel",
	.arguments = "ID [option ...]",
	.about = "stop a job at its next unit",
	.more = "What was inserted by then is booked, without asking the model.\n",
	.run = run_cancel,
};

static int run_retry(int argc, char **argv)
{
	struct api_options options = {0};
	struct usage_option shared[API_USAGE_MAX];
	bool skip = false;
	const struct usage_option table[] = {
		{USAGE_FLAG, "skip", NULL, "pass the lines that broke it", &skip},
		{0},
	};
	const char *id;
	struct usage usage = {&COMMAND_RETRY, table, shared, &id, 1, 0};
	int rc;

	api_usage(&options, shared);
	rc = usage_read(&usage, argc, argv);
	if (rc != -1)
		return rc;
	return act(&COMMAND_RETRY, id, "/retry",
		   skip ? json_pack("{s:b}", "skip", 1) : json_object(), &options);
}

const struct command COMMAND_RETRY = {
	.name = "retry",
	.arguments = "ID [--skip] [option ...]",
	.about = "let a failed or cancelled job go on",
	.more = "It goes on from the first unit that is not done.\n",
	.run = run_retry,
};

/* ---- watch ---- */

static int run_watch(int argc, char **argv)
{
	struct api_options options = {0};
	struct usage_option shared[API_USAGE_MAX];
	const char *id;
	struct usage usage = {&COMMAND_WATCH, NULL, shared, &id, 1, 0};
	char text[ID_JOB_TEXT_SIZE];
	struct api *api;
	int rc;

	api_usage(&options, shared);
	rc = usage_read(&usage, argc, argv);
	if (rc == -1)
		rc = read_id(&COMMAND_WATCH, id, text);
	if (rc != -1)
		return rc;
	rc = api_open(&options, &api);
	if (rc != EX_OK)
		return rc;
	rc = jobview_follow(api, text, options.json);
	api_close(&api);
	return rc;
}

const struct command COMMAND_WATCH = {
	.name = "watch",
	.arguments = "ID [option ...]",
	.about = "follow a job until it has ended",
	.more = "The exit status is the job's.\n",
	.run = run_watch,
};
