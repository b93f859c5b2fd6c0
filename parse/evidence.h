/*
 * evidence - what all records of a file together say about how to read them.
 *
 * Shape    one pass over the whole file with the columns known: counts the records (the job's
 *          total), gathers what dates, amounts, signs, flags and currency symbols have in common.
 *          evidence_settle() then decides order, decimal mark, sign and currency, and what had to
 *          be assumed goes to the reading's notes.
 * Errors   -1 with fault JOB: quote-unclosed, too-many-rows, no-rows, no-date-column,
 *          no-amount-column, date-order-ambiguous, decimal-mark-ambiguous, currency-unknown.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_EVIDENCE_H
#define DAYBOOK_PARSE_EVIDENCE_H

#include "amount.h"
#include "reading.h"
#include "records.h"

/* Signs in one column of money. */
struct sign_count {
	uint64_t amounts, minus, plus, marked; /* marked: + or CR, among plus */
};

struct evidence {
	struct date_evidence date;
	struct amount_evidence amount;
	struct sign_count signs, debit_signs, credit_signs;
	uint64_t flags, other_flags;  /* words of a debit/credit column, and what is none */
	uint64_t with_amount;	      /* records that have one */
	char currency[CURRENCY_SIZE]; /* shown by a symbol or code beside amounts */
	bool currencies;	      /* more than one is */
	char symbol;		      /* as in struct amount */
	char undated[40];	      /* what stood where a date was looked for */
	uint64_t undated_line;
};

/* `reading` has dialect, start and columns; its `rows` is set. */
int evidence_gather(struct source *source, struct reading *reading, uint64_t max_rows,
		    struct evidence *evidence, struct fault *why);
/* `language` of the header, "" when not known: "kr" is Swedish in a Swedish file. */
int evidence_settle(const struct evidence *evidence, const struct wish *wish, const char *language,
		    struct reading *reading, struct fault *why);

#endif
