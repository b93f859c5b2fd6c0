#include "wire.h"

#include <inttypes.h>
#include <msgpack.h>
#include <stdio.h>

#include "mem.h"
#include "msgwalk.h"
#include "utf8.h"

#define DEPTH_MAX 4   /* message, list, item, value */
#define DUMP_VALUE 80 /* bytes of a value that a dump shows */

enum kind { KIND_u32, KIND_u64, KIND_i64, KIND_id, KIND_str, KIND_bin, KIND_list };

static const char *const kind_names[] = {"u32", "u64", "i64", "id", "str", "bin", "list"};

struct field {
	const char *name;
	size_t name_len;
	enum kind kind;
	uint32_t max;
	size_t at, count_at; /* offsets in the struct; count_at of a list only */
	const char *meaning;
};

struct message {
	const char *name;
	const struct field *(*fields)(uint32_t *n);
	size_t size;
};

/* ---- the tables, from wire.def: one function a message, so that offsetof has its type ---- */

#define COUNT_AT_u32(name)  0
#define COUNT_AT_u64(name)  0
#define COUNT_AT_i64(name)  0
#define COUNT_AT_id(name)   0
#define COUNT_AT_str(name)  0
#define COUNT_AT_bin(name)  0
#define COUNT_AT_list(name) offsetof(T, n_##name)
#define FIELD_ROW(kind, name, max, meaning)                                                        \
	{#name, sizeof(#name) - 1, KIND_##kind, max, offsetof(T, name), COUNT_AT_##kind(name),     \
	 meaning},
#define FIELDS_FUNCTION(NAME, name)                                                                \
	static const struct field *fields_##name(uint32_t *n)                                      \
	{                                                                                          \
		typedef struct wire_##name T;                                                      \
		static const struct field fields[] = {WIRE_##NAME##_FIELDS(FIELD_ROW)};            \
                                                                                                   \
		*n = ARRAY_LEN(fields);                                                            \
		return fields;                                                                     \
	}
WIRE_MESSAGES(FIELDS_FUNCTION)

#define MESSAGE_ROW(NAME, name) {#NAME, fields_##name, sizeof(struct wire_##name)},
static const struct message messages[] = {{"NONE", NULL, 0}, WIRE_MESSAGES(MESSAGE_ROW)};

const char *wire_name(enum wire_type type)
{
	return messages[type].name;
}

/* ---- encode ---- */

static int pack_write(void *to, const char *bytes, size_t len)
{
	buf_add(to, bytes, len);
	return 0;
}

static void put_text(msgpack_packer *pk, const char *text, size_t len)
{
	msgpack_pack_str(pk, len);
	msgpack_pack_str_body(pk, text, len);
}

static void put_fields(msgpack_packer *pk, enum wire_type type, const char *m);

static void put_list(msgpack_packer *pk, const struct field *f, const char *m)
{
	uint32_t n;

	memcpy(&n, m + f->count_at, sizeof(n));
	msgpack_pack_array(pk, n);
	for (uint32_t i = 0; i < n; i++)
		put_fields(pk, WIRE_STAGE_COUNT,
			   m + f->at + i * messages[WIRE_STAGE_COUNT].size);
}

static void put_value(msgpack_packer *pk, const struct field *f, const char *m)
{
	const void *at = m + f->at;
	const struct span *s = at;

	switch (f->kind) {
	case KIND_u32:
		msgpack_pack_uint32(pk, *(const uint32_t *)at);
		break;
	case KIND_u64:
		msgpack_pack_uint64(pk, *(const uint64_t *)at);
		break;
	case KIND_i64:
		msgpack_pack_int64(pk, *(const int64_t *)at);
		break;
	case KIND_id:
		msgpack_pack_bin(pk, ID_BYTES);
		msgpack_pack_bin_body(pk, at, ID_BYTES);
		break;
	case KIND_str:
		put_text(pk, s->len ? s->at : "", s->len);
		break;
	case KIND_bin:
		msgpack_pack_bin(pk, s->len);
		msgpack_pack_bin_body(pk, s->len ? s->at : "", s->len);
		break;
	case KIND_list:
		put_list(pk, f, m);
		break;
	}
}

/* A list's items are maps of the same form, with their name too. */
static void put_fields(msgpack_packer *pk, enum wire_type type, const char *m)
{
	uint32_t n;
	const struct field *fields = messages[type].fields(&n);

	msgpack_pack_map(pk, n + 1);
	put_text(pk, "wire", 4);
	put_text(pk, messages[type].name, strlen(messages[type].name));
	for (uint32_t i = 0; i < n; i++) {
		put_text(pk, fields[i].name, fields[i].name_len);
		put_value(pk, &fields[i], m);
	}
}

void wire_encode(struct buf *out, enum wire_type type, const void *message)
{
	msgpack_packer pk;

	msgpack_packer_init(&pk, out, pack_write);
	put_fields(&pk, type, message);
}

/* ---- decode ---- */

static int bad(struct fault *why, enum wire_type type, const struct field *f, const char *what)
{
	return fault_set(why, FAULT_INPUT, "wire-field", "%s.%s %s", messages[type].name, f->name,
			 what);
}

static bool is_clean_text(const char *at, size_t len)
{
	return memchr(at, '\0', len) == NULL && utf8_is_valid(span_of(at, len));
}

static int get_fields(const msgpack_object *map, enum wire_type type, char *m, struct fault *why);

static int get_list(const msgpack_object *o, enum wire_type type, const struct field *f, char *m,
		    struct fault *why)
{
	uint32_t n = o->via.array.size;

	if (o->type != MSGPACK_OBJECT_ARRAY)
		return bad(why, type, f, "is not an array");
	if (n > f->max)
		return bad(why, type, f, "has too many items");
	for (uint32_t i = 0; i < n; i++) {
		if (get_fields(&o->via.array.ptr[i], WIRE_STAGE_COUNT,
			       m + f->at + i * messages[WIRE_STAGE_COUNT].size, why) != 0)
			return -1;
	}
	memcpy(m + f->count_at, &n, sizeof(n));
	return 0;
}

static int get_bytes(const msgpack_object *o, enum wire_type type, const struct field *f, char *m,
		     struct fault *why)
{
	struct span s;

	if (f->kind == KIND_str && o->type == MSGPACK_OBJECT_STR)
		s = span_of(o->via.str.ptr, o->via.str.size);
	else if (f->kind != KIND_str && o->type == MSGPACK_OBJECT_BIN)
		s = span_of(o->via.bin.ptr, o->via.bin.size);
	else
		return bad(why, type, f, f->kind == KIND_str ? "is not a str" : "is not a bin");
	if (f->kind == KIND_id) {
		if (s.len != ID_BYTES)
			return bad(why, type, f, "has not 16 bytes");
		memcpy(m + f->at, s.at, ID_BYTES);
		return 0;
	}
	if (s.len > f->max)
		return bad(why, type, f, "is too long");
	if (f->kind == KIND_str && !is_clean_text(s.at, s.len))
		return bad(why, type, f, "is not UTF-8 text");
	memcpy(m + f->at, &s, sizeof(s));
	return 0;
}

static int get_number(const msgpack_object *o, enum wire_type type, const struct field *f, char *m,
		      struct fault *why)
{
	bool negative = o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER;
	uint64_t n = o->via.u64;

	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER && !negative)
		return bad(why, type, f, "is not a whole number");
	if (f->kind == KIND_i64 ? !negative && n > INT64_MAX
				: negative || (f->kind == KIND_u32 && n > UINT32_MAX))
		return bad(why, type, f, "is out of range");
	if (f->kind == KIND_u32) {
		uint32_t small = (uint32_t)n;

		memcpy(m + f->at, &small, sizeof(small));
	} else {
		memcpy(m + f->at, &n, sizeof(n)); /* via.i64 and via.u64 are the same bytes */
	}
	return 0;
}

static int get_value(const msgpack_object *o, enum wire_type type, const struct field *f, char *m,
		     struct fault *why)
{
	switch (f->kind) {
	case KIND_u32:
	case KIND_u64:
	case KIND_i64:
		return get_number(o, type, f, m, why);
	case KIND_id:
	case KIND_str:
	case KIND_bin:
		return get_bytes(o, type, f, m, why);
	case KIND_list:
		return get_list(o, type, f, m, why);
	}
	return -1;
}

static bool is_key(const msgpack_object *o, const char *name, size_t len)
{
	return o->type == MSGPACK_OBJECT_STR && o->via.str.size == len &&
	       memcmp(o->via.str.ptr, name, len) == 0;
}

/* Fields come in the table's order from our own encoder: `next` is tried first. */
static const struct field *find_field(const struct field *fields, uint32_t n, uint32_t *next,
				      const msgpack_object *key)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct field *f = &fields[(*next + i) % n];

		if (is_key(key, f->name, f->name_len)) {
			*next = (uint32_t)(f - fields) + 1;
			return f;
		}
	}
	return NULL;
}

static int get_fields(const msgpack_object *map, enum wire_type type, char *m, struct fault *why)
{
	uint32_t n, next = 0;
	const struct field *fields = messages[type].fields(&n);

	if (map->type != MSGPACK_OBJECT_MAP)
		return fault_set(why, FAULT_INPUT, "wire-form", "%s is not a map",
				 messages[type].name);
	for (uint32_t i = 0; i < map->via.map.size; i++) {
		const msgpack_object_kv *kv = &map->via.map.ptr[i];
		const struct field *f = find_field(fields, n, &next, &kv->key);

		if (f && get_value(&kv->val, type, f, m, why) != 0)
			return -1;
	}
	return 0;
}

static enum wire_type type_of(const msgpack_object *o)
{
	const msgpack_object_kv *first;

	if (o->type != MSGPACK_OBJECT_MAP || o->via.map.size == 0)
		return WIRE_NONE;
	first = o->via.map.ptr;
	if (!is_key(&first->key, "wire", 4))
		return WIRE_NONE;
	for (size_t t = 1; t < ARRAY_LEN(messages); t++) {
		if (is_key(&first->val, messages[t].name, strlen(messages[t].name)))
			return (enum wire_type)t;
	}
	return WIRE_NONE;
}

int wire_decode(struct span bytes, struct wire_msg *msg, struct fault *why)
{
	msgpack_zone zone;
	msgpack_object o;
	size_t used = 0;
	int rc = -1;

	memset(msg, 0, sizeof(*msg));
	if (bytes.len > WIRE_FRAME_MAX)
		return fault_set(why, FAULT_INPUT, "wire-too-long", "a frame of %zu bytes",
				 bytes.len);
	/* msgpack-c allocates by declared counts: walk the bytes first */
	if (msgwalk_check(bytes, DEPTH_MAX, why) != 0)
		return -1;
	msgpack_zone_init(&zone, 4096);
	if (msgpack_unpack(bytes.at, bytes.len, &used, &zone, &o) != MSGPACK_UNPACK_SUCCESS)
		fault_set(why, FAULT_INPUT, "wire-form", "not one msgpack object");
	else if ((msg->type = type_of(&o)) == WIRE_NONE)
		fault_set(why, FAULT_INPUT, "wire-unknown", "no message has this name");
	else
		rc = get_fields(&o, msg->type, (char *)&msg->hello, why);
	msgpack_zone_destroy(&zone);
	return rc;
}

/* ---- dump and describe ---- */

static void dump_bytes(struct buf *out, struct span s)
{
	size_t n = s.len < DUMP_VALUE / 2 ? s.len : DUMP_VALUE / 2;

	for (size_t i = 0; i < n; i++)
		buf_format(out, "%02x", (unsigned char)s.at[i]);
	if (n < s.len)
		buf_format(out, "...(%zu)", s.len);
}

static void dump_text(struct buf *out, struct span s)
{
	buf_json_string(out, span_of(s.at, s.len < DUMP_VALUE ? s.len : DUMP_VALUE));
	if (s.len > DUMP_VALUE)
		buf_format(out, "...(%zu)", s.len);
}

static void dump_fields(struct buf *out, enum wire_type type, const char *m);

static void dump_list(struct buf *out, const struct field *f, const char *m)
{
	uint32_t n;

	memcpy(&n, m + f->count_at, sizeof(n));
	buf_char(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		buf_text(out, i ? "; " : "");
		dump_fields(out, WIRE_STAGE_COUNT,
			    m + f->at + i * messages[WIRE_STAGE_COUNT].size);
	}
	buf_char(out, ']');
}

static void dump_value(struct buf *out, const struct field *f, const char *m)
{
	const void *at = m + f->at;
	char id[ID_TEXT_SIZE];

	switch (f->kind) {
	case KIND_u32:
		buf_format(out, "%" PRIu32, *(const uint32_t *)at);
		break;
	case KIND_u64:
		buf_format(out, "%" PRIu64, *(const uint64_t *)at);
		break;
	case KIND_i64:
		buf_format(out, "%" PRId64, *(const int64_t *)at);
		break;
	case KIND_id:
		id_text(*(const struct id *)at, id);
		buf_text(out, id);
		break;
	case KIND_str:
		dump_text(out, *(const struct span *)at);
		break;
	case KIND_bin:
		dump_bytes(out, *(const struct span *)at);
		break;
	case KIND_list:
		dump_list(out, f, m);
		break;
	}
}

static void dump_fields(struct buf *out, enum wire_type type, const char *m)
{
	uint32_t n;
	const struct field *fields = messages[type].fields(&n);

	buf_text(out, messages[type].name);
	for (uint32_t i = 0; i < n; i++) {
		buf_format(out, " %s=", fields[i].name);
		dump_value(out, &fields[i], m);
	}
}

void wire_dump(struct buf *out, const struct wire_msg *msg)
{
	if (msg->type == WIRE_NONE)
		buf_text(out, "NONE");
	else
		dump_fields(out, msg->type, (const char *)&msg->hello);
}

void wire_describe(struct buf *out)
{
	for (size_t t = 1; t < ARRAY_LEN(messages); t++) {
		uint32_t n;
		const struct field *fields = messages[t].fields(&n);

		buf_format(out, "### %s\n\n| field | kind | most | meaning |\n|---|---|---|---|\n",
			   messages[t].name);
		for (uint32_t i = 0; i < n; i++) {
			buf_format(out, "| `%s` | %s | ", fields[i].name,
				   kind_names[fields[i].kind]);
			if (fields[i].max)
				buf_format(out, "%" PRIu32, fields[i].max);
			buf_format(out, " | %s |\n", fields[i].meaning);
		}
		buf_char(out, '\n');
	}
}
