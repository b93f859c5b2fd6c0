/*
 * date - reads one CSV field as a calendar date.
 *
 * Shape    year first (2024-01-31, 2024/1/31, 20240131, 2024年1月31日), year last (31.01.2024,
 *          1/31/2024), years of two digits (70 and above are 19xx), and with the month by name (31
 *          Jan 2024, Jan 31, 2024, 31 stycznia 2024), years of the Republic of China (113/01/31)
 *          and of Japan's emperors (R6.01.31, 令和6年1月31日), and where all years are so those of
 *          the Buddhist era (31/01/2567); digits of other scripts and of full width as plain.h
 *          says; a time of day behind it (daytime.h) is passed over, whatever its zone: the date is
 *          the one that is printed. Whether day or month comes first is settled by evidence over
 *          the whole file: date_look() gathers it, date_settle() decides: by dates that exist in
 *          one order only, else by what would lie in the future, by a file that runs in order of
 *          days, two dates of a row that lie together, and the period that the preamble states.
 * Errors   date_read: -1 when it is no date, or none that exists. date_settle: fault JOB
 *          date-order-ambiguous, with a hint that names date_order.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_DATE_H
#define DAYBOOK_PARSE_DATE_H

#include "fault.h"
#include "span.h"

/* Bits, so that what is still possible is a set. */
enum date_order {
	DATE_DMY = 1,
	DATE_MDY = 2,
	DATE_YMD = 4,
	DATE_ANY = 7,
	DATE_BUDDHIST = 8,
	DATE_SERIAL = 16
};

/* "dmy", "mdy", "ymd" and back; 0 for any other word. */
const char *date_order_name(enum date_order order);
enum date_order date_order_of(struct span name);

/* With DATE_BUDDHIST beside the order, 2569 and 69 are the year 2026; with DATE_SERIAL 46037 is a
 * day as spreadsheets count them, and nothing else is one. */
int date_read(struct span text, enum date_order order, int32_t *day);
/* Could it be a day as spreadsheets count them? */
bool date_is_serial(struct span text);
/* In some order. */
bool date_is(struct span text);

/* What the dates of a whole file say about their order; zero-initialised. */
struct date_evidence {
	uint64_t dates;	 /* fields that are dates in some order */
	uint64_t open;	 /* of them, those that the order decides about */
	uint64_t era;	 /* and those whose year is one of the Buddhist era: as many as all of
			  * them, and that is how the file counts */
	uint8_t against; /* orders that some date excludes */
	uint8_t differ;	 /* bit [a | b]: orders a and b read some date as two different days */
	bool dotted, short_years;
	int first_low, first_high, last_low,
		last_high;  /* of years in two digits: see date_settle() */
	uint64_t line[5];   /* [order]: line of the first date that excludes it */
	uint64_t last_line; /* of the first date that ends in a year of four digits */
	/* what each order makes of the file as a whole */
	struct date_course {
		int32_t last, low, high; /* days */
		uint32_t up, down;	 /* steps from row to row */
		uint64_t apart;		 /* days between a row's two dates, in sum */
	} course[5], swapped[5]; /* swapped: with day and month of a row taken for each other,
				  * where that is a day too: what spreadsheets do */
	int32_t earliest,
		latest;	 /* of the dates that the order does not decide about, if there are any */
	char first[24];	 /* the first date of all */
	uint64_t pairs;	 /* rows with two dates that are open */
	char sample[24]; /* the first date that can be read in two ways */
};
void date_look(struct span text, uint64_t line, struct date_evidence *evidence);
/* Another date of a row: tells about orders, not about rows. */
void date_look_other(struct span text, uint64_t line, struct date_evidence *evidence);
/* A row's two dates lie together in the order that is right. */
void date_look_pair(struct span text, struct span other, struct date_evidence *evidence);
/* `period` (may be NULL): dates in the file's preamble, as they stand there. */
struct date_period {
	uint32_t n;
	char text[8][24];
};
/* 0 with the order, and whether it was only likely; what `earlier` says (0: nothing) is taken
 * where nothing else settles it. */
struct date_verdict {
	enum date_order order;
	bool likely, earlier;
};
/* Is an order that was told one that the file can have? A file that contradicts itself can have
 * any: the rows that do not fit it are refused. -1: fault JOB profile-invalid. */
int date_told(const struct date_evidence *evidence, enum date_order order, struct fault *why);
/* The earliest and the latest day of all in an order; false where there is no date. */
bool date_range(const struct date_evidence *evidence, enum date_order order, int32_t *earliest,
		int32_t *latest);
/* `today`: statements do not reach far beyond it; INT32_MAX where that is not known. */
int date_settle(const struct date_evidence *evidence, const struct date_period *period,
		int32_t today, enum date_order earlier, struct date_verdict *verdict,
		struct fault *why);

#endif
