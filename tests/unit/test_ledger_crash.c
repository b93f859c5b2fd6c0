#include "books_fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "clock.h"
#include "crash.h"

/* Processes that die, stop and race. SQLite does not survive a fork, so books are opened after it:
 * the parent's are closed while it has children that write. */

#define KILLED	  137 /* lib/crash.h */
#define RACERS	  8
#define UNITS	  4
#define UNIT_ROWS 100
#define BOOKED	  (UNITS * (UNIT_ROWS - 1)) /* one row of each unit is refused */

/* One run of a job, as far as `point` lets it come: begin, four units in two calls, finish. What
 * was done before is answered from the record. Each job (by its time) has rows of its own. */
static void run_job(struct books *b, struct id job, const char *point)
{
	struct ledger_import what = {.job = job, .token = ++b->token, .kind = "upload"};
	struct ledger_unit units[UNITS] = {0};
	struct buf result = {0};
	int64_t import;
	char line[64];

	books_open(b);
	crash_arm(point);
	assert_int_equal(ledger_begin(b->ledger, &what, &import, NULL), 0);
	for (uint32_t u = 0; u < UNITS; u++) {
		units[u].rows = rows_new();
		for (uint64_t i = 0; i < UNIT_ROWS; i++) {
			snprintf(line, sizeof(line), "2024-01-0%u -%u USD Shop %d", 1 + u,
				 (unsigned)(i / 2 + 1), job.bytes[5]);
			rows_put(units[u].rows, 2 + u * UNIT_ROWS + i, i == 7 ? "bad" : line);
		}
		unit_dealt(b, &units[u], job, u);
	}
	for (int u = 0; u < UNITS; u += 2) {
		units_insert(b, &units[u], 2);
		units_post(b, &units[u], 2);
	}
	job_finish(b, job, "complete", &result);
	assert_int_equal(json_number(&result, "parsed"), UNITS * UNIT_ROWS);
	assert_int_equal(json_number(&result, "rejected"), UNITS);
	assert_int_equal(json_number(&result, "inserted"), BOOKED);
	assert_int_equal(json_number(&result, "je_created"), BOOKED);
	for (int u = 0; u < UNITS; u++)
		rows_free(&units[u].rows);
	buf_release(&result);
	ledger_close(&b->ledger);
	crash_arm(NULL);
}

/* The same in a process of its own; its id. */
static pid_t run_apart(struct books *b, struct id job, const char *point)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		run_job(b, job, point);
		_exit(0);
	}
	b->token += 100; /* whatever it used */
	return child;
}

/* Whoever only reads finds whole books after a kill, also as the first to open them. */
static void look_at(struct books *b)
{
	struct ledger *reader;
	struct buf json = {0};

	assert_int_equal(
		ledger_open(b->dir, span_text("t1"), span_text("acme"), LEDGER_READ, &reader, NULL),
		0);
	assert_int_equal(ledger_balances(reader, span_text(""), &json, NULL), 0);
	assert_non_null(strstr(json.at, "\"totals\""));
	ledger_close(&reader);
	buf_release(&json);
}

static void test_ledger_killed_at_any_point_does_each_unit_once(void **state)
{
	static const char *const points[] = {
		"begin.commit.before",	 "begin.commit.after",	   "insert.begin.after",
		"insert.commit.before",	 "insert.commit.after",	   "insert.commit.before:2",
		"insert.commit.after:2", "journal.begin.after",	   "journal.commit.before",
		"journal.commit.after",	 "journal.commit.after:2", "finish.commit.before",
		"finish.commit.after"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		struct books b = {.token = 1};
		struct id job = id_new(1700000000000);
		int status;

		unit_mkdir(b.dir);
		waitpid(run_apart(&b, job, points[i]), &status, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != KILLED)
			fail_msg("%s was not reached", points[i]);
		look_at(&b);
		run_job(&b, job, NULL);
		assert_int_equal(books_number(&b, "SELECT count(*) FROM transactions"), BOOKED);
		assert_int_equal(books_number(&b, "SELECT count(*) FROM live"), BOOKED);
		assert_int_equal(books_number(&b, "SELECT count(*) FROM entries"), BOOKED);
		assert_int_equal(books_number(&b, "SELECT count(*) FROM rejects"), UNITS);
		assert_int_equal(books_number(&b, "SELECT count(*) FROM imports"), 1);
		books_check(&b);
		unit_rmdir(b.dir);
	}
}

/* A stopped process keeps the lock for ever: others are told to come again, and go on once its
 * supervisor has killed it. */
static void test_ledger_outlives_a_process_stopped_inside_a_transaction(void **state)
{
	struct books *b = *state;
	struct id job = id_new(1700000000000);
	struct ledger_import what = {.job = job, .token = 1, .kind = "upload"};
	struct fault why = {0};
	int64_t import, since = clock_ms();
	pid_t child;
	int status;

	ledger_close(&b->ledger);
	child = run_apart(b, job, "stop=insert.commit.before");
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	books_open(b);
	assert_int_equal(ledger_begin(b->ledger, &what, &import, &why), -1);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_string_equal(why.code, "books-busy");
	assert_true(clock_ms() - since >= 5000);
	ledger_close(&b->ledger);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	run_job(b, job, NULL);
	books_check(b);
}

/* They write the same books in turns and wait for one another. */
static void test_ledger_is_written_by_many_processes_in_turns(void **state)
{
	struct books *b = *state;
	pid_t children[RACERS];
	int status;

	ledger_close(&b->ledger);
	for (int i = 0; i < RACERS; i++)
		children[i] = run_apart(b, id_new(1700000000000 + i), NULL);
	for (int i = 0; i < RACERS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), RACERS * BOOKED);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries"), RACERS * BOOKED);
	books_check(b);
}

/* All make the template and the company at once; each finds whole books, and all the same. */
static void test_ledger_open_may_race(void **state)
{
	struct books *b = *state;
	pid_t children[RACERS];
	int status;

	ledger_close(&b->ledger);
	unit_rmdir(b->dir);
	for (int i = 0; i < RACERS; i++) {
		struct ledger_import what = {
			.job = id_new(1700000000000 + i), .token = 1, .kind = "upload"};
		int64_t import;

		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] > 0)
			continue;
		books_open(b);
		_exit(ledger_begin(b->ledger, &what, &import, NULL) == 0 ? 0 : 1);
	}
	for (int i = 0; i < RACERS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_int_equal(books_number(b, "SELECT count(*) FROM imports"), RACERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ledger_killed_at_any_point_does_each_unit_once),
		IN_BOOKS(test_ledger_outlives_a_process_stopped_inside_a_transaction),
		IN_BOOKS(test_ledger_is_written_by_many_processes_in_turns),
		IN_BOOKS(test_ledger_open_may_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
