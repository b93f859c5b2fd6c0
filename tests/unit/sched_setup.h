/*
 * sched_setup - what the worlds of the scheduler's tests begin with: a pipeline, dice, settings.
 *
 * Shape    header only. One seed is one run: nothing here looks at a clock.
 */
#ifndef DAYBOOK_TESTS_SCHED_SETUP_H
#define DAYBOOK_TESTS_SCHED_SETUP_H

#include <stdio.h>
#include <stdlib.h>

#include "config.h"

struct setup_stage {
	const char *name;
	enum stage_kind kind;
	bool begin, finish;
};

/* One pipeline, "upload", of these stages; `each` has what they have in common. */
static inline void setup_pipeline(struct config *c, const struct setup_stage *stages, uint32_t n,
				  const struct config_stage *each)
{
	struct config_pipeline *p = &c->pipelines[0];

	c->n_stages = p->n_steps = n;
	c->n_pipelines = 1;
	p->span = 100;
	snprintf(p->name, sizeof(p->name), "upload");
	for (uint32_t i = 0; i < n; i++) {
		c->stages[i] = *each;
		snprintf(c->stages[i].name, sizeof(c->stages[i].name), "%s", stages[i].name);
		c->stages[i].kind = stages[i].kind;
		p->steps[i] = (struct config_step){.stage = i, .share = 100 / n};
		p->steps[i].begin = stages[i].begin;
		p->steps[i].finish = stages[i].finish;
	}
}

/* 0 to n - 1. */
static inline uint32_t setup_roll(uint64_t *random, uint32_t n)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (uint32_t)(*random >> 11) % n;
}

/* A number from the environment. */
static inline uint64_t setup_setting(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : fallback;
}

static inline void setup_no_payload(void *payload)
{
	(void)payload;
}

#endif
