#include "total.h"

#include "kind.h"

#define ROWS_LEAST 2 /* one row and its like are a purchase and its return, or two purchases */

/* Is the row the sum of all before it? */
static int total_holds(int fd, const struct reading *reading, const struct rows *total, bool *holds,
		       struct fault *why)
{
	struct reader_place at = reading->start;
	struct rows *rows = rows_new();
	__int128 sum = 0;
	uint64_t n = 0;
	bool last = false;
	int rc = 0;

	while (rc == 0 && !last) {
		rows_clear(rows);
		rc = reader_unit(reading, fd, at, NULL, rows, &at, &last, why);
		for (uint32_t i = 0; rc == 0 && i < rows->n; i++) {
			if (rows->state[i] != ROW_OK || rows->line[i] >= total->line[0] ||
			    memcmp(&rows->currency[i], &total->currency[0],
				   sizeof(rows->currency[0])) != 0)
				continue;
			sum += rows->amount_minor[i];
			n++;
		}
	}
	rows_free(&rows);
	*holds = n >= ROWS_LEAST && sum == total->amount_minor[0];
	return rc;
}

int total_settle(int fd, struct reader_place last, struct reading *reading, struct fault *why)
{
	struct rows *rows = rows_new();
	struct reader_place next;
	bool over, holds = false;
	int rc = reader_unit(reading, fd, last, NULL, rows, &next, &over, why);

	if (rc == 0 && rows->n > 0 && rows->state[0] == ROW_OK &&
	    kind_is_total(rows_span(rows, rows->description[0])))
		rc = total_holds(fd, reading, rows, &holds, why);
	if (holds)
		reading->total_line = rows->line[0];
	rows_free(&rows);
	return rc;
}
