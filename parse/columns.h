/*
 * columns - which column holds what.
 *
 * Shape    roles come from the headings (words.h) and are checked against what the columns hold;
 *          what the profile names goes before; what neither says comes from the contents
 *          (shape.h).
 * Errors   -1 with fault JOB: no-date-column, no-amount-column, profile-invalid (a column that is
 *          not there).
 * Owns     nothing; plain data.
 */
#ifndef DAYBOOK_PARSE_COLUMNS_H
#define DAYBOOK_PARSE_COLUMNS_H

#include "content.h"
#include "fault.h"
#include "sheet.h"
#include "wish.h"
#include "words.h"

struct columns {
	int16_t date, date_other; /* the other one is looked at for the order of day and month */
	int16_t amount, debit, credit;
	int16_t balance, currency, fee, flag;
	int16_t booked;	   /* says yes or no to whether they are; else -1 */
	int16_t status;	   /* says of rows that they are pending or never happened; else -1 */
	int16_t account;   /* names the account that the row is on (holder.h); else -1 */
	int16_t reference; /* the profile's is unique; a heading's only tells equal rows apart,
			    * for banks repeat their ids */
	/* The row's text: the first `n_joined` joined, or the first of them all that is not empty.
	 * Row by row on purpose: were the column chosen by how the whole file fills it, another
	 * file could describe the same transaction otherwise, and it would be booked twice. */
	int16_t text[WISH_TEXTS_MAX];
	uint16_t n_text, n_joined;
	bool fee_beside;   /* the heading of the amounts says that fees are taken off beside them */
	bool flag_named;   /* the heading or the profile says that it is one */
	bool flag_letters; /* else: and all that it says is "D" and "C" */
	bool flag_maybe;   /* a column says "D" or the like throughout, which may mean anything */
	uint16_t least;	   /* fields that a record must have for date and amount to be there */
};

/* How well a record does as a header: 0 = not at all. */
unsigned columns_header_score(const struct csv_record *record);

/* `headings` and `content` have `n` entries (headings: all ROLE_NONE when there is no header);
 * `sheet` is of `n_rows` rows. */
struct columns_input {
	const struct heading *headings;
	const struct column_content *content;
	const struct sheet *sheet;
	char *const *names;
	uint32_t n, n_rows;
	uint64_t header_line;
};
struct shape;
int columns_settle(const struct columns_input *input, const struct wish *wish,
		   struct columns *columns, struct shape *shape, struct fault *why);
/* A date column that would have done as well, or -1: a doubt to be told. */
int columns_rival_date(const struct columns_input *input, const struct columns *columns);

#endif
