/*
 * job - what the broker remembers of jobs, units and workers.
 *
 * Shape    plain data, shared by the scheduler (which alone changes it), the job store (which
 *          writes it down) and the record (which shows it). docs/ARCHITECTURE.md, Units.
 */
#ifndef DAYBOOK_BROKER_JOB_H
#define DAYBOOK_BROKER_JOB_H

#include "buf.h"
#include "config.h"
#include "fault.h"
#include "id.h"
#include "name.h"
#include "wire.h"

enum job_status { JOB_PENDING, JOB_RUNNING, JOB_COMPLETE, JOB_FAILED, JOB_CANCELLED };
enum job_phase { PHASE_BEGIN, PHASE_ROWS, PHASE_FINISH, PHASE_ENDED };
/* How far a unit is, as stored. INSERTED: its first effect is in the books. */
enum unit_stored { UNIT_OPEN, UNIT_INSERTED, UNIT_DONE };

struct cursor {
	uint8_t len;
	char at[255];
};

struct unit {
	struct unit *next;	 /* in job->open, by number */
	struct unit *queue_next; /* in the stage's queue */
	struct unit *dirty_next;
	struct job *job; /* NULL for a write */
	uint32_t no;
	enum wire_work_kind kind;
	enum unit_stored stored;
	uint32_t step;	/* place in the pipeline at which it waits or is held */
	uint32_t stage; /* that step's stage */
	uint32_t rows;	/* in the payload */
	uint32_t source_rows;
	uint64_t first_row;		  /* rows of the source before it */
	uint64_t first_line, last_line;	  /* in the source, for people; 0 = it has no lines */
	uint8_t tries[CONFIG_STAGES_MAX]; /* that failed, by step: who is killed where must not add
					     up */
	bool end_known, last, queued, dirty, gone;
	bool lacks_room; /* tried last on a full disk */
	struct cursor start, end;
	struct worker *worker; /* holds it; NULL: nobody */
	uint64_t token;
	int64_t since_ms;      /* queued since */
	int64_t not_before_ms; /* backoff */
	void *payload;	       /* NULL: none, or with the worker */
	uint16_t counted;      /* bit per step: its rows are in job->done[step] */
	char verb[NAME_SIZE];  /* write, finish: WORK.detail */
	/* of a write only */
	struct id id;
	uint64_t client;
	bool kept; /* on disk, until it is over */
	char tenant[NAME_SIZE], company[NAME_SIZE];
};

struct job {
	struct job *hash_next;	 /* all jobs in memory, by id */
	struct job *prev, *next; /* in its lane (pending) or among the active ones */
	struct lane *lane;	 /* NULL: not pending */
	struct job *dirty_next;
	struct id id;
	const struct config_pipeline *pipeline; /* NULL: no longer configured */
	char type[NAME_SIZE], tenant[NAME_SIZE], company[NAME_SIZE];
	enum job_status status;
	enum job_status ending; /* what it will be once finished: COMPLETE unless cut short */
	enum job_phase phase;
	uint32_t attempt, priority;
	bool active;	    /* in the scheduler's active list */
	bool effects_begun; /* an effect stage has done its begin: finish must run */
	bool source_done, begun, expiring, gone, dirty, fresh;
	uint32_t next_unit;   /* number of the next source unit */
	uint32_t failed_unit; /* the one that failed it; UINT32_MAX = none */
	struct cursor next_start;
	uint64_t rows_read, total;
	struct unit *open;    /* row units that are not done, by number */
	struct unit *special; /* its begin or finish unit, NULL = none now */
	uint32_t n_open;
	uint64_t done[CONFIG_STAGES_MAX];
	uint64_t told[CONFIG_STAGES_MAX]; /* as last told: never falls */
	uint32_t units_done[CONFIG_STAGES_MAX],
		units_told[CONFIG_STAGES_MAX]; /* the same of units */
	uint32_t failures[CONFIG_STAGES_MAX];  /* times that a unit failed or was lost, by step */
	uint32_t progress;		       /* as last told */
	struct fault *error;		       /* NULL = none */
	char error_stage[NAME_SIZE];
	struct buf result, meta;
	struct buf context; /* to be stored with the next commit; empty otherwise */
	struct buf upload;  /* the same of a small file */
	uint8_t context_hash[32];
	struct span blob; /* 32 bytes in blob_bytes, or empty */
	uint8_t blob_bytes[32];
	uint8_t fingerprint[32];
	struct buf key;						 /* idempotency key, empty = none */
	int64_t created_ms, started_ms, finished_ms, expires_ms; /* wall */
	uint64_t change, stored_change;				 /* now, and in the store's index */
	int64_t stored_expires_ms; /* in the store's index, 0 = none */
	uint8_t tallied;	   /* status + 1 as the store's tally has it, 0 = not in it */
	bool promised;		   /* what changed must outlive a power cut, not only our death */
	bool counts_changed;	   /* something to tell, but not at once */
	bool tell;		   /* told in this round: publish job->record after the commit */
	int64_t event_ms;	   /* last told, monotonic */
	struct buf record;	   /* the JOB message as last told, request = UINT64_MAX */
};

struct worker {
	struct worker *next;
	uint8_t key_len;
	char key[32];
	uint32_t stage, credit, held, pid;
	char host[256], version[65];
	uint64_t units_done;
	int64_t seen_ms, probed_ms;
	int64_t moved_ms; /* answered, or got a unit while it had none */
	bool lost;	  /* to be freed at sched_clean */
};

/* The JOB message of a job, as told now, into job->record. */
void record_tell(struct job *job, const struct config *config);
/* Progress by the rule of API.md, of what is in done[]; 0 to 99 unless complete. */
uint32_t record_progress(const struct job *job);
/* The first step that is not complete. */
uint32_t record_stage(const struct job *job);
/* Copies a record with another request number. The number stands at a fixed place. */
void record_copy(struct span record, uint64_t request, struct buf *out);
/* One built now, for a job whose `waiting` changes without an event. */
void record_build(const struct job *job, const struct config *config, const char *waiting,
		  uint64_t request, struct buf *out);
const char *job_status_name(enum job_status status);
/* The unit is through these steps: its rows and itself are counted there, once. */
void job_count(struct job *job, struct unit *unit, uint32_t from, uint32_t to);
bool job_is_ended(const struct job *job);
const char *unit_tenant(const struct unit *unit);
const char *unit_company(const struct unit *unit);
/* First effect step of a pipeline, or n_steps. */
uint32_t pipeline_first_effect(const struct config_pipeline *pipeline, const struct config *config);
/* The step that does finish, or n_steps. */
uint32_t pipeline_finish(const struct config_pipeline *pipeline);

#endif
