/*
 * What golden files cannot show as well: the edges of amounts, and what a file's amounts together
 * say about their decimal mark.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "amount.h"
#include "mem.h"

/* "mantissa/decimals", or the name of the fault. */
static const char *read_as(const char *text, char mark)
{
	static const char *const faults[] = {"", "empty", "syntax", "range"};
	static char out[64];
	struct amount amount;
	enum amount_fault fault = amount_read(span_text(text), mark, &amount);

	if (fault != AMOUNT_OK)
		return faults[fault];
	snprintf(out, sizeof out, "%" PRId64 "/%u%s%s", amount.mantissa, amount.decimals,
		 amount.currency[0] ? " " : "", amount.currency);
	return out;
}

static void test_amount_reads_digits_and_decimals(void **state)
{
	(void)state;
	assert_string_equal(read_as("0", '.'), "0/0");
	assert_string_equal(read_as("-0.00", '.'), "0/2");
	assert_string_equal(read_as("1.50", '.'), "150/2");
	assert_string_equal(read_as("1,50", ','), "150/2");
	assert_string_equal(read_as("1.234,5", ','), "12345/1");
	assert_string_equal(read_as("007", '.'), "7/0");
	assert_string_equal(read_as("900000000000000000", '.'), "900000000000000000/0");
	assert_string_equal(read_as("99999999999999999999", '.'), "range");
}

static void test_amount_reads_a_power_of_ten(void **state)
{
	(void)state;
	assert_string_equal(read_as("-1.2E+03", '.'), "-1200/0");
	assert_string_equal(read_as("1,23456E+03", ','), "123456/2");
	assert_string_equal(read_as("1.5E7", '.'), "15000000/0");
	assert_string_equal(read_as("1E+05", '.'), "100000/0");
	assert_string_equal(read_as("12E4", '.'), "syntax");
	assert_string_equal(read_as("1.2E-03", '.'), "syntax");
	assert_string_equal(read_as("1.2E+", '.'), "syntax");
	assert_string_equal(read_as("E+03", '.'), "syntax");
	assert_string_equal(read_as("1.2E+99", '.'), "range");
}

static void test_amount_rounds_what_binary_numbers_are_off_by(void **state)
{
	static const struct {
		const char *text;
		int64_t minor;
	} floats[] = {
		{"-45.899999999999999", -4590},
		{"749.60000000000002", 74960},
		{"4249.6000000000004", 424960},
		{"0.30000000000000004", 30},
		{"-0.99999999999999", -100},
		{"12.3456789012345", -1},
		{"12.345000000000", -1},
		{"12.3499999999", 1235},
		{"12.34999", -1},
	};
	struct amount amount;
	int64_t minor;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(floats); i++) {
		assert_int_equal(amount_read(span_text(floats[i].text), '.', &amount), AMOUNT_OK);
		if (amount_minor(&amount, 2, &minor) != AMOUNT_OK)
			minor = -1;
		assert_int_equal(minor, floats[i].minor);
	}
}

static void test_amount_refuses_what_does_not_group(void **state)
{
	static const char *const bad[] = {
		"1,50",	      "1234,567",  "1,2345", "1,,234", ",123",	  "12,345,67", "1.234.567",
		"1 23",	      "1'234,567", "1.2,3",  ".",      "1..2",	  "- -",       "1-2",
		"2024-01-02", "12a",	   "a12",    "$",      "1,234,5", "5 5 5",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (strcmp(read_as(bad[i], '.'), "syntax") != 0)
			printf("%s reads as %s\n", bad[i], read_as(bad[i], '.'));
		assert_string_equal(read_as(bad[i], '.'), "syntax");
	}
}

static void test_amount_knows_its_sign_and_currency(void **state)
{
	(void)state;
	assert_string_equal(read_as("(1.00)", '.'), "-100/2");
	assert_string_equal(read_as("( $ 1.00 )", '.'), "-100/2");
	assert_string_equal(read_as("1.00-", '.'), "-100/2");
	assert_string_equal(read_as("\xe2\x88\x92"
				    "1.00",
				    '.'),
			    "-100/2");
	assert_string_equal(read_as("-RM45.90", '.'), "-4590/2 MYR");
	assert_string_equal(read_as("R1 200.00", '.'), "120000/2 ZAR");
	assert_string_equal(read_as("Rp 1.200.000,00", ','), "120000000/2 IDR");
	assert_string_equal(read_as("-45,90 грн", ','), "-4590/2 UAH");
	assert_string_equal(read_as("1 200,00 руб.", ','), "120000/2 RUB");
	assert_string_equal(read_as("- 4 590,00 ₸", ','), "-459000/2 KZT");
	assert_string_equal(read_as("S/ 45.90", '.'), "4590/2 PEN");
	assert_string_equal(read_as("NT$1,200", '.'), "1200/0 TWD");
	assert_string_equal(read_as("150,000.00 DB", '.'), "-15000000/2");
	assert_string_equal(read_as("3.500,-", ','), "3500/0");
	assert_string_equal(read_as("-45,-", ','), "-45/0");
	assert_string_equal(read_as("3'500.--", '.'), "3500/0");
	assert_string_equal(read_as("45.— kr", '.'), "45/0");
	assert_string_equal(read_as("45,- CR", ','), "45/0");
	assert_string_equal(read_as("45-", ','), "-45/0");
	assert_string_equal(read_as("１，２３４．５０", '.'), "123450/2");
	assert_string_equal(read_as("－１，２００円", '.'), "-1200/0 JPY");
	assert_string_equal(read_as("١٬٢٣٤٫٥٠", '.'), "123450/2");
	assert_string_equal(read_as("\u200e-12.50\u200f", '.'), "-1250/2");
	assert_string_equal(read_as("１，２３", '.'), "syntax");
	assert_string_equal(read_as("1.00 DR", '.'), "-100/2");
	assert_string_equal(read_as("1.00CR", '.'), "100/2");
	assert_string_equal(read_as("-EUR 1.00", '.'), "-100/2 EUR");
	assert_string_equal(read_as("1,00 zł", ','), "100/2 PLN");
	assert_string_equal(read_as("US$1.00", '.'), "100/2 USD");
	assert_string_equal(read_as("1.00 EUR USD GBP", '.'), "syntax");
	assert_string_equal(read_as("", '.'), "empty");
	assert_string_equal(read_as(" \xc2\xa0 ", '.'), "empty");
	assert_string_equal(read_as("--", '.'), "empty");
}

static void test_amount_minor_scales_exactly(void **state)
{
	struct amount amount = {.mantissa = -12345, .decimals = 2};
	int64_t minor = 0;

	(void)state;
	assert_int_equal(amount_minor(&amount, 2, &minor), AMOUNT_OK);
	assert_int_equal(minor, -12345);
	assert_int_equal(amount_minor(&amount, 3, &minor), AMOUNT_OK);
	assert_int_equal(minor, -123450);
	assert_int_equal(amount_minor(&amount, 0, &minor), AMOUNT_SYNTAX);
	amount = (struct amount){.mantissa = 500, .decimals = 2};
	assert_int_equal(amount_minor(&amount, 0, &minor), AMOUNT_OK);
	assert_int_equal(minor, 5);
	amount = (struct amount){.mantissa = MONEY_MAX_MINOR, .decimals = 2};
	assert_int_equal(amount_minor(&amount, 2, &minor), AMOUNT_OK);
	amount.mantissa++;
	assert_int_equal(amount_minor(&amount, 2, &minor), AMOUNT_RANGE);
	amount = (struct amount){.mantissa = INT64_C(9000000000000000000), .decimals = 0};
	assert_int_equal(amount_minor(&amount, 4, &minor), AMOUNT_RANGE);
}

/* The decimal mark that amounts separated by blanks leave, or '?'. */
static char settled_in(const char *amounts, int exponent, bool sure)
{
	struct amount_evidence evidence = {0};
	struct amount amount;
	struct fault why = {0};
	uint64_t line = 1;
	char mark;

	while (*amounts) {
		size_t len = strcspn(amounts, " ");

		amount_look(span_of(amounts, len), line++, &evidence, &amount);
		amounts += len + (amounts[len] == ' ');
	}
	if (amount_settle(&evidence, exponent, sure, &mark, &why) == 0)
		return mark;
	assert_string_equal(why.code, "decimal-mark-ambiguous");
	assert_int_equal(why.class, FAULT_JOB);
	assert_non_null(strstr(why.hint, "decimal_mark"));
	return '?';
}

static char settled(const char *amounts, int exponent)
{
	return settled_in(amounts, exponent, false);
}

static void test_amount_settle_goes_by_the_whole_file(void **state)
{
	(void)state;
	assert_int_equal(settled("1.00 2", 2), '.');
	assert_int_equal(settled("1,0 2.000", 2), ',');
	assert_int_equal(settled("1.234,56", 2), ',');
	assert_int_equal(settled("1,234.56", 2), '.');
	assert_int_equal(settled("1.234.567", 2), ',');
	assert_int_equal(settled("1,234,567 5.000", 2), '.');
	assert_int_equal(settled("0.125 1.000", 3), '.');
	assert_int_equal(settled("1 2 3", 2), '.');
	assert_int_equal(settled("1.000 0 250", 2), ',');
	assert_int_equal(settled("1,000 12", 2), '.');
	assert_int_equal(settled("free -- total", 2), '.');
}

static void test_amount_settle_asks_when_it_cannot_know(void **state)
{
	(void)state;
	assert_int_equal(settled("1.000 2.500", 2), '?');
	assert_int_equal(settled("1.000 2.535", 2), '?');
	assert_int_equal(settled_in("1.000 2.500", 2, true), '?');
	assert_int_equal(settled_in("1.000 2.535", 2, true), ',');
	assert_int_equal(settled_in("3,015 45,000", 2, true), '.');
	assert_int_equal(settled_in("3,015 45.000", 2, true), '?');
	assert_int_equal(settled_in("3.015 45.000", 3, true), '.');
	assert_int_equal(settled("-1.200 -4.5 3.500", 2), '?');
	assert_int_equal(settled("-1,200 -4,50", 2), '?');
	assert_int_equal(settled("-0.120 -4.500 500.000", 2), '.');
	assert_int_equal(settled("-0.120 -4.500 5.5", 2), '.');
	assert_int_equal(settled("-1.200 -4.5", 3), '.');
	assert_int_equal(settled("-1.235 -4.5", 2), '.');
	assert_int_equal(settled("1.000 2", 3), '?');
	assert_int_equal(settled("1.00 2,00", 2), '?');
	assert_int_equal(settled("1.000 2,000 3", 2), '?');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amount_reads_digits_and_decimals),
		cmocka_unit_test(test_amount_reads_a_power_of_ten),
		cmocka_unit_test(test_amount_rounds_what_binary_numbers_are_off_by),
		cmocka_unit_test(test_amount_refuses_what_does_not_group),
		cmocka_unit_test(test_amount_knows_its_sign_and_currency),
		cmocka_unit_test(test_amount_minor_scales_exactly),
		cmocka_unit_test(test_amount_settle_goes_by_the_whole_file),
		cmocka_unit_test(test_amount_settle_asks_when_it_cannot_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
