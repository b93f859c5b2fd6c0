#include "yearless.h"

#include <stdio.h>

#include "day.h"
#include "mem.h"

#define TEXT_MAX 20 /* bytes: "15. September" and the like */

/* A number of three or four digits is rather something else: 1012 is no 10th of December. */
static bool is_number(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
	}
	return true;
}

static bool with_year(struct span text, int year, char room[YEARLESS_ROOM], struct span *full)
{
	static const char *const forms[] = {"%.*s/%d", "%.*s.%d", "%.*s-%d", "%.*s %d", "%.*s%d"};
	int len;

	text = span_trim(text);
	if (text.len == 0 || text.len > TEXT_MAX || is_number(text) || date_is(text))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		len = snprintf(room, YEARLESS_ROOM, forms[i], SPAN_ARG(text), year);
		*full = span_of(room, (size_t)len);
		if (date_is(*full))
			return true;
	}
	len = snprintf(room, YEARLESS_ROOM, "%d年%.*s", year, SPAN_ARG(text));
	*full = span_of(room, (size_t)len);
	return date_is(*full);
}

bool yearless_is(struct span text)
{
	char room[YEARLESS_ROOM];
	struct span full;

	return with_year(text, 2000, room, &full); /* a leap year: it has all days */
}

#define YEARS_BACK 8 /* from one 29th of February to the next it may be so many */

static int year_of(int32_t day)
{
	int year, month, mday;

	day_to_civil(day, &year, &month, &mday);
	return year;
}

int yearless_read(struct span text, enum date_order order, int32_t end, int32_t *day)
{
	char room[YEARLESS_ROOM];
	struct span full;

	for (int back = 0; back <= YEARS_BACK; back++) {
		if (with_year(text, year_of(end) - back, room, &full) &&
		    date_read(full, order, day) == 0 && *day <= end)
			return 0;
	}
	return -1;
}

bool yearless_full(struct span text, int32_t end, char room[YEARLESS_ROOM], struct span *full)
{
	int32_t day;

	for (int back = 0; back <= YEARS_BACK; back++) {
		if (with_year(text, year_of(end) - back, room, full) &&
		    ((date_read(*full, DATE_DMY, &day) == 0 && day <= end) ||
		     (date_read(*full, DATE_MDY, &day) == 0 && day <= end)))
			return true;
	}
	return false;
}

/* The last day that the period names, in whatever order it is written. */
static bool period_end(const struct date_period *period, int32_t *end)
{
	static const enum date_order orders[] = {DATE_DMY, DATE_MDY, DATE_YMD};
	int32_t day;

	*end = INT32_MIN;
	for (uint32_t i = 0; i < period->n; i++) {
		for (size_t k = 0; k < ARRAY_LEN(orders); k++) {
			if (date_read(span_text(period->text[i]), orders[k], &day) == 0 &&
			    day > *end)
				*end = day;
		}
	}
	return period->n >= 2; /* one date may be its first day, or that on which it was printed */
}

int yearless_settle(const char *text, uint64_t line, const struct date_period *period,
		    struct reading *reading, struct fault *why)
{
	bool told = reading->statement_end != 0;
	char end[DAY_TEXT_SIZE];

	if (!told && !period_end(period, &reading->statement_end)) {
		fault_set(why, FAULT_JOB, "year-unknown",
			  "the dates have no year: line %llu has \"%s\"", (unsigned long long)line,
			  text);
		return fault_hint(why, "say statement_end in profile: the last day of the "
				       "statement, such as 2026-01-31");
	}
	day_text(reading->statement_end, end);
	notes_add(&reading->assumed,
		  "Dates have no year: each is read as the last such day up to %s%s", end,
		  told ? "" : ", the end of the period above the header");
	reading->yearless = true;
	return 0;
}
