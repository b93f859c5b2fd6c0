/* test_jobstore - lists of jobs, and how many there are, without a look at every record. */
#include "unit.h"

#include "jobstore.h"
#include "mem.h"

#define JOBS	  2500 /* more than one call looks at */
#define FAILED_AT 7    /* the only one that failed: among the oldest */

struct fixture {
	char dir[UNIT_PATH];
	struct config config;
	struct jobstore *store;
	struct id found[JOBS];
	uint32_t n, limit;
};

static struct id id_at(uint32_t i)
{
	return (struct id){.bytes = {1, [14] = (uint8_t)(i >> 8), [15] = (uint8_t)i}};
}

static struct job *job_make(struct fixture *f, uint32_t i)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->id = id_at(i);
	job->pipeline = &f->config.pipelines[0];
	snprintf(job->type, sizeof(job->type), "upload");
	snprintf(job->tenant, sizeof(job->tenant), i % 2 ? "odd" : "even");
	snprintf(job->company, sizeof(job->company), i % 5 ? "acme" : "fifth");
	job->status = i == FAILED_AT ? JOB_FAILED : JOB_COMPLETE;
	job->change = job->created_ms = i + 1;
	job->fresh = job->promised = true;
	record_tell(job, &f->config);
	return job;
}

static void job_drop(struct job **job)
{
	buf_release(&(*job)->record);
	buf_release(&(*job)->result);
	buf_release(&(*job)->meta);
	buf_release(&(*job)->key);
	free(*job);
	*job = NULL;
}

static void commit(struct fixture *f, struct job *jobs)
{
	struct fault why;

	if (jobstore_commit(f->store, jobs, NULL, &why) != 0)
		fail_msg("commit: %s", why.text);
}

static void reopen(struct fixture *f)
{
	struct fault why;
	uint32_t epoch;

	jobstore_close(&f->store);
	if (jobstore_open(f->dir, &f->config, false, &f->store, &epoch, &why) != 0)
		fail_msg("open: %s", why.text);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct config_pipeline *p = &f->config.pipelines[0];
	struct job *jobs = NULL;

	unit_mkdir(f->dir);
	f->config.n_stages = p->n_steps = f->config.n_pipelines = 1;
	snprintf(p->name, sizeof(p->name), "upload");
	snprintf(f->config.stages[0].name, sizeof(f->config.stages[0].name), "parse");
	p->steps[0].share = 100;
	reopen(f);
	for (uint32_t i = 0; i < JOBS; i++) {
		struct job *job = job_make(f, i);

		job->dirty_next = jobs;
		jobs = job;
	}
	commit(f, jobs);
	while (jobs) {
		struct job *next = jobs->dirty_next;

		job_drop(&jobs);
		jobs = next;
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	jobstore_close(&f->store);
	unit_rmdir(f->dir);
	free(f);
	return 0;
}

static bool take(void *arg, struct span record)
{
	struct fixture *f = arg;
	struct wire_msg msg;

	if (f->n == f->limit)
		return false;
	assert_int_equal(wire_decode(record, &msg, NULL), 0);
	assert_int_equal(id_job_read(msg.job.id, &f->found[f->n++]), 0);
	return true;
}

/* All that match, call by call; how many calls that took. */
static int list_all(struct fixture *f, struct wire_list query, uint32_t limit)
{
	struct list_end end = {.more = true};
	struct fault why;
	int calls = 0;

	f->n = 0;
	while (end.more) {
		query.before = end.last;
		f->limit = f->n + limit;
		assert_int_equal(jobstore_list(f->store, &query, take, f, &end, &why), 0);
		assert_true(++calls < JOBS);
	}
	return calls;
}

static void test_jobstore_list_gives_each_once_newest_first(void **state)
{
	struct fixture *f = *state;

	list_all(f, (struct wire_list){0}, 170);
	assert_int_equal(f->n, JOBS);
	for (uint32_t i = 0; i < JOBS; i++)
		assert_int_equal(id_compare(f->found[i], id_at(JOBS - 1 - i)), 0);
	list_all(f, (struct wire_list){.tenant = span_text("odd"), .company = span_text("fifth")},
		 9);
	assert_int_equal(f->n, JOBS / 10);
	for (uint32_t i = 0; i < f->n; i++)
		assert_int_equal(id_compare(f->found[i], id_at(JOBS - 5 - 10 * i)), 0);
}

static void test_jobstore_list_that_matches_little_stops_and_goes_on(void **state)
{
	static const char *const tenants[] = {"", "odd"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(tenants); i++) {
		struct wire_list query = {.tenant = span_text(tenants[i]),
					  .status = span_text("failed")};
		struct list_end end;
		struct fault why;

		f->n = 0;
		f->limit = JOBS;
		assert_int_equal(jobstore_list(f->store, &query, take, f, &end, &why), 0);
		assert_int_equal(end.more, *tenants[i] == '\0'); /* a tenant has half of them */
		assert_int_equal(list_all(f, query, JOBS), *tenants[i] ? 1 : 2);
		assert_int_equal(f->n, 1);
		assert_int_equal(id_compare(f->found[0], id_at(FAILED_AT)), 0);
	}
}

static void expect(struct fixture *f, const char *tenant, uint64_t complete, uint64_t failed)
{
	uint64_t n[JOB_CANCELLED + 1];

	jobstore_tally(f->store, span_text(tenant), n);
	assert_int_equal(n[JOB_COMPLETE], complete);
	assert_int_equal(n[JOB_FAILED], failed);
	assert_int_equal(n[JOB_PENDING] + n[JOB_RUNNING] + n[JOB_CANCELLED], 0);
}

static void test_jobstore_tally_follows_what_is_stored(void **state)
{
	struct fixture *f = *state;
	struct fault why;
	struct job *job;

	for (int i = 0; i < 2; i++) {
		expect(f, "", JOBS - 1, 1);
		expect(f, "odd", JOBS / 2 - 1, 1);
		expect(f, "even", JOBS / 2, 0);
		expect(f, "od", 0, 0);
		reopen(f); /* counted anew: the same */
	}
	assert_int_equal(jobstore_load(f->store, id_at(FAILED_AT), &job, &why), 0);
	job->status = JOB_COMPLETE;
	job->change = JOBS + 1;
	record_tell(job, &f->config);
	commit(f, job);
	expect(f, "odd", JOBS / 2, 0);
	expect(f, "", JOBS, 0);
	job->gone = true;
	commit(f, job);
	expect(f, "odd", JOBS / 2 - 1, 0);
	job_drop(&job);
	reopen(f);
	expect(f, "odd", JOBS / 2 - 1, 0);
	expect(f, "", JOBS - 1, 0);
}

static void take_kept(void *arg, struct span message)
{
	struct fixture *f = arg;

	assert_true(f->n < 2 && message.len == ID_BYTES);
	memcpy(f->found[f->n++].bytes, message.at, ID_BYTES);
}

static uint32_t kept(struct fixture *f)
{
	struct fault why;

	reopen(f);
	f->n = 0;
	assert_int_equal(jobstore_kept(f->store, take_kept, f, &why), 0);
	return f->n;
}

static void test_jobstore_keeps_a_write_until_it_is_over(void **state)
{
	struct fixture *f = *state;
	const struct id one = id_at(1), two = id_at(2);
	struct fault why;

	assert_int_equal(kept(f), 0);
	for (int twice = 0; twice < 2; twice++)
		assert_int_equal(jobstore_keep(f->store, one,
					       span_of((const char *)one.bytes, ID_BYTES), &why),
				 0);
	assert_int_equal(
		jobstore_keep(f->store, two, span_of((const char *)two.bytes, ID_BYTES), &why), 0);
	assert_int_equal(kept(f), 2);
	assert_int_equal(jobstore_unkeep(f->store, one, &why), 0);
	assert_int_equal(kept(f), 1);
	assert_memory_equal(&f->found[0], &two, sizeof(two));
	assert_int_equal(jobstore_unkeep(f->store, two, &why), 0);
	assert_int_equal(kept(f), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobstore_list_gives_each_once_newest_first),
		cmocka_unit_test(test_jobstore_list_that_matches_little_stops_and_goes_on),
		cmocka_unit_test(test_jobstore_tally_follows_what_is_stored),
		cmocka_unit_test(test_jobstore_keeps_a_write_until_it_is_over),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
