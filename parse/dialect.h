/*
 * dialect - the delimiter, the line end, and where the header is.
 *
 * Shape    every delimiter is tried on the first DIALECT_SAMPLE records; the one under which some
 *          record makes the best header, and most records have a date and an amount, wins. What
 *          the profile or a "sep=" line says is taken. A header is known by its words, or as the
 *          record of names before the first row; a file may have none. The place found is that of
 *          the first record after the header.
 * Errors   -1 with fault JOB: header-not-found, too-many-columns.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_DIALECT_H
#define DAYBOOK_PARSE_DIALECT_H

#include "records.h"
#include "wish.h"

#define DIALECT_SAMPLE 100 /* records: preambles have 30 lines, not more, in what was seen */

struct dialect_found {
	struct csv_dialect dialect;
	struct reader_place first; /* of the first record: a preamble, where it is not the header */
	uint64_t header_line;	   /* 0: there is none */
	bool guessed;		   /* a header by its form, not by its words */
	struct reader_place header; /* where it starts */
	struct reader_place start;  /* of the first record after it, or after another header that
				     * stands before it */
	uint32_t n_fields;	    /* columns */
	struct reader_place above;  /* that other header; line 0: there is none */
	uint32_t above_fields;
};

int dialect_find(struct source *source, uint32_t bom, const struct wish *wish,
		 struct dialect_found *found, struct fault *why);

#endif
