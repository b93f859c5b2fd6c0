#include "row.h"

#include <stdio.h>

#include "holder.h"
#include "kind.h"
#include "rowinternal.h"
#include "status.h"
#include "words.h"
#include "yearless.h"

#define SEEN_MAX 48 /* bytes of a field shown in a reason */

struct span row_seen(struct span text)
{
	if (text.len <= SEEN_MAX)
		return text;
	text.len = SEEN_MAX;
	while (text.len > 0 && ((unsigned char)text.at[text.len] & 0xc0) == 0x80)
		text.len--;
	return text;
}

struct span row_field(struct row *row, int column)
{
	const struct csv_record *record = &row->records->record;

	if (column < 0 || (uint32_t)column >= record->n_fields || record->fields[column].len == 0)
		return span_of(NULL, 0);
	return csv_value(&record->fields[column], row->room);
}

static bool row_refuse_whole(struct row *row)
{
	const struct csv_record *record = &row->records->record;

	if (row->records->too_long)
		rows_reject(row->rows, row->i, "row-too-long",
			    "The record is %llu bytes long; at most %d are read",
			    (unsigned long long)record->len, ROWS_RECORD_MAX);
	else if (record->unclosed)
		rows_reject(row->rows, row->i, "quote-unclosed",
			    "The file ends inside a quoted field");
	else
		return true;
	return false;
}

/* Under another header than the one that the columns are known by? */
static bool row_section(struct row *row)
{
	const struct reading *r = row->reading;
	const struct section *section = row->section;
	bool first = section && section->line == row->rows->line[row->i];

	if (first && section->header && (section->mapped || section->pending)) {
		rows_reject(row->rows, row->i, "header-repeated",
			    "This is the header of a part of the file");
		return false;
	}
	if (first && section->pending)
		return true; /* the title */
	if (section && section->own && section->pending)
		rows_reject(row->rows, row->i, "row-pending",
			    "It stands among what the bank has not booked yet, below line %llu",
			    (unsigned long long)section->line);
	if (!section || section->own)
		return !section || !section->pending;
	if (section->other_account) {
		rows_reject(row->rows, row->i, "account-other",
			    "It stands in a part of another account, which begins on line %llu",
			    (unsigned long long)section->line);
		return false;
	}
	rows_reject(
		row->rows, row->i, "section-other",
		"The row does not stand under the header on line %llu, but in a part that begins "
		"on line %llu",
		(unsigned long long)r->header_line, (unsigned long long)section->line);
	return false;
}

/* On an account that was not asked for? */
static bool row_holder(struct row *row)
{
	const char *own = row->reading->own_account;
	struct span name = row_field(row, row->columns->account);

	if (row->columns->account == -1 || holder_is_ours(own, name))
		return true;
	rows_reject(row->rows, row->i, "account-other",
		    "It is on the account \"%.*s\"; those of \"%.48s\" are read",
		    SPAN_ARG(row_seen(name)), own);
	return false;
}

/* Has the bank booked it, as far as it says? */
static bool row_status(struct row *row)
{
	struct span text = row_field(row, row->columns->status);
	enum status status = status_of(text);

	if (status == STATUS_NONE && status_answer(row_field(row, row->columns->booked)) < 0) {
		text = row_field(row, row->columns->booked);
		status = STATUS_PENDING;
	}
	if (status == STATUS_PENDING)
		rows_reject(row->rows, row->i, "row-pending",
			    "The bank has not booked it yet: \"%.*s\"", SPAN_ARG(text));
	else if (status == STATUS_VOID)
		rows_reject(row->rows, row->i, "row-void", "No money moved: \"%.*s\"",
			    SPAN_ARG(text));
	return status != STATUS_PENDING && status != STATUS_VOID;
}

static bool row_has_money(struct row *row)
{
	const struct columns *columns = row->columns;

	return row_field(row, columns->amount).len > 0 || row_field(row, columns->debit).len > 0 ||
	       row_field(row, columns->credit).len > 0;
}

/* As reading_column_name(); of another header no names are kept. */
static const char *row_column_name(const struct row *row, int column, char room[24])
{
	if (!row->section || !row->section->mapped)
		return reading_column_name(row->reading, column, room);
	snprintf(room, 24, "column %d", column + 1);
	return room;
}

static void row_refuse_date(struct row *row, struct span text)
{
	const struct reading *r = row->reading;
	bool mapped = row->section && row->section->mapped;
	struct heading heading = {.role = ROLE_NONE};
	char room[24];

	if (mapped)
		words_heading(text, &heading);
	if (text.len == 0 && !row_has_money(row))
		rows_reject(
			row->rows, row->i, "row-note",
			"The row has neither date nor amount: it goes on from the row above, or is "
			"a note");
	else if (text.len == 0)
		rows_reject(row->rows, row->i, "date-missing", "There is no date under \"%.60s\"",
			    row_column_name(row, row->columns->date, room));
	else if (mapped ? heading.role == ROLE_DATE
			: r->header_line > 0 && span_is(text, r->names[r->columns.date]))
		rows_reject(row->rows, row->i, "header-repeated", "This is the header once more");
	else if (status_of(text) == STATUS_PENDING)
		rows_reject(row->rows, row->i, "row-pending",
			    "The bank has not booked it yet: \"%.*s\"", SPAN_ARG(row_seen(text)));
	else
		rows_reject(row->rows, row->i, "date-syntax", "\"%.*s\" is not a date%s",
			    SPAN_ARG(row_seen(text)),
			    r->order == DATE_DMY   ? " with the day first"
			    : r->order == DATE_MDY ? " with the month first"
						   : "");
}

/* The profile's columns joined by blanks. */
static struct text_ref row_text_joined(struct row *row)
{
	char joined[ROWS_RECORD_MAX];
	size_t n = 0;

	for (uint16_t i = 0; i < row->columns->n_joined; i++) {
		struct span text = row_field(row, row->columns->text[i]);

		if (text.len == 0 || n + text.len + 1 > sizeof(joined))
			continue;
		if (n > 0)
			joined[n++] = ' ';
		memcpy(joined + n, text.at, text.len);
		n += text.len;
	}
	return rows_text(row->rows, span_of(joined, n));
}

static struct text_ref row_text(struct row *row)
{
	const struct columns *columns = row->columns;
	struct text_ref joined = {0, 0};

	if (columns->n_joined > 1)
		joined = row_text_joined(row);
	if (joined.len > 0)
		return joined;
	for (uint16_t i = 0; i < columns->n_text; i++) {
		struct span text = row_field(row, columns->text[i]);

		if (text.len > 0)
			return rows_text(row->rows, text);
	}
	return (struct text_ref){0, 0};
}

/* Without a date of its own, is it of the day above, in a file that prints dates so? */
static bool row_carried(struct row *row)
{
	struct span text;

	if (*row->day == 0 || !row_has_money(row))
		return false;
	text = rows_span(row->rows, row_text(row));
	if (text.len == 0 || kind_is_total(text))
		return false;
	row->rows->day[row->i] = *row->day;
	return true;
}

static int row_day(const struct row *row, struct span text, int32_t *day)
{
	const struct reading *r = row->reading;

	if (r->yearless && yearless_read(text, r->order, r->statement_end, day) == 0)
		return 0;
	return date_read(
		text, r->order | (r->buddhist ? DATE_BUDDHIST : 0) | (r->serial ? DATE_SERIAL : 0),
		day);
}

static bool row_date(struct row *row)
{
	struct span text = row_field(row, row->columns->date);

	if (text.len == 0 && row_carried(row))
		return true;
	if (text.len > 0 && row_day(row, text, &row->rows->day[row->i]) == 0)
		return true;
	row_refuse_date(row, text);
	return false;
}

/* Headings at the end may be empty: a line that ends in a delimiter. */
static uint32_t named_columns(const struct reading *r)
{
	uint32_t n = r->n_names;

	while (n > 0 && r->names[n - 1][0] == '\0')
		n--;
	return n;
}

static bool has_extra(const struct csv_record *record, uint32_t expected)
{
	for (uint32_t i = expected; i < record->n_fields; i++) {
		if (i >= CSV_FIELDS_MAX || record->fields[i].len > 0)
			return true;
	}
	return false;
}

static bool row_fields(struct row *row)
{
	const struct reading *r = row->reading;
	uint32_t n = row->records->record.n_fields;
	bool mapped = row->section && row->section->mapped;
	uint32_t names = mapped ? row->section->n_names : r->n_names;

	if (n < row->columns->least)
		rows_reject(row->rows, row->i, "fields-missing",
			    "The row has %u fields and ends before the amount, which is field %u",
			    n, row->columns->least);
	else if (n > names && has_extra(&row->records->record, names))
		rows_reject(row->rows, row->i, "fields-extra",
			    "The row has %u fields, the header %u: something is out of place", n,
			    names);
	else if (row->records->eof && r->header_line > 0 && n < (mapped ? names : named_columns(r)))
		rows_reject(row->rows, row->i, "fields-missing",
			    "The file ends in the middle of this row");
	else
		return true;
	return false;
}

/* Without a header the form of the others is all that makes a row one: what is shorter and says
 * nothing is the balance that some banks put below them. */
static bool row_fits(struct row *row)
{
	const struct reading *r = row->reading;

	if (r->header_line > 0 || row->records->record.n_fields >= r->n_names ||
	    r->columns.n_text == 0 || row_field(row, r->columns.text[0]).len > 0)
		return true;
	rows_reject(
		row->rows, row->i, "row-balance",
		"The row has fewer fields than the others and no text where they have theirs: it "
		"is taken for a balance");
	return false;
}

/* What rows below it without a date go by, whatever becomes of this one. */
static void row_leave_day(struct row *row)
{
	const struct records *records = row->records;
	bool part = row->section && row->section->line == records->start.line;
	struct span text = {NULL, 0};

	if (!records->too_long && !part)
		text = row_field(row, row->columns->date);
	if (records->too_long || part || (date_is(text) && row_day(row, text, row->day) != 0))
		*row->day = 0;
}

void row_append(const struct reading *reading, const struct records *records, struct text_ref bank,
		int32_t *day, struct rows *rows)
{
	struct row row;

	row.reading = reading;
	row.section = reading_section(reading, records->start.line);
	row.columns = reading_columns(reading, row.section);
	row.records = records;
	row.day = day;
	row.rows = rows;
	row.i = rows_add(rows);
	rows->line[row.i] = records->start.line;
	rows->bank[row.i] = bank;
	if (!reading->figures_only)
		rows->raw[row.i] = rows_text(rows, records_raw(records));
	if (reading->dates_carried)
		row_leave_day(&row);
	if (!row_refuse_whole(&row) || !row_section(&row) || !row_holder(&row) ||
	    !row_status(&row) || !row_date(&row))
		return;
	rows->description[row.i] = row_text(&row);
	if (rows->line[row.i] == reading->total_line)
		rows_reject(rows, row.i, "row-balance", "The row is the sum of all others");
	else if (kind_is_balance(rows_span(rows, rows->description[row.i])))
		rows_reject(rows, row.i, "row-balance", "The row states a balance or a total");
	else if (row_fields(&row) && row_fits(&row) && row_amount(&row))
		row_balance(&row);
	if (rows->state[row.i] == ROW_REJECTED)
		return;
	rows->reference[row.i] = rows_text(rows, row_field(&row, row.columns->reference));
	if (reading->reference_hint)
		rows->flags[row.i] |= ROW_REFERENCE_HINT;
}
