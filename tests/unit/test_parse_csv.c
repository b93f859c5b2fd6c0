/*
 * The tokeniser against a naive one, written byte by byte, on many random texts of the characters
 * that matter; and what is promised about single forms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "csv.h"
#include "mem.h"

#define TEXT_MAX 400
#define MARK	 "\xef\xbb\xbf" /* of byte order */

static const struct csv_dialect comma = {',', '\n'};

/* ---- the naive one: fields as clean text, one buffer each ---- */

struct naive {
	char fields[TEXT_MAX][TEXT_MAX];
	size_t len[TEXT_MAX];
	uint32_t n;
	size_t size;
	uint64_t lines;
	bool unclosed;
};

static void naive_record(char delimiter, char eol, const char *text, size_t len, struct naive *out)
{
	size_t i = len >= 3 && memcmp(text, MARK, 3) == 0 ? 3 : 0;

	memset(out, 0, sizeof *out);
	for (bool more = true; more; out->n++) {
		char *field = out->fields[out->n];
		size_t n = 0, blanks = i;

		while (blanks < len && text[blanks] == ' ')
			blanks++;
		if (blanks < len && text[blanks] == '"') {
			i = blanks + 1;
			while (i < len && (text[i] != '"' || (i + 1 < len && text[i + 1] == '"'))) {
				out->lines += text[i] == eol;
				i += text[i] == '"';
				field[n++] = text[i++];
			}
			out->unclosed = i >= len;
			i++;
		}
		while (i < len && text[i] != delimiter && text[i] != eol)
			field[n++] = text[i++];
		more = i < len && text[i] == delimiter;
		out->len[out->n] = n;
		i += more;
	}
	out->size = i < len ? i + 1 : len;
	out->lines++;
}

/* '\r' at the very end of a record is part of its line end. */
static void naive_trim(struct naive *naive, const char *text)
{
	size_t end = naive->size;
	size_t *last = &naive->len[naive->n - 1];

	if (end > 0 && text[end - 1] == '\n')
		end--;
	while (end > 0 && text[end - 1] == '\r' && *last > 0 &&
	       naive->fields[naive->n - 1][*last - 1] == '\r') {
		end--;
		(*last)--;
	}
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static size_t random_text(uint32_t *seed, char *out, size_t max)
{
	static const char alphabet[] = "ab,,\"\"\n\r ;x";
	size_t len = 1 + next_random(seed) % max;

	for (size_t i = 0; i < len; i++)
		out[i] = alphabet[next_random(seed) % (sizeof alphabet - 1)];
	return len;
}

static void compare(const struct csv_record *record, const struct naive *naive)
{
	char room[TEXT_MAX];

	assert_int_equal(record->n_fields, naive->n);
	assert_int_equal(record->size, naive->size);
	assert_int_equal(record->lines, naive->lines);
	assert_int_equal(record->unclosed, naive->unclosed);
	for (uint32_t i = 0; i < naive->n; i++) {
		struct span text = csv_clean(&record->fields[i], room);

		assert_int_equal(text.len, naive->len[i]);
		assert_memory_equal(text.at, naive->fields[i], text.len);
	}
}

static void compare_skip(const char *text, size_t len, const struct csv_record *record, size_t cut)
{
	struct csv_skip skip = {0};

	csv_skip(&comma, &skip, span_of(text, cut));
	csv_skip(&comma, &skip, span_of(text + skip.size, skip.done ? 0 : len - cut));
	csv_skip_end(&skip);
	assert_int_equal(skip.size, record->size);
	assert_int_equal(skip.lines, record->lines);
	assert_int_equal(skip.n_fields, record->n_fields);
	assert_int_equal(skip.unclosed, record->unclosed);
}

static void test_csv_equals_a_naive_reader(void **state)
{
	static struct csv_record record, part;
	static struct naive naive;
	char text[TEXT_MAX + CSV_PADDING] = {0};
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 60000; round++) {
		size_t len = random_text(&seed, text, round % 2 ? 24 : 200);
		size_t cut = next_random(&seed) % (len + 1);

		if (round % 5 == 0) /* a mark, or some of one */
			memcpy(text, MARK, len < 3 ? len : 1 + next_random(&seed) % 3);
		assert_true(csv_record(&comma, span_of(text, len), true, &record));
		naive_record(',', '\n', text, len, &naive);
		naive_trim(&naive, text);
		compare(&record, &naive);
		compare_skip(text, len, &record, cut);
		/* with less to see it either waits or says the same */
		if (cut > 0 && csv_record(&comma, span_of(text, cut), false, &part))
			compare(&part, &naive);
	}
}

/* ---- single forms ---- */

/* Fields of the first record, joined by '|'; "..." when its end is not there. */
static const char *fields_of(const char *text, const struct csv_dialect *dialect, bool eof)
{
	static char out[TEXT_MAX], room[TEXT_MAX];
	static struct csv_record record;
	char padded[TEXT_MAX + CSV_PADDING] = {0};
	size_t n = 0;

	memcpy(padded, text, strlen(text));
	if (!csv_record(dialect, span_of(padded, strlen(text)), eof, &record))
		return "...";
	for (uint32_t i = 0; i < record.n_fields; i++) {
		struct span field = csv_clean(&record.fields[i], room);

		n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i ? "|" : "",
				      SPAN_ARG(field));
	}
	return out;
}

static void test_csv_reads_each_form(void **state)
{
	static const struct csv_dialect tab = {'\t', '\n'}, old_mac = {';', '\r'};

	(void)state;
	assert_string_equal(fields_of("a,b,c\nd", &comma, true), "a|b|c");
	assert_string_equal(fields_of("a,b,c\r\nd", &comma, true), "a|b|c");
	assert_string_equal(fields_of("a,\"b\"\r\r\nd", &comma, true), "a|b");
	assert_string_equal(fields_of(",,", &comma, true), "||");
	assert_string_equal(fields_of("\"a,b\",c", &comma, true), "a,b|c");
	assert_string_equal(fields_of("\"a \"\"b\"\"\",c", &comma, true), "a \"b\"|c");
	assert_string_equal(fields_of("\"a\nb\",c\n", &comma, true), "a\nb|c");
	assert_string_equal(fields_of("a \"b, c", &comma, true), "a \"b| c");
	assert_string_equal(fields_of("\"a\" b,c", &comma, true), "a b|c");
	assert_string_equal(fields_of("\"a\"\t,c", &comma, true), "a\t|c");
	assert_string_equal(fields_of("a, \"b, c\"", &comma, true), "a|b, c");
	assert_string_equal(fields_of("a,\"b", &comma, true), "a|b");
	assert_string_equal(fields_of(MARK "\"a,b\",c", &comma, true), "a,b|c");
	assert_string_equal(fields_of("a," MARK "c", &comma, true), "a|" MARK "c");
	assert_string_equal(fields_of("a\t\"b\tc\"\n", &tab, true), "a|b\tc");
	assert_string_equal(fields_of("a;\"b\rc\"\rd", &old_mac, true), "a|b\rc");
}

static void test_csv_waits_for_the_end_of_a_record(void **state)
{
	(void)state;
	assert_string_equal(fields_of("a,b", &comma, false), "...");
	assert_string_equal(fields_of("a,\"b\"", &comma, false), "...");
	assert_string_equal(fields_of("a,\"b", &comma, false), "...");
	assert_string_equal(fields_of("a,\"b\"\n", &comma, false), "a|b");
}

static void test_csv_counts_fields_beyond_those_it_keeps(void **state)
{
	static struct csv_record record;
	char text[2 * CSV_FIELDS_MAX + CSV_PADDING];

	(void)state;
	memset(text, ',', sizeof text);
	assert_true(csv_record(&comma, span_of(text, 2 * CSV_FIELDS_MAX), true, &record));
	assert_int_equal(record.n_fields, 2 * CSV_FIELDS_MAX + 1);
	assert_false(csv_is_blank(&record));
}

static bool is_blank(const char *text)
{
	static struct csv_record record;
	char padded[TEXT_MAX + CSV_PADDING] = {0};

	memcpy(padded, text, strlen(text));
	assert_true(csv_record(&comma, span_of(padded, strlen(text)), true, &record));
	return csv_is_blank(&record);
}

static void test_csv_knows_a_blank_record(void **state)
{
	(void)state;
	assert_true(is_blank("\n"));
	assert_true(is_blank("  \r\n"));
	assert_true(is_blank(",,,"));
	assert_true(is_blank("\"\", ,\"\""));
	assert_true(is_blank("\xc2\xa0,"));
	assert_true(is_blank(MARK "\r\n"));
	assert_false(is_blank(",,0"));
	assert_false(is_blank("\"\"\"\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_equals_a_naive_reader),
		cmocka_unit_test(test_csv_reads_each_form),
		cmocka_unit_test(test_csv_waits_for_the_end_of_a_record),
		cmocka_unit_test(test_csv_counts_fields_beyond_those_it_keeps),
		cmocka_unit_test(test_csv_knows_a_blank_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
