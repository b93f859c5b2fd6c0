#include "records.h"

#include "content.h"
#include "encoding.h"
#include "rows.h"

void records_open(struct records *records, struct csv_dialect dialect, struct source *source,
		  struct reader_place from)
{
	records->dialect = dialect;
	records->source = source;
	records->record_max = ROWS_RECORD_MAX;
	records->at = records->start = from;
	records->too_long = records->stray = records->eof = false;
	records->text_bytes = 0;
}

/* The record at records->at is longer than record_max: to its end, a window at a time. */
static int records_pass(struct records *records, struct fault *why)
{
	struct csv_skip skip = {0};
	struct span bytes;
	bool eof = false;

	records->end = records->at.offset;
	while (!skip.done && !eof) {
		size_t before = skip.size;

		if (source_at(records->source, records->end, 1, &bytes, &eof, why) != 0)
			return -1;
		if (before == 0)
			memcpy(records->head, bytes.at,
			       bytes.len < RECORDS_HEAD_MAX ? bytes.len : RECORDS_HEAD_MAX);
		csv_skip(&records->dialect, &skip, bytes);
		records->end = source_after(records->source, records->end, skip.size - before);
	}
	csv_skip_end(&skip);
	records->too_long = true;
	records->record.at = records->head;
	records->record.len = skip.len;
	records->record.size = skip.size;
	records->record.lines = skip.lines;
	records->record.n_fields = (uint32_t)skip.n_fields;
	records->record.unclosed = skip.unclosed;
	return 0;
}

/* Is the line at the start of `bytes` a row by itself? Sets where it ends. */
static bool line_is_row(const struct records *records, struct span bytes, struct csv_record *record,
			size_t *end)
{
	if (bytes.len == 0)
		return false;
	csv_line(&records->dialect, bytes, record);
	*end = record->size;
	return record->size > record->len && content_is_row(record);
}

/* Has a record of several lines, from the start of `bytes`, a quote that somebody forgot? Then it
 * is its first line. */
static bool records_stray(struct records *records, struct span bytes)
{
	struct csv_record line;
	size_t end, below;

	if (!line_is_row(records, bytes, &line, &end) ||
	    !line_is_row(records, span_of(bytes.at + end, bytes.len - end), &line, &below))
		return false;
	csv_line(&records->dialect, bytes, &records->record);
	return true;
}

/* Reads the record at records->at, which is not the end of the file. */
static int records_read(struct records *records, struct span bytes, bool eof, struct fault *why)
{
	size_t max = records->record_max;
	bool whole = eof && bytes.len <= max;

	records->too_long = records->stray = false;
	if (csv_record(&records->dialect, span_of(bytes.at, bytes.len < max ? bytes.len : max),
		       whole, &records->record)) {
		records->stray = records->record.lines > 1 && records_stray(records, bytes);
		records->end = source_after(records->source, records->at.offset,
					    records->record.size);
		return 0;
	}
	if (bytes.len < max && !eof) {
		if (source_at(records->source, records->at.offset, max, &bytes, &eof, why) != 0)
			return -1;
		return records_read(records, bytes, eof, why);
	}
	records->stray = records_stray(records, span_of(bytes.at, max)); /* however much is here */
	if (!records->stray)
		return records_pass(records, why);
	records->end = source_after(records->source, records->at.offset, records->record.size);
	return 0;
}

int records_next(struct records *records, struct fault *why)
{
	struct span bytes;
	bool eof;

	for (;;) {
		if (source_at(records->source, records->at.offset, 1, &bytes, &eof, why) != 0)
			return -1;
		if (bytes.len == 0)
			return 0;
		if (records_read(records, bytes, eof, why) != 0)
			return -1;
		records->start = records->at;
		records->at.offset = records->end;
		records->text_bytes += records->record.size;
		records->at.line += records->record.lines;
		if (records->too_long || !csv_is_blank(&records->record))
			break;
	}
	records->eof = records->record.size == records->record.len;
	return 1;
}

struct span records_raw(const struct records *records)
{
	struct span raw = span_of(records->record.at, records->record.len);

	if (!records->too_long)
		return raw;
	if (raw.len > RECORDS_HEAD_MAX)
		raw.len = RECORDS_HEAD_MAX;
	raw.len = encoding_utf8_length(raw);
	return raw;
}
