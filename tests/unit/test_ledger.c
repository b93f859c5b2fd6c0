#include "books_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

/* What comes in: transactions, duplicates, rejects, each unit once. */

static void test_ledger_insert_keeps_only_what_is_to_be_booked(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = unit_brought(
		b, job_begin(b, "upload"), 0,
		LINES("2024-01-05 -250 USD Coffee", "nonsense", "2024-01-06 -300 USD Tea"));
	struct rows *rows = unit.rows;

	assert_int_equal(rows->n, 2);
	assert_int_equal(rows->state[1], ROW_OK);
	assert_true(rows->txn[0] > 0 && rows->txn[1] > rows->txn[0]);
	assert_true(span_is(rows_span(rows, rows->description[1]), "Tea"));
	assert_int_equal(rows->raw[1].len, 0);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions WHERE line IN (2, 4) "
					 "AND raw LIKE '2024%'"),
			 2);
	assert_int_equal(books_number(b, "SELECT count(*) FROM rejects WHERE line = 3 AND "
					 "reason = 'date-syntax' AND raw = 'nonsense'"),
			 1);
	rows_free(&unit.rows);
}

static void test_ledger_insert_keeps_two_equal_purchases_of_a_day(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = unit_brought(
		b, job_begin(b, "upload"), 0,
		LINES("2024-01-05 -250 USD Coffee", "2024-01-05 -250 USD Coffee"));

	assert_int_equal(unit.rows->n, 2);
	assert_int_equal(books_number(b, "SELECT group_concat(ordinal, '') = '01' FROM "
					 "(SELECT ordinal FROM transactions ORDER BY line)"),
			 1);
	rows_free(&unit.rows);
}

static void test_ledger_insert_finds_the_same_file_again_all_duplicates(void **state)
{
	static const char *const lines[] = {"2024-01-05 -250 USD Coffee",
					    "2024-01-05 -250 USD Coffee",
					    "2024-01-06 1000 USD Wage", NULL};
	struct books *b = *state;
	struct buf result = {0};

	job_upload(b, lines, NULL);
	job_upload(b, lines, &result);
	assert_int_equal(json_number(&result, "duplicates"), 3);
	assert_int_equal(json_number(&result, "inserted"), 0);
	assert_int_equal(json_number(&result, "je_created"), 0);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 3);
	assert_int_equal(books_number(b, "SELECT count(DISTINCT txn) FROM sightings"), 3);
	books_check(b);
	buf_release(&result);
}

static void test_ledger_insert_takes_the_new_rows_of_an_overlapping_file(void **state)
{
	struct books *b = *state;
	struct buf result = {0};

	job_upload(b, LINES("2024-01-05 -250 USD Coffee", "2024-01-06 -300 USD Tea"), NULL);
	job_upload(b, LINES("2024-01-06 -300 USD Tea", "2024-01-07 -300 USD Tea"), &result);
	assert_int_equal(json_number(&result, "duplicates"), 1);
	assert_int_equal(json_number(&result, "inserted"), 1);
	/* both files may have but a part of the day on which they meet */
	assert_non_null(strstr(result.at, "\"possible_duplicates\": [{\"line\": 2, "));
	buf_release(&result);
}

static void test_ledger_insert_lists_what_stands_beside_an_equal_one(void **state)
{
	struct books *b = *state;
	struct buf result = {0};

	job_upload(b, LINES("2024-01-05 -250 USD Coffee"), NULL);
	job_upload(b, LINES("2024-01-05 -250 USD Coffee", "2024-01-05 -250 USD Coffee"), &result);
	assert_int_equal(json_number(&result, "duplicates"), 1);
	assert_int_equal(json_number(&result, "inserted"), 1);
	assert_non_null(strstr(result.at, "\"possible_duplicates\": [{\"line\": 3, "));
	assert_non_null(strstr(result.at, "\"amount\": \"-2.50\""));
	buf_release(&result);
}

/* The same export with other texts would double everything; another purchase of the same amount on
 * a day that one of the files only touches is nothing strange. */
static void test_ledger_insert_tells_of_rows_that_are_described_otherwise(void **state)
{
	struct books *b = *state;
	struct buf result = {0};

	job_upload(b,
		   LINES("2024-01-05 -250 USD Coffee", "2024-01-06 -300 USD Tea",
			 "2024-01-07 -400 USD Cake"),
		   NULL);
	job_upload(b, LINES("2024-01-07 -400 USD Jam", "2024-01-08 -500 USD Bread"), &result);
	assert_int_equal(json_number(&result, "inserted"), 2);
	assert_non_null(strstr(result.at, "\"possible_duplicates\": []"));
	buf_clear(&result);
	job_upload(b,
		   LINES("2024-01-04 -250 USD Coffee", "2024-01-06 -300 USD TEA HOUSE",
			 "2024-01-07 -400 USD Cake", "2024-01-08 -500 USD Bread"),
		   &result);
	assert_int_equal(json_number(&result, "inserted"), 2);
	assert_non_null(strstr(result.at, "\"possible_duplicates\": [{\"line\": 3, "));
	assert_non_null(strstr(result.at, "\"description\": \"TEA HOUSE\"}"));
	assert_null(strstr(result.at, "{\"line\": 2, "));
	buf_clear(&result);
	job_upload(b,
		   LINES("2024-01-05 -250 USD COFFEE", "2024-01-06 -300 USD Tea",
			 "2024-01-07 -400 USD Cake"),
		   &result);
	assert_int_equal(json_number(&result, "inserted"), 1);
	assert_non_null(strstr(result.at, "\"description\": \"COFFEE\"}"));
	buf_release(&result);
}

static void test_ledger_insert_is_quick_with_one_row_many_times(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload"), again;
	const char *lines[ROWS_MAX + 1] = {0};

	for (int i = 0; i < ROWS_MAX; i++)
		lines[i] = "2024-01-05 -250 USD Coffee";
	for (uint32_t number = 0; number < 6; number++) {
		struct ledger_unit unit = unit_brought(b, job, number, lines);

		assert_int_equal(unit.rows->n, ROWS_MAX);
		rows_free(&unit.rows);
	}
	assert_int_equal(books_number(b, "SELECT max(ordinal) FROM transactions"), 2999);
	again = job_begin(b, "upload");
	for (uint32_t number = 0; number < 6; number++) {
		struct ledger_unit unit = unit_brought(b, again, number, lines);

		rows_free(&unit.rows);
	}
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 3000);
	assert_int_equal(books_number(b, "SELECT count(DISTINCT txn) FROM sightings"), 3000);
}

static void test_ledger_insert_knows_a_row_by_what_the_bank_means(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload"), other = job_begin(b, "upload");
	struct ledger_unit one = {0}, two = {0};

	unit_fill(&one,
		  LINES("2024-01-05 -250 USD Coffee  House", "2024-01-05 -9 USD Paid",
			"2024-01-05 -9 USD Paid", "2024-01-05 -3 USD Caf\xc3\xa9"),
		  2);
	one.rows->reference[1] = rows_text(one.rows, span_text("REF 1"));
	one.rows->reference[2] = rows_text(one.rows, span_text("REF 2"));
	unit_dealt(b, &one, job, 0);
	units_insert(b, &one, 1);
	assert_int_equal(one.rows->n, 4);
	/* white space does not count, nor how a letter is composed; a reference does, and not what
	 * stands beside it; the amount and the currency always */
	unit_fill(&two,
		  LINES("2024-01-05 -250 USD Coffee\t\xc2\xa0House ",
			"2024-01-05 -9 USD PAYMENT OUT", "2024-01-05 -251 USD Coffee House",
			"2024-01-05 -250 EUR Coffee House", "2024-01-05 -3 USD Cafe\xcc\x81"),
		  2);
	two.rows->reference[1] = rows_text(two.rows, span_text("REF 2"));
	unit_dealt(b, &two, other, 0);
	units_insert(b, &two, 1);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 6);
	assert_int_equal(books_number(b, "SELECT count(*) FROM sightings s JOIN transactions t "
					 "ON t.id = s.txn WHERE s.line = 3 AND "
					 "t.reference = 'REF 2'"),
			 1);
	rows_free(&one.rows);
	rows_free(&two.rows);
}

/* ---- once ---- */

static void test_ledger_insert_answers_a_replay_from_its_record(void **state)
{
	static const char *const lines[] = {"2024-01-04 -1 USD Known", "bad",
					    "2024-01-05 -2 USD A",     "2024-01-05 -2 USD A",
					    "2024-01-06 -3 USD B",     NULL};
	struct books *b = *state;
	struct id other = job_begin(b, "upload"), job = job_begin(b, "upload");
	struct ledger_unit met = unit_brought(b, other, 0, LINES("2024-01-04 -1 USD Known"));
	struct ledger_unit first = unit_brought(b, job, 0, lines), again;

	assert_false(first.replayed);
	assert_int_equal(first.rows->n, 4);
	assert_int_equal(first.rows->state[0], ROW_UNBOOKED);
	assert_int_equal(first.rows->txn[0], met.rows->txn[0]);
	again = unit_brought(b, job, 0, lines);
	assert_true(again.replayed);
	assert_int_equal(again.rows->n, first.rows->n);
	for (uint32_t i = 0; i < again.rows->n; i++) {
		assert_int_equal(again.rows->txn[i], first.rows->txn[i]);
		assert_int_equal(again.rows->state[i], first.rows->state[i]);
	}
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 4);
	assert_int_equal(books_number(b, "SELECT count(*) FROM sightings"), 1);
	assert_int_equal(books_number(b, "SELECT count(*) FROM rejects"), 1);
	rows_free(&met.rows);
	rows_free(&first.rows);
	rows_free(&again.rows);
}

static void test_ledger_insert_refuses_a_replay_that_differs(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit units[2] = {
		unit_brought(b, job, 0, LINES("2024-01-05 -250 USD Coffee"))};

	unit_fill(&units[0], LINES("2024-01-05 -250 USD Coffee!"), 2);
	unit_dealt(b, &units[0], job, 0);
	unit_fill(&units[1], LINES("2024-01-06 -250 USD Coffee"), 3);
	unit_dealt(b, &units[1], job, 1);
	units_insert(b, units, 2);
	assert_int_equal(units[0].fault.class, FAULT_JOB);
	assert_string_equal(units[0].fault.code, "replay-differs");
	unit_done(&units[1]);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 2);
	rows_free(&units[0].rows);
	rows_free(&units[1].rows);
}

static void test_ledger_insert_refuses_a_unit_older_than_the_fence(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit = {0};
	struct buf result = {0};

	unit_fill(&unit, LINES("2024-01-05 -250 USD Coffee"), 2);
	unit_dealt(b, &unit, job, 0);
	job_finish(b, job, "cancelled", &result);
	units_insert(b, &unit, 1);
	assert_string_equal(unit.fault.code, "fenced");
	units_post(b, &unit, 1);
	assert_string_equal(unit.fault.code, "fenced");
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 0);
	/* a retry deals it anew */
	unit_dealt(b, &unit, job, 0);
	units_insert(b, &unit, 1);
	unit_done(&unit);
	assert_int_equal(books_number(b, "SELECT count(*) FROM imports WHERE state = 'running'"),
			 1);
	rows_free(&unit.rows);
	buf_release(&result);
}

static void test_ledger_insert_takes_a_late_first_commit(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit late = {0}, newer = {0};

	unit_fill(&late, LINES("2024-01-05 -250 USD Coffee"), 2);
	unit_fill(&newer, LINES("2024-01-05 -250 USD Coffee"), 2);
	unit_dealt(b, &late, job, 0);
	unit_dealt(b, &newer, job, 0); /* after the lease of the first ran out */
	units_insert(b, &late, 1);
	unit_done(&late);
	units_insert(b, &newer, 1);
	unit_done(&newer);
	assert_true(newer.replayed);
	assert_int_equal(newer.rows->txn[0], late.rows->txn[0]);
	rows_free(&late.rows);
	rows_free(&newer.rows);
}

static void test_ledger_insert_fails_only_the_unit_at_fault(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit units[3] = {0};

	unit_fill(&units[0], LINES("2024-01-05 -250 USD Coffee"), 2);
	unit_fill(&units[1], LINES("bad", "bad"), 3);
	unit_fill(&units[2], LINES("2024-01-06 -250 USD Coffee"), 5);
	units[1].rows->line[1] = 3; /* two records on one line: no reader says so */
	for (uint32_t i = 0; i < 3; i++)
		unit_dealt(b, &units[i], job, i);
	units_insert(b, units, 3);
	unit_done(&units[0]);
	unit_done(&units[2]);
	assert_string_equal(units[1].fault.code, "books-refused");
	assert_int_equal(units[1].rows->n, 2); /* as it was */
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 2);
	assert_int_equal(books_number(b, "SELECT count(*) FROM rejects"), 0);
	for (int i = 0; i < 3; i++)
		rows_free(&units[i].rows);
}

static void test_ledger_insert_refuses_a_job_that_it_does_not_know(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = {0};

	unit_fill(&unit, LINES("2024-01-05 -250 USD Coffee"), 2);
	unit_dealt(b, &unit, id_new(1), 0);
	units_insert(b, &unit, 1);
	assert_string_equal(unit.fault.code, "import-unknown");
	rows_free(&unit.rows);
}

static void test_ledger_begin_gives_a_job_its_number_again(void **state)
{
	struct books *b = *state;
	struct ledger_import what = {.job = id_new(5), .token = 1, .kind = "upload"};
	int64_t first = 0, again = 0;

	assert_int_equal(ledger_begin(b->ledger, &what, &first, NULL), 0);
	what.token = 2;
	assert_int_equal(ledger_begin(b->ledger, &what, &again, NULL), 0);
	assert_int_equal(first, again);
	assert_int_equal(books_number(b, "SELECT count(*) FROM imports"), 1);
}

static void test_ledger_open_makes_books_only_to_write(void **state)
{
	struct books *b = *state;
	struct ledger *ledger = NULL;
	struct fault why = {0};

	assert_int_equal(ledger_open(b->dir, span_text("t1"), span_text("other"), LEDGER_READ,
				     &ledger, &why),
			 1);
	assert_null(ledger);
	assert_int_equal(ledger_open(b->dir, span_text("t1"), span_text("../x"), LEDGER_WRITE,
				     &ledger, &why),
			 -1);
	assert_string_equal(why.code, "name");
	assert_int_equal(books_do(b, "PRAGMA user_version = 99"), SQLITE_OK);
	assert_int_equal(
		ledger_open(b->dir, span_text("t1"), span_text("acme"), LEDGER_READ, &ledger, &why),
		-1);
	assert_string_equal(why.code, "books-version");
}

static void test_ledger_pool_closes_the_one_used_longest_ago(void **state)
{
	struct books *b = *state;
	struct ledger_pool *pool = ledger_pool_new(b->dir, LEDGER_WRITE, 2);
	struct ledger *one, *two, *three, *again;
	struct fault why = {0};
	struct span t = span_text("t1");

	assert_int_equal(ledger_pool_get(pool, t, span_text("one"), &one, &why), 0);
	assert_int_equal(ledger_pool_get(pool, t, span_text("two"), &two, &why), 0);
	assert_int_equal(ledger_pool_get(pool, t, span_text("one"), &again, &why), 0);
	assert_ptr_equal(one, again);
	assert_int_equal(ledger_pool_get(pool, t, span_text("three"), &three, &why), 0);
	assert_int_equal(ledger_pool_get(pool, t, span_text("one"), &again, &why), 0);
	assert_ptr_equal(one, again);
	assert_true(ledger_pool_has(pool, t, span_text("two")));
	assert_false(ledger_pool_has(pool, t, span_text("four")));
	ledger_pool_free(&pool);
	assert_null(pool);
}

static bool has_file(const struct books *b, const char *name)
{
	char path[2 * UNIT_PATH];

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	return access(path, F_OK) == 0;
}

static void put_file(const struct books *b, const char *name, pid_t pid, const char *more)
{
	char path[2 * UNIT_PATH];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s%d%s", b->dir, name, (int)pid, more);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

/* Of a process that is dead, and whose status somebody has asked for or not. */
static pid_t dead_pid(bool waited_for)
{
	pid_t pid = fork();
	siginfo_t info;

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | (waited_for ? 0 : WNOWAIT)), 0);
	return pid;
}

static void test_ledger_pool_removes_what_dead_makers_left(void **state)
{
	struct books *b = *state;
	struct ledger_pool *pool;
	pid_t dead = dead_pid(true), unburied = dead_pid(false);
	char name[64];

	put_file(b, "t1/new.db.", dead, "");
	put_file(b, ".template-x.db.", unburied, "-journal");
	put_file(b, "t1/made.db.", getpid(), ""); /* is being made just now */
	pool = ledger_pool_new(b->dir, LEDGER_READ, 2);
	snprintf(name, sizeof(name), "t1/new.db.%d", (int)dead);
	assert_true(has_file(b, name)); /* who only reads leaves things alone */
	ledger_pool_free(&pool);
	pool = ledger_pool_new(b->dir, LEDGER_WRITE, 2);
	ledger_pool_free(&pool);
	assert_false(has_file(b, name));
	snprintf(name, sizeof(name), ".template-x.db.%d-journal", (int)unburied);
	assert_false(has_file(b, name));
	snprintf(name, sizeof(name), "t1/made.db.%d", (int)getpid());
	assert_true(has_file(b, name));
	assert_true(has_file(b, "t1/acme.db"));
	assert_int_equal(waitpid(unburied, NULL, 0), unburied);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BOOKS(test_ledger_insert_keeps_only_what_is_to_be_booked),
		IN_BOOKS(test_ledger_insert_keeps_two_equal_purchases_of_a_day),
		IN_BOOKS(test_ledger_insert_finds_the_same_file_again_all_duplicates),
		IN_BOOKS(test_ledger_insert_takes_the_new_rows_of_an_overlapping_file),
		IN_BOOKS(test_ledger_insert_lists_what_stands_beside_an_equal_one),
		IN_BOOKS(test_ledger_insert_tells_of_rows_that_are_described_otherwise),
		IN_BOOKS(test_ledger_insert_is_quick_with_one_row_many_times),
		IN_BOOKS(test_ledger_insert_knows_a_row_by_what_the_bank_means),
		IN_BOOKS(test_ledger_insert_answers_a_replay_from_its_record),
		IN_BOOKS(test_ledger_insert_refuses_a_replay_that_differs),
		IN_BOOKS(test_ledger_insert_refuses_a_unit_older_than_the_fence),
		IN_BOOKS(test_ledger_insert_takes_a_late_first_commit),
		IN_BOOKS(test_ledger_insert_fails_only_the_unit_at_fault),
		IN_BOOKS(test_ledger_insert_refuses_a_job_that_it_does_not_know),
		IN_BOOKS(test_ledger_begin_gives_a_job_its_number_again),
		IN_BOOKS(test_ledger_open_makes_books_only_to_write),
		IN_BOOKS(test_ledger_pool_closes_the_one_used_longest_ago),
		IN_BOOKS(test_ledger_pool_removes_what_dead_makers_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
