/* companies - which companies have books: the files of the folder, in order of their names. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger.h"
#include "mem.h"
#include "name.h"

#define SUFFIX ".db"

struct found {
	char (*at)[NAME_SIZE];
	size_t n, room;
};

struct page {
	const struct ledger_query *query;
	struct buf *items, *next;
	uint32_t n;
	char last[2 * NAME_SIZE]; /* tenant/company as put last */
	bool full;
};

/* What is a name once `suffix` is taken off; anything else in a folder is not ours. */
static void take(struct found *found, const char *entry, const char *suffix)
{
	size_t len = strlen(entry), tail = strlen(suffix);
	struct span name = span_of(entry, len > tail ? len - tail : 0);

	if (strcmp(entry + name.len, suffix) != 0 || !name_is_valid(name))
		return;
	if (found->n == found->room) {
		found->room = found->room ? 2 * found->room : 64;
		found->at = xrealloc(found->at, found->room * sizeof *found->at);
	}
	span_copy(name, found->at[found->n++], NAME_SIZE);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* A folder that is not there has no names. */
static int read_folder(const char *path, const char *suffix, struct found *found, struct fault *why)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	*found = (struct found){0};
	if (!folder)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fault_errno(why, "list the books");
	while ((entry = readdir(folder)) != NULL)
		take(found, entry->d_name, suffix);
	closedir(folder);
	if (found->n > 0)
		qsort(found->at, found->n, sizeof *found->at, by_name);
	return 0;
}

static void put(struct page *page, const char *tenant, const char *company)
{
	if (page->n == page->query->limit) {
		buf_text(page->next, page->last);
		page->full = true;
		return;
	}
	buf_format(page->items, "%s{\"tenant_id\":\"%s\",\"company_id\":\"%s\"}",
		   page->n++ ? "," : "", tenant, company);
	snprintf(page->last, sizeof page->last, "%s/%s", tenant, company);
}

/* `after`: the last company of the page before, empty where another tenant was its last. */
static int put_tenant(struct page *page, const char *dir, const char *tenant, const char *after,
		      struct fault *why)
{
	struct found companies;
	struct buf path = {0};
	int status;

	buf_format(&path, "%s/%s", dir, tenant);
	status = read_folder(path.at, SUFFIX, &companies, why);
	for (size_t i = 0; status == 0 && i < companies.n && !page->full; i++)
		if (strcmp(companies.at[i], after) > 0)
			put(page, tenant, companies.at[i]);
	free(companies.at);
	buf_release(&path);
	return status;
}

static int read_cursor(struct span cursor, char tenant[NAME_SIZE], char company[NAME_SIZE],
		       struct fault *why)
{
	const char *slash = cursor.len ? memchr(cursor.at, '/', cursor.len) : NULL;
	size_t head = slash ? (size_t)(slash - cursor.at) : 0;

	*tenant = *company = '\0';
	if (cursor.len == 0)
		return 0;
	if (!slash || !name_is_valid(span_of(cursor.at, head)) ||
	    !name_is_valid(span_of(slash + 1, cursor.len - head - 1)))
		return fault_set(why, FAULT_INPUT, "cursor", "the cursor is not one of this list");
	span_copy(span_of(cursor.at, head), tenant, NAME_SIZE);
	span_copy(span_of(slash + 1, cursor.len - head - 1), company, NAME_SIZE);
	return 0;
}

int ledger_companies(const char *dir, const char *tenant, const struct ledger_query *query,
		     struct buf *items, struct buf *next, struct fault *why)
{
	struct page page = {.query = query, .items = items, .next = next};
	char from[NAME_SIZE], after[NAME_SIZE];
	struct found tenants = {0};
	int status;

	buf_clear(next);
	if (read_cursor(query->cursor, from, after, why) != 0)
		return -1;
	if (*tenant) {
		take(&tenants, tenant, "");
		status = 0;
	} else {
		status = read_folder(dir, "", &tenants, why);
	}
	for (size_t i = 0; status == 0 && i < tenants.n && !page.full; i++) {
		int side = strcmp(tenants.at[i], from);

		if (side >= 0)
			status = put_tenant(&page, dir, tenants.at[i], side ? "" : after, why);
	}
	free(tenants.at);
	return status;
}
