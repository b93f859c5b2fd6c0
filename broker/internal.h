/*
 * internal - what the scheduler's files share: sched.c (clients), workers.c, units.c, admit.c
 * (where jobs stand), life.c (a job's way from pending to ended), deal.c (dealing and telling).
 * Nobody else includes it.
 */
#ifndef DAYBOOK_BROKER_INTERNAL_H
#define DAYBOOK_BROKER_INTERNAL_H

#include "sched.h"
#include "stageq.h"

#define JOB_BUCKETS 4096

/* The pending jobs of one company, in their order. */
struct lane {
	struct lane *next;
	char tenant[NAME_SIZE], company[NAME_SIZE];
	struct job *first, *last;
};

struct sched {
	const struct config *config;
	uint32_t epoch;
	uint64_t token, change, random;
	int64_t now_ms, wall_ms;
	void (*release)(void *payload);
	struct job *buckets[JOB_BUCKETS];
	struct lane *lanes; /* pending jobs */
	struct job *active; /* running ones, and expired ones that are being forgotten */
	uint32_t n_pending, n_running, open_units;
	bool admit_soon; /* jobs entered in the round before are admitted in this one */
	struct worker *workers;
	struct unit *writes;
	struct stageq stages[CONFIG_ALL_STAGES_MAX];
	struct job *dirty_jobs;
	struct unit *dirty_units;
	struct unit *trash; /* units that are over, freed at clean (acts may name them) */
	struct act *acts;
	int n_acts, room_acts;
};

struct act *act_add(struct sched *s, enum act_kind kind);
/* Committed with this round, and promised: it is on disk before anything is said. */
void job_dirty(struct sched *s, struct job *job);
void unit_dirty(struct sched *s, struct unit *unit);
/* Told with this round's commit: status, stage or anything that may not wait. */
void job_tell(struct sched *s, struct job *job);
/* The same for how far it is: a power cut may take back the last of it, and it is done again. */
void job_tell_progress(struct sched *s, struct job *job);
void job_free(struct sched *s, struct job *job);
/* A worker that lives and gets nowhere: what it is at is taken away. */
void worker_stuck(struct sched *s, struct worker *w);
/* Gives a job its status, and with it its place: a lane, the active list, or neither. */
void job_place(struct sched *s, struct job *job, enum job_status status);
void job_unplace(struct sched *s, struct job *job);
void admit_all(struct sched *s);

struct unit *unit_new(struct sched *s, struct job *job, enum wire_work_kind kind, uint32_t step);
/* Takes a unit from its queue and its worker (who is told DROP if `drop`), with its payload. */
void unit_loose(struct sched *s, struct unit *unit, bool drop);
/* Tells the worker that holds it that it is no longer wanted. */
void unit_drop(struct sched *s, const struct unit *unit);
void unit_free_later(struct sched *s, struct unit *unit);
void unit_queue(struct sched *s, struct unit *unit);
/* Back to where its input can be had again: the source, the first begin step, or its own place. */
void unit_replay(struct sched *s, struct unit *unit);
/* One more try after a lost lease or a RETRY; fails the job when there were enough. */
void unit_again(struct sched *s, struct unit *unit, const struct fault *why);
/* For good: the job ends early, without this unit; a retry begins with it again. */
void unit_failed(struct sched *s, struct unit *u, const struct fault *why);
/* Of a job that was cut short, only what is in the books is finished. */
bool unit_is_unwanted(const struct unit *u);
/* Forgets an unwanted unit that nobody holds any more. */
void unit_let_go(struct sched *s, struct unit *unit);
/* A write has been answered or has failed: what is to be said of it. */
struct act *write_over(struct sched *s, struct unit *unit, enum act_kind kind);
/* Takes a row unit out of its job's open list. */
void unit_close(struct sched *s, struct unit *unit);
void job_insert_open(struct job *job, struct unit *unit);

void life_start(struct sched *s, struct job *job);
/* Next source unit, if there is one and the window has room. */
void life_feed(struct sched *s, struct job *job);
/* Goes on to finish, or ends, when nothing is left to do in this phase. */
void life_check(struct sched *s, struct job *job);
/* Stops a job early: `ending` failed or cancelled. */
void life_cut(struct sched *s, struct job *job, enum job_status ending, const struct fault *why,
	      const char *stage);
/* The begin of a job that was cut short is over, whatever it came to: on to finish. */
void life_begin_over(struct sched *s, struct unit *unit);
void life_begin_done(struct sched *s, struct unit *unit, const struct wire_done *done,
		     void **payload, struct span bytes);
void life_rows_done(struct sched *s, struct unit *unit, const struct wire_done *done,
		    void **payload);
void life_finish_done(struct sched *s, struct unit *unit, struct span bytes);

static inline const struct config_step *step_of(const struct job *job, uint32_t step)
{
	return &job->pipeline->steps[step];
}

#endif
