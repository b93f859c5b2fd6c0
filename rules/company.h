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
	struct text_ref account, other, decider, label, part_accounts;
	uint64_t remarked; /* the unit that has its remark */
	struct text_ref remark;
};

/* A set as this company uses it. */
struct layer {
	struct set *set;
	uint64_t *on;		 /* ranks that may decide */
	struct written *written; /* by rank */
};

struct rules {
	struct layer own, base;
	uint64_t unit;		      /* counts rules_apply() */
	struct buf folded, text;      /* text: of the present row's parts */
	char currency[CURRENCY_SIZE]; /* of the row before, and its scale to 1/10000 */
	uint64_t scale;
};

/* What of an amount of `minor`, without its sign, each part of a rule gets; what is left is the
 * rule's own account's. By the row asked last. */
void rules_parts(const struct rules *rules, const struct layer *layer, const struct rule *rule,
		 uint64_t minor, uint64_t got[SYNTAX_PARTS_MAX]);
/* Row i as a question; lives until the next one. */
void rules_ask(struct rules *rules, const struct rows *rows, uint32_t i, struct question *q);

#endif
