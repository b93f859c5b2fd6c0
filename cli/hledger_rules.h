/*
 * hledger_rules - the if-blocks of an hledger .rules file as rules of ours.
 *
 * Shape    a block's patterns that stand alone become one rule, each that goes on with `&` lines
 *          one of its own; what assigns account2 (or account1) is its account, in our spelling:
 *          `expenses:car fuel` becomes Expenses:Car-Fuel. `skip` becomes skip. Whatever else a
 *          block says, and what is outside of blocks, stands in a comment.
 * Errors   none.
 */
#ifndef DAYBOOK_CLI_HLEDGER_RULES_H
#define DAYBOOK_CLI_HLEDGER_RULES_H

#include "buf.h"

struct hledger_count {
	uint32_t blocks, rules;
};

/* The highest number of an imported rule in `rules`; 0: there is none. */
uint32_t hledger_last(const char *rules);
/* The rules are numbered from `last` on, the last block's first: the last that matches decides with
 * hledger, and the first with us. */
struct hledger_count hledger_rules(struct span text, uint32_t last, struct buf *rules);

#endif
