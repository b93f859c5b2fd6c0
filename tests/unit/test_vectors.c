/* The vectors of tests/vectors/wire.txt through the C codec; tests/python/test_wire.py does the
 * same with one written from docs/WIRE.md. */
#include "unit.h"

#include <jansson.h>

#include "layout.h"
#include "mem.h"
#include "payload.h"

#define VECTORS "tests/vectors/wire.txt"

struct vector {
	char *verb, *name, *expected;
	struct buf bytes;
};

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static void read_hex(const char *hex, struct buf *out)
{
	buf_clear(out);
	buf_reserve(out, 0);
	for (; *hex && *hex != '-'; hex += 2)
		buf_char(out, (char)(nibble(hex[0]) << 4 | nibble(hex[1])));
}

/* Calls `check` for each vector whose verb begins as said. */
static int each_vector(const char *prefix, void (*check)(const struct vector *))
{
	FILE *file = fopen(VECTORS, "re");
	struct vector v = {0};
	char *line = NULL, *rest;
	size_t room = 0;
	int n = 0;

	if (!file)
		fail_msg("%s is read from the root of the repository", VECTORS);
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0' || strncmp(line, prefix, strlen(prefix)) != 0)
			continue;
		v.verb = strtok_r(line, " ", &rest);
		v.name = strtok_r(NULL, " ", &rest);
		read_hex(strtok_r(NULL, " ", &rest), &v.bytes);
		v.expected = rest;
		check(&v);
		n++;
	}
	buf_release(&v.bytes);
	free(line);
	fclose(file);
	return n;
}

/* ---- a message as JSON, by its layout ---- */

static json_t *hex_of(const void *at, size_t len)
{
	struct buf hex = {0};
	json_t *json;

	for (size_t i = 0; i < len; i++)
		buf_format(&hex, "%02x", ((const unsigned char *)at)[i]);
	json = len > 0 ? json_string(hex.at) : NULL;
	buf_release(&hex);
	return json;
}

static json_t *number_of(int64_t value)
{
	return value ? json_integer(value) : NULL;
}

/* JSON has no such numbers everywhere. */
static json_t *unsigned_of(uint64_t value)
{
	char text[24];

	if (value <= INT64_MAX)
		return number_of((int64_t)value);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return json_string(text);
}

static json_t *fields_of(const struct wire_layout *layout, const char *message);

static json_t *list_of(const struct wire_field *field, const char *message)
{
	const struct wire_layout *item = wire_layout(WIRE_STAGE_COUNT);
	uint32_t n = *(const uint32_t *)(message + field->count_offset);
	json_t *list = n > 0 ? json_array() : NULL;

	for (uint32_t i = 0; i < n; i++)
		json_array_append_new(list,
				      fields_of(item, message + field->offset + i * item->size));
	return list;
}

/* NULL for zero. */
static json_t *value_of(const struct wire_field *field, const char *message)
{
	const char *at = message + field->offset;
	const struct span *span = (const struct span *)at;

	switch (field->kind) {
	case WIRE_KIND_u32:
		return number_of(*(const uint32_t *)at);
	case WIRE_KIND_u64:
		return unsigned_of(*(const uint64_t *)at);
	case WIRE_KIND_i64:
		return number_of(*(const int64_t *)at);
	case WIRE_KIND_id:
		return id_is_zero(*(const struct id *)at) ? NULL : hex_of(at, ID_BYTES);
	case WIRE_KIND_str:
		return span->len ? json_stringn(span->at, span->len) : NULL;
	case WIRE_KIND_bin:
		return hex_of(span->at, span->len);
	case WIRE_KIND_list:
		return list_of(field, message);
	}
	return NULL;
}

static json_t *fields_of(const struct wire_layout *layout, const char *message)
{
	json_t *json = json_object();

	for (int i = 0; i < layout->n; i++) {
		json_t *value = value_of(&layout->fields[i], message);

		if (value)
			json_object_set_new(json, layout->fields[i].name, value);
	}
	return json;
}

static json_t *expected_of(const struct vector *v)
{
	json_error_t error;
	json_t *json = json_loads(v->expected, 0, &error);

	if (!json)
		fail_msg("%s: %s", v->name, error.text);
	return json;
}

static void expect_json(const struct vector *v, json_t *got)
{
	json_t *expected = expected_of(v);
	char *a = json_dumps(got, JSON_SORT_KEYS), *b = json_dumps(expected, JSON_SORT_KEYS);

	if (!json_equal(got, expected))
		fail_msg("%s: got %s, expected %s", v->name, a, b);
	free(a);
	free(b);
	json_decref(got);
	json_decref(expected);
}

static void expect_bytes(const struct vector *v, const struct buf *got)
{
	if (!span_equal(buf_span(got), buf_span(&v->bytes)))
		fail_msg("%s: encodes to other bytes", v->name);
}

static void check_message(const struct vector *v)
{
	struct wire_msg msg;
	struct fault why = {0};
	struct buf again = {0};
	json_t *got;

	if (wire_decode(buf_span(&v->bytes), &msg, &why) != 0)
		fail_msg("%s: %s", v->name, why.text);
	got = fields_of(wire_layout(msg.type), (const char *)&msg.hello);
	json_object_set_new(got, "wire", json_string(wire_name(msg.type)));
	expect_json(v, got);
	wire_encode(&again, msg.type, &msg.hello);
	if (strcmp(v->verb, "exact") == 0)
		expect_bytes(v, &again);
	buf_release(&again);
}

static void check_refused(const struct vector *v)
{
	struct wire_msg msg;
	struct fault why = {0};

	if (wire_decode(buf_span(&v->bytes), &msg, &why) != -1)
		fail_msg("%s: is decoded", v->name);
	assert_int_equal(msg.type, WIRE_NONE);
	assert_int_equal(why.class, FAULT_INPUT);
	if (strcmp(why.code, v->expected) != 0)
		fail_msg("%s: %s, expected %s", v->name, why.code, v->expected);
}

/* ---- rows ---- */

static json_t *currency_of(struct currency currency)
{
	return json_string(currency.code);
}

static json_t *text_of(const struct rows *rows, struct text_ref ref)
{
	struct span text = rows_span(rows, ref);

	return json_stringn(ref.len ? text.at : "", ref.len);
}

/* A generic selection keeps the column macro from needing a name for each type. */
#define NUMBER_OF(value)                                                                           \
	_Generic((value), struct currency : currency_of, default : json_integer)(value)

static void add_column(json_t *json, const json_t *expected, const char *name, json_t *column)
{
	if (json_object_get(expected, name))
		json_object_set_new(json, name, column);
	else
		json_decref(column);
}

static json_t *rows_json(const struct rows *rows, const json_t *expected)
{
	json_t *json = json_object(), *column;

	json_object_set_new(json, "rows", json_integer(rows->n));
#define ADD_NUM(name, type, meaning)                                                               \
	column = json_array();                                                                     \
	for (uint32_t i = 0; i < rows->n; i++)                                                     \
		json_array_append_new(column, NUMBER_OF(rows->name[i]));                           \
	add_column(json, expected, #name, column);
#define ADD_TEXT(name, meaning)                                                                    \
	column = json_array();                                                                     \
	for (uint32_t i = 0; i < rows->n; i++)                                                     \
		json_array_append_new(column, text_of(rows, rows->name[i]));                       \
	add_column(json, expected, #name, column);
	ROWS_COLUMNS(ADD_NUM, ADD_TEXT)
	return json;
}

static void check_rows(const struct vector *v)
{
	struct rows *rows = rows_new();
	json_t *expected = expected_of(v);
	struct fault why = {0};
	struct buf again = {0};

	if (payload_decode(buf_span(&v->bytes), rows, &why) != 0)
		fail_msg("%s: %s", v->name, why.text);
	expect_json(v, rows_json(rows, expected));
	payload_encode(&again, rows);
	if (strcmp(v->verb, "rows-exact") == 0)
		expect_bytes(v, &again);
	json_decref(expected);
	buf_release(&again);
	rows_free(&rows);
}

static void check_rows_refused(const struct vector *v)
{
	struct rows *rows = rows_new();
	struct fault why = {0};

	if (payload_decode(buf_span(&v->bytes), rows, &why) != -1)
		fail_msg("%s: is decoded", v->name);
	assert_int_equal(rows->n, 0);
	if (strcmp(why.code, v->expected) != 0)
		fail_msg("%s: %s, expected %s", v->name, why.code, v->expected);
	rows_free(&rows);
}

static void test_vectors_decode_and_encode_messages(void **state)
{
	(void)state;
	assert_true(each_vector("exact ", check_message) >= 28);
	assert_true(each_vector("accept ", check_message) > 5);
}

static void test_vectors_refuse_what_is_no_message(void **state)
{
	(void)state;
	assert_true(each_vector("refuse ", check_refused) > 40);
}

static void test_vectors_decode_and_encode_rows(void **state)
{
	(void)state;
	assert_true(each_vector("rows-exact ", check_rows) >= 3);
	assert_true(each_vector("rows-accept ", check_rows) >= 3);
}

static void test_vectors_refuse_what_are_no_rows(void **state)
{
	(void)state;
	assert_true(each_vector("rows-refuse ", check_rows_refused) > 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_decode_and_encode_messages),
		cmocka_unit_test(test_vectors_refuse_what_is_no_message),
		cmocka_unit_test(test_vectors_decode_and_encode_rows),
		cmocka_unit_test(test_vectors_refuse_what_are_no_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
