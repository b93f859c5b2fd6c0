/*
 * datetest - reads the values of tests on the date: one, or `from to to`.
 */
#include "reader.h"

#include <stdio.h>
#include <strings.h>

#include "day.h"
#include "mem.h"

/* The first three letters are enough of a weekday or month. */
static int name_place(struct span text, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (text.len >= 3 && text.len <= strlen(names[i]) &&
		    strncasecmp(text.at, names[i], text.len) == 0)
			return i + 1;
	return 0;
}

static int read_one(struct span text, enum test test, uint64_t *out)
{
	static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
					       "friday", "saturday", "sunday"};
	static const char *const months[] = {"january",	  "february", "march",	  "april",
					     "may",	  "june",     "july",	  "august",
					     "september", "october",  "november", "december"};
	static const uint64_t most[] = {[TEST_YEAR] = 9999, [TEST_MONTH] = 12, [TEST_DAY] = 31};
	int32_t day;

	if (test == TEST_DATE) {
		if (day_read(text, &day) != 0)
			return -1;
		*out = (uint64_t)day + SYNTAX_DAY_BASE;
		return 0;
	}
	if (test == TEST_WEEKDAY)
		*out = (uint64_t)name_place(text, weekdays, ARRAY_LEN(weekdays));
	else if (test == TEST_MONTH && name_place(text, months, ARRAY_LEN(months)) > 0)
		*out = (uint64_t)name_place(text, months, ARRAY_LEN(months));
	else if (span_u64(text, out) != 0 || *out > most[test])
		return -1;
	return *out > 0 ? 0 : -1;
}

static int read_bound(struct reader *r, enum test test, uint64_t *out)
{
	static const char *const examples[] = {
		[TEST_DATE] = "if date 2026-01-01 to 2026-03-31", [TEST_YEAR] = "if year 2026",
		[TEST_MONTH] = "if month 12, or if month dec",	  [TEST_DAY] = "if day 1 to 5",
		[TEST_WEEKDAY] = "if weekday sat or sun",
	};

	if (r->lexer.token.kind != TOKEN_WORD || read_one(r->lexer.token.text, test, out) != 0)
		return reader_wanted(r, "a part of a date", examples[test]);
	return reader_next(r);
}

int datetest_read(struct reader *r, enum test test, struct value *value)
{
	uint32_t line = r->lexer.token.line;

	if (read_bound(r, test, &value->low) != 0)
		return -1;
	value->high = value->low;
	if (!lexer_is_word(&r->lexer, "to"))
		return 0;
	if (reader_next(r) != 0 || read_bound(r, test, &value->high) != 0)
		return -1;
	if (value->low <= value->high)
		return 0;
	syntax_fault(r->why, r->lexer.source, line, "no date is in this range");
	return fault_hint(r->why, "the earlier one comes first");
}
