/*
 * route - which handler answers which call: one table, one line a call.
 *
 * Shape    a path is matched segment by segment; {name} stands for any one segment, {+name} for all
 *          that is left. A path with more literal segments wins (jobs/categorize before
 *          jobs/{pipeline}). HEAD is answered by GET's handler, OPTIONS by the table.
 */
#ifndef DAYBOOK_STATUS_API_ROUTE_H
#define DAYBOOK_STATUS_API_ROUTE_H

#include "request.h"

#define ROUTE_ALLOW_SIZE 64

enum route_body { BODY_NONE, BODY_JSON, BODY_UPLOAD };
enum {
	ROUTE_OPEN = 1,	    /* needs no key */
	ROUTE_OPERATOR = 2, /* needs an operator's */
	ROUTE_STREAM = 4,   /* stays open as long as the client likes */
	ROUTE_LARGE = 8	    /* a JSON body as large as a short write can be */
};

struct route {
	const char *method, *path;
	enum route_body body;
	unsigned flags;
	void (*run)(struct request *r);
};

/* The route for `method` and the segments that stood for its {names}. NULL with an empty `allow`:
 * no such path; with a filled one: the methods that the path has instead. */
const struct route *route_find(const char *method, const char *path,
			       struct span parts[REQUEST_PARTS], char allow[ROUTE_ALLOW_SIZE]);
/* For metrics: routes by number, and how many there are. */
int route_count(void);
const struct route *route_at(int i);

#endif
