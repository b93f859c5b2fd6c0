/*
 * rules - a company's rules, compiled and matched.
 *
 * Shape    a rule set is text (etc/rules/README.md has the grammar): rules with a name, priority,
 *          conditions (description contains / matches regex, amount, direction, account) and the
 *          ledger account that they give. The first match by priority, then by place, decides. A
 *          compiled set is named by the BLAKE2b-256 of its text; the same text always decides the
 *          same. Cost of a row is nearly flat in the number of rules.
 * Errors   rules_compile: -1 with fault JOB "rules-syntax" naming source, line and mend.
 * Owns     rules_compile gives; rules_apply writes account, source, confidence_ppm and decider of
 *          rows that are ROW_OK or ROW_UNBOOKED and have no account yet.
 */
#ifndef DAYBOOK_RULES_RULES_H
#define DAYBOOK_RULES_RULES_H

#include "fault.h"
#include "rows.h"

struct rules;

/* `name` says where the text is from, for faults; several sources are one set, earlier ones first. */
struct rules_source {
	const char *name;
	struct span text;
};

int rules_compile(const struct rules_source *sources, int n, struct rules **rules,
		  struct fault *why);
void rules_free(struct rules **rules);
uint32_t rules_count(const struct rules *rules);
void rules_apply(struct rules *rules, struct rows *rows);

#endif
