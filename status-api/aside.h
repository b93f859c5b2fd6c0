/*
 * aside - work that may wait for a disk, done beside the loop.
 *
 * Shape    a few threads take tasks in order. The loop never waits for an fsync or for a query over
 *          a company's books, so a status GET stays quick while another client's upload is written
 *          down. A task's `work` runs in a thread and touches only what the task holds; `done` runs
 *          in the loop, in aside_collect().
 * Owns     a task is its asker's and must live until `done`. Each thread may have something of its
 *          own (open books), made and freed by the thread.
 */
#ifndef DAYBOOK_STATUS_API_ASIDE_H
#define DAYBOOK_STATUS_API_ASIDE_H

struct aside;

struct aside_task {
	void (*work)(struct aside_task *task, void *own);
	void (*done)(struct aside_task *task);
	void *asker;
	struct aside_task *next; /* aside's own */
};

struct aside_own {
	void *(*make)(void *arg);
	void (*free)(void *own);
	void *arg;
};

/* `own` may be NULL. */
struct aside *aside_new(int n_threads, const struct aside_own *own);
/* Finishes every task that was given, calls their `done`, ends the threads. */
void aside_free(struct aside **aside);
void aside_run(struct aside *aside, struct aside_task *task);
/* Readable when there is something to collect. */
int aside_fd(const struct aside *aside);
int aside_collect(struct aside *aside);

#endif
