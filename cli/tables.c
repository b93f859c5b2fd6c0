/* stages, balances - what the API shows as tables. */
#include <stdio.h>
#include <string.h>

#include "jobview.h"

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

/* GETs `path` and shows the reply. */
static int show(const struct api_options *options, const char *path, void (*print)(const json_t *))
{
	struct api *api;
	json_t *reply;
	int rc = api_open(options, &api);

	if (rc != EX_OK)
		return rc;
	rc = api_call(api, path, NULL, NULL, &reply);
	if (rc == EX_OK && options->json)
		jobview_print_json(reply);
	else if (rc == EX_OK)
		print(reply);
	if (rc == EX_OK)
		json_decref(reply);
	api_close(&api);
	return rc;
}

/* ---- stages ---- */

static void print_workers(const json_t *workers)
{
	for (size_t i = 0; i < json_array_size(workers); i++) {
		const json_t *worker = json_array_get(workers, i);

		printf("  %s:%lld  %lld units done, holds %lld\n", text_of(worker, "host"),
		       number_of(worker, "pid"), number_of(worker, "units_done"),
		       number_of(worker, "in_flight"));
	}
}

static void print_stages(const json_t *reply)
{
	const json_t *items = json_object_get(reply, "items");

	printf("%-14s %-7s %7s %7s %9s %10s %12s %9s %8s\n", "STAGE", "KIND", "WORKERS", "QUEUED",
	       "IN FLIGHT", "UNITS", "ROWS", "ROWS/S", "FAILURES");
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *stage = json_array_get(items, i);
		const json_t *workers = json_object_get(stage, "workers");

		printf("%-14s %-7s %7zu %7lld %9lld %10lld %12lld %9lld %8lld\n",
		       text_of(stage, "name"), text_of(stage, "kind"), json_array_size(workers),
		       number_of(stage, "queued"), number_of(stage, "in_flight"),
		       number_of(stage, "units_done"), number_of(stage, "rows_done"),
		       number_of(stage, "rows_per_s"), number_of(stage, "failures"));
		print_workers(workers);
	}
}

static int run_stages(int argc, char **argv)
{
	struct api_options options = {0};
	struct usage_option shared[API_USAGE_MAX];
	struct usage usage = {.command = &COMMAND_STAGES, .shared = shared};
	int rc;

	api_usage(&options, shared);
	rc = usage_read(&usage, argc, argv);
	return rc == -1 ? show(&options, "/api/stages", print_stages) : rc;
}

const struct command COMMAND_STAGES = {
	.name = "stages",
	.arguments = "[option ...]",
	.about = "show every stage, its queue and its workers",
	.run = run_stages,
};

/* ---- balances ---- */

static void print_line(const char *account, const json_t *line)
{
	printf("%-40s %16s %16s %16s %s\n", account, text_of(line, "debit"),
	       text_of(line, "credit"), text_of(line, "balance"), text_of(line, "currency"));
}

static void print_balances(const json_t *reply)
{
	const json_t *items = json_object_get(reply, "items");
	const json_t *totals = json_object_get(reply, "totals");

	printf("%-40s %16s %16s %16s\n", "ACCOUNT", "DEBIT", "CREDIT", "BALANCE");
	for (size_t i = 0; i < json_array_size(items); i++)
		print_line(text_of(json_array_get(items, i), "account"), json_array_get(items, i));
	for (size_t i = 0; i < json_array_size(totals); i++)
		print_line("total", json_array_get(totals, i));
}

static int run_balances(int argc, char **argv)
{
	struct api_options options = {0};
	const char *company = NULL, *tenant = NULL, *at = NULL;
	struct usage_option shared[API_USAGE_MAX];
	const struct usage_option table[] = {
		{USAGE_TEXT, "company", "ID", "whose books (needed)", &company},
		{USAGE_TEXT, "tenant", "ID", "whose company (needed)", &tenant},
		{USAGE_TEXT, "at", "DATE", "as of yyyy-mm-dd (default: everything)", &at},
		{0},
	};
	struct usage usage = {&COMMAND_BALANCES, table, shared, NULL, 0, 0};
	struct buf path = {0};
	int rc;

	api_usage(&options, shared);
	rc = usage_read(&usage, argc, argv);
	if (rc != -1)
		return rc;
	if (!company || !tenant)
		return usage_wrong(&COMMAND_BALANCES, "--company and --tenant are needed");
	buf_text(&path, "/api/accounts/balances");
	api_query(&path, "tenant_id", tenant);
	api_query(&path, "company_id", company);
	api_query(&path, "at", at);
	rc = show(&options, path.at, print_balances);
	buf_release(&path);
	return rc;
}

const struct command COMMAND_BALANCES = {
	.name = "balances",
	.arguments = "--company ID --tenant ID [--at DATE] [option ...]",
	.about = "print the trial balance",
	.run = run_balances,
};
