/*
 * company - a company's rules from the inside, for the files that ask them.
 *
 * Owns     struct rules owns its own set and borrows the base's.
 */
#ifndef DAYBOOK_RULES_COMPANY_H
#define DAYBOOK_RULES_COMPANY_H

#include "buf.h"
#include "set.h"

/* Texts of a rule that stand in the present unit's heap already; `other`: for money in. */
struct written {
	uint64_t unit;
	struct text_ref account, other, decider;
};

/* A set as this company uses it. */
struct layer {
	struct set *set;
	uint64_t *on;		 /* ranks that may decide */
	struct written *written; /* by rank */
};

struct rules {
	struct layer own, base;
	uint64_t unit; /* counts rules_apply() */
	struct buf folded;
	char currency[CURRENCY_SIZE]; /* of the row before, and its scale to 1/10000 */
	uint64_t scale;
};

/* Row i as a question; lives until the next one. */
void rules_ask(struct rules *rules, const struct rows *rows, uint32_t i, struct question *q);

#endif
