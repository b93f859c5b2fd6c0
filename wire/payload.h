/*
 * payload - rows as bytes: the second frame of WORK and DONE in the built-in pipelines.
 *
 * Shape    a msgpack map: "rows": count, then one pair per column of ROWS_COLUMNS that is not all
 *          zero, by its name: a bin of count little-endian values (currency: 4 bytes each; a text
 *          column: u32 offset, u32 length each), and "text": the heap as bin. Compact in C and two
 *          lines in any language; docs/WIRE.md has the table.
 *          "rows" is the first pair; the order of the others is free, unknown ones are passed over.
 * Errors   payload_decode: -1 with fault INPUT "payload-..." unless every column has exactly count
 *          values that can be (row_state, row_source, confidence, amount), every text lies within
 *          the heap on character boundaries, the heap is UTF-8; count <= ROWS_MAX.
 * Owns     payload_decode replaces the contents of the caller's rows (copied, nothing borrowed).
 */
#ifndef DAYBOOK_WIRE_PAYLOAD_H
#define DAYBOOK_WIRE_PAYLOAD_H

#include "buf.h"
#include "fault.h"
#include "rows.h"

void payload_encode(struct buf *out, const struct rows *rows);
int payload_decode(struct span bytes, struct rows *rows, struct fault *why);
/* docs/WIRE.md's table of columns. */
void payload_describe(struct buf *out);
/* "rows=500 text(16011) line day ...": what it holds, for a trace. */
void payload_dump(struct buf *out, struct span bytes);

#endif
