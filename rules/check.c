/*
 * check - all faults of a rule text at once, each with its place.
 */
#include <stdlib.h>

#include "mem.h"
#include "reader.h"
#include "regex.h"

#define SOURCE "rules" /* what messages call the text */

struct checking {
	struct reader reader;
	struct syntax syntax;
	const struct chart *chart;
	struct text_fault *faults;
	int n, max;
};

/* The text of a fault without "rules:12: " before it: the place is beside it. */
static void add(struct checking *c, uint32_t line, uint32_t column, const struct fault *why)
{
	struct text_fault *fault;
	const char *text = strstr(why->text, ": ");

	if (c->n == c->max)
		return;
	fault = &c->faults[c->n++];
	*fault = (struct text_fault){line, column, *why};
	if (text && strncmp(why->text, SOURCE ":", strlen(SOURCE ":")) == 0)
		memmove(fault->fault.text, text + 2, strlen(text + 2) + 1);
}

static void read_rules(struct checking *c, const struct rules_source *source)
{
	struct fault why = {0};
	struct lexer *lexer = &c->reader.lexer;

	c->reader.syntax = &c->syntax;
	c->reader.why = &why;
	if (lexer_start(lexer, source, &c->syntax.arena, &why) != 0) {
		add(c, (uint32_t)why.row, lexer->token.line == why.row ? lexer->token.column : 0,
		    &why);
		lexer_recover(lexer);
	}
	while (lexer->token.kind != TOKEN_END && c->n < c->max) {
		if (rule_read(&c->reader, source->name) == 0)
			continue;
		add(c, (uint32_t)why.row, lexer->token.line == why.row ? lexer->token.column : 0,
		    &why);
		if (lexer->token.leads && lexer_is_word(lexer, "rule"))
			lexer_next(lexer, &why); /* else it would be read again for ever */
		lexer_recover(lexer);
	}
	buf_release(&c->reader.folded);
}

struct named {
	const struct rule *rule;
};

static int by_name(const void *a, const void *b)
{
	const struct rule *x = ((const struct named *)a)->rule,
			  *y = ((const struct named *)b)->rule;
	size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
	int order = memcmp(x->name.at, y->name.at, len);

	if (order == 0)
		order = (x->name.len > y->name.len) - (x->name.len < y->name.len);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static void check_names(struct checking *c)
{
	uint32_t n = c->syntax.n_rules;
	struct named *sorted = xcalloc(n + 1, sizeof *sorted);
	struct fault why;

	for (uint32_t i = 0; i < n; i++)
		sorted[i].rule = &c->syntax.rules[i];
	qsort(sorted, n, sizeof *sorted, by_name);
	for (uint32_t i = 1; i < n; i++) {
		const struct rule *first = sorted[i - 1].rule, *second = sorted[i].rule;

		if (!span_equal(first->name, second->name))
			continue;
		fault_set(&why, FAULT_JOB, "rules-syntax", "rule %.*s is there already, in line %u",
			  SPAN_ARG(second->name), first->line);
		fault_hint(&why, "give it a name of its own, or join the two");
		add(c, second->line, second->column, &why);
	}
	free(sorted);
}

static void check_account(struct checking *c, const struct rule *rule, struct span account,
			  const uint32_t place[2])
{
	struct fault why;

	if (rule->action == ACTION_SKIP || chart_has(c->chart, account))
		return;
	fault_set(&why, FAULT_JOB, "rules-account", "%.*s is not in the chart of accounts",
		  SPAN_ARG(account));
	fault_hint(&why, "add it to the chart, or let rule %.*s name another",
		   SPAN_ARG(rule->name));
	add(c, place[0], place[1], &why);
}

static void check_regex(struct checking *c, const struct value *value)
{
	struct regex *regex = NULL;
	struct fault why = {0};

	if (regex_read(value->text, &regex, &why) != 0 || regex_ready(regex, &why) != 0)
		add(c, value->line, value->column, &why);
	regex_free(&regex);
}

static void check_rule(struct checking *c, const struct rule *rule)
{
	check_account(c, rule, rule->account,
		      (const uint32_t[]){rule->account_line, rule->account_column});
	for (uint32_t i = rule->parts_first; i < rule->parts_first + rule->n_parts; i++) {
		const struct part *part = &c->syntax.parts[i];

		check_account(c, rule, part->account, (const uint32_t[]){part->line, part->column});
	}
	for (uint32_t i = rule->first; i < rule->first + rule->n; i++) {
		const struct condition *condition = &c->syntax.conditions[i];

		for (uint32_t v = 0; condition->test == TEST_REGEX && v < condition->n; v++)
			check_regex(c, &c->syntax.values[condition->first + v]);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct text_fault *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

/* What only the whole shows: too many of something. */
static void check_whole(struct checking *c, const struct rules_source *source)
{
	struct rules *rules = NULL;
	struct fault why = {0};

	if (rules_compile(source, 1, &rules, &why) != 0)
		add(c, (uint32_t)why.row, 0, &why);
	rules_free(&rules);
}

int rules_check(struct span text, const struct chart *chart, struct text_fault *faults, int max)
{
	struct rules_source source = {SOURCE, text};
	struct checking *c = xcalloc(1, sizeof *c);
	int n;

	c->chart = chart;
	c->faults = faults;
	c->max = max;
	read_rules(c, &source);
	check_names(c);
	for (uint32_t i = 0; i < c->syntax.n_rules; i++)
		check_rule(c, &c->syntax.rules[i]);
	if (c->n == 0)
		check_whole(c, &source);
	n = c->n;
	qsort(faults, (size_t)n, sizeof *faults, by_place);
	syntax_release(&c->syntax);
	free(c);
	return n;
}
