#include "sheet.h"

#include <stdlib.h>

#include "mem.h"

#define SHEET_DECIMALS 4

void sheet_begin(struct sheet *sheet, const struct column_content *content, uint32_t n_columns,
		 char decimal_mark)
{
	struct amount_evidence marks = {0};

	sheet->n_rows = sheet->n_columns = 0;
	for (uint32_t i = 0; i < n_columns && sheet->n_columns < SHEET_COLUMNS; i++) {
		const struct column_content *c = &content[i];

		if (c->amounts == 0 || c->amounts * 10 < c->filled * 8 || c->dates * 2 > c->filled)
			continue;
		sheet->column[sheet->n_columns++] = (int16_t)i;
		if (!content_has_money(c))
			continue;
		marks.point_line |= c->marks.point_line;
		marks.comma_line |= c->marks.comma_line;
		marks.doubt_point += c->marks.doubt_point;
		marks.doubt_comma += c->marks.doubt_comma;
		marks.whole += c->marks.whole;
	}
	sheet->decimal_mark = decimal_mark;
	if (!decimal_mark && amount_settle(&marks, 2, false, &sheet->decimal_mark, NULL) != 0)
		sheet->decimal_mark = '.';
}

static int64_t sheet_number(const struct sheet *sheet, const struct csv_field *field)
{
	struct amount amount;
	char room[64];
	int64_t value;

	if (field->len == 0 || field->len > sizeof(room) ||
	    amount_read(csv_clean(field, room), sheet->decimal_mark, &amount) != AMOUNT_OK ||
	    amount_minor(&amount, SHEET_DECIMALS, &value) != AMOUNT_OK)
		return SHEET_EMPTY;
	return value;
}

void sheet_add(struct sheet *sheet, const struct csv_record *record)
{
	int64_t *row;

	if (sheet->n_rows >= SHEET_ROWS)
		return;
	row = sheet->value[sheet->n_rows++];
	for (uint32_t i = 0; i < sheet->n_columns; i++) {
		uint32_t column = (uint32_t)sheet->column[i];

		row[i] = column < record->n_fields && column < CSV_FIELDS_MAX
				 ? sheet_number(sheet, &record->fields[column])
				 : SHEET_EMPTY;
	}
}

int sheet_place(const struct sheet *sheet, int column)
{
	for (uint32_t i = 0; i < sheet->n_columns; i++) {
		if (sheet->column[i] == column)
			return (int)i;
	}
	return -1;
}

static int64_t size_of(int64_t value)
{
	return value == SHEET_EMPTY ? 0 : llabs(value);
}

/* What moved in a row; SHEET_EMPTY when nothing says so. */
static int64_t moved(const int64_t *row, int in, int out)
{
	if (out == -1)
		return row[in];
	if (row[in] == SHEET_EMPTY && row[out] == SHEET_EMPTY)
		return SHEET_EMPTY;
	return size_of(row[in]) - size_of(row[out]);
}

struct run sheet_run(const struct sheet *sheet, int in, int out, int balance)
{
	uint32_t hits[4] = {0}; /* downwards, upwards, and the same inverted */
	struct run run = {0};

	for (uint32_t i = 1; i < sheet->n_rows; i++) {
		const int64_t *row = sheet->value[i], *before = sheet->value[i - 1];
		int64_t here = moved(row, in, out), there = moved(before, in, out), change;

		if (row[balance] == SHEET_EMPTY || before[balance] == SHEET_EMPTY ||
		    here == SHEET_EMPTY || there == SHEET_EMPTY)
			continue;
		change = row[balance] - before[balance];
		if (change == 0)
			continue;
		run.tried++;
		hits[0] += change == here;
		hits[1] += change == -there;
		hits[2] += change == -here;
		hits[3] += change == there;
	}
	for (int i = 0; i < 4; i++) {
		if (hits[i] <= run.hits)
			continue;
		run.hits = hits[i];
		run.inverted = i >= 2;
	}
	return run;
}

bool sheet_is_pair(const struct sheet *sheet, int a, int b)
{
	uint32_t both = 0, none = 0, only_a = 0, only_b = 0;

	for (uint32_t i = 0; i < sheet->n_rows; i++) {
		bool has_a = size_of(sheet->value[i][a]) > 0,
		     has_b = size_of(sheet->value[i][b]) > 0;

		both += has_a && has_b;
		none += !has_a && !has_b;
		only_a += has_a && !has_b;
		only_b += has_b && !has_a;
	}
	return both == 0 && only_a > 0 && only_b > 0 && none * 10 <= sheet->n_rows;
}
