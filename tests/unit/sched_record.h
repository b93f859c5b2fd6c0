/*
 * sched_record - what a job's record says of its units, held against what it said before.
 *
 * Shape    header only. Fails the test that includes it where units become fewer, are in two places
 *          at once, or are anywhere but at their end when the job has ended.
 */
#ifndef DAYBOOK_TESTS_SCHED_RECORD_H
#define DAYBOOK_TESTS_SCHED_RECORD_H

#include "job.h"

struct record_units {
	uint32_t done[CONFIG_STAGES_MAX], failures[CONFIG_STAGES_MAX];
};

/* `units`: how many the job will have at most. */
static inline void record_check_units(struct record_units *told, const struct job *job,
				      uint32_t units)
{
	uint32_t n = job->pipeline->n_steps, here = 0;
	struct wire_msg msg;

	assert_int_equal(wire_decode(buf_span(&job->record), &msg, NULL), 0);
	assert_int_equal(msg.job.n_stages, n);
	for (uint32_t i = 0; i < n; i++) {
		const struct wire_stage_count *stage = &msg.job.stages[i];

		assert_in_range(stage->units_done, told->done[i], units);
		assert_true(job->status != JOB_COMPLETE || stage->units_done == units);
		assert_true(stage->failures >= told->failures[i]);
		told->done[i] = stage->units_done;
		told->failures[i] = stage->failures;
		here += stage->queued + stage->in_flight;
	}
	if (job->status == JOB_PENDING) /* tried again: its units are known, and not queued yet */
		assert_int_equal(here, 0);
	else
		assert_int_equal(here, job->n_open + (job->special != NULL));
}

#endif
