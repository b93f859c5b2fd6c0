#include <utf8proc.h>

#include "account.h"
#include "mem.h"
#include "unit.h"

static bool is_valid(const char *name)
{
	return account_is_valid(span_text(name));
}

static void test_account_is_valid_in_any_script(void **state)
{
	static const char *const good[] = {
		"Liabilities:CreditCard",
		"Equity:Opening-Balances",
		"Assets:401k",
		"Expenses:Ärzte",
		"Expenses:日本:食費",
		"Expenses:élan",
		"Income:зарплата",
		"Expenses:किराना",
		"Expenses:خانه\xe2\x80\x8cداری",
		"Expenses:🏠",
	};
	static const char *const bad[] = {
		"",
		"Expenses",
		"Expenses:",
		"Expenses::Food",
		"expenses:Food",
		"Expense:Food",
		"Assets:-A",
		"Assets:A_B",
		"Assets:a",
		"Expenses:Eating Out",
		"Expenses:Food;x",
		"Expenses:\"Food\"",
		"Expenses:Food\t",
		"Expenses:Food\n",
		"Expenses:\xff",
		"Expenses:食\xc2\xa0費",     /* no-break space */
		"Expenses:食\xe3\x80\x80費", /* ideographic space */
		"Expenses:食\xe2\x80\xa8費", /* line separator */
		"Expenses:食\xc2\x85",	     /* next line */
		"Expenses:食\xe2\x80\x8b",   /* zero width space */
		"Expenses:\xe2\x80\xae費",   /* right-to-left override */
		"Expenses:\xef\xbb\xbf費",   /* byte order mark */
		"Expenses:\xee\x80\x80",     /* private use */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(is_valid(bad[i]));
	assert_false(account_is_valid(span_of("Assets:A\0B", 10)));
	assert_false(account_is_valid(span_of(NULL, 0)));
}

static void test_account_has_at_most_its_bytes(void **state)
{
	char name[ACCOUNT_LEN_MAX + 1] = "Expenses:";

	(void)state;
	memset(name + 9, 'A', sizeof name - 9);
	assert_true(account_is_valid(span_of(name, ACCOUNT_LEN_MAX)));
	assert_false(account_is_valid(span_of(name, ACCOUNT_LEN_MAX + 1)));
}

static void becomes(const char *name, const char *expected)
{
	struct buf out = {0};

	account_beancount(&out, span_text(name));
	assert_true(span_is(buf_span(&out), expected));
	buf_release(&out);
}

static void test_account_beancount_keeps_what_beancount_takes(void **state)
{
	(void)state;
	becomes("Expenses:Food:Groceries", "Expenses:Food:Groceries");
	becomes("Expenses:Ärzte:Żabka", "Expenses:Ärzte:Żabka");
	becomes("Expenses:Продукты", "Expenses:Продукты");
	becomes("Expenses:X-Mas", "Expenses:X-Mas");
	becomes("Expenses:X-", "Expenses:X-");
	becomes("Expenses:X-X-", "Expenses:X-X-");
	becomes("Expenses:7日本", "Expenses:7日本");
}

static void test_account_beancount_puts_a_capital_before_the_rest_and_joins_none(void **state)
{
	(void)state;
	becomes("Expenses:日本", "Expenses:X-日本");
	becomes("Expenses:X-日本", "Expenses:X-X-日本");
	becomes("Expenses:X-X-日本", "Expenses:X-X-X-日本");
	becomes("Expenses:élan", "Expenses:X-élan");
	becomes("Expenses:Food:食費:米", "Expenses:Food:X-食費:X-米");
}

/* Each character beyond ASCII: a valid name stays valid, and is told from its like. */
static void test_account_beancount_is_a_valid_name_for_all_of_unicode(void **state)
{
	char name[32];
	struct buf out = {0};
	int valid = 0;

	(void)state;
	for (utf8proc_int32_t c = 0x80; c < 0x110000; c++) {
		size_t len = 9;

		memcpy(name, "Expenses:", 9);
		len += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)name + len);
		if (!utf8proc_codepoint_valid(c) || !account_is_valid(span_of(name, len)))
			continue;
		buf_clear(&out);
		account_beancount(&out, span_of(name, len));
		assert_true(account_is_valid(buf_span(&out)));
		assert_true(span_equal(buf_span(&out), span_of(name, len)) || out.len == len + 2);
		valid++;
	}
	assert_true(valid > 130000);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_account_is_valid_in_any_script),
		cmocka_unit_test(test_account_has_at_most_its_bytes),
		cmocka_unit_test(test_account_beancount_keeps_what_beancount_takes),
		cmocka_unit_test(
			test_account_beancount_puts_a_capital_before_the_rest_and_joins_none),
		cmocka_unit_test(test_account_beancount_is_a_valid_name_for_all_of_unicode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
