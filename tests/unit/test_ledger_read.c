#include "books_fixture.h"

/* What status-api shows: pages of transactions and entries, the trial balance, sheets. */

#define MANY 250

typedef int list_pages(struct ledger *ledger, const struct ledger_query *query, struct buf *items,
		       struct buf *next, struct fault *why);

/* Rows over 25 days, every fifth for review, every seventh to Expenses:Food:Out. */
static struct id many(struct books *b)
{
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit = {.rows = rows_new()};
	struct buf result = {0};
	char line[64];

	for (int i = 0; i < MANY; i++) {
		snprintf(line, sizeof(line), "2024-01-%02d -%d USD Shop%% %d", 1 + i / 10, i + 1,
			 i);
		rows_put(unit.rows, 2 + (uint64_t)i, line);
	}
	unit_dealt(b, &unit, job, 0);
	units_insert(b, &unit, 1);
	for (uint32_t i = 0; i < MANY; i++)
		unit_decide(&unit, i, i % 7 ? "Expenses:Food" : "Expenses:Food:Out",
			    i % 5 ? 950000 : 300000);
	units_post(b, &unit, 1);
	unit_done(&unit);
	job_finish(b, job, "complete", &result);
	rows_free(&unit.rows);
	buf_release(&result);
	return job;
}

/* Every page of the list, one after the other, as one array; checks that none repeats an item. */
static uint32_t all_pages(struct books *b, list_pages *list, struct ledger_query query,
			  struct buf *items)
{
	struct buf next = {0}, cursor = {0};
	struct fault why = {0};
	uint32_t n = 0;

	query.limit = query.limit ? query.limit : 7;
	buf_clear(items);
	do {
		buf_clear(&cursor);
		buf_add(&cursor, next.at, next.len);
		query.cursor = buf_span(&cursor);
		if (items->len > 0 && items->at[items->len - 1] != ',')
			buf_char(items, ',');
		if (list(b->ledger, &query, items, &next, &why) != 0)
			fail_msg("%s: %s", why.code, why.text);
	} while (next.len > 0);
	for (const char *at = items->at; at && (at = strstr(at, "{\"id\"")); at++) {
		const char *end = strchr(at, ',');
		struct buf id = {0};

		buf_add(&id, at, (size_t)(end - at + 1));
		assert_null(strstr(at + 1, id.at));
		buf_release(&id);
		n++;
	}
	buf_release(&next);
	buf_release(&cursor);
	return n;
}

static uint32_t count_of(struct books *b, list_pages *list, struct ledger_query query)
{
	struct buf items = {0};
	uint32_t n = all_pages(b, list, query, &items);

	buf_release(&items);
	return n;
}

static void test_ledger_transactions_pages_hold_each_once(void **state)
{
	struct books *b = *state;
	struct id job = many(b);
	struct id other = job_upload(b, LINES("2024-01-03 -9999 USD Other"), NULL);
	list_pages *list = ledger_transactions;
	struct span review = span_text("needs_review"), food = span_text("Expenses:Food");

	assert_int_equal(count_of(b, list, (struct ledger_query){0}), MANY + 1);
	assert_int_equal(count_of(b, list, (struct ledger_query){.status = review}), MANY / 5);
	assert_int_equal(
		count_of(b, list, (struct ledger_query){.status = span_text("categorized")}),
		MANY - MANY / 5 + 1);
	assert_int_equal(count_of(b, list, (struct ledger_query){.job = job}), MANY);
	assert_int_equal(count_of(b, list, (struct ledger_query){.job = other}), 1);
	assert_int_equal(count_of(b, list, (struct ledger_query){.job = id_new(1)}), 0);
	assert_int_equal(count_of(b, list,
				  (struct ledger_query){.from = span_text("2024-01-03"),
							.to = span_text("2024-01-04")}),
			 21);
	/* an account, with those below it; the bank has them all */
	assert_int_equal(count_of(b, list, (struct ledger_query){.account = food}), MANY + 1);
	assert_int_equal(
		count_of(b, list, (struct ledger_query){.account = span_text("Expenses:Food:Out")}),
		36);
	assert_int_equal(
		count_of(b, list, (struct ledger_query){.account = span_text("Expenses:Foo")}), 0);
	assert_int_equal(count_of(b, list, (struct ledger_query){.account = span_text(BANK)}),
			 MANY + 1);
	assert_int_equal(count_of(b, list, (struct ledger_query){.q = span_text("shop% 24")}), 11);
	assert_int_equal(count_of(b, list, (struct ledger_query){.q = span_text("shop_")}), 0);
	assert_int_equal(count_of(b, list,
				  (struct ledger_query){.status = review,
							.account = food,
							.job = job,
							.from = span_text("2024-01-02"),
							.to = span_text("2024-01-02"),
							.q = span_text("shop")}),
			 2);
}

static void test_ledger_transactions_shows_what_api_md_lists(void **state)
{
	struct books *b = *state;
	struct buf items = {0};
	struct id job = job_upload(b, LINES("2024-01-05 -250 USD Say \"hi\""), NULL);
	char text[ID_JOB_TEXT_SIZE], expected[512];

	assert_int_equal(
		all_pages(b, ledger_transactions, (struct ledger_query){.limit = 100}, &items), 1);
	id_job_text(job, text);
	snprintf(expected, sizeof(expected),
		 "{\"id\": \"1\", \"date\": \"2024-01-05\", \"amount\": \"-2.50\", "
		 "\"currency\": \"USD\", \"description\": \"Say \\\"hi\\\"\", \"reference\": \"\", "
		 "\"account\": \"Expenses:Food\", \"bank_account\": \"" BANK "\", "
		 "\"confidence\": 0.95, \"source\": \"rule\", \"decided_by\": \"a rule @1\", "
		 "\"status\": \"categorized\", \"suggestion\": null, \"entry_id\": \"1\", "
		 "\"job_id\": \"%s\", \"line\": 2, \"payee\": null, \"tags\": [], "
		 "\"splits\": []}",
		 text);
	assert_string_equal(items.at, expected);
	buf_release(&items);
}

static void test_ledger_transactions_come_newest_day_first(void **state)
{
	struct books *b = *state;
	struct buf items = {0};
	const char *newest, *middle, *oldest;

	job_upload(b, LINES("2024-01-05 -1 USD Middle", "2024-01-04 -1 USD Oldest"), NULL);
	job_upload(b, LINES("2024-01-06 -1 USD Newest"), NULL);
	all_pages(b, ledger_transactions, (struct ledger_query){.limit = 1}, &items);
	newest = strstr(items.at, "Newest");
	middle = strstr(items.at, "Middle");
	oldest = strstr(items.at, "Oldest");
	assert_true(newest && middle && oldest && newest < middle && middle < oldest);
	buf_release(&items);
}

static void test_ledger_transactions_refuse_what_they_do_not_know(void **state)
{
	static const char *const cursors[] = {"x",
					      "2024-01-05",
					      "2024-01-05.1",
					      "2024-13-05.1.1",
					      "2024-01-05.1.1x",
					      "2024-01-05.1.",
					      "..............."};
	struct books *b = *state;
	struct ledger_query query = {.limit = 10};
	struct buf items = {0}, next = {0};
	struct fault why = {0};

	for (size_t i = 0; i < ARRAY_LEN(cursors); i++) {
		query.cursor = span_text(cursors[i]);
		if (ledger_transactions(b->ledger, &query, &items, &next, &why) != -1)
			fail_msg("taken: %s", cursors[i]);
		assert_int_equal(why.class, FAULT_INPUT);
		assert_string_equal(why.code, "cursor");
	}
	query.cursor = span_text("");
	query.from = span_text("yesterday");
	assert_int_equal(ledger_entries(b->ledger, &query, &items, &next, &why), -1);
	assert_string_equal(why.code, "date");
	query.from = span_text("");
	query.status = span_text("odd");
	assert_int_equal(ledger_transactions(b->ledger, &query, &items, &next, &why), -1);
	assert_string_equal(why.code, "status");
	buf_release(&items);
	buf_release(&next);
}

/* Rows that do not match are looked at within bounds: short pages, and none is left out. */
static void test_ledger_transactions_end_a_page_that_looked_at_too_much(void **state)
{
	struct books *b = *state;
	struct ledger_query query = {.limit = 100, .q = span_text("needle")};
	struct id job = job_begin(b, "upload");
	struct buf items = {0}, next = {0};
	struct ledger_unit unit = {.rows = rows_new()};
	char line[64];

	for (uint32_t number = 0; number < 24; number++) {
		rows_clear(unit.rows);
		for (int i = 0; i < ROWS_MAX; i++) {
			snprintf(line, sizeof(line), "2024-01-%02u -%d USD %s", 24 - number, i + 1,
				 number == 23 && i == 0 ? "Needle" : "hay");
			rows_put(unit.rows, 2 + number * ROWS_MAX + (uint64_t)i, line);
		}
		unit_dealt(b, &unit, job, number);
		units_insert(b, &unit, 1);
		units_post(b, &unit, 1);
		unit_done(&unit);
	}
	assert_int_equal(ledger_transactions(b->ledger, &query, &items, &next, NULL), 0);
	assert_int_equal(items.len, 0);
	assert_true(next.len > 0);
	assert_int_equal(all_pages(b, ledger_transactions, query, &items), 1);
	rows_free(&unit.rows);
	buf_release(&items);
	buf_release(&next);
}

static void test_ledger_entries_show_a_correction_whole(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = unit_brought(b, job_begin(b, "upload"), 0, LINES(COFFEE));
	struct buf items = {0};
	struct id run;

	units_post(b, &unit, 1);
	run = job_begin(b, "categorize");
	unit.rows->entry[0] = 1;
	unit_decide(&unit, 0, "Expenses:Food", 950000);
	unit_dealt(b, &unit, run, 0);
	units_post(b, &unit, 1);
	unit_done(&unit);
	assert_int_equal(all_pages(b, ledger_entries, (struct ledger_query){.limit = 1}, &items),
			 3);
	assert_non_null(strstr(items.at, "{\"id\": \"2\", \"date\": \"2024-01-05\", "
					 "\"description\": \"Coffee\", \"transaction_id\": \"1\""));
	assert_non_null(strstr(items.at, "\"reverses\": \"1\", \"reversed_by\": null"));
	assert_non_null(strstr(items.at, "\"reverses\": null, \"reversed_by\": \"2\""));
	assert_non_null(strstr(items.at,
			       "\"lines\": [{\"account\": \"Expenses:Food\", \"amount\": \"2.50\", "
			       "\"currency\": \"USD\"}, {\"account\": \"" BANK "\", "
			       "\"amount\": \"-2.50\", \"currency\": \"USD\"}], "
			       "\"payee\": null, \"tags\": []}"));
	assert_int_equal(count_of(b, ledger_entries, (struct ledger_query){.job = run}), 2);
	assert_int_equal(
		count_of(b, ledger_entries,
			 (struct ledger_query){.account = span_text("Expenses:Uncategorised")}),
		2);
	assert_int_equal(count_of(b, ledger_transactions, (struct ledger_query){.job = run}), 1);
	rows_free(&unit.rows);
	buf_release(&items);
}

static void test_ledger_balances_are_as_of_a_day(void **state)
{
	struct books *b = *state;
	struct buf json = {0};

	job_upload(b, LINES(COFFEE, TEA, WAGE), NULL);
	assert_int_equal(ledger_balances(b->ledger, span_text("2024-01-05"), &json, NULL), 0);
	assert_string_equal(json.at,
			    "{\"items\":[{\"account\":\"" BANK "\",\"currency\":\"USD\","
			    "\"debit\":\"0.00\",\"credit\":\"2.50\",\"balance\":\"-2.50\"},"
			    "{\"account\":\"Expenses:Food\",\"currency\":\"USD\","
			    "\"debit\":\"2.50\",\"credit\":\"0.00\",\"balance\":\"2.50\"}],"
			    "\"totals\":[{\"currency\":\"USD\",\"debit\":\"2.50\","
			    "\"credit\":\"2.50\"}]}");
	buf_clear(&json);
	assert_int_equal(ledger_balances(b->ledger, span_text("2023-01-01"), &json, NULL), 0);
	assert_string_equal(json.at, "{\"items\":[],\"totals\":[]}");
	assert_int_equal(ledger_balances(b->ledger, span_text("today"), &json, NULL), -1);
	buf_release(&json);
}

/* ---- sheets ---- */

typedef int sheet_pages(struct ledger *ledger, struct id job, uint64_t *after, struct buf *csv,
			struct fault *why);

static void whole_sheet(struct books *b, sheet_pages *sheet, struct id job, struct buf *csv)
{
	uint64_t after = 0;
	int status;

	do {
		status = sheet(b->ledger, job, &after, csv, NULL);
		assert_true(status >= 0);
	} while (status == 0);
}

static void test_ledger_rejects_csv_is_quoted_and_no_formula(void **state)
{
	struct books *b = *state;
	struct buf csv = {0};
	struct id job = job_upload(b,
				   LINES("=cmd|' /C calc'!A0", "a,\"b\"", "two\nlines", "plain",
					 " \"+1\"", "@x", "-1", "\tx", "＝1+1", "＋1", "－1",
					 " ＠x", "＆x"),
				   NULL);
	const char *expected = "line,reason,detail,record\r\n"
			       "2,date-syntax,=cmd|' is no date,\"'=cmd|' /C calc'!A0\"\r\n";

	whole_sheet(b, ledger_rejects_csv, job, &csv);
	/* the detail repeats what is in the file, so it is guarded as well */
	assert_null(strstr(csv.at, ",=cmd"));
	assert_int_equal(strncmp(csv.at, expected, 27), 0);
	assert_non_null(strstr(csv.at, ",\"'=cmd|' /C calc'!A0\"\r\n3,"));
	assert_non_null(strstr(csv.at, ",\"a,\"\"b\"\"\"\r\n"));
	assert_non_null(strstr(csv.at, ",\"two\nlines\"\r\n"));
	assert_non_null(strstr(csv.at, ",plain\r\n"));
	assert_non_null(strstr(csv.at, ",\"' \"\"+1\"\"\"\r\n"));
	assert_non_null(strstr(csv.at, ",\"'@x\"\r\n"));
	assert_non_null(strstr(csv.at, ",\"'-1\"\r\n"));
	assert_non_null(strstr(csv.at, ",\"'\tx\"\r\n"));
	assert_non_null(strstr(csv.at, ",\"'＝1+1\"\r\n"));
	assert_non_null(strstr(csv.at, ",\"'＋1\"\r\n"));
	assert_non_null(strstr(csv.at, ",\"'－1\"\r\n"));
	assert_non_null(strstr(csv.at, ",\"' ＠x\"\r\n"));
	assert_non_null(strstr(csv.at, ",＆x\r\n"));
	buf_release(&csv);
}

static void test_ledger_duplicates_csv_names_what_was_met(void **state)
{
	struct books *b = *state;
	struct buf csv = {0};
	struct id job;

	job_upload(b, LINES(COFFEE, TEA), NULL);
	job = job_upload(b, LINES(TEA, WAGE), NULL);
	whole_sheet(b, ledger_duplicates_csv, job, &csv);
	assert_string_equal(csv.at,
			    "line,kept,transaction,date,amount,currency,description,record\r\n"
			    "2,,2,2024-01-06,-3.00,USD,Tea," TEA "\r\n");
	buf_release(&csv);
}

static void test_ledger_csv_comes_in_pages(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = {.rows = rows_new()};
	struct id job = job_begin(b, "upload");
	struct buf csv = {0};
	uint32_t lines = 0;

	for (uint32_t number = 0; number < 5; number++) {
		rows_clear(unit.rows);
		for (uint64_t i = 0; i < ROWS_MAX; i++)
			rows_put(unit.rows, 2 + number * ROWS_MAX + i, "bad");
		unit_dealt(b, &unit, job, number);
		units_insert(b, &unit, 1);
		unit_done(&unit);
	}
	whole_sheet(b, ledger_rejects_csv, job, &csv);
	for (const char *at = csv.at; (at = strstr(at, ",bad\r\n")); at++)
		lines++;
	assert_int_equal(lines, 5 * ROWS_MAX);
	rows_free(&unit.rows);
	buf_release(&csv);
}

static void test_ledger_reads_while_another_writes(void **state)
{
	struct books *b = *state;
	struct ledger *reader;
	struct ledger_query query = {.limit = 10};
	struct buf items = {0}, next = {0};
	struct fault why = {0};

	job_upload(b, LINES(COFFEE), NULL);
	assert_int_equal(
		ledger_open(b->dir, span_text("t1"), span_text("acme"), LEDGER_READ, &reader, &why),
		0);
	job_upload(b, LINES(TEA), NULL);
	assert_int_equal(ledger_transactions(reader, &query, &items, &next, &why), 0);
	assert_non_null(strstr(items.at, "Tea"));
	/* no snapshot outlives a page: the log can be copied back whole */
	assert_int_equal(books_number(b, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	/* nor is a writer needed */
	ledger_close(&b->ledger);
	buf_clear(&items);
	assert_int_equal(ledger_transactions(reader, &query, &items, &next, &why), 0);
	assert_non_null(strstr(items.at, "Coffee"));
	ledger_close(&reader);
	assert_int_equal(
		ledger_open(b->dir, span_text("t1"), span_text("acme"), LEDGER_READ, &reader, &why),
		0);
	buf_clear(&items);
	assert_int_equal(ledger_transactions(reader, &query, &items, &next, &why), 0);
	assert_non_null(strstr(items.at, "Coffee"));
	ledger_close(&reader);
	buf_release(&items);
	buf_release(&next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BOOKS(test_ledger_transactions_pages_hold_each_once),
		IN_BOOKS(test_ledger_transactions_shows_what_api_md_lists),
		IN_BOOKS(test_ledger_transactions_come_newest_day_first),
		IN_BOOKS(test_ledger_transactions_refuse_what_they_do_not_know),
		IN_BOOKS(test_ledger_transactions_end_a_page_that_looked_at_too_much),
		IN_BOOKS(test_ledger_entries_show_a_correction_whole),
		IN_BOOKS(test_ledger_balances_are_as_of_a_day),
		IN_BOOKS(test_ledger_rejects_csv_is_quoted_and_no_formula),
		IN_BOOKS(test_ledger_duplicates_csv_names_what_was_met),
		IN_BOOKS(test_ledger_csv_comes_in_pages),
		IN_BOOKS(test_ledger_reads_while_another_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
