/*
 * report - the nine invariants, what was looked at for each, and what breaks them.
 *
 * Shape    a check says how many things it looked at, and each breach in a sentence that names the
 *          record; the first sentence of each invariant is kept.
 * Owns     nothing: plain data.
 */
#ifndef DAYBOOK_VERIFY_REPORT_H
#define DAYBOOK_VERIFY_REPORT_H

#include <stdint.h>

enum invariant {
	I1 = 1, /* every accepted job exists and ends */
	I2,	/* each source row ends exactly once */
	I3,	/* every entry balances, sums are those of the file */
	I4,	/* nothing in the books without a job and an attempt */
	I5,	/* no two valid leases at once */
	I6,	/* progress makes sense, what was told is what is stored */
	I7,	/* nothing is left behind */
	I8,	/* all checksums are good */
	I9,	/* no tenant has another's id */
	INVARIANTS
};

struct report {
	struct {
		uint64_t looked, breaches;
		char first[400];
	} of[INVARIANTS];
	uint64_t notes;
};

void report_looked(struct report *report, enum invariant at, uint64_t n);
void report_breach(struct report *report, enum invariant at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Something worth knowing that breaks nothing: printed at once. */
void report_note(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A line for each invariant; the number of breaches. */
uint64_t report_print(const struct report *report);

#endif
