/*
 * fuzz_payload - any bytes as a payload of rows: refused, or rows whose every text can be read and
 * that are written back and read again as the same rows.
 */
#include <assert.h>

#include "payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static size_t touch(const struct rows *rows)
{
	size_t sum = 0;
	struct span text;

	for (uint32_t i = 0; i < rows->n; i++) {
#define TOUCH_NUM(name, type, meaning)
#define TOUCH_TEXT(name, meaning)                                                                  \
	text = rows_span(rows, rows->name[i]);                                                     \
	for (size_t at = 0; at < text.len; at++)                                                   \
		sum += (unsigned char)text.at[at];
		ROWS_COLUMNS(TOUCH_NUM, TOUCH_TEXT)
#undef TOUCH_NUM
#undef TOUCH_TEXT
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct rows *rows = rows_new();
	struct rows *again = rows_new();
	struct buf out = {0};
	struct fault why = {0};

	if (payload_decode(span_of((const char *)bytes, len), rows, &why) == 0) {
		size_t sum = touch(rows);

		assert(rows->n <= ROWS_MAX);
		payload_encode(&out, rows);
		assert(payload_decode(buf_span(&out), again, &why) == 0);
		assert(again->n == rows->n && touch(again) == sum);
	} else {
		assert(why.class == FAULT_INPUT && why.code[0]);
	}
	buf_release(&out);
	rows_free(&rows);
	rows_free(&again);
	return 0;
}
