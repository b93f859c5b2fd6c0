#include "dialect.h"

#include <ctype.h>

#include "columns.h"
#include "content.h"
#include "mem.h"

/* How the file looks under one delimiter. */
struct trial {
	struct dialect_found found;
	unsigned score;		 /* of the best header by its words, 0 = none */
	uint32_t records, wide;	 /* records in the sample, those with two fields or more */
	uint32_t rows;		 /* those that have a date and an amount */
	uint32_t usual, n_usual; /* the most frequent number of fields, and how many have it */
	uint32_t widest;
	/* a record of names in words that are not known, just before the first row */
	struct dialect_found unknown;
	struct dialect_found first; /* by the first header, which need not be the best */
	struct reader_place early;  /* the first transaction above all headers; line 0: none */
};

/* "sep=;" on the first line, as spreadsheets are told: sets delimiter and passes the line. */
static int dialect_sep_line(struct source *source, char eol, struct reader_place *from,
			    char *delimiter, struct fault *why)
{
	struct span bytes;
	const char *end;
	size_t len;
	bool eof;

	if (source_at(source, from->offset, 16, &bytes, &eof, why) != 0)
		return -1;
	if (bytes.len < 6 || strncasecmp(bytes.at, "sep=", 4) != 0)
		return 0;
	end = memchr(bytes.at, eol, bytes.len < 16 ? bytes.len : 16);
	if (!end)
		return 0;
	len = (size_t)(end - bytes.at);
	if (len < 5 ||
	    !(bytes.at[4] == '\t' || (ispunct((unsigned char)bytes.at[4]) && bytes.at[4] != '"')))
		return 0;
	if (span_trim(span_of(bytes.at + 5, len - 5)).len > 0)
		return 0;
	*delimiter = bytes.at[4];
	from->offset += len + 1;
	from->line++;
	return 0;
}

/* Lone carriage returns end lines only where there is no line feed at all. */
static int dialect_line_end(struct source *source, char *eol, struct fault *why)
{
	struct span bytes;
	bool eof;

	if (source_at(source, 0, SOURCE_WANT_MAX, &bytes, &eof, why) != 0)
		return -1;
	*eol = '\n';
	if (!memchr(bytes.at, '\n', bytes.len) && memchr(bytes.at, '\r', bytes.len))
		*eol = '\r';
	return 0;
}

/* Counts numbers of fields as they come; ties go to the one seen first. Once there are rows only
 * theirs count: preambles are of any width. */
static void trial_count(struct trial *trial, uint32_t n_fields, bool row, uint32_t *counts)
{
	uint32_t slot = n_fields < CSV_FIELDS_MAX ? n_fields : CSV_FIELDS_MAX;

	trial->records++;
	trial->wide += n_fields > 1;
	if (n_fields > trial->widest)
		trial->widest = n_fields;
	if (row && trial->rows++ == 0) {
		memset(counts, 0, (CSV_FIELDS_MAX + 1) * sizeof(counts[0]));
		trial->n_usual = 0;
	}
	if ((row || trial->rows == 0) && ++counts[slot] > trial->n_usual) {
		trial->n_usual = counts[slot];
		trial->usual = n_fields;
	}
}

static unsigned trial_score(const struct records *records, const struct wish *wish)
{
	if (wish->has_header_row)
		return records->start.line == wish->header_row ? 1 + records->record.n_fields : 0;
	return records->too_long ? 0 : columns_header_score(&records->record);
}

#define NAME_MAX_BYTES 60 /* of a heading; descriptions are longer sooner or later */

/* Does the record look like names of columns, whatever the language? */
static bool record_is_names(const struct csv_record *record)
{
	uint32_t filled = 0;
	char room[NAME_MAX_BYTES];

	for (uint32_t i = 0; i < record->n_fields && i < CSV_FIELDS_MAX; i++) {
		struct span text;

		if (record->fields[i].len > sizeof(room))
			return false;
		text = csv_value(&record->fields[i], room);
		if (text.len == 0)
			continue;
		if (date_is(text) || content_is_amount(text))
			return false;
		filled++;
	}
	return filled >= 3 && filled * 3 >= record->n_fields * 2;
}

static void found_here(struct dialect_found *found, const struct records *records)
{
	found->header = records->start;
	found->header_line = records->start.line;
	found->start = records->at;
	found->n_fields = records->record.n_fields;
}

/* Looks at one record of the sample. `names`: the one before could be names of columns. */
static void trial_look(struct trial *trial, const struct records *records, const struct wish *wish,
		       uint32_t *counts, struct dialect_found *names)
{
	bool row = !records->too_long && content_is_row(&records->record);
	unsigned score = row && !wish->has_header_row ? 0 : trial_score(records, wish);

	if (row && trial->rows == 0 && names->header_line > 0 &&
	    names->n_fields + 1 >= records->record.n_fields)
		trial->unknown = *names;
	trial_count(trial, records->record.n_fields, row, counts);
	names->header_line = 0;
	if (!row && trial->rows == 0 && !records->too_long && record_is_names(&records->record))
		found_here(names, records);
	if (row && trial->first.header_line == 0 && trial->early.line == 0 &&
	    content_is_transaction(&records->record))
		trial->early = records->start;
	if (score > 0 && trial->first.header_line == 0)
		found_here(&trial->first, records);
	if (score <= trial->score)
		return;
	trial->score = score;
	found_here(&trial->found, records);
}

static int trial_run(struct source *source, struct csv_dialect dialect, struct reader_place from,
		     const struct wish *wish, struct trial *trial, struct fault *why)
{
	struct dialect_found names = {.dialect = dialect};
	uint32_t counts[CSV_FIELDS_MAX + 1] = {0};
	struct records records;
	int rc = 0;

	*trial = (struct trial){.found = {.dialect = dialect, .start = from}};
	records_open(&records, dialect, source, from);
	while (trial->records < DIALECT_SAMPLE && (rc = records_next(&records, why)) == 1)
		trial_look(trial, &records, wish, counts, &names);
	if (trial->early.line > 0 && trial->first.header_line > 0) {
		trial->found.start = trial->early;
	} else if (trial->first.header_line > 0) {
		trial->found.start = trial->first.start;
		trial->found.above = trial->first.header;
		trial->found.above_fields = trial->first.n_fields;
	}
	if (trial->score == 0)
		trial->found.n_fields = trial->usual;
	if (trial->score == 0 && trial->unknown.header_line > 0 && !wish->has_header_row) {
		trial->found = trial->unknown;
		trial->found.guessed = true;
	}
	return rc == -1 ? -1 : 0;
}

/* Is `a` a better reading of the file than `b`? By how many records are rows, then by header, then
 * by how many records have the same number of fields, and how many that is. */
static bool trial_is_better(const struct trial *a, const struct trial *b)
{
	uint64_t a_even = (uint64_t)a->n_usual * a->n_usual * (a->usual - 1) * b->records *
			  b->records;
	uint64_t b_even = (uint64_t)b->n_usual * b->n_usual * (b->usual - 1) * a->records *
			  a->records;

	if (a->rows != b->rows && a->score == b->score)
		return a->rows > b->rows;
	if (a->score != b->score)
		return a->score > b->score;
	return a_even > b_even;
}

/* Under its delimiter, or the best one where that is 0. */
static int trial_best(struct source *source, struct csv_dialect dialect, struct reader_place from,
		      const struct wish *wish, struct trial *best, struct fault *why)
{
	static const char delimiters[] = {',', ';', '\t', '|'};
	struct trial trial;
	bool given = dialect.delimiter != 0;

	for (size_t i = 0; i < (given ? 1 : ARRAY_LEN(delimiters)); i++) {
		if (!given)
			dialect.delimiter = delimiters[i];
		if (trial_run(source, dialect, from, wish, &trial, why) != 0)
			return -1;
		if (i == 0 || trial_is_better(&trial, best))
			*best = trial;
	}
	return 0;
}

static int dialect_refuse(const struct trial *best, const struct wish *wish, struct fault *why)
{
	if (best->widest > CSV_FIELDS_MAX) {
		fault_set(why, FAULT_JOB, "too-many-columns",
			  "the file has a line of %u columns; at most %d are read", best->widest,
			  CSV_FIELDS_MAX);
		return fault_hint(why, "upload a bank statement as CSV");
	}
	if (wish->has_header_row && wish->header_row > 0) {
		fault_set(why, FAULT_JOB, "header-not-found",
			  "no record starts on line %u, where profile.header_row has the header",
			  wish->header_row);
		return fault_hint(why, "give the header's line number, or 0 when there is none");
	}
	if (best->wide == 0) {
		fault_set(why, FAULT_JOB, "header-not-found",
			  "the file has one column only: no comma, semicolon, tab or bar divides "
			  "its lines");
		return fault_hint(why, "if another character does, say it as delimiter in profile");
	}
	fault_set(why, FAULT_JOB, "header-not-found",
		  "none of the first %u lines names the columns (date, amount, description)",
		  best->records);
	return fault_hint(why,
			  "say header_row (its line, or 0 when there is none), date_column, "
			  "amount_column and description_columns in profile, by number from 1");
}

int dialect_find(struct source *source, uint32_t bom, const struct wish *wish,
		 struct dialect_found *found, struct fault *why)
{
	struct reader_place from = {.offset = bom, .line = 1};
	struct trial best;
	char eol, only = 0;
	bool headless = wish->has_header_row && wish->header_row == 0;

	if (dialect_line_end(source, &eol, why) != 0 ||
	    dialect_sep_line(source, eol, &from, &only, why) != 0)
		return -1;
	if (wish->delimiter)
		only = wish->delimiter;
	if (trial_best(source, (struct csv_dialect){only, eol}, from, wish, &best, why) != 0)
		return -1;
	/* "sep=;" over a file of commas */
	if (only && !wish->delimiter && best.wide == 0 &&
	    trial_best(source, (struct csv_dialect){0, eol}, from, wish, &best, why) != 0)
		return -1;
	*found = best.found;
	found->first = from;
	if (found->n_fields > CSV_FIELDS_MAX || (best.score == 0 && best.widest > CSV_FIELDS_MAX) ||
	    (best.score == 0 && !headless && (best.rows == 0 || wish->has_header_row)))
		return dialect_refuse(&best, wish, why);
	return 0;
}
