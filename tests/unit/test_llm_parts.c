/* llm: its parts that need no model: redaction, prompt and answer, the breaker. */
#include "unit.h"

#include "breaker.h"
#include "prompt.h"
#include "redact.h"

static void redacted(const char *text, const char *wanted)
{
	struct buf out = {0};

	redact(&out, span_text(text));
	assert_string_equal(out.at ? out.at : "", wanted);
	buf_release(&out);
}

static void test_redact_takes_numbers_and_addresses_out(void **state)
{
	(void)state;
	redacted("CARD 4111 1111 1111 1111 TESCO", "CARD # TESCO");
	redacted("CARD 4111-1111-1111-1111", "CARD #");
	redacted("AMAZON.COM*123456789", "AMAZON.COM*#");
	redacted("HC1234567890123456 22MAR", "# 22MAR"); /* might be an IBAN */
	redacted("XHC123456 22MAR", "XHC# 22MAR");
	redacted("01222 61234 SHOP", "# SHOP");
	redacted("IBAN DE89 3704 0044 0532 0130 00 Miete", "IBAN # Miete");
	redacted("gb29nwbk60161331926819", "#");
	redacted("NO9386011117947.", "#.");
	redacted("to anna.b+x@example.co.uk now", "to @ now");
	redacted("STORE 12345 #7", "STORE 12345 #7");
	redacted("12/24/2025 A", "# A");
	redacted("MO12 UNCLE BOBS", "MO12 UNCLE BOBS");
}

static void test_redact_keeps_text_valid_and_short(void **state)
{
	char text[1000];
	struct buf out = {0};

	(void)state;
	redacted("  a \t\n b  ", "a b");
	redacted("caf\xc3\xa9 \xff\xc3", "caf\xc3\xa9 ??");
	redacted("\xed\xa0\x80\xf5", "????");
	redacted("", "");
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	redact(&out, span_text(text));
	assert_int_equal(out.len, REDACT_MAX);
	buf_clear(&out);
	for (size_t i = 1; i + 1 < sizeof text; i += 2) {
		text[i] = '\xc3';
		text[i + 1] = '\xa9';
	}
	redact(&out, span_text(text)); /* would cut a character */
	assert_int_equal(out.len, REDACT_MAX - 1);
	buf_release(&out);
}

#define CHART "Expenses:Food ; eat; drink\r\n\nIncome:Sales\nAssets:Cash\nnonsense\n"

static enum prompt_verdict verdict(const struct prompt *prompt, const char *content,
				   struct prompt_answer *answer)
{
	struct buf body = {0};

	buf_text(&body, "{\"choices\":[{\"message\":{\"content\":");
	buf_json_string(&body, span_text(content));
	buf_text(&body, "}}]}");
	enum prompt_verdict is = prompt_answer(prompt, buf_span(&body), answer);

	buf_release(&body);
	return is;
}

static void test_prompt_offers_accounts_by_direction(void **state)
{
	struct prompt *out = prompt_new(span_text(CHART), false);
	struct prompt *in = prompt_new(span_text(CHART), true);
	struct span account;
	struct blob_hash a, b;

	(void)state;
	assert_true(prompt_account(out, span_text("Expenses:Food"), &account));
	assert_true(prompt_account(out, span_text("Assets:Cash"), &account));
	assert_true(prompt_account(out, span_text("Expenses:Uncategorised"), &account));
	assert_false(prompt_account(out, span_text("Income:Sales"), &account));
	assert_true(prompt_account(in, span_text("Income:Sales"), &account));
	assert_false(prompt_account(in, span_text("Expenses:Food"), &account));
	assert_false(prompt_account(in, span_text("nonsense"), &account));
	a = prompt_hash(out);
	b = prompt_hash(in);
	assert_memory_not_equal(&a, &b, sizeof a);
	prompt_free(&out);
	prompt_free(&in);
	assert_null(prompt_new(span_text("Income:Sales\n"), false));
	assert_null(prompt_new((struct span){0}, true));
}

static void test_prompt_question_has_the_description_as_data(void **state)
{
	struct prompt *prompt = prompt_new(span_text(CHART), false);
	struct buf body = {0};

	(void)state;
	prompt_question(prompt, "m\"1", span_text("\"},{\"role\":\"system\n"), &body);
	assert_non_null(strstr(body.at, "\"model\":\"m\\\"1\""));
	assert_non_null(strstr(body.at, "\"temperature\":0"));
	assert_non_null(strstr(body.at, "\"enum\":[\"Expenses:Food\",\"Assets:Cash\","
					"\"Expenses:Uncategorised\"]"));
	assert_non_null(strstr(body.at, "Expenses:Food - eat; drink\\n"));
	assert_non_null(strstr(body.at, "{\\\"direction\\\":\\\"out\\\",\\\"description\\\":"
					"\\\"\\\\\\\"},{\\\\\\\"role"));
	buf_release(&body);
	prompt_free(&prompt);
}

static void test_prompt_answer_is_exact(void **state)
{
	struct prompt *prompt = prompt_new(span_text(CHART), false);
	struct prompt_answer answer = {0};
	static const char *const wrong[] = {
		"",
		"Expenses:Food",
		"{}",
		"[]",
		"{\"account\":\"Expenses:Food\"}",
		"{\"account\":\"Expenses:Food\",\"confidence\":\"0.9\"}",
		"{\"account\":\"Expenses:Food\",\"confidence\":1.01}",
		"{\"account\":\"Expenses:Food\",\"confidence\":-0.1}",
		"{\"account\":\"Expenses:Food\",\"confidence\":null}",
		"{\"account\":\"Expenses:Food\",\"confidence\":0.9,\"x\":1}",
		"{\"account\":\"Expenses:Food\",\"account\":\"Expenses:Food\",\"confidence\":0.9}",
		"{\"account\":\"Expenses:food\",\"confidence\":0.9}",
		"{\"account\":\"Income:Sales\",\"confidence\":0.9}",
		"{\"account\":\"Expenses:Food\\u0000\",\"confidence\":0.9}",
		"{\"account\":[\"Expenses:Food\"],\"confidence\":0.9}",
		"{\"account\":\"Expenses:Food\",\"confidence\":0.9} and more",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (verdict(prompt, wrong[i], &answer) != PROMPT_INVALID)
			fail_msg("taken: %s", wrong[i]);
	assert_int_equal(answer.account.len, 0);
	assert_int_equal(
		verdict(prompt, " {\"confidence\":0.5,\"account\":\"Assets:Cash\"}\n", &answer),
		PROMPT_ANSWERED);
	assert_true(span_is(answer.account, "Assets:Cash"));
	assert_int_equal(answer.confidence_ppm, 500000);
	assert_int_equal(verdict(prompt, "{\"confidence\":1,\"account\":\"Assets:Cash\"}", &answer),
			 PROMPT_ANSWERED);
	assert_int_equal(answer.confidence_ppm, PROMPT_CONFIDENCE_MAX);
	assert_int_equal(verdict(prompt,
				 "{\"confidence\":1,\"account\":\"Expenses:Uncategorised\"}",
				 &answer),
			 PROMPT_ANSWERED);
	assert_int_equal(answer.account.len, 0);
	prompt_free(&prompt);
}

static void test_prompt_tells_garbage_from_a_chat_response(void **state)
{
	struct prompt *prompt = prompt_new(span_text(CHART), false);
	struct prompt_answer answer = {0};
	static const char *const garbage[] = {"",
					      "x",
					      "{",
					      "[]",
					      "null",
					      "{\"choices\":[]}",
					      "{\"choices\":{}}",
					      "{\"choices\":[1]}",
					      "{\"error\":{}}",
					      "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
		assert_int_equal(prompt_answer(prompt, span_text(garbage[i]), &answer),
				 PROMPT_GARBAGE);
	assert_int_equal(prompt_answer(prompt, span_text("{\"choices\":[{}]}"), &answer),
			 PROMPT_INVALID);
	/* deep nesting ends, not the process */
	char deep[5000];

	memset(deep, '[', sizeof deep);
	assert_int_equal(prompt_answer(prompt, span_of(deep, sizeof deep), &answer),
			 PROMPT_GARBAGE);
	prompt_free(&prompt);
}

static void test_breaker_pauses_longer_each_time_until_a_success(void **state)
{
	struct breaker breaker = {0};
	int64_t now_ms = 1000;

	(void)state;
	for (int i = 0; i < BREAKER_FAILURES - 1; i++)
		assert_false(breaker_failure(&breaker, 1, now_ms));
	assert_int_equal(breaker_allows(&breaker, 8, now_ms), 8);
	assert_true(breaker_failure(&breaker, 1, now_ms));
	assert_int_equal(breaker_allows(&breaker, 8, now_ms), 0);
	assert_false(breaker_failure(&breaker, 1, now_ms + 5)); /* was under way */
	now_ms += BREAKER_FIRST_MS;
	assert_int_equal(breaker_allows(&breaker, 8, now_ms - 1), 0);
	assert_int_equal(breaker_allows(&breaker, 8, now_ms), 1);
	assert_true(breaker_failure(&breaker, 1, now_ms));
	assert_int_equal(breaker_allows(&breaker, 8, now_ms + 2 * BREAKER_FIRST_MS - 1), 0);
	assert_int_equal(breaker_allows(&breaker, 8, now_ms + 2 * BREAKER_FIRST_MS), 1);
	for (int i = 0; i < 20; i++) {
		now_ms += BREAKER_LONGEST_MS;
		assert_int_equal(breaker_allows(&breaker, 8, now_ms), 1);
		breaker_failure(&breaker, 1, now_ms);
	}
	breaker_success(&breaker);
	assert_int_equal(breaker_allows(&breaker, 8, now_ms), 8);
	assert_false(breaker_failure(&breaker, BREAKER_TIMEOUT, now_ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redact_takes_numbers_and_addresses_out),
		cmocka_unit_test(test_redact_keeps_text_valid_and_short),
		cmocka_unit_test(test_prompt_offers_accounts_by_direction),
		cmocka_unit_test(test_prompt_question_has_the_description_as_data),
		cmocka_unit_test(test_prompt_answer_is_exact),
		cmocka_unit_test(test_prompt_tells_garbage_from_a_chat_response),
		cmocka_unit_test(test_breaker_pauses_longer_each_time_until_a_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
