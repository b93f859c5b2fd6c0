/*
 * rowinternal - what the files that put a row together share: row.c and rowmoney.c.
 *
 * Shape    every step takes a struct row, and returns false when it has rejected it.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_ROWINTERNAL_H
#define DAYBOOK_PARSE_ROWINTERNAL_H

#include "row.h"

/* What is being read, and where to. */
struct row {
	const struct reading *reading;
	const struct section *section; /* the part it stands in; NULL where the file is one */
	const struct columns *columns; /* of that part */
	const struct records *records;
	struct rows *rows;
	uint32_t i;
	int32_t *day;		    /* of the row above; 0: not known, or not needed */
	int exponent;		    /* of the row's currency, once that is known */
	char room[ROWS_RECORD_MAX]; /* for fields that must be put together */
};

/* Not more of `text` than is shown in a reason, cut between characters. */
struct span row_seen(struct span text);
/* The column's text, trimmed; empty where the record has none. Lives until the next call. */
struct span row_field(struct row *row, int column);

/* The amount, in the row's currency, with the fee taken off. */
bool row_amount(struct row *row);
/* A balance that cannot be read is no reason to refuse the row. */
void row_balance(struct row *row);

#endif
