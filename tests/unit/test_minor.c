#include "unit.h"

#include "minor.h"

static bool holds(const char *record, uint64_t minor, int exponent)
{
	return minor_is_in(span_text(record), minor, exponent, false);
}

static void test_minor_is_found_as_any_bank_writes_it(void **state)
{
	static const char *const records[] = {
		"2025-07-09,SHOP,-1234.50,5.00",
		"09.07.2025;SHOP;-1.234,50;5,00",
		"9/7/2025,SHOP,\"$1,234.50\"",
		"SHOP,\"1 234,50\"",
		"SHOP,1\u00a0234,50",
		"SHOP,1\u202f234,50",
		"SHOP,1\u2019234.50",
		"SHOP,1'234.50",
		"SHOP,1234.5",
		"SHOP,1234.500",
		"SHOP,(1234.50)",
		"SHOP,0001234.50",
		"1234,50-",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		assert_true(holds(records[i], 123450, 2));
	assert_true(holds("a,.50,b", 50, 2));
	assert_true(holds("a,0.50,b", 50, 2));
	assert_true(holds("a,7,b", 700, 2));
	assert_true(holds("a,12\u00a0345,b", 12345, 0));
	assert_true(holds("a,1.234,b", 1234, 3));
	assert_true(holds("a,0,b", 0, 2));
}

static void test_minor_is_not_found_in_part_of_a_number(void **state)
{
	(void)state;
	assert_false(holds("SHOP,11234.50", 123450, 2));
	assert_false(holds("SHOP,1234.51", 123450, 2));
	assert_false(holds("SHOP,1234.501", 123450, 2));
	assert_false(holds("SHOP,12345.0", 123450, 2));
	assert_false(holds("SHOP,1234", 123450, 2));
	assert_false(holds("SHOP", 0, 2));
	assert_false(holds("", 1, 2));
	assert_false(holds("SHOP,1", UINT64_MAX, 2));
}

static void test_minor_with_a_fee_is_a_sum_of_two(void **state)
{
	struct span record = span_text("SHOP,-100.00,1.50,EUR");

	(void)state;
	assert_false(minor_is_in(record, 10150, 2, false));
	assert_true(minor_is_in(record, 10150, 2, true));
	assert_true(minor_is_in(record, 9850, 2, true));
	assert_false(minor_is_in(record, 10151, 2, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minor_is_found_as_any_bank_writes_it),
		cmocka_unit_test(test_minor_is_not_found_in_part_of_a_number),
		cmocka_unit_test(test_minor_with_a_fee_is_a_sum_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
