#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* The first row that is not before `tenant`. */
static size_t row_of(const struct tally *tally, const char *tenant)
{
	size_t from = 0, to = tally->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(tally->rows[middle].tenant, tenant) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool is_row(const struct tally *tally, size_t i, const char *tenant)
{
	return i < tally->n && strcmp(tally->rows[i].tenant, tenant) == 0;
}

static void add(struct tally *tally, const char *tenant, enum job_status status, int by)
{
	size_t i = row_of(tally, tenant);
	struct tally_row *row;

	if (!is_row(tally, i, tenant)) {
		if (tally->n == tally->room) {
			tally->room = tally->room ? 2 * tally->room : 16;
			tally->rows = xrealloc(tally->rows, tally->room * sizeof(*tally->rows));
		}
		row = &tally->rows[i];
		memmove(row + 1, row, (tally->n++ - i) * sizeof(*row));
		*row = (struct tally_row){0};
		strncpy(row->tenant, tenant, sizeof(row->tenant) - 1);
	}
	row = &tally->rows[i];
	row->n[status] += (uint64_t)(int64_t)by;
}

void tally_add(struct tally *tally, const char *tenant, enum job_status status, int by)
{
	add(tally, "", status, by);
	add(tally, tenant, status, by);
}

void tally_of(const struct tally *tally, const char *tenant, uint64_t n[JOB_CANCELLED + 1])
{
	size_t i = row_of(tally, tenant);

	memset(n, 0, (JOB_CANCELLED + 1) * sizeof(*n));
	if (is_row(tally, i, tenant))
		memcpy(n, tally->rows[i].n, sizeof(tally->rows[i].n));
}

void tally_release(struct tally *tally)
{
	free(tally->rows);
	*tally = (struct tally){0};
}
