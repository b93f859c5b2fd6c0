/* insert - rows of a unit become transactions, sightings or rejects. */
#include <assert.h>
#include <stdlib.h>

#include "batch.h"
#include "books.h"
#include "day.h"
#include "mem.h"
#include "twin.h"

/* One unit on its way into the books. The arrays are of the rows that may become transactions, in
 * the order of the unit. */
struct intake {
	struct ledger *ledger;
	const struct rows *rows;
	struct ledger_unit *units;
	struct verdict *all_verdicts; /* one a row of all units; unit i's from first_verdict[i] */
	size_t *first_verdict;
	struct verdict *verdicts; /* of the unit in hand */
	struct import import;
	struct effect effect;
	int64_t next_id;       /* of a transaction */
	struct span bank_name; /* what `bank` below was last found for */
	int64_t bank_id;
	uint32_t n;
	uint32_t row[ROWS_MAX];
	int64_t bank[ROWS_MAX];
	int64_t fingerprint[ROWS_MAX];
	char date[ROWS_MAX][DAY_TEXT_SIZE];
};

static void result_span(sqlite3_context *out, struct span text)
{
	sqlite3_result_text(out, text.len ? text.at : "", (int)text.len, SQLITE_STATIC);
}

/* Columns of `incoming`, see ledger.c. */
static void incoming_value(sqlite3_context *out, const void *arg, uint32_t place, int column)
{
	const struct intake *in = arg;
	const struct rows *rows = in->rows;
	uint32_t row = in->row[place];

	switch (column) {
	case 0:
		return sqlite3_result_int64(out, place);
	case 1:
		return sqlite3_result_int64(out, (int64_t)rows->line[row]);
	case 2:
		return sqlite3_result_int64(out, in->bank[place]);
	case 3:
		return sqlite3_result_text(out, in->date[place], DAY_TEXT_SIZE - 1, SQLITE_STATIC);
	case 4:
		return sqlite3_result_int64(out, rows->amount_minor[row]);
	case 5:
		return result_span(out, span_text(rows->currency[row].code));
	case 6:
		return sqlite3_result_int64(out, in->fingerprint[place]);
	case 7:
		return result_span(out, rows_span(rows, rows->description[row]));
	case 8:
		return result_span(out, rows_span(rows, rows->reference[row]));
	case 9:
		return result_span(out, rows_span(rows, rows->raw[row]));
	default:
		if (rows->flags[row] & ROW_HAS_BALANCE)
			sqlite3_result_int64(out, rows->balance_minor[row]);
	}
}

/* ---- a row that met an equal one ---- */

/* Who has this place among equal transactions of a day? */
enum taken { TAKEN_ERROR = -1, TAKEN_FREE, TAKEN_MINE, TAKEN_OTHERS };

struct meeting {
	int64_t txn;
	int64_t import;
};

static enum taken probe(struct intake *in, uint32_t place, int64_t ordinal, struct meeting *met,
			struct fault *why)
{
	struct db *db = in->ledger->db;
	sqlite3_stmt *found = db_query(db, SQL_TXN_AT, why, "itii", in->bank[place],
				       span_of(in->date[place], DAY_TEXT_SIZE - 1),
				       in->fingerprint[place], ordinal);
	int status = found ? db_next(db, found, why) : -1;
	int64_t one;

	if (status <= 0)
		return status == 0 ? TAKEN_FREE : TAKEN_ERROR;
	met->txn = sqlite3_column_int64(found, 0);
	met->import = sqlite3_column_int64(found, 1);
	sqlite3_reset(found);
	if (met->import == in->import.id)
		return TAKEN_MINE;
	status = db_number(db, SQL_SIGHTING_OF, &one, why, "ii", met->txn, in->import.id);
	if (status < 0)
		return TAKEN_ERROR;
	return status == 0 ? TAKEN_MINE : TAKEN_OTHERS;
}

/* The first ordinal that this import has not taken yet. It takes them in order, so those that it
 * has are the first k: found in log k steps, because a file may hold one row 100,000 times. */
static enum taken find_ordinal(struct intake *in, uint32_t place, int64_t *ordinal,
			       struct meeting *met, struct fault *why)
{
	int64_t mine = -1, beyond = 0, middle;
	enum taken taken;

	while ((taken = probe(in, place, beyond, met, why)) == TAKEN_MINE) {
		mine = beyond;
		beyond = 2 * beyond + 1;
	}
	while (taken != TAKEN_ERROR && beyond - mine > 1) {
		middle = mine + (beyond - mine) / 2;
		taken = probe(in, place, middle, met, why);
		if (taken == TAKEN_MINE)
			mine = middle;
		else
			beyond = middle;
	}
	*ordinal = beyond;
	return taken == TAKEN_MINE ? probe(in, place, beyond, met, why) : taken;
}

static int add_sighting(struct intake *in, uint32_t place, int64_t txn, struct fault *why)
{
	struct db *db = in->ledger->db;
	uint32_t row = in->row[place];
	int64_t entry;
	int status;

	if (db_do(db, SQL_SIGHTING_ADD, why, "iiit", in->import.id, (int64_t)in->rows->line[row],
		  txn, rows_span(in->rows, in->rows->raw[row])) != 0)
		return -1;
	in->effect.duplicates++;
	status = db_number(db, SQL_LIVE_OF, &entry, why, "i", txn);
	if (status == 1)
		in->verdicts[row] = (struct verdict){txn, true};
	return status < 0 ? -1 : 0;
}

static int add_equal(struct intake *in, uint32_t place, int64_t ordinal, struct fault *why)
{
	const struct rows *rows = in->rows;
	uint32_t row = in->row[place];
	int64_t id = in->next_id + place;
	struct meeting first = {0};

	if (db_do(in->ledger->db, SQL_TXN_ADD, why, "iiiititiitttii", id, in->import.id,
		  (int64_t)rows->line[row], in->bank[place],
		  span_of(in->date[place], DAY_TEXT_SIZE - 1), rows->amount_minor[row],
		  span_text(rows->currency[row].code), in->fingerprint[place], ordinal,
		  rows_span(rows, rows->description[row]), rows_span(rows, rows->reference[row]),
		  rows_span(rows, rows->raw[row]), (int64_t)(rows->flags[row] & ROW_HAS_BALANCE),
		  rows->balance_minor[row]) != 0)
		return -1;
	in->verdicts[row].txn = id;
	in->effect.inserted++;
	if (probe(in, place, 0, &first, why) == TAKEN_ERROR)
		return -1;
	in->effect.doubtful += first.import != in->import.id;
	return 0;
}

static struct twin_row twin_row(const struct intake *in, uint32_t place)
{
	return (struct twin_row){.rows = in->rows,
				 .row = in->row[place],
				 .bank = in->bank[place],
				 .fingerprint = in->fingerprint[place],
				 .import = in->import.id,
				 .date = span_of(in->date[place], DAY_TEXT_SIZE - 1)};
}

/* Another import has an equal one: the same, or one more of its kind? */
static int meet_other(struct intake *in, uint32_t place, int64_t met, struct fault *why)
{
	struct twin_row twin = twin_row(in, place);
	int64_t txn = met, ordinal;

	switch (twin_find(in->ledger->db, &twin, &txn, why)) {
	case TWIN_SAME:
		return add_sighting(in, place, txn, why);
	case TWIN_UNKNOWN:
		return add_sighting(in, place, met, why);
	case TWIN_OTHER:
		return twin_next(in->ledger->db, &twin, &ordinal, why) == 0
			       ? add_equal(in, place, ordinal, why)
			       : -1;
	default:
		return -1;
	}
}

static int meet(struct intake *in, uint32_t place, struct fault *why)
{
	struct twin_row twin = twin_row(in, place);
	struct meeting met = {0};
	int64_t ordinal;
	int unseen;

	switch (find_ordinal(in, place, &ordinal, &met, why)) {
	case TAKEN_FREE:
		unseen = twin_unseen(in->ledger->db, &twin, &met.txn, why);
		if (unseen != 0)
			return unseen < 0 ? -1 : meet_other(in, place, met.txn, why);
		return add_equal(in, place, ordinal, why);
	case TAKEN_OTHERS:
		return meet_other(in, place, met.txn, why);
	default:
		return -1;
	}
}

/* ---- a unit ---- */

static int bank_of(struct intake *in, uint32_t row, int64_t *bank, struct fault *why)
{
	struct span name = rows_span(in->rows, in->rows->bank[row]);

	if (name.len == 0) {
		*bank = in->import.bank;
		return 0;
	}
	if (in->bank_id == 0 || !span_equal(name, in->bank_name)) {
		if (names_account(&in->ledger->accounts, in->ledger->db, name, &in->bank_id, why) !=
		    0)
			return -1;
		in->bank_name = name;
	}
	*bank = in->bank_id;
	return 0;
}

static void see_day(struct effect *effect, int32_t day)
{
	if (!effect->has_days || day < effect->first_day)
		effect->first_day = day;
	if (!effect->has_days || day > effect->last_day)
		effect->last_day = day;
	effect->has_days = true;
}

static int take_row(struct intake *in, uint32_t row, struct fault *why)
{
	const struct rows *rows = in->rows;
	struct span reference = rows_span(rows, rows->reference[row]);
	uint32_t place = in->n++;

	in->row[place] = row;
	if (bank_of(in, row, &in->bank[place], why) != 0)
		return -1;
	see_day(&in->effect, rows->day[row]);
	if (place > 0 && rows->day[in->row[place - 1]] == rows->day[row])
		memcpy(in->date[place], in->date[place - 1], DAY_TEXT_SIZE);
	else
		day_text(rows->day[row], in->date[place]);
	if (rows->flags[row] & ROW_REFERENCE_HINT)
		reference = span_of(NULL, 0);
	in->fingerprint[place] = fingerprint_of(rows_span(rows, rows->description[row]), reference,
						rows->amount_minor[row], rows->currency[row]);
	return 0;
}

static int refuse_row(struct intake *in, uint32_t row, struct fault *why)
{
	const struct rows *rows = in->rows;

	in->effect.rejected++;
	return db_do(in->ledger->db, SQL_REJECT_ADD, why, "iittt", in->import.id,
		     (int64_t)rows->line[row], rows_span(rows, rows->reason[row]),
		     rows_span(rows, rows->detail[row]), rows_span(rows, rows->raw[row]));
}

static int sort_rows(struct intake *in, struct fault *why)
{
	for (uint32_t row = 0; row < in->rows->n; row++) {
		int status = in->rows->state[row] == ROW_REJECTED ? refuse_row(in, row, why)
								  : take_row(in, row, why);

		if (status != 0)
			return -1;
	}
	return 0;
}

/* Which of the rows that were given an id have it? */
static int mark_inserted(struct intake *in, struct fault *why)
{
	struct db *db = in->ledger->db;
	int64_t last = in->next_id + in->n - 1;
	sqlite3_stmt *found = db_query(db, SQL_TXN_BETWEEN, why, "ii", in->next_id, last);
	int status = found ? 1 : -1;

	while (status == 1 && (status = db_next(db, found, why)) == 1) {
		int64_t id = sqlite3_column_int64(found, 0);

		in->verdicts[in->row[id - in->next_id]].txn = id;
		in->effect.inserted++;
	}
	return status;
}

/* All rows at once with ordinal 0; the few that met an equal transaction then one by one. Their ids
 * were left free for them, so that ids follow the order of lines. */
static int insert_rows(struct intake *in, struct fault *why)
{
	struct db *db = in->ledger->db;

	in->ledger->incoming = (struct feed){in->ledger->incoming.columns, in->n, incoming_value,
					     in};
	if (db_do(db, SQL_TXN_ADD_ALL, why, "ii", in->next_id, in->import.id) != 0)
		return -1;
	if ((uint32_t)sqlite3_changes(db->handle) == in->n) {
		for (uint32_t place = 0; place < in->n; place++)
			in->verdicts[in->row[place]].txn = in->next_id + place;
		in->effect.inserted = in->n;
		return 0;
	}
	if (mark_inserted(in, why) != 0)
		return -1;
	for (uint32_t place = 0; place < in->n; place++)
		if (in->verdicts[in->row[place]].txn == 0 && meet(in, place, why) != 0)
			return -1;
	return 0;
}

static int record(struct intake *in, struct fault *why)
{
	struct buf answer = {0};
	int status;

	in->effect.rows = in->rows->n;
	in->effect.first_line = in->rows->n ? (int64_t)in->rows->line[0] : 0;
	in->effect.first_id = in->next_id;
	in->effect.last_id = in->next_id + in->n - 1;
	effect_save(&answer, in->verdicts, in->rows->n);
	in->effect.answer = buf_span(&answer);
	status = effect_add(in->ledger, in->import.id, &in->effect, why);
	buf_release(&answer);
	return status;
}

static int answer_again(struct intake *in, struct span answer, struct fault *why)
{
	if (effect_load(answer, in->verdicts, in->rows->n) != 0)
		return fault_set(why, FAULT_JOB, "books-corrupt", "a unit's record is damaged");
	return 0;
}

static int insert_unit(struct intake *in, struct ledger_unit *unit, struct fault *why)
{
	struct buf answer = {0};
	int status;

	assert(unit->rows->n <= ROWS_MAX);
	in->rows = unit->rows;
	in->n = 0;
	in->bank_id = 0;
	in->effect = (struct effect){.stage = "insert", .unit = unit->unit, .token = unit->token};
	effect_hash_rows(unit->rows, in->effect.input);
	status = effect_gate(in->ledger, unit, &in->effect, &in->import, &answer, why);
	if (status == GATE_DONE)
		status = answer_again(in, buf_span(&answer), why);
	else if (status == GATE_OPEN)
		status = sort_rows(in, why) || insert_rows(in, why) || record(in, why) ? -1 : 0;
	buf_release(&answer);
	in->next_id += in->n;
	return status < 0 ? -1 : 0;
}

/* Leaves in the unit only what is to be booked, without what only insert needed. */
static void keep_rows(struct ledger *ledger, struct ledger_unit *unit,
		      const struct verdict *verdicts)
{
	struct rows all = *unit->rows;

	rows_clear(ledger->spare);
	for (uint32_t row = 0; row < all.n; row++) {
		uint32_t kept = ledger->spare->n;

		if (verdicts[row].txn == 0)
			continue;
		rows_copy(ledger->spare, &all, row, true);
		ledger->spare->txn[kept] = verdicts[row].txn;
		ledger->spare->state[kept] = verdicts[row].unbooked ? ROW_UNBOOKED : ROW_OK;
	}
	*unit->rows = *ledger->spare;
	*ledger->spare = all;
}

static int insert_start(void *arg, struct fault *why)
{
	struct intake *in = arg;

	return db_number(in->ledger->db, SQL_TXN_NEXT, &in->next_id, why, "");
}

static int insert_one(void *arg, int i, struct fault *why)
{
	struct intake *in = arg;

	in->verdicts = in->all_verdicts + in->first_verdict[i];
	memset(in->verdicts, 0, in->units[i].rows->n * sizeof *in->verdicts);
	return insert_unit(in, &in->units[i], why);
}

/* Room for what is found for every row of every unit. */
static void intake_prepare(struct intake *in, struct ledger_unit *units, int n)
{
	size_t rows = 0;

	in->units = units;
	in->first_verdict = xcalloc((size_t)n, sizeof *in->first_verdict);
	for (int i = 0; i < n; i++) {
		in->first_verdict[i] = rows;
		rows += units[i].rows->n;
	}
	in->all_verdicts = xcalloc(rows + 1, sizeof *in->all_verdicts);
}

int ledger_insert(struct ledger *ledger, struct ledger_unit *units, int n, struct fault *why)
{
	struct intake *in = xcalloc(1, sizeof *in);
	struct batch batch = {.ledger = ledger,
			      .units = units,
			      .n = n,
			      .start = insert_start,
			      .one = insert_one,
			      .arg = in,
			      .begins = "insert.begin.before",
			      .begun = "insert.begin.after",
			      .before = "insert.commit.before",
			      .after = "insert.commit.after"};
	int status;

	assert(ledger->mode == LEDGER_WRITE && n > 0);
	in->ledger = ledger;
	intake_prepare(in, units, n);
	status = batch_run(&batch, why);
	/* Rows change only now: a call that failed is made again with the same rows. */
	for (int i = 0; status == 0 && i < n; i++)
		if (units[i].fault.class == FAULT_NONE)
			keep_rows(ledger, &units[i], in->all_verdicts + in->first_verdict[i]);
	free(in->first_verdict);
	free(in->all_verdicts);
	free(in);
	return status;
}
