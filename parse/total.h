/*
 * total - a last row that sums up the others.
 *
 * Shape    it has a date and an amount like any row, and its text begins with a word for a total
 *          ("TOTAL" may be a shop's name too), so the sum decides: the rows are read once more,
 *          which only such a file costs.
 * Errors   as reader_unit().
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_TOTAL_H
#define DAYBOOK_PARSE_TOTAL_H

#include "reading.h"

/* `last` is where the file's last row stands; sets reading->total_line. */
int total_settle(int fd, struct reader_place last, struct reading *reading, struct fault *why);

#endif
