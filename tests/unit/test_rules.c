/* rules: what a rule set decides. Faults in rule files are test_rules_faults.c's. */
#include "rules_one.h"

#include <stdlib.h>

#include "buf.h"
#include "clock.h"

static void test_rules_contains_finds_a_text_anywhere(void **state)
{
	struct rules *rules = rules_of_text("rule A if description contains \"shell\", \"B&Q\" "
					    "then account Expenses:A");

	(void)state;
	assert_string_equal(account_of(rules, "SHELLEY"), "Expenses:A");
	assert_string_equal(account_of(rules, "xb&qx"), "Expenses:A");
	assert_string_equal(account_of(rules, "b q"), "");
	assert_string_equal(account_of(rules, ""), "");
	rules_free(&rules);
	assert_null(rules);
	rules_free(&rules);
}

static void test_rules_has_word_stops_at_letters_and_digits(void **state)
{
	struct rules *rules = rules_of_text("rule A if description has word \"shell\", \"h&m\", "
					    "\"gas station\", \"sq *\", \"müller\" "
					    "then account Expenses:A");

	(void)state;
	assert_string_equal(account_of(rules, "SHELL 1234"), "Expenses:A");
	assert_string_equal(account_of(rules, "shelley"), "");
	assert_string_equal(account_of(rules, "SHELL2"), "");
	assert_string_equal(account_of(rules, "2SHELL"), "");
	assert_string_equal(account_of(rules, "*shell*"), "Expenses:A");
	/* the second place counts when the first is within a word */
	assert_string_equal(account_of(rules, "SHELLEY AT SHELL"), "Expenses:A");
	assert_string_equal(account_of(rules, "H&M Hennes"), "Expenses:A");
	assert_string_equal(account_of(rules, "OH&MY"), "");
	assert_string_equal(account_of(rules, "GAS  STATION"), "Expenses:A");
	assert_string_equal(account_of(rules, "GAS STATIONS"), "");
	/* its own end is no letter, so anything may follow */
	assert_string_equal(account_of(rules, "SQ *CAFE"), "Expenses:A");
	assert_string_equal(account_of(rules, "Müllers"), "");
	rules_free(&rules);
}

static void test_rules_fold_case_beyond_ascii(void **state)
{
	struct rules *rules = rules_of_text("rule A if description has word \"Müller\" "
					    "then account Expenses:A\n"
					    "rule B if description has word \"uber\" "
					    "then account Expenses:B\n"
					    "rule C if description contains \"caffÈ\", \"МОСКВА\", "
					    "\"ﾃﾞﾝｷ\" then account Expenses:C");

	(void)state;
	assert_string_equal(account_of(rules, "müller"), "Expenses:A");
	assert_string_equal(account_of(rules, "DROGERIE MÜLLER"), "Expenses:A");
	assert_string_equal(account_of(rules, "MUELLER"), "Expenses:A");
	assert_string_equal(account_of(rules, "Muller"), "Expenses:A");
	assert_string_equal(account_of(rules, "Überweisung über 5 Euro"), "");
	assert_string_equal(account_of(rules, "UBER *TRIP"), "Expenses:B");
	assert_string_equal(account_of(rules, "CAFFE ROMA"), "Expenses:C");
	assert_string_equal(account_of(rules, "москва"), "Expenses:C");
	assert_string_equal(account_of(rules, "デンキ代"), "Expenses:C");
	rules_free(&rules);
}

static void test_rules_amount_is_in_units_of_the_currency(void **state)
{
	struct rules *rules = rules_of_text("rule A if amount 10 to 20.5 then account Expenses:A\n"
					    "rule B if amount 9.999 then account Expenses:B\n"
					    "rule C if amount > 1000 then account Expenses:C\n"
					    "rule D if amount <1 then account Expenses:D");
	const char *bank = "Assets:Bank:Checking";

	(void)state;
	assert_string_equal(account_of_row(rules, "x", -1000, "USD", bank), "Expenses:A");
	assert_string_equal(account_of_row(rules, "x", 2050, "EUR", bank), "Expenses:A");
	assert_string_equal(account_of_row(rules, "x", 2051, "EUR", bank), "");
	assert_string_equal(account_of_row(rules, "x", -999, "EUR", bank), "");
	assert_string_equal(account_of_row(rules, "x", -15, "JPY", bank), "Expenses:A");
	assert_string_equal(account_of_row(rules, "x", -1001, "JPY", bank), "Expenses:C");
	assert_string_equal(account_of_row(rules, "x", -1000, "JPY", bank), "");
	assert_string_equal(account_of_row(rules, "x", -15000, "KWD", bank), "Expenses:A");
	assert_string_equal(account_of_row(rules, "x", 9999, "KWD", bank), "Expenses:B");
	assert_string_equal(account_of_row(rules, "x", -99, "USD", bank), "Expenses:D");
	assert_string_equal(account_of_row(rules, "x", 0, "USD", bank), "Expenses:D");
	/* a code that is not listed has two digits */
	assert_string_equal(account_of_row(rules, "x", -1000, "\0\0\0", bank), "Expenses:A");
	/* the largest amounts there are, in the currency with the fewest digits */
	assert_string_equal(account_of_row(rules, "x", -MONEY_MAX_MINOR, "JPY", bank),
			    "Expenses:C");
	assert_string_equal(account_of_row(rules, "x", MONEY_MAX_MINOR, "CLF", bank), "Expenses:C");
	rules_free(&rules);
}

static void test_rules_direction_account_and_currency(void **state)
{
	struct rules *rules = rules_of_text(
		"rule A if direction in if account Assets:Bank then account Income:A\n"
		"rule B if direction out if currency EUR or CHF then account Expenses:B\n"
		"rule C if not currency USD if not direction in if not direction out "
		"then account Expenses:C");

	(void)state;
	assert_string_equal(account_of_row(rules, "x", 1, "USD", "Assets:Bank"), "Income:A");
	assert_string_equal(account_of_row(rules, "x", 1, "USD", "Assets:Bank:Giro"), "Income:A");
	assert_string_equal(account_of_row(rules, "x", 1, "USD", "Assets:Banks"), "");
	assert_string_equal(account_of_row(rules, "x", 1, "USD", "Assets"), "");
	assert_string_equal(account_of_row(rules, "x", -1, "EUR", "Assets:Bank"), "Expenses:B");
	assert_string_equal(account_of_row(rules, "x", -1, "USD", "Assets:Bank"), "");
	assert_string_equal(account_of_row(rules, "x", 0, "EUR", "Assets:Bank"), "Expenses:C");
	rules_free(&rules);
}

static void test_rules_priority_then_place_decides(void **state)
{
	struct rules *rules = rules_of_text(
		"rule Low priority -5 if description contains \"amazon\" then account "
		"Expenses:Low\n"
		"rule First if description contains \"amazon\" then account Expenses:First\n"
		"rule Second if description contains \"amazon\" then account Expenses:Second\n"
		"rule High priority 7 if description contains \"prime\" "
		"then account Expenses:High\n"
		"rule Always priority -9 if direction out then account Expenses:Always\n");

	(void)state;
	assert_int_equal(rules_count(rules), 5);
	assert_string_equal(account_of(rules, "AMAZON"), "Expenses:First");
	assert_string_equal(account_of(rules, "AMAZON PRIME"), "Expenses:High");
	assert_string_equal(account_of(rules, "other"), "Expenses:Always");
	assert_true(span_is(rules_account(rules, 0), "Expenses:High"));
	assert_true(span_is(rules_account(rules, 4), "Expenses:Always"));
	rules_free(&rules);
}

static void test_rules_all_conditions_must_hold_and_not_turns_one_round(void **state)
{
	struct rules *rules = rules_of_text(
		"rule A if description contains \"gas\" if description has word \"shop\" or "
		"\"store\" "
		"if not description contains \"refund\", \"return\" then account Expenses:A\n"
		"rule B if not description matches /[0-9]/ then account Expenses:B");

	(void)state;
	assert_string_equal(account_of(rules, "gas shop 1"), "Expenses:A");
	assert_string_equal(account_of(rules, "store gas 1"), "Expenses:A");
	assert_string_equal(account_of(rules, "gas 1"), "");
	assert_string_equal(account_of(rules, "gas shop 1 refund"), "");
	assert_string_equal(account_of(rules, "gas shop 1 return"), "");
	assert_string_equal(account_of(rules, "only letters"), "Expenses:B");
	rules_free(&rules);
}

static void test_rules_regular_expressions_with_and_without_pcre2(void **state)
{
	struct rules *rules = rules_of_text(
		"rule A if description matches /\\btfl\\b.*\\d{4}/ then account Expenses:A\n"
		"rule B if description matches /^ref (?!7)\\d+$/ then account Expenses:B\n"
		"rule C if description matches /\\b(\\w+) \\1\\b/ then account Expenses:C\n"
		"rule D if description matches /(?<=order )[a-z]{2,900}\\/x/ then account "
		"Expenses:D\n"
		"rule E if description matches /Ünter.?$/ then account Expenses:E\n"
		"rule F if description matches /\\p{Cyrillic}{3}/ then account Expenses:F\n");

	(void)state;
	assert_string_equal(account_of(rules, "TFL TRAVEL 1234"), "Expenses:A");
	assert_string_equal(account_of(rules, "TFLX 1234"), "");
	assert_string_equal(account_of(rules, "REF 812"), "Expenses:B");
	assert_string_equal(account_of(rules, "ref 712"), "");
	assert_string_equal(account_of(rules, "pizza  PIZZA"), "Expenses:C");
	assert_string_equal(account_of(rules, "pizza pasta"), "");
	assert_string_equal(account_of(rules, "Order abc/X"), "Expenses:D");
	assert_string_equal(account_of(rules, "reorder/x"), "");
	assert_string_equal(account_of(rules, "hinünterß"), "");
	assert_string_equal(account_of(rules, "hinÜNTERé"), "Expenses:E");
	assert_string_equal(account_of(rules, "Кафе 1"), "Expenses:F");
	assert_int_equal(rules_given_up(rules), 0);
	rules_free(&rules);
}

/* Vectorscan and PCRE2 must agree, since which one matches is a matter of speed. */
static void test_rules_engines_agree(void **state)
{
	static const char *const expressions[] = {"a.c", "\\bab+\\b", "^x|y$", "[^a-c]z",
						  "a{2,3}b"};
	static const char *const texts[] = {"abc",
					    "ab",
					    "abb x",
					    "xylo",
					    "quay",
					    "az",
					    "dz",
					    "aab",
					    "aaaab",
					    "ab",
					    "",
					    "A C",
					    "a\xc3\xa4"
					    "c"};
	char text[200];

	(void)state;
	for (size_t e = 0; e < sizeof expressions / sizeof expressions[0]; e++) {
		snprintf(text, sizeof text,
			 "rule A if description matches /%s/ then account "
			 "Expenses:A",
			 expressions[e]);
		struct rules *fast = rules_of_text(text);

		snprintf(text, sizeof text,
			 "rule A if description matches /(?=.)(?:%s)/ then "
			 "account Expenses:A",
			 expressions[e]);
		struct rules *slow = rules_of_text(text);

		for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
			bool holds = account_of(fast, texts[t])[0] != '\0';

			assert_int_equal(account_of(slow, texts[t])[0] != '\0', holds);
		}
		rules_free(&fast);
		rules_free(&slow);
	}
}

#define TEN(text) text text text text text text text text text text

static void test_rules_give_up_on_a_regular_expression_at_its_limits(void **state)
{
	/* let in, since it is tried with ASCII only; made to go back by other letters */
	struct rules *rules = rules_of_text("rule A if description matches "
					    "/(?=q)q([\\x{444}\\x{445}]+)+z/ "
					    "then account Expenses:A");
	char text[] = "q" TEN(TEN("\xd1\x84\xd1\x84")) "!z";
	int64_t start_ms = clock_ms();

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_string_equal(account_of(rules, text), "");
	assert_int_equal(rules_given_up(rules), 100);
	assert_string_equal(account_of(rules, "QФХz"), "Expenses:A");
	assert_true(clock_ms() - start_ms < 5000);
	rules_free(&rules);
}

static void test_rules_never_book_an_account_against_itself(void **state)
{
	struct rules *rules = rules_of_text(
		"rule Card if description contains \"payment\" then account "
		"Liabilities:CreditCard\n"
		"rule Else if description contains \"payment\" then account Assets:Transfers\n");

	(void)state;
	assert_string_equal(account_of(rules, "PAYMENT"), "Liabilities:CreditCard");
	assert_string_equal(account_of_row(rules, "PAYMENT", 1, "USD", "Liabilities:CreditCard"),
			    "Assets:Transfers");
	rules_free(&rules);
}

static void test_rules_write_only_rows_that_are_open(void **state)
{
	struct rules *rules = rules_of_text("rule \"My rule\" confidence 0.7 if direction out "
					    "then account Expenses:A");
	struct rows *rows = rows_new();
	char version[BLOB_HASH_TEXT_SIZE], decider[100];
	struct rules_source source = {"",
				      span_text("rule \"My rule\" confidence 0.7 if direction out "
						"then account Expenses:A")};

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		rows_add(rows);
		rows->amount_minor[i] = -1;
	}
	rows->state[1] = ROW_REJECTED;
	rows->state[2] = ROW_UNBOOKED;
	rows->account[3] = rows_text(rows, span_text("Expenses:Mine"));
	rows->source[3] = SOURCE_USER;
	rules_apply(rules, rows);
	blob_hash_text(rules_hash(&source, 1), version);
	snprintf(decider, sizeof decider, "rule:My rule@%.12s", version);
	for (uint32_t i = 0; i < 3; i += 2) {
		assert_true(span_is(rows_span(rows, rows->account[i]), "Expenses:A"));
		assert_true(span_is(rows_span(rows, rows->decider[i]), decider));
		assert_int_equal(rows->source[i], SOURCE_RULE);
		assert_int_equal(rows->confidence_ppm[i], 700000);
	}
	assert_int_equal(rows->account[1].len, 0);
	assert_int_equal(rows->source[1], SOURCE_NONE);
	assert_true(span_is(rows_span(rows, rows->account[3]), "Expenses:Mine"));
	assert_int_equal(rows->source[3], SOURCE_USER);
	/* a second unit has its own heap */
	rows_clear(rows);
	rows_add(rows);
	rows->amount_minor[0] = -1;
	rules_apply(rules, rows);
	assert_true(span_is(rows_span(rows, rows->decider[0]), decider));
	rows_free(&rows);
	rules_free(&rules);
}

static void test_rules_stand_on_a_base_and_replace_by_name(void **state)
{
	struct rules *base = rules_of_text(
		"rule Coffee priority 900 if description contains \"cafe\" then account "
		"Expenses:Coffee\n"
		"rule Tea if description contains \"tea\" then account Expenses:Tea\n"
		"rule Fun if description contains \"fun\" then account Expenses:Fun\n");
	struct rules_source own = {
		"own", span_text("rule Mine priority -900 if description contains \"cafe anna\" "
				 "then account Expenses:Mine\n"
				 "rule Tea if description contains \"green tea\" "
				 "then account Expenses:Green\n")};
	struct rules *rules = NULL, *none = NULL;
	struct chart *chart = NULL;
	struct fault why = {0};

	(void)state;
	assert_int_equal(rules_compile_on(base, &own, 1, &rules, NULL), 0);
	assert_int_equal(rules_compile_on(base, NULL, 0, &none, NULL), 0);
	/* own rules first, whatever the priorities */
	assert_string_equal(account_of(rules, "CAFE ANNA"), "Expenses:Mine");
	assert_string_equal(account_of(rules, "CAFE"), "Expenses:Coffee");
	assert_string_equal(account_of(rules, "black tea"), "");
	assert_string_equal(account_of(rules, "green tea"), "Expenses:Green");
	assert_string_equal(account_of(none, "black tea"), "Expenses:Tea");
	/* the base's rules outside the chart decide nothing, for this company */
	assert_int_equal(chart_read("c", span_text("Expenses:Mine\nExpenses:Green\nExpenses:Tea\n"),
				    &chart, NULL),
			 0);
	assert_int_equal(rules_keep_to(rules, chart, &why), 0);
	assert_string_equal(account_of(rules, "CAFE"), "");
	assert_string_equal(account_of(rules, "fun"), "");
	assert_string_equal(account_of(none, "CAFE"), "Expenses:Coffee");
	/* own ones are a fault */
	assert_int_equal(rules_keep_to(base, chart, &why), -1);
	assert_string_equal(why.code, "rules-account");
	assert_int_equal(why.row, 1);
	assert_non_null(strstr(why.text, "Expenses:Coffee"));
	chart_free(&chart);
	rules_free(&none);
	rules_free(&rules);
	rules_free(&base);
}

static void test_rules_same_texts_have_the_same_version(void **state)
{
	struct rules_source one[] = {{"a", span_text("x")}, {"b", span_text("y")}};
	struct rules_source other[] = {{"c", span_text("x\ny")}};
	struct blob_hash a = rules_hash(one, 2), b = rules_hash(other, 1), c = rules_hash(one, 1);

	(void)state;
	assert_memory_equal(&a, &b, sizeof a);
	assert_memory_not_equal(&a, &c, sizeof a);
}

/* A thousand rules, and for each the row that only it decides. */
static void test_rules_many(void **state)
{
	struct buf text = {0};
	char description[64], account[64];

	(void)state;
	for (int i = 0; i < 2000; i++)
		buf_format(&text,
			   "rule R%d if description has word \"shop%d\" then account "
			   "Expenses:A%d\n",
			   i, i, i);
	buf_format(&text, "rule Regex if description matches /(?!no)shop x+\\b/ then account "
			  "Expenses:Regex\n");
	struct rules *rules = rules_of_text(text.at);

	buf_release(&text);
	assert_int_equal(rules_count(rules), 2001);
	for (int i = 0; i < 2000; i += 7) {
		snprintf(description, sizeof description, "at SHOP%d, %dshop", i, i + 1);
		snprintf(account, sizeof account, "Expenses:A%d", i);
		assert_string_equal(account_of(rules, description), account);
	}
	assert_string_equal(account_of(rules, "shop xx"), "Expenses:Regex");
	assert_string_equal(account_of(rules, "shop2000"), "");
	rules_free(&rules);
}

static void test_rules_hostile_descriptions(void **state)
{
	struct rules *rules = rules_of_text(
		"rule A if description has word \"aa\" or \"ß\" then account Expenses:A\n"
		"rule B if description matches /\\x{fffd}/ then account Expenses:B\n");
	char *text = malloc(ROWS_RECORD_MAX + 1);

	(void)state;
	memset(text, 'a', ROWS_RECORD_MAX);
	text[ROWS_RECORD_MAX] = '\0';
	assert_string_equal(account_of(rules, text), "");
	for (int i = 0; i < ROWS_RECORD_MAX; i += 3)
		text[i] = ' ';
	assert_string_equal(account_of(rules, text), "Expenses:A");
	assert_string_equal(account_of(rules, "\xff\xfe\xc3"), "Expenses:B");
	srand(1);
	for (int round = 0; round < 300; round++) {
		for (int i = 0; i < 200; i++)
			text[i] = (char)(1 + rand() % 255);
		text[200] = '\0';
		account_of(rules, text);
	}
	free(text);
	rules_free(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_contains_finds_a_text_anywhere),
		cmocka_unit_test(test_rules_has_word_stops_at_letters_and_digits),
		cmocka_unit_test(test_rules_fold_case_beyond_ascii),
		cmocka_unit_test(test_rules_amount_is_in_units_of_the_currency),
		cmocka_unit_test(test_rules_direction_account_and_currency),
		cmocka_unit_test(test_rules_priority_then_place_decides),
		cmocka_unit_test(test_rules_all_conditions_must_hold_and_not_turns_one_round),
		cmocka_unit_test(test_rules_regular_expressions_with_and_without_pcre2),
		cmocka_unit_test(test_rules_engines_agree),
		cmocka_unit_test(test_rules_give_up_on_a_regular_expression_at_its_limits),
		cmocka_unit_test(test_rules_never_book_an_account_against_itself),
		cmocka_unit_test(test_rules_write_only_rows_that_are_open),
		cmocka_unit_test(test_rules_stand_on_a_base_and_replace_by_name),
		cmocka_unit_test(test_rules_same_texts_have_the_same_version),
		cmocka_unit_test(test_rules_many),
		cmocka_unit_test(test_rules_hostile_descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
