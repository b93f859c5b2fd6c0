#include "books_fixture.h"

/* The end of a job: its result, its sums, and the short writes that come after. */

/* ---- finish ---- */

static int finish_with(struct books *b, struct id job, uint64_t token, struct buf *result,
		       struct fault *why)
{
	struct ledger_end end = {
		.job = job, .token = token, .state = "complete", .confidence_ppm = THRESHOLD};

	return ledger_finish(b->ledger, &end, result, why);
}

static void test_ledger_finish_sums_what_was_booked(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit;
	struct buf result = {0};

	job_upload(b, LINES("2024-02-01 -5 USD Before"), NULL);
	unit = unit_brought(b, job, 0,
			    LINES(COFFEE, "bad", TEA, WAGE, "2024-02-01 -5 USD Before",
				  "2024-02-03 -7 USD Unsure", "2024-02-04 -8 USD Guess"));
	unit_decide(&unit, 0, "Expenses:Food", 950000);
	unit_decide(&unit, 1, "Expenses:Food", THRESHOLD);
	unit.rows->source[1] = SOURCE_LLM;
	unit_decide(&unit, 3, "Expenses:Food", THRESHOLD - 1);
	unit_decide(&unit, 4, "Expenses:Food", 100);
	unit.rows->source[4] = SOURCE_HISTORY;
	units_post(b, &unit, 1);
	unit_done(&unit);
	job_finish(b, job, "complete", &result);
	assert_int_equal(json_number(&result, "parsed"), 7);
	assert_int_equal(json_number(&result, "rejected"), 1);
	assert_int_equal(json_number(&result, "inserted"), 5);
	assert_int_equal(json_number(&result, "duplicates"), 1);
	assert_int_equal(json_number(&result, "categorized"), 4);
	assert_int_equal(json_number(&result, "by_rules"), 2);
	assert_int_equal(json_number(&result, "by_history"), 1);
	assert_int_equal(json_number(&result, "by_llm"), 1);
	assert_int_equal(json_number(&result, "high_confidence"), 2);
	assert_int_equal(json_number(&result, "needs_review"), 3);
	assert_int_equal(json_number(&result, "je_created"), 5);
	assert_true(json_number(&result, "elapsed_ms") >= 0);
	assert_non_null(strstr(result.at, "\"first_date\": \"2024-01-05\""));
	assert_non_null(strstr(result.at, "\"last_date\": \"2024-02-04\""));
	assert_non_null(strstr(result.at, "\"assumed\": [\"USD\"], \"warnings\": []"));
	books_check(b);
	rows_free(&unit.rows);
	buf_release(&result);
}

static void test_ledger_finish_books_what_was_only_inserted(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit one = unit_brought(b, job, 0, LINES(COFFEE, WAGE)),
			   two = unit_brought(b, job, 1, LINES(TEA, "2024-01-09 -1 USD x"));
	struct buf first = {0}, second = {0};

	units_post(b, &two, 1);
	job_finish(b, job, "cancelled", &first);
	assert_int_equal(json_number(&first, "inserted"), 4);
	assert_int_equal(json_number(&first, "je_created"), 4);
	assert_int_equal(json_number(&first, "needs_review"), 4);
	assert_int_equal(books_standing(b, "Income:Uncategorised"), 1);
	books_check(b);
	/* retry: what was done stays, what comes is added, and a later finish counts it all */
	unit_dealt(b, &one, job, 0);
	units_post(b, &one, 1);
	unit_done(&one);
	rows_free(&one.rows);
	one = unit_brought(b, job, 2, LINES("2024-01-10 -1 USD y"));
	job_finish(b, job, "complete", &second);
	assert_int_equal(json_number(&second, "inserted"), 5);
	assert_int_equal(json_number(&second, "je_created"), 5);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries"), 5);
	books_check(b);
	rows_free(&one.rows);
	rows_free(&two.rows);
	buf_release(&first);
	buf_release(&second);
}

static void test_ledger_finish_says_the_same_again(void **state)
{
	struct books *b = *state;
	struct buf first = {0}, again = {0};
	struct fault why = {0};
	struct id job = job_upload(b, LINES(COFFEE), &first);

	job_finish(b, job, "complete", &again);
	assert_string_equal(first.at, again.at);
	assert_int_equal(finish_with(b, job, 1, &again, &why), -1);
	assert_string_equal(why.code, "fenced");
	buf_release(&first);
	buf_release(&again);
}

static void test_ledger_finish_of_a_job_that_never_came_is_empty(void **state)
{
	struct books *b = *state;
	struct buf result = {0}, categorize = {0};

	job_finish(b, id_new(9), "failed", &result);
	assert_int_equal(json_number(&result, "parsed"), 0);
	assert_non_null(strstr(result.at, "\"first_date\": null"));
	ledger_empty_result("categorize", &categorize);
	assert_int_equal(json_number(&categorize, "looked_at"), 0);
	buf_release(&result);
	buf_release(&categorize);
}

/* Who was to open the import wakes up when the job has ended; a retry is let in. */
static void test_ledger_finish_fences_a_job_that_was_never_opened(void **state)
{
	struct books *b = *state;
	struct ledger_import late = {.job = id_new(9),
				     .token = ++b->token,
				     .kind = "upload",
				     .bank = span_text(BANK),
				     .currency = span_text("USD")};
	struct buf result = {0};
	struct fault why = {0};
	int64_t import, again;

	job_finish(b, late.job, "cancelled", &result);
	assert_int_equal(ledger_begin(b->ledger, &late, &import, &why), -1);
	assert_string_equal(why.code, "fenced");
	assert_int_equal(books_number(b, "SELECT count(*) FROM imports WHERE state = 'cancelled'"),
			 1);
	late.token = ++b->token;
	assert_int_equal(ledger_begin(b->ledger, &late, &import, &why), 0);
	assert_int_equal(books_number(b, "SELECT count(*) FROM imports WHERE state = 'running' AND "
					 "kind = 'upload' AND currency = 'USD' AND bank > 0 AND "
					 "result IS NULL AND finished_ms IS NULL"),
			 1);
	assert_int_equal(ledger_begin(b->ledger, &late, &again, &why), 0);
	assert_int_equal(import, again);
	job_finish(b, late.job, "failed", &result);
	assert_int_equal(books_number(b, "SELECT count(*) FROM imports WHERE state = 'failed'"), 1);
	books_check(b);
	buf_release(&result);
}

static void test_ledger_finish_notices_sums_that_differ(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit = unit_brought(b, job, 0, LINES(COFFEE, TEA));
	struct buf result = {0};
	struct fault why = {0};

	units_post(b, &unit, 1);
	assert_int_equal(books_do(b, "UPDATE effects SET booked = 3 WHERE stage = 'journal'"), 0);
	assert_int_equal(finish_with(b, job, 99, &result, &why), -1);
	assert_int_equal(why.class, FAULT_JOB);
	assert_string_equal(why.code, "books-unbalanced");
	assert_non_null(strstr(why.text, "entries"));
	rows_free(&unit.rows);
	buf_release(&result);
}

static int stop_at_once(void *calls)
{
	++*(int *)calls;
	return 1;
}

static void test_ledger_alive_can_stop_long_work(void **state)
{
	struct books *b = *state;
	struct buf json = {0};
	struct fault why = {0};
	int calls = 0;

	job_upload(b, LINES(COFFEE), NULL);
	/* entries that no one could book so quickly: a few steps of SQLite each */
	assert_int_equal(
		books_do(b, "INSERT INTO entries (txn, date, debit, credit, amount, currency, "
			    "decider, confidence) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
			    "SELECT i + 1 FROM n WHERE i < 300000) "
			    "SELECT 2, '2024-01-01', 1, 2, 0, 'USD', 1, 0 FROM n"),
		0);
	ledger_alive(b->ledger, stop_at_once, &calls);
	assert_int_equal(ledger_balances(b->ledger, span_text(""), &json, &why), -1);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_int_equal(calls, 1);
	ledger_alive(b->ledger, NULL, NULL);
	buf_clear(&json);
	assert_int_equal(ledger_balances(b->ledger, span_text(""), &json, &why), 0);
	buf_release(&json);
}

/* ---- short writes ---- */

static void write_verb(struct books *b, struct id request, const char *verb, struct id job,
		       const char *rest, struct buf *answer)
{
	char text[ID_JOB_TEXT_SIZE], body[256];
	struct fault why = {0};

	id_job_text(job, text);
	snprintf(body, sizeof(body), "{\"job\": \"%s\"%s}", text, rest);
	if (ledger_write(b->ledger, request, span_text(verb), span_text(body), answer, &why) != 0)
		fail_msg("%s: %s", why.code, why.text);
}

static void test_ledger_write_keeps_duplicates_once(void **state)
{
	struct books *b = *state;
	struct id job, request = id_new(1), other = id_new(1);
	struct buf answer = {0}, again = {0};

	job_upload(b, LINES(COFFEE, TEA), NULL);
	job = job_upload(b, LINES(COFFEE, TEA), NULL);
	write_verb(b, request, "keep-duplicates", job, ", \"lines\": [2]", &answer);
	assert_int_equal(json_number(&answer, "kept"), 1);
	write_verb(b, request, "keep-duplicates", job, ", \"lines\": [2]", &again);
	assert_string_equal(answer.at, again.at);
	write_verb(b, other, "keep-duplicates", job, ", \"lines\": [2, 3]", &answer);
	assert_int_equal(json_number(&answer, "kept"), 1);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 4);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions WHERE ordinal = 1"), 2);
	assert_int_equal(books_standing(b, "Expenses:Food"), 4);
	assert_int_equal(books_number(b, "SELECT sum(needs_review) FROM register"), 0);
	books_check(b);
	buf_release(&answer);
	buf_release(&again);
}

static void test_ledger_write_refuses_what_cannot_be_done(void **state)
{
	struct books *b = *state;
	struct id running = job_begin(b, "upload"), job;
	struct buf answer = {0};

	job_upload(b, LINES(COFFEE), NULL);
	job = job_upload(b, LINES(COFFEE), NULL);
	write_verb(b, id_new(1), "keep-duplicates", job, ", \"lines\": [2, 9]", &answer);
	assert_non_null(strstr(answer.at, "\"status\": 404, \"code\": \"line-not-duplicate\""));
	write_verb(b, id_new(1), "keep-duplicates", job, "", &answer);
	assert_non_null(strstr(answer.at, "lines-missing"));
	write_verb(b, id_new(1), "keep-duplicates", running, ", \"lines\": [2]", &answer);
	assert_non_null(strstr(answer.at, "\"status\": 409, \"code\": \"job-running\""));
	write_verb(b, id_new(1), "keep-duplicates", id_new(3), ", \"lines\": [2]", &answer);
	assert_non_null(strstr(answer.at, "job-unknown"));
	write_verb(b, id_new(1), "paint-it", job, "", &answer);
	assert_non_null(strstr(answer.at, "verb-unknown"));
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 1);
	assert_int_equal(ledger_write(b->ledger, id_new(1), span_text("keep-duplicates"),
				      span_text("no json"), &answer, NULL),
			 0);
	assert_non_null(strstr(answer.at, "job-missing"));
	buf_release(&answer);
}

static void test_ledger_write_purges_rejects(void **state)
{
	struct books *b = *state;
	struct buf answer = {0};
	struct id job = job_upload(b, LINES(COFFEE, "bad", "worse"), NULL);

	write_verb(b, id_new(1), "purge-rejects", job, "", &answer);
	assert_string_equal(answer.at, "{\"purged\": 2}");
	assert_int_equal(books_number(b, "SELECT count(*) FROM rejects"), 0);
	buf_release(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BOOKS(test_ledger_finish_sums_what_was_booked),
		IN_BOOKS(test_ledger_finish_books_what_was_only_inserted),
		IN_BOOKS(test_ledger_finish_says_the_same_again),
		IN_BOOKS(test_ledger_finish_of_a_job_that_never_came_is_empty),
		IN_BOOKS(test_ledger_finish_fences_a_job_that_was_never_opened),
		IN_BOOKS(test_ledger_finish_notices_sums_that_differ),
		IN_BOOKS(test_ledger_alive_can_stop_long_work),
		IN_BOOKS(test_ledger_write_keeps_duplicates_once),
		IN_BOOKS(test_ledger_write_refuses_what_cannot_be_done),
		IN_BOOKS(test_ledger_write_purges_rejects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
