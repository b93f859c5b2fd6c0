/*
 * crowd - how many requests of each tenant are under way: whoever waits at many streams or sends
 * many uploads leaves connections to the others.
 *
 * Shape    counted from a complete header to the end of the answer.
 * Errors   crowd_enter: -1, the tenant has as many as it may.
 * Owns     crowd_new gives.
 */
#ifndef DAYBOOK_STATUS_API_CROWD_H
#define DAYBOOK_STATUS_API_CROWD_H

#include <stdint.h>

struct crowd;

struct crowd *crowd_new(uint32_t max);
void crowd_free(struct crowd **crowd);

/* Each that was let in leaves once. */
int crowd_enter(struct crowd *crowd, const char *tenant);
void crowd_leave(struct crowd *crowd, const char *tenant);

#endif
