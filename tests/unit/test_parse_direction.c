/*
 * Unsigned amounts beside a balance: each row goes by its own, in whatever unit it stands,
 * whichever way the file runs, and after the reading was saved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "parse_file.h"

enum { ROWS = 1300 }; /* three units */

struct books {
	int64_t amount[ROWS], balance[ROWS];
};

static struct books make_books(void)
{
	struct books books = {.amount = {0}};
	uint32_t seed = 7;
	int64_t balance = 0;

	for (int i = 0; i < ROWS; i++) {
		seed = seed * 1664525 + 1013904223;
		books.amount[i] = (int64_t)(seed >> 8) % 90000 + 1;
		if (i > 0 && seed >> 8 & 2)
			books.amount[i] = -books.amount[i];
		balance += books.amount[i];
		books.balance[i] = balance;
	}
	return books;
}

/* `up`: the last row first. */
static int write_books(const struct books *books, bool up)
{
	struct buf file = {0};
	int fd = memfd_create("csv", MFD_CLOEXEC);

	buf_text(&file, "Date,Description,Amount,Balance\n");
	for (int i = 0; i < ROWS; i++) {
		int k = up ? ROWS - 1 - i : i;
		char amount[MONEY_TEXT_SIZE], balance[MONEY_TEXT_SIZE];

		money_text(llabs(books->amount[k]), "USD", amount);
		money_text(books->balance[k], "USD", balance);
		buf_format(&file, "2024-%02d-%02d,row %d,%s,%s\n", k / 120 + 1, k % 120 / 5 + 1, k,
			   amount, balance);
	}
	assert_int_equal(write(fd, file.at, file.len), file.len);
	buf_release(&file);
	return fd;
}

static struct reading *detect_saved(int fd)
{
	struct reading *made = NULL, *loaded = NULL;
	struct fault why = {0};
	struct buf saved = {0};

	if (reader_detect(fd, span_text("{}"), NULL, NULL, &made, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
	reading_save(made, &saved);
	assert_int_equal(reading_load(buf_span(&saved), &loaded, &why), 0);
	reading_free(&made);
	buf_release(&saved);
	return loaded;
}

static void check_file(bool up)
{
	struct books books = make_books();
	int fd = write_books(&books, up);
	struct reading *reading = detect_saved(fd);
	struct reader_place at = reading_start(reading);
	struct rows *rows = rows_new();
	struct fault why = {0};
	bool last = false;
	int n = 0, units = 0;

	for (; !last; units++) {
		rows_clear(rows);
		assert_int_equal(reader_unit(reading, fd, at, NULL, rows, &at, &last, &why), 0);
		for (uint32_t i = 0; i < rows->n; i++, n++) {
			assert_int_equal(rows->state[i], ROW_OK);
			assert_int_equal(rows->amount_minor[i],
					 books.amount[up ? ROWS - 1 - n : n]);
		}
	}
	assert_int_equal(n, ROWS);
	assert_true(units > 2);
	rows_free(&rows);
	reading_free(&reading);
	close(fd);
}

static void test_direction_runs_down_the_file(void **state)
{
	(void)state;
	check_file(false);
}

static void test_direction_runs_up_the_file(void **state)
{
	(void)state;
	check_file(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_direction_runs_down_the_file),
		cmocka_unit_test(test_direction_runs_up_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
