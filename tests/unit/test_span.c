#include "unit.h"

#include "buf.h"
#include "mem.h"
#include "span.h"

static struct span of(const char *text)
{
	return span_text(text);
}

static void test_span_trim_takes_white_space_and_nbsp(void **state)
{
	static const char *const cases[][2] = {{"", ""},
					       {"  ", ""},
					       {" a b ", "a b"},
					       {"\t\r\na\v\f", "a"},
					       {"\xc2\xa0x\xc2\xa0 ", "x"},
					       {"\xc2", "\xc2"},
					       {"\xc2\xa0", ""},
					       {"\xc3\xa0", "\xc3\xa0"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_true(span_is(span_trim(of(cases[i][0])), cases[i][1]));
	assert_int_equal(span_trim(span_of(NULL, 0)).len, 0);
}

static void test_span_equal_fold_folds_ascii_only(void **state)
{
	(void)state;
	assert_true(span_equal_fold(of("Betrag"), of("bETRAG")));
	assert_false(span_equal_fold(of("\xc3\x84"), of("\xc3\xa4")));
	assert_false(span_equal_fold(of("@"), of("`")));
	assert_false(span_equal_fold(of("a"), of("ab")));
	assert_true(span_equal(span_of(NULL, 0), of("")));
}

static void test_span_copy_says_when_it_cut(void **state)
{
	char out[4];

	(void)state;
	assert_int_equal(span_copy(of("abc"), out, sizeof out), 0);
	assert_string_equal(out, "abc");
	assert_int_equal(span_copy(of("abcd"), out, sizeof out), -1);
	assert_string_equal(out, "abc");
	assert_int_equal(span_copy(span_of(NULL, 0), out, sizeof out), 0);
	assert_string_equal(out, "");
}

static void test_span_u64_reads_whole_decimals_only(void **state)
{
	static const char *const bad[] = {"",
					  "-1",
					  "+1",
					  " 1",
					  "1 ",
					  "0x1",
					  "1.0",
					  "18446744073709551616",
					  "99999999999999999999"};
	uint64_t value = 7;

	(void)state;
	assert_int_equal(span_u64(of("18446744073709551615"), &value), 0);
	assert_true(value == UINT64_MAX);
	assert_int_equal(span_u64(of("007"), &value), 0);
	assert_int_equal(value, 7);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(span_u64(of(bad[i]), &value), -1);
	assert_int_equal(value, 7);
}

/* Every sequence of up to four bytes of these against RFC 3629's grammar. */
static size_t naive_first(const unsigned char *p, size_t len)
{
	uint32_t c;
	size_t n = 1;

	if (p[0] < 0x80)
		return 1;
	if ((p[0] & 0xe0) == 0xc0)
		n = 2, c = p[0] & 0x1f;
	else if ((p[0] & 0xf0) == 0xe0)
		n = 3, c = p[0] & 0x0f;
	else if ((p[0] & 0xf8) == 0xf0)
		n = 4, c = p[0] & 0x07;
	else
		return 0;
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < (n == 2 ? 0x80u : n == 3 ? 0x800u : 0x10000u) || c > 0x10ffff)
		return 0;
	return c >= 0xd800 && c <= 0xdfff ? 0 : n;
}

static void test_span_utf8_agrees_with_the_grammar(void **state)
{
	static const unsigned char bytes[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
					      0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
					      0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
	const size_t n = ARRAY_LEN(bytes);
	unsigned char p[4];

	(void)state;
	for (size_t i = 0; i < n * n * n * n; i++) {
		p[0] = bytes[i % n];
		p[1] = bytes[i / n % n];
		p[2] = bytes[i / n / n % n];
		p[3] = bytes[i / n / n / n];
		for (size_t len = 1; len <= 4; len++)
			assert_int_equal(span_utf8_first(span_of((char *)p, len)),
					 naive_first(p, len));
	}
	assert_int_equal(span_utf8_first(of("")), 0);
}

static void test_span_is_utf8_finds_one_bad_byte_anywhere(void **state)
{
	char text[40];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++) {
		memset(text, 'x', sizeof text);
		assert_true(span_is_utf8(span_of(text, sizeof text)));
		text[i] = '\x80';
		assert_false(span_is_utf8(span_of(text, sizeof text)));
	}
	assert_true(span_is_utf8(of("abcdefg\xe2\x82\xac"
				    "abcdefgh\xf0\x9f\x98\x80")));
	assert_true(span_is_utf8(span_of(NULL, 0)));
}

static void test_span_utf8_whole_drops_only_what_was_cut(void **state)
{
	static const struct {
		const char *in;
		size_t whole;
	} cases[] = {{"", 0},
		     {"ab", 2},
		     {"a\xc3", 1},
		     {"a\xc3\xa9", 3},
		     {"\xe2\x82", 0},
		     {"\xe2\x82\xac", 3},
		     {"\xf0\x9f\x98", 0},
		     {"x\xf0", 1},
		     {"\x80\x80", 2},
		     {"a", 1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(span_utf8_whole(of(cases[i].in)).len, cases[i].whole);
}

static void test_buf_reads_as_a_c_string_and_grows(void **state)
{
	struct buf b = {0};

	(void)state;
	assert_true(buf_span(&b).len == 0);
	for (int i = 0; i < 1000; i++)
		buf_text(&b, "0123456789");
	assert_int_equal(strlen(b.at), 10000);
	buf_clear(&b);
	assert_string_equal(b.at, "");
	buf_format(&b, "%0500d|", 7);
	assert_int_equal(b.len, 501);
	memcpy(buf_reserve(&b, 2), "xy", 2);
	buf_char(&b, 'z');
	assert_string_equal(b.at + 500, "|xyz");
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 504);
	buf_release(&b);
	assert_null(b.at);
}

static void test_buf_json_string_escapes_and_mends(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_json_string(&b, span_of("a\"\\\b\t\n\f\r\x01\v\x7f\xc3\xa9\0", 14));
	assert_string_equal(b.at,
			    "\"a\\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u000b\\u007f\xc3\xa9\\u0000\"");
	buf_clear(&b);
	buf_json_string(&b, of("x\xc3(\xe2\x82"));
	assert_string_equal(b.at, "\"x\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\"");
	buf_clear(&b);
	buf_json_string(&b, span_of(NULL, 0));
	assert_string_equal(b.at, "\"\"");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_span_trim_takes_white_space_and_nbsp),
		cmocka_unit_test(test_span_equal_fold_folds_ascii_only),
		cmocka_unit_test(test_span_copy_says_when_it_cut),
		cmocka_unit_test(test_span_u64_reads_whole_decimals_only),
		cmocka_unit_test(test_span_utf8_agrees_with_the_grammar),
		cmocka_unit_test(test_span_is_utf8_finds_one_bad_byte_anywhere),
		cmocka_unit_test(test_span_utf8_whole_drops_only_what_was_cut),
		cmocka_unit_test(test_buf_reads_as_a_c_string_and_grows),
		cmocka_unit_test(test_buf_json_string_escapes_and_mends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
