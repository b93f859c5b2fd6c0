#include "reader.h"

#include <stdlib.h>

#include "balance.h"
#include "dialect.h"
#include "evidence.h"
#include "mem.h"
#include "reading.h"
#include "records.h"
#include "row.h"

#define UNIT_BYTES_MAX 65536 /* docs/ARCHITECTURE.md, Units */

/* What the header and the first records say, while a reading is being made. */
struct draft {
	struct heading headings[CSV_FIELDS_MAX];
	struct column_content content[CSV_FIELDS_MAX];
};

static void put_u64(char *out, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		out[i] = (char)(value >> (8 * i));
}

static uint64_t get_u64(const char *in)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | (unsigned char)in[i];
	return value;
}

void reader_place_put(struct reader_place place, char out[READER_PLACE_BYTES])
{
	put_u64(out, place.offset);
	put_u64(out + 8, place.line);
}

int reader_place_get(struct span bytes, struct reader_place *place)
{
	if (bytes.len != READER_PLACE_BYTES)
		return -1;
	*place = (struct reader_place){get_u64(bytes.at), get_u64(bytes.at + 8)};
	return place->offset <= INT64_MAX && place->line >= 1 ? 0 : -1;
}

/* Names and roles from the header; without one all names are empty. */
static int draft_header(struct source *source, const struct dialect_found *found,
			struct reading *reading, struct draft *draft, struct fault *why)
{
	struct records records;
	char room[ROWS_RECORD_MAX];

	reading->n_names = found->n_fields;
	reading->names = xcalloc(found->n_fields + 1, sizeof(reading->names[0]));
	for (uint32_t i = 0; found->header_line == 0 && i < found->n_fields; i++)
		reading->names[i] = xstrdup("");
	if (found->header_line == 0)
		return 0;
	records_open(&records, found->dialect, source, found->header);
	if (records_next(&records, why) == -1)
		return -1;
	for (uint32_t i = 0; i < found->n_fields; i++) {
		struct span name = span_trim(csv_clean(&records.record.fields[i], room));

		reading->names[i] = xstrndup(name.at, name.len);
		words_heading(name, &draft->headings[i]);
	}
	return 0;
}

static int draft_content(struct source *source, const struct dialect_found *found,
			 struct draft *draft, struct fault *why)
{
	struct records records;
	int rc = 0;

	records_open(&records, found->dialect, source, found->start);
	for (int i = 0; i < DIALECT_SAMPLE && (rc = records_next(&records, why)) == 1; i++) {
		if (!records.too_long)
			columns_look(&records.record, draft->content);
	}
	return rc == -1 ? -1 : 0;
}

/* The language that most headings are in, of those that are in one alone; "" when none is. */
static const char *draft_language(const struct draft *draft, uint32_t n)
{
	const char *best = "";
	uint32_t most = 0;

	for (uint32_t i = 0; i < n; i++) {
		const char *language = draft->headings[i].language;
		uint32_t count = 0;

		for (uint32_t j = 0; language[0] && j < n; j++)
			count += strcmp(draft->headings[j].language, language) == 0;
		if (count > most) {
			most = count;
			best = language;
		}
	}
	return best;
}

/* Said by the uploader, or in the heading of the money: "Amount (EUR)". A heading's word goes
 * before a currency column, which may speak of what was paid abroad. */
static void draft_currency(const struct wish *wish, const struct draft *draft,
			   struct reading *reading)
{
	struct columns *columns = &reading->columns;
	int money = columns->amount != -1  ? columns->amount
		    : columns->debit != -1 ? columns->debit
					   : columns->credit;

	if (wish->currency[0]) {
		memcpy(reading->currency, wish->currency, CURRENCY_SIZE);
		reading->currency_fixed = true;
	} else if (draft->headings[money].currency[0]) {
		memcpy(reading->currency, draft->headings[money].currency, CURRENCY_SIZE);
		reading->currency_fixed = true;
		columns->currency = -1;
	}
}

static int draft_columns(const struct wish *wish, const struct draft *draft,
			 struct reading *reading, struct fault *why)
{
	struct columns_input input = {draft->headings, draft->content, reading->names,
				      reading->n_names, reading->header_line};
	char taken[24], other[24];
	int rival;

	if (columns_settle(&input, wish, &reading->columns, why) != 0)
		return -1;
	rival = columns_rival_date(&input, &reading->columns);
	if (rival != -1 && !wish->date.name && !wish->date.number)
		notes_add(&reading->assumed,
			  "The date is taken from the column \"%s\", not from \"%s\"",
			  reading_column_name(reading, reading->columns.date, taken),
			  reading_column_name(reading, rival, other));
	draft_currency(wish, draft, reading);
	return 0;
}

/* Everything from the first byte to the last decision. */
static int reading_make(struct source *source, const struct wish *wish, struct draft *draft,
			struct reading *reading, struct fault *why)
{
	struct dialect_found found;
	struct evidence evidence;

	if (encoding_detect(source, &reading->encoding, why) != 0 ||
	    dialect_find(source, reading->encoding.skip, wish, &found, why) != 0)
		return -1;
	reading->dialect = found.dialect;
	reading->header_line = found.header_line;
	reading->start = found.start;
	reading->account = xstrdup(wish->account);
	if (draft_header(source, &found, reading, draft, why) != 0 ||
	    draft_content(source, &found, draft, why) != 0 ||
	    draft_columns(wish, draft, reading, why) != 0 ||
	    evidence_gather(source, reading, wish->max_rows, &evidence, why) != 0 ||
	    evidence_settle(&evidence, wish, draft_language(draft, reading->n_names), reading,
			    why) != 0)
		return -1;
	return balance_settle(source->fd, reading, why);
}

int reader_detect(int fd, struct span wish_json, void (*alive)(void *), void *alive_arg,
		  struct reading **reading, struct fault *why)
{
	struct reading *made;
	struct draft *draft;
	struct source source;
	struct wish wish;
	int rc;

	if (wish_load(wish_json, &wish, why) != 0)
		return -1;
	made = xcalloc(1, sizeof(*made));
	draft = xcalloc(1, sizeof(*draft));
	source_open(&source, fd, alive, alive_arg);
	rc = reading_make(&source, &wish, draft, made, why);
	source_close(&source);
	free(draft);
	wish_free(&wish);
	if (rc != 0)
		reading_free(&made);
	else
		*reading = made;
	return rc;
}

/* Does the record that was read last still belong to the unit? */
static bool unit_takes(const struct records *records, struct reader_place from,
		       const struct reader_place *until, const struct rows *rows, uint32_t first)
{
	if (until)
		return records->start.offset < until->offset && rows->n - first < ROWS_MAX;
	if (rows->n == first)
		return true; /* also one longer than a unit: it has a unit of its own */
	return rows->n - first < ROWS_MAX && records->at.offset - from.offset <= UNIT_BYTES_MAX;
}

int reader_unit(const struct reading *reading, int fd, struct reader_place from,
		const struct reader_place *until, struct rows *rows, struct reader_place *next,
		bool *last, struct fault *why)
{
	struct text_ref bank = rows_text(rows, span_text(reading->account));
	uint32_t first = rows->n;
	struct records records;
	struct source source;
	int rc;

	source_open(&source, fd, NULL, NULL);
	records_open(&records, reading->dialect, &source, from);
	while ((rc = records_next(&records, why)) == 1 &&
	       unit_takes(&records, from, until, rows, first))
		row_append(reading, &records, bank, rows);
	source_close(&source);
	if (rc == -1)
		return -1;
	*last = rc == 0;
	*next = *last ? records.at : records.start;
	if (until && next->offset < until->offset)
		return fault_set(why, FAULT_JOB, "replay-differs",
				 "the unit at byte %llu cannot be read again to where it ended",
				 (unsigned long long)from.offset);
	return 0;
}
