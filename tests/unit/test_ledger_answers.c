#include "books_fixture.h"

/* What people decide and take back, in any order, against a list of layers: what stands for a
 * transaction is the newest layer that was not taken back. */

#define OTHER	"Assets:Bank:Savings"
#define TRANSIT "Assets:Transfers"
#define NO_ONE	"Uncategorised"
#define PAIRS	4
#define TXNS	(2 * PAIRS + 2)
#define LAYERS	256
#define GAMES	4
#define STEPS	100

/* ---- books with pairs ---- */

static struct id upload_to(struct books *b, const char *bank, const char *const *lines)
{
	struct ledger_import what = {.job = id_new(1700000000000),
				     .token = ++b->token,
				     .kind = "upload",
				     .bank = span_text(bank),
				     .currency = span_text("USD")};
	struct ledger_unit unit = {0};
	struct fault why = {0};
	struct buf result = {0};
	int64_t import;

	assert_int_equal(ledger_begin(b->ledger, &what, &import, &why), 0);
	unit_fill(&unit, lines, 2);
	for (uint32_t i = 0; i < unit.rows->n; i++)
		unit.rows->bank[i] = rows_text(unit.rows, span_text(bank));
	unit_dealt(b, &unit, what.job, 0);
	units_insert(b, &unit, 1);
	unit_done(&unit);
	units_post(b, &unit, 1);
	unit_done(&unit);
	job_finish(b, what.job, "complete", &result);
	rows_free(&unit.rows);
	buf_release(&result);
	return what.job;
}

/* Transactions 1 to PAIRS go out and the next PAIRS come in, each with its own; two more are of no
 * transfer. Returns the job that brought what comes in. */
static struct id bring_pairs(struct books *b)
{
	upload_to(b, BANK,
		  LINES("2024-01-05 -100 USD Out 1", "2024-01-05 -200 USD Out 2",
			"2024-01-05 -300 USD Out 3", "2024-01-05 -400 USD Out 4"));
	return upload_to(b, OTHER,
			 LINES("2024-01-06 100 USD In 1", "2024-01-06 200 USD In 2",
			       "2024-01-06 300 USD In 3", "2024-01-06 400 USD In 4",
			       "2024-01-07 -55 USD Flomp", "2024-01-08 77 USD Zorblix"));
}

/* ---- writes ---- */

static void wrote(struct books *b, const char *verb, struct buf *answer, const char *format, ...)
{
	char body[256];
	struct fault why = {0};
	va_list args;

	va_start(args, format);
	vsnprintf(body, sizeof body, format, args);
	va_end(args);
	if (ledger_write(b->ledger, id_new(1700000000000), span_text(verb), span_text(body), answer,
			 &why) != 0)
		fail_msg("%s %s: %s", verb, body, why.text);
}

/* The number in "key": "12". */
static long quoted_number(const struct buf *json, const char *key)
{
	char name[64];
	const char *at;

	snprintf(name, sizeof name, "\"%s\": \"", key);
	at = strstr(json->at, name);
	if (!at)
		fail_msg("no %s in %s", key, json->at);
	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

static long answer(struct books *b, long txn, const char *account)
{
	struct buf said = {0};
	long id;

	wrote(b, "answer", &said, "{\"txn\": %ld, \"account\": \"%s\"}", txn, account);
	id = quoted_number(&said, "answer_id");
	buf_release(&said);
	return id;
}

/* How many were restored. */
static long undo_answer(struct books *b, long id)
{
	struct buf said = {0};
	long restored;

	wrote(b, "undo-answer", &said, "{\"answer\": %ld, \"confidence\": %d}", id, THRESHOLD);
	restored = json_number(&said, "restored");
	buf_release(&said);
	return restored;
}

static void undo_transfer(struct books *b, long id)
{
	struct buf said = {0};

	wrote(b, "undo-transfer", &said, "{\"transfer\": %ld, \"confidence\": %d}", id, THRESHOLD);
	assert_true(json_number(&said, "restored") >= 0);
	buf_release(&said);
}

static bool stands(struct books *b, long txn, const char *account)
{
	char query[256];

	snprintf(query, sizeof query,
		 "SELECT count(*) FROM register WHERE txn = %ld AND account LIKE '%%%s'", txn,
		 account);
	return books_number(b, query) == 1;
}

/* ---- the list ---- */

struct layer {
	long txn, answer, transfer; /* 0: not of one */
	const char *account;
	bool undone;
};

struct list {
	struct layer layers[LAYERS];
	int n;
	long parted_by[PAIRS + 1]; /* by transfer: the answer that took it apart, 0: none */
	bool taken_back[LAYERS];   /* by answer */
	long answers;
	bool gone; /* what comes in: its import was taken back */
};

static const struct layer *top(const struct list *list, long txn)
{
	for (int i = list->n - 1; i >= 0; i--)
		if (list->layers[i].txn == txn && !list->layers[i].undone)
			return &list->layers[i];
	return NULL;
}

static void set_transfer(struct list *list, long transfer, bool undone)
{
	for (int i = 0; i < list->n; i++)
		if (list->layers[i].transfer == transfer)
			list->layers[i].undone = undone;
}

static bool is_together(const struct list *list, long transfer)
{
	for (int i = 0; i < list->n; i++)
		if (list->layers[i].transfer == transfer)
			return !list->layers[i].undone;
	return false;
}

static long transfer_of(long txn)
{
	return txn > 2 * PAIRS ? 0 : txn > PAIRS ? txn - PAIRS : txn;
}

/* A side can go back into its transfer: no one has put it elsewhere since. */
static bool may_join(const struct list *list, long txn)
{
	const struct layer *layer = top(list, txn);

	if (list->gone && txn > PAIRS)
		return false;
	return layer->answer == 0 || strcmp(layer->account, TRANSIT) == 0;
}

static void list_answer(struct list *list, long txn, long id, const char *account)
{
	long transfer = transfer_of(txn);

	if (transfer && strcmp(account, TRANSIT) != 0 && is_together(list, transfer)) {
		set_transfer(list, transfer, true);
		list->parted_by[transfer] = id;
	}
	list->layers[list->n++] = (struct layer){.txn = txn, .answer = id, .account = account};
	list->answers = id;
}

/* How many of its rows are restored. */
static long list_undo(struct list *list, long id)
{
	struct layer *layer = list->layers; /* TXNS of them are of no answer */
	long transfer, restored;

	while (layer->answer != id && layer < list->layers + list->n - 1)
		layer++;
	assert_int_equal(layer->answer, id);
	restored = top(list, layer->txn) == layer && !(list->gone && layer->txn > PAIRS);
	layer->undone = true;
	list->taken_back[id] = true;
	transfer = transfer_of(layer->txn);
	if (restored && transfer && !is_together(list, transfer) && list->parted_by[transfer] &&
	    list->taken_back[list->parted_by[transfer]] && may_join(list, transfer) &&
	    may_join(list, transfer + PAIRS)) {
		set_transfer(list, transfer, false);
		list->parted_by[transfer] = 0;
	}
	return restored;
}

static void list_begin(struct list *list)
{
	memset(list, 0, sizeof *list);
	for (long txn = 1; txn <= TXNS; txn++)
		list->layers[list->n++] = (struct layer){.txn = txn, .account = NO_ONE};
	for (long txn = 1; txn <= 2 * PAIRS; txn++)
		list->layers[list->n++] = (struct layer){
			.txn = txn, .transfer = transfer_of(txn), .account = TRANSIT};
}

/* ---- a game ---- */

static void check(struct books *b, const struct list *list, unsigned seed, int step)
{
	for (long txn = 1; txn <= (list->gone ? PAIRS : TXNS); txn++)
		if (!stands(b, txn, top(list, txn)->account))
			fail_msg("seed %u, step %d: transaction %ld is not in %s", seed, step, txn,
				 top(list, txn)->account);
	for (long transfer = 1; transfer <= PAIRS; transfer++) {
		char query[128];

		snprintf(query, sizeof query,
			 "SELECT undone_ms IS NULL FROM transfers WHERE id = %ld", transfer);
		assert_int_equal(books_number(b, query), is_together(list, transfer));
	}
	books_check(b);
}

static void move(struct books *b, struct list *list, unsigned *seed)
{
	static const char *const accounts[] = {"Expenses:Food", "Income:Gifts", TRANSIT};
	long txn = 1 + rand_r(seed) % TXNS, id;
	const char *account = accounts[rand_r(seed) % 3];
	int what = rand_r(seed) % 8;

	if (what < 4) {
		list_answer(list, txn, answer(b, txn, account), account);
	} else if (what == 4 && transfer_of(txn) && is_together(list, transfer_of(txn))) {
		undo_transfer(b, transfer_of(txn));
		set_transfer(list, transfer_of(txn), true);
		list->parted_by[transfer_of(txn)] = 0;
	} else if (list->answers) {
		/* mostly one of the last few */
		id = list->answers - rand_r(seed) % (list->answers < 6 ? list->answers : 6);
		if (!list->taken_back[id])
			assert_int_equal(undo_answer(b, id), list_undo(list, id));
	}
}

/* What comes in goes, with its sides of transfers; then every answer that is left, oldest first or
 * newest first. */
static void take_all_back(struct books *b, struct list *list, struct id job, bool oldest)
{
	char text[ID_JOB_TEXT_SIZE];
	struct buf said = {0};

	id_job_text(job, text);
	wrote(b, "undo-import", &said, "{\"job\": \"%s\", \"confidence\": %d}", text, THRESHOLD);
	assert_int_equal(json_number(&said, "removed"), TXNS - PAIRS);
	buf_release(&said);
	list->gone = true;
	for (long transfer = 1; transfer <= PAIRS; transfer++)
		if (is_together(list, transfer)) {
			set_transfer(list, transfer, true);
			list->parted_by[transfer] = 0;
		}
	for (long n = 1; n <= list->answers; n++) {
		long id = oldest ? n : list->answers + 1 - n;

		if (!list->taken_back[id])
			assert_int_equal(undo_answer(b, id), list_undo(list, id));
	}
	for (long txn = 1; txn <= PAIRS; txn++)
		assert_true(stands(b, txn, NO_ONE) &&
			    top(list, txn)->account == list->layers->account);
}

static void play(struct books *b, unsigned first)
{
	struct list list;
	unsigned seed = first;
	struct id job = bring_pairs(b);

	assert_int_equal(books_number(b, "SELECT count(*) FROM transfers"), PAIRS);
	list_begin(&list);
	for (int step = 0; step < STEPS; step++) {
		move(b, &list, &seed);
		if (step % 5 == 4)
			check(b, &list, first, step);
	}
	take_all_back(b, &list, job, first % 2);
}

static void test_answers_and_transfers_are_layers(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= GAMES; seed++) {
		void *books = NULL;

		books_setup(&books);
		play(books, seed);
		books_teardown(&books);
	}
}

/* ---- cases of their own ---- */

static void test_two_answers_taken_back_newest_first_leave_what_stood_before(void **state)
{
	struct books *b = *state;
	long one, two;

	bring_pairs(b);
	one = answer(b, 9, "Expenses:Food");
	two = answer(b, 9, "Expenses:Fun");
	assert_int_equal(undo_answer(b, two), 1);
	assert_true(stands(b, 9, "Expenses:Food"));
	assert_int_equal(undo_answer(b, one), 1);
	assert_true(stands(b, 9, NO_ONE));
	assert_int_equal(books_number(b, "SELECT open FROM live WHERE txn = 9"), 1);
	books_check(b);
}

static void test_a_group_and_a_correction_are_taken_back_newest_first(void **state)
{
	struct books *b = *state;
	struct buf said = {0};
	long group, one;

	upload_to(b, BANK, LINES("2024-01-05 -1 USD Flomp", "2024-01-06 -2 USD Flomp"));
	wrote(b, "answer", &said,
	      "{\"merchant\": \"flomp\", \"out\": true, \"account\": \"Expenses:Food\"}");
	assert_int_equal(json_number(&said, "changed"), 2);
	group = quoted_number(&said, "answer_id");
	one = answer(b, 2, "Expenses:Fun");
	assert_int_equal(undo_answer(b, one), 1);
	assert_int_equal(undo_answer(b, group), 2);
	assert_int_equal(books_standing(b, "Expenses:Uncategorised"), 2);
	books_check(b);
	buf_release(&said);
}

static void test_no_half_of_a_transfer_comes_back(void **state)
{
	struct books *b = *state;
	long confirmed;

	bring_pairs(b);
	confirmed = answer(b, 1, TRANSIT);
	undo_transfer(b, 1);
	assert_true(stands(b, 1, TRANSIT) && stands(b, 5, NO_ONE));
	assert_int_equal(undo_answer(b, confirmed), 1);
	assert_true(stands(b, 1, NO_ONE));
	books_check(b);
}

static void test_an_answer_taken_back_joins_the_pair_that_it_took_apart(void **state)
{
	struct books *b = *state;
	long given;

	bring_pairs(b);
	given = answer(b, 1, "Expenses:Food");
	assert_true(stands(b, 1, "Expenses:Food") && stands(b, 5, NO_ONE));
	undo_answer(b, given);
	assert_true(stands(b, 1, TRANSIT) && stands(b, 5, TRANSIT));
	assert_int_equal(books_number(b, "SELECT undone_ms IS NULL FROM transfers WHERE id = 1"),
			 1);
	/* the same transfer, so that it can be taken apart again */
	undo_transfer(b, 1);
	assert_true(stands(b, 1, NO_ONE) && stands(b, 5, NO_ONE));
	books_check(b);
}

static void test_a_side_that_found_another_is_not_joined_again(void **state)
{
	struct books *b = *state;
	long given;

	bring_pairs(b);
	given = answer(b, 1, "Expenses:Food");
	upload_to(b, "Assets:Cash", LINES("2024-01-06 -100 USD Out C"));
	assert_true(stands(b, 5, TRANSIT) && stands(b, 11, TRANSIT));
	assert_int_equal(undo_answer(b, given), 1);
	assert_true(stands(b, 1, NO_ONE) && stands(b, 5, TRANSIT) && stands(b, 11, TRANSIT));
	assert_int_equal(books_number(b, "SELECT count(*) FROM transfers WHERE undone_ms IS NULL "
					 "AND in_txn = 5"),
			 1);
	undo_transfer(b, 5);
	assert_true(stands(b, 5, NO_ONE) && stands(b, 11, NO_ONE));
	books_check(b);
}

static void test_what_was_answered_before_it_was_booked_stands_as_unknown(void **state)
{
	struct books *b = *state;
	struct id job = job_begin(b, "upload");
	struct ledger_unit unit = unit_brought(b, job, 0, LINES(COFFEE, WAGE));
	struct buf result = {0};
	long coffee, wage;

	coffee = answer(b, 1, "Expenses:Food");
	wage = answer(b, 2, "Income:Salary");
	assert_int_equal(undo_answer(b, coffee), 1);
	assert_int_equal(books_number(b, "SELECT count(*) FROM live"),
			 1); /* its job will book it */
	units_post(b, &unit, 1);
	unit_done(&unit);
	job_finish(b, job, "complete", &result);
	assert_int_equal(books_standing(b, "Expenses:Uncategorised"), 1);
	assert_int_equal(undo_answer(b, wage), 1);
	assert_int_equal(books_standing(b, "Income:Uncategorised"), 1);
	assert_int_equal(books_number(b, "SELECT count(*) FROM live WHERE open AND review"), 2);
	books_check(b);
	rows_free(&unit.rows);
	buf_release(&result);
}

/* ---- what history learns from ---- */

/* The account of the only decision, or "" if there is none. */
static void learnt(struct books *b, const char *account)
{
	struct rows *rows = rows_new();
	struct fault why = {0};

	assert_int_equal(ledger_decided(b->ledger, 10, rows, &why), 0);
	assert_int_equal(rows->n, *account != '\0');
	if (rows->n == 1) {
		assert_true(span_is(rows_span(rows, rows->account[0]), account));
		assert_true(span_is(rows_span(rows, rows->description[0]), "In 1"));
		assert_int_equal(rows->amount_minor[0], 100);
	}
	rows_free(&rows);
}

static void test_what_was_decided_is_learnt_until_it_is_taken_back(void **state)
{
	struct books *b = *state;
	struct id job = bring_pairs(b);
	struct buf said = {0};
	char text[ID_JOB_TEXT_SIZE];
	long one, two;

	one = answer(b, 5, "Income:Gifts");
	two = answer(b, 5, "Income:Salary");
	learnt(b, "Income:Salary");
	undo_answer(b, two);
	learnt(b, "Income:Gifts");
	/* the file was wrong, not what was said of it */
	id_job_text(job, text);
	wrote(b, "undo-import", &said, "{\"job\": \"%s\", \"confidence\": %d}", text, THRESHOLD);
	assert_int_equal(json_number(&said, "removed"), 6);
	learnt(b, "Income:Gifts");
	undo_answer(b, one);
	learnt(b, "");
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_and_transfers_are_layers),
		IN_BOOKS(test_two_answers_taken_back_newest_first_leave_what_stood_before),
		IN_BOOKS(test_a_group_and_a_correction_are_taken_back_newest_first),
		IN_BOOKS(test_no_half_of_a_transfer_comes_back),
		IN_BOOKS(test_an_answer_taken_back_joins_the_pair_that_it_took_apart),
		IN_BOOKS(test_a_side_that_found_another_is_not_joined_again),
		IN_BOOKS(test_what_was_answered_before_it_was_booked_stands_as_unknown),
		IN_BOOKS(test_what_was_decided_is_learnt_until_it_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
