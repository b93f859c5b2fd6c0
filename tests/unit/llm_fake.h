/*
 * llm_fake - tests/fake_model.py as a process of the test's, and rows for it.
 *
 * Shape    header only. fake_setup and fake_teardown are cmocka's: one fake and one folder for each
 *          test.
 */
#ifndef DAYBOOK_TESTS_LLM_FAKE_H
#define DAYBOOK_TESTS_LLM_FAKE_H

#include "unit.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "buf.h"
#include "clock.h"
#include "llm.h"

#define CHART                                                                                      \
	"Assets:Bank:Checking\nAssets:Bank:Savings ; put aside\nLiabilities:CreditCard\n"          \
	"Income:Sales ; customers\nIncome:Gifts\nIncome:Uncategorised\n"                           \
	"Expenses:Food ; what we eat\nExpenses:Transport\nExpenses:Home\nExpenses:Shopping\n"      \
	"Expenses:Uncategorised\n"

struct fake {
	pid_t pid;
	int in; /* closing it ends the process */
	int port;
	char dir[UNIT_PATH], url[100];
};

/* ---- the fake and its pages ---- */

static inline void fake_spawn(struct fake *fake, const char *key, const char *delay_ms)
{
	int in[2], out[2];
	char line[16] = "";

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	fake->pid = fork();
	assert_true(fake->pid >= 0);
	if (fake->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl("/usr/bin/python3", "python3", "tests/fake_model.py", "--key", key,
		      "--delay-ms", delay_ms, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	fake->in = in[1];
	FILE *file = fdopen(out[0], "r");

	assert_non_null(fgets(line, sizeof line, file)); /* it listens */
	fclose(file);
	fake->port = atoi(line);
	snprintf(fake->url, sizeof fake->url, "http://127.0.0.1:%d/v1/chat/completions",
		 fake->port);
}

static inline void fake_end(struct fake *fake)
{
	if (fake->pid <= 0)
		return;
	close(fake->in);
	waitpid(fake->pid, NULL, 0);
	fake->pid = 0;
}

static inline int fake_setup(void **state)
{
	struct fake *fake = calloc(1, sizeof *fake);

	unit_mkdir(fake->dir);
	fake_spawn(fake, "", "5000");
	*state = fake;
	return 0;
}

static inline int fake_teardown(void **state)
{
	struct fake *fake = *state;

	fake_end(fake);
	unit_rmdir(fake->dir);
	free(fake);
	return 0;
}

static inline size_t fake_page_bytes(char *bytes, size_t size, size_t n, void *page)
{
	buf_add(page, bytes, size * n);
	return size * n;
}

static inline char *fake_page(const struct fake *fake, const char *path)
{
	struct buf text = {0};
	char url[200];
	CURL *easy = curl_easy_init();

	snprintf(url, sizeof url, "http://127.0.0.1:%d/%s", fake->port, path);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, fake_page_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &text);
	assert_int_equal(curl_easy_perform(easy), CURLE_OK);
	curl_easy_cleanup(easy);
	return text.at;
}

static inline void fake_mode(const struct fake *fake, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "mode/%s", name);
	free(fake_page(fake, path));
}

static inline unsigned fake_count(const struct fake *fake)
{
	char *text = fake_page(fake, "count");
	unsigned n = (unsigned)atoi(strchr(text, ':') + 1);

	free(text);
	return n;
}

/* ---- one llm and rows for it ---- */

static inline struct llm *open_llm(const struct fake *fake, uint32_t in_flight, uint32_t timeout_ms)
{
	char cache[UNIT_PATH + 8];
	struct llm_options options = {.url = fake->url,
				      .model = "fake-1",
				      .cache_dir = cache,
				      .timeout_ms = timeout_ms,
				      .questions_in_flight = in_flight};
	struct llm *llm = NULL;
	struct fault why = {0};

	snprintf(cache, sizeof cache, "%s/llm", fake->dir);
	if (llm_open(&options, &llm, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
	assert_true(llm_has_model(llm));
	return llm;
}

static inline void add_row(struct rows *rows, const char *description, int64_t minor)
{
	uint32_t i = rows_add(rows);

	rows->description[i] = rows_text(rows, span_text(description));
	rows->bank[i] = rows_text(rows, span_text("Assets:Bank:Checking"));
	rows->amount_minor[i] = minor;
}

static inline struct llm_report ask(struct llm *llm, struct rows *rows)
{
	const struct llm_company t1 = {span_text("t1"), span_text(CHART)};
	struct llm_report report;

	llm_ask(llm, &t1, rows, NULL, NULL, &report);
	return report;
}

static inline void is_account(const struct rows *rows, uint32_t i, const char *account)
{
	char has[100];

	span_copy(rows_span(rows, rows->account[i]), has, sizeof has);
	assert_string_equal(has, account);
}

static inline void add_many(struct rows *rows, int n)
{
	char text[32];

	for (int i = 0; i < n; i++) {
		snprintf(text, sizeof text, "coffee %c%c", 'a' + i / 26, 'a' + i % 26);
		add_row(rows, text, -100);
	}
}

#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

#endif
