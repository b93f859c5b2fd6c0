/*
 * fuzz_reader - any bytes as a bank's file: refused as a whole, or read to its end in units that
 * are bounded, that give the promised number of rows, and that come out the same when replayed.
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reader.h"
#include "validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void replay(const struct reading *reading, int fd, struct reader_place from,
		   struct reader_place until, const struct rows *rows)
{
	struct rows *again = rows_new();
	struct reader_place next;
	struct fault why = {0};
	bool last = false;

	assert(reader_unit(reading, fd, from, &until, again, &next, &last, &why) == 0);
	assert(next.offset == until.offset && next.line == until.line);
	assert(again->n == rows->n && again->text_len == rows->text_len);
	for (uint32_t i = 0; i < rows->n; i++) {
		assert(again->amount_minor[i] == rows->amount_minor[i]);
		assert(again->day[i] == rows->day[i] && again->state[i] == rows->state[i]);
	}
	rows_free(&again);
}

static void read_all(const struct reading *reading, int fd, size_t len)
{
	struct reader_place at = reading_start(reading);
	uint64_t n = 0;
	bool last = reading_rows(reading) == 0;

	while (!last) {
		struct rows *rows = rows_new();
		struct reader_place next;
		struct fault why = {0};

		assert(reader_unit(reading, fd, at, NULL, rows, &next, &last, &why) == 0);
		assert(rows->n <= ROWS_MAX && next.offset <= len);
		assert(last || next.offset > at.offset);
		replay(reading, fd, at, next, rows);
		validate_rows(rows);
		n += rows->n;
		at = next;
		rows_free(&rows);
	}
	assert(n == reading_rows(reading));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char wish[] =
		"{\"account\":\"Assets:Bank:Checking\",\"default_currency\":\"USD\"}";
	struct reading *reading = NULL, *copy = NULL;
	struct buf saved = {0};
	struct fault why = {0};
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd == -1 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	if (reader_detect(fd, span_text(wish), NULL, NULL, &reading, &why) == 0) {
		reading_save(reading, &saved);
		assert(reading_load(buf_span(&saved), &copy, &why) == 0);
		read_all(copy, fd, len);
	} else {
		assert(why.class == FAULT_JOB && why.code[0] && why.text[0]);
	}
	reading_free(&reading);
	reading_free(&copy);
	buf_release(&saved);
	close(fd);
	return 0;
}
