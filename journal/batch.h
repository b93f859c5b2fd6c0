/*
 * batch - several units of one company in one transaction of the books.
 *
 * Shape    all units or none, except that a unit at fault (JOB: a row that the books refuse) must
 *          not take the others with it: everything is undone, that unit keeps its fault, and the
 *          rest is done again without it. So `start` and `one` may run more than once and change
 *          nothing but the books and what `start` resets.
 * Errors   -1: nothing was written.
 */
#ifndef DAYBOOK_JOURNAL_BATCH_H
#define DAYBOOK_JOURNAL_BATCH_H

#include "ledger.h"

struct batch {
	struct ledger *ledger;
	struct ledger_unit *units;
	int n;
	int (*start)(void *arg, struct fault *why);
	int (*one)(void *arg, int i,
		   struct fault *why); /* unit i; may set its fault and return 0 */
	void *arg;
	const char *begins, *begun, *before, *after; /* crash points, see lib/crash.h */
};

int batch_run(const struct batch *batch, struct fault *why);

#endif
