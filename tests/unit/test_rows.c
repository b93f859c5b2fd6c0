/* rows, arena, crash: what a unit of work is kept in, and where it may be made to die. */
#include "unit.h"

#include <signal.h>
#include <sys/wait.h>

#include "arena.h"
#include "buf.h"
#include "crash.h"
#include "mem.h"
#include "rows.h"

static void test_rows_add_gives_rows_of_zeros(void **state)
{
	struct rows *rows = rows_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < ROWS_MAX * 2 + 1; i++) {
			assert_int_equal(rows_add(rows), i);
			assert_int_equal(rows->amount_minor[i], 0);
			assert_int_equal(rows->detail[i].len, 0);
			assert_int_equal(rows->currency[i].code[0], 0);
			rows->amount_minor[i] = -1;
			rows->detail[i].len = 7;
			rows->currency[i].code[0] = 'E';
		}
		rows_clear(rows);
		assert_int_equal(rows->n, 0);
		assert_int_equal(rows->text_len, 0);
	}
	rows_free(&rows);
	assert_null(rows);
	rows_free(&rows);
}

static void test_rows_text_survives_growth_and_its_own_heap(void **state)
{
	struct rows *rows = rows_new();
	struct text_ref ref = rows_text(rows, span_text("seed")), first = ref;
	struct text_ref empty = rows_text(rows, span_of(NULL, 0));

	(void)state;
	assert_true(empty.off == 0 && empty.len == 0);
	for (int i = 0; i < 17; i++) {
		struct span doubled = rows_span(rows, ref);

		ref = rows_text(rows, doubled); /* from the heap that it is added to */
		rows_text(rows, span_text("-"));
		ref.off = 0;
		ref.len = rows->text_len;
	}
	assert_true(rows->text_len > 4u << 17);
	assert_true(span_is(rows_span(rows, first), "seed"));
	assert_int_equal(memcmp(rows->text + 4, "seed-seedseed-", 14), 0);
	rows_free(&rows);
}

static void test_rows_copy_takes_all_or_what_goes_on(void **state)
{
	struct rows *from = rows_new(), *to = rows_new();
	uint32_t i = rows_add(from);

	(void)state;
	from->line[i] = 12;
	from->amount_minor[i] = -500;
	from->raw[i] = rows_text(from, span_text("a;b"));
	from->description[i] = rows_text(from, span_text("shop"));
	from->reason[i] = rows_text(from, span_text("why"));
	from->detail[i] = rows_text(from, span_text("because"));
	rows_copy(to, from, i, false);
	rows_copy(to, from, i, true);
	assert_int_equal(to->n, 2);
	assert_int_equal(to->amount_minor[1], -500);
	assert_true(span_is(rows_span(to, to->raw[0]), "a;b"));
	assert_true(span_is(rows_span(to, to->detail[0]), "because"));
	assert_true(span_is(rows_span(to, to->description[1]), "shop"));
	assert_int_equal(to->raw[1].len + to->reason[1].len + to->detail[1].len, 0);
	rows_free(&from);
	rows_free(&to);
}

static void test_rows_reject_keeps_the_first_reason(void **state)
{
	struct rows *rows = rows_new();
	struct buf euros = {0};
	uint32_t i = rows_add(rows), k = rows_add(rows);

	(void)state;
	rows_reject(rows, i, "date-syntax", "\"%s\" is no date", "32.1.");
	rows_reject(rows, i, "amount-empty", "nothing");
	assert_int_equal(rows->state[i], ROW_REJECTED);
	assert_true(span_is(rows_span(rows, rows->reason[i]), "date-syntax"));
	assert_true(span_is(rows_span(rows, rows->detail[i]), "\"32.1.\" is no date"));
	for (int n = 0; n < 190; n++)
		buf_text(&euros, "\xe2\x82\xac");
	rows_reject(rows, k, "row-too-long", "x%s", euros.at);
	buf_release(&euros);
	assert_true(span_is_utf8(rows_span(rows, rows->detail[k])));
	assert_true(rows->detail[k].len > 500);
	assert_string_equal(row_source_name(SOURCE_LLM), "llm");
	assert_string_equal(row_source_name(200), "none");
	rows_free(&rows);
}

static void test_rows_resize_zeroes(void **state)
{
	struct rows *rows = rows_new();

	(void)state;
	rows_add(rows);
	rows->line[0] = 5;
	rows_resize(rows, 3);
	assert_int_equal(rows->n, 3);
	assert_int_equal(rows->line[0] + rows->line[2], 0);
	rows_resize(rows, 0);
	rows_free(&rows);
}

static void test_arena_keeps_what_it_gave_until_reset(void **state)
{
	struct arena a = {0};
	char *texts[1000];
	void *big;

	(void)state;
	arena_reset(&a);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++) {
			char text[32];

			snprintf(text, sizeof text, "text %d", i);
			texts[i] = arena_text(&a, span_text(text));
			assert_int_equal((uintptr_t)arena_get(&a, 1 + (size_t)i) % 16, 0);
		}
		big = arena_get(&a, 1 << 20);
		memset(big, 1, 1 << 20);
		assert_string_equal(texts[0], "text 0");
		assert_string_equal(texts[999], "text 999");
		arena_reset(&a);
	}
	assert_true(span_is(arena_copy(&a, span_text("abc")), "abc"));
	assert_string_equal(arena_text(&a, span_of(NULL, 0)), "");
	arena_release(&a);
	assert_null(a.first);
}

/* How a child ends that passes "a", "b", "b", "b" armed with `point`: steps passed, or the signal.
 */
static int end_of(const char *point)
{
	static const char *const steps[] = {"done.before", "done.after", "done.after",
					    "done.after"};
	int status, passed[2], n = 0;
	pid_t pid;
	char byte;

	assert_int_equal(pipe(passed), 0);
	pid = fork();
	if (pid == 0) {
		if (crash_arm(point) != 0)
			_exit(2);
		for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
			crash_at(steps[i]);
			if (write(passed[1], "x", 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	close(passed[1]);
	waitpid(pid, &status, WUNTRACED);
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(passed[0]);
		return -WSTOPSIG(status);
	}
	while (read(passed[0], &byte, 1) == 1)
		n++;
	close(passed[0]);
	assert_int_equal(WEXITSTATUS(status), n == 4 ? 0 : 137);
	return n;
}

static void test_crash_ends_the_process_where_it_was_told(void **state)
{
	(void)state;
	assert_int_equal(end_of(NULL), 4);
	assert_int_equal(end_of(""), 4);
	assert_int_equal(end_of("fail.before"), 4);
	assert_int_equal(end_of("done.before"), 0);
	assert_int_equal(end_of("done.after"), 1);
	assert_int_equal(end_of("done.after:2"), 2);
	assert_int_equal(end_of("done.after:3"), 3);
	assert_int_equal(end_of("done.after:4"), 4);
	assert_int_equal(end_of("always=done.after:2"), 2);
	assert_int_equal(end_of("stop=done.after"), -SIGSTOP);
	assert_int_equal(crash_arm("no.such.point"), -1);
	crash_arm(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_add_gives_rows_of_zeros),
		cmocka_unit_test(test_rows_text_survives_growth_and_its_own_heap),
		cmocka_unit_test(test_rows_copy_takes_all_or_what_goes_on),
		cmocka_unit_test(test_rows_reject_keeps_the_first_reason),
		cmocka_unit_test(test_rows_resize_zeroes),
		cmocka_unit_test(test_arena_keeps_what_it_gave_until_reset),
		cmocka_unit_test(test_crash_ends_the_process_where_it_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
