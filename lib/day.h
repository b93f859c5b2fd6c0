/*
 * day - calendar dates.
 *
 * Units    int32_t days since 1970-01-01 in the proleptic Gregorian calendar; no time zone.
 */
#ifndef DAYBOOK_LIB_DAY_H
#define DAYBOOK_LIB_DAY_H

#include "span.h"

#define DAY_TEXT_SIZE 11 /* "2026-11-23" and NUL */

/* -1 when the date does not exist (months 1-12, days by month and leap year, years 1-9999). */
int day_from_civil(int year, int month, int day, int32_t *out);
void day_to_civil(int32_t day, int *year, int *month, int *mday);
void day_text(int32_t day, char out[DAY_TEXT_SIZE]);
/* Exactly "yyyy-mm-dd". */
int day_read(struct span text, int32_t *out);

#endif
