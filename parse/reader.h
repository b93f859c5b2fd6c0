/*
 * reader - a bank's CSV file as rows.
 *
 * Shape    reader_detect() reads the whole file once and settles how it is to be read: a
 *          `struct reading` (encoding, delimiter, header, column roles, date order, decimal mark,
 *          currency, and the number of records). reader_unit() then reads one unit from a place;
 *          the same reading, place and end always give the same rows. A unit is at most 64 KiB of
 *          source bytes and ROWS_MAX rows (docs/ARCHITECTURE.md, Units); one record longer than
 *          ROWS_RECORD_MAX is a row rejected as row-too-long.
 * Errors   -1 with fault JOB for a file that cannot be read at all (empty-file, binary-file,
 *          encoding-unknown, header-not-found, no-date-column, no-amount-column,
 *          date-order-ambiguous, too-many-rows ...), each with line and hint where there is one;
 *          RETRY for I/O. A bad row is never a fault: it is a row with state ROW_REJECTED.
 * Owns     reader_detect gives a reading; rows are the caller's; `fd` is borrowed (pread only).
 *          `alive` is called now and then during long work (may be NULL).
 */
#ifndef DAYBOOK_PARSE_READER_H
#define DAYBOOK_PARSE_READER_H

#include "buf.h"
#include "fault.h"
#include "rows.h"

struct reading;

/* A place in the file, stored by the broker as opaque bytes (READER_PLACE_BYTES, little-endian). */
struct reader_place {
	uint64_t offset; /* byte */
	uint64_t line;	 /* line number there, from 1 */
	int32_t day; /* of the row above, where rows may have none of their own (carry.h); or 0 */
};
#define READER_PLACE_BYTES 20
void reader_place_put(struct reader_place place, char out[READER_PLACE_BYTES]);
int reader_place_get(struct span bytes, struct reader_place *place);

/* `wish`: the job's params (JSON object: account, currency, default_currency, date_order, profile,
 * max_rows), as API.md has them; what it states overrides what would be detected. */
int reader_detect(int fd, struct span wish_json, void (*alive)(void *), void *alive_arg,
		  struct reading **reading, struct fault *why);
void reading_free(struct reading **reading);
/* A JSON object, for the context, the record and preview; reading_load() reads it back. It holds
 * "assumed": [...] and "warnings": [...] as sentences for the result. */
void reading_save(const struct reading *reading, struct buf *out);
int reading_load(struct span json, struct reading **reading, struct fault *why);
/* Records after the header: the job's total. */
uint64_t reading_rows(const struct reading *reading);
struct reader_place reading_start(const struct reading *reading);

/* Reads from `from` until the unit is full, `until` (if not NULL: exactly there) or the end of the
 * file; sets `next` to where it stopped and `last` when nothing follows. Appends to `rows`: line,
 * state, day, amount_minor, currency, balance, bank, description, reference, raw, and for what
 * could not be read reason and detail. */
int reader_unit(const struct reading *reading, int fd, struct reader_place from,
		const struct reader_place *until, struct rows *rows, struct reader_place *next,
		bool *last, struct fault *why);

#endif
