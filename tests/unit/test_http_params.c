/* test_http_params - fields of requests: names, numbers, accounts, forms; what is no text. */
#include "unit.h"

#include "form.h"
#include "params.h"
#include "sniff.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static json_t *object(const char *text)
{
	json_t *tree = json_loads(text, 0, NULL);

	assert_non_null(tree);
	return tree;
}

/* The one error that a check must have named. */
static void assert_error(const struct problem *p, const char *field, const char *type)
{
	assert_int_equal(p->status, 422);
	assert_int_equal(p->n_errors, 1);
	assert_string_equal(p->errors[0].field, field);
	assert_string_equal(p->errors[0].type, type);
}

static void test_params_name_is_what_may_name_a_file(void **state)
{
	static const char *const good[] = {"a", "A-z_9", "-", "42"};
	static const char *const bad[] = {"", "..", "a/b", "a b", "a.b", "n\xc3\xa4h", "*"};
	char longest[66], out[NAME_SIZE];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < N(good); i++) {
		struct problem p = {0};

		assert_int_equal(params_name(&p, "body", "t", span_text(good[i]), out), 0);
		assert_string_equal(out, good[i]);
	}
	for (size_t i = 0; i < N(bad); i++) {
		struct problem p = {0};

		assert_int_equal(params_name(&p, "body", "t", span_text(bad[i]), out), -1);
		assert_error(&p, "t", "string_pattern_mismatch");
	}
	for (size_t len = 64; len <= 65; len++) {
		struct problem p = {0};

		assert_int_equal(params_name(&p, "body", "t", span_of(longest, len), out),
				 len == 64 ? 0 : -1);
	}
}

static void test_params_json_name_reads_an_integer_as_its_digits(void **state)
{
	static const char *const good[][2] = {
		{"{\"t\": 42}", "42"},
		{"{\"t\": 9223372036854775807}", "9223372036854775807"},
		{"{\"t\": \"acme\"}", "acme"}};
	static const char *const bad[][2] = {{"{}", "missing"},
					     {"{\"t\": null}", "string_type"},
					     {"{\"t\": 1.5}", "string_type"},
					     {"{\"t\": true}", "string_type"},
					     {"{\"t\": []}", "string_type"},
					     {"{\"t\": \"\"}", "string_pattern_mismatch"}};
	char out[NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		struct problem p = {0};
		json_t *body = object(good[i][0]);

		assert_int_equal(params_json_name(&p, body, "t", out), 0);
		assert_string_equal(out, good[i][1]);
		json_decref(body);
	}
	for (size_t i = 0; i < N(bad); i++) {
		struct problem p = {0};
		json_t *body = object(bad[i][0]);

		assert_int_equal(params_json_name(&p, body, "t", out), -1);
		assert_error(&p, "t", bad[i][1]);
		json_decref(body);
	}
}

static void test_params_json_u32_takes_whole_numbers_in_range(void **state)
{
	static const struct {
		const char *json, *type;
		uint32_t value;
	} cases[] = {{"{\"n\": 1}", NULL, 1},
		     {"{\"n\": 1000000}", NULL, 1000000},
		     {"{\"n\": \"7\"}", NULL, 7},
		     {"{\"n\": 3.0}", NULL, 3},
		     {"{}", NULL, 55},
		     {"{\"n\": 0}", "greater_than_equal", 55},
		     {"{\"n\": -1}", "greater_than_equal", 55},
		     {"{\"n\": 1000001}", "less_than_equal", 55},
		     {"{\"n\": 9223372036854775807}", "less_than_equal", 55},
		     {"{\"n\": 1e300}", "less_than_equal", 55},
		     {"{\"n\": 4294967297}", "less_than_equal", 55},
		     {"{\"n\": 1.5}", "int_type", 55},
		     {"{\"n\": true}", "int_type", 55},
		     {"{\"n\": null}", "int_type", 55},
		     {"{\"n\": \"x\"}", "int_parsing", 55},
		     {"{\"n\": \"-4\"}", "greater_than_equal", 55},
		     {"{\"n\": \"99999999999999999999\"}", "int_parsing", 55}};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct problem p = {0};
		json_t *body = object(cases[i].json);
		uint32_t value = 55;
		int rc = params_json_u32(&p, body, "n", (struct range){1, 1000000}, &value);

		assert_int_equal(rc, cases[i].type ? -1 : 0);
		assert_int_equal(value, cases[i].value);
		if (cases[i].type)
			assert_error(&p, "n", cases[i].type);
		json_decref(body);
	}
}

static void test_params_account_is_one_that_all_ledgers_take(void **state)
{
	static const char *const good[] = {"Assets:Bank:Checking", "Liabilities:Card",
					   "Assets:2nd-Bank", "Expenses:\xc3\x89picerie"};
	static const char *const bad[] = {"",
					  "Assets",
					  "Bank:Checking",
					  "Assets:",
					  "Assets::Bank",
					  "assets:Bank",
					  "Assets:bank",
					  "Assets:Bank ",
					  "Assets:Bank;x",
					  "Assets:Ba\tnk",
					  "Assets:B\"x"};
	char longest[300];

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		struct problem p = {0};

		assert_int_equal(params_account(&p, "body", "a", span_text(good[i])), 0);
	}
	for (size_t i = 0; i < N(bad); i++) {
		struct problem p = {0};

		assert_int_equal(params_account(&p, "body", "a", span_text(bad[i])), -1);
		assert_error(&p, "a", "account_syntax");
	}
	memset(longest, 'X', sizeof(longest));
	memcpy(longest, "Assets:", 7);
	for (size_t len = ACCOUNT_LEN_MAX; len <= ACCOUNT_LEN_MAX + 1; len++) {
		struct problem p = {0};

		assert_int_equal(params_account(&p, "body", "a", span_of(longest, len)),
				 len > ACCOUNT_LEN_MAX ? -1 : 0);
	}
}

static void test_params_choice_names_what_is_allowed(void **state)
{
	struct problem p = {0};

	(void)state;
	assert_int_equal(params_choice(&p, "query", "o", span_text("mdy"), "dmy|mdy|ymd"), 0);
	assert_int_equal(params_choice(&p, "query", "o", span_text("md"), "dmy|mdy|ymd"), -1);
	assert_string_equal(p.errors[0].msg, "Input should be 'dmy', 'mdy' or 'ymd'");
	assert_string_equal(p.errors[0].type, "literal_error");
}

static void test_params_currency_date_and_key(void **state)
{
	struct problem p = {0};
	char code[CURRENCY_SIZE];
	char longest[257];

	(void)state;
	assert_int_equal(params_currency(&p, "body", "c", span_text("eur"), code), 0);
	assert_string_equal(code, "EUR");
	assert_int_equal(params_currency(&p, "body", "c", span_text("EURO"), code), -1);
	assert_int_equal(params_currency(&p, "body", "c", span_text("QQQ"), code), -1);
	assert_int_equal(params_date(&p, "query", "d", span_text("2024-02-29")), 0);
	assert_int_equal(params_date(&p, "query", "d", span_text("2023-02-29")), -1);
	memset(longest, 'k', 256);
	longest[256] = '\0';
	assert_int_equal(params_idempotency_key(&p, NULL), 0);
	assert_int_equal(params_idempotency_key(&p, longest + 1), 0);
	assert_int_equal(params_idempotency_key(&p, longest), -1);
	assert_int_equal(params_idempotency_key(&p, ""), -1);
	assert_int_equal(params_idempotency_key(&p, "a\x80"), -1);
}

static void test_params_body_is_an_object(void **state)
{
	static const char *const bad[] = {
		"", " \n", "{", "[]", "null", "{} x", "{\"a\":1,\"a\":2}"};
	json_t *body;

	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		struct problem p = {0};

		assert_int_equal(params_body(&p, span_text(bad[i]), false, &body), -1);
		assert_null(body);
		assert_int_equal(p.status, 422);
	}
	for (size_t i = 0; i < 2; i++) {
		struct problem p = {0};

		assert_int_equal(params_body(&p, span_text(bad[i]), true, &body), 0);
		json_decref(body);
	}
}

static void fill(struct form *form, const char *name, const char *value, struct problem *p)
{
	int field = form_begin(form, span_text(name), p);

	if (field >= 0)
		form_add(form, field, span_text(value), p);
}

static void test_form_gives_equal_bytes_for_equal_requests(void **state)
{
	static const char *const fields[][2] = {{"tenant_id", "t1"},
						{"company_id", "acme"},
						{"profile", "{\"b\": 1, \"a\": 2}"},
						{"currency", "eur"},
						{"date_order", "dmy"}};
	char tenant[NAME_SIZE], company[NAME_SIZE];
	struct buf first = {0}, second = {0};
	struct form one = {.place = "body"}, other = {.place = "query"};
	struct problem p = {0};

	(void)state;
	for (size_t i = 0; i < N(fields); i++)
		fill(&one, fields[i][0], fields[i][1], &p);
	for (size_t i = N(fields); i-- > 0;)
		fill(&other, fields[i][0], fields[i][1], &p);
	assert_int_equal(form_check(&one, &p, tenant, company, &first), 0);
	assert_int_equal(form_check(&other, &p, tenant, company, &second), 0);
	assert_string_equal(first.at, second.at);
	assert_string_equal(first.at, ",\"account\":\"Assets:Bank:Checking\",\"currency\":\"EUR\","
				      "\"date_order\":\"dmy\",\"profile\":{\"a\":2,\"b\":1}");
	assert_string_equal(tenant, "t1");
	assert_string_equal(company, "acme");
	form_release(&one);
	form_release(&other);
	buf_release(&first);
	buf_release(&second);
}

static void test_form_names_unknown_twice_and_too_long(void **state)
{
	char tenant[NAME_SIZE], company[NAME_SIZE];
	struct form form = {.place = "body"};
	struct problem p = {0};
	struct buf params = {0};
	int field;

	(void)state;
	fill(&form, "acount", "x", &p);
	fill(&form, "company_id", "acme", &p);
	fill(&form, "company_id", "acme", &p);
	field = form_begin(&form, span_text("tenant_id"), &p);
	for (int i = 0; i < 300; i++)
		form_add(&form, field, span_text("0123456789"), &p);
	assert_int_equal(form_check(&form, &p, tenant, company, &params), 0);
	assert_int_equal(p.n_errors, 3);
	assert_string_equal(p.errors[0].type, "extra_forbidden");
	assert_string_equal(p.errors[1].type, "given_twice");
	assert_string_equal(p.errors[2].type, "string_too_long");
	form_release(&form);
	buf_release(&params);
}

static void test_sniff_takes_texts(void **state)
{
	static const char utf16le[] = "D\0a\0t\0e\0;\0\xe4\0\n\0";
	static const char utf16be[] = "\0D\0a\0t\0e\0;\0\n";
	static const char *const texts[] = {"",
					    "a",
					    "Date,Amount\r\n",
					    "\xef\xbb\xbf"
					    "Date",
					    "\xe4;\xf6\n",
					    "Date\x1a",
					    "PKG,Amount\n",
					    "BM,1\n",
					    "%,x\n"};

	(void)state;
	for (size_t i = 0; i < N(texts); i++)
		assert_null(sniff_binary(span_text(texts[i])));
	assert_null(sniff_binary(span_of(utf16le, sizeof(utf16le) - 1)));
	assert_null(sniff_binary(span_of(utf16be, sizeof(utf16be) - 1)));
	assert_null(sniff_binary(span_of("\xff\xfe"
					 "D\0",
					 4)));
}

static void test_sniff_refuses_what_is_no_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {{"PK\3\4", 4},
		   {"%PDF-1.4", 8},
		   {"\x7f"
		    "ELF",
		    4},
		   {"\x89PNG\r\n\x1a\n", 8},
		   {"\xff\xd8\xff", 3},
		   {"\x1f\x8b\x08", 3},
		   {"a,b\0c", 5},
		   {"\0\0\0\0", 4},
		   {"\1\2\3\4abc", 7}};

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		assert_non_null(sniff_binary(span_of(bad[i].bytes, bad[i].len)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_params_name_is_what_may_name_a_file),
		cmocka_unit_test(test_params_json_name_reads_an_integer_as_its_digits),
		cmocka_unit_test(test_params_json_u32_takes_whole_numbers_in_range),
		cmocka_unit_test(test_params_account_is_one_that_all_ledgers_take),
		cmocka_unit_test(test_params_choice_names_what_is_allowed),
		cmocka_unit_test(test_params_currency_date_and_key),
		cmocka_unit_test(test_params_body_is_an_object),
		cmocka_unit_test(test_form_gives_equal_bytes_for_equal_requests),
		cmocka_unit_test(test_form_names_unknown_twice_and_too_long),
		cmocka_unit_test(test_sniff_takes_texts),
		cmocka_unit_test(test_sniff_refuses_what_is_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
