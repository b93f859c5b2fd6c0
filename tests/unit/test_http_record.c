/* test_http_record - the job record in JSON, problems, change numbers, tags. */
#include "unit.h"

#include <jansson.h>

#include "problem.h"
#include "record.h"

static struct wire_job running(void)
{
	struct wire_job job = {.id = span_text("job_01JD8ZQ6V3C9X4N8M2K7T5R1WB"),
			       .type = span_text("upload-and-categorize"),
			       .tenant = span_text("t1"),
			       .company = span_text("acme"),
			       .status = span_text("running"),
			       .progress = 45,
			       .stage = span_text("rules"),
			       .message = span_text("Processing \"1350\"/3000..."),
			       .n_stages = 2,
			       .change = UINT64_C(3) << 32 | 10442,
			       .meta = span_text("{\"file_name\":\"may.csv\",\"bytes\":191022}"),
			       .attempt = 1,
			       .created_ms = INT64_C(1795428000000),
			       .started_ms = INT64_C(1795428000012)};

	job.stages[0] = (struct wire_stage_count){span_text("parse"),	 3000,		 3000, 20,
						  span_text("complete"), .units_done = 6};
	job.stages[1] = (struct wire_stage_count){.name = span_text("rules"),
						  .share = 20,
						  .state = span_text("running"),
						  .queued = 3,
						  .in_flight = 2,
						  .failures = 1};
	return job;
}

static void test_record_is_the_one_of_the_contract(void **state)
{
	struct wire_job job = running();
	struct buf json = {0};

	(void)state;
	record_json(&json, &job);
	assert_string_equal(
		json.at,
		"{\"id\":\"job_01JD8ZQ6V3C9X4N8M2K7T5R1WB\",\"type\":\"upload-and-categorize\","
		"\"tenant_id\":\"t1\",\"company_id\":\"acme\",\"status\":\"running\",\"progress\":"
		"45,"
		"\"stage\":\"rules\",\"message\":\"Processing \\\"1350\\\"/3000...\",\"stages\":["
		"{\"name\":\"parse\",\"done\":3000,\"total\":3000,\"share\":20,\"state\":"
		"\"complete\",\"units\":{\"done\":6,\"queued\":0,\"in_flight\":0,\"failures\":0}},"
		"{\"name\":\"rules\",\"done\":0,\"total\":0,\"share\":20,\"state\":\"running\","
		"\"units\":{\"done\":0,\"queued\":3,\"in_flight\":2,\"failures\":1}}],"
		"\"result\":null,\"error\":null,\"change\":\"3-10442\",\"waiting\":null,"
		"\"ending\":null,\"meta\":{\"file_name\":\"may.csv\",\"bytes\":191022},\"attempt\":"
		"1,"
		"\"created_at\":\"2026-11-23T10:00:00.000Z\","
		"\"started_at\":\"2026-11-23T10:00:00.012Z\",\"finished_at\":null,"
		"\"expires_at\":null}");
	buf_release(&json);
}

static void test_record_is_json_whatever_is_in_it(void **state)
{
	static const char *const odd[] = {"\xff\xfe",	      "\"}{\\", "\x01\n\r\t\x7f",
					  "\xf0\x9f\x98\x80", "]]>",	"\xed\xa0\x80"};
	struct buf json = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct wire_job job = running();
		json_t *tree;

		job.message = job.waiting = job.tenant = job.stage = span_text(odd[i]);
		job.error_code = span_text("code");
		job.error_text = job.error_hint = span_text(odd[i]);
		job.result = job.meta = span_text(odd[i]);
		buf_clear(&json);
		record_json(&json, &job);
		tree = json_loadb(json.at, json.len, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(tree);
		assert_true(json_is_null(json_object_get(tree, "result")));
		json_decref(tree);
	}
	buf_release(&json);
}

static void test_record_shows_result_and_error(void **state)
{
	struct wire_job job = running();
	struct buf json = {0};

	(void)state;
	job.result = span_text("\n {\"rows\": 1} ");
	job.error_code = span_text("row-too-long");
	job.error_text = span_text("too long");
	job.error_row = UINT64_MAX;
	record_json(&json, &job);
	assert_non_null(strstr(json.at, "\"result\":{\"rows\": 1},\"error\":{\"code\":"
					"\"row-too-long\",\"message\":\"too long\",\"stage\":null,"
					"\"row\":18446744073709551615,\"hint\":null}"));
	buf_release(&json);
}

static void test_record_changes_are_read_back(void **state)
{
	const uint64_t changes[] = {0, 1, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
	static const char *const bad[] = {"",	 "-",	  "1",	  "1-",		  "-1",
					  "a-1", "1-2-3", " 1-2", "4294967296-1", "1-4294967296"};
	char text[RECORD_CHANGE_SIZE];
	uint64_t change;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		record_change_text(changes[i], text);
		assert_int_equal(record_change_read(span_text(text), &change), 0);
		assert_true(change == changes[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(record_change_read(span_text(bad[i]), &change), -1);
}

static void test_record_tag_follows_change_and_place(void **state)
{
	struct wire_job job = running();
	char first[RECORD_ETAG_SIZE], second[RECORD_ETAG_SIZE], third[RECORD_ETAG_SIZE];

	(void)state;
	record_etag(&job, first);
	assert_string_equal(first, "\"3-10442\"");
	job.waiting = span_text("2 jobs before it");
	record_etag(&job, second);
	job.waiting = span_text("1 jobs before it");
	record_etag(&job, third);
	assert_string_not_equal(first, second);
	assert_string_not_equal(second, third);
}

static void test_problem_takes_the_status_that_mending_another_cannot_help(void **state)
{
	struct problem p = {0};

	(void)state;
	problem_field(&p, "body", span_text("limit"), "missing", "Field required");
	assert_int_equal(p.status, 422);
	problem_set(&p, 415, "file-binary", "binary");
	assert_int_equal(p.status, 415);
	problem_set(&p, 413, "too-large", "large");
	problem_set(&p, 422, "other", "other");
	assert_int_equal(p.status, 413);
	assert_string_equal(p.code, "too-large");
	assert_int_equal(p.n_errors, 1);
}

static void test_problem_is_a_document_of_rfc_9457(void **state)
{
	struct problem p = {0};
	struct buf json = {0};

	(void)state;
	problem_field(&p, "body", span_text("a\"b"), "missing", "Field required");
	problem_hint(&p, "give it");
	problem_json(&p, &json);
	assert_string_equal(
		json.at,
		"{\"type\":\"urn:daybook:problem:invalid-request\","
		"\"title\":\"Some fields are not right\",\"status\":422,"
		"\"detail\":\"The request has fields that are missing or wrong\","
		"\"code\":\"invalid-request\",\"hint\":\"give it\",\"errors\":[{\"loc\":[\"body\","
		"\"a\\\"b\"],\"msg\":\"Field required\",\"type\":\"missing\"}]}");
	buf_release(&json);
}

static void test_problem_counts_what_it_has_no_room_for(void **state)
{
	struct problem p = {0};
	struct buf json = {0};

	(void)state;
	for (int i = 0; i < PROBLEM_ERRORS_MAX + 3; i++)
		problem_field(&p, "query", span_text("x"), "missing", "Field required");
	assert_int_equal(p.n_errors, PROBLEM_ERRORS_MAX);
	problem_json(&p, &json);
	assert_non_null(strstr(json.at, "\"more_errors\":3}"));
	buf_release(&json);
}

static void test_problem_of_a_fault_has_the_status_of_its_class(void **state)
{
	const struct {
		enum fault_class class;
		const char *code;
		unsigned status, retry_s;
	} cases[] = {{FAULT_INPUT, "x", 422, 0},
		     {FAULT_RETRY, "disk-full", 507, 30},
		     {FAULT_RETRY, "peer-full", 503, 2},
		     {FAULT_JOB, "io", 500, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault why = {0};
		struct problem p = {0};

		fault_set(&why, cases[i].class, cases[i].code, "it is so");
		fault_hint(&why, "do this");
		problem_fault(&p, &why);
		assert_int_equal(p.status, cases[i].status);
		assert_int_equal(problem_retry_after_s(&p), cases[i].retry_s);
		assert_string_equal(p.hint, "do this");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_is_the_one_of_the_contract),
		cmocka_unit_test(test_record_is_json_whatever_is_in_it),
		cmocka_unit_test(test_record_shows_result_and_error),
		cmocka_unit_test(test_record_changes_are_read_back),
		cmocka_unit_test(test_record_tag_follows_change_and_place),
		cmocka_unit_test(test_problem_takes_the_status_that_mending_another_cannot_help),
		cmocka_unit_test(test_problem_is_a_document_of_rfc_9457),
		cmocka_unit_test(test_problem_counts_what_it_has_no_room_for),
		cmocka_unit_test(test_problem_of_a_fault_has_the_status_of_its_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
