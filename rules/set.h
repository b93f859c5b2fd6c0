/*
 * set - one compiled rule set: what stands in rules.h, without what is a company's own.
 *
 * Shape    rules stand in the order in which they decide (their rank). A description is scanned
 *          once; each pattern found raises the rules that it may make true, as bits by rank; the
 *          first raised rule whose conditions all hold decides.
 * Errors   set_compile: -1 with fault JOB "rules-syntax".
 * Owns     set_compile gives. A set is shared by all companies that have no other; only its scratch
 *          changes while it matches.
 */
#ifndef DAYBOOK_RULES_SET_H
#define DAYBOOK_RULES_SET_H

#include "patterns.h"
#include "syntax.h"

#define SET_VERSION_DIGITS 12 /* of the hash of its texts, in a row's decider */

/* What a row is asked. */
struct question {
	struct span folded; /* the description */
	uint64_t amount;    /* 1/10000 units, without sign */
	bool in, out;
	struct span bank, currency;
	int32_t date; /* days since 1970 */
};

struct set {
	struct syntax syntax;
	struct patterns *patterns;
	char version[SET_VERSION_DIGITS + 1];
	uint32_t n, words;		 /* rules; 64-bit words for a bit each */
	uint32_t *raises_first, *raises; /* by pattern: where its ranks begin in raises */
	uint32_t *condition_of;		 /* by pattern */
	uint64_t *seen;		    /* by condition: the last row in which the scan proved it */
	bool *unproven;		    /* by condition: it has patterns that the scan cannot prove */
	uint32_t *always, n_always; /* ranks that no pattern raises */
	uint64_t *raised;	    /* of the present row; all zero between rows */
	uint64_t *touched;	    /* a bit for each word of `raised` that is not zero */
	uint64_t row;		    /* counts questions */
};

/* `store` as in patterns_build(). */
int set_compile(const struct rules_source *sources, int n, const char *store, struct set **set,
		struct fault *why);
void set_free(struct set **set);
/* Rank of the rule that decides among those whose bit is set in `on`, or -1. */
int64_t set_decide(struct set *set, const uint64_t *on, const struct question *question);
/* Ranks of all rules in `on` that hold, in the order in which they decide; at most `max`. */
uint32_t set_matches(struct set *set, const uint64_t *on, const struct question *question,
		     uint32_t *ranks, uint32_t max);
/* Does this value of a condition hold for the question asked last? */
bool set_value_holds(struct set *set, enum test test, const struct value *value,
		     const struct question *question);
/* The same of a whole condition, with its negation. */
bool set_condition_holds(struct set *set, uint32_t condition, const struct question *question);
/* The rule whose regular expression was given up at its limits last, since this was asked; or NULL.
 */
const struct rule *set_gave_up(struct set *set);
/* One bit for each rule, all set. The caller frees. */
uint64_t *set_all(const struct set *set);

static inline void set_bit(uint64_t *bits, uint32_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline void set_clear_bit(uint64_t *bits, uint32_t i)
{
	bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

#endif
