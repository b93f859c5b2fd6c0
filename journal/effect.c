/* effect - what a unit did, on record, and the gate before it is done again. */
#include <sodium.h>

#include "books.h"
#include "day.h"

#define RUN_BYTES 13

static struct span input_span(const uint8_t *input)
{
	return span_of((const char *)input, EFFECT_INPUT_BYTES);
}

int effect_add(struct ledger *ledger, int64_t import, const struct effect *e, struct fault *why)
{
	char first[DAY_TEXT_SIZE] = "", last[DAY_TEXT_SIZE] = "";

	if (e->has_days) {
		day_text(e->first_day, first);
		day_text(e->last_day, last);
	}
	return db_do(ledger->db, SQL_EFFECT_ADD, why, "itiibiiiittiiiiiiiiiiiib", import,
		     span_text(e->stage), e->unit, (int64_t)e->token, input_span(e->input),
		     e->first_line, e->rows, e->first_id, e->last_id, span_text(first),
		     span_text(last), e->rejected, e->inserted, e->duplicates, e->doubtful,
		     e->booked, e->categorized, e->by_rules, e->by_history, e->by_llm,
		     e->high_confidence, e->reversed, e->changed_meanwhile, e->answer);
}

static int gate_shut(struct ledger_unit *unit, const char *code, const char *text)
{
	fault_set(&unit->fault, FAULT_JOB, code, "%s", text);
	return GATE_SHUT;
}

/* What an earlier delivery left, compared with what this one brings. */
static int gate_recorded(struct ledger *ledger, struct ledger_unit *unit,
			 const struct effect *effect, int64_t import, struct buf *answer,
			 struct fault *why)
{
	sqlite3_stmt *found = db_query(ledger->db, SQL_EFFECT_FIND, why, "iti", import,
				       span_text(effect->stage), effect->unit);
	int status = found ? db_next(ledger->db, found, why) : -1;
	struct span recorded;

	if (status <= 0)
		return status == 0 ? GATE_OPEN : -1;
	if (!span_equal(db_blob(found, 0), input_span(effect->input))) {
		sqlite3_reset(found);
		return gate_shut(unit, "replay-differs",
				 "a part of the file that is in the books already now reads "
				 "differently");
	}
	recorded = db_blob(found, 1);
	if (answer)
		buf_add(answer, recorded.at, recorded.len);
	sqlite3_reset(found);
	unit->replayed = true;
	return GATE_DONE;
}

int effect_gate(struct ledger *ledger, struct ledger_unit *unit, const struct effect *effect,
		struct import *import, struct buf *answer, struct fault *why)
{
	int status = import_find(ledger, unit->job, import, why);

	if (status < 0)
		return -1;
	if (status > 0)
		return gate_shut(unit, "import-unknown", "these books know no import of this job");
	if (unit->token < import->fence)
		return gate_shut(unit, "fenced", "the job has ended meanwhile");
	status = gate_recorded(ledger, unit, effect, import->id, answer, why);
	/* A retry goes on after a finish: the next one has to count again. */
	if (status == GATE_OPEN && !import->running &&
	    db_do(ledger->db, SQL_IMPORT_REOPEN, why, "i", import->id) != 0)
		return -1;
	return status;
}

static void hash_add(crypto_generichash_state *hash, const void *bytes, size_t len)
{
	crypto_generichash_update(hash, bytes, len);
}

/* Texts by length and bytes: where they lie in the heap is an accident. */
static void hash_texts(crypto_generichash_state *hash, const struct rows *rows,
		       const struct text_ref *column)
{
	for (uint32_t i = 0; i < rows->n; i++) {
		hash_add(hash, &column[i].len, sizeof column[i].len);
		if (column[i].len > 0)
			hash_add(hash, rows->text + column[i].off, column[i].len);
	}
}

void effect_hash_rows(const struct rows *rows, uint8_t out[EFFECT_INPUT_BYTES])
{
	crypto_generichash_state hash;
	size_t n = rows->n;

	crypto_generichash_init(&hash, NULL, 0, EFFECT_INPUT_BYTES);
	hash_add(&hash, &rows->n, sizeof rows->n);
	if (n > 0) {
		hash_add(&hash, rows->line, n * sizeof *rows->line);
		hash_add(&hash, rows->state, n * sizeof *rows->state);
		hash_add(&hash, rows->day, n * sizeof *rows->day);
		hash_add(&hash, rows->amount_minor, n * sizeof *rows->amount_minor);
		hash_add(&hash, rows->currency, n * sizeof *rows->currency);
		hash_texts(&hash, rows, rows->description);
		hash_texts(&hash, rows, rows->reference);
	}
	crypto_generichash_final(&hash, out, EFFECT_INPUT_BYTES);
}

void effect_hash_places(struct span start, struct span end, uint8_t out[EFFECT_INPUT_BYTES])
{
	crypto_generichash_state hash;
	uint32_t len = (uint32_t)start.len;

	crypto_generichash_init(&hash, NULL, 0, EFFECT_INPUT_BYTES);
	hash_add(&hash, &len, sizeof len);
	if (start.len > 0)
		hash_add(&hash, start.at, start.len);
	if (end.len > 0)
		hash_add(&hash, end.at, end.len);
	crypto_generichash_final(&hash, out, EFFECT_INPUT_BYTES);
}

static bool goes_on_with(const struct verdict *run, const struct verdict *next)
{
	return next->txn == run->txn + 1 && next->unbooked == run->unbooked;
}

static void put_run(struct buf *out, uint32_t first, uint32_t count, const struct verdict *verdict)
{
	uint16_t place = (uint16_t)first, n = (uint16_t)count;
	char *at = buf_reserve(out, RUN_BYTES);

	memcpy(at, &place, 2);
	memcpy(at + 2, &n, 2);
	at[4] = (char)verdict->unbooked;
	memcpy(at + 5, &verdict->txn, 8);
}

void effect_save(struct buf *out, const struct verdict *verdicts, uint32_t n)
{
	for (uint32_t i = 0, first; i < n; i++) {
		if (verdicts[i].txn == 0)
			continue;
		first = i;
		while (i + 1 < n && goes_on_with(&verdicts[i], &verdicts[i + 1]))
			i++;
		put_run(out, first, i - first + 1, &verdicts[first]);
	}
}

int effect_load(struct span bytes, struct verdict *verdicts, uint32_t n)
{
	uint16_t first, count;
	int64_t txn;

	if (bytes.len % RUN_BYTES != 0)
		return -1;
	memset(verdicts, 0, n * sizeof *verdicts);
	for (size_t at = 0; at < bytes.len; at += RUN_BYTES) {
		memcpy(&first, bytes.at + at, 2);
		memcpy(&count, bytes.at + at + 2, 2);
		memcpy(&txn, bytes.at + at + 5, 8);
		if ((uint32_t)first + count > n)
			return -1;
		for (uint32_t i = 0; i < count; i++)
			verdicts[first + i] = (struct verdict){txn + i, bytes.at[at + 4] != 0};
	}
	return 0;
}
