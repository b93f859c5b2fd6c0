/*
 * date - reads one CSV field as a calendar date.
 *
 * Shape    year first (2024-01-31, 2024/1/31, 20240131), year last (31.01.2024, 1/31/2024), years
 * of two digits (70 and above are 19xx), and with the month by name (31 Jan 2024, Jan 31, 2024); a
 * time of day after it is passed over, whatever its zone: the date is the one that is printed.
 *          Whether day or month comes first is settled by evidence over the whole file:
 *          date_look() gathers it, date_settle() decides.
 * Errors   date_read: -1 when it is no date, or none that exists. date_settle: fault JOB
 *          date-order-ambiguous, with a hint that names date_order.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_DATE_H
#define DAYBOOK_PARSE_DATE_H

#include "fault.h"
#include "span.h"

/* Bits, so that what is still possible is a set. */
enum date_order { DATE_DMY = 1, DATE_MDY = 2, DATE_YMD = 4, DATE_ANY = 7 };

/* "dmy", "mdy", "ymd" and back; 0 for any other word. */
const char *date_order_name(enum date_order order);
enum date_order date_order_of(struct span name);

int date_read(struct span text, enum date_order order, int32_t *day);

/* What the dates of a whole file say about their order; zero-initialised. */
struct date_evidence {
	uint64_t dates;	 /* fields that are dates in some order */
	uint64_t open;	 /* of them, those that the order decides about */
	uint8_t against; /* orders that some date excludes */
	uint8_t differ;	 /* bit [a | b]: orders a and b read some date as two different days */
	bool dotted, short_years;
	int first_low, first_high, last_low,
		last_high; /* of years in two digits: see date_settle() */
	uint64_t line[5];  /* [order]: line of the first date that excludes it */
	char sample[24];   /* the first date that can be read in two ways */
};
void date_look(struct span text, uint64_t line, struct date_evidence *evidence);
int date_settle(const struct date_evidence *evidence, enum date_order *order, struct fault *why);

#endif
