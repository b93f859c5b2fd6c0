/*
 * fault - what went wrong in the world, told to the caller.
 *
 * Shape    a function that can fail returns 0 or -1; -1 has filled its struct fault.
 * Class    decides policy, in one place (stages/harness.c, status-api/problem.c):
 *          INPUT  this row or request is refused; RETRY  try again later (with backoff);
 *          JOB    the whole job fails and the text is shown to the person who uploaded.
 *          What we did wrong ourselves is an assert, never a fault.
 * Owns     nothing; plain data, copied freely. Text that does not fit is cut.
 */
#ifndef DAYBOOK_LIB_FAULT_H
#define DAYBOOK_LIB_FAULT_H

#include <stdint.h>

enum fault_class { FAULT_NONE, FAULT_INPUT, FAULT_RETRY, FAULT_JOB };

struct fault {
	enum fault_class class;
	char code[48];	/* kebab-case, stable, for programs: "date-order-ambiguous" */
	char text[256]; /* one sentence for a person, without a full stop */
	char hint[256]; /* what would mend it; empty when nothing is known */
	uint64_t row;	/* line number in the source, from 1; 0 = not about a line */
};

/* All three return -1, so that `return fault_set(...)` reads as it should. `why` may be NULL. */
int fault_set(struct fault *why, enum fault_class class, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int fault_hint(struct fault *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* From errno: ENOSPC/EDQUOT/EIO/EMFILE/EAGAIN/ENOMEM are RETRY, the rest JOB; code "disk-full" or
 * "io". */
int fault_errno(struct fault *why, const char *doing);

/* "input", "retry", "job", "none". */
const char *fault_class_name(enum fault_class class);

#endif
