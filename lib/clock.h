/*
 * clock - what time it is.
 *
 * Units    milliseconds. clock_wall_ms: since 1970 UTC, for people and expiry. clock_ms: monotonic
 *          (CLOCK_MONOTONIC), for leases and rates; never compare it across processes.
 */
#ifndef DAYBOOK_LIB_CLOCK_H
#define DAYBOOK_LIB_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT_SIZE 25 /* "2026-11-23T10:00:00.000Z" and its NUL */

int64_t clock_wall_ms(void);
int64_t clock_ms(void);
/* RFC 3339 UTC with milliseconds. */
void clock_text(int64_t wall_ms, char out[CLOCK_TEXT_SIZE]);

#endif
