/*
 * sched - decides which unit goes to which worker, and what becomes of every job.
 *
 * Shape    pure: no I/O, no clock, no randomness of its own. Inputs are the functions below, with
 *          time is an input; what they decide is left in lists that the shell (broker.c)
 *          commits and only then speaks: jobs and units marked dirty, acts to send.
 *          A job goes pending -> begin -> rows -> finish -> ended (broker/job.h). A unit that is
 *          not done is replayed from its place in the source: that is the one recovery rule.
 * Units    times in monotonic milliseconds unless named wall.
 * Errors   a message that does not fit what the scheduler knows (an old token, a unit that is not
 *          held) is ignored and counted: workers may speak late, they cannot do harm.
 * Owns     sched owns jobs, units and workers; payloads are owned by units and released through
 *          the callback given to sched_new().
 */
#ifndef DAYBOOK_BROKER_SCHED_H
#define DAYBOOK_BROKER_SCHED_H

#include "config.h"
#include "job.h"

struct sched;

/* `epoch`: rises with every start of the broker, stored; the upper half of tokens and changes. */
struct sched *sched_new(const struct config *config, uint32_t epoch, uint64_t seed,
			void (*release)(void *payload));
void sched_free(struct sched **sched);

/* What time it is, monotonic and wall, for every call until the next one of this. */
void sched_time(struct sched *s, int64_t now_ms, int64_t wall_ms);

/* ---- clients ---- */

/* Enters a job, pending, dirty. Takes nothing: spans are copied. */
struct job *sched_submit(struct sched *s, const struct wire_submit *submit,
			 const struct config_pipeline *pipeline);
/* Enters a job read from the store; units follow by sched_restore_unit, then sched_restored. */
struct job *sched_restore(struct sched *s, struct job *job);
void sched_restore_unit(struct sched *s, struct job *job, struct unit *unit); /* takes it */
void sched_restored(struct sched *s, struct job *job);
struct job *sched_job(struct sched *s, struct id id);
/* 0, or -1 with what a client is told (job-ended, ...). */
int sched_cancel(struct sched *s, struct job *job);
/* `job` was restored from a terminal record, with its units. */
int sched_retry(struct sched *s, struct job *job, bool skip, struct fault *why);
/* A short write (WORK_WRITE): answered by an act of kind ACT_WRITTEN or ACT_WRITE_FAILED. */
void sched_write(struct sched *s, const struct wire_write *write, void *payload, uint64_t client,
		 uint32_t stage);
/* The write `id`, if it waits or is being done, is one that is on disk; its act says so. */
bool sched_keep(struct sched *s, struct id id);
uint32_t sched_kept(const struct sched *s); /* how many of those there are */
/* The record has expired: the pipeline's finish stage forgets what it kept for the job, then the
 * job is marked gone. */
void sched_expire(struct sched *s, struct job *job);
/* Forgets a job in memory that was not changed on disk: its first commit failed, or a retry was
 * refused. */
void sched_forget(struct sched *s, struct job *job);
/* The job whose context has this hash, among those in memory. */
bool sched_context_job(const struct sched *s, struct span hash, struct id *id);

/* ---- workers; `key` is the peer's identity ---- */

struct worker *sched_worker(struct sched *s, struct span key);
/* Returns NULL for a stage that the configuration does not know. */
struct worker *sched_hello(struct sched *s, struct span key, const struct wire_hello *hello);
void sched_beat(struct sched *s, struct worker *w);
/* `blame`: what it held counts as an attempt of those units (a death, not a BYE). */
void sched_lost(struct sched *s, struct worker *w, bool blame);
/* Takes the payload (NULL = none) when it returns true; false: an old token, payload not taken. */
bool sched_done(struct sched *s, struct worker *w, const struct wire_done *done, void *payload,
		struct span payload_bytes);
void sched_fail(struct sched *s, struct worker *w, const struct wire_fail *fail);

/* ---- time and dealing ---- */

/* Leases that ran out, backoffs that are over, events that are due. */
void sched_tick(struct sched *s);
/* Admits pending jobs and deals units while there is credit: fills acts. */
void sched_deal(struct sched *s);
/* Gives what is told in this round its change number and its record. Last, before the commit. */
void sched_tell(struct sched *s);
/* Milliseconds until sched_tick has something to do, at most 1000. */
int sched_timeout_ms(const struct sched *s);

/* ---- what was decided ---- */

enum act_kind { ACT_WORK, ACT_DROP, ACT_WRITTEN, ACT_WRITE_FAILED };

struct act {
	enum act_kind kind;
	struct worker *worker; /* WORK, DROP: whom to tell; may be gone: NULL */
	struct unit *unit;     /* WORK */
	uint64_t token;	       /* DROP */
	uint64_t client;       /* WRITTEN, WRITE_FAILED: as given to sched_write */
	struct id write;       /* of the same: its id, and whether it is on disk */
	bool kept;
	void *payload;	    /* WRITTEN: the answer, owned by the act */
	struct span bytes;  /* its bytes */
	struct fault fault; /* WRITE_FAILED */
};

/* Dirty jobs and units since the last sched_clean(), and the acts. */
struct job *sched_dirty_jobs(struct sched *s); /* linked by dirty_next */
struct unit *sched_dirty_units(struct sched *s);
struct act *sched_acts(struct sched *s, int *n);
/* Forgets the lists and frees what has ended; call after commit and speech. */
void sched_clean(struct sched *s);

/* ---- for status ---- */

void sched_stage_info(const struct sched *s, uint32_t stage, struct wire_stage *info);
struct worker *sched_workers(struct sched *s); /* linked by next */
uint32_t sched_pending(const struct sched *s);
uint32_t sched_running(const struct sched *s);
/* Why a job waits and its place, for people; empty when it does not. */
void sched_waiting(const struct sched *s, const struct job *job, char *out, size_t size);
uint64_t sched_change(const struct sched *s);

#endif
