/*
 * The reader as a whole: units of any size give the same rows, the total is exact, a replay is
 * exact, and nothing grows with the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "parse_file.h"

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static int file_of(const struct buf *bytes)
{
	int fd = memfd_create("csv", MFD_CLOEXEC);

	assert_int_equal(write(fd, bytes->at, bytes->len), bytes->len);
	return fd;
}

static struct reading *detect(int fd)
{
	struct reading *reading = NULL;
	struct fault why = {0};

	if (reader_detect(fd, span_text("{}"), NULL, NULL, &reading, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
	return reading;
}

/* ---- random statements ---- */

static void random_row(uint32_t *seed, struct buf *out)
{
	static const char *const rows[] = {
		"2024-01-02,Shop,-1.50,10.00",
		"2024-01-03,\"two\nlines, and a comma\",2.00,12.00",
		"2024-01-04,\"she said \"\"\r\n\"\"\",-2,10",
		",,continued,",
		"Total,,,",
		"2024-02-31,no such day,1.00,",
		"2024-01-05,short",
		"2024-01-05,a,b,c,d,e",
		"2024-01-06,\"closed\" and on,-3.00,7.00",
		"\n  \n",
		",,,",
		"2024-01-07,Caf\xc3\xa9,-4.25,2.75\r",
	};

	buf_text(out, rows[next_random(seed) % (sizeof rows / sizeof rows[0])]);
	buf_char(out, '\n');
}

/* Another part of the file, under a header of other columns, and the file's own again. */
static void random_section(uint32_t *seed, struct buf *out)
{
	buf_text(out, "Balance,Amount,Date,Payee\n-1.00,-1.00,2024-01-05,Card shop\n");
	for (uint32_t i = next_random(seed) % 400; i > 0; i--)
		buf_text(out, next_random(seed) % 4 ? "-10.00,-9.00,2024-01-06,Card fuel\n"
						    : ",,,goes on\n");
	if (next_random(seed) % 2)
		buf_text(out, "Category,Total\nFood,-15.00\n");
	buf_text(out, "Date,Description,Amount,Balance\n");
}

static void random_file(uint32_t *seed, struct buf *out)
{
	uint32_t n = next_random(seed) % 3000;

	buf_clear(out);
	buf_text(out, "Date,Description,Amount,Balance\n2024-01-01,first,-1.00,9.00\n");
	for (uint32_t i = 0; i < n; i++) {
		random_row(seed, out);
		if (next_random(seed) % 80 == 0)
			random_section(seed, out);
		/* some go on, and some of them further than is kept */
		for (uint32_t k = next_random(seed) % 30; k > 24 && k < 30; k++)
			buf_text(out, k % 2 ? ",goes on,,\n" : ",and on,\n");
		for (uint32_t k = next_random(seed) % 2000; k > 1900; k--)
			buf_text(out, ",goes on and on and on,,\n");
		/* now and then one longer than is held, and one longer than a unit */
		if (next_random(seed) % 500 == 0) {
			uint32_t len = next_random(seed) % 200000;

			buf_text(out, "2024-01-08,\"");
			memset(buf_reserve(out, len), next_random(seed) % 2 ? 'x' : '\n', len);
			buf_text(out, "\",1.00,\n");
		}
	}
	if (next_random(seed) % 2)
		buf_text(out, "2024-01-09,last,1.00,");
}

/* All rows from the start in units as they come; places where units start go to `cuts`. */
static struct rows *read_all(const struct reading *reading, int fd, struct reader_place *cuts,
			     uint32_t *n_cuts)
{
	struct rows *all = rows_new(), *rows = rows_new();
	struct reader_place at = reading_start(reading), next;
	struct fault why = {0};
	bool last = false;

	*n_cuts = 0;
	while (!last) {
		cuts[(*n_cuts)++] = at;
		rows_clear(rows);
		assert_int_equal(reader_unit(reading, fd, at, NULL, rows, &next, &last, &why), 0);
		assert_true(rows->n <= ROWS_MAX);
		assert_true(rows->n <= 1 || next.offset - at.offset <= 65536 + 70);
		for (uint32_t i = 0; i < rows->n; i++)
			rows_copy(all, rows, i, false);
		at = next;
	}
	cuts[*n_cuts] = at;
	rows_free(&rows);
	return all;
}

static void assert_same_row(const struct rows *a, uint32_t i, const struct rows *b, uint32_t j)
{
	assert_int_equal(a->line[i], b->line[j]);
	assert_int_equal(a->state[i], b->state[j]);
	assert_int_equal(a->day[i], b->day[j]);
	assert_int_equal(a->amount_minor[i], b->amount_minor[j]);
	assert_int_equal(a->balance_minor[i], b->balance_minor[j]);
	assert_true(span_equal(rows_span(a, a->raw[i]), rows_span(b, b->raw[j])));
	assert_true(span_equal(rows_span(a, a->description[i]), rows_span(b, b->description[j])));
	assert_true(span_equal(rows_span(a, a->reason[i]), rows_span(b, b->reason[j])));
	assert_true(span_equal(rows_span(a, a->detail[i]), rows_span(b, b->detail[j])));
}

/* Reads [from, until) and compares it with the rows from `first` on; returns how many there were.
 */
static uint32_t replay(const struct reading *reading, int fd, const struct reader_place place[2],
		       const struct rows *all, uint32_t first)
{
	struct rows *rows = rows_new();
	struct reader_place next;
	struct fault why = {0};
	uint32_t n;
	bool last;

	assert_int_equal(reader_unit(reading, fd, place[0], &place[1], rows, &next, &last, &why),
			 0);
	assert_int_equal(next.offset, place[1].offset);
	assert_int_equal(next.line, place[1].line);
	for (uint32_t i = 0; i < rows->n; i++)
		assert_same_row(rows, i, all, first + i);
	n = rows->n;
	rows_free(&rows);
	return n;
}

static void test_reader_unit_replays_to_the_same_rows(void **state)
{
	struct reader_place cuts[2000];
	struct buf file = {0};
	uint32_t seed = 11, n_cuts;

	(void)state;
	for (int round = 0; round < 12; round++) {
		struct reading *reading;
		struct rows *all;
		uint32_t n = 0;
		int fd;

		random_file(&seed, &file);
		fd = file_of(&file);
		reading = detect(fd);
		all = read_all(reading, fd, cuts, &n_cuts);
		assert_int_equal(all->n, reading_rows(reading));
		assert_int_equal(cuts[n_cuts].offset, file.len);
		for (uint32_t i = 0; i < n_cuts; i++)
			n += replay(reading, fd, &cuts[i], all, n);
		assert_int_equal(n, all->n);
		rows_free(&all);
		reading_free(&reading);
		close(fd);
	}
	buf_release(&file);
}

/* Where the line numbered `line` starts, seen from a place before it. */
static struct reader_place place_of_line(const struct buf *file, struct reader_place from,
					 uint64_t line)
{
	while (from.line < line)
		from.line += file->at[from.offset++] == '\n';
	return from;
}

/* Reads a file in pieces cut between any two records. */
static void read_in_pieces(const struct reading *reading, int fd, const struct buf *file,
			   uint32_t *seed)
{
	struct reader_place cuts[2000], pair[2];
	uint32_t done = 0, n_cuts, n;
	struct rows *all = read_all(reading, fd, cuts, &n_cuts);

	pair[0] = reading_start(reading);
	while (done < all->n) {
		n = 1 + next_random(seed) % ROWS_MAX;
		n = n < all->n - done ? n : all->n - done;
		pair[1] = done + n == all->n ? cuts[n_cuts]
					     : place_of_line(file, pair[0], all->line[done + n]);
		assert_int_equal(replay(reading, fd, pair, all, done), n);
		done += n;
		pair[0] = pair[1];
	}
	rows_free(&all);
}

static void test_reader_unit_may_be_cut_at_any_record(void **state)
{
	struct buf file = {0};
	uint32_t seed = 5;

	(void)state;
	for (int round = 0; round < 12; round++) {
		struct reading *reading;
		int fd;

		random_file(&seed, &file);
		fd = file_of(&file);
		reading = detect(fd);
		read_in_pieces(reading, fd, &file, &seed);
		reading_free(&reading);
		close(fd);
	}
	buf_release(&file);
}

static void test_reader_place_is_twenty_bytes(void **state)
{
	struct reader_place place = {UINT64_C(0x0102030405060708), 9, -7}, back;
	char bytes[READER_PLACE_BYTES];

	(void)state;
	reader_place_put(place, bytes);
	assert_int_equal(bytes[0], 8);
	assert_int_equal(reader_place_get(span_of(bytes, sizeof bytes), &back), 0);
	assert_int_equal(back.offset, place.offset);
	assert_int_equal(back.line, place.line);
	assert_int_equal(back.day, place.day);
	assert_int_equal(reader_place_get(span_of(bytes, 15), &back), -1);
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(reader_place_get(span_of(bytes, sizeof bytes), &back), -1);
}

static void test_reading_survives_being_saved(void **state)
{
	struct reading *reading, *copy;
	struct buf file = {0}, first = {0}, second = {0};
	struct fault why = {0};
	int fd;

	(void)state;
	buf_text(&file, "Buchungstag;Valuta;Empfänger;Betrag\n01.02.2024;01.02.2024;A;-1,00\n"
			"Empfänger;Betrag;Buchungstag\nB;-2,00;03.02.2024\n");
	fd = file_of(&file);
	reading = detect(fd);
	reading_save(reading, &first);
	assert_int_equal(reading_load(buf_span(&first), &copy, &why), 0);
	reading_save(copy, &second);
	assert_string_equal(first.at, second.at);
	assert_non_null(strstr(second.at, "\"amount_column\":2"));
	reading_free(&reading);
	reading_free(&copy);
	assert_int_equal(reading_load(span_text("{}"), &copy, &why), -1);
	assert_int_equal(reading_load(span_text("no"), &copy, &why), -1);
	buf_release(&file);
	buf_release(&first);
	buf_release(&second);
	close(fd);
}

static void add_field(struct buf *file, size_t bytes)
{
	buf_text(file, "2024-01-02,\"");
	memset(buf_reserve(file, bytes), 'x', bytes);
	buf_text(file, "\",1.00\n");
}

/* "2024-01-02," and the quotes, ",1.00" and the line end: 19 bytes around the field. */
/* A unit that begins in the middle of a day knows which one it is. */
static void test_reader_carries_a_date_into_the_next_unit(void **state)
{
	struct reading *reading;
	struct reader_place cuts[16];
	struct buf file = {0};
	struct rows *rows;
	uint32_t n_cuts;
	int fd;

	(void)state;
	buf_text(&file, "Date,Payee,Amount,Balance\n");
	for (int day = 1; day <= 5; day++) {
		buf_format(&file, "2024-01-0%d,First,-1.00,%d.00\n", day, 9999 - 1399 * (day - 1));
		for (int i = 1; i < 700; i++)
			buf_text(&file, ",Next,-2.00,\n");
	}
	fd = file_of(&file);
	reading = detect(fd);
	rows = read_all(reading, fd, cuts, &n_cuts);
	assert_int_equal(n_cuts, 7);
	for (uint32_t i = 0; i < rows->n; i++) {
		assert_int_equal(rows->state[i], ROW_OK);
		assert_int_equal(rows->day[i], rows->day[0] + (int32_t)(i / 700));
	}
	for (uint32_t i = 0; i < n_cuts; i++)
		assert_int_equal(replay(reading, fd, &cuts[i], rows, i * 500), 500);
	rows_free(&rows);
	reading_free(&reading);
	close(fd);
	buf_release(&file);
}

/* Parts of a file beyond what a reading holds are refused, never read by the columns of another. */
static void test_reader_refuses_the_parts_that_are_too_many(void **state)
{
	struct rows *rows;
	struct reading *reading;
	struct reader_place cuts[8];
	struct buf file = {0};
	uint32_t n_cuts;
	int fd;

	(void)state;
	for (int i = 0; i < 50; i++)
		buf_text(&file, "Date,Payee,Amount\n2024-01-05,A,-1.00\n"
				"Amount,Date,Payee,Balance\n-1.00,2024-01-05,B,7.00\n");
	fd = file_of(&file);
	reading = detect(fd);
	rows = read_all(reading, fd, cuts, &n_cuts);
	for (uint32_t i = 0, ok = 0; i < rows->n; i++) {
		ok += rows->state[i] == ROW_OK;
		if (rows->state[i] == ROW_OK)
			assert_int_equal(rows->amount_minor[i], -100);
		if (i + 1 == rows->n)
			assert_int_equal(ok, 64 - 1); /* READING_SECTIONS_MAX, the last ends it */
	}
	assert_true(span_is(rows_span(rows, rows->reason[rows->n - 1]), "section-other"));
	rows_free(&rows);
	reading_free(&reading);
	close(fd);
	buf_release(&file);
}

static void test_reader_holds_records_of_16_kib_and_no_longer(void **state)
{
	struct buf file = {0};
	struct reading *reading;
	struct reader_place cuts[16];
	struct rows *all;
	uint32_t n_cuts;
	int fd;

	(void)state;
	buf_text(&file, "Date,Description,Amount\n2024-01-01,a,-1.00\n");
	add_field(&file, ROWS_RECORD_MAX - 19);
	add_field(&file, ROWS_RECORD_MAX - 18);
	add_field(&file, 10 << 20);
	buf_text(&file, "2024-01-03,b,1.00\n");
	fd = file_of(&file);
	reading = detect(fd);
	all = read_all(reading, fd, cuts, &n_cuts);
	assert_int_equal(all->n, 5);
	assert_int_equal(all->state[1], ROW_OK);
	assert_true(span_is(rows_span(all, all->reason[2]), "row-too-long"));
	assert_true(span_is(rows_span(all, all->reason[3]), "row-too-long"));
	assert_int_equal(all->raw[3].len, 1024);
	assert_int_equal(all->state[4], ROW_OK);
	assert_int_equal(all->line[4], 6);
	rows_free(&all);
	reading_free(&reading);
	buf_release(&file);
	close(fd);
}

static void refused_as(const struct buf *file, const char *code)
{
	struct reading *reading = NULL;
	struct fault why = {0};
	int fd = file_of(file);

	assert_int_equal(reader_detect(fd, span_text("{}"), NULL, NULL, &reading, &why), -1);
	assert_string_equal(why.code, code);
	assert_int_equal(why.class, FAULT_JOB);
	assert_true(why.hint[0] != '\0');
	close(fd);
}

static void test_reader_refuses_too_many_columns(void **state)
{
	struct buf file = {0};

	(void)state;
	buf_text(&file, "Date,Amount");
	for (int i = 0; i < 10000; i++)
		buf_format(&file, ",c%d", i);
	buf_text(&file, "\n2024-01-01,1.00\n");
	refused_as(&file, "too-many-columns");
	buf_release(&file);
}

static void test_reader_refuses_bytes_that_are_not_utf8_anywhere(void **state)
{
	struct buf file = {0};

	(void)state;
	buf_text(&file, "Date,Description,Amount\n");
	for (int i = 0; i < 20000; i++)
		buf_text(&file, "2024-01-01,Caf\xc3\xa9,-1.00\n");
	file.at[file.len - 10] = '\xe9';
	refused_as(&file, "encoding-unknown");
	file.at[file.len - 10] = '\0';
	refused_as(&file, "binary-file");
	buf_release(&file);
}

static void count_call(void *calls)
{
	(*(int *)calls)++;
}

static void test_reader_detect_shows_that_it_is_alive(void **state)
{
	struct reading *reading;
	struct buf file = {0};
	struct fault why = {0};
	int fd, calls = 0;

	(void)state;
	buf_text(&file, "Date,Description,Amount\n");
	for (int i = 0; i < 50000; i++)
		buf_text(&file, "2024-01-01,Shop around the corner,-1.00\n");
	fd = file_of(&file);
	assert_int_equal(reader_detect(fd, span_text("{}"), count_call, &calls, &reading, &why), 0);
	assert_true(calls > 20);
	assert_int_equal(reading_rows(reading), 50000);
	reading_free(&reading);
	buf_release(&file);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader_unit_replays_to_the_same_rows),
		cmocka_unit_test(test_reader_unit_may_be_cut_at_any_record),
		cmocka_unit_test(test_reader_place_is_twenty_bytes),
		cmocka_unit_test(test_reading_survives_being_saved),
		cmocka_unit_test(test_reader_carries_a_date_into_the_next_unit),
		cmocka_unit_test(test_reader_refuses_the_parts_that_are_too_many),
		cmocka_unit_test(test_reader_holds_records_of_16_kib_and_no_longer),
		cmocka_unit_test(test_reader_refuses_too_many_columns),
		cmocka_unit_test(test_reader_refuses_bytes_that_are_not_utf8_anywhere),
		cmocka_unit_test(test_reader_detect_shows_that_it_is_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
