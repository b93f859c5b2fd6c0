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
static const char back_to_3[] =
	"DROP TRIGGER transactions_come; DROP TRIGGER sightings_come; DROP TRIGGER entries_come;"
	"DROP TRIGGER entries_alone; DROP TRIGGER undone_come; DROP TRIGGER undone_sightings_come;"
	"DROP TRIGGER live_come; DROP TRIGGER live_stay; DROP TRIGGER live_remain;"
	"DROP INDEX sightings_kept; DROP TABLE suggestions; DROP INDEX answered_txn;"
	"ALTER TABLE transfers DROP COLUMN parted_by; DROP TABLE again;"
	"PRAGMA user_version = 3";
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
	assert_int_equal(books_number(b, "PRAGMA user_version"), 4);
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

static void test_schema_brings_books_of_version_3_up(void **state)
{
	struct books *b = *state;
	int64_t whole = shape(b);

	job_upload(b, LINES(COFFEE, TEA), NULL);
	assert_int_equal(books_do(b, back_to_3), SQLITE_OK);
	brought_up(b);
	assert_int_equal(shape(b), whole);
}

static void test_schema_brings_books_of_version_2_up(void **state)
{
	struct books *b = *state;
	int64_t whole = shape(b);

	job_upload(b, LINES(COFFEE, TEA), NULL);
	assert_int_equal(books_do(b, back_to_3), SQLITE_OK);
	assert_int_equal(books_do(b, back_to_2), SQLITE_OK);
	brought_up(b);
	assert_int_equal(shape(b), whole);
}

static void test_schema_brings_books_of_version_1_up(void **state)
{
	struct books *b = *state;
	int64_t whole = shape(b);

	job_upload(b, LINES(COFFEE, TEA), NULL);
	assert_int_equal(books_do(b, back_to_3), SQLITE_OK);
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
	assert_int_equal(books_do(b, back_to_3), SQLITE_OK);
	assert_int_equal(books_do(b, back_to_2), SQLITE_OK);
	assert_int_equal(books_do(b, back_to_1), SQLITE_OK);
	assert_int_equal(books_do(b, without_balance), SQLITE_OK);
	brought_up(b);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions WHERE balance IS NULL"),
			 3);
}

/* Each by a tool that knows nothing of daybook. Transaction 1 is booked by entry 1. */
static void test_schema_refuses_what_goes_round_the_journal(void **state)
{
	static const char *const ways[] = {
		"UPDATE entries SET amount = 1",
		"DELETE FROM entries",
		"REPLACE INTO entries SELECT id, txn, run, date, debit, credit, 1, currency, "
		"decider, "
		"confidence, reverses, label FROM entries",
		"INSERT INTO entries SELECT NULL, txn, run, date, debit, credit, 1, currency, "
		"decider, "
		"confidence, reverses, label FROM entries WHERE id = 1",
		"REPLACE INTO entries SELECT NULL, txn, run, date, debit, credit, 1, currency, "
		"decider, confidence, reverses, label FROM entries WHERE reverses IS NOT NULL",
		"UPDATE OR REPLACE entries SET id = 2 WHERE id = 1",
		"REPLACE INTO transactions SELECT id, import, line, bank, date, 1, currency, "
		"fingerprint, ordinal, description, reference, raw, balance FROM transactions",
		"REPLACE INTO transactions SELECT NULL, import, line, bank, date, 1, currency, "
		"fingerprint, ordinal, description, reference, raw, balance FROM transactions",
		"UPDATE transactions SET amount = 1",
		"DELETE FROM transactions",
		"REPLACE INTO sightings SELECT import, line, txn, 'x', kept FROM sightings",
		"REPLACE INTO sightings SELECT import, line + 1, txn, 'x', kept FROM sightings",
		"UPDATE live SET entry = 2 WHERE txn = 1",
		"UPDATE live SET review = NULL, open = 0",
		"DELETE FROM live",
		"REPLACE INTO live SELECT txn, entry, NULL, 0 FROM live",
		"REPLACE INTO live VALUES (1, 2, NULL, 0)",
	};
	struct books *b = *state;
	struct id first = job_upload(b, LINES(COFFEE, TEA), NULL);
	struct fault why = {0};
	struct buf said = {0};
	int64_t before;

	job_upload(b, LINES(COFFEE), NULL);
	assert_int_equal(books_number(b, "SELECT count(*) FROM sightings"), 1);
	assert_int_equal(ledger_write(b->ledger, first, span_text("answer"),
				      span_text("{\"txn\": 2, \"account\": \"Expenses:Fun\"}"),
				      &said, &why),
			 0);
	before = books_number(b, "SELECT sum(amount * id) FROM entries");
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (books_do(b, ways[i]) != SQLITE_CONSTRAINT)
			fail_msg("taken: %s", ways[i]);
	assert_int_equal(books_number(b, "SELECT sum(amount * id) FROM entries"), before);
	books_check(b);
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BOOKS(test_schema_brings_books_of_version_3_up),
		IN_BOOKS(test_schema_brings_books_of_version_2_up),
		IN_BOOKS(test_schema_brings_books_of_version_1_up),
		IN_BOOKS(test_schema_adds_the_balance_that_early_books_lack),
		IN_BOOKS(test_schema_refuses_what_goes_round_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
