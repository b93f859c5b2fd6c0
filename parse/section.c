#include "section.h"

#include <stdlib.h>

#include "mem.h"
#include "shape.h"

/* The last one there is room for ends what is read: better than to read on by the wrong columns. */
static void section_add(struct reading *reading, struct section section)
{
	if (reading->n_sections == READING_SECTIONS_MAX)
		return;
	if (reading->n_sections == READING_SECTIONS_MAX - 1) {
		section = (struct section){.line = section.line};
		notes_add(
			&reading->warnings,
			"The file has more than %d parts: its rows from line %llu on are not read",
			READING_SECTIONS_MAX - 1, (unsigned long long)section.line);
	}
	reading->sections[reading->n_sections++] = section;
}

/* Of the header's names; FNV-1a, 64 bits. */
static uint64_t names_hash(const struct csv_record *record)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < record->len; i++) {
		if (record->at[i] != '\r' && record->at[i] != '\n')
			hash = (hash ^ (unsigned char)record->at[i]) * UINT64_C(0x100000001b3);
	}
	return hash;
}

static bool column_told(const struct wish_column *column)
{
	return column->name || column->number > 0;
}

/* What the uploader says of columns is of the file's own header. */
static bool columns_told(const struct wish *wish)
{
	return column_told(&wish->date) || column_told(&wish->amount) ||
	       column_told(&wish->debit) || column_told(&wish->credit) ||
	       column_told(&wish->balance) || column_told(&wish->currency_column) ||
	       column_told(&wish->flag) || column_told(&wish->fee) ||
	       column_told(&wish->reference) || wish->n_texts > 0;
}

/* Is a column of money there in both, by its heading, with signs or without in both? */
static bool same_money(const struct table *own, int16_t own_column, const struct table *other,
		       int16_t column)
{
	if (own_column == -1 || column == -1)
		return own_column == column;
	return (own->content[own_column].minus > 0) == (other->content[column].minus > 0);
}

/* Of securities, whose money may be on another account, or none that moved. */
static bool is_trade(const struct table *table)
{
	static const char *const words[] = {
		"quantity",   "shares", "units",      "symbol", "ticker",     "isin",
		"security",   "price",	"stuck",      "kurs",	"nominale",   "wkn",
		"wertpapier", "titres", "quantite",   "cours",	"cantidad",   "titulos",
		"quantita",   "aantal", "koers",      "antal",	"quantidade", "preco",
		"precio",     "prezzo", "instrument", "fund",
	};

	for (uint32_t i = 0; i < table->n; i++) {
		for (size_t k = 0; k < ARRAY_LEN(words); k++) {
			if (strcmp(table->headings[i].phrase, words[k]) == 0)
				return true;
		}
	}
	return false;
}

/* Do amounts have the same form in both, so that what the file tells of signs holds for both? */
static bool same_form(const struct table *own_table, const struct columns *own,
		      const struct table *table, const struct columns *columns)
{
	return same_money(own_table, own->amount, table, columns->amount) &&
	       same_money(own_table, own->debit, table, columns->debit) &&
	       same_money(own_table, own->credit, table, columns->credit) &&
	       (own->flag == -1) == (columns->flag == -1);
}

/* Does the balance follow throughout, with amounts as printed? */
static bool balance_bears_out(const struct table *table, const struct columns *columns)
{
	const struct sheet *sheet = &table->sheet;
	int amount = -1, balance = -1;
	struct run run;

	for (uint32_t i = 0; i < sheet->n_columns; i++) {
		if (sheet->column[i] == columns->amount)
			amount = (int)i;
		if (sheet->column[i] == columns->balance)
			balance = (int)i;
	}
	if (amount == -1 || balance == -1)
		return false;
	run = sheet_run(sheet, amount, -1, balance);
	return run.hits > 0 && run.hits == run.tried && !run.inverted;
}

/* Amounts of another form than the file's own, of which the part itself leaves no doubt: each
 * column of a pair with a minus throughout or nowhere, a flag that is known on each row, or signs
 * that the balance bears out. */
static bool section_form(const struct table *table, struct section *section)
{
	const struct columns *columns = &section->columns;
	const struct column_content *content = table->content;

	section->form.sign = SIGN_AMOUNT;
	if (columns->amount == -1 && columns->debit != -1 && columns->credit != -1) {
		const struct column_content *out = &content[columns->debit];
		const struct column_content *in = &content[columns->credit];

		section->form.debit_minus = out->minus > 0;
		section->form.credit_minus = in->minus > 0;
		section->formed = (out->minus == 0 || out->minus == out->amounts) &&
				  (in->minus == 0 || in->minus == in->amounts);
	} else if (columns->amount != -1 && columns->flag != -1 &&
		   content[columns->amount].minus == 0) {
		const struct column_content *flag = &content[columns->flag];

		section->form.sign = SIGN_COLUMN;
		section->formed = flag->flags_out + flag->flags_in == flag->filled &&
				  flag->filled == table->n_rows;
	} else if (columns->amount != -1) {
		section->formed = balance_bears_out(table, columns);
	}
	return section->formed;
}

/* Do both headers speak of the same kinds of columns, so that what the whole file tells of currency
 * and dates holds for both? */
static bool same_kinds(const struct ground *ground, const struct columns *own,
		       const struct table *table, const struct columns *columns,
		       const struct shape *shape)
{
	char currency[CURRENCY_SIZE], other[CURRENCY_SIZE];
	struct columns_input input = table_input(table);
	struct columns_input own_input = table_input(ground->table);

	table_currency(ground->table, own, currency);
	table_currency(table, columns, other);
	return is_trade(table) <= is_trade(ground->table) && !shape->date && !shape->money &&
	       !shape->pair_open && table->n_rows > 0 && table->content[columns->date].dates > 0 &&
	       memcmp(currency, other, CURRENCY_SIZE) == 0 &&
	       table_minor(ground->table, table_money(own)) ==
		       table_minor(table, table_money(columns)) &&
	       (own->fee == -1) == (columns->fee == -1) &&
	       (own->currency == -1) == (columns->currency == -1) &&
	       (own->n_text > 0) == (columns->n_text > 0) &&
	       (columns_rival_date(&input, columns) == -1 ||
		columns_rival_date(&own_input, own) != -1);
}

/* The columns of a part from its header and its rows; `section->own` is whether they are known. */
static int section_columns(struct source *source, const struct dialect_found *place,
			   const struct ground *ground, const struct reading *reading,
			   struct section *section, struct fault *why)
{
	struct table *table = xcalloc(1, sizeof(*table));
	struct columns_input input;
	struct shape shape;
	char currency[CURRENCY_SIZE];
	int rc = table_look(source, place, ground->wish->decimal_mark, table, why);

	input = table_input(table);
	if (rc == 0 && columns_settle(&input, ground->wish, &section->columns, &shape, NULL) == 0) {
		table_currency(table, &section->columns, currency);
		if (currency[0] && !ground->wish->currency[0])
			section->columns.currency = -1;
		section->own =
			same_kinds(ground, &reading->columns, table, &section->columns, &shape) &&
			(same_form(ground->table, &reading->columns, table, &section->columns) ||
			 (ground->wish->sign == SIGN_UNKNOWN && section_form(table, section)));
		section->mapped = section->own;
		section->n_names = table->n;
	}
	table_release(table);
	free(table);
	return rc;
}

/* One that had the same header before has the same columns. */
static const struct section *section_alike(const struct reading *reading, uint64_t names)
{
	for (uint32_t i = 0; i < reading->n_sections; i++) {
		if (reading->sections[i].mapped && reading->sections[i].names == names)
			return &reading->sections[i];
	}
	return NULL;
}

static int section_settle(struct source *source, const struct dialect_found *place,
			  const struct ground *ground, struct reading *reading,
			  struct section *section, struct fault *why)
{
	const struct section *alike = section_alike(reading, section->names);

	if (alike) {
		section->own = section->mapped = true;
		section->columns = alike->columns;
		section->n_names = alike->n_names;
		section->formed = alike->formed;
		section->form = alike->form;
	} else if (section->pending) {
		section->own = true; /* none of its rows is booked, whatever their columns */
	} else if (place->n_fields <= CSV_FIELDS_MAX && !columns_told(ground->wish)) {
		return section_columns(source, place, ground, reading, section, why);
	}
	return 0;
}

static void section_tell_account(uint64_t line, struct reading *reading)
{
	notes_add(&reading->warnings,
		  "The rows from line %llu on are of another account and are not read: upload them "
		  "as a file of their own",
		  (unsigned long long)line);
}

static bool has_unread(const struct reading *reading)
{
	for (uint32_t i = 0; i < reading->n_sections; i++) {
		if (!reading->sections[i].own)
			return true;
	}
	return false;
}

static bool has_mapped(const struct reading *reading)
{
	for (uint32_t i = 0; i < reading->n_sections; i++) {
		if (reading->sections[i].mapped)
			return true;
	}
	return false;
}

int section_first(struct source *source, const struct ground *ground, struct reading *reading,
		  struct fault *why)
{
	const struct dialect_found *found = ground->found;
	struct dialect_found place = *found;
	struct section section = {.line = 1};

	if (reading->start.line > reading->header_line) {
		section = (struct section){
			.line = reading->header_line, .own = true, .pending = true};
		if (ground->preamble->pending)
			section_add(reading, section);
		return 0;
	}
	if (found->start.offset == found->header.offset)
		return 0; /* one header of two lines */
	if (!whose_same(&ground->preamble->whose, &ground->preamble->above)) {
		section.other_account = true;
		section_tell_account(1, reading);
		section_add(reading, section);
		return 0;
	}
	place.header = found->above;
	place.header_line = found->above.line;
	place.n_fields = found->above_fields;
	if (place.header_line > 0) {
		section.line = place.header_line;
		section.pending = ground->preamble->pending;
		if ((section.pending || !ground->preamble->currencies) &&
		    section_settle(source, &place, ground, reading, &section, why) != 0)
			return -1;
	}
	if (section.mapped)
		notes_add(&reading->warnings,
			  "The rows before line %llu stand under another header and are read by "
			  "it: if they are of another account, upload them as a file of their own",
			  (unsigned long long)reading->header_line);
	else if (!section.own)
		notes_add(&reading->warnings,
			  "The rows before line %llu stand under other columns or none: they are "
			  "not read",
			  (unsigned long long)reading->header_line);
	section_add(reading, section);
	return 0;
}

int section_header(const struct records *records, const struct ground *ground,
		   struct section_said said, struct reading *reading, struct fault *why)
{
	const struct section *above = reading_section(reading, records->start.line);
	struct section section = {.line = records->start.line,
				  .header = true,
				  .pending = said.pending,
				  .names = names_hash(&records->record)};
	struct dialect_found place = {.dialect = records->dialect,
				      .header = records->start,
				      .header_line = records->start.line,
				      .start = records->at,
				      .n_fields = records->record.n_fields};

	section.own = table_is_header(&records->record, reading->names, reading->n_names);
	if (section.own ? !above : above && above->mapped && above->names == section.names)
		return 0; /* repeated */
	if (above && above->other_account && section.line != reading->header_line)
		return 0;
	if (!section.own && (section.pending || !said.foreign) &&
	    section_settle(records->source, &place, ground, reading, &section, why) != 0)
		return -1;
	if (section.mapped && !has_mapped(reading))
		notes_add(&reading->warnings,
			  "Line %llu begins a part of the file with other columns, read by its own "
			  "header: if another account begins there, upload it as a file of its own",
			  (unsigned long long)section.line);
	if (!section.own && !has_unread(reading))
		notes_add(&reading->warnings,
			  "Line %llu begins a part of the file with other columns: its rows are "
			  "not read",
			  (unsigned long long)section.line);
	section_add(reading, section);
	return 0;
}

void section_account(uint64_t line, bool other, struct reading *reading)
{
	const struct section *above = reading_section(reading, line);

	if (other == (above && above->other_account))
		return;
	section_add(reading, (struct section){.line = line, .own = !other, .other_account = other});
	if (other)
		section_tell_account(line, reading);
}

void section_title(uint64_t line, bool pending, struct reading *reading)
{
	const struct section *above = reading_section(reading, line);
	struct section section = {.own = true};

	if (pending == (above && above->pending))
		return;
	if (above)
		section = *above;
	section.line = line;
	section.header = false;
	section.pending = pending;
	section_add(reading, section);
}
