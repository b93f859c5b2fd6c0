/*
 * rival - which of several columns of amounts is what moved on the account.
 *
 * Shape    after the columns are settled by their headings: of an amount with its fee or tax the
 *          column that has both; of two amounts, each with its currency, the one in one currency
 *          throughout; the one that the balance runs with. What stays open is told as the shape's
 *          rival_amount.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_RIVAL_H
#define DAYBOOK_PARSE_RIVAL_H

#include "columns.h"
#include "shape.h"

/* Not asked where the uploader said which it is. */
void rival_settle(const struct columns_input *input, struct columns *columns, struct shape *shape);
/* "Amount (after fees)": the column of fees, where there is one, is not among the amounts. */
void rival_fee(const struct columns_input *input, struct columns *columns);

#endif
