#include "books_fixture.h"

/* What is booked: entries, corrections, the result of a job. */

/* ---- double entry ---- */

static void test_ledger_post_debits_the_category_when_money_goes_out(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = unit_brought(b, job_begin(b, "upload"), 0, LINES(COFFEE, WAGE));

	unit_decide(&unit, 0, "Expenses:Food", 900000);
	unit_decide(&unit, 1, "Income:Salary", 900000);
	units_post(b, &unit, 1);
	unit_done(&unit);
	assert_int_equal(
		books_number(b, "SELECT amount FROM lines WHERE account = 'Expenses:Food'"), 250);
	assert_int_equal(
		books_number(b, "SELECT amount FROM lines WHERE account = 'Income:Salary'"),
		-100000);
	assert_int_equal(
		books_number(b, "SELECT balance FROM trial_balance WHERE account = '" BANK "'"),
		99750);
	assert_int_equal(books_number(b, "SELECT sum(needs_review) FROM register"), 0);
	books_check(b);
	rows_free(&unit.rows);
}

static void test_ledger_post_sends_what_nobody_knows_to_review(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = unit_brought(
		b, job_begin(b, "upload"), 0,
		LINES(COFFEE, WAGE, TEA, "2024-01-07 0 USD Statement"));

	unit_decide(&unit, 2, "Expenses:Food", THRESHOLD - 1);
	units_post(b, &unit, 1);
	unit_done(&unit);
	assert_int_equal(books_standing(b, "Expenses:Uncategorised"), 2);
	assert_int_equal(books_standing(b, "Income:Uncategorised"), 1);
	assert_int_equal(books_number(b, "SELECT sum(needs_review) FROM register"), 4);
	assert_int_equal(books_number(b, "SELECT count(*) FROM live WHERE open"), 3);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries WHERE amount = 0"), 1);
	books_check(b);
	rows_free(&unit.rows);
}

static void test_ledger_post_balances_each_currency(void **state)
{
	struct books *b = *state;
	struct buf json = {0};
	struct fault why = {0};

	job_upload(b, LINES(COFFEE, "2024-01-05 -900 EUR Bread", "2024-01-05 -1200 JPY Rice"),
		   NULL);
	books_check(b);
	assert_int_equal(books_number(b, "SELECT count(*) FROM trial_balance"), 6);
	assert_int_equal(ledger_balances(b->ledger, span_text(""), &json, &why), 0);
	assert_non_null(strstr(json.at, "{\"account\":\"Expenses:Food\",\"currency\":\"JPY\","
					"\"debit\":\"1200\",\"credit\":\"0\","
					"\"balance\":\"1200\"}"));
	assert_non_null(
		strstr(json.at, "{\"currency\":\"EUR\",\"debit\":\"9.00\",\"credit\":\"9.00\"}"));
	buf_release(&json);
}

/* ---- parts ---- */

/* What of row i goes elsewhere, as a rule would say it. */
static void unit_split(struct ledger_unit *unit, uint32_t i, const char *parts,
		       const char *accounts)
{
	unit->rows->parts[i] = rows_text(unit->rows, span_text(parts));
	unit->rows->part_accounts[i] = rows_text(unit->rows, span_text(accounts));
}

static void test_ledger_post_splits_an_entry(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = unit_brought(b, job_begin(b, "upload"), 0,
					       LINES(COFFEE, WAGE, TEA));

	unit_decide(&unit, 0, "Expenses:Food", 900000);
	unit_split(&unit, 0, "42 0 8", "Assets:VAT\nAssets:None\nExpenses:Fees");
	unit_decide(&unit, 1, "Income:Salary", 900000);
	unit_split(&unit, 1, "100000", "Liabilities:Taxes");
	unit_split(&unit, 2, "1", "Assets:VAT"); /* nobody knew: nothing to split from */
	units_post(b, &unit, 1);
	unit_done(&unit);
	books_check(b);
	assert_int_equal(books_number(b, "SELECT count(*) FROM parts"), 3);
	assert_int_equal(books_number(b, "SELECT balance FROM trial_balance WHERE account = "
					 "'Expenses:Food'"),
			 200);
	assert_int_equal(books_number(b, "SELECT balance FROM trial_balance WHERE account = "
					 "'Assets:VAT'"),
			 42);
	assert_int_equal(books_number(b, "SELECT balance FROM trial_balance WHERE account = "
					 "'Liabilities:Taxes'"),
			 -100000);
	assert_int_equal(books_number(b, "SELECT balance FROM trial_balance WHERE account = "
					 "'Income:Salary'"),
			 0);
	rows_free(&unit.rows);
}

static void test_ledger_post_refuses_parts_that_do_not_fit(void **state)
{
	static const char *const wrong[][2] = {{"251", "Assets:VAT"},
					       {"200 51", "Assets:VAT\nAssets:Else"},
					       {"1", "Expenses:Food"},
					       {"1", BANK},
					       {"1 2", "Assets:VAT"},
					       {"x", "Assets:VAT"},
					       {"1", ""},
					       {"-1", "Assets:VAT"},
					       {"99999999999999999999", "Assets:A"}};
	struct books *b = *state;
	struct ledger_unit unit = unit_brought(b, job_begin(b, "upload"), 0, LINES(COFFEE));

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		unit_decide(&unit, 0, "Expenses:Food", 900000);
		unit_split(&unit, 0, wrong[i][0], wrong[i][1]);
		unit.fault = (struct fault){0};
		unit.token = ++b->token;
		units_post(b, &unit, 1);
		if (strcmp(unit.fault.code, "parts-invalid") != 0)
			fail_msg("%s %s: %s", wrong[i][0], wrong[i][1], unit.fault.code);
	}
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries"), 0);
	rows_free(&unit.rows);
}

/* ---- once ---- */

static void test_ledger_post_books_a_unit_once(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit = unit_brought(b, job, 0, LINES(COFFEE, TEA));
	struct buf result = {0};

	unit_decide(&unit, 0, "Expenses:Food", 900000);
	units_post(b, &unit, 1);
	assert_false(unit.replayed);
	unit_dealt(b, &unit, job, 0);
	unit_decide(&unit, 0, "Expenses:Other", 900000); /* the record answers, not this */
	units_post(b, &unit, 1);
	unit_done(&unit);
	assert_true(unit.replayed);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries"), 2);
	job_finish(b, job, "complete", &result);
	assert_int_equal(json_number(&result, "je_created"), 2);
	assert_int_equal(json_number(&result, "by_rules"), 1);
	unit.end = span_of("other", 5);
	unit.token = ++b->token;
	units_post(b, &unit, 1);
	assert_string_equal(unit.fault.code, "replay-differs");
	rows_free(&unit.rows);
	buf_release(&result);
}

static void test_ledger_post_fails_only_the_unit_at_fault(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit units[2] = {unit_brought(b, job, 0, LINES(COFFEE)),
				       unit_brought(b, job, 1, LINES(TEA))};

	units[0].rows->txn[0] = 4711;
	units_post(b, units, 2);
	assert_string_equal(units[0].fault.code, "transaction-unknown");
	unit_done(&units[1]);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries"), 1);
	rows_free(&units[0].rows);
	rows_free(&units[1].rows);
}

static void test_ledger_post_books_a_duplicate_that_has_no_entry_once(void **state)
{
	struct books *b = *state;
	struct id first = job_begin(b, "upload"), second = job_begin(b, "upload");
	struct ledger_unit mine = unit_brought(b, first, 0, LINES(COFFEE, TEA));
	struct ledger_unit other = unit_brought(b, second, 0, LINES(TEA, WAGE));
	struct buf result = {0};

	assert_int_equal(other.rows->n, 2);
	assert_int_equal(other.rows->state[0], ROW_UNBOOKED);
	assert_int_equal(other.rows->txn[0], mine.rows->txn[1]);
	units_post(b, &other, 1);
	unit_done(&other);
	units_post(b, &mine, 1);
	unit_done(&mine);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries"), 3);
	job_finish(b, first, "complete", &result);
	assert_int_equal(json_number(&result, "inserted"), 2);
	assert_int_equal(json_number(&result, "je_created"), 1);
	job_finish(b, second, "complete", &result);
	assert_int_equal(json_number(&result, "inserted"), 1);
	assert_int_equal(json_number(&result, "je_created"), 2);
	books_check(b);
	rows_free(&mine.rows);
	rows_free(&other.rows);
	buf_release(&result);
}

static void test_books_refuse_change(void **state)
{
	static const char *const changes[] = {
		"UPDATE entries SET amount = 1",
		"DELETE FROM entries",
		"UPDATE transactions SET amount = 1",
		"DELETE FROM transactions",
		"UPDATE sightings SET txn = 1",
		"DELETE FROM sightings",
		"INSERT INTO live (txn, entry, open) SELECT txn, entry, 0 FROM live",
		"INSERT INTO entries (txn, date, debit, credit, amount, currency, decider, "
		"confidence) "
		"VALUES (1, '2024-01-01', 1, 2, -1, 'USD', 1, 0)",
		"INSERT INTO entries (txn, date, debit, credit, amount, currency, decider, "
		"confidence, "
		"reverses) SELECT txn, date, credit, debit, amount, currency, 1, 0, 1 FROM entries "
		"UNION ALL SELECT txn, date, credit, debit, amount, currency, 1, 0, 1 FROM entries",
	};
	struct books *b = *state;

	job_upload(b, LINES(COFFEE), NULL);
	job_upload(b, LINES(COFFEE), NULL);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		if (books_do(b, changes[i]) != SQLITE_CONSTRAINT)
			fail_msg("done: %s", changes[i]);
	books_check(b);
}

/* ---- categorize ---- */

/* What a categorize job sees of all candidates. */
static struct ledger_unit fetched(struct books *b, struct id job)
{
	struct ledger_unit unit = {.rows = rows_new()};
	uint64_t count;
	int64_t last, next;

	assert_int_equal(ledger_candidates(b->ledger, 1000000, &count, &last, NULL), 0);
	assert_int_equal(ledger_fetch(b->ledger, 0, last, unit.rows, &next, NULL), 0);
	assert_int_equal(unit.rows->n, count);
	assert_int_equal(next, last);
	unit_dealt(b, &unit, job, 0);
	return unit;
}

/* Three uncategorised transactions and one that is not. */
static void three_unknown(struct books *b)
{
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit = unit_brought(b, job, 0,
					       LINES(COFFEE, TEA, WAGE, "2024-01-08 -1 USD Known"));
	struct buf result = {0};

	unit_decide(&unit, 3, "Expenses:Food", 900000);
	units_post(b, &unit, 1);
	unit_done(&unit);
	job_finish(b, job, "complete", &result);
	rows_free(&unit.rows);
	buf_release(&result);
}

static void test_ledger_post_corrects_by_reversal_and_new_entry(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit;
	struct buf result = {0};
	struct id job;

	three_unknown(b);
	job = job_begin(b, "categorize");
	unit = fetched(b, job);
	assert_int_equal(unit.rows->n, 3);
	assert_true(span_is(rows_span(unit.rows, unit.rows->bank[2]), BANK));
	assert_true(span_is(rows_span(unit.rows, unit.rows->description[2]), "Wage"));
	assert_int_equal(unit.rows->amount_minor[2], 100000);
	unit_decide(&unit, 0, "Expenses:Food", 900000);
	unit_decide(&unit, 1, "Expenses:Uncategorised", 900000); /* it is there already */
	units_post(b, &unit, 1);
	unit_done(&unit);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries"), 6);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries WHERE reverses = 1"), 1);
	assert_int_equal(books_standing(b, "Expenses:Food"), 2);
	assert_int_equal(books_standing(b, "Expenses:Uncategorised"), 1);
	job_finish(b, job, "complete", &result);
	assert_int_equal(json_number(&result, "journal_entries_created"), 1);
	assert_int_equal(json_number(&result, "reversed"), 1);
	assert_int_equal(json_number(&result, "high_confidence"), 1);
	assert_int_equal(json_number(&result, "needs_review"), 0);
	assert_int_equal(json_number(&result, "changed_meanwhile"), 0);
	assert_int_equal(json_number(&result, "looked_at"), 3);
	books_check(b);
	rows_free(&unit.rows);
	buf_release(&result);
}

static void test_ledger_post_leaves_alone_what_changed_meanwhile(void **state)
{
	struct books *b = *state;
	struct ledger_unit one, two;
	struct buf result = {0};
	struct id first, second;

	three_unknown(b);
	first = job_begin(b, "categorize");
	second = job_begin(b, "categorize");
	one = fetched(b, first);
	two = fetched(b, second);
	for (uint32_t i = 0; i < 3; i++) {
		unit_decide(&one, i, "Expenses:Food", 900000);
		unit_decide(&two, i, "Expenses:Other", 900000);
	}
	units_post(b, &one, 1);
	units_post(b, &two, 1);
	unit_done(&two);
	assert_int_equal(books_number(b, "SELECT count(*) FROM entries"), 4 + 2 * 3);
	assert_int_equal(books_standing(b, "Expenses:Other"), 0);
	job_finish(b, second, "complete", &result);
	assert_int_equal(json_number(&result, "changed_meanwhile"), 3);
	assert_int_equal(json_number(&result, "journal_entries_created"), 0);
	books_check(b);
	rows_free(&one.rows);
	rows_free(&two.rows);
	buf_release(&result);
}

static void test_ledger_candidates_leave_alone_what_a_person_decided(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = unit_brought(b, job_begin(b, "upload"), 0, LINES(COFFEE, TEA));
	uint64_t count;
	int64_t last;

	unit_decide(&unit, 0, "Expenses:Uncategorised", 1000000);
	unit.rows->source[0] = SOURCE_USER;
	assert_int_equal(ledger_candidates(b->ledger, 10, &count, &last, NULL), 0);
	assert_int_equal(count, 0); /* an upload's own job books its rows */
	units_post(b, &unit, 1);
	assert_int_equal(ledger_candidates(b->ledger, 10, &count, &last, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(last, unit.rows->txn[1]);
	rows_free(&unit.rows);
}

static void test_ledger_candidates_find_what_a_lost_upload_left(void **state)
{
	struct books *b = *state;
	struct id job;
	struct ledger_unit unit = unit_brought(b, job_begin(b, "upload"), 0, LINES(COFFEE, TEA));

	assert_int_equal(books_do(b, "UPDATE imports SET begun_ms = begun_ms - 90000000"), 0);
	rows_free(&unit.rows);
	job = job_begin(b, "categorize");
	unit = fetched(b, job);
	assert_int_equal(unit.rows->n, 2);
	assert_int_equal(unit.rows->entry[0], 0);
	unit_decide(&unit, 0, "Expenses:Food", 900000);
	units_post(b, &unit, 1);
	unit_done(&unit);
	assert_int_equal(books_number(b, "SELECT count(*) FROM live"), 2);
	books_check(b);
	rows_free(&unit.rows);
}

static void test_ledger_fetch_goes_on_where_it_ended(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct rows *rows = rows_new();
	char lines[3][ROWS_MAX][32];
	uint64_t count, seen = 0;
	int64_t last, after = 0, next, middle = 0;

	for (uint32_t number = 0; number < 3; number++) {
		const char *unit_lines[ROWS_MAX + 1] = {0};
		struct ledger_unit unit;

		for (int i = 0; i < ROWS_MAX; i++) {
			snprintf(lines[number][i], sizeof(lines[0][0]), "2024-01-%02u -%d USD x",
				 number + 1, i + 1);
			unit_lines[i] = lines[number][i];
		}
		unit = unit_brought(b, job, number, unit_lines);
		units_post(b, &unit, 1);
		rows_free(&unit.rows);
	}
	assert_int_equal(ledger_candidates(b->ledger, 1200, &count, &last, NULL), 0);
	assert_int_equal(count, 1200);
	do {
		rows_clear(rows);
		assert_int_equal(ledger_fetch(b->ledger, after, last, rows, &next, NULL), 0);
		assert_true(rows->n <= ROWS_MAX);
		seen += rows->n;
		middle = middle ? middle : next;
		after = next;
	} while (after < last);
	assert_int_equal(seen, 1200);
	assert_int_equal(after, last);
	/* a replay ends exactly where it did */
	rows_clear(rows);
	assert_int_equal(ledger_fetch(b->ledger, 0, middle, rows, &next, NULL), 0);
	assert_int_equal(rows->n, ROWS_MAX);
	assert_int_equal(next, middle);
	rows_free(&rows);
}

static void test_ledger_fetch_bounds_the_text_of_a_unit(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit = {.rows = rows_new()};
	char *line = xmalloc(ROWS_RECORD_MAX + 64);
	uint64_t count;
	int64_t last, next;

	for (int i = 0; i < 12; i++) {
		int at = sprintf(line, "2024-01-05 -%d USD ", i + 1);

		memset(line + at, 'x', ROWS_RECORD_MAX);
		line[at + ROWS_RECORD_MAX] = '\0';
		rows_put(unit.rows, 2 + (uint64_t)i, line);
	}
	unit_dealt(b, &unit, job, 0);
	units_insert(b, &unit, 1);
	units_post(b, &unit, 1);
	unit_done(&unit);
	rows_clear(unit.rows);
	assert_int_equal(ledger_candidates(b->ledger, 100, &count, &last, NULL), 0);
	assert_int_equal(ledger_fetch(b->ledger, 0, last, unit.rows, &next, NULL), 0);
	assert_true(unit.rows->n >= 1 && unit.rows->n < 7);
	assert_true(next < last);
	free(line);
	rows_free(&unit.rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BOOKS(test_ledger_post_debits_the_category_when_money_goes_out),
		IN_BOOKS(test_ledger_post_sends_what_nobody_knows_to_review),
		IN_BOOKS(test_ledger_post_balances_each_currency),
		IN_BOOKS(test_ledger_post_splits_an_entry),
		IN_BOOKS(test_ledger_post_refuses_parts_that_do_not_fit),
		IN_BOOKS(test_ledger_post_books_a_unit_once),
		IN_BOOKS(test_ledger_post_fails_only_the_unit_at_fault),
		IN_BOOKS(test_ledger_post_books_a_duplicate_that_has_no_entry_once),
		IN_BOOKS(test_books_refuse_change),
		IN_BOOKS(test_ledger_post_corrects_by_reversal_and_new_entry),
		IN_BOOKS(test_ledger_post_leaves_alone_what_changed_meanwhile),
		IN_BOOKS(test_ledger_candidates_leave_alone_what_a_person_decided),
		IN_BOOKS(test_ledger_candidates_find_what_a_lost_upload_left),
		IN_BOOKS(test_ledger_fetch_goes_on_where_it_ended),
		IN_BOOKS(test_ledger_fetch_bounds_the_text_of_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
