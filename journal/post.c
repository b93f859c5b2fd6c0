/* post - transactions of a unit become entries, or have theirs corrected. */
#include <assert.h>
#include <stdlib.h>

#include "batch.h"
#include "books.h"
#include "mem.h"

/* One unit on its way into the journal. The arrays are of the rows that get a new entry. */
struct posting {
	struct ledger *ledger;
	struct ledger_unit *units;
	const struct rows *rows; /* of the unit in hand */
	struct import import;
	struct effect effect;
	uint32_t confidence_ppm; /* from here on high */
	uint32_t n;
	int64_t txn[ROWS_MAX];
	int64_t account[ROWS_MAX]; /* 0 = nobody knew */
	int64_t decider[ROWS_MAX];
	uint32_t confidence[ROWS_MAX];
	int64_t label[ROWS_MAX]; /* 0: none */
	uint32_t row[ROWS_MAX];	 /* of the unit */
};

/* Columns of `decisions`, see ledger.c. */
static void decision_value(sqlite3_context *out, const void *arg, uint32_t place, int column)
{
	const struct posting *post = arg;

	switch (column) {
	case 0:
		return sqlite3_result_int64(out, place);
	case 1:
		return sqlite3_result_int64(out, post->txn[place]);
	case 2:
		if (post->account[place] == 0)
			return sqlite3_result_null(out);
		return sqlite3_result_int64(out, post->account[place]);
	case 3:
		return sqlite3_result_int64(out, post->decider[place]);
	case 4:
		return sqlite3_result_int64(out, post->confidence[place]);
	default:
		if (post->label[place] == 0)
			return sqlite3_result_null(out);
		return sqlite3_result_int64(out, post->label[place]);
	}
}

/* ---- what was decided for a row ---- */

struct decision {
	int64_t account, decider, label; /* account 0 = nobody knew, label 0 = none */
	uint32_t confidence_ppm;
	uint8_t source;
};

static int decide(struct posting *post, uint32_t row, struct decision *decision, struct fault *why)
{
	struct ledger *ledger = post->ledger;
	const struct rows *rows = post->rows;
	struct span account = rows_span(rows, rows->account[row]);
	struct span decider = rows_span(rows, rows->decider[row]);
	struct span label = rows_span(rows, rows->label[row]);

	*decision = (struct decision){.decider = DECIDER_NO_ONE};
	/* nobody decided, but history may have thought of something: shown to who reviews it */
	if (account.len == 0)
		return decider.len == 0 ? 0
					: names_decider(&ledger->deciders, ledger->db, SOURCE_NONE,
							decider, &decision->decider, why);
	decision->source = rows->source[row] <= SOURCE_USER ? rows->source[row] : SOURCE_NONE;
	decision->confidence_ppm = rows->confidence_ppm[row];
	if (names_account(&ledger->accounts, ledger->db, account, &decision->account, why) != 0 ||
	    (label.len > 0 &&
	     names_label(&ledger->labels, ledger->db, label, &decision->label, why) != 0))
		return -1;
	return names_decider(&ledger->deciders, ledger->db, decision->source, decider,
			     &decision->decider, why);
}

static bool is_uncategorised(int64_t account)
{
	return account == 0 || account == ACCOUNT_NO_EXPENSE || account == ACCOUNT_NO_INCOME;
}

static void add_decision(struct posting *post, uint32_t row, const struct decision *decision)
{
	struct effect *effect = &post->effect;
	uint32_t place = post->n++;

	post->txn[place] = post->rows->txn[row];
	post->account[place] = decision->account;
	post->decider[place] = decision->decider;
	post->confidence[place] = decision->confidence_ppm;
	post->label[place] = decision->label;
	post->row[place] = row;
	effect->booked++;
	if (is_uncategorised(decision->account))
		return;
	effect->categorized++;
	effect->by_rules += decision->source == SOURCE_RULE;
	effect->by_history += decision->source == SOURCE_HISTORY;
	effect->by_llm += decision->source == SOURCE_LLM;
	effect->high_confidence += decision->confidence_ppm >= post->confidence_ppm;
}

/* ---- rows of an upload, and those that categorize found without an entry ---- */

/* Are the transactions of this unit fresh? True for nearly every unit, and then one range of `live`
 * says so. Ids that lie far apart (duplicates that had no entry) would make it a long range. */
static int none_is_live(struct posting *post, bool *none, struct fault *why)
{
	const struct rows *rows = post->rows;
	int64_t low = INT64_MAX, high = 0, count;

	*none = false;
	for (uint32_t row = 0; row < rows->n; row++) {
		low = rows->txn[row] < low ? rows->txn[row] : low;
		high = rows->txn[row] > high ? rows->txn[row] : high;
	}
	if (high - low > 4 * ROWS_MAX)
		return 0;
	if (db_number(post->ledger->db, SQL_LIVE_BETWEEN, &count, why, "ii", low, high) != 0)
		return -1;
	*none = count == 0;
	return 0;
}

static int add_fresh(struct posting *post, uint32_t row, bool known_fresh, struct fault *why)
{
	struct decision decision;
	int64_t entry;
	int status = known_fresh ? 1
				 : db_number(post->ledger->db, SQL_LIVE_OF, &entry, why, "i",
					     post->rows->txn[row]);

	if (status < 0 || decide(post, row, &decision, why) != 0)
		return -1;
	/* Another job that met the same transaction was quicker. */
	if (status == 0)
		post->effect.changed_meanwhile++;
	else
		add_decision(post, row, &decision);
	return 0;
}

/* ---- rows that categorize found in Uncategorised ---- */

static int reverse(struct posting *post, uint32_t row, const struct decision *decision,
		   struct fault *why)
{
	const struct reversal what = {post->rows->txn[row], post->rows->entry[row], post->import.id,
				      decision->decider, decision->confidence_ppm};

	if (entry_reverse(post->ledger, &what, why) != 0)
		return -1;
	post->effect.reversed++;
	add_decision(post, row, decision);
	return 0;
}

static int add_again(struct posting *post, uint32_t row, struct fault *why)
{
	struct decision decision;
	int64_t account;
	int status = db_number(post->ledger->db, SQL_LIVE_ACCOUNT, &account, why, "ii",
			       post->rows->txn[row], post->rows->entry[row]);

	if (status < 0 || decide(post, row, &decision, why) != 0)
		return -1;
	if (status == 1) {
		post->effect.changed_meanwhile++;
		return 0;
	}
	if (decision.account == 0)
		return db_do(post->ledger->db, SQL_SUGGEST, why, "ii", post->rows->txn[row],
			     decision.decider);
	if (decision.account == account || is_uncategorised(decision.account))
		return 0;
	return reverse(post, row, &decision, why);
}

/* ---- a unit ---- */

static int add_rows(struct posting *post, struct fault *why)
{
	bool none;

	if (none_is_live(post, &none, why) != 0)
		return -1;
	for (uint32_t row = 0; row < post->rows->n; row++) {
		int status = post->rows->entry[row] == 0 ? add_fresh(post, row, none, why)
							 : add_again(post, row, why);

		if (status != 0)
			return -1;
	}
	return 0;
}

/* ---- parts ---- */

static int parts_fault(struct fault *why)
{
	return fault_set(why, FAULT_JOB, "parts-invalid",
			 "the parts of a row do not fit its amount and accounts");
}

/* The next number of "200 30 5", the next line of their accounts; 1: there is none. */
static int next_part(struct span *amounts, struct span *accounts, uint64_t *amount,
		     struct span *account)
{
	const char *blank = memchr(amounts->at ? amounts->at : "", ' ', amounts->len);
	const char *line = memchr(accounts->at ? accounts->at : "", '\n', accounts->len);
	struct span number = span_of(amounts->at,
				     blank ? (size_t)(blank - amounts->at) : amounts->len);

	if (amounts->len == 0)
		return 1;
	*account = span_of(accounts->at, line ? (size_t)(line - accounts->at) : accounts->len);
	if (!account->at || account->len == 0 || span_u64(number, amount) != 0 ||
	    *amount > MONEY_MAX_MINOR)
		return -1;
	*amounts = span_of(amounts->at + number.len + (blank != NULL),
			   amounts->len - number.len - (blank != NULL));
	*accounts = span_of(accounts->at + account->len + (line != NULL),
			    accounts->len - account->len - (line != NULL));
	return 0;
}

/* Parts of the row at `place`, of `entry`; those of nothing are none. */
static int add_parts(struct posting *post, uint32_t place, int64_t entry, struct fault *why)
{
	const struct rows *rows = post->rows;
	struct ledger *ledger = post->ledger;
	uint32_t row = post->row[place];
	struct span amounts = rows_span(rows, rows->parts[row]), account;
	struct span accounts = rows_span(rows, rows->part_accounts[row]);
	uint64_t amount = 0, left = (uint64_t)llabs(rows->amount_minor[row]);
	int64_t id, n = 0;
	int status;

	while ((status = next_part(&amounts, &accounts, &amount, &account)) == 0) {
		if (amount > left)
			return parts_fault(why);
		left -= amount;
		if (names_account(&ledger->accounts, ledger->db, account, &id, why) != 0)
			return -1;
		if (id == post->account[place] ||
		    span_equal(account, rows_span(rows, rows->bank[row])))
			return parts_fault(why);
		if (amount > 0 && db_do(ledger->db, SQL_PART_ADD, why, "iiii", entry, ++n, id,
					(int64_t)amount) != 0)
			return -1;
	}
	return status < 0 ? parts_fault(why) : 0;
}

static int add_all_parts(struct posting *post, int64_t first, struct fault *why)
{
	for (uint32_t place = 0; place < post->n; place++)
		if (post->rows->parts[post->row[place]].len > 0 && post->account[place] != 0 &&
		    add_parts(post, place, first + place, why) != 0)
			return -1;
	return 0;
}

/* ---- remarks ---- */

static int add_remarks(struct posting *post, struct fault *why)
{
	const struct rows *rows = post->rows;

	for (uint32_t row = 0; row < rows->n; row++)
		if (rows->remark[row].len > 0 &&
		    db_do(post->ledger->db, SQL_REMARK_ADD, why, "iti", post->import.id,
			  rows_span(rows, rows->remark[row]), (int64_t)rows->line[row]) != 0)
			return -1;
	return 0;
}

/* The entries of the unit, each made by SQL from its transaction, and then their lines in `live`.
 */
static int book(struct posting *post, struct fault *why)
{
	struct db *db = post->ledger->db;
	int64_t first, last;

	if (db_number(db, SQL_ENTRY_NEXT, &first, why, "") != 0)
		return -1;
	last = first + post->n - 1;
	post->effect.first_id = first - post->effect.reversed;
	post->effect.last_id = last;
	post->ledger->decisions = (struct feed){post->ledger->decisions.columns, post->n,
						decision_value, post};
	if (db_do(db, SQL_ENTRY_ADD_ALL, why, "ii", first, post->import.id) != 0)
		return -1;
	if ((uint32_t)sqlite3_changes(db->handle) != post->n)
		return fault_set(why, FAULT_JOB, "transaction-unknown",
				 "a row names a transaction that is not in the books");
	if (add_all_parts(post, first, why) != 0)
		return -1;
	return db_do(db, SQL_LIVE_ADD, why, "iii", first, last, (int64_t)post->confidence_ppm);
}

static int post_unit(struct posting *post, struct ledger_unit *unit, struct fault *why)
{
	int status;

	assert(unit->rows->n <= ROWS_MAX);
	post->rows = unit->rows;
	post->n = 0;
	post->effect = (struct effect){.stage = "journal",
				       .unit = unit->unit,
				       .token = unit->token,
				       .rows = unit->rows->n};
	effect_hash_places(unit->start, unit->end, post->effect.input);
	status = effect_gate(post->ledger, unit, &post->effect, &post->import, NULL, why);
	if (status != GATE_OPEN)
		return status < 0 ? -1 : 0;
	if (add_rows(post, why) != 0 || book(post, why) != 0 || add_remarks(post, why) != 0)
		return -1;
	return effect_add(post->ledger, post->import.id, &post->effect, why);
}

static int post_start(void *arg, struct fault *why)
{
	(void)arg, (void)why;
	return 0;
}

static int post_one(void *arg, int i, struct fault *why)
{
	struct posting *post = arg;

	return post_unit(post, &post->units[i], why);
}

int ledger_post(struct ledger *ledger, struct ledger_unit *units, int n, uint32_t confidence_ppm,
		struct fault *why)
{
	struct posting *post = xcalloc(1, sizeof *post);
	struct batch batch = {.ledger = ledger,
			      .units = units,
			      .n = n,
			      .start = post_start,
			      .one = post_one,
			      .arg = post,
			      .begins = "journal.begin.before",
			      .begun = "journal.begin.after",
			      .before = "journal.commit.before",
			      .after = "journal.commit.after"};
	int status;

	assert(ledger->mode == LEDGER_WRITE && n > 0);
	post->ledger = ledger;
	post->units = units;
	post->confidence_ppm = confidence_ppm;
	status = batch_run(&batch, why);
	free(post);
	return status;
}
