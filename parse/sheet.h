/*
 * sheet - the numbers in a file's first rows, as a table: for what runs through columns.
 *
 * Shape    columns of numbers only, rows of the statement only (content.h), all in ten-thousandths.
 * Owns     plain data; large: not for the stack.
 */
#ifndef DAYBOOK_PARSE_SHEET_H
#define DAYBOOK_PARSE_SHEET_H

#include "content.h"

#define SHEET_ROWS    400
#define SHEET_COLUMNS 24
#define SHEET_EMPTY   INT64_MIN

struct sheet {
	uint32_t n_rows, n_columns;
	int16_t column[SHEET_COLUMNS]; /* of the file */
	char decimal_mark;
	int64_t value[SHEET_ROWS][SHEET_COLUMNS];
};

/* Picks the columns; `decimal_mark` 0: by what the numbers show. */
void sheet_begin(struct sheet *sheet, const struct column_content *content, uint32_t n_columns,
		 char decimal_mark);
void sheet_add(struct sheet *sheet, const struct csv_record *record);

/* A column's place in `column`, or -1. */
int sheet_place(const struct sheet *sheet, int column);

/* How a balance runs with what moved. */
struct run {
	uint32_t hits, tried; /* neighbours whose balance follows, of those that could */
	bool inverted;	      /* when what moved is taken the other way round */
};
/* `in` is added, `out` (-1: none) taken off; all are places in `column`. The signs of `in` and
 * `out` count only where there is no `out`. */
struct run sheet_run(const struct sheet *sheet, int in, int out, int balance);
/* Is in each row just one of the two filled with more than zero? */
bool sheet_is_pair(const struct sheet *sheet, int a, int b);

#endif
