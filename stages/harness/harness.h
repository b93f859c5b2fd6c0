/*
 * harness - a stage process from the inside: what stage.c and handling.c share.
 *
 * Shape    stage.c starts and ends the process and keeps it alive; handling.c turns work into calls
 *          of the stage's handlers and their outcome into answers; dialogue.c talks.
 */
#ifndef DAYBOOK_STAGES_HARNESS_H
#define DAYBOOK_STAGES_HARNESS_H

#include "dialogue.h"
#include "options.h"
#include "stage.h"

/* Several units of one company in one call: 4,000 rows a commit hide the fsync (measured: 100 rows
 * a commit 98,000 rows/s, 1,000 165,000). */
#define HARNESS_UNITS_MAX DIALOGUE_CURRENT_MAX
#define HARNESS_ROWS_MAX  4000

/* One unit that is being worked on. */
struct slot {
	struct work work;
	struct workitem *item;
	struct rows *rows;	 /* kept from unit to unit */
	struct context *context; /* pinned while it is worked with; NULL for begin and write */
	struct context loose;	 /* what a begin or write handler compiled: gone when it returns */
};

struct harness {
	const struct stage *stage;
	const struct stage_options *options;
	void *state;
	struct dialogue dialogue;
	struct slot slots[HARNESS_UNITS_MAX];
	int n_slots;	   /* being worked on */
	struct slot aside; /* done while they wait */
	bool calling;	   /* in a handler that may let others pass */
	struct buf payload;
	int signals;	     /* descriptor, or -1 */
	int64_t looked_ms;   /* when sockets and signals were last looked at */
	int64_t unwanted_ms; /* since when nobody waits for what is worked on; 0: somebody does */
	int64_t stop_ms;     /* when we were asked to end; 0: we were not */
	bool was_ready;
	bool gave_up; /* ends without an answer to what is being worked on */
};

/* Does what can be done now, a unit or a batch; returns how many units that was. */
int handling_run(struct harness *harness);
/* From within a handler that waits: does those that need no waiting. */
void handling_meanwhile(struct harness *harness);
void handling_release(struct harness *harness);
/* Whether nobody waits for what is being worked on. */
bool handling_is_unwanted(const struct harness *harness);
/* Leaves what is being worked on to another worker: it is not answered. */
void handling_give_up(struct harness *harness);

/* Receives, beats, looks for signals, feeds the watchdog. Returns ms until it is due again. */
int harness_look(struct harness *harness, int64_t now_ms);

#endif
