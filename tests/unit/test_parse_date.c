/*
 * Dates one by one, and what a file's dates together say about their order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "date.h"
#include "day.h"
#include "mem.h"

static const char *read_as(const char *text, enum date_order order)
{
	static char out[DAY_TEXT_SIZE];
	int32_t day;

	if (date_read(span_text(text), order, &day) != 0)
		return "no";
	day_text(day, out);
	return out;
}

static void test_date_reads_year_first_whatever_the_order(void **state)
{
	static const char *const same[] = {
		"2024-02-03",
		"2024/2/3",
		"2024.02.03.",
		"20240203",
		"2024-02-03T10:00:00+05:30",
		"2024-02-03 00:00:00.000",
		"20240203235959[-5:EST]",
		"3 Feb 2024",
		"2024-Feb-03",
		"Feb 3, 2024",
		" 2024-02-03 ",
		"R6.2.3",
		"R06/02/03",
		"令和6年2月3日",
		"R 6. 2. 3",
		"２０２４年２月３日",
		"２０２４／０２／０３",
		"٢٠٢٤-٠٢-٠٣",
		"۲۰۲۴/۰۲/۰۳",
		"\u200e2024-02-03\u200f",
		"2024_02_03",
		"3 de febrero de 2024",
		"3rd of February 2024",
		"February 3rd, 2024",
		"3 Feb '24",
		"Sat Feb  3 18:22:05 2024",
		"Sat Feb 03 2024 18:22:05 GMT+0200 (CET)",
		"3\u00a0févr.\u00a02024",
		"3 Şubat 2024",
		"3 Φεβρουαρίου 2024",
		"3 лютого 2024",
		"3 בפברואר 2024",
		"2024년 2월 3일",
		"民國113年2月3日",
		"3 февраля 2024 г.",
		"2024-02-03 오후 6:22",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		assert_string_equal(read_as(same[i], DATE_DMY), "2024-02-03");
		assert_string_equal(read_as(same[i], DATE_MDY), "2024-02-03");
		assert_string_equal(read_as(same[i], DATE_YMD), "2024-02-03");
	}
}

static void test_date_passes_a_time_of_day_and_nothing_else(void **state)
{
	static const char *const times[] = {
		" 18:22",   " 18.22",	    " 18h22",	     " 18.22.05",     " - 18:22",
		", 18:22",  ", 18:22 Uhr",  " kl. 18:22",    " um 18:22 Uhr", " 6:22 p. m.",
		" 6:22 μμ", " 18:22 +0300", " 18:22:05.000", " 18:22 (CET)",  " г.",
	};
	static const char *const others[] = {
		" 45.90", " 18.22 EUR", " 18:22 Market", " 18.2",     " 18.222",
		" x",	  " - 18",	" Uhr",		 " 1,234.50",
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		snprintf(text, sizeof text, "03.02.2024%s", times[i]);
		assert_string_equal(read_as(text, DATE_DMY), "2024-02-03");
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		snprintf(text, sizeof text, "03.02.2024%s", others[i]);
		assert_string_equal(read_as(text, DATE_DMY), "no");
	}
}

/* Thai years are of the Buddhist era, in two digits too. */
static void test_date_reads_thai_months(void **state)
{
	(void)state;
	assert_string_equal(read_as("3 ก.พ. 67", DATE_DMY | DATE_BUDDHIST), "2024-02-03");
	assert_string_equal(read_as("3 กุมภาพันธ์ 2567", DATE_DMY | DATE_BUDDHIST), "2024-02-03");
	assert_string_equal(read_as("3 มี.ค. 2024", DATE_DMY), "2024-03-03");
}

static void test_date_follows_the_order_where_it_matters(void **state)
{
	(void)state;
	assert_string_equal(read_as("02/03/2024", DATE_DMY), "2024-03-02");
	assert_string_equal(read_as("02/03/2024", DATE_MDY), "2024-02-03");
	assert_string_equal(read_as("02-03-24", DATE_DMY), "2024-03-02");
	assert_string_equal(read_as("02-03-24", DATE_MDY), "2024-02-03");
	assert_string_equal(read_as("02-03-24", DATE_YMD), "2002-03-24");
	assert_string_equal(read_as("31.12.69", DATE_DMY), "2069-12-31");
	assert_string_equal(read_as("31.12.70", DATE_DMY), "1970-12-31");
	assert_string_equal(read_as("31. 12. 2024", DATE_DMY), "2024-12-31");
	assert_string_equal(read_as("1/2/2024 9:05 PM", DATE_MDY), "2024-01-02");
	assert_string_equal(read_as("02032024", DATE_DMY), "2024-03-02");
	assert_string_equal(read_as("02032024", DATE_MDY), "2024-02-03");
	assert_string_equal(read_as("2032024", DATE_DMY), "2024-03-02");
	assert_string_equal(read_as("20122023", DATE_DMY), "2023-12-20");
}

static void test_date_refuses_what_is_no_day(void **state)
{
	static const char *const bad[] = {
		"",
		"2024",
		"2024-02",
		"2024-02-30",
		"R0.2.3",
		"R6.2.30",
		"R6-2/3",
		"令和年2月3日",
		"Ｒ",
		"2023-02-29",
		"2024-00-10",
		"2024-13-01",
		"32.01.2024",
		"0000-01-01",
		"1/2/3/4",
		"2024-01/02",
		"12.34",
		"1.234,56",
		"yesterday",
		"Foo 3, 2024",
		"2024-01-02 lunch",
		"2024-01-02x",
		"DE12345678",
		"123456789",
		"2024-1-2-3",
		"20241301",
		"32012024",
		"02031066",
		"2032024 x",
		"3 Feb",
		"31/02/2024",
		"2024-01-02T",
		"100/01/2024",
		"1-2-345",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (strcmp(read_as(bad[i], DATE_DMY), "no") != 0)
			printf("%s reads as %s\n", bad[i], read_as(bad[i], DATE_DMY));
		assert_string_equal(read_as(bad[i], DATE_DMY), "no");
	}
}

static void test_date_knows_months_of_six_languages(void **state)
{
	static const char *const names[] = {
		"January", "februari", "März",	     "avril",	"mayo",	    "giugno",
		"juillet", "augustus", "septiembre", "Oktober", "novembre", "Dezember",
	};
	char text[32], expected[DAY_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(text, sizeof text, "5 %s 2024", names[i]);
		snprintf(expected, sizeof expected, "2024-%02u-05", (unsigned)(i + 1) % 100);
		assert_string_equal(read_as(text, DATE_YMD), expected);
	}
}

/* The order that dates separated by blanks leave when read on `today`, or "?". */
static const char *settled_on(int32_t today, const char *dates)
{
	struct date_evidence evidence = {0};
	struct date_verdict verdict;
	struct fault why = {0};
	uint64_t line = 1;

	while (*dates) {
		size_t len = strcspn(dates, " ");

		date_look(span_of(dates, len), line++, &evidence);
		dates += len + (dates[len] == ' ');
	}
	if (date_settle(&evidence, NULL, today, 0, &verdict, &why) == 0)
		return date_order_name(verdict.order);
	assert_string_equal(why.code, "date-order-ambiguous");
	assert_int_equal(why.class, FAULT_JOB);
	assert_non_null(strstr(why.hint, "date_order"));
	return "?";
}

static const char *settled(const char *dates)
{
	return settled_on(INT32_MAX, dates);
}

static void test_date_settle_goes_by_the_whole_file(void **state)
{
	(void)state;
	assert_string_equal(settled("2024-01-02 2024-02-01"), "ymd");
	assert_string_equal(settled("01/02/2024 13/02/2024"), "dmy");
	assert_string_equal(settled("01/02/2024 02/13/2024"), "mdy");
	assert_string_equal(settled("01-02-2024 31-02-2024 31-01-2024"), "dmy");
	assert_string_equal(settled("01.02.2024"), "dmy");
	assert_string_equal(settled("01.02.24"), "dmy");
	assert_string_equal(settled("12.31.2024"), "mdy");
	assert_string_equal(settled("05/05/2024 06/06/2024"), "dmy");
	assert_string_equal(settled("28/12/23 03/01/24"), "dmy");
	assert_string_equal(settled("12/28/23 01/03/24"), "mdy");
	assert_string_equal(settled("23-12-28 24-01-03 24-01-04"), "ymd");
	assert_string_equal(settled("notes total 99/99/2024"), "ymd");
}

static void test_date_settle_asks_when_it_cannot_know(void **state)
{
	(void)state;
	assert_string_equal(settled("01/02/2024 02/02/2024"), "?");
	assert_string_equal(settled("01-02-03"), "?");
	assert_string_equal(settled("05/01/23 05/02/24"), "?");
	assert_string_equal(settled("13/01/2024 01/13/2024"), "?");
}

static void test_date_settle_knows_that_statements_are_of_the_past(void **state)
{
	int32_t today;

	(void)state;
	assert_int_equal(day_from_civil(2026, 11, 27, &today), 0);
	assert_string_equal(settled_on(today, "28/03/24"), "dmy");
	assert_string_equal(settled_on(today, "03/28/24"), "mdy");
	assert_string_equal(settled_on(today, "24/03/28"), "ymd");
	assert_string_equal(settled_on(today, "11/05/2026 11/06/2026"), "?");
	assert_string_equal(settled_on(today, "11/03/2027"), "?");
	assert_string_equal(settled_on(today, "03/11/2026 02/12/2026 04/12/2026"), "?");
	assert_string_equal(settled_on(today, "05/02/2026 05/03/2026 05/10/2027"), "?");
	assert_string_equal(settled_on(today, "06/11/2026 04/12/2026 01/12/2027"), "mdy");
	assert_string_equal(settled_on(today, "08/03/24"), "?");
	assert_string_equal(settled_on(today, "05/06/07"), "?");
	/* a clock that is years behind makes nothing of it */
	assert_string_equal(settled_on(0, "28/03/24"), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_date_reads_year_first_whatever_the_order),
		cmocka_unit_test(test_date_passes_a_time_of_day_and_nothing_else),
		cmocka_unit_test(test_date_reads_thai_months),
		cmocka_unit_test(test_date_follows_the_order_where_it_matters),
		cmocka_unit_test(test_date_refuses_what_is_no_day),
		cmocka_unit_test(test_date_knows_months_of_six_languages),
		cmocka_unit_test(test_date_settle_goes_by_the_whole_file),
		cmocka_unit_test(test_date_settle_asks_when_it_cannot_know),
		cmocka_unit_test(test_date_settle_knows_that_statements_are_of_the_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
