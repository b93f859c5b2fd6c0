/*
 * rows - a unit's rows, column by column, as they pass from stage to stage.
 *
 * Shape    `n` rows; every column of ROWS_COLUMNS has n values. Text columns hold references into
 *          one text heap, so a row is added without a malloc and a unit is released in one go.
 *          A unit is at most ROWS_MAX rows; a record longer than ROWS_RECORD_MAX bytes is rejected
 *          as row-too-long and only its first 1,024 bytes are kept as raw text.
 * Owns     struct rows owns its columns and text. A span from rows_span() lives until the next
 *          rows_text(), rows_clear() or rows_free().
 * Source   500 rows and 16 KiB: docs/ARCHITECTURE.md, Units.
 */
#ifndef DAYBOOK_LIB_ROWS_H
#define DAYBOOK_LIB_ROWS_H

#include "money.h"
#include "span.h"

#define ROWS_MAX 500
/* Stands for the description of a row that has none. */
#define ROWS_NO_DESCRIPTION "(no description)"
#define ROWS_RECORD_MAX	    16384

struct text_ref {
	uint32_t off, len; /* into the text heap; {0,0} is empty */
};

struct currency {
	char code[CURRENCY_SIZE]; /* "EUR" and NUL; all zero = not known */
};

enum row_state {
	ROW_OK,		 /* goes on */
	ROW_REJECTED,	 /* refused: `reason` and `detail` say why; insert records it */
	ROW_UNBOOKED = 2 /* after insert: was in the books already, but has no live entry yet */
};

enum row_source { SOURCE_NONE, SOURCE_RULE, SOURCE_HISTORY, SOURCE_LLM, SOURCE_USER };

/* NUM(name, type, meaning) and TEXT(name, meaning). On the wire (wire/payload.h) a column goes by
 * its name; one that is all zero is left out. */
#define ROWS_COLUMNS(NUM, TEXT)                                                                    \
	NUM(line, uint64_t, "line number of the record's first line in the source, from 1")        \
	NUM(state, uint8_t, "0 goes on, 1 rejected, 2 known but not booked yet")                   \
	NUM(day, int32_t, "booking date, days since 1970-01-01")                                   \
	NUM(amount_minor, int64_t, "signed minor units; negative is money out")                    \
	NUM(balance_minor, int64_t, "running balance after this row, if flags has 1")              \
	NUM(flags, uint8_t, "1: balance_minor is known; 2: reference only tells equal rows apart") \
	NUM(currency, struct currency, "three letters and NUL")                                    \
	NUM(txn, int64_t, "transaction id in the books, from insert on")                           \
	NUM(entry, int64_t, "live entry that fetch saw, 0 = none")                                 \
	NUM(confidence_ppm, uint32_t, "how sure the decision is, 0 to 1,000,000")                  \
	NUM(source, uint8_t, "who decided: 0 no one, 1 rule, 2 history, 3 llm, 4 user")            \
	TEXT(bank, "ledger account of the bank account")                                           \
	TEXT(description, "what the bank said, trimmed")                                           \
	TEXT(reference, "the bank's own reference, empty if it gave none")                         \
	TEXT(raw, "the record as it stands in the file, decoded to UTF-8")                         \
	TEXT(reason, "why the row was refused, a code")                                            \
	TEXT(detail, "the same as a sentence")                                                     \
	TEXT(account, "the category decided, empty = none")                                        \
	TEXT(decider, "rule or model that decided, with its version")                              \
	TEXT(label, "a rule's name for the other side, then its tags, a line each; empty: none")   \
	TEXT(parts, "what of the amount goes to other accounts: minor units, a blank between")     \
	TEXT(part_accounts, "these accounts, a line each")                                         \
	TEXT(remark, "what a stage could not do for this row: comes into the job's warnings")

struct rows {
	uint32_t n, room;
#define ROWS_NUM(name, type, meaning) type *name;
#define ROWS_TEXT(name, meaning)      struct text_ref *name;
	ROWS_COLUMNS(ROWS_NUM, ROWS_TEXT)
#undef ROWS_NUM
#undef ROWS_TEXT
	char *text;
	uint32_t text_len, text_room;
};

#define ROW_HAS_BALANCE	   1
#define ROW_REFERENCE_HINT 2 /* nobody said that the bank's references are unique */

struct rows *rows_new(void);
void rows_free(struct rows **rows);
void rows_clear(struct rows *rows);
/* Room for n rows in every column, all zero; sets rows->n. For decoders. */
void rows_resize(struct rows *rows, uint32_t n);
/* Appends a row of zeros and returns its index. */
uint32_t rows_add(struct rows *rows);
struct text_ref rows_text(struct rows *rows, struct span text);
static inline struct span rows_span(const struct rows *rows, struct text_ref ref)
{
	return span_of(rows->text + ref.off, ref.len);
}
/* Appends row `i` of `from`, with its text, but without raw, reason and detail if `brief`. */
void rows_copy(struct rows *to, const struct rows *from, uint32_t i, bool brief);
/* Marks row i rejected: reason is a code, detail a sentence. The first reason stays. */
void rows_reject(struct rows *rows, uint32_t i, const char *reason, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* "rule", "history", "llm", "user", "none". */
const char *row_source_name(uint8_t source);

#endif
