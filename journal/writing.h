/*
 * writing - a short write in hand, as the files that do one share it.
 *
 * Shape    a verb runs inside the transaction of write.c and fills `answer` with a JSON object, or
 *          refuses: then what it did is undone and only its refusal stays on record.
 * Errors   -1: nothing was written. A refusal is 0.
 */
#ifndef DAYBOOK_JOURNAL_WRITING_H
#define DAYBOOK_JOURNAL_WRITING_H

#include <jansson.h>

#include "books.h"

#define CERTAIN INT64_C(1000000)

struct writing {
	struct ledger *ledger;
	const json_t *body;
	struct buf *answer;
	bool refused;
};

/* The answer is {"refused": {status, code, text, hint}}. */
int writing_refuse(struct writing *w, int status, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same, with what there is now: a JSON object, as "present". */
int writing_refuse_showing(struct writing *w, const struct buf *present, const char *code,
			   const char *text);
/* Finds the import of the body's `job`; 1: it was refused. */
int writing_import(struct writing *w, struct import *import, struct fault *why);
int64_t writing_integer(const struct writing *w, const char *name, int64_t otherwise);

/* The verbs, as ledger.h has them. */
int answer_give(struct writing *w, struct fault *why);
int answer_take_back(struct writing *w, struct fault *why);
int undo_import(struct writing *w, struct fault *why);
int transfer_take_back(struct writing *w, struct fault *why);

/* What stood for a transaction before `entry`, the live one, stands again, as an entry of its own;
 * `before` 0: nothing. `confidence_ppm`: from where on it needs no review. */
struct restoring {
	int64_t txn, entry, before;
};
int again_stand(struct ledger *ledger, const struct restoring *what, int64_t confidence_ppm,
		struct fault *why);
/* The transfer of a transaction that an answer took apart which was taken back since stands again,
 * if both sides stand as before it or in transit; 1: there is none, or one does not. */
int again_transfer(struct ledger *ledger, int64_t txn, int64_t confidence_ppm, int64_t *transfer,
		   struct fault *why);
/* Takes a transfer apart; how many of its two sides were restored (another entry stands there by
 * now: 0), or -1. */
int transfer_undo(struct ledger *ledger, int64_t transfer, int64_t confidence_ppm,
		  struct fault *why);

#endif
