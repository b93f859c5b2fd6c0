#include "unit.h"

#include <signal.h>
#include <sys/stat.h>

#include "config.h"
#include "mem.h"

#define ETC "etc" /* read from the root of the repository */

struct place {
	char dir[UNIT_PATH], file[UNIT_PATH + 32];
};

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	unsetenv("DAYBOOK_CONFIG");
	unit_mkdir(p->dir);
	snprintf(p->file, sizeof(p->file), "%s/daybook.conf", p->dir);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	unit_rmdir(p->dir);
	free(p);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct config *load(const char *path)
{
	struct config *config = NULL;
	struct fault why = {0};

	if (config_load_with(ETC, path, NULL, NULL, &config, &why) != 0)
		fail_msg("%s", why.text);
	return config;
}

static struct config *load_text(struct place *p, const char *text)
{
	write_file(p->file, text);
	return load(p->file);
}

static void test_config_the_defaults_are_the_file_that_documents_them(void **state)
{
	struct config *config = load(NULL);
	const struct config_pipeline *p = config_pipeline(config, "upload-and-categorize");
	const struct config_stage *stage;
	uint32_t shares = 0;

	(void)state;
	assert_string_equal(config->listen, "127.0.0.1:8080");
	assert_string_equal(config->currency, "USD");
	assert_int_equal(config->retention_s, 86400);
	assert_int_equal(config->max_bytes, 1073741824);
	assert_int_equal(config->confidence_ppm, 800000);
	assert_null(config->keys_file);
	assert_null(config->model.url);
	assert_non_null(p);
	assert_int_equal(p->n_steps, 6);
	for (uint32_t i = 0; i < p->n_steps; i++)
		shares += p->steps[i].share;
	assert_int_equal(shares, 100);
	assert_true(p->builtin && p->steps[0].begin && p->steps[5].finish);
	assert_string_equal(p->steps[3].verb, "Processing transaction");
	stage = config_stage(config, "insert");
	assert_int_equal(stage->kind, STAGE_EFFECT);
	assert_int_equal(stage->credit, 8);
	assert_int_equal(stage->lease_ms, 10000);
	assert_true(stage->builtin);
	p = config_pipeline(config, "categorize");
	assert_int_equal(p->base, 20);
	assert_int_equal(p->span, 70);
	assert_null(config_pipeline(config, "nothing"));
	assert_null(config_stage(config, "nothing"));
	config_free(&config);
	assert_null(config);
	config_free(&config);
}

static void test_config_each_key_needs_its_default(void **state)
{
	struct place *p = *state;
	struct config *config = NULL;
	struct fault why = {0};

	write_file(p->file, "data = \"./d\"\nlisten = \"127.0.0.1:0\"\ncurrency = USD\n");
	assert_int_equal(config_load_with(p->dir, NULL, NULL, NULL, &config, &why), -1);
	assert_string_equal(why.code, "config-default");
	assert_non_null(strstr(why.text, "log has no default"));
	assert_null(config);
}

static void test_config_a_users_file_holds_only_what_differs(void **state)
{
	struct config *config = load_text(*state, "currency = EUR\n"
						  "limits\n"
						  "    max_rows = 10\n"
						  "pipelines\n"
						  "    categorize\n"
						  "        rules\n"
						  "            workers = 3\n"
						  "    mine\n"
						  "        words\n"
						  "            kind = source\n"
						  "            share = 60\n"
						  "            command = \"./words -v\"\n"
						  "        rules\n"
						  "            share = 40\n");
	const struct config_pipeline *p = config_pipeline(config, "mine");

	assert_string_equal(config->currency, "EUR");
	assert_int_equal(config->max_rows, 10);
	assert_int_equal(config->retention_s, 86400);
	assert_int_equal(config->n_pipelines, 3);
	assert_int_equal(config_pipeline(config, "categorize")->n_steps, 4);
	assert_int_equal(config_stage(config, "rules")->workers, 3);
	assert_true(config_stage(config, "rules")->builtin);
	assert_int_equal(p->n_steps, 2);
	assert_false(p->builtin);
	assert_int_equal(p->span, 100);
	assert_ptr_equal(&config->stages[p->steps[1].stage], config_stage(config, "rules"));
	assert_string_equal(config_stage(config, "words")->command, "./words -v");
	assert_false(config_stage(config, "words")->builtin);
	config_free(&config);
}

static const struct {
	const char *text, *code, *word;
} refused[] = {
	{"colour = red\n", "config-unknown-key", "colour"},
	{"limits\n    max_row = 1\n", "config-unknown-key", "max_row"},
	{"model\n    listen = x\n", "config-unknown-key", "listen"},
	{"pipelines\n    categorize\n        rules\n            colour = 1\n", "config-unknown-key",
	 "colour"},
	{"limits\n    retention_s = 0\n", "config-number", "retention_s"},
	{"limits\n    retention_s = -1\n", "config-number", "retention_s"},
	{"limits\n    retention_s = 1h\n", "config-number", "retention_s"},
	{"limits\n    window_units = 99999999999999999999\n", "config-number", "window_units"},
	{"limits\n    confidence = 1.5\n", "config-number", "confidence"},
	{"limits\n    confidence = nan\n", "config-number", "confidence"},
	{"limits\n    confidence = 0.5x\n", "config-number", "confidence"},
	{"currency = Euro\n", "config-currency", "Euro"},
	{"currency = eur\n", "config-currency", "eur"},
	{"log = loud\n", "config-text", "log"},
	{"data = \"\"\n", "config-text", "data"},
	{"pipelines\n    a.b\n        rules\n", "config-name", "a.b"},
	{"pipelines\n    mine\n        a/b\n            kind = source\n", "config-name", "a/b"},
	{"pipelines\n    mine\n", "config-pipeline", "mine"},
	{"pipelines\n    mine\n        rules\n            share = 1\n", "config-pipeline",
	 "source"},
	{"pipelines\n    mine\n        a\n            kind = sink\n", "config-kind", "a"},
	{"pipelines\n    mine\n        a\n            kind = source\n            credit = "
	 "65\n",
	 "config-number", "credit"},
	{"pipelines\n    mine\n        a\n            kind = source\n            share = "
	 "101\n",
	 "config-number", "share"},
	{"pipelines\n    categorize\n        rules\n            share = 90\n", "config-pipeline",
	 "shares"},
	{"pipelines\n    categorize\n        rules\n            finish = 1\n", "config-pipeline",
	 "finish"},
	{"pipelines\n    categorize\n        base = 40\n", "config-pipeline", "base"},
	{"pipelines\n    categorize\n        rules\n            verb = "
	 "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"\n",
	 "config-text", "verb"},
	{"  odd\n      indents = 1\n", "config-syntax", "ZPL"},
};

static void test_config_refuses_naming_the_key(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct config *config = NULL;
		struct fault why = {0};

		write_file(p->file, refused[i].text);
		if (config_load_with(ETC, p->file, NULL, NULL, &config, &why) != -1)
			fail_msg("%s is taken", refused[i].text);
		if (strcmp(why.code, refused[i].code) != 0 || !strstr(why.text, refused[i].word) ||
		    !strstr(why.text, p->file))
			fail_msg("%s: %s (%s)", refused[i].text, why.text, why.code);
		assert_int_equal(why.class, FAULT_INPUT);
		assert_null(config);
	}
}

static void test_config_refuses_files_that_cannot_be_one(void **state)
{
	struct place *p = *state;
	struct config *config = NULL;
	struct fault why = {0};
	char *big = xmalloc(70000);

	assert_int_equal(config_load_with(ETC, p->file, NULL, NULL, &config, &why), -1);
	assert_string_equal(why.code, "config-missing");
	assert_int_equal(config_load_with(ETC, p->dir, NULL, NULL, &config, &why), -1);
	assert_string_equal(why.code, "config-size");
	memset(big, '#', 70000);
	big[69999] = '\0';
	write_file(p->file, big);
	assert_int_equal(config_load_with(ETC, p->file, NULL, NULL, &config, &why), -1);
	assert_string_equal(why.code, "config-size");
	assert_int_equal(config_load_with(p->dir, NULL, NULL, NULL, &config, &why), -1);
	big[9] = '\0'; /* a NUL within the file */
	FILE *file = fopen(p->file, "w");

	assert_int_equal(fwrite(big, 1, 20, file), 20);
	fclose(file);
	assert_int_equal(config_load_with(ETC, p->file, NULL, NULL, &config, &why), -1);
	assert_string_equal(why.code, "config-size");
	free(big);
}

static void test_config_finds_the_users_file_and_obeys_the_command_line(void **state)
{
	struct place *p = *state;
	struct config *config = NULL;
	struct fault why;
	char other[UNIT_PATH + 32], endpoint[256], expected[UNIT_PATH + 64];

	write_file(p->file, "currency = CHF\nlisten = \"127.0.0.1:1\"\n");
	assert_int_equal(config_load_with(ETC, NULL, p->dir, NULL, &config, &why), 0);
	assert_string_equal(config->currency, "CHF");
	assert_string_equal(config->listen, "127.0.0.1:1");
	assert_string_equal(config->data, p->dir);
	assert_non_null(strstr(config->bin, "/"));
	config_endpoint(config, "work", endpoint);
	snprintf(expected, sizeof(expected), "ipc://%s/run/work.ipc", p->dir);
	assert_string_equal(endpoint, expected);
	config_free(&config);
	snprintf(other, sizeof(other), "%s/other.conf", p->dir);
	write_file(other, "currency = SEK\n");
	setenv("DAYBOOK_CONFIG", other, 1);
	assert_int_equal(config_load_with(ETC, NULL, p->dir, "127.0.0.1:2", &config, &why), 0);
	assert_string_equal(config->currency, "SEK");
	assert_string_equal(config->listen, "127.0.0.1:2");
	config_free(&config);
	assert_int_equal(config_load_with(ETC, p->file, NULL, NULL, &config, &why), 0);
	assert_string_equal(config->currency, "CHF");
	config_free(&config);
	unsetenv("DAYBOOK_CONFIG");
}

/* zconfig belongs to a library that likes to take signals and to start threads. */
static void test_config_leaves_signals_and_threads_alone(void **state)
{
	struct sigaction before, after;
	struct config *config;
	struct stat st;

	(void)state;
	sigaction(SIGTERM, NULL, &before);
	config = load(NULL);
	config_free(&config);
	sigaction(SIGTERM, NULL, &after);
	assert_ptr_equal(before.sa_handler, after.sa_handler);
	assert_int_equal(stat("/proc/self/task", &st), 0);
	assert_int_equal(st.st_nlink, 3); /* ".", ".." and this thread */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_config_the_defaults_are_the_file_that_documents_them),
		TEST(test_config_each_key_needs_its_default),
		TEST(test_config_a_users_file_holds_only_what_differs),
		TEST(test_config_refuses_naming_the_key),
		TEST(test_config_refuses_files_that_cannot_be_one),
		TEST(test_config_finds_the_users_file_and_obeys_the_command_line),
		TEST(test_config_leaves_signals_and_threads_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
