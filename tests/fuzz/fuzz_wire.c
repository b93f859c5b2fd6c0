/*
 * fuzz_wire - any bytes as a wire message: refused, or read, printed and written back the same.
 */
#include <assert.h>

#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool is_same(const struct wire_msg *a, struct span bytes)
{
	struct buf again = {0};
	struct fault why = {0};
	struct wire_msg b;
	bool same;

	assert(wire_decode(bytes, &b, &why) == 0);
	wire_encode(&again, b.type, &b.hello);
	same = a->type == b.type && span_equal(buf_span(&again), bytes);
	buf_release(&again);
	return same;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct buf text = {0}, canonical = {0};
	struct fault why = {0};
	struct wire_msg msg;

	if (wire_decode(span_of((const char *)bytes, len), &msg, &why) != 0) {
		assert(why.class == FAULT_INPUT && why.code[0]);
		return 0;
	}
	wire_dump(&text, &msg);
	wire_encode(&canonical, msg.type, &msg.hello);
	assert(is_same(&msg, buf_span(&canonical)));
	buf_release(&text);
	buf_release(&canonical);
	return 0;
}
