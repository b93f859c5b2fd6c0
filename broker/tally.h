/*
 * tally - how many jobs each tenant has in each status, so that nobody counts records to tell.
 *
 * Shape    kept beside the job store and in step with it: filled when it is opened, moved with
 *          every commit. The tenant "" stands for all.
 */
#ifndef DAYBOOK_BROKER_TALLY_H
#define DAYBOOK_BROKER_TALLY_H

#include "job.h"

struct tally {
	struct tally_row {
		char tenant[NAME_SIZE];
		uint64_t n[JOB_CANCELLED + 1];
	} * rows; /* by tenant */
	size_t n, room;
};

/* One job more (1) or less (-1). */
void tally_add(struct tally *tally, const char *tenant, enum job_status status, int by);
/* Zeros where the tenant has none. */
void tally_of(const struct tally *tally, const char *tenant, uint64_t n[JOB_CANCELLED + 1]);
void tally_release(struct tally *tally);

#endif
