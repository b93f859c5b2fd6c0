/*
 * yearless - dates that lack their year: "12/28", "15. Jan", "1月15日".
 *
 * Shape    each is the last such day up to the statement's end, which the uploader says
 *          (profile.statement_end) or the period that stands above the header.
 * Errors   yearless_read: -1 when it is no such date, as date_read(). yearless_settle: -1 with
 *          fault JOB year-unknown.
 * Owns     nothing; `*full` points into `room`.
 */
#ifndef DAYBOOK_PARSE_YEARLESS_H
#define DAYBOOK_PARSE_YEARLESS_H

#include "reading.h"

#define YEARLESS_ROOM 40

bool yearless_is(struct span text);
/* The date with a year in which some order makes it a day up to `end`: what a file's dates show of
 * their order is looked at so. False for any other text. */
bool yearless_full(struct span text, int32_t end, char room[YEARLESS_ROOM], struct span *full);
int yearless_read(struct span text, enum date_order order, int32_t end, int32_t *day);

/* Such a date stands on a line, and no other kind in the file: from now on they are read.
 * `reading->statement_end` is what was told, or gets what the period tells. */
int yearless_settle(const char *text, uint64_t line, const struct date_period *period,
		    struct reading *reading, struct fault *why);

#endif
