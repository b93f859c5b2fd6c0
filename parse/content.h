/*
 * content - what the columns of a file hold, told by their values.
 *
 * Shape    counts over records that are rows of a statement: those that have a date and an amount
 *          somewhere. Preambles, totals and notes say nothing about columns.
 * Owns     nothing; plain data.
 */
#ifndef DAYBOOK_PARSE_CONTENT_H
#define DAYBOOK_PARSE_CONTENT_H

#include "amount.h"
#include "csv.h"

#define CONTENT_RECORDS                                                                            \
	4000 /* of a file are looked at for its columns; the chosen ones throughout */

struct column_content {
	uint32_t filled, dates, amounts, codes;
	uint32_t tickers; /* "XBT": what codes of assets look like that are no currency's */
	uint32_t dashes;  /* alone, as in empty cells: not among the filled */
	uint32_t flags_out, flags_in, flags_long; /* long: four letters or more */
	uint32_t flags_letter;			  /* of one letter, which may stand for anything */
	uint32_t money;	       /* amounts that show it: decimals, a currency or a sign */
	uint32_t zeros;	       /* that show nothing: "0" is what stands in many an empty cell */
	uint32_t minus;	       /* of the amounts */
	uint32_t signed_money; /* of them, those with a currency or its sign */
	uint32_t serial;  /* amounts that look like a number of something: 012345, 20240131123 */
	uint32_t words;	  /* bytes of words that are not a bank's own: what a description has */
	uint32_t status;  /* words that say whether a row is booked */
	uint32_t answers; /* yes and no */
	uint32_t yes;	  /* of the answers */
	uint32_t same;	  /* as in the row before */
	uint32_t hash;	  /* of the value before */
	struct amount_evidence marks;
};

/* Is a field an amount with some decimal mark? */
bool content_is_amount(struct span text);
/* Has the record a date and an amount? */
bool content_is_row(const struct csv_record *record);
/* And, not being a balance, something else beside them? */
bool content_is_transaction(const struct csv_record *record);
void content_look(const struct csv_record *record, struct column_content *content);

/* Bytes of the words in a text that are not a bank's own, such as "payment" and "Lastschrift". */
uint32_t content_words(struct span text);
/* Does a column hold one value wherever it is filled? */
bool content_is_constant(const struct column_content *content);
/* Dates, or amounts of money, throughout? */
bool content_has_dates(const struct column_content *content);
bool content_has_money(const struct column_content *content);

#endif
