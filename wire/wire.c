#include "wire.h"

#include <assert.h>
#include <inttypes.h>
#include <msgpack.h>
#include <stddef.h>

#include "cursor.h"
#include "layout.h"

static int pack_write(void *data, const char *bytes, size_t len)
{
	buf_add(data, bytes, len);
	return 0;
}

/* Text of ours may hold what a person uploaded, cut anywhere. A receiver would refuse the whole
 * message for it, so bytes that are no UTF-8 go out as question marks. */
static void pack_text(msgpack_packer *pk, struct span text, uint32_t max)
{
	struct span part = text.len <= max ? text : span_utf8_whole(span_of(text.at, max));
	size_t len = part.len, n;

	msgpack_pack_str(pk, len);
	if (span_is_utf8(part) && !(len > 0 && memchr(part.at, '\0', len))) {
		msgpack_pack_str_body(pk, len > 0 ? part.at : "", len);
		return;
	}
	for (; part.len > 0; part = span_of(part.at + n, part.len - n)) {
		size_t good = part.at[0] == '\0' ? 0 : span_utf8_first(part);

		n = good > 0 ? good : 1;
		msgpack_pack_str_body(pk, good > 0 ? part.at : "?", n);
	}
}

static void pack_fields(msgpack_packer *pk, const struct wire_layout *layout, const char *message);

static void pack_list(msgpack_packer *pk, const struct wire_field *field, const char *message)
{
	const struct wire_layout *item = wire_layout(WIRE_STAGE_COUNT);
	uint32_t n = *(const uint32_t *)(message + field->count_offset);

	assert(n <= field->max);
	msgpack_pack_array(pk, n);
	for (uint32_t i = 0; i < n; i++) {
		msgpack_pack_map(pk, (size_t)item->n);
		pack_fields(pk, item, message + field->offset + i * item->size);
	}
}

static void pack_value(msgpack_packer *pk, const struct wire_field *field, const char *message)
{
	const char *at = message + field->offset;
	const struct span *span = (const struct span *)at;

	switch (field->kind) {
	case WIRE_KIND_u32:
		msgpack_pack_uint32(pk, *(const uint32_t *)at);
		return;
	case WIRE_KIND_u64:
		msgpack_pack_uint64(pk, *(const uint64_t *)at);
		return;
	case WIRE_KIND_i64:
		msgpack_pack_int64(pk, *(const int64_t *)at);
		return;
	case WIRE_KIND_id:
		msgpack_pack_bin_with_body(pk, at, ID_BYTES);
		return;
	case WIRE_KIND_str:
		pack_text(pk, *span, field->max);
		return;
	case WIRE_KIND_bin:
		assert(span->len <= field->max);
		msgpack_pack_bin_with_body(pk, span->len > 0 ? span->at : "", span->len);
		return;
	case WIRE_KIND_list:
		pack_list(pk, field, message);
		return;
	}
}

static void pack_fields(msgpack_packer *pk, const struct wire_layout *layout, const char *message)
{
	for (int i = 0; i < layout->n; i++) {
		const struct wire_field *field = &layout->fields[i];

		msgpack_pack_str_with_body(pk, field->name, field->name_len);
		pack_value(pk, field, message);
	}
}

void wire_encode(struct buf *out, enum wire_type type, const void *message)
{
	const struct wire_layout *layout = wire_layout(type);
	msgpack_packer pk;

	msgpack_packer_init(&pk, out, pack_write);
	msgpack_pack_map(&pk, (size_t)layout->n + 1);
	msgpack_pack_str_with_body(&pk, "wire", 4);
	msgpack_pack_str_with_body(&pk, layout->name, strlen(layout->name));
	pack_fields(&pk, layout, message);
}

/* ---- decoding ---- */

/* What is being decoded, so that a refusal can name it. */
struct reading {
	struct cursor cursor;
	const struct wire_layout *layout;
	struct fault *why;
};

static int refuse(const struct reading *r, const char *code, const char *field, const char *text)
{
	return fault_set(r->why, FAULT_INPUT, code, "%s%s%s: %s",
			 r->layout ? r->layout->name : "message", *field ? "." : "", field, text);
}

static int refuse_bytes(const struct reading *r)
{
	return refuse(r, "wire-format", "", "the bytes are not one bounded msgpack object");
}

static int take_number(const struct reading *r, const struct wire_field *field,
		       const struct cursor_item *item, char *at)
{
	bool negative = item->kind == CURSOR_NEGATIVE;

	if (item->kind != CURSOR_UINT && !negative)
		return refuse(r, "wire-type", field->name, "an integer belongs here");
	if (field->kind == WIRE_KIND_i64) {
		if (!negative && item->number > INT64_MAX)
			return refuse(r, "wire-range", field->name, "beyond 64 bits with a sign");
		*(int64_t *)at = (int64_t)item->number;
		return 0;
	}
	if (negative)
		return refuse(r, "wire-range", field->name, "below zero");
	if (field->kind == WIRE_KIND_u32 && item->number > UINT32_MAX)
		return refuse(r, "wire-range", field->name, "beyond 32 bits");
	if (field->kind == WIRE_KIND_u32)
		*(uint32_t *)at = (uint32_t)item->number;
	else
		*(uint64_t *)at = item->number;
	return 0;
}

static int take_text(const struct reading *r, const struct wire_field *field,
		     const struct cursor_item *item, char *at)
{
	struct span body = item->body;

	if (item->kind != CURSOR_STR)
		return refuse(r, "wire-type", field->name, "a string belongs here");
	if (body.len > field->max)
		return refuse(r, "wire-long", field->name, "longer than allowed");
	if (!span_is_utf8(body) || (body.len > 0 && memchr(body.at, '\0', body.len)))
		return refuse(r, "wire-text", field->name, "not UTF-8, or with a NUL");
	*(struct span *)at = body;
	return 0;
}

static int take_bytes(const struct reading *r, const struct wire_field *field,
		      const struct cursor_item *item, char *at)
{
	struct span body = item->body;

	if (item->kind != CURSOR_BIN)
		return refuse(r, "wire-type", field->name, "a bin belongs here");
	if (field->kind == WIRE_KIND_id) {
		if (body.len != ID_BYTES)
			return refuse(r, "wire-long", field->name, "an id has 16 bytes");
		memcpy(at, body.at, ID_BYTES);
		return 0;
	}
	if (body.len > field->max)
		return refuse(r, "wire-long", field->name, "longer than allowed");
	*(struct span *)at = body;
	return 0;
}

static int take_fields(struct reading *r, uint64_t pairs, char *message, int levels);

static int take_list(struct reading *r, const struct wire_field *field,
		     const struct cursor_item *item, char *message)
{
	const struct wire_layout *outer = r->layout, *inner = wire_layout(WIRE_STAGE_COUNT);
	struct cursor_item map;

	if (item->kind != CURSOR_ARRAY)
		return refuse(r, "wire-type", field->name, "an array belongs here");
	if (item->number > field->max)
		return refuse(r, "wire-long", field->name, "longer than allowed");
	for (uint64_t i = 0; i < item->number; i++) {
		if (cursor_next(&r->cursor, &map) != 0)
			return refuse_bytes(r);
		if (map.kind != CURSOR_MAP)
			return refuse(r, "wire-type", field->name, "maps belong into this array");
		r->layout = inner;
		if (take_fields(r, map.number, message + field->offset + i * inner->size, 1) != 0)
			return -1;
		r->layout = outer;
	}
	*(uint32_t *)(message + field->count_offset) = (uint32_t)item->number;
	return 0;
}

static int take_value(struct reading *r, const struct wire_field *field,
		      const struct cursor_item *item, char *message)
{
	char *at = message + field->offset;

	switch (field->kind) {
	case WIRE_KIND_u32:
	case WIRE_KIND_u64:
	case WIRE_KIND_i64:
		return take_number(r, field, item, at);
	case WIRE_KIND_str:
		return take_text(r, field, item, at);
	case WIRE_KIND_id:
	case WIRE_KIND_bin:
		return take_bytes(r, field, item, at);
	case WIRE_KIND_list:
		return take_list(r, field, item, message);
	}
	return -1;
}

/* Index of the field called `name`, or n. Senders mostly write in table order, so the field after
 * the last one found is nearly always it. */
static int find_field(const struct wire_layout *layout, struct span name, int guess)
{
	for (int tried = 0; tried < layout->n; tried++, guess++) {
		int i = guess < layout->n ? guess : guess - layout->n;
		const struct wire_field *field = &layout->fields[i];

		if (name.len == field->name_len && memcmp(name.at, field->name, name.len) == 0)
			return i;
	}
	return layout->n;
}

/* `levels` of containers may still be inside a field that we do not know. */
static int take_fields(struct reading *r, uint64_t pairs, char *message, int levels)
{
	const struct wire_layout *layout = r->layout;
	struct cursor_item key, value;
	uint64_t seen = 0;
	int i = -1;

	for (; pairs > 0; pairs--) {
		if (cursor_next(&r->cursor, &key) != 0)
			return refuse_bytes(r);
		if (key.kind != CURSOR_STR)
			return refuse(r, "wire-type", "", "a field's name must be a string");
		if (cursor_next(&r->cursor, &value) != 0)
			return refuse_bytes(r);
		i = find_field(layout, key.body, i + 1);
		if (i == layout->n) {
			if (cursor_skip(&r->cursor, &value, levels) != 0)
				return refuse_bytes(r);
			i = -1;
			continue;
		}
		if (seen >> i & 1)
			return refuse(r, "wire-twice", layout->fields[i].name, "given twice");
		seen |= UINT64_C(1) << i;
		if (take_value(r, &layout->fields[i], &value, message) != 0)
			return -1;
	}
	return 0;
}

/* The first pair says which message it is. */
static int take_type(struct reading *r, uint64_t *pairs, enum wire_type *type)
{
	struct cursor_item map, key, value;

	if (cursor_next(&r->cursor, &map) != 0 || map.kind != CURSOR_MAP || map.number == 0 ||
	    cursor_next(&r->cursor, &key) != 0 || cursor_next(&r->cursor, &value) != 0)
		return refuse_bytes(r);
	if (key.kind != CURSOR_STR || !span_is(key.body, "wire") || value.kind != CURSOR_STR)
		return refuse(r, "wire-name", "", "the first pair must be \"wire\" and a name");
	*type = wire_type_of(value.body);
	if (*type == WIRE_NONE)
		return refuse(r, "wire-name", "", "no message has this name");
	*pairs = map.number - 1;
	return 0;
}

int wire_decode(struct span bytes, struct wire_msg *msg, struct fault *why)
{
	struct reading r = {.cursor = cursor_of(bytes)};
	enum wire_type type;
	uint64_t pairs = 0;

	r.why = why;
	msg->type = WIRE_NONE;
	if (bytes.len > WIRE_FRAME_MAX)
		return refuse(&r, "wire-size", "", "longer than a frame may be");
	if (take_type(&r, &pairs, &type) != 0)
		return -1;
	r.layout = wire_layout(type);
	memset(&msg->hello, 0, r.layout->size);
	if (take_fields(&r, pairs, (char *)&msg->hello, WIRE_DEPTH_MAX - 1) != 0)
		return -1;
	if (r.cursor.at != r.cursor.end)
		return refuse(&r, "wire-format", "", "bytes follow the message");
	msg->type = type;
	return 0;
}
