#include "kind.h"
#include "mem.h"
#include "reader.h"
#include "reading.h"
#include "records.h"
#include "row.h"

/* The rows of one unit: from a place in the file to where the next one begins. */

#define UNIT_BYTES_MAX 65536 /* docs/ARCHITECTURE.md, Units */

/* Does the record that was read last still belong to the unit? */
static bool unit_takes(const struct records *records, struct reader_place from,
		       const struct reader_place *until, const struct rows *rows, uint32_t first)
{
	if (until)
		return records->start.offset < until->offset && rows->n - first < ROWS_MAX;
	if (rows->n == first)
		return true; /* also one longer than a unit: it has a unit of its own */
	return rows->n - first < ROWS_MAX && records->at.offset - from.offset <= UNIT_BYTES_MAX &&
	       records->text_bytes <= UNIT_BYTES_MAX;
}

#define GOES_ON_MAX 1024 /* bytes of a description that goes on below its row */

/* What a row leaves to the records below it: its day, and a description that may go on. */
struct going {
	int32_t day; /* see struct reader_place */
	uint32_t row;
	bool open;
	uint64_t end; /* the line after it: what goes on stands there */
	size_t len;   /* of `text`; 0: it does not go on so far */
	char text[GOES_ON_MAX];
};

static void going_end(struct going *going, struct rows *rows)
{
	if (going->open && going->len > 0)
		rows->description[going->row] = rows_text(rows, span_of(going->text, going->len));
	going->open = false;
	going->len = 0;
}

/* The text of a record that goes on from the row above: nothing is filled but one field, where rows
 * have their text first of all. Empty for any other record. Lives as long as `room`. */
static struct span unit_goes_on(const struct reading *reading, const struct records *records,
				char room[ROWS_RECORD_MAX])
{
	const struct columns *columns = reading_columns(
		reading, reading_section(reading, records->start.line));
	const struct csv_record *record = &records->record;
	struct span text = {NULL, 0};

	for (uint32_t i = 0; i < record->n_fields; i++) {
		bool ours = false;

		if (i < CSV_FIELDS_MAX && record->fields[i].len == 0)
			continue;
		for (uint16_t k = 0; k < columns->n_text && (k == 0 || k < columns->n_joined); k++)
			ours |= columns->text[k] == (int16_t)i;
		if (!ours || text.len > 0 || records->too_long || record->unclosed)
			return span_of(NULL, 0);
		text = csv_value(&record->fields[i], room);
	}
	return kind_is_balance(text) ? span_of(NULL, 0) : text;
}

/* Is the record more of the row's text? What does not fit is left out, as a whole. */
static bool going_add(struct going *going, const struct reading *reading,
		      const struct records *records, const struct rows *rows)
{
	struct span text, own;
	char room[ROWS_RECORD_MAX];

	if (!going->open || records->start.line != going->end)
		return false;
	text = unit_goes_on(reading, records, room);
	own = rows_span(rows, rows->description[going->row]);
	if (going->len == 0 && own.len > 0 && own.len < GOES_ON_MAX && text.len > 0) {
		memcpy(going->text, own.at, own.len);
		going->len = own.len;
	}
	if (text.len == 0 || (going->len == 0 && own.len > 0) ||
	    going->len + 1 + text.len > GOES_ON_MAX)
		return false;
	if (going->len > 0)
		going->text[going->len++] = ' ';
	memcpy(going->text + going->len, text.at, text.len);
	going->len += text.len;
	going->end = records->at.line;
	return true;
}

/* One more row: of its own, or one that goes on from the row before. */
static void unit_add(const struct reading *reading, const struct records *records,
		     struct text_ref bank, struct going *going, struct rows *rows)
{
	row_append(reading, records, bank, &going->day, rows);
	if (reading->figures_only || going_add(going, reading, records, rows))
		return;
	going_end(going, rows);
	going->open = rows->state[rows->n - 1] == ROW_OK;
	going->row = rows->n - 1;
	going->end = records->at.line;
}

int reader_unit(const struct reading *reading, int fd, struct reader_place from,
		const struct reader_place *until, struct rows *rows, struct reader_place *next,
		bool *last, struct fault *why)
{
	struct text_ref bank = rows_text(rows, span_text(reading->account));
	struct going going = {.day = from.day};
	uint32_t first = rows->n;
	struct records records;
	struct source source;
	int rc;

	source_open(&source, fd, NULL, NULL);
	if (reading->encoding.charset)
		source_decode(&source, reading->encoding.charset);
	records_open(&records, reading->dialect, &source, from);
	while ((rc = records_next(&records, why)) == 1 &&
	       unit_takes(&records, from, until, rows, first))
		unit_add(reading, &records, bank, &going, rows);
	*last = rc == 0;
	*next = *last ? records.at : records.start;
	next->day = going.day;
	/* the unit's last row may go on in rows of the next one */
	while (rc == 1 && going_add(&going, reading, &records, rows))
		rc = records_next(&records, why);
	going_end(&going, rows);
	source_close(&source);
	if (rc == -1)
		return -1;
	if (until && next->offset < until->offset)
		return fault_set(why, FAULT_JOB, "replay-differs",
				 "the unit at byte %llu cannot be read again to where it ended",
				 (unsigned long long)from.offset);
	return 0;
}
