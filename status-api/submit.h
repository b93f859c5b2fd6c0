/*
 * submit - entering a job: what all calls that create one have in common.
 *
 * Shape    the job's id is chosen here, so that an upload can carry it in its name before the
 *          broker knows of the job. The answer comes when the broker has the record on disk: 202
 *          with Location, or 200 with the first job when the Idempotency-Key was known.
 *          The fingerprint of a request is a hash over pipeline, tenant, company, its fields in a
 *          fixed order and the hash of its file; the file's name is no part of it.
 * Owns     struct submission is the caller's and borrowed for the call, but `file`'s fate is
 *          submit's: it is deleted when the job does not come to be.
 */
#ifndef DAYBOOK_STATUS_API_SUBMIT_H
#define DAYBOOK_STATUS_API_SUBMIT_H

#include "blob.h"
#include "request.h"

struct submission {
	struct id job;
	const char *type;
	const char *tenant, *company;
	uint32_t priority;
	struct span fields; /* what the client asked for, without file name and size */
	struct span params; /* the members of the stages' parameters, beginning with a comma */
	struct span meta;   /* JSON object for the record */
	const struct blob_hash *file; /* NULL: none */
	struct span upload;	      /* its bytes, where they go into the job's record */
};

void submit_job(struct request *r, const struct submission *what);

void submit_categorize(struct request *r);
void submit_pipeline(struct request *r);

#endif
