/*
 * problem - what a client is told when its request is refused: RFC 9457, problem+json.
 *
 * Shape    a problem has one status, one stable code and one sentence; the fields that are wrong
 *          are named all at once, each with `loc`, `msg` and `type` as Pydantic users know them.
 *          The worst status wins: a file that is too large (413) or binary (415) in a request that
 *          also has a bad field (422) is answered with the former, and both are in `errors`.
 * Class    faults become statuses here and nowhere else: INPUT 422, RETRY 503 (disk-full 507),
 *          JOB 500.
 * Owns     nothing; plain data.
 */
#ifndef DAYBOOK_STATUS_API_PROBLEM_H
#define DAYBOOK_STATUS_API_PROBLEM_H

#include "buf.h"
#include "fault.h"

#define PROBLEM_ERRORS_MAX 32

struct problem_error {
	const char *place; /* "body", "query", "header", "path" */
	char field[64];	   /* empty: the place as a whole */
	char msg[516];	   /* a fault's text, and its hint in brackets */
	char type[32];
	uint32_t line, column; /* in the field's text; 0 = none */
};

struct problem {
	unsigned status; /* 0: nothing is wrong */
	char code[48];
	char detail[256];
	char hint[256];
	int n_errors, more_errors; /* more: there was no room to name them */
	struct problem_error errors[PROBLEM_ERRORS_MAX];
	char *present; /* JSON: what there is instead; the caller's, may be NULL */
};

/* As good as all zero, without touching what is large: for where each microsecond counts. */
void problem_init(struct problem *p);
/* Sets status, code and detail, unless a worse status is there already. */
void problem_set(struct problem *p, unsigned status, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void problem_hint(struct problem *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Names one bad field; a problem without a status becomes 422 "invalid-request". */
void problem_field(struct problem *p, const char *place, struct span field, const char *type,
		   const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Where in the field named last: its loc goes on with line and column. */
void problem_place(struct problem *p, uint32_t line, uint32_t column);
void problem_fault(struct problem *p, const struct fault *why);
void problem_json(const struct problem *p, struct buf *json);
/* How long a client should wait before it tries again; 0: that would not help. */
unsigned problem_retry_after_s(const struct problem *p);

#endif
