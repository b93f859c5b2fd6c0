#include "payload.h"

#include <msgpack.h>
#include <stdio.h>

#include "mem.h"
#include "msgwalk.h"

#define DEPTH_MAX 2

struct column {
	const char *name;
	size_t name_len;
	size_t size;	 /* bytes of a value */
	size_t at;	 /* where struct rows has its pointer */
	const char *kind, *meaning;
	bool text;
};

_Static_assert(sizeof(struct text_ref) == 8, "a text reference is u32 offset, u32 length");
_Static_assert(sizeof(struct currency) == 4, "a currency is four bytes");

#define NUM_ROW(name, type, meaning)                                                               \
	{#name, sizeof(#name) - 1, sizeof(type), offsetof(struct rows, name), #type, meaning, false},
#define TEXT_ROW(name, meaning)                                                                    \
	{#name, sizeof(#name) - 1, 8, offsetof(struct rows, name), "text", meaning, true},
static const struct column columns[] = {ROWS_COLUMNS(NUM_ROW, TEXT_ROW)};

static char *values_of(const struct rows *rows, const struct column *c)
{
	char *at;

	memcpy(&at, (const char *)rows + c->at, sizeof(at));
	return at;
}

static bool is_zero(const char *at, size_t len)
{
	return len == 0 || (at[0] == 0 && memcmp(at, at + 1, len - 1) == 0);
}

static int pack_write(void *to, const char *bytes, size_t len)
{
	buf_add(to, bytes, len);
	return 0;
}

static void put_key(msgpack_packer *pk, const char *name, size_t len)
{
	msgpack_pack_str(pk, len);
	msgpack_pack_str_body(pk, name, len);
}

static void put_bin(msgpack_packer *pk, const char *name, size_t len, const char *at, size_t bytes)
{
	put_key(pk, name, len);
	msgpack_pack_bin(pk, bytes);
	msgpack_pack_bin_body(pk, at, bytes);
}

void payload_encode(struct buf *out, const struct rows *rows)
{
	msgpack_packer pk;
	bool used[ARRAY_LEN(columns)];
	size_t n = 2;

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		used[i] = !is_zero(values_of(rows, &columns[i]), rows->n * columns[i].size);
		n += used[i];
	}
	msgpack_packer_init(&pk, out, pack_write);
	msgpack_pack_map(&pk, n);
	put_key(&pk, "rows", 4);
	msgpack_pack_uint32(&pk, rows->n);
	put_bin(&pk, "text", 4, rows->text_len ? rows->text : "", rows->text_len);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const struct column *c = &columns[i];

		if (used[i])
			put_bin(&pk, c->name, c->name_len, values_of(rows, c), rows->n * c->size);
	}
}

static bool is_key(const msgpack_object *o, const char *name, size_t len)
{
	return o->type == MSGPACK_OBJECT_STR && o->via.str.size == len &&
	       memcmp(o->via.str.ptr, name, len) == 0;
}

static const msgpack_object *find(const msgpack_object_map *map, const char *name)
{
	for (uint32_t i = 0; i < map->size; i++) {
		if (is_key(&map->ptr[i].key, name, strlen(name)))
			return &map->ptr[i].val;
	}
	return NULL;
}

static int check_texts(const struct rows *rows, const struct column *c, struct fault *why)
{
	const struct text_ref *refs = (const struct text_ref *)(const void *)values_of(rows, c);

	for (uint32_t i = 0; i < rows->n; i++) {
		if (refs[i].off > rows->text_len || refs[i].len > rows->text_len - refs[i].off)
			return fault_set(why, FAULT_INPUT, "payload-text",
					 "row %u of column %s lies outside the text", i, c->name);
	}
	return 0;
}

static int take_column(struct rows *rows, const struct column *c, const msgpack_object *o,
		       struct fault *why)
{
	if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size != rows->n * c->size)
		return fault_set(why, FAULT_INPUT, "payload-column",
				 "column %s has not %u values of %zu bytes", c->name, rows->n,
				 c->size);
	memcpy(values_of(rows, c), o->via.bin.ptr, o->via.bin.size);
	return c->text ? check_texts(rows, c, why) : 0;
}

static int take_columns(struct rows *rows, const msgpack_object_map *map, struct fault *why)
{
	size_t next = 0;

	for (uint32_t i = 0; i < map->size; i++) {
		const msgpack_object *key = &map->ptr[i].key;

		for (size_t k = 0; k < ARRAY_LEN(columns); k++) {
			const struct column *c = &columns[(next + k) % ARRAY_LEN(columns)];

			if (!is_key(key, c->name, c->name_len))
				continue;
			if (take_column(rows, c, &map->ptr[i].val, why) != 0)
				return -1;
			next = (size_t)(c - columns) + 1;
			break;
		}
	}
	return 0;
}

static int take(struct rows *rows, const msgpack_object *o, struct fault *why)
{
	const msgpack_object *n, *text;

	if (o->type != MSGPACK_OBJECT_MAP)
		return fault_set(why, FAULT_INPUT, "payload-form", "the payload is not a map");
	n = find(&o->via.map, "rows");
	text = find(&o->via.map, "text");
	if (n == NULL || n->type != MSGPACK_OBJECT_POSITIVE_INTEGER || n->via.u64 > ROWS_MAX)
		return fault_set(why, FAULT_INPUT, "payload-rows", "rows is not 0 to %d", ROWS_MAX);
	if (text && text->type != MSGPACK_OBJECT_BIN)
		return fault_set(why, FAULT_INPUT, "payload-text", "text is not a bin");
	rows_clear(rows);
	rows_resize(rows, (uint32_t)n->via.u64);
	if (text)
		rows_text(rows, span_of(text->via.bin.ptr, text->via.bin.size));
	return take_columns(rows, &o->via.map, why);
}

int payload_decode(struct span bytes, struct rows *rows, struct fault *why)
{
	msgpack_zone zone;
	msgpack_object o;
	size_t used = 0;
	int rc;

	if (msgwalk_check(bytes, DEPTH_MAX, why) != 0)
		return -1;
	msgpack_zone_init(&zone, 4096);
	if (msgpack_unpack(bytes.at, bytes.len, &used, &zone, &o) != MSGPACK_UNPACK_SUCCESS)
		rc = fault_set(why, FAULT_INPUT, "payload-form", "not one msgpack object");
	else
		rc = take(rows, &o, why);
	msgpack_zone_destroy(&zone);
	if (rc != 0)
		rows_clear(rows);
	return rc;
}

void payload_describe(struct buf *out)
{
	buf_text(out, "| column | value | meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		buf_format(out, "| `%s` | %s | %s |\n", columns[i].name, columns[i].kind,
			   columns[i].meaning);
}
