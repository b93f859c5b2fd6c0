/* wire: what the vectors (test_vectors.c) do not show: damage, length, and what people read. */
#include "unit.h"

#include <msgpack.h>

#include "cursor.h"
#include "mem.h"
#include "payload.h"
#include "wire.h"

#define MUTATIONS 200000

static struct wire_job sample_job(void)
{
	struct wire_job job = {.request = 7,
			       .id = span_text("job_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
			       .tenant = span_text("t1"),
			       .status = span_text("running"),
			       .message = span_text("Matching rules 1350/3000..."),
			       .n_stages = 2,
			       .result = span_text("{\"a\":1}"),
			       .change = UINT64_C(5) << 32,
			       .created_ms = -1};

	job.stages[0] = (struct wire_stage_count){.name = span_text("parse"), .done = 3000};
	job.stages[1] = (struct wire_stage_count){.name = span_text("rules"), .share = 20};
	return job;
}

static void put_sample(struct buf *out)
{
	struct wire_job job = sample_job();

	buf_clear(out);
	wire_put_job(out, &job);
}

static void test_wire_refuses_every_prefix(void **state)
{
	struct buf bytes = {0};
	struct wire_msg msg;
	struct fault why;

	(void)state;
	put_sample(&bytes);
	for (size_t n = 0; n < bytes.len; n++) {
		/* In a block of its own size, so that a sanitizer sees a read beyond it. */
		char *copy = xmalloc(n);

		memcpy(copy, bytes.at, n);
		why.class = FAULT_NONE;
		assert_int_equal(wire_decode(span_of(copy, n), &msg, &why), -1);
		assert_int_equal(why.class, FAULT_INPUT);
		free(copy);
	}
	buf_release(&bytes);
}

/* Does msgpack-c see exactly one object? */
static bool is_msgpack(const char *at, size_t len)
{
	msgpack_unpacked unpacked;
	size_t off = 0;
	bool whole;

	msgpack_unpacked_init(&unpacked);
	whole = msgpack_unpack_next(&unpacked, at, len, &off) == MSGPACK_UNPACK_SUCCESS &&
		off == len;
	msgpack_unpacked_destroy(&unpacked);
	return whole;
}

static void mutate(char *at, size_t len, unsigned *seed)
{
	for (int n = 1 + rand_r(seed) % 3; n > 0; n--) {
		size_t i = (size_t)rand_r(seed) % len;

		if (rand_r(seed) % 2)
			at[i] = (char)(at[i] ^ 1 << rand_r(seed) % 8);
		else
			at[i] = (char)rand_r(seed);
	}
}

/* Two readers of msgpack: what ours takes, msgpack-c takes too, and it can be said again. */
static void test_wire_takes_nothing_that_is_no_msgpack(void **state)
{
	struct buf bytes = {0}, again = {0};
	struct wire_msg msg;
	unsigned seed = 3;
	int taken = 0;

	(void)state;
	put_sample(&bytes);
	for (int i = 0; i < MUTATIONS; i++) {
		char *copy = xmalloc(bytes.len);

		memcpy(copy, bytes.at, bytes.len);
		mutate(copy, bytes.len, &seed);
		if (wire_decode(span_of(copy, bytes.len), &msg, NULL) == 0) {
			assert_true(is_msgpack(copy, bytes.len));
			buf_clear(&again);
			wire_encode(&again, msg.type, &msg.hello);
			assert_int_equal(wire_decode(buf_span(&again), &msg, NULL), 0);
			taken++;
		}
		free(copy);
	}
	assert_true(taken > MUTATIONS / 100 && taken < MUTATIONS);
	buf_release(&bytes);
	buf_release(&again);
}

static void test_wire_refuses_more_than_a_frame(void **state)
{
	struct buf bytes = {0};
	struct wire_msg msg;
	struct fault why = {0};

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		size_t body = WIRE_FRAME_MAX - 18 + more;
		const char head[] = {'\xc6', 0, (char)(body >> 16), (char)(body >> 8), (char)body};

		buf_clear(&bytes);
		buf_add(&bytes,
			"\x82\xa4wire\xa4"
			"BEAT\xa1x",
			13);
		buf_add(&bytes, head, sizeof head);
		memset(buf_reserve(&bytes, body), 0, body);
		assert_int_equal(bytes.len, WIRE_FRAME_MAX + more);
		assert_int_equal(wire_decode(buf_span(&bytes), &msg, &why), more ? -1 : 0);
	}
	assert_string_equal(why.code, "wire-size");
	buf_release(&bytes);
}

static void test_wire_encode_sends_only_what_can_be_read(void **state)
{
	char nul[] = "a\0b";
	struct wire_fail fail = {.text = span_of(nul, 3),
				 .hint = span_text("\xff\xfe"
						   "ok\xe2\x82")};
	struct buf bytes = {0}, text = {0};
	struct wire_msg msg;

	(void)state;
	for (int i = 0; i < 90; i++)
		buf_text(&text, "\xe2\x82\xac");
	fail.code = buf_span(&text);
	wire_put_fail(&bytes, &fail);
	assert_int_equal(wire_decode(buf_span(&bytes), &msg, NULL), 0);
	assert_int_equal(msg.fail.code.len, 45); /* of 47, between characters */
	assert_true(span_is(msg.fail.text, "a?b"));
	assert_true(span_is(msg.fail.hint, "??ok??"));
	buf_release(&text);
	buf_release(&bytes);
}

static void test_wire_dump_is_one_readable_line(void **state)
{
	struct buf bytes = {0}, text = {0};
	char long_hash[40] = "", quote[] = "a\"\nb";
	struct wire_need need = {.hash = span_of(long_hash, 33), .offset = 9};
	struct wire_who who = {.reason = span_text(quote)};
	struct wire_msg msg;

	(void)state;
	put_sample(&bytes);
	assert_int_equal(wire_decode(buf_span(&bytes), &msg, NULL), 0);
	wire_dump(&text, &msg);
	assert_string_equal(text.at,
			    "JOB request=7 id=\"job_01ARZ3NDEKTSV4RRFFQ69G5FAV\" tenant=\"t1\" "
			    "status=\"running\" message=\"Matching rules 1350/3000...\" "
			    "stages=[ name=\"parse\" done=3000, name=\"rules\" share=20 ] "
			    "result=\"{\\\"a\\\":1}\" change=21474836480 created_ms=-1");
	buf_clear(&text);
	msg = (struct wire_msg){.type = WIRE_WHO, .who = who};
	wire_dump(&text, &msg);
	assert_string_equal(text.at, "WHO reason=\"a\\\"\\nb\"");
	buf_clear(&text);
	memset(long_hash, '\xab', 33);
	msg = (struct wire_msg){.type = WIRE_NEED, .need = need};
	wire_dump(&text, &msg);
	assert_non_null(strstr(text.at, "abab...(33) offset=9"));
	buf_clear(&text);
	msg.type = WIRE_NONE;
	wire_dump(&text, &msg);
	assert_string_equal(text.at, "NONE");
	buf_release(&bytes);
	buf_release(&text);
}

static void test_wire_names_lead_back_to_types(void **state)
{
	struct buf text = {0};

	(void)state;
	for (int type = WIRE_NONE + 1; type <= WIRE_PONG; type++)
		assert_int_equal(wire_type_of(span_text(wire_name((enum wire_type)type))), type);
	assert_int_equal(wire_type_of(span_text("NONE")), WIRE_NONE);
	wire_describe(&text);
	assert_non_null(strstr(text.at, "### WORK\n\n| field | msgpack | meaning |\n|---|---|---|\n"
					"| `job` | bin, 16 bytes | "));
	buf_release(&text);
}

/* Rows with damage: refused, or every value can be used. */
static void test_payload_gives_only_rows_that_can_be_used(void **state)
{
	struct rows *rows = rows_new(), *read = rows_new();
	struct buf bytes = {0};
	unsigned seed = 9;
	int taken = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		uint32_t row = rows_add(rows);

		rows->line[row] = row + 2;
		rows->state[row] = i % 2;
		memcpy(rows->currency[row].code, "EUR", 4);
		rows->description[row] = rows_text(rows, span_text("Caf\xc3\xa9"));
		rows->account[row] = rows_text(rows, span_text("Expenses:Food"));
	}
	payload_encode(&bytes, rows);
	for (int i = 0; i < MUTATIONS / 4; i++) {
		char *copy = xmalloc(bytes.len);

		memcpy(copy, bytes.at, bytes.len);
		mutate(copy, bytes.len, &seed);
		if (payload_decode(span_of(copy, bytes.len), read, NULL) == 0) {
			assert_true(is_msgpack(copy, bytes.len));
			for (uint32_t row = 0; row < read->n; row++) {
				assert_true(span_is_utf8(rows_span(read, read->description[row])));
				assert_true(span_is_utf8(rows_span(read, read->account[row])));
				assert_true(strlen(read->currency[row].code) < CURRENCY_SIZE);
			}
			taken++;
		}
		free(copy);
	}
	assert_true(taken > 0);
	buf_release(&bytes);
	rows_free(&rows);
	rows_free(&read);
}

static void test_payload_replaces_what_the_rows_held(void **state)
{
	struct rows *rows = rows_new(), *read = rows_new();
	struct buf bytes = {0}, dump = {0};

	(void)state;
	rows_add(read);
	read->line[0] = 99;
	read->raw[0] = rows_text(read, span_text("old"));
	rows_add(rows);
	rows->amount_minor[0] = -5;
	rows->detail[0] = rows_text(rows, span_text("cut \xe2\x82"));
	payload_encode(&bytes, rows);
	assert_int_equal(payload_decode(buf_span(&bytes), read, NULL), 0);
	assert_int_equal(read->line[0], 0);
	assert_int_equal(read->raw[0].len, 0);
	assert_int_equal(read->amount_minor[0], -5);
	assert_true(span_is(rows_span(read, read->detail[0]), "cut ??"));
	payload_dump(&dump, buf_span(&bytes));
	assert_string_equal(dump.at, "rows=1 text(6) amount_minor detail");
	buf_release(&bytes);
	buf_release(&dump);
	rows_free(&rows);
	rows_free(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire_refuses_every_prefix),
		cmocka_unit_test(test_wire_takes_nothing_that_is_no_msgpack),
		cmocka_unit_test(test_wire_refuses_more_than_a_frame),
		cmocka_unit_test(test_wire_encode_sends_only_what_can_be_read),
		cmocka_unit_test(test_wire_dump_is_one_readable_line),
		cmocka_unit_test(test_wire_names_lead_back_to_types),
		cmocka_unit_test(test_payload_gives_only_rows_that_can_be_used),
		cmocka_unit_test(test_payload_replaces_what_the_rows_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
