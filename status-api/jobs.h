/*
 * jobs - the calls about jobs that exist: look, list, cancel, retry, keep duplicates.
 *
 * Shape    each asks the broker and renders its answer. A caller of one tenant asks with that
 *          tenant, so that another's job is not found rather than refused.
 */
#ifndef DAYBOOK_STATUS_API_JOBS_H
#define DAYBOOK_STATUS_API_JOBS_H

#include "request.h"

void jobs_get(struct request *r);
void jobs_list(struct request *r);
void jobs_cancel(struct request *r);
void jobs_retry(struct request *r);
void jobs_keep_duplicates(struct request *r);

/* Asks for the job's record with r->call; as the caller may see it. */
void jobs_ask(struct request *r, struct id job, broker_answer *answer);
/* What a caller may ask for: all of it, or its own tenant's. */
struct span jobs_tenant(const struct request *r);

#endif
