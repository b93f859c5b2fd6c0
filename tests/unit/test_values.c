/* money, day, clock, id, name: small values and their texts. */
#include "unit.h"

#include <sys/wait.h>

#include "clock.h"
#include "day.h"
#include "id.h"
#include "mem.h"
#include "money.h"
#include "name.h"

static void test_money_knows_the_exponents_of_iso_4217(void **state)
{
	static const struct {
		const char *code;
		int exponent;
	} cases[] = {{"USD", 2}, {"EUR", 2}, {"JPY", 0},   {"KWD", 3},	{"CLF", 4},  {"AED", 2},
		     {"ZWL", 2}, {"ISK", 0}, {"TND", 3},   {"XAU", -1}, {"XTS", -1}, {"usd", -1},
		     {"", -1},	 {"US", -1}, {"USDX", -1}, {"AAA", -1}, {"ZZZ", -1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(money_exponent(cases[i].code), cases[i].exponent);
}

static void test_money_text_puts_the_point_where_it_belongs(void **state)
{
	static const struct {
		int64_t minor;
		const char *code, *text;
	} cases[] = {{-1250, "USD", "-12.50"},
		     {-1250, "JPY", "-1250"},
		     {5, "EUR", "0.05"},
		     {-5, "KWD", "-0.005"},
		     {0, "JPY", "0"},
		     {0, "USD", "0.00"},
		     {1, "CLF", "0.0001"},
		     {100, "", "1.00"},
		     {MONEY_MAX_MINOR, "USD", "10000000000000.00"},
		     {INT64_MIN, "USD", "-92233720368547758.08"}};
	char text[MONEY_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		money_text(cases[i].minor, cases[i].code, text);
		assert_string_equal(text, cases[i].text);
	}
}

/* Counts every day of the calendar from 0001-01-01 to 9999-12-31. */
static void test_day_numbers_every_day_in_turn(void **state)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int32_t expected = -719162, day;
	int y, m, d;

	(void)state;
	for (int year = 1; year <= 9999; year++) {
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

		for (int month = 1; month <= 12; month++) {
			int last = lengths[month - 1] + (month == 2 && leap);

			for (int mday = 1; mday <= last; mday++, expected++) {
				assert_int_equal(day_from_civil(year, month, mday, &day), 0);
				assert_int_equal(day, expected);
				day_to_civil(day, &y, &m, &d);
				assert_true(y == year && m == month && d == mday);
			}
			assert_int_equal(day_from_civil(year, month, last + 1, &day), -1);
		}
	}
	assert_int_equal(day_from_civil(2026, 0, 1, &day), -1);
	assert_int_equal(day_from_civil(2026, 13, 1, &day), -1);
	assert_int_equal(day_from_civil(2026, 1, 0, &day), -1);
	assert_int_equal(day_from_civil(0, 1, 1, &day), -1);
	assert_int_equal(day_from_civil(10000, 1, 1, &day), -1);
}

static void test_day_text_and_read_agree(void **state)
{
	static const char *const bad[] = {"",		"2026-1-01",  "2026-01-1",  "2026-01-011",
					  "2026/01/01", "2026-02-29", "2026-00-10", "20a6-01-01",
					  "-026-01-01", "2026-01-1x"};
	char text[DAY_TEXT_SIZE];
	int32_t day = 0;

	(void)state;
	assert_int_equal(day_read(span_text("1970-01-01"), &day), 0);
	assert_int_equal(day, 0);
	assert_int_equal(day_read(span_text("2024-02-29"), &day), 0);
	day_text(day, text);
	assert_string_equal(text, "2024-02-29");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(day_read(span_text(bad[i]), &day), -1);
}

static void test_clock_text_is_rfc_3339(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_text(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	clock_text(INT64_C(1795514400999), text);
	assert_string_equal(text, "2026-11-24T10:00:00.999Z");
	clock_text(-1, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	clock_text(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	assert_true(clock_ms() <= clock_ms());
}

static void test_id_sorts_by_time_and_counts_within_a_millisecond(void **state)
{
	struct id before = id_new(1000), id;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		id = id_new(1000 + i / 100);
		assert_true(id_compare(before, id) < 0);
		assert_true(id_wall_ms(id) == 1000 + i / 100);
		before = id;
	}
	assert_false(id_is_zero(id));
	assert_true(id_is_zero((struct id){{0}}));
}

static void test_id_is_new_in_a_child_of_the_same_millisecond(void **state)
{
	struct id here, there;
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	id_new(5);
	pid = fork();
	if (pid == 0) {
		there = id_new(5);
		_exit(write(ends[1], &there, sizeof there) == sizeof there ? 0 : 1);
	}
	here = id_new(5);
	assert_int_equal(read(ends[0], &there, sizeof there), sizeof there);
	waitpid(pid, NULL, 0);
	assert_true(id_compare(here, there) != 0);
	close(ends[0]);
	close(ends[1]);
}

static void test_id_text_is_crockfords_base_32(void **state)
{
	struct id id = {{0x01, 0x56, 0x3e, 0x3a, 0xb5, 0xd3, 0xd6, 0x76, 0x4c, 0x61, 0xef, 0xb9,
			 0x93, 0x02, 0xbd, 0x5b}},
		  read;
	char text[ID_JOB_TEXT_SIZE];

	(void)state;
	id_text(id, text);
	assert_string_equal(text, "01ARZ3NDEKTSV4RRFFQ69G5FAV"); /* the example of the ULID spec */
	assert_int_equal(id_read(span_text(text), &read), 0);
	assert_int_equal(id_compare(id, read), 0);
	id_job_text(id, text);
	assert_string_equal(text, "job_01ARZ3NDEKTSV4RRFFQ69G5FAV");
	assert_int_equal(id_job_read(span_text(text), &read), 0);
	assert_int_equal(id_compare(id, read), 0);
	for (int i = 0; i < 1000; i++) {
		id = id_new(i);
		id_text(id, text);
		assert_int_equal(id_read(span_text(text), &read), 0);
		assert_int_equal(id_compare(id, read), 0);
	}
}

static void test_id_refuses_any_other_spelling(void **state)
{
	static const char *const bad[] = {"",
					  "01ARZ3NDEKTSV4RRFFQ69G5FA",
					  "01ARZ3NDEKTSV4RRFFQ69G5FAVX",
					  "81ARZ3NDEKTSV4RRFFQ69G5FAV",
					  "01ARZ3NDEKTSV4RRFFQ69G5FAU",
					  "01arz3ndektsv4rrffq69g5fav",
					  "01ARZ3NDEKTSV4RRFFQ69G5FA/"};
	struct id id;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(id_read(span_text(bad[i]), &id), -1);
	assert_int_equal(id_read(span_of("01ARZ3NDEKTSV4RRFFQ69G5FA\0", 26), &id), -1);
	assert_int_equal(id_job_read(span_text("jab_01ARZ3NDEKTSV4RRFFQ69G5FAV"), &id), -1);
	assert_int_equal(id_job_read(span_text("01ARZ3NDEKTSV4RRFFQ69G5FAV"), &id), -1);
}

static void test_name_lets_no_path_and_no_topic_through(void **state)
{
	static const char *const good[] = {"a", "A-Z_09", "-", "tenant_1"};
	static const char *const bad[] = {"", ".", "..", "a/b", "a.b", "a b", "\xc3\xa9", "a\n"};
	char name[66];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(name_is_valid(span_text(good[i])));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(name_is_valid(span_text(bad[i])));
	memset(name, 'x', sizeof name);
	assert_true(name_is_valid(span_of(name, 64)));
	assert_false(name_is_valid(span_of(name, 65)));
	assert_false(name_is_valid(span_of("a\0b", 3)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_money_knows_the_exponents_of_iso_4217),
		cmocka_unit_test(test_money_text_puts_the_point_where_it_belongs),
		cmocka_unit_test(test_day_numbers_every_day_in_turn),
		cmocka_unit_test(test_day_text_and_read_agree),
		cmocka_unit_test(test_clock_text_is_rfc_3339),
		cmocka_unit_test(test_id_sorts_by_time_and_counts_within_a_millisecond),
		cmocka_unit_test(test_id_is_new_in_a_child_of_the_same_millisecond),
		cmocka_unit_test(test_id_text_is_crockfords_base_32),
		cmocka_unit_test(test_id_refuses_any_other_spelling),
		cmocka_unit_test(test_name_lets_no_path_and_no_topic_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
