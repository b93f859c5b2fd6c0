/* wire_dump() and wire_describe(): messages for people. */
#include <assert.h>
#include <inttypes.h>

#include "layout.h"

#define DUMP_TEXT_MAX  80
#define DUMP_BYTES_MAX 32

/* JSON travels as bin; it is read more easily as itself. */
static bool looks_like_json(struct span s)
{
	return s.len > 1 && (s.at[0] == '{' || s.at[0] == '[') && span_is_utf8(s);
}

static void dump_text(struct buf *out, struct span text)
{
	struct span part = text;

	if (part.len > DUMP_TEXT_MAX)
		part = span_utf8_whole(span_of(text.at, DUMP_TEXT_MAX));
	buf_json_string(out, part);
	if (part.len < text.len)
		buf_format(out, "...(%zu)", text.len);
}

static void dump_bytes(struct buf *out, struct span bytes)
{
	size_t n = bytes.len <= DUMP_BYTES_MAX ? bytes.len : DUMP_BYTES_MAX;

	if (looks_like_json(bytes)) {
		dump_text(out, bytes);
		return;
	}
	for (size_t i = 0; i < n; i++)
		buf_format(out, "%02x", (unsigned char)bytes.at[i]);
	if (n < bytes.len)
		buf_format(out, "...(%zu)", bytes.len);
}

static void dump_fields(struct buf *out, const struct wire_layout *layout, const char *message);

static void dump_list(struct buf *out, const struct wire_field *field, const char *message)
{
	const struct wire_layout *item = wire_layout(WIRE_STAGE_COUNT);
	uint32_t n = *(const uint32_t *)(message + field->count_offset);

	for (uint32_t i = 0; i < n; i++) {
		buf_char(out, i == 0 ? '[' : ',');
		dump_fields(out, item, message + field->offset + i * item->size);
	}
	buf_text(out, " ]");
}

static void dump_value(struct buf *out, const struct wire_field *field, const char *message)
{
	const char *at = message + field->offset;
	char id[ID_TEXT_SIZE];

	switch (field->kind) {
	case WIRE_KIND_u32:
		buf_format(out, "%" PRIu32, *(const uint32_t *)at);
		return;
	case WIRE_KIND_u64:
		buf_format(out, "%" PRIu64, *(const uint64_t *)at);
		return;
	case WIRE_KIND_i64:
		buf_format(out, "%" PRId64, *(const int64_t *)at);
		return;
	case WIRE_KIND_id:
		id_text(*(const struct id *)at, id);
		buf_text(out, id);
		return;
	case WIRE_KIND_str:
		dump_text(out, *(const struct span *)at);
		return;
	case WIRE_KIND_bin:
		dump_bytes(out, *(const struct span *)at);
		return;
	case WIRE_KIND_list:
		dump_list(out, field, message);
		return;
	}
}

static bool is_absent(const struct wire_field *field, const char *message)
{
	const char *at = message + field->offset;

	switch (field->kind) {
	case WIRE_KIND_u32:
		return *(const uint32_t *)at == 0;
	case WIRE_KIND_u64:
	case WIRE_KIND_i64:
		return *(const uint64_t *)at == 0;
	case WIRE_KIND_id:
		return id_is_zero(*(const struct id *)at);
	case WIRE_KIND_str:
	case WIRE_KIND_bin:
		return ((const struct span *)at)->len == 0;
	case WIRE_KIND_list:
		return *(const uint32_t *)(message + field->count_offset) == 0;
	}
	return false;
}

/* A field of zero says nothing that its absence does not say. */
static void dump_fields(struct buf *out, const struct wire_layout *layout, const char *message)
{
	for (int i = 0; i < layout->n; i++) {
		if (is_absent(&layout->fields[i], message))
			continue;
		buf_format(out, " %s=", layout->fields[i].name);
		dump_value(out, &layout->fields[i], message);
	}
}

void wire_dump(struct buf *out, const struct wire_msg *msg)
{
	buf_text(out, wire_name(msg->type));
	if (msg->type != WIRE_NONE)
		dump_fields(out, wire_layout(msg->type), (const char *)&msg->hello);
}

static void describe_type(struct buf *out, const struct wire_field *field)
{
	switch (field->kind) {
	case WIRE_KIND_u32:
		buf_text(out, "integer, 0 to 2^32-1");
		return;
	case WIRE_KIND_u64:
		buf_text(out, "integer, 0 to 2^64-1");
		return;
	case WIRE_KIND_i64:
		buf_text(out, "integer, -2^63 to 2^63-1");
		return;
	case WIRE_KIND_id:
		buf_text(out, "bin, 16 bytes");
		return;
	case WIRE_KIND_str:
		buf_format(out, "str, at most %" PRIu32 " bytes", field->max);
		return;
	case WIRE_KIND_bin:
		buf_format(out, "bin, at most %" PRIu32 " bytes", field->max);
		return;
	case WIRE_KIND_list:
		buf_format(out, "array, at most %" PRIu32 " maps", field->max);
		return;
	}
}

void wire_describe_message(struct buf *out, enum wire_type type)
{
	const struct wire_layout *layout = wire_layout(type);

	buf_text(out, "| field | msgpack | meaning |\n|---|---|---|\n");
	for (int i = 0; i < layout->n; i++) {
		buf_format(out, "| `%s` | ", layout->fields[i].name);
		describe_type(out, &layout->fields[i]);
		buf_format(out, " | %s |\n", layout->fields[i].meaning);
	}
}

void wire_describe(struct buf *out)
{
#define DESCRIBE(NAME, name)                                                                       \
	buf_text(out, "### " #NAME "\n\n");                                                        \
	wire_describe_message(out, WIRE_##NAME);                                                   \
	buf_char(out, '\n');
	WIRE_MESSAGES(DESCRIBE)
}
