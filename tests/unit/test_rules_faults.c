/* rules: what a faulty or hostile rule file is told. */
#include "unit.h"

#include <stdlib.h>

#include "buf.h"
#include "clock.h"
#include "rules.h"
#include "syntax.h"

static void refused(const char *text, uint64_t line, const char *says)
{
	struct rules_source source = {"acme.rules", span_text(text)};
	struct rules *rules = NULL;
	struct fault why = {0};
	char place[40];

	assert_int_equal(rules_compile(&source, 1, &rules, &why), -1);
	assert_null(rules);
	snprintf(place, sizeof place, "acme.rules:%u:", (unsigned)line);
	if (!strstr(why.text, place) || !strstr(why.text, says))
		fail_msg("\"%s\" (%s) should say %s %s", why.text, why.hint, place, says);
	assert_int_equal(why.class, FAULT_JOB);
	assert_string_equal(why.code, "rules-syntax");
	assert_int_equal(why.row, line);
}

static void accepted(const char *text, uint32_t count)
{
	struct rules_source source = {"acme.rules", span_text(text)};
	struct rules *rules = NULL;
	struct fault why = {0};

	if (rules_compile(&source, 1, &rules, &why) != 0)
		fail_msg("%s (%s)", why.text, why.hint);
	assert_int_equal(rules_count(rules), count);
	rules_free(&rules);
}

static void test_rules_faults_accepts_what_people_write(void **state)
{
	(void)state;
	accepted("", 0);
	accepted("# nothing\n\n", 0);
	accepted("\xef\xbb\xbfrule A if amount 1 then account Expenses:A\r\n", 1);
	accepted("rule A\n if description contains # where\n \"x\" , # one\n or \"y\"\n"
		 "\tthen account Expenses:A # done",
		 1);
	accepted("rule \"two words\" then account Expenses:A if amount >=1,<0.5 or 3 to 4", 1);
	accepted("rule A if description contains \"a \\\"b\\\" \\\\ c\" then account Expenses:A",
		 1);
	accepted("rule A priority -1000 confidence 1 if amount 1 then account Expenses:A", 1);
}

static void test_rules_faults_name_the_line_and_the_word(void **state)
{
	(void)state;
	refused("hello", 1, "rule is wanted, not hello");
	refused("\n\nrule", 3, "not the end of the file");
	refused("rule A\nif amount 1", 1, "rule A has no account");
	refused("\nrule A then account Expenses:A", 2, "rule A has no condition");
	refused("rule A\nif amout 1\nthen account Expenses:A", 2, "not amout");
	refused("rule A\npriorty 5", 2, "not priorty");
	refused("rule A priority 5000", 1, "-1000 to 1000");
	refused("rule A priority 5x", 1, "not 5x");
	refused("rule A confidence 1.5", 1, "0 to 1");
	refused("rule A if direction sideways", 1, "in or out");
	refused("rule A if description is \"x\"", 1, "or matches is wanted, not is");
	refused("rule A if description has \"x\"", 1, "`word`");
	refused("rule A if description contains tesco", 1, "not tesco");
	refused("rule A if description contains “tesco”", 1, "plain quotes");
	refused("rule A if description contains /x/", 1, "not /x/");
	refused("rule A if description matches \"x\"", 1, "in slashes");
	refused("rule A if description contains \"\"", 1, "something to look for");
	refused("rule A if description contains \"'\"", 1, "something to look for");
	refused("rule A if description contains \"x\" or amount 5", 1, "not amount");
	refused("rule A if description contains \"x\",\nthen account Expenses:A", 2, "not then");
	refused("rule A if amount -5", 1, "not -5");
	refused("rule A if amount 1,50 then account Expenses:A rule B", 1, "");
	refused("rule A if amount 5 to 1", 1, "no amount is in this range");
	refused("rule A if amount < 0", 1, "no amount is in this range");
	refused("rule A if amount >< 5", 1, ">< is not one of");
	refused("rule A if amount 1.23456", 1, "an amount");
	refused("rule A if amount 1234567890123456", 1, "an amount");
	refused("rule A if currency euro", 1, "a currency");
	refused("rule A if amount 1\nthen account expenses:food", 2, "an account");
	refused("rule A if amount 1 then Expenses:A", 1,
		"account, transfer, skip, payee, tag or split is wanted");
	refused("rule A if amount 1 then account Expenses:A\nthen account Expenses:B", 2,
		"a second account");
	refused("rule A if amount 1 then account Expenses:A\nrule A if amount 2 then account "
		"Expenses:B",
		2, "already, in acme.rules:1");
}

#define OF_X "rule A if description contains \"x\"\nthen account Expenses:A\n"

static void test_rules_faults_of_actions_and_groups(void **state)
{
	(void)state;
	accepted("rule (brackets) if account Assets:A then account Expenses:A", 1);
	accepted(OF_X "then payee T then tag a-1:b then split 1% Assets:B", 1);
	refused(OF_X "then payee \"a | b\"", 3, "a payee of up to 100 bytes");
	refused(OF_X "then payee T\nthen payee U", 4, "rule A has a second payee");
	refused(OF_X "then tag Big", 3, "a tag is wanted, not Big");
	refused(OF_X "then tag date:2020-01-01", 3, "a tag is wanted");
	refused(OF_X "then tag aa\nthen tag aa:b", 4, "rule A has this tag already");
	refused(OF_X "then split", 3, "a part of the amount is wanted");
	refused(OF_X "then split 101% Assets:VAT", 3, "a part of the amount is wanted");
	refused(OF_X "then split 0 Assets:VAT", 3, "a part of the amount is wanted");
	refused(OF_X "then split 20% included", 3, "an account is wanted");
	refused(OF_X "then split 20% Expenses:A", 3, "rule A gives to Expenses:A twice");
	refused(OF_X "then split 60% Assets:B\nthen split 41% Assets:C", 4, "more than 100 %");
	refused("rule A if amount 1 then transfer\nthen split 5% Assets:B", 2,
		"rule A splits a transfer");
	refused("rule A if amount 1 then skip then payee T", 1, "has further actions");
	refused("rule A if any amount 1 then skip", 1, "a bracket with conditions is wanted");
	refused("rule A if any () then skip", 1, "is wanted, not )");
	refused("rule A\nif any (amount 1\nthen skip", 3,
		"the closing bracket is wanted, not then");
	refused("rule A if all (amount 1 and (direction in)) then skip", 1, "not (");
	refused("rule A if any (any (any (any (any (any (any (any (any (amount 1))))))))) then "
		"skip",
		1, "more than 8 groups");
}

static void test_rules_faults_of_texts_that_do_not_end(void **state)
{
	(void)state;
	refused("rule A\nif description contains \"tesco\nthen", 2, "does not end");
	refused("rule A\n\nif description matches /tesco", 3, "does not end");
	refused("rule A if description contains \"tesco\\\"", 1, "does not end");
	refused("rule A if description contains \"a\\d\"", 1, "\\d means nothing");
	refused("rule A\nif description contains \"a\xff\"", 2, "not UTF-8");
}

static void test_rules_faults_of_regular_expressions(void **state)
{
	(void)state;
	refused("rule A\nif description matches /a(b/\nthen account Expenses:A", 2,
		"missing closing parenthesis");
	refused("rule A\nif description matches /x*/ then account Expenses:A", 2,
		"matches nothing at all");
	refused("rule A if description matches /^(?!.*refund)/ then account Expenses:A", 1,
		"matches nothing at all");
	refused("rule A if description matches /a\\Cb/ then account Expenses:A", 1, "regular");
	/* Vectorscan takes (a+)+b in its stride; PCRE2 has to match the one with a back reference
	 */
	accepted("rule A if description matches /(a+)+b/ then account Expenses:A", 1);
	refused("rule A\nif description matches /((a+)+)\\1b/ then account Expenses:A", 2,
		"back and forth");
	refused("rule A if description matches /(?=x)(x+x+)+y/ then account Expenses:A", 1,
		"back and forth");
}

/* Each takes another part of the engine to its limits; none may take long. */
static void test_rules_faults_hostile_expressions_compile_or_are_refused_soon(void **state)
{
	static const char *const expressions[] = {
		"(a{1,1000}){1,100}b",
		"a.{500}b.{500}c",
		"(.{0,200}a){20}z",
		"[^x]{1,32767}y",
		"(((a{1,30}){1,30}){1,30})z",
		"(?:a?){200}a{200}",
		"\\p{L}+\\p{N}+x",
		".*?.*?.*?.*?.*?.*?foo",
		"((((((((((((((((x))))))))))))))))",
	};
	char text[600]; /* a rule around the longest */

	(void)state;
	for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++) {
		int64_t start_ms = clock_ms();
		struct rules *rules = NULL;

		snprintf(text, sizeof text,
			 "rule A if description matches /%s/ then account "
			 "Expenses:A",
			 expressions[i]);
		struct rules_source source = {"x", span_text(text)};

		if (rules_compile(&source, 1, &rules, NULL) == 0)
			rules_free(&rules);
		if (clock_ms() - start_ms > 2000)
			fail_msg("%s took %lld ms", expressions[i],
				 (long long)(clock_ms() - start_ms));
	}
}

static void test_rules_faults_limits(void **state)
{
	struct buf text = {0};

	(void)state;
	buf_text(&text, "rule ");
	for (int i = 0; i <= SYNTAX_NAME_MAX; i++)
		buf_char(&text, 'n');
	refused(text.at, 1, "a name of up to 64 bytes");
	buf_clear(&text);
	buf_text(&text, "rule A\nif description contains \"");
	for (int i = 0; i <= SYNTAX_VALUE_MAX; i++)
		buf_char(&text, 'x');
	buf_text(&text, "\"");
	refused(text.at, 2, "at most 256 bytes");
	buf_clear(&text);
	buf_text(&text, "rule A if description matches\n");
	for (int i = 0; i < 200; i++)
		buf_format(&text, "/a%db?/,\n", i);
	buf_text(&text, "/x/ then account Expenses:A");
	refused(text.at, 202, "more than 200 regular expressions");
	buf_clear(&text);
	buf_text(&text, "rule A if description matches\n");
	for (int i = 0; i < 101; i++)
		buf_format(&text, "/(?=y)a%db?/,\n", i);
	buf_text(&text, "/x/ then account Expenses:A");
	refused(text.at, 102, "more than 100 regular expressions with lookaround");
	buf_clear(&text);
	buf_text(&text, "rule A if amount ");
	for (int i = 0; i < SYNTAX_VALUES_MAX; i++)
		buf_text(&text, "1,");
	buf_text(&text, "1");
	refused(text.at, 1, "more than 50000");
	buf_release(&text);
}

/* Any bytes: refused or read, never more. */
static void test_rules_faults_random_files(void **state)
{
	static const char *const words[] = {
		"rule",	    "A",	  "if",		"not",	    "description", "contains",
		"has",	    "word",	  "matches",	"\"x\"",    "/a(b)?c/",	   "amount",
		">=",	    "5",	  "to",		"10",	    "direction",   "in",
		"out",	    "account",	  "Expenses:A", "currency", "EUR",	   "then",
		"priority", "confidence", "0.5",	",",	    "or",	   "#",
		"\n",	    "\"",	  "/",		"\\",	    "\xff",	   "Expenses:",
	};
	struct buf text = {0};

	(void)state;
	srand(7);
	for (int round = 0; round < 3000; round++) {
		struct rules *rules = NULL;

		buf_clear(&text);
		buf_text(&text, "rule B if amount 1 then account Expenses:B ");
		for (int i = rand() % 30; i > 0; i--)
			buf_format(&text, "%s ",
				   words[rand() % (int)(sizeof words / sizeof words[0])]);
		struct rules_source source = {"x", buf_span(&text)};

		if (rules_compile(&source, 1, &rules, NULL) == 0)
			rules_free(&rules);
		assert_null(rules);
	}
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_faults_accepts_what_people_write),
		cmocka_unit_test(test_rules_faults_name_the_line_and_the_word),
		cmocka_unit_test(test_rules_faults_of_actions_and_groups),
		cmocka_unit_test(test_rules_faults_of_texts_that_do_not_end),
		cmocka_unit_test(test_rules_faults_of_regular_expressions),
		cmocka_unit_test(test_rules_faults_hostile_expressions_compile_or_are_refused_soon),
		cmocka_unit_test(test_rules_faults_limits),
		cmocka_unit_test(test_rules_faults_random_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
