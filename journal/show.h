/*
 * show - a transaction or an entry as the JSON object of API.md, money as a decimal string.
 */
#ifndef DAYBOOK_JOURNAL_SHOW_H
#define DAYBOOK_JOURNAL_SHOW_H

#include "buf.h"
#include "db.h"
#include "span.h"

/* The transaction that `entry`, a live one, books. */
int show_transaction(struct db *db, int64_t entry, struct buf *out, struct fault *why);
/* The next of a label's tags. */
struct span show_tag(struct span *tags);
int show_entry(struct db *db, int64_t entry, struct buf *out, struct fault *why);

#endif
