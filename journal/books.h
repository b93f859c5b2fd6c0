/*
 * books - what the files of journal/ share: the inside of a ledger, an import's head, a unit's
 * gate.
 *
 * Owns     a ledger owns its connection and what it remembers; everything else here is plain data.
 */
#ifndef DAYBOOK_JOURNAL_BOOKS_H
#define DAYBOOK_JOURNAL_BOOKS_H

#include "db.h"
#include "feed.h"
#include "ledger.h"
#include "names.h"

/* Known by number, see books.sql. */
#define ACCOUNT_NO_EXPENSE 1
#define ACCOUNT_NO_INCOME  2
#define DECIDER_NO_ONE	   1

struct ledger {
	struct db *db;
	enum ledger_mode mode;
	struct feed incoming, decisions; /* `incoming` and `decisions` in SQL (sql.c) */
	struct names accounts, deciders, labels;
	struct rows *spare; /* takes a unit's rows that go on */
};

/* Gives back the memory of a ledger that is not used for now. */
void books_rest(struct ledger *ledger);
/* Forgets the names that it knows: those added meanwhile are gone. */
void books_forget(struct ledger *ledger);
/* Rolls back and forgets the names that were added meanwhile. Returns -1. */
int books_undo(struct ledger *ledger);

/* ---- entries ---- */

/* The live entry of a transaction is reversed, with its parts; `run` 0: by no job. */
struct reversal {
	int64_t txn, entry, run, decider, confidence_ppm;
};
int entry_reverse(struct ledger *ledger, const struct reversal *what, struct fault *why);
/* The entry written last gets the parts of another. */
int entry_parts_like(struct ledger *ledger, int64_t entry, struct fault *why);

/* ---- exports ---- */

/* A currency is declared before it is used first. */
void export_declare(struct ledger_export *export, const char *currency, struct buf *out);
/* An account as the format takes it, and a posting of it. */
void export_account(const struct ledger_export *export, struct span name, struct buf *out);
void export_line(const struct ledger_export *export, struct span account, const char *amount,
		 const char *currency, struct buf *out);

/* ---- imports ---- */

struct import {
	int64_t id;
	uint64_t fence;
	bool running;
	int64_t bank; /* account, 0 = none */
	int64_t begun_ms;
	char kind[32], state[IMPORT_STATE_SIZE];
};

/* 1 = these books know no such job. */
int import_find(struct ledger *ledger, struct id job, struct import *import, struct fault *why);
/* The result of the last finish, appended; 1 = there is none. */
int import_result(struct ledger *ledger, struct id job, struct buf *result, struct fault *why);

/* ---- effects ---- */

#define EFFECT_INPUT_BYTES 16

/* A line of `effects`. */
struct effect {
	const char *stage;
	int64_t unit;
	uint64_t token;
	uint8_t input[EFFECT_INPUT_BYTES];
	int64_t first_line, rows, first_id, last_id;
	bool has_days;
	int32_t first_day, last_day;
	int64_t rejected, inserted, duplicates, doubtful;
	int64_t booked, categorized, by_rules, by_history, by_llm, high_confidence, reversed,
		changed_meanwhile;
	struct span answer;
};

int effect_add(struct ledger *ledger, int64_t import, const struct effect *effect,
	       struct fault *why);

enum gate { GATE_OPEN, GATE_DONE, GATE_SHUT };

/* May this unit do its work? GATE_DONE: it was done before, `answer` (may be NULL) has what was
 * recorded; GATE_SHUT: unit->fault says why not. -1 is a fault of the whole call. */
int effect_gate(struct ledger *ledger, struct ledger_unit *unit, const struct effect *effect,
		struct import *import, struct buf *answer, struct fault *why);
void effect_hash_rows(const struct rows *rows, uint8_t out[EFFECT_INPUT_BYTES]);
void effect_hash_places(struct span start, struct span end, uint8_t out[EFFECT_INPUT_BYTES]);

/* What insert found for each row of a unit: 0 goes nowhere, else its transaction. */
struct verdict {
	int64_t txn;
	bool unbooked; /* was there before and has no entry */
};

/* Verdicts as bytes and back: runs of consecutive rows with consecutive transactions. -1: not what
 * was written. */
void effect_save(struct buf *out, const struct verdict *verdicts, uint32_t n);
int effect_load(struct span bytes, struct verdict *verdicts, uint32_t n);

/* ---- fingerprint ---- */

/* 64 bits over amount, currency and the bank's reference or, if it gave none, the description, in
 * Unicode's normal form C and with its white space collapsed. */
int64_t fingerprint_of(struct span description, struct span reference, int64_t amount_minor,
		       struct currency currency);

#endif
