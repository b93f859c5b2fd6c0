/* rules: what a rule does beside naming an account, and conditions in groups. */
#include "rules_one.h"

#include "mem.h"

#include "syntax.h"

#define CARD "Liabilities:CreditCard"

struct got {
	char account[64], label[128], parts[128], accounts[256], remark[256];
};

static struct got ask(struct rules *rules, const char *description, int64_t minor,
		      const char *currency)
{
	struct rows *rows = rows_new();
	uint32_t i = rows_add(rows);
	struct got got;

	rows->description[i] = rows_text(rows, span_text(description));
	rows->bank[i] = rows_text(rows, span_text("Assets:Bank:Checking"));
	rows->amount_minor[i] = minor;
	memcpy(rows->currency[i].code, currency, CURRENCY_SIZE);
	rules_apply(rules, rows);
	span_copy(rows_span(rows, rows->account[i]), got.account, sizeof got.account);
	span_copy(rows_span(rows, rows->label[i]), got.label, sizeof got.label);
	span_copy(rows_span(rows, rows->parts[i]), got.parts, sizeof got.parts);
	span_copy(rows_span(rows, rows->part_accounts[i]), got.accounts, sizeof got.accounts);
	span_copy(rows_span(rows, rows->remark[i]), got.remark, sizeof got.remark);
	rows_free(&rows);
	return got;
}

/* ---- payee and tags ---- */

static void test_rules_actions_name_the_payee_and_tags(void **state)
{
	struct rules *rules = rules_of_text("rule A if description contains \"tesco\"\n"
					    "then account Expenses:A then payee \"Tesco Express\"\n"
					    "then tag shared then tag \"trip:New York\"\n"
					    "rule B if description contains \"bus\"\n"
					    "then transfer then tag trip:rome\n"
					    "rule C if description contains \"x\"\n"
					    "then payee X then account Expenses:C\n");
	struct got got = ask(rules, "TESCO 12", -100, "USD");

	(void)state;
	assert_string_equal(got.account, "Expenses:A");
	assert_string_equal(got.label, "Tesco Express\nshared\ntrip:New York");
	got = ask(rules, "BUS", -100, "USD");
	assert_string_equal(got.account, "Assets:Transfers");
	assert_string_equal(got.label, "\ntrip:rome");
	assert_string_equal(ask(rules, "X", 1, "USD").label, "X\n");
	assert_string_equal(ask(rules, "nobody", 1, "USD").label, "");
	rules_free(&rules);
}

/* ---- splits ---- */

static void test_rules_actions_split_to_the_minor_unit(void **state)
{
	static const struct {
		const char *split;
		int64_t minor;
		const char *currency, *parts;
	} cases[] = {
		{"20% Assets:VAT", -12000, "EUR", "2400"},
		{"20% included Assets:VAT", -12000, "EUR", "2000"},
		{"19% included Assets:VAT", 9999, "EUR", "1596"}, /* 1596.48 */
		{"50% Assets:VAT", -1, "EUR", "1"},		  /* half a cent goes up */
		{"49.9% Assets:VAT", -1, "EUR", "0"},
		{"50% Assets:VAT then split 50% Assets:Else", -1, "EUR", "1 0"},
		{"33.3333% Assets:VAT then split 33.3333% Assets:Else", -100, "EUR", "33 33"},
		{"2.50 Assets:VAT", -1000, "USD", "250"},
		{"2.50 Assets:VAT", -1000, "JPY", "3"},
		{"2.505 Assets:VAT", -10000, "KWD", "2505"},
		{"7.00 Assets:VAT then split 60% Assets:Else", -1000, "USD", "700 300"},
		{"100% Assets:VAT", MONEY_MAX_MINOR, "USD", "1000000000000000"},
		{"25% included Assets:VAT", MONEY_MAX_MINOR, "USD", "200000000000000"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf text = {0};
		struct rules *rules;

		buf_format(&text,
			   "rule A if description contains \"x\" then account Expenses:A then "
			   "split %s",
			   cases[i].split);
		rules = rules_of_text(text.at);
		struct got got = ask(rules, "x", cases[i].minor, cases[i].currency);

		if (strcmp(got.parts, cases[i].parts) != 0)
			fail_msg("%s of %lld: %s, not %s", cases[i].split,
				 (long long)cases[i].minor, got.parts, cases[i].parts);
		assert_non_null(strstr(got.accounts, "Assets:VAT"));
		rules_free(&rules);
		buf_release(&text);
	}
}

static void test_rules_actions_hold_only_where_the_parts_fit(void **state)
{
	struct rules *rules = rules_of_text(
		"rule A if description contains \"x\" then account Expenses:A then split 2.00 "
		"Expenses:Fees then split 1.00 " CARD "\n"
		"rule B if description contains \"x\" then account Expenses:B\n");

	(void)state;
	assert_string_equal(ask(rules, "x", -300, "USD").parts, "200 100");
	assert_string_equal(ask(rules, "x", -299, "USD").account, "Expenses:B");
	assert_string_equal(account_of_row(rules, "x", -300, "USD", CARD), "Expenses:B");
	rules_free(&rules);
}

/* ---- groups ---- */

static void test_rules_conditions_stand_in_groups(void **state)
{
	struct rules *rules = rules_of_text(
		"rule A if any (description contains \"rent\" or \"lease\" or amount > 1000\n"
		"  or all (direction in and not currency EUR)) then account Expenses:A\n"
		"rule B if not any (description has word \"bus\", currency EUR)\n"
		"  if not all (direction out, amount 5) then account Expenses:B\n");

	(void)state;
	assert_string_equal(ask(rules, "LEASE", -100, "EUR").account, "Expenses:A");
	assert_string_equal(ask(rules, "bus", -100001, "EUR").account, "Expenses:A");
	assert_string_equal(ask(rules, "bus", 1, "USD").account, "Expenses:A");
	assert_string_equal(ask(rules, "bus", 1, "EUR").account, "");
	assert_string_equal(ask(rules, "other", -1, "EUR").account, "");
	assert_string_equal(ask(rules, "other", -1, "USD").account, "Expenses:B");
	assert_string_equal(ask(rules, "other", -500, "USD").account, "");
	rules_free(&rules);
}

/* Whatever raises a rule, it holds as a plain reading of its tree says. */
static void test_rules_groups_hold_as_they_read(void **state)
{
	static const char *const words[] = {"aa", "bb", "cc"};
	char description[16];

	(void)state;
	for (int tree = 0; tree < 64; tree++) {
		bool outer = tree & 1, inner = tree & 2, not_outer = tree & 4, not_inner = tree & 8;
		bool not_leaf = tree & 16, regex = tree & 32;
		struct buf text = {0};

		buf_format(&text,
			   "rule A if %s%s(%sdescription %s and %s%s(description contains \"bb\" "
			   ", description contains \"cc\")) then account Expenses:A",
			   not_outer ? "not " : "", outer ? "any" : "all", not_leaf ? "not " : "",
			   regex ? "matches /(?=a)aa/" : "contains \"aa\"", not_inner ? "not " : "",
			   inner ? "any" : "all");
		if (outer) /* `or` between those of any */
			memcpy(strstr(text.at, " and "), " ,   ", 5);
		struct rules *rules = rules_of_text(text.at);

		for (int has = 0; has < 8; has++) {
			bool a = has & 1, b = has & 2, c = has & 4;
			bool in = (inner ? b || c : b && c) != not_inner, leaf = a != not_leaf;
			bool holds = (outer ? leaf || in : leaf && in) != not_outer;

			snprintf(description, sizeof description, "%s-%s-%s", a ? words[0] : "x",
				 b ? words[1] : "x", c ? words[2] : "x");
			if (holds != (*ask(rules, description, -1, "USD").account != '\0'))
				fail_msg("%s: %s", text.at, description);
		}
		rules_free(&rules);
		buf_release(&text);
	}
}

/* ---- for people ---- */

static void test_rules_explain_groups(void **state)
{
	struct rules *rules = rules_of_text(
		"rule A if any (description contains \"rent\" or all (amount > 10 direction in))\n"
		"if not any (currency EUR or amount 3) then account Expenses:A\n");
	struct rows *rows = rows_new();
	struct buf json = {0};

	(void)state;
	rows_add(rows);
	rows->amount_minor[0] = 2000;
	memcpy(rows->currency[0].code, "USD", CURRENCY_SIZE);
	rules_explain(rules, rows, 0, &json);
	assert_non_null(strstr(json.at, "\"because\":[\"amount from 10.00 and direction in\","
					"\"not (currency EUR or amount 3.00)\"]"));
	rows_free(&rows);
	buf_release(&json);
	rules_free(&rules);
}

#define TEN(text) text text text text text text text text text text

static void test_rules_remark_what_they_gave_up_on(void **state)
{
	struct rules *rules = rules_of_text("\nrule Slow if description matches "
					    "/(?=q)q([\\x{444}\\x{445}]+)+z/ "
					    "then account Expenses:A\n"
					    "rule B if description contains \"!\" then account "
					    "Expenses:B");
	struct got got = ask(rules, "q" TEN(TEN("\xd1\x84\xd1\x84")) "!z", -1, "USD");

	(void)state;
	assert_string_equal(got.account, "Expenses:B");
	assert_string_equal(got.remark,
			    "rule Slow (the company's rules, line 2): its regular expression "
			    "took too long and counted as no match");
	assert_string_equal(ask(rules, "!", -1, "USD").remark, "");
	rules_free(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_actions_name_the_payee_and_tags),
		cmocka_unit_test(test_rules_actions_split_to_the_minor_unit),
		cmocka_unit_test(test_rules_actions_hold_only_where_the_parts_fit),
		cmocka_unit_test(test_rules_conditions_stand_in_groups),
		cmocka_unit_test(test_rules_groups_hold_as_they_read),
		cmocka_unit_test(test_rules_explain_groups),
		cmocka_unit_test(test_rules_remark_what_they_gave_up_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
