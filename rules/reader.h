/*
 * reader - what the functions that read a rule file share.
 *
 * Shape    each reads from the present token on and leaves the first that is not its own.
 * Errors   -1 with fault JOB "rules-syntax", see syntax.h.
 */
#ifndef DAYBOOK_RULES_READER_H
#define DAYBOOK_RULES_READER_H

#include "buf.h"
#include "lexer.h"

struct reader {
	struct lexer lexer;
	struct syntax *syntax;
	struct fault *why;
	struct buf folded;
};

int reader_next(struct reader *r);
/* The tests on the date, after their word (datetest.c). */
int datetest_read(struct reader *r, enum test test, struct value *value);
/* Fault: `what` is wanted at the present token; `example` shows how it would be right. */
int reader_wanted(struct reader *r, const char *what, const char *example);
int reader_too_many(struct reader *r, const char *what, uint32_t max);
int reader_account(struct reader *r, struct span *account);
/* "12.5" as 125000; -1 when it is not a plain decimal number of at most 15 and 4 digits. */
int reader_decimal(struct span text, uint64_t *out);
/* Room for one more in a flat array: the next power of two. */
void *reader_grown(void *array, uint32_t n, uint32_t *room, size_t size);

/* From `rule` to the end of the rule; adds to syntax->rules. */
int rule_read(struct reader *r, const char *file);
/* Everything after `if`; adds to syntax->conditions (condition.c). */
int condition_read(struct reader *r);
/* Everything after `then`; adds to syntax->parts (action.c). */
int action_read(struct reader *r, struct rule *rule);
/* What only all of a rule's actions show together. */
int action_check(struct reader *r, const struct rule *rule);

#endif
