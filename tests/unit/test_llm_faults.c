/*
 * llm: models that are broken, slow, gone or hostile. None may cost a job more than seconds, and
 * nothing but an answer as asked for is taken.
 */
#include "llm_fake.h"

#include "breaker.h"
#include "secret.h"

static void test_llm_works_with_a_damaged_cache(void **state)
{
	const struct fake *fake = *state;
	char path[UNIT_PATH + 32];
	struct rows *rows = rows_new();

	snprintf(path, sizeof path, "%s/llm", fake->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/llm/answers.db", fake->dir);
	FILE *file = fopen(path, "w");

	for (int i = 0; i < 2000; i++)
		fputs("this is not a database ", file);
	fclose(file);
	struct llm *llm = open_llm(fake, 2, 5000);

	add_row(rows, "bakery", -100);
	ask(llm, rows);
	is_account(rows, 0, "Expenses:Food");
	rows_clear(rows);
	add_row(rows, "bakery", -100);
	struct llm_report report = ask(llm, rows);

	assert_int_equal(report.cached, 1);
	snprintf(path, sizeof path, "%s/llm/answers.db.damaged", fake->dir);
	assert_int_equal(access(path, F_OK), 0);
	rows_free(&rows);
	llm_close(&llm);
}

static void test_llm_takes_nothing_but_what_was_asked_for(void **state)
{
	static const char *const moods[] = {"garbage", "shape", "refusal", "text",     "extra",
					    "unsafe",  "huge",	"close",   "redirect", "outside"};

	for (size_t i = 0; i < sizeof moods / sizeof moods[0]; i++) {
		struct llm *llm = open_llm(*state, 2, 5000);
		struct rows *rows = rows_new();

		fake_mode(*state, moods[i]);
		add_row(rows, "coffee", -100);
		struct llm_report report = ask(llm, rows);

		is_account(rows, 0, "");
		assert_int_equal(rows->source[0], SOURCE_NONE);
		assert_int_equal(report.failed, 1);
		/* nothing of it was kept */
		fake_mode(*state, "normal");
		report = ask(llm, rows);
		assert_int_equal(report.asked, 1);
		is_account(rows, 0, "Expenses:Food");
		rows_free(&rows);
		llm_close(&llm);
		char path[UNIT_PATH + 32];

		snprintf(path, sizeof path, "%s/llm", ((struct fake *)*state)->dir);
		unit_rmdir(path);
	}
}

static void test_llm_tries_again_what_may_pass(void **state)
{
	struct llm *llm = open_llm(*state, 1, 5000);
	struct rows *rows = rows_new();

	fake_mode(*state, "flaky");
	add_row(rows, "coffee", -100);
	add_row(rows, "bakery", -100);
	struct llm_report report = ask(llm, rows);

	assert_int_equal(report.answered, 2);
	assert_int_equal(fake_count(*state), 4);
	rows_free(&rows);
	llm_close(&llm);
}

static void test_llm_gives_up_on_a_question_after_three_tries(void **state)
{
	struct llm *llm = open_llm(*state, 1, 5000);
	struct rows *rows = rows_new();
	int64_t start_ms = clock_ms();

	fake_mode(*state, "429");
	add_row(rows, "coffee", -100);
	struct llm_report report = ask(llm, rows);

	assert_int_equal(report.failed, 1);
	assert_int_equal(fake_count(*state), 3);
	assert_true(clock_ms() - start_ms >= 1900); /* it said: in a second */
	rows_free(&rows);
	llm_close(&llm);
}

static void test_llm_leaves_a_dead_model_alone(void **state)
{
	enum { AT_ONCE = 4 };
	struct llm *llm = open_llm(*state, AT_ONCE, 5000);
	struct rows *rows = rows_new();
	int64_t start_ms = clock_ms();

	fake_mode(*state, "500");
	add_many(rows, 300);
	struct llm_report report = ask(llm, rows);
	unsigned asked = fake_count(*state);

	assert_int_equal(report.failed, 300);
	assert_true(asked >= BREAKER_FAILURES && asked < 20);
	assert_true(clock_ms() - start_ms < 8000);
	/* the next units do not ask at all for a while */
	start_ms = clock_ms();
	for (int i = 0; i < 100; i++)
		ask(llm, rows);
	assert_true(clock_ms() - start_ms < 2000);
	/* what was on its way when the others were called off may have been counted since */
	assert_in_range(fake_count(*state), asked, asked + AT_ONCE - 1);
	rows_free(&rows);
	llm_close(&llm);
}

static void test_llm_a_model_that_is_not_there_costs_seconds(void **state)
{
	struct fake *fake = *state;
	struct llm *llm = open_llm(fake, 4, 30000);
	struct rows *rows = rows_new();
	int64_t start_ms = clock_ms();

	fake_end(fake);
	add_many(rows, 300);
	assert_int_equal(ask(llm, rows).failed, 300);
	assert_true(clock_ms() - start_ms < 8000);
	rows_free(&rows);
	llm_close(&llm);
}

static void test_llm_a_model_that_says_nothing_is_waited_for_once(void **state)
{
	struct llm *llm = open_llm(*state, 4, 400);
	struct rows *rows = rows_new();
	int64_t start_ms = clock_ms();

	fake_mode(*state, "slow");
	add_many(rows, 300);
	assert_int_equal(ask(llm, rows).failed, 300);
	assert_true(clock_ms() - start_ms < 3000);
	assert_true(fake_count(*state) <= 8);
	rows_free(&rows);
	llm_close(&llm);
}

static int alive_for(void *left)
{
	return --*(int *)left <= 0;
}

static void test_llm_ends_when_nobody_waits_any_more(void **state)
{
	struct llm *llm = open_llm(*state, 4, 30000);
	struct rows *rows = rows_new();
	const struct llm_company t1 = {span_text("t1"), span_text(CHART)};
	struct llm_report report;
	int64_t start_ms = clock_ms();
	int left = 5;

	fake_mode(*state, "slow");
	add_many(rows, 100);
	llm_ask(llm, &t1, rows, alive_for, &left, &report);
	assert_int_equal(report.failed, 100);
	assert_true(clock_ms() - start_ms < 4000);
	/* and the next call is none the worse for it */
	fake_mode(*state, "normal");
	rows_clear(rows);
	add_row(rows, "train", -100);
	ask(llm, rows);
	is_account(rows, 0, "Expenses:Transport");
	rows_free(&rows);
	llm_close(&llm);
}

static void test_llm_sends_its_key_from_a_file_that_only_we_can_read(void **state)
{
	struct fake *fake = *state;
	char file[UNIT_PATH + 8], cache[UNIT_PATH + 8];
	struct llm_options options = {.url = fake->url,
				      .model = "m",
				      .key_file = file,
				      .cache_dir = cache,
				      .timeout_ms = 5000};
	struct rows *rows = rows_new();
	struct fault why = {0};
	struct llm *llm = NULL;

	fake_end(fake);
	fake_spawn(fake, "sk-secret", "0");
	snprintf(file, sizeof file, "%s/key", fake->dir);
	snprintf(cache, sizeof cache, "%s/llm", fake->dir);
	assert_int_equal(llm_open(&options, &llm, &why), -1);
	assert_string_equal(why.code, "model-key");
	FILE *key = fopen(file, "w");

	fputs("  sk-secret\n", key);
	fclose(key);
	chmod(file, 0640);
	assert_int_equal(llm_open(&options, &llm, &why), -1);
	assert_string_equal(why.code, "model-key");
	assert_non_null(strstr(why.hint, "chmod 600"));
	chmod(file, 0600);
	assert_int_equal(llm_open(&options, &llm, &why), 0);
	add_row(rows, "coffee", -1);
	ask(llm, rows);
	is_account(rows, 0, "Expenses:Food");
	rows_free(&rows);
	llm_close(&llm);
}

static void test_llm_refuses_keys_and_urls_that_are_none(void **state)
{
	char cache[UNIT_PATH + 8];
	struct llm_options options = {.url = "ftp://x/y", .model = "m", .cache_dir = cache};
	struct fault why = {0};
	struct llm *llm = NULL;
	char *secret = NULL;

	snprintf(cache, sizeof cache, "%s/llm", ((struct fake *)*state)->dir);
	assert_int_equal(llm_open(&options, &llm, &why), -1);
	assert_string_equal(why.code, "model-url");
	assert_null(llm);
	options.url = "no url";
	assert_int_equal(llm_open(&options, &llm, &why), -1);
	setenv("DAYBOOK_MODEL_KEY", "a\r\nX-Header: b", 1);
	assert_int_equal(secret_read(NULL, &secret, &why), -1);
	assert_string_equal(why.code, "model-key");
	setenv("DAYBOOK_MODEL_KEY", " sk-1 \n", 1);
	assert_int_equal(secret_read(NULL, &secret, &why), 0);
	assert_string_equal(secret, "sk-1");
	secret_free(&secret);
	assert_null(secret);
	unsetenv("DAYBOOK_MODEL_KEY");
	assert_int_equal(secret_read("", &secret, &why), 0);
	assert_null(secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_llm_works_with_a_damaged_cache),
		FAKE_TEST(test_llm_takes_nothing_but_what_was_asked_for),
		FAKE_TEST(test_llm_tries_again_what_may_pass),
		FAKE_TEST(test_llm_gives_up_on_a_question_after_three_tries),
		FAKE_TEST(test_llm_leaves_a_dead_model_alone),
		FAKE_TEST(test_llm_a_model_that_is_not_there_costs_seconds),
		FAKE_TEST(test_llm_a_model_that_says_nothing_is_waited_for_once),
		FAKE_TEST(test_llm_ends_when_nobody_waits_any_more),
		FAKE_TEST(test_llm_sends_its_key_from_a_file_that_only_we_can_read),
		FAKE_TEST(test_llm_refuses_keys_and_urls_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
