#include "route.h"

#include <stdio.h>

#include "booksheet.h"
#include "bookview.h"
#include "bookwrite.h"
#include "jobs.h"
#include "page.h"
#include "service.h"
#include "stream.h"
#include "submit.h"
#include "upload.h"

static const struct route routes[] = {
	{"GET", "/api/jobs/{id}", BODY_NONE, 0, jobs_get},
	{"GET", "/api/jobs", BODY_NONE, 0, jobs_list},
	{"POST", "/api/jobs/upload-and-categorize", BODY_UPLOAD, 0, upload_run},
	{"PUT", "/api/jobs/upload-and-categorize", BODY_UPLOAD, 0, upload_run},
	{"PUT", "/api/jobs/upload-and-categorize/{file}", BODY_UPLOAD, 0, upload_run},
	{"POST", "/api/jobs/categorize", BODY_JSON, 0, submit_categorize},
	{"POST", "/api/jobs/{pipeline}", BODY_JSON, 0, submit_pipeline},
	{"POST", "/api/jobs/{id}/cancel", BODY_JSON, 0, jobs_cancel},
	{"POST", "/api/jobs/{id}/retry", BODY_JSON, 0, jobs_retry},
	{"GET", "/api/jobs/{id}/rejects", BODY_NONE, 0, booksheet_rejects},
	{"GET", "/api/jobs/{id}/duplicates", BODY_NONE, 0, booksheet_duplicates},
	{"POST", "/api/jobs/{id}/duplicates", BODY_JSON, 0, jobs_keep_duplicates},
	{"GET", "/api/jobs/{id}/events", BODY_NONE, ROUTE_STREAM, stream_job},
	{"GET", "/api/events", BODY_NONE, ROUTE_STREAM, stream_tenant},
	{"POST", "/api/preview", BODY_UPLOAD, 0, upload_preview},
	{"GET", "/api/transactions", BODY_NONE, 0, bookview_transactions},
	{"POST", "/api/transactions/categorize", BODY_JSON, 0, bookwrite_categorize_group},
	{"POST", "/api/transactions/{id}/categorize", BODY_JSON, 0, bookwrite_categorize},
	{"POST", "/api/answers/{id}/undo", BODY_JSON, 0, bookwrite_undo_answer},
	{"GET", "/api/transfers", BODY_NONE, 0, bookview_transfers},
	{"POST", "/api/transfers/{id}/undo", BODY_JSON, 0, bookwrite_undo_transfer},
	{"GET", "/api/imports", BODY_NONE, 0, bookview_imports},
	{"POST", "/api/jobs/{id}/undo", BODY_JSON, 0, bookwrite_undo_import},
	{"GET", "/api/rules", BODY_NONE, 0, bookwrite_rules_get},
	{"PUT", "/api/rules", BODY_JSON, ROUTE_LARGE, bookwrite_rules_put},
	{"POST", "/api/rules/test", BODY_JSON, ROUTE_LARGE, bookwrite_rules_test},
	{"GET", "/api/accounts", BODY_NONE, 0, bookwrite_accounts_get},
	{"PUT", "/api/accounts", BODY_JSON, ROUTE_LARGE, bookwrite_accounts_put},
	{"GET", "/api/journal-entries", BODY_NONE, 0, bookview_entries},
	{"GET", "/api/accounts/balances", BODY_NONE, 0, bookview_balances},
	{"GET", "/api/accounts/monthly", BODY_NONE, 0, bookview_monthly},
	{"GET", "/api/companies", BODY_NONE, 0, bookview_companies},
	{"GET", "/api/export", BODY_NONE, 0, booksheet_export},
	{"GET", "/api/stages", BODY_NONE, 0, service_stages},
	{"GET", "/healthz", BODY_NONE, ROUTE_OPEN, service_healthz},
	{"GET", "/readyz", BODY_NONE, ROUTE_OPEN, service_readyz},
	{"GET", "/metrics", BODY_NONE, ROUTE_OPERATOR, service_metrics},
	{"GET", "/openapi.json", BODY_NONE, ROUTE_OPEN, service_openapi},
	{"GET", "/", BODY_NONE, ROUTE_OPEN, page_home},
	{"GET", "/dashboard", BODY_NONE, ROUTE_OPEN, page_home},
	{"GET", "/dashboard/{+path}", BODY_NONE, ROUTE_OPEN, page_get},
};

#define N_ROUTES (sizeof(routes) / sizeof(routes[0]))

int route_count(void)
{
	return (int)N_ROUTES;
}

const struct route *route_at(int i)
{
	return &routes[i];
}

/* The next segment, without its slash; moves `path` behind it. */
static struct span segment_next(const char **path)
{
	const char *from = *path + (**path == '/'), *to = from;

	/* segments are short: a call of strcspn costs more than it saves */
	while (*to && *to != '/')
		to++;
	*path = to;
	return span_of(from, (size_t)(to - from));
}

/* How many literal segments match, -1: the path is another. */
static int match(const char *pattern, const char *path, struct span parts[REQUEST_PARTS])
{
	int literal = 0, n_parts = 0;

	while (*pattern && *path) {
		struct span want = segment_next(&pattern), have = segment_next(&path);

		if (want.len > 1 && want.at[1] == '+')
			return literal;
		if (want.len && want.at[0] == '{') {
			if (have.len == 0 || n_parts == REQUEST_PARTS)
				return -1;
			parts[n_parts++] = have;
		} else if (span_equal(want, have)) {
			literal++;
		} else {
			return -1;
		}
	}
	return *pattern || *path ? -1 : literal;
}

static bool answers(const struct route *route, const char *method)
{
	return strcmp(route->method, method) == 0 ||
	       (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

static void allow_add(char allow[ROUTE_ALLOW_SIZE], const char *method)
{
	size_t len = strlen(allow);

	if (strstr(allow, method) == NULL)
		snprintf(allow + len, ROUTE_ALLOW_SIZE - len, "%s%s", len ? ", " : "", method);
}

/* The methods of the routes with so many literal segments: those that no other path beats. */
static void allow_all(char allow[ROUTE_ALLOW_SIZE], const char *path, int literal)
{
	for (size_t i = 0; i < N_ROUTES; i++) {
		struct span parts[REQUEST_PARTS];

		if (match(routes[i].path, path, parts) == literal)
			allow_add(allow, routes[i].method);
	}
	if (strstr(allow, "GET"))
		allow_add(allow, "HEAD");
	allow_add(allow, "OPTIONS");
}

const struct route *route_find(const char *method, const char *path,
			       struct span parts[REQUEST_PARTS], char allow[ROUTE_ALLOW_SIZE])
{
	const struct route *found = NULL;
	int best = -1;

	allow[0] = '\0';
	for (size_t i = 0; i < N_ROUTES; i++) {
		struct span here[REQUEST_PARTS] = {{0}};
		int literal = match(routes[i].path, path, here);

		if (literal < 0 || literal < best)
			continue;
		if (literal > best) {
			best = literal;
			found = NULL;
		}
		if (found == NULL && answers(&routes[i], method)) {
			found = &routes[i];
			memcpy(parts, here, sizeof(here));
		}
	}
	if (found == NULL && best >= 0)
		allow_all(allow, path, best);
	return found;
}
