/*
 * The starter rules and the default chart as they are shipped: they compile, every account that a
 * rule names is in the chart, and every word of a rule decides for that rule's own account.
 */
#include "unit.h"

#include <dirent.h>

#include "chart.h"
#include "fold.h"
#include "mem.h"
#include "rules.h"
#include "syntax.h"

#define FILES_MAX 64

struct starter {
	struct rules_source sources[FILES_MAX];
	int n;
	struct rules *rules;
	struct chart *chart;
};

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	struct buf text = {0};
	char block[4096];
	size_t n = 0;

	assert_non_null(file);
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		buf_add(&text, block, n);
	fclose(file);
	*len = text.len;
	return text.at;
}

static int is_rules(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".rules") == 0;
}

static int setup(void **state)
{
	struct starter *starter = xcalloc(1, sizeof *starter);
	struct dirent **entries = NULL;
	struct fault why = {0};
	size_t len = 0;
	int n = scandir("etc/rules", &entries, is_rules, alphasort);

	assert_true(n > 0 && n <= FILES_MAX);
	for (int i = 0; i < n; i++) {
		char path[300];

		snprintf(path, sizeof path, "etc/rules/%s", entries[i]->d_name);
		starter->sources[i].name = xstrdup(entries[i]->d_name);
		starter->sources[i].text.at = read_file(path, &starter->sources[i].text.len);
		free(entries[i]);
	}
	free(entries);
	starter->n = n;
	if (rules_compile(starter->sources, n, &starter->rules, &why) != 0)
		fail_msg("%s (%s)", why.text, why.hint);
	char *chart = read_file("etc/accounts/default.accounts", &len);

	if (chart_read("default.accounts", span_of(chart, len), &starter->chart, &why) != 0)
		fail_msg("%s (%s)", why.text, why.hint);
	free(chart);
	*state = starter;
	return 0;
}

static int teardown(void **state)
{
	struct starter *starter = *state;

	for (int i = 0; i < starter->n; i++) {
		free((char *)starter->sources[i].name);
		free((char *)starter->sources[i].text.at);
	}
	rules_free(&starter->rules);
	chart_free(&starter->chart);
	free(starter);
	return 0;
}

static void test_starter_rules_name_accounts_of_the_default_chart(void **state)
{
	struct starter *starter = *state;

	assert_true(rules_count(starter->rules) > 50);
	for (uint32_t i = 0; i < rules_count(starter->rules); i++)
		if (!chart_has(starter->chart, rules_account(starter->rules, i)))
			fail_msg("%.*s is not in the chart",
				 SPAN_ARG(rules_account(starter->rules, i)));
	assert_int_equal(rules_keep_to(starter->rules, starter->chart, NULL), 0);
}

/* A row that the rule's other conditions do not keep from it. */
static void row_for(const struct syntax *syntax, const struct rule *rule, struct rows *rows,
		    struct span description)
{
	uint32_t i = rows_add(rows);

	rows->amount_minor[i] = -1000;
	memcpy(rows->currency[i].code, "USD", CURRENCY_SIZE);
	rows->description[i] = rows_text(rows, description);
	rows->bank[i] = rows_text(rows, span_text("Assets:Bank:Checking"));
	for (uint32_t c = rule->first; c < rule->first + rule->n; c++) {
		const struct condition *condition = &syntax->conditions[c];
		const struct value *value = &syntax->values[condition->first];

		if (condition->test == TEST_DIRECTION && !value->out)
			rows->amount_minor[i] = 1000;
		if (condition->test == TEST_CURRENCY && condition->negated)
			memcpy(rows->currency[i].code, "EUR", CURRENCY_SIZE);
	}
}

static int check_rule(struct starter *starter, const struct syntax *syntax, const struct rule *rule)
{
	int wrong = 0;

	for (uint32_t c = rule->first; c < rule->first + rule->n; c++) {
		const struct condition *condition = &syntax->conditions[c];

		if (condition->negated || condition->test > TEST_WORD)
			continue;
		for (uint32_t v = condition->first; v < condition->first + condition->n; v++) {
			struct rows *rows = rows_new();

			row_for(syntax, rule, rows, syntax->values[v].text);
			rules_apply(starter->rules, rows);
			if (!span_equal(rows_span(rows, rows->account[0]), rule->account)) {
				print_error("%s:%u: \"%.*s\" of %.*s goes to %.*s (%.*s)\n",
					    rule->file, syntax->values[v].line,
					    SPAN_ARG(syntax->values[v].text), SPAN_ARG(rule->name),
					    SPAN_ARG(rows_span(rows, rows->account[0])),
					    SPAN_ARG(rows_span(rows, rows->decider[0])));
				wrong++;
			}
			rows_free(&rows);
		}
	}
	return wrong;
}

/* Otherwise a word is in two rules, or an earlier rule has a part of it. */
static void test_starter_rules_words_decide_for_their_own_account(void **state)
{
	struct starter *starter = *state;
	struct syntax syntax = {0};
	int wrong = 0;

	for (int i = 0; i < starter->n; i++)
		assert_int_equal(syntax_read(&syntax, &starter->sources[i], NULL), 0);
	for (uint32_t i = 0; i < syntax.n_rules; i++)
		wrong += check_rule(starter, &syntax, &syntax.rules[i]);
	assert_int_equal(wrong, 0);
	syntax_release(&syntax);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starter_rules_name_accounts_of_the_default_chart),
		cmocka_unit_test(test_starter_rules_words_decide_for_their_own_account),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
