/* fault and log: what is said when something goes wrong. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>

#include "buf.h"
#include "fault.h"
#include "log.h"
#include "mem.h"
#include "span.h"

static void test_fault_set_fills_all_and_returns_minus_one(void **state)
{
	struct fault why = {.row = 9, .hint = "old"};

	(void)state;
	assert_int_equal(fault_set(&why, FAULT_INPUT, "date-syntax", "line %d is odd", 7), -1);
	assert_int_equal(why.class, FAULT_INPUT);
	assert_string_equal(why.code, "date-syntax");
	assert_string_equal(why.text, "line 7 is odd");
	assert_string_equal(why.hint, "");
	assert_int_equal(why.row, 0);
	assert_int_equal(fault_hint(&why, "try %s", "again"), -1);
	assert_string_equal(why.hint, "try again");
	assert_int_equal(fault_set(NULL, FAULT_JOB, "x", "y"), -1);
	assert_int_equal(fault_hint(NULL, "x"), -1);
}

static void test_fault_text_is_cut_between_characters(void **state)
{
	struct fault why;
	struct buf text = {0};

	(void)state;
	for (size_t i = 0; i < 100; i++)
		buf_text(&text, "\xe2\x82\xac");
	for (int shift = 0; shift < 3; shift++) {
		fault_set(&why, FAULT_JOB, text.at, "%.*s%s", shift, "xx", text.at);
		fault_hint(&why, "%.*s%s", shift, "xx", text.at);
		assert_true(strlen(why.text) >= sizeof why.text - 4);
		assert_true(span_is_utf8(span_text(why.text)));
		assert_true(span_is_utf8(span_text(why.hint)));
		assert_true(strlen(why.code) < sizeof why.code);
	}
	buf_release(&text);
}

static void test_fault_errno_knows_what_passes(void **state)
{
	static const struct {
		int error;
		enum fault_class class;
		const char *code;
	} cases[] = {{ENOSPC, FAULT_RETRY, "disk-full"}, {EDQUOT, FAULT_RETRY, "disk-full"},
		     {EIO, FAULT_RETRY, "io"},		 {EMFILE, FAULT_RETRY, "io"},
		     {EAGAIN, FAULT_RETRY, "io"},	 {ENOENT, FAULT_JOB, "io"},
		     {EACCES, FAULT_JOB, "io"},		 {ENOMEM, FAULT_RETRY, "io"}};
	struct fault why;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		errno = cases[i].error;
		assert_int_equal(fault_errno(&why, "open it"), -1);
		assert_int_equal(errno, cases[i].error);
		assert_int_equal(why.class, cases[i].class);
		assert_string_equal(why.code, cases[i].code);
		assert_non_null(strstr(why.text, "open it: "));
	}
	assert_string_equal(fault_class_name(FAULT_RETRY), "retry");
	assert_string_equal(fault_class_name((enum fault_class)77), "none");
}

/* What `say` writes to standard error. */
static char *heard(void (*say)(void))
{
	static char text[8192];
	int ends[2], before = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	say();
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[1]);
	n = read(ends[0], text, sizeof text - 1);
	close(ends[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void say_forged(void)
{
	log_info("name %s", "x\n2026-01-01T00:00:00.000Z error broker[1] fire\x1b[2J");
}

static void say_levels(void)
{
	log_error("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
}

static void say_long(void)
{
	char text[5000];

	memset(text, '\n', sizeof text);
	text[sizeof text - 1] = '\0';
	log_error("%s", text);
}

static void say_fault(void)
{
	struct fault why;

	fault_set(&why, FAULT_RETRY, "disk-full", "no room");
	fault_hint(&why, "make some");
	log_fault(LOG_WARN, "storing", &why);
}

static int lines_of(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_log_writes_one_line_whatever_the_text(void **state)
{
	const char *text;

	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_open("unit", "info");
	text = heard(say_forged);
	assert_int_equal(lines_of(text), 1);
	assert_non_null(strstr(text, "Z info unit["));
	assert_non_null(strstr(text, "x\\x0a2026"));
	assert_null(strchr(text, '\x1b'));
	assert_int_equal(lines_of(heard(say_long)), 1);
	assert_non_null(strstr(heard(say_fault), "warn unit["));
	assert_non_null(strstr(heard(say_fault), "storing: no room (disk-full); make some\n"));
}

static void test_log_keeps_to_its_level(void **state)
{
	static const struct {
		const char *level;
		int lines;
	} cases[] = {{"error", 1}, {"warn", 2}, {"info", 3}, {"debug", 4}, {NULL, 3}, {"loud", 3}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		log_open("unit", cases[i].level);
		assert_int_equal(lines_of(heard(say_levels)), cases[i].lines);
	}
}

static void test_log_leaves_the_time_to_systemd(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_open("unit", "error");
	assert_int_equal(strncmp(heard(say_levels), "error unit[", 11), 0);
	unsetenv("JOURNAL_STREAM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fault_set_fills_all_and_returns_minus_one),
		cmocka_unit_test(test_fault_text_is_cut_between_characters),
		cmocka_unit_test(test_fault_errno_knows_what_passes),
		cmocka_unit_test(test_log_writes_one_line_whatever_the_text),
		cmocka_unit_test(test_log_keeps_to_its_level),
		cmocka_unit_test(test_log_leaves_the_time_to_systemd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
