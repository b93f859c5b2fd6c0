/*
 * csv - one field of a text/csv line, by RFC 4180, and never a formula to a spreadsheet.
 */
#ifndef DAYBOOK_JOURNAL_CSV_H
#define DAYBOOK_JOURNAL_CSV_H

#include "buf.h"

void csv_field(struct buf *csv, struct span text);

#endif
