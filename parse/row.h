/*
 * row - one record as one row.
 *
 * Shape    appends a row: line, raw and bank always; day, description, amount, currency, balance
 *          and reference as far as they could be read. What could not be makes it ROW_REJECTED,
 *          with the first reason found:
 *            row-too-long       the record is longer than ROWS_RECORD_MAX
 *            quote-unclosed     the file ends inside a quoted field of it
 *            section-other      it stands under another header, with other columns
 *            account-other      it is on another account, by a title above it or a column
 *            header-repeated    it is the header once more
 *            row-pending        the bank has not booked it yet ("Pending" where the date stands)
 *            row-void           no money moved: it was declined
 *            row-balance        it states a balance or a total, not a transaction
 *            row-note           neither date nor amount: it goes on from the row above
 *            date-missing       nothing where the date stands, but an amount
 *            date-syntax        something there that is no date, or a day that does not exist
 *            fields-missing     it ends before the amount, or the file ends in the middle of it
 *            fields-extra       it has more fields than the header: something is out of place
 *            amount-missing     no amount
 *            amount-syntax      something that is no amount, or more decimals than the currency has
 *            amount-range       beyond +-10^15 minor units
 *            amount-both        money out and money in at once
 *            flag-unknown       a word in the debit/credit column that is neither
 *            currency-unknown-code, currency-differs
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_ROW_H
#define DAYBOOK_PARSE_ROW_H

#include "reading.h"
#include "records.h"
#include "rows.h"

/* `bank` is the account's text in `rows`. */
void row_append(const struct reading *reading, const struct records *records, struct text_ref bank,
		int32_t *day, struct rows *rows);

#endif
