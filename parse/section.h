/*
 * section - the parts of a file that stand under other headers than its own.
 *
 * Shape    found in the pass over the whole file and kept in the reading (reading.h), so that a
 *          unit that begins in the middle of a part knows its columns. A part is read when its
 *          header has the same kinds of columns as the file's own by its words, in whatever order,
 *          and its amounts have the form of the file's own, or one of which the part itself leaves
 *          no doubt. The others are refused row by row, and so is a part that a title says to be of
 *          another account. What comes after READING_SECTIONS_MAX parts is refused.
 * Errors   as records.
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_SECTION_H
#define DAYBOOK_PARSE_SECTION_H

#include "preamble.h"
#include "reading.h"
#include "table.h"

/* What parts are compared with. */
struct ground {
	const struct wish *wish;
	const struct table *table;	   /* under the file's own header */
	const struct dialect_found *found; /* where that is */
	const struct preamble *preamble;
};

/* What the lines above a header say of its part. */
struct section_said {
	bool pending; /* not booked yet */
	bool foreign; /* of another currency than the lines above the first header say */
};

/* The part above the file's own header, where there is one, or the title above it. */
int section_first(struct source *source, const struct ground *ground, struct reading *reading,
		  struct fault *why);
/* A header below the first one, at `records`, which are not to be used any more but to go on. */
int section_header(const struct records *records, const struct ground *ground,
		   struct section_said said, struct reading *reading, struct fault *why);
/* A title: the rows below it are booked, or not. */
void section_title(uint64_t line, bool pending, struct reading *reading);
/* A title that names the account of the rows below it: ours, or another. */
void section_account(uint64_t line, bool other, struct reading *reading);

#endif
