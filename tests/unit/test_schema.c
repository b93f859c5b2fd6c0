/* schema: books of earlier versions are brought up to date, with all that is in them. */
#include "books_fixture.h"

#define VIEWS_OF_1                                                                                 \
	"CREATE VIEW lines (entry, txn, date, account, amount, currency) AS "                      \
	"SELECT e.id, e.txn, e.date, a.name, e.amount, e.currency "                                \
	"FROM entries e JOIN accounts a ON a.id = e.debit UNION ALL "                              \
	"SELECT e.id, e.txn, e.date, a.name, -e.amount, e.currency "                               \
	"FROM entries e JOIN accounts a ON a.id = e.credit;"                                       \
	"CREATE VIEW trial_balance (account, currency, debit, credit, balance) AS "                \
	"SELECT account, currency, sum(max(amount, 0)), sum(max(-amount, 0)), sum(amount) "        \
	"FROM lines GROUP BY account, currency;"

/* What a version brought, taken away again. */
static const char back_to_2[] =
	"DROP VIEW trial_balance; DROP VIEW lines;"
	"DROP TRIGGER parts_stay; DROP TRIGGER parts_remain; DROP TRIGGER parts_come;"
	"DROP TABLE parts; DROP TABLE remarks; DROP TABLE labels;"
	"ALTER TABLE entries DROP COLUMN label; ALTER TABLE undone DROP COLUMN balance;" VIEWS_OF_1
	"PRAGMA user_version = 2";
static const char back_to_1[] =
	"DROP TRIGGER undone_stay; DROP TRIGGER undone_remain; DROP TRIGGER undone_sightings_stay;"
	"DROP TRIGGER undone_sightings_remain; DROP TRIGGER transactions_remain;"
	"DROP TRIGGER sightings_remain; DROP TABLE answered; DROP TABLE answers;"
	"DROP TABLE undone; DROP TABLE undone_sightings; DROP TABLE transfers;"
	"CREATE TRIGGER transactions_remain BEFORE DELETE ON transactions "
	"BEGIN SELECT raise(ABORT, 'what the bank said is never deleted'); END;"
	"CREATE TRIGGER sightings_remain BEFORE DELETE ON sightings "
	"BEGIN SELECT raise(ABORT, 'what the bank said is never deleted'); END;"
	"PRAGMA user_version = 1";
/* Of a file made while version 1 was written. */
static const char without_balance[] = "ALTER TABLE transactions DROP COLUMN balance";

/* All that there is, as SQLite describes it, without the order in which it came. */
static int64_t shape(struct books *b)
{
	return books_number(b, "SELECT count(*) FROM sqlite_schema WHERE type <> 'index'");
}

static void brought_up(struct books *b)
{
	struct ledger *reader = NULL;
	struct fault why = {0};
	int64_t before = shape(b);

	ledger_close(&b->ledger);
	assert_int_equal(
		ledger_open(b->dir, span_text("t1"), span_text("acme"), LEDGER_READ, &reader, &why),
		0);
	ledger_close(&reader);
	assert_int_equal(books_number(b, "PRAGMA user_version"), 3);
	assert_true(shape(b) > before);
	books_open(b);
	assert_int_equal(books_standing(b, "Expenses:Food"), 2);
	assert_int_equal(books_number(b, "SELECT balance FROM trial_balance WHERE account = "
					 "'Expenses:Food'"),
			 550);
	assert_int_not_equal(books_do(b, "DELETE FROM transactions"), SQLITE_OK);
	/* and it goes on */
	job_upload(b, LINES(WAGE), NULL);
	assert_int_equal(books_standing(b, "Expenses:Food"), 3);
	books_check(b);
}

static void test_schema_brings_books_of_version_2_up(void **state)
{
	struct books *b = *state;
	int64_t whole = shape(b);

	job_upload(b, LINES(COFFEE, TEA), NULL);
	assert_int_equal(books_do(b, back_to_2), SQLITE_OK);
	brought_up(b);
	assert_int_equal(shape(b), whole);
}

static void test_schema_brings_books_of_version_1_up(void **state)
{
	struct books *b = *state;
	int64_t whole = shape(b);

	job_upload(b, LINES(COFFEE, TEA), NULL);
	assert_int_equal(books_do(b, back_to_2), SQLITE_OK);
	assert_int_equal(books_do(b, back_to_1), SQLITE_OK);
	brought_up(b);
	assert_int_equal(shape(b), whole);
	assert_int_equal(books_number(b, "SELECT count(*) FROM answers"), 0);
}

static void test_schema_adds_the_balance_that_early_books_lack(void **state)
{
	struct books *b = *state;

	job_upload(b, LINES(COFFEE, TEA), NULL);
	assert_int_equal(books_do(b, back_to_2), SQLITE_OK);
	assert_int_equal(books_do(b, back_to_1), SQLITE_OK);
	assert_int_equal(books_do(b, without_balance), SQLITE_OK);
	brought_up(b);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions WHERE balance IS NULL"),
			 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BOOKS(test_schema_brings_books_of_version_2_up),
		IN_BOOKS(test_schema_brings_books_of_version_1_up),
		IN_BOOKS(test_schema_adds_the_balance_that_early_books_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
