#include "table.h"

#include <stdlib.h>

#include "mem.h"
#include "rows.h"

bool table_is_header(const struct csv_record *record, char *const *names, uint32_t n)
{
	char room[256];

	for (uint32_t i = 0; i < n; i++) {
		struct span text = {NULL, 0};

		if (i < record->n_fields && i < CSV_FIELDS_MAX &&
		    record->fields[i].len <= sizeof(room))
			text = csv_value(&record->fields[i], room);
		if (!span_is(text, names[i]))
			return false;
	}
	return true;
}

/* Names and roles from the header; without one all names are empty. */
static int table_header(struct source *source, const struct dialect_found *place,
			struct table *table, struct fault *why)
{
	struct records records;
	char room[ROWS_RECORD_MAX];

	for (uint32_t i = 0; place->header_line == 0 && i < table->n; i++)
		table->names[i] = xstrdup("");
	if (place->header_line == 0)
		return 0;
	records_open(&records, place->dialect, source, place->header);
	if (records_next(&records, why) == -1)
		return -1;
	for (uint32_t i = 0; i < table->n; i++) {
		struct span name = csv_value(&records.record.fields[i], room);

		table->names[i] = xstrndup(name.at, name.len);
		words_heading(name, &table->headings[i]);
	}
	return 0;
}

/* What stands below another header says nothing about the columns of this one. */
static bool table_ends(const struct table *table, const struct csv_record *record)
{
	return table->header_line > 0 && columns_header_score(record) > 0 &&
	       !table_is_header(record, table->names, table->n);
}

/* One pass over the first records; `sheet`: for the numbers, with the columns known. */
static int table_pass(struct source *source, const struct dialect_found *place, bool sheet,
		      struct table *table, struct fault *why)
{
	bool above = place->header_line > 0 && place->start.offset < place->header.offset;
	struct records records;
	int rc = 0;

	records_open(&records, place->dialect, source, above ? place->header : place->start);
	for (int i = 0; i < CONTENT_RECORDS && (rc = records_next(&records, why)) == 1; i++) {
		if (sheet && table->sheet.n_rows == SHEET_ROWS)
			break;
		if (records.too_long)
			continue;
		if (!content_is_row(&records.record)) {
			if (table_ends(table, &records.record))
				break;
			continue;
		}
		if (sheet)
			sheet_add(&table->sheet, &records.record);
		else
			content_look(&records.record, table->content);
		table->n_rows += !sheet;
	}
	return rc == -1 ? -1 : 0;
}

int table_look(struct source *source, const struct dialect_found *place, char decimal_mark,
	       struct table *table, struct fault *why)
{
	table->header_line = place->header_line;
	table->n = place->n_fields;
	table->names = xcalloc(table->n + 1, sizeof(table->names[0]));
	if (table_header(source, place, table, why) != 0 ||
	    table_pass(source, place, false, table, why) != 0)
		return -1;
	sheet_begin(&table->sheet, table->content, table->n, decimal_mark);
	return table_pass(source, place, true, table, why);
}

void table_release(struct table *table)
{
	for (uint32_t i = 0; table->names && i < table->n; i++)
		free(table->names[i]);
	free(table->names);
	table->names = NULL;
}

struct columns_input table_input(const struct table *table)
{
	return (struct columns_input){.headings = table->headings,
				      .content = table->content,
				      .sheet = &table->sheet,
				      .names = table->names,
				      .n = table->n,
				      .n_rows = table->n_rows,
				      .header_line = table->header_line};
}

int table_money(const struct columns *columns)
{
	return columns->amount != -1  ? columns->amount
	       : columns->debit != -1 ? columns->debit
				      : columns->credit;
}

bool table_minor(const struct table *table, int column)
{
	const struct column_content *content;

	if (column == -1 || !words_minor(span_text(table->names[column])))
		return false;
	content = &table->content[column];
	return content->marks.whole * 2 > content->amounts;
}

static void heading_currency(const struct table *table, int column, char currency[CURRENCY_SIZE])
{
	struct span name = span_text(table->names[column]);

	memcpy(currency, table->headings[column].currency, CURRENCY_SIZE);
	if (currency[0])
		return;
	if (name.len == 4 && name.at[3] == '$')
		name.len = 3;
	if (name.len != 3 || !amount_currency(name, currency))
		memset(currency, 0, CURRENCY_SIZE);
}

void table_currency(const struct table *table, const struct columns *columns,
		    char currency[CURRENCY_SIZE])
{
	const int16_t money[] = {columns->amount, columns->debit, columns->credit,
				 columns->balance};

	memset(currency, 0, CURRENCY_SIZE);
	for (size_t i = 0; i < ARRAY_LEN(money) && !currency[0]; i++) {
		if (money[i] != -1)
			heading_currency(table, money[i], currency);
	}
}
