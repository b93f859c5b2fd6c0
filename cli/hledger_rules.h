/*
 * hledger_rules - the if-blocks of an hledger .rules file as rules of ours.
 *
 * Shape    a block's patterns that stand alone become one rule, each that goes on with `&` lines
 * one of its own; what assigns account2 (or account1) is its account, in our spelling:
 *          `expenses:car fuel` becomes Expenses:Car-Fuel. `skip` becomes skip. Whatever else a
 * block says, and what is outside of blocks, stands in a comment. Errors   none.
 */
#ifndef DAYBOOK_CLI_HLEDGER_RULES_H
#define DAYBOOK_CLI_HLEDGER_RULES_H

#include "buf.h"

struct hledger_count {
	uint32_t blocks, rules;
};

struct hledger_count hledger_rules(struct span text, struct buf *rules);

#endif
