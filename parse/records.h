/*
 * records - the records of a file, one after the other, from any place where one starts.
 *
 * Shape    the one way through the file: detection and units both go it, so that both see the same
 *          records. Blank lines, and lines of nothing but delimiters, are passed. A record longer
 *          than record_max is passed over without being held (`too_long`); its first
 *          RECORDS_HEAD_MAX bytes are kept.
 *          A quote that is never closed takes the rows below it into its field, up to the next
 *          quote: where the line with it is a row by itself, and the one below is one too, it is a
 *          slip (`stray`), and the record ends with its line.
 * Errors   as source.
 * Owns     nothing; `source` is borrowed. A record lives until the next records_next() or other use
 *          of the source.
 */
#ifndef DAYBOOK_PARSE_RECORDS_H
#define DAYBOOK_PARSE_RECORDS_H

#include "csv.h"
#include "reader.h"
#include "source.h"

#define RECORDS_HEAD_MAX 1024 /* lib/rows.h: kept of a record that is too long */

struct records {
	struct csv_dialect dialect;
	struct source *source;
	size_t record_max;	   /* ROWS_RECORD_MAX; tests set smaller ones */
	struct reader_place at;	   /* where the next record or blank line starts */
	struct reader_place start; /* where the record last given starts */
	bool too_long; /* the record last given: only at, len, size, lines, n_fields, unclosed */
	bool stray;    /* the record last given has a quote that is not closed */
	bool eof;      /* the record last given ends with the file, without a line end */
	struct csv_record record; /* the record last given; its sizes are of UTF-8 */
	uint64_t end;		  /* the place after it */
	uint64_t text_bytes;	  /* of UTF-8 since the first one, with what was passed */
	char head[RECORDS_HEAD_MAX];
};

void records_open(struct records *records, struct csv_dialect dialect, struct source *source,
		  struct reader_place from);
/* 1 with the next record, 0 at the end of the file. */
int records_next(struct records *records, struct fault *why);
/* The record as it stands; of one that is too long its beginning, cut between characters. */
struct span records_raw(const struct records *records);

#endif
