/*
 * syntax - rule files as plain data.
 *
 * Shape    etc/rules/README.md has the grammar. Rules, conditions and values are three flat arrays
 *          in the order of the text; a rule's conditions and a condition's values lie together.
 *          Texts and regular expressions come out folded (fold.h).
 * Errors   syntax_read: -1 with fault JOB "rules-syntax": `source:line: what is wrong`, the mend in
 *          the hint, the line in row.
 * Owns     struct syntax owns all of it; zero-initialised is valid and empty.
 */
#ifndef DAYBOOK_RULES_SYNTAX_H
#define DAYBOOK_RULES_SYNTAX_H

#include "arena.h"
#include "rules.h"

#define SYNTAX_RULES_MAX       10000
#define SYNTAX_VALUES_MAX      50000
#define SYNTAX_NAME_MAX	       64  /* bytes; the decider of a row repeats it */
#define SYNTAX_VALUE_MAX       256 /* bytes of a text or regular expression, before folding */
#define SYNTAX_PRIORITY_MAX    1000
#define SYNTAX_CONFIDENCE_PPM  950000 /* a rule that does not say how sure it is */
#define SYNTAX_DAY_BASE	       719162 /* days from 0001-01-01 to 1970-01-01 */
#define SYNTAX_PARTS_MAX       8      /* of a rule */
#define SYNTAX_TAGS_MAX	       8
#define SYNTAX_LABEL_MAX       100     /* bytes of a payee or of a tag's value */
#define SYNTAX_NEST_MAX	       8       /* groups of conditions within one another */
#define SYNTAX_PERCENT_MAX     1000000 /* 100 % in 1/10000 of a percent */
#define SYNTAX_AMOUNT_EXPONENT 4       /* the most digits that ISO 4217 has (CLF, UYW) */

enum test {
	TEST_CONTAINS,
	TEST_WORD,
	TEST_REGEX,
	TEST_AMOUNT,
	TEST_DIRECTION,
	TEST_ACCOUNT,
	TEST_CURRENCY,
	TEST_DATE,
	TEST_YEAR,
	TEST_MONTH,
	TEST_DAY,
	TEST_WEEKDAY,
	TEST_ANY, /* groups of conditions */
	TEST_ALL
};

enum action { ACTION_ACCOUNT, ACTION_SKIP };

struct value {
	struct span text;   /* description: folded; account; currency */
	uint64_t low, high; /* both included; amount: in 1/10000 of the currency's unit; date: days
			     * since 0001-01-01; weekday: 1 is Monday */
	bool out;	    /* direction */
	uint32_t line, column;
	uint32_t pattern; /* for the compiler */
};

/* Holds when one of its values does; negated: when none does. A group (TEST_ANY, TEST_ALL) has no
 * values: its conditions come after it, and `size` counts it with all that is in it. */
struct condition {
	enum test test;
	bool negated;
	uint32_t first, n; /* values */
	uint32_t size;	   /* of a plain one: 1 */
};

enum part_kind {
	PART_AMOUNT,  /* value: 1/10000 of the currency's unit */
	PART_PERCENT, /* 1/10000 of a percent of the whole */
	PART_INCLUDED /* the same, of what is left without it: a tax within its price */
};

/* What of the amount goes to another account than the rule's, which gets the rest. */
struct part {
	enum part_kind kind;
	uint64_t value;
	struct span account;
	uint32_t line, column;
};

/* Decides a row when all its conditions hold. */
struct rule {
	struct span name, account;
	struct span payee, tags; /* tags: a line each, name or name:value */
	enum action action;
	int32_t priority;
	uint32_t confidence_ppm;
	const char *file; /* the source's name, and the line in it */
	uint32_t line, column, account_line, account_column;
	uint32_t first, n; /* conditions, with those in groups */
	uint32_t parts_first, n_parts, n_tags;
	uint64_t least; /* of the amount, for its parts of fixed amounts */
	uint32_t place; /* from 0, in the order of the text */
};

struct syntax {
	struct arena arena;
	struct rule *rules;
	struct condition *conditions;
	struct value *values;
	struct part *parts;
	uint32_t n_rules, n_conditions, n_values, n_parts;
	uint32_t rules_room, conditions_room, values_room, parts_room;
};

#define SYNTAX_TRANSFERS "Assets:Transfers" /* `then transfer`: on the way between own accounts */

/* Adds the rules of one source. */
int syntax_read(struct syntax *syntax, const struct rules_source *source, struct fault *why);
void syntax_release(struct syntax *syntax);

/* Fills `why` with "rules-syntax" for a line of a file; returns -1. */
int syntax_fault(struct fault *why, const char *file, uint32_t line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
