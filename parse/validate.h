/*
 * validate - refuses rows that were read but cannot be booked.
 *
 * Shape    marks rows ROW_REJECTED with reason and detail (date-range, amount-range,
 *          currency-unknown-code, description-empty, text-control, ...); what parse refused stays
 *          refused. Pure: the same rows give the same marks.
 */
#ifndef DAYBOOK_PARSE_VALIDATE_H
#define DAYBOOK_PARSE_VALIDATE_H

#include "rows.h"

void validate_rows(struct rows *rows);

#endif
