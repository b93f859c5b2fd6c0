#include "unit.h"

#include <time.h>

#include "recent.h"

#define ONE   "job_01JD8Z000000000000000000A1"
#define OTHER "job_01JD8Z000000000000000000B2"

static struct id id_of(const char *text)
{
	struct id id;

	assert_int_equal(id_job_read(span_text(text), &id), 0);
	return id;
}

static void keep(struct recent *recent, const char *job, const char *status, uint64_t change)
{
	struct wire_job record = {.id = span_text(job),
				  .tenant = span_text("t1"),
				  .status = span_text(status),
				  .change = change};

	recent_keep(recent, &record, span_text("{\"a\":1}"));
}

static void test_recent_tells_again_what_it_was_given(void **state)
{
	struct recent *recent = recent_new();
	struct recent_answer *found;

	(void)state;
	assert_null(recent_find(recent, id_of(ONE)));
	keep(recent, ONE, "running", 7);
	found = recent_find(recent, id_of(ONE));
	assert_non_null(found);
	assert_string_equal(found->tenant, "t1");
	assert_string_equal(found->json.at, "{\"a\":1}");
	assert_non_null(strchr(found->tag, '7'));
	assert_null(recent_find(recent, id_of(OTHER)));
	recent_free(&recent);
	assert_null(recent);
	recent_free(&recent);
}

static void test_recent_forgets_what_has_changed(void **state)
{
	struct recent *recent = recent_new();

	(void)state;
	keep(recent, ONE, "running", 1);
	keep(recent, OTHER, "complete", 2);
	recent_forget(recent, id_of(ONE));
	assert_null(recent_find(recent, id_of(ONE)));
	assert_non_null(recent_find(recent, id_of(OTHER)));
	recent_free(&recent);
}

static void test_recent_forgets_by_itself(void **state)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct recent *recent = recent_new();
	int ms = 0;

	(void)state;
	keep(recent, ONE, "running", 1);
	for (; recent_find(recent, id_of(ONE)) && ms < 10 * RECENT_MS; ms++)
		nanosleep(&pause, NULL);
	assert_in_range(ms, 1, 10 * RECENT_MS - 1);
	recent_free(&recent);
}

/* Its place in the queue moves without a change number. */
static void test_recent_does_not_keep_a_pending_job(void **state)
{
	struct recent *recent = recent_new();

	(void)state;
	keep(recent, ONE, "pending", 1);
	assert_null(recent_find(recent, id_of(ONE)));
	recent_free(&recent);
}

static void test_recent_holds_one_response_for_all(void **state)
{
	struct recent *recent = recent_new();
	struct recent_answer *found;

	(void)state;
	keep(recent, ONE, "running", 1);
	found = recent_find(recent, id_of(ONE));
	found->response = MHD_create_response_from_buffer(2, "{}", MHD_RESPMEM_MUST_COPY);
	assert_ptr_equal(recent_find(recent, id_of(ONE))->response, found->response);
	keep(recent, ONE, "running", 2); /* and lets go of it: the sanitizers would tell */
	assert_null(recent_find(recent, id_of(ONE))->response);
	recent_free(&recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recent_tells_again_what_it_was_given),
		cmocka_unit_test(test_recent_forgets_what_has_changed),
		cmocka_unit_test(test_recent_forgets_by_itself),
		cmocka_unit_test(test_recent_does_not_keep_a_pending_job),
		cmocka_unit_test(test_recent_holds_one_response_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
