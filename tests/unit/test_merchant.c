/* merchant: who a description is about, and files and books of an earlier version. */
#include "books_fixture.h"

#include "file.h"
#include "merchant.h"

static void is_merchant(const char *description, const char *expected)
{
	struct buf out = {0};

	merchant_of(&out, span_text(description));
	assert_string_equal(out.at ? out.at : "", expected);
	buf_release(&out);
}

static void test_merchant_is_the_words_without_numbers_and_dates(void **state)
{
	(void)state;
	is_merchant("TESCO STORES 3345", "tesco stores");
	is_merchant("Tesco  Stores 9001 12MAY", "tesco stores");
	is_merchant("CARD PAYMENT TO SAINSBURY'S, 12 MAY 2026", "card payment to sainsburys");
	is_merchant("WAL-MART #1234", "wal mart");
	is_merchant("Café Müller", "cafe müller");
	is_merchant("7-ELEVEN 34171 COLUMBUS OH", "7 eleven columbus oh");
	is_merchant("SQ *24-HOUR FITNESS 12-MAY", "sq 24 hour fitness");
	is_merchant("FEE 12-3456 A7-ELEVEN 123-ABC", "fee eleven abc");
	is_merchant("12345 99", "12345 99");
	is_merchant("", "");
	is_merchant("***", "");
	is_merchant("(no description)", "");
}

static void test_merchant_is_bounded_and_cut_after_a_word(void **state)
{
	struct buf out = {0};
	char longer[400];

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	merchant_of(&out, span_text(longer));
	assert_int_equal(out.len, MERCHANT_MAX);
	buf_clear(&out);
	for (size_t i = 7; i < sizeof(longer) - 1; i += 8)
		longer[i] = ' ';
	merchant_of(&out, span_text(longer));
	assert_true(out.len <= MERCHANT_MAX && out.len % 8 == 7);
	buf_release(&out);
}

static void test_file_is_replaced_whole_and_its_folders_made(void **state)
{
	char dir[UNIT_PATH], path[UNIT_PATH + 32], text[16] = "";
	struct fault why;
	FILE *file;

	(void)state;
	unit_mkdir(dir);
	snprintf(path, sizeof(path), "%s/a/b/c.rules", dir);
	assert_int_equal(file_replace(path, span_text("longer text"), &why), 0);
	assert_int_equal(file_replace(path, span_text("short"), &why), 0);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text), file), 5);
	assert_string_equal(text, "short");
	fclose(file);
	snprintf(path, sizeof(path), "%s/a/b/c.rules/d", dir);
	assert_int_equal(file_replace(path, span_text("x"), &why), -1);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merchant_is_the_words_without_numbers_and_dates),
		cmocka_unit_test(test_merchant_is_bounded_and_cut_after_a_word),
		cmocka_unit_test(test_file_is_replaced_whole_and_its_folders_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
