/* workqueue - order, grouping by company, drops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "workqueue.h"

static struct sock_msg *msg;

static void put(struct workqueue *queue, uint64_t token, const char *company, uint32_t rows)
{
	struct wire_work head = {.token = token,
				 .work = WORK_ROWS,
				 .tenant = span_text("t1"),
				 .company = span_text(company),
				 .rows = rows};

	workqueue_put(queue, &msg, &head);
}

static void put_kind(struct workqueue *queue, uint64_t token, enum wire_work_kind kind)
{
	struct wire_work head = {.token = token,
				 .work = kind,
				 .tenant = span_text("t1"),
				 .company = span_text("acme")};

	workqueue_put(queue, &msg, &head);
}

/* Takes a batch and checks its tokens, ended by 0. */
static void expect(struct workqueue *queue, const struct workqueue_wish *wish,
		   const uint64_t *tokens)
{
	struct workitem *taken[16] = {NULL};
	int n = workqueue_take(queue, wish, taken), i;

	for (i = 0; tokens[i] && taken[i]; i++) {
		assert_int_equal(taken[i]->head.token, tokens[i]);
		workqueue_done(queue, &taken[i]);
		assert_null(taken[i]);
	}
	assert_int_equal(tokens[i], 0);
	assert_int_equal(n, i);
}

static const struct workqueue_wish SINGLY = {.max_units = 1};
static const struct workqueue_wish TOGETHER = {.max_units = 8, .max_rows = 4000};

static void test_workqueue_gives_singly_in_order(void **state)
{
	struct workqueue queue = {0};

	(void)state;
	put(&queue, 1, "acme", 500);
	put_kind(&queue, 2, WORK_BEGIN);
	put(&queue, 3, "acme", 500);
	expect(&queue, &SINGLY, (uint64_t[]){1, 0});
	expect(&queue, &SINGLY, (uint64_t[]){2, 0});
	expect(&queue, &SINGLY, (uint64_t[]){3, 0});
	expect(&queue, &SINGLY, (uint64_t[]){0});
	workqueue_release(&queue);
}

static void test_workqueue_groups_rows_of_one_company(void **state)
{
	struct workqueue queue = {0};

	(void)state;
	put(&queue, 1, "acme", 500);
	put(&queue, 2, "other", 500);
	put(&queue, 3, "acme", 500);
	put_kind(&queue, 4, WORK_FINISH);
	put(&queue, 5, "acme", 500);
	expect(&queue, &TOGETHER, (uint64_t[]){1, 3, 5, 0});
	expect(&queue, &TOGETHER, (uint64_t[]){2, 0});
	expect(&queue, &TOGETHER, (uint64_t[]){4, 0});
	assert_int_equal(queue.n, 0);
	workqueue_release(&queue);
}

static void test_workqueue_keeps_to_units_and_rows(void **state)
{
	struct workqueue queue = {0};

	(void)state;
	for (uint64_t token = 1; token <= 10; token++)
		put(&queue, token, "acme", 100);
	expect(&queue, &TOGETHER, (uint64_t[]){1, 2, 3, 4, 5, 6, 7, 8, 0});
	expect(&queue, &TOGETHER, (uint64_t[]){9, 10, 0});
	put(&queue, 11, "acme", 5000);
	put(&queue, 12, "acme", 2500);
	put(&queue, 13, "acme", 2000);
	put(&queue, 14, "acme", 1500);
	expect(&queue, &TOGETHER, (uint64_t[]){11, 0});
	expect(&queue, &TOGETHER, (uint64_t[]){12, 14, 0});
	expect(&queue, &TOGETHER, (uint64_t[]){13, 0});
	workqueue_release(&queue);
}

static void test_workqueue_never_groups_other_kinds(void **state)
{
	struct workqueue queue = {0};

	(void)state;
	put_kind(&queue, 1, WORK_WRITE);
	put_kind(&queue, 2, WORK_WRITE);
	put(&queue, 3, "acme", 1);
	expect(&queue, &TOGETHER, (uint64_t[]){1, 0});
	expect(&queue, &TOGETHER, (uint64_t[]){2, 0});
	expect(&queue, &TOGETHER, (uint64_t[]){3, 0});
	workqueue_release(&queue);
}

static bool is_even(void *arg, const struct workitem *item)
{
	(void)arg;
	return item->head.token % 2 == 0;
}

static void test_workqueue_passes_over_what_is_not_ready(void **state)
{
	struct workqueue queue = {0};
	struct workqueue_wish even = {.max_units = 8, .max_rows = 4000, .is_ready = is_even};

	(void)state;
	put(&queue, 1, "acme", 1);
	put(&queue, 2, "acme", 1);
	put(&queue, 3, "acme", 1);
	put(&queue, 4, "acme", 1);
	assert_int_equal(workqueue_waiting(&queue, &even)->head.token, 1);
	expect(&queue, &even, (uint64_t[]){2, 4, 0});
	expect(&queue, &even, (uint64_t[]){0});
	put(&queue, 5, "acme", 1);
	expect(&queue, &TOGETHER, (uint64_t[]){1, 3, 5, 0});
	assert_null(workqueue_waiting(&queue, &even));
	workqueue_release(&queue);
}

static void test_workqueue_drops_by_token(void **state)
{
	struct workqueue queue = {0};

	(void)state;
	for (uint64_t token = 1; token <= 3; token++)
		put(&queue, token, "acme", 1);
	assert_false(workqueue_drop(&queue, 9));
	assert_true(
		workqueue_drop(&queue, 3)); /* the last: what is put next goes behind the rest */
	put(&queue, 4, "acme", 1);
	assert_true(workqueue_drop(&queue, 1));
	expect(&queue, &TOGETHER, (uint64_t[]){2, 4, 0});
	put(&queue, 5, "acme", 1);
	workqueue_clear(&queue);
	assert_int_equal(queue.n, 0);
	expect(&queue, &TOGETHER, (uint64_t[]){0});
	workqueue_release(&queue);
}

static int setup(void **state)
{
	(void)state;
	msg = sock_msg_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sock_msg_release(&msg);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workqueue_gives_singly_in_order),
		cmocka_unit_test(test_workqueue_groups_rows_of_one_company),
		cmocka_unit_test(test_workqueue_keeps_to_units_and_rows),
		cmocka_unit_test(test_workqueue_never_groups_other_kinds),
		cmocka_unit_test(test_workqueue_passes_over_what_is_not_ready),
		cmocka_unit_test(test_workqueue_drops_by_token),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
