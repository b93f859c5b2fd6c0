/*
 * rules - a company's rules, compiled and matched.
 *
 * Shape    a rule set is text (etc/rules/README.md has the grammar): rules with a name, priority,
 *          conditions (description, amount, direction, account, currency, date; in groups) and the
 *          ledger account that they give, with a payee, tags and parts for other accounts. The
 *          first match by priority, then by place, decides. A set may stand on a base that all
 *          companies share: the base decides what the set left open, but for rules that the set
 *          replaces by name. A set is named by the BLAKE2b-256 of its texts; the same texts always
 *          decide the same. Cost of a row is nearly flat in the number of rules.
 * Errors   rules_compile: -1 with fault JOB "rules-syntax" naming source, line and mend.
 *          rules_keep_to: -1 with fault JOB "rules-account", the same way.
 * Owns     rules_compile gives, and needs the sources no longer, but the base as long as it lives;
 *          rules_apply writes account, source, confidence_ppm, decider (rule:NAME@VERSION), label,
 *          parts and remark of rows that are ROW_OK or ROW_UNBOOKED and have no account yet. One
 *          thread at a time.
 */
#ifndef DAYBOOK_RULES_RULES_H
#define DAYBOOK_RULES_RULES_H

#include "blob.h"
#include "buf.h"
#include "chart.h"
#include "fault.h"
#include "rows.h"

#define RULES_VERSION_SIZE 13 /* 12 digits and NUL */

struct rules;

/* `name` says where the text is from, for faults; several sources are one set, earlier ones
 * first. */
struct rules_source {
	const char *name;
	struct span text;
};

int rules_compile(const struct rules_source *sources, int n, struct rules **rules,
		  struct fault *why);
/* The same; what takes long to compile is kept in the folder `store`, for the next time. */
int rules_compile_stored(const char *store, const struct rules_source *sources, int n,
			 struct rules **rules, struct fault *why);
/* On a base, which has none itself. */
int rules_compile_on(struct rules *base, const struct rules_source *sources, int n,
		     struct rules **rules, struct fault *why);
void rules_free(struct rules **rules);
/* Without the base's. */
uint32_t rules_count(const struct rules *rules);
/* Account of rule i, in the order in which they decide. */
struct span rules_account(const struct rules *rules, uint32_t i);
/* The version of a set, without compiling it: the hash of its texts, a line end after each. */
struct blob_hash rules_hash(const struct rules_source *sources, int n);
/* A rule that names an account outside the chart is a fault; a base's decides nothing. */
int rules_keep_to(struct rules *rules, const struct chart *chart, struct fault *why);
void rules_apply(struct rules *rules, struct rows *rows);
/* Whether the base decided row i, and not the set itself. */
bool rules_by_base(const struct rules *rules, const struct rows *rows, uint32_t i);

/* ---- for people (check.c, explain.c, offer.c) ---- */

/* All faults of a text, at most `max`, in the order of the text; how many. */
int rules_check(struct span text, const struct chart *chart, struct text_fault *faults, int max);
/* What decides row i and why, as a JSON object: {account, rule, version, starter, confidence,
 * matches: [{rule, starter, line, priority, account, decides, because: ["..."]}]}. */
void rules_explain(struct rules *rules, const struct rows *rows, uint32_t i, struct buf *json);
/* The rule that would have decided row i as a person just did (its account), also beside the
 * company's own rules; they may be NULL. Compiled, and its text to be added to a rule file. NULL:
 * there is none, because the description has less than two letters or digits, an own rule does so
 * already or one that says something else has the highest priority there is, or the row is of that
 * account. */
struct rules *rules_offer(struct rules *own, struct rows *rows, uint32_t i, struct buf *text);
/* The version of a text, as deciders show it. */
void rules_version(struct span text, char version[RULES_VERSION_SIZE]);
/* How often a regular expression was given up at its limits, which counts as no match. */
uint64_t rules_given_up(const struct rules *rules);

#endif
