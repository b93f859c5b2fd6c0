/*
 * Overlapping statements: any way of cutting one history into files, in any order of upload, newest
 * or oldest first, gives the same books. The histories have many equal purchases of a day.
 */
#include "books_fixture.h"

#define HISTORY_MAX 200
#define TRIALS	    10
#define TRIALS_FULL 200 /* DAYBOOK_TEST_FULL=1 */

/* One purchase of a history. */
struct deed {
	int32_t day;
	int64_t amount, balance;
	int text;
	bool late; /* not there yet when the first file was made */
};

struct history {
	struct deed deeds[HISTORY_MAX];
	int n;
	uint64_t seed;
};

/* What a file says beside date, text and amount. */
enum witness { NONE, BALANCE, REFERENCE };

static uint64_t n_trials(void)
{
	return getenv("DAYBOOK_TEST_FULL") ? TRIALS_FULL : TRIALS;
}

static unsigned roll(struct history *h, unsigned sides)
{
	h->seed = h->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(h->seed >> 33) % sides;
}

static void history_make(struct history *h, uint64_t seed)
{
	static const int64_t amounts[] = {-250, -250, -300, 100000};
	int64_t balance = 500000;

	*h = (struct history){.seed = seed};
	for (int32_t day = 19000; day < 19030; day++) {
		for (unsigned i = roll(h, 5); i > 0; i--) {
			struct deed *deed = &h->deeds[h->n++];

			*deed = (struct deed){
				.day = day, .amount = amounts[roll(h, 4)], .text = (int)roll(h, 2)};
			balance += deed->amount;
			deed->balance = balance;
		}
	}
}

/* deeds[i] as a row of a file. */
static void deed_put(struct rows *rows, const struct history *h, int i, enum witness witness)
{
	static const char *const texts[] = {"Coffee", "Bakery"};
	const struct deed *deed = &h->deeds[i];
	uint32_t row = rows_add(rows);
	char reference[24], raw[40];

	rows->line[row] = row + 2;
	rows->day[row] = deed->day;
	rows->amount_minor[row] = deed->amount;
	memcpy(rows->currency[row].code, "USD", 3);
	rows->bank[row] = rows_text(rows, span_text(BANK));
	rows->description[row] = rows_text(rows, span_text(texts[deed->text]));
	snprintf(raw, sizeof raw, "raw %lld", witness == BALANCE ? (long long)deed->balance : 0);
	rows->raw[row] = rows_text(rows, span_text(raw));
	if (witness == BALANCE) {
		rows->balance_minor[row] = deed->balance;
		rows->flags[row] |= ROW_HAS_BALANCE;
	}
	if (witness == REFERENCE) {
		snprintf(reference, sizeof reference, "REF%06d", i);
		rows->reference[row] = rows_text(rows, span_text(reference));
		rows->flags[row] |= ROW_REFERENCE_HINT;
	}
}

/* Uploads deeds from..to-1; `result` may be NULL. */
static void file_upload(struct books *b, struct history *h, int from, int to, enum witness witness,
			struct buf *result)
{
	struct ledger_unit unit = {.rows = rows_new()};
	struct id job = job_begin(b, "upload");
	struct buf own = {0};
	bool newest_first = roll(h, 2);

	for (int i = 0; i < to - from; i++) {
		int deed = newest_first ? to - 1 - i : from + i;

		if (!h->deeds[deed].late)
			deed_put(unit.rows, h, deed, witness);
	}
	unit_dealt(b, &unit, job, 0);
	units_insert(b, &unit, 1);
	unit_done(&unit);
	units_post(b, &unit, 1);
	job_finish(b, job, "complete", result ? result : &own);
	rows_free(&unit.rows);
	buf_release(&own);
}

/* Each deed is in the books as often as in the history, and nothing else is. */
static void history_check(struct books *b, const struct history *h)
{
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), h->n);
	for (int i = 0; i < h->n; i++) {
		const struct deed *deed = &h->deeds[i];
		char day[DAY_TEXT_SIZE], query[256];
		int equal = 0;

		for (int k = 0; k < h->n; k++)
			equal += h->deeds[k].day == deed->day &&
				 h->deeds[k].amount == deed->amount &&
				 h->deeds[k].text == deed->text;
		day_text(deed->day, day);
		snprintf(
			query, sizeof query,
			"SELECT count(*) FROM transactions WHERE date = '%s' AND amount = %lld AND "
			"description = '%s'",
			day, (long long)deed->amount, deed->text ? "Bakery" : "Coffee");
		assert_int_equal(books_number(b, query), equal);
	}
	books_check(b);
}

/* A place between two deeds; between two days when `whole`. */
static int cut(struct history *h, bool whole)
{
	int at = (int)roll(h, (unsigned)h->n + 1);

	while (whole && at > 0 && at < h->n && h->deeds[at].day == h->deeds[at - 1].day)
		at++;
	return at;
}

/* Rows that the results of uploads list as perhaps wrongly taken for duplicates. */
static int told_in(const struct buf *result)
{
	static const char mark[] = "\"transaction_id\": null";
	int n = 0;

	for (const char *at = result->at; (at = strstr(at, mark)) != NULL; at += sizeof mark - 1)
		n++;
	return n;
}

/* Files that overlap and together are the history, in an order that is none. `gaps`: files need not
 * touch what is there. Returns how many rows were told to be doubtful. */
static int cut_and_upload(struct books *b, struct history *h, bool whole, bool gaps,
			  enum witness witness)
{
	int starts[8], ends[8], there[2] = {0, 0}, n = 0, reach = 0, told = 0;
	struct buf result = {0};

	while (reach < h->n && n < 7) {
		starts[n] = cut(h, whole);
		ends[n] = cut(h, whole);
		starts[n] = starts[n] > reach ? reach : starts[n];
		if (ends[n] <= reach)
			continue;
		reach = ends[n++];
	}
	if (reach < h->n) {
		starts[n] = reach;
		ends[n++] = h->n;
	}
	for (int left = n; left > 0; left--) {
		int pick = (int)roll(h, (unsigned)left);

		/* a file cut inside a day must touch what is there: a gap of part of a day is no
		 * evidence for anything */
		while (!whole && !gaps && left < n &&
		       (starts[pick] > there[1] || ends[pick] < there[0]))
			pick = (pick + 1) % left;
		buf_clear(&result);
		file_upload(b, h, starts[pick], ends[pick], witness, &result);
		told += told_in(&result);
		there[0] = left == n || starts[pick] < there[0] ? starts[pick] : there[0];
		there[1] = left == n || ends[pick] > there[1] ? ends[pick] : there[1];
		starts[pick] = starts[left - 1];
		ends[pick] = ends[left - 1];
	}
	buf_release(&result);
	return told;
}

static void trials(bool whole, enum witness witness)
{
	for (uint64_t seed = 1; seed <= n_trials(); seed++) {
		struct history h;
		void *state;

		books_setup(&state);
		history_make(&h, seed * 7919);
		cut_and_upload(state, &h, whole, false, witness);
		history_check(state, &h);
		books_teardown(&state);
	}
}

static void test_overlap_at_days_gives_the_same_books(void **state)
{
	(void)state;
	trials(true, NONE);
	trials(true, BALANCE);
	trials(true, REFERENCE);
}

static void test_overlap_inside_days_is_settled_by_balance_or_reference(void **state)
{
	(void)state;
	trials(false, BALANCE);
	trials(false, REFERENCE);
}

/* The balance meets equal rows out of their order: what a file has of them are not the first ones.
 */
static void test_overlap_doubles_nothing_that_is_met_out_of_order(void **state)
{
	struct books *b = *state;

	for (uint64_t seed = 1; seed <= 4; seed++) { /* newest or oldest first */
		struct history h = {.n = 4, .seed = seed};
		int32_t day = 19000 + (int32_t)seed;

		for (int i = 0; i < h.n; i++)
			h.deeds[i] = (struct deed){
				.day = day, .amount = -250, .balance = 500000 - 250 * (i + 1)};
		file_upload(b, &h, 2, 4, BALANCE, NULL);
		file_upload(b, &h, 0, 4, BALANCE, NULL);
		for (int again = 0; again < 4; again++)
			file_upload(b, &h, 0, 4, BALANCE, NULL);
		assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 4 * seed);
	}
}

/* Two files of one day with an equal row each: the same, or another one? */
static void test_overlap_of_equal_days_without_witness_is_told(void **state)
{
	struct history h = {.n = 2};
	struct books *b = *state;
	struct buf result = {0};

	for (int i = 0; i < 2; i++)
		h.deeds[i] = (struct deed){.day = 19000, .amount = -250};
	file_upload(b, &h, 0, 1, NONE, NULL);
	file_upload(b, &h, 1, 2, NONE, &result);
	assert_int_equal(told_in(&result), 1);
	buf_release(&result);
}

/* A file that begins within a day where another one ended, and one that ends where another began.
 */
static void test_overlap_goes_on_from_where_another_file_ends(void **state)
{
	struct history h = {.n = 5};
	struct books *b = *state;
	int64_t balance = 500000;

	for (int i = 0; i < h.n; i++) {
		h.deeds[i] = (struct deed){.day = 19000, .amount = i % 2 ? -300 : -250};
		balance += h.deeds[i].amount;
		h.deeds[i].balance = balance;
	}
	file_upload(b, &h, 2, 4, BALANCE, NULL);
	file_upload(b, &h, 4, 5, BALANCE, NULL);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 3);
	file_upload(b, &h, 0, 2, BALANCE, NULL);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 5);
	file_upload(b, &h, 0, 5, BALANCE, NULL);
	history_check(b, &h);
}

/* Where nothing settles it, what may be lost is listed. */
static void test_overlap_inside_a_day_without_witness_is_told(void **state)
{
	struct history h = {.n = 3};
	struct books *b = *state;
	struct buf result = {0};

	for (int i = 0; i < 3; i++)
		h.deeds[i] = (struct deed){.day = 19000, .amount = -250 - (i == 0)};
	h.deeds[2].text = 1;
	file_upload(b, &h, 0, 2, NONE, NULL);
	file_upload(b, &h, 1, 3, NONE, &result); /* is its coffee the one of before? */
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 3);
	assert_non_null(strstr(result.at, "\"possible_duplicates\": [{\"line\": "));
	assert_non_null(strstr(result.at, "\"transaction_id\": null, \"equals\": \""));
	buf_clear(&result);
	file_upload(b, &h, 0, 3, NONE, &result); /* the whole day: nothing is open */
	assert_non_null(strstr(result.at, "\"possible_duplicates\": []"));
	buf_release(&result);
}

/* Files in any order at all: where one leaves a gap inside a day, an equal row beyond it may be
 * taken for the one before it. Nothing is doubled then, and what is lost was told. */
static void test_overlap_in_any_order_doubles_nothing_and_tells_what_it_drops(void **state)
{
	static const enum witness witnesses[] = {NONE, BALANCE, REFERENCE};

	(void)state;
	for (uint64_t seed = 1; seed <= 3 * n_trials(); seed++) {
		struct history h;
		void *books;
		int told;
		int64_t there;

		books_setup(&books);
		history_make(&h, seed * 6101);
		told = cut_and_upload(books, &h, false, true, witnesses[seed % 3]);
		there = books_number(books, "SELECT count(*) FROM transactions");
		assert_true(there <= h.n && h.n - there <= told);
		file_upload(books, &h, 0, h.n, witnesses[seed % 3], NULL);
		history_check(books, &h);
		books_teardown(&books);
	}
}

static bool tells_doubt(const struct buf *result)
{
	return strstr(result->at, "\"possible_duplicates\": []") == NULL;
}

/* One file ends within a day, another begins within it, and what is between is in neither. */
static void test_overlap_with_a_gap_inside_a_day_is_told(void **state)
{
	struct history h = {.n = 5};
	struct books *b = *state;
	struct buf result = {0};

	for (int i = 0; i < h.n; i++)
		h.deeds[i] = (struct deed){
			.day = 19000, .amount = -250, .balance = 500000 - 250 * (i + 1)};
	file_upload(b, &h, 0, 2, BALANCE, &result);
	assert_false(tells_doubt(&result));
	buf_clear(&result);
	file_upload(b, &h, 3, 5, BALANCE, &result);
	assert_true(tells_doubt(&result));
	file_upload(b, &h, 0, 5, BALANCE, NULL); /* what was in doubt is in the whole */
	history_check(b, &h);
	buf_clear(&result);
	file_upload(b, &h, 3, 5, BALANCE, &result);
	assert_int_equal(books_number(b, "SELECT count(*) FROM transactions"), 5);
	buf_release(&result);
}

/* Files that meet on a day, of which the second has less than is there: it was cut, and its rows
 * may be others than those that they are taken for. */
static void test_overlap_where_files_meet_is_told_when_one_has_less(void **state)
{
	struct history h = {.n = 4};
	struct books *b = *state;
	struct buf result = {0};

	for (int i = 0; i < h.n; i++)
		h.deeds[i] = (struct deed){.day = 18999 + (i + 1) / 2, .amount = -250};
	h.deeds[2].text = 1;
	file_upload(b, &h, 0, 3, NONE, NULL); /* 18999; coffee and cake on 19000 */
	h.deeds[2].late = true;
	file_upload(b, &h, 1, 4, NONE, &result); /* coffee on 19000; 19001 */
	assert_true(tells_doubt(&result));
	h.deeds[2].late = false;
	file_upload(b, &h, 0, 4, NONE, NULL);
	buf_clear(&result);
	file_upload(b, &h, 1, 2, NONE, &result); /* a file goes over that day by now */
	assert_false(tells_doubt(&result));
	history_check(b, &h);
	buf_release(&result);
}

/* Rows that were posted late stand between those that were there, and move every later balance. */
static void test_overlap_takes_late_rows_and_doubles_none(void **state)
{
	static const enum witness witnesses[] = {NONE, BALANCE, REFERENCE};

	(void)state;
	for (uint64_t seed = 1; seed <= n_trials(); seed++) {
		struct history h;
		void *books;
		int64_t balance = 500000;

		books_setup(&books);
		history_make(&h, seed * 104729);
		for (int i = 0; i < h.n; i++) {
			h.deeds[i].late = roll(&h, 8) == 0;
			/* amounts of their own, so that balances do not meet by chance */
			h.deeds[i].amount -= h.deeds[i].late ? 3003 + 10 * i : 0;
			balance += h.deeds[i].late ? 0 : h.deeds[i].amount;
			h.deeds[i].balance = balance;
		}
		file_upload(books, &h, 0, h.n, witnesses[seed % 3], NULL);
		balance = 500000;
		for (int i = 0; i < h.n; i++) {
			h.deeds[i].late = false;
			balance += h.deeds[i].amount;
			h.deeds[i].balance = balance;
		}
		file_upload(books, &h, 0, h.n, witnesses[seed % 3], NULL);
		history_check(books, &h);
		books_teardown(&books);
	}
}

/* A bank that gives every row the same number loses none of them. */
static void test_overlap_does_not_trust_references_that_repeat(void **state)
{
	struct books *b = *state;
	struct ledger_unit unit = {.rows = rows_new()};
	struct history h = {.n = 3};
	struct id job = job_begin(b, "upload");

	for (int i = 0; i < 3; i++) {
		h.deeds[i] = (struct deed){.day = 19000, .amount = -250 - i / 2};
		deed_put(unit.rows, &h, i, REFERENCE);
		unit.rows->reference[i] = rows_text(unit.rows, span_text("CARD-000000"));
	}
	unit_dealt(b, &unit, job, 0);
	units_insert(b, &unit, 1);
	unit_done(&unit);
	assert_int_equal(unit.rows->n, 3);
	rows_free(&unit.rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlap_at_days_gives_the_same_books),
		cmocka_unit_test(test_overlap_inside_days_is_settled_by_balance_or_reference),
		cmocka_unit_test_setup_teardown(test_overlap_goes_on_from_where_another_file_ends,
						books_setup, books_teardown),
		cmocka_unit_test_setup_teardown(test_overlap_inside_a_day_without_witness_is_told,
						books_setup, books_teardown),
		cmocka_unit_test_setup_teardown(
			test_overlap_doubles_nothing_that_is_met_out_of_order, books_setup,
			books_teardown),
		cmocka_unit_test_setup_teardown(test_overlap_of_equal_days_without_witness_is_told,
						books_setup, books_teardown),
		cmocka_unit_test(test_overlap_in_any_order_doubles_nothing_and_tells_what_it_drops),
		cmocka_unit_test_setup_teardown(test_overlap_with_a_gap_inside_a_day_is_told,
						books_setup, books_teardown),
		cmocka_unit_test_setup_teardown(
			test_overlap_where_files_meet_is_told_when_one_has_less, books_setup,
			books_teardown),
		cmocka_unit_test(test_overlap_takes_late_rows_and_doubles_none),
		cmocka_unit_test_setup_teardown(test_overlap_does_not_trust_references_that_repeat,
						books_setup, books_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
