/* chart: charts of accounts as people write them. */
#include "unit.h"

#include "chart.h"
#include "mem.h"

static struct chart *chart_of(const char *text)
{
	struct fault why = {0};
	struct chart *chart = NULL;

	if (chart_read("test", span_text(text), &chart, &why) != 0)
		fail_msg("%s (%s)", why.text, why.hint);
	return chart;
}

static void refused(const char *text, uint64_t line, const char *says)
{
	struct fault why = {0};
	struct chart *chart = NULL;

	assert_int_equal(chart_read("acme.accounts", span_text(text), &chart, &why), -1);
	assert_null(chart);
	assert_int_equal(why.class, FAULT_JOB);
	assert_string_equal(why.code, "chart-syntax");
	assert_int_equal(why.row, line);
	assert_non_null(strstr(why.text, says));
	assert_true(why.hint[0] != '\0');
}

static void test_chart_reads_accounts_and_notes(void **state)
{
	struct chart *chart = chart_of("\xef\xbb\xbf; a comment\r\n"
				       "# another\n\n"
				       "Expenses:Food  ; what we eat; and drink \r\n"
				       "  Assets:Bank:1-Giro\n"
				       "Income:日本:売上");

	(void)state;
	assert_int_equal(chart_count(chart), 5);
	assert_true(span_is(chart_account(chart, 0), "Expenses:Food"));
	assert_true(span_is(chart_note(chart, 0), "what we eat; and drink"));
	assert_true(span_is(chart_account(chart, 1), "Assets:Bank:1-Giro"));
	assert_int_equal(chart_note(chart, 1).len, 0);
	assert_true(chart_has(chart, span_text("Income:日本:売上")));
	chart_free(&chart);
	assert_null(chart);
	chart_free(&chart);
}

static void test_chart_always_has_uncategorised(void **state)
{
	struct chart *chart = chart_of("");

	(void)state;
	assert_int_equal(chart_count(chart), 2);
	assert_true(chart_has(chart, span_text("Expenses:Uncategorised")));
	assert_true(chart_has(chart, span_text("Income:Uncategorised")));
	chart_free(&chart);
	chart = chart_of("Expenses:Uncategorised ; mine\nIncome:Uncategorised\n");
	assert_int_equal(chart_count(chart), 2);
	assert_true(span_is(chart_note(chart, 0), "mine"));
	chart_free(&chart);
}

static void test_chart_has_exactly_what_was_written(void **state)
{
	struct chart *chart = chart_of("Expenses:Food:Groceries\nExpenses:Home\n");

	(void)state;
	assert_true(chart_has(chart, span_text("Expenses:Food:Groceries")));
	assert_false(chart_has(chart, span_text("Expenses:Food")));
	assert_false(chart_has(chart, span_text("Expenses:Food:Groceries2")));
	assert_false(chart_has(chart, span_text("expenses:home")));
	assert_false(chart_has(chart, (struct span){0}));
	chart_free(&chart);
}

static void test_chart_faults_name_the_line(void **state)
{
	(void)state;
	refused("Expenses:Food\nExpense:Fun\n", 2, "acme.accounts:2: Expense:Fun");
	refused("Expenses\n", 1, "Expenses");
	refused("Expenses:food\n", 1, "Expenses:food");
	refused("Expenses:Food:\n", 1, "");
	refused("Expenses::Food\n", 1, "");
	refused("Expenses:Eating Out\n", 1, "Eating Out");
	refused("Expenses:\xff\n", 1, "");
	refused("Expenses:A ; \xff\n", 1, "");
	refused("Expenses:A\nIncome:B\nExpenses:A\n", 3, "in line 1");
}

static void test_chart_check_names_all_faults_with_their_places(void **state)
{
	static const struct {
		uint32_t line, column;
		const char *says;
	} expected[] = {{2, 1, "Expense:Fun is not"},
			{4, 3, "Expenses:food is not"},
			{5, 1, "in line 1"},
			{6, 1, "in line 1"},
			{7, 1, "this is not"}};
	struct text_fault faults[8];
	struct chart *chart;

	(void)state;
	assert_int_equal(chart_check(span_text("Expenses:A\nExpense:Fun\n\n  Expenses:food\n"
					       "Expenses:A\nExpenses:A\nExpenses:\xff\n"),
				     &chart, faults, 8),
			 ARRAY_LEN(expected));
	assert_null(chart);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_int_equal(faults[i].line, expected[i].line);
		assert_int_equal(faults[i].column, expected[i].column);
		assert_non_null(strstr(faults[i].fault.text, expected[i].says));
	}
	assert_int_equal(chart_check(span_text("A\nB\nC\n"), &chart, faults, 2), 2);
	assert_int_equal(chart_check(span_text("Expenses:A\n"), &chart, faults, 2), 0);
	assert_int_equal(chart_count(chart), 3);
	chart_free(&chart);
}

static void test_chart_finds_each_of_many(void **state)
{
	char text[64 * 1024] = "", name[32];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 2000; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "Expenses:N%d\n",
					(i * 7919) % 2000);
	struct chart *chart = chart_of(text);

	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "Expenses:N%d", i);
		assert_true(chart_has(chart, span_text(name)));
	}
	chart_free(&chart);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chart_reads_accounts_and_notes),
		cmocka_unit_test(test_chart_always_has_uncategorised),
		cmocka_unit_test(test_chart_has_exactly_what_was_written),
		cmocka_unit_test(test_chart_faults_name_the_line),
		cmocka_unit_test(test_chart_check_names_all_faults_with_their_places),
		cmocka_unit_test(test_chart_finds_each_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
