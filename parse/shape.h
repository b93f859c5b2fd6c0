/*
 * shape - roles of columns that no heading names, told by what they hold and how numbers run.
 *
 * Shape    fills what is still -1 in struct columns; what is filled already is left alone, and its
 *          columns are given no other role. What was taken although the file would allow
 *          something else stands in struct shape.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_SHAPE_H
#define DAYBOOK_PARSE_SHAPE_H

#include "columns.h"
#include "sheet.h"

struct shape {
	int16_t rival_amount;	/* would have done as well as the amount; -1 */
	bool pair_open;		/* which of debit and credit is which is not known */
	bool date, money, text; /* were found so */
	bool money_ran;		/* and a balance bore the money out */
	bool trades;		/* the money found may be a price, or before fees or after them */
};

/* What is known before: `amount` by the profile, `text` by headings. */
struct shape_told {
	bool amount, text;
};
void shape_settle(const struct columns_input *input, struct shape_told told,
		  struct columns *columns, struct shape *shape);

#endif
