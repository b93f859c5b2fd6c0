/*
 * meter - counts requests by route and status, and how long they took.
 *
 * Shape    written by the loop, read by /metrics. Latency goes from the complete header to the end
 *          of the answer; streams are counted when they end, and not timed.
 */
#ifndef DAYBOOK_STATUS_API_METER_H
#define DAYBOOK_STATUS_API_METER_H

#include "buf.h"

struct meter;

struct meter *meter_new(int n_routes);
void meter_free(struct meter **meter);
int64_t meter_now_us(void);
/* `route`: its number, or n_routes for an address that is none. took_us < 0: not timed. */
void meter_count(struct meter *meter, int route, unsigned status, int64_t took_us);
/* Appends http_* and process_* metrics; `name_of` gives method and path of a route. */
void meter_put(const struct meter *meter,
	       void (*name_of)(int route, const char **method, const char **path),
	       struct buf *text);
/* "# HELP name help\n# TYPE name type\n" */
void meter_head(struct buf *text, const char *name, const char *type, const char *help);

#endif
