#include "payload.h"

#include <assert.h>
#include <msgpack.h>

#include "cursor.h"
#include "mem.h"

struct column {
	const char *name;
	size_t name_len;
	size_t size; /* bytes of a value */
	size_t at;   /* where struct rows has its pointer */
	const char *type, *meaning;
	bool text;
};

_Static_assert(sizeof(struct text_ref) == 8, "a text reference is u32 offset, u32 length");
_Static_assert(sizeof(struct currency) == 4, "a currency is four bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "columns are copied as they are");

#define NUM_ROW(name, type, meaning)                                                               \
	{#name, sizeof(#name) - 1, sizeof(type), offsetof(struct rows, name),                      \
	 #type, meaning,	   false},
#define TEXT_ROW(name, meaning)                                                                    \
	{#name,                                                                                    \
	 sizeof(#name) - 1,                                                                        \
	 sizeof(struct text_ref),                                                                  \
	 offsetof(struct rows, name),                                                              \
	 "struct text_ref",                                                                        \
	 meaning,                                                                                  \
	 true},
static const struct column columns[] = {ROWS_COLUMNS(NUM_ROW, TEXT_ROW)};

_Static_assert(ARRAY_LEN(columns) <= 32, "the decoder marks columns in 32 bits");

static char *values_of(const struct rows *rows, const struct column *c)
{
	char *at;

	memcpy(&at, (const char *)rows + c->at, sizeof(at));
	return at;
}

/* ---- encoding ---- */

static bool is_zero(const char *at, size_t len)
{
	return len == 0 || (at[0] == 0 && memcmp(at, at + 1, len - 1) == 0);
}

static int pack_write(void *to, const char *bytes, size_t len)
{
	buf_add(to, bytes, len);
	return 0;
}

static void put_bin(msgpack_packer *pk, const char *name, size_t len, struct span bytes)
{
	msgpack_pack_str_with_body(pk, name, len);
	msgpack_pack_bin_with_body(pk, bytes.len > 0 ? bytes.at : "", bytes.len);
}

/* Our own text is UTF-8 already. Were it not, the next stage would refuse the unit for ever, so a
 * damaged character is worth less than the job: it becomes a question mark. */
static void put_heap(msgpack_packer *pk, struct span text)
{
	struct buf clean = {0};
	char *at;

	if (span_is_utf8(text)) {
		put_bin(pk, "text", 4, text);
		return;
	}
	buf_add(&clean, text.at, text.len);
	for (at = clean.at; at < clean.at + clean.len;) {
		size_t n = span_utf8_first(span_of(at, (size_t)(clean.at + clean.len - at)));

		if (n == 0)
			*at = '?';
		at += n > 0 ? n : 1;
	}
	put_bin(pk, "text", 4, buf_span(&clean));
	buf_release(&clean);
}

void payload_encode(struct buf *out, const struct rows *rows)
{
	bool used[ARRAY_LEN(columns)];
	msgpack_packer pk;
	size_t n = 2;

	assert(rows->n <= ROWS_MAX);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		used[i] = !is_zero(values_of(rows, &columns[i]), rows->n * columns[i].size);
		n += used[i];
	}
	msgpack_packer_init(&pk, out, pack_write);
	msgpack_pack_map(&pk, n);
	msgpack_pack_str_with_body(&pk, "rows", 4);
	msgpack_pack_uint32(&pk, rows->n);
	put_heap(&pk, span_of(rows->text, rows->text_len));
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const struct column *c = &columns[i];

		if (used[i])
			put_bin(&pk, c->name, c->name_len,
				span_of(values_of(rows, c), rows->n * c->size));
	}
}

/* ---- decoding ---- */

struct reading {
	struct cursor cursor;
	struct rows *rows;
	struct fault *why;
	uint32_t seen; /* columns, a bit each */
	bool text_seen;
};

static int refuse_form(const struct reading *r)
{
	return fault_set(r->why, FAULT_INPUT, "payload-form",
			 "the payload is not one msgpack map that begins with \"rows\"");
}

static int refuse_twice(const struct reading *r, struct span name)
{
	return fault_set(r->why, FAULT_INPUT, "payload-twice", "%.*s is given twice",
			 SPAN_ARG(name));
}

static int take_column(struct reading *r, size_t i, const struct cursor_item *value)
{
	const struct column *c = &columns[i];

	if (r->seen >> i & 1)
		return refuse_twice(r, span_of(c->name, c->name_len));
	if (value->kind != CURSOR_BIN || value->body.len != r->rows->n * c->size)
		return fault_set(r->why, FAULT_INPUT, "payload-column",
				 "column %s has not %u values of %zu bytes", c->name, r->rows->n,
				 c->size);
	r->seen |= UINT32_C(1) << i;
	if (value->body.len > 0)
		memcpy(values_of(r->rows, c), value->body.at, value->body.len);
	return 0;
}

static int take_text(struct reading *r, const struct cursor_item *value)
{
	if (r->text_seen)
		return refuse_twice(r, span_text("text"));
	if (value->kind != CURSOR_BIN || !span_is_utf8(value->body))
		return fault_set(r->why, FAULT_INPUT, "payload-text", "text is not a bin of UTF-8");
	r->text_seen = true;
	rows_text(r->rows, value->body);
	return 0;
}

/* Index of the column called `name`, or the number of columns; `guess` is mostly right. */
static size_t find_column(struct span name, size_t guess)
{
	for (size_t tried = 0; tried < ARRAY_LEN(columns); tried++, guess++) {
		size_t i = guess % ARRAY_LEN(columns);

		if (span_equal(name, span_of(columns[i].name, columns[i].name_len)))
			return i;
	}
	return ARRAY_LEN(columns);
}

static int take_pairs(struct reading *r, uint64_t pairs)
{
	struct cursor_item key, value;
	size_t i = 0;
	int rc;

	for (; pairs > 0; pairs--) {
		if (cursor_next(&r->cursor, &key) != 0 || key.kind != CURSOR_STR ||
		    cursor_next(&r->cursor, &value) != 0)
			return refuse_form(r);
		i = find_column(key.body, i);
		if (i < ARRAY_LEN(columns))
			rc = take_column(r, i++, &value);
		else if (span_is(key.body, "text"))
			rc = take_text(r, &value);
		else if (span_is(key.body, "rows"))
			rc = refuse_twice(r, key.body);
		else /* a column of a newer sender */
			rc = cursor_skip(&r->cursor, &value, 2) != 0 ? refuse_form(r) : 0;
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* A text that begins or ends within a character would be no UTF-8, though the whole heap is. */
static bool is_boundary(const struct rows *rows, uint32_t off)
{
	return off == rows->text_len || ((unsigned char)rows->text[off] & 0xc0) != 0x80;
}

static int check_texts(const struct reading *r, const struct column *c)
{
	const struct rows *rows = r->rows;
	const struct text_ref *refs = (const struct text_ref *)(const void *)values_of(rows, c);

	for (uint32_t i = 0; i < rows->n; i++) {
		struct text_ref ref = refs[i];

		if (ref.off > rows->text_len || ref.len > rows->text_len - ref.off ||
		    !is_boundary(rows, ref.off) || !is_boundary(rows, ref.off + ref.len))
			return fault_set(r->why, FAULT_INPUT, "payload-text",
					 "row %u of column %s is not within the text", i, c->name);
	}
	return 0;
}

/* Values that the stages take for granted. */
static int check_values(const struct reading *r)
{
	const struct rows *rows = r->rows;

	for (uint32_t i = 0; i < rows->n; i++) {
		if (rows->state[i] > ROW_UNBOOKED || rows->source[i] > SOURCE_USER ||
		    rows->confidence_ppm[i] > 1000000 ||
		    rows->currency[i].code[CURRENCY_SIZE - 1] != '\0' ||
		    rows->amount_minor[i] > MONEY_MAX_MINOR ||
		    rows->amount_minor[i] < -MONEY_MAX_MINOR)
			return fault_set(r->why, FAULT_INPUT, "payload-value",
					 "row %u has a state, source, confidence, currency or "
					 "amount that cannot be",
					 i);
	}
	return 0;
}

static int take_payload(struct reading *r)
{
	struct cursor_item map, key, n;

	if (cursor_next(&r->cursor, &map) != 0 || map.kind != CURSOR_MAP || map.number == 0 ||
	    cursor_next(&r->cursor, &key) != 0 || key.kind != CURSOR_STR ||
	    !span_is(key.body, "rows") || cursor_next(&r->cursor, &n) != 0)
		return refuse_form(r);
	if (n.kind != CURSOR_UINT || n.number > ROWS_MAX)
		return fault_set(r->why, FAULT_INPUT, "payload-rows", "rows is not 0 to %d",
				 ROWS_MAX);
	rows_resize(r->rows, (uint32_t)n.number);
	if (take_pairs(r, map.number - 1) != 0)
		return -1;
	if (r->cursor.at != r->cursor.end)
		return refuse_form(r);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (columns[i].text && r->seen >> i & 1 && check_texts(r, &columns[i]) != 0)
			return -1;
	return check_values(r);
}

int payload_decode(struct span bytes, struct rows *rows, struct fault *why)
{
	struct reading r = {.cursor = cursor_of(bytes), .rows = rows, .why = why};

	rows_clear(rows);
	if (take_payload(&r) == 0)
		return 0;
	rows_clear(rows);
	return -1;
}

static const char *describe_type(const struct column *c)
{
	static const char *const names[][2] = {
		{"uint8_t", "u8"},	    {"uint32_t", "u32"}, {"int32_t", "i32"},
		{"uint64_t", "u64"},	    {"int64_t", "i64"},	 {"struct currency", "4 bytes"},
		{"struct text_ref", "text"}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i][0], c->type) == 0)
			return names[i][1];
	assert(!"every type of ROWS_COLUMNS has a name here");
	return "";
}

void payload_describe(struct buf *out)
{
	buf_text(out, "| column | value | bytes | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		buf_format(out, "| `%s` | %s | %zu | %s |\n", columns[i].name,
			   describe_type(&columns[i]), columns[i].size, columns[i].meaning);
}

void payload_dump(struct buf *out, struct span bytes)
{
	struct cursor c = cursor_of(bytes);
	struct cursor_item map, key, value;

	if (cursor_next(&c, &map) != 0 || map.kind != CURSOR_MAP)
		map.number = 0;
	for (uint64_t i = 0; i < map.number; i++) {
		if (cursor_next(&c, &key) != 0 || key.kind != CURSOR_STR ||
		    cursor_next(&c, &value) != 0 || cursor_skip(&c, &value, 4) != 0)
			break;
		buf_format(out, "%s%.*s", i == 0 ? "" : " ", SPAN_ARG(key.body));
		if (i == 0 && value.kind == CURSOR_UINT)
			buf_format(out, "=%llu", (unsigned long long)value.number);
		if (span_is(key.body, "text"))
			buf_format(out, "(%zu)", value.body.len);
	}
}
