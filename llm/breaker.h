/*
 * breaker - leaves an endpoint alone that fails again and again.
 *
 * Shape    after BREAKER_FAILURES failures in a row nothing is asked for BREAKER_FIRST_MS, then one
 *          question is let through; if it fails too, the pause doubles, up to BREAKER_LONGEST_MS.
 *          One success closes the matter. So a dead model costs a job seconds.
 * Units    milliseconds of clock_ms(), given by the caller.
 * Owns     nothing; zero-initialised is closed.
 */
#ifndef DAYBOOK_LLM_BREAKER_H
#define DAYBOOK_LLM_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_FAILURES   10
#define BREAKER_TIMEOUT	   3 /* failures that a timeout counts as: it costs as much */
#define BREAKER_FIRST_MS   10000
#define BREAKER_LONGEST_MS 300000

struct breaker {
	uint32_t failures; /* in a row */
	int64_t pause_ms;  /* the last one; 0: there was none since the last success */
	int64_t until_ms;
};

/* How many questions may be under way: 0, 1 or `most`. */
uint32_t breaker_allows(const struct breaker *breaker, uint32_t most, int64_t now_ms);
void breaker_success(struct breaker *breaker);
/* True when this one begins a pause. */
bool breaker_failure(struct breaker *breaker, uint32_t weight, int64_t now_ms);

#endif
