/*
 * fuzz_csv - any bytes as records: split in blocks of 64 the same as byte by byte, whole, and the
 * same when passed over without being held.
 */
#include <assert.h>
#include <stdlib.h>

#include "csv.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What csv.h says, one byte after the other: where the record ends, and how many fields it has. */
static size_t plainly(const struct csv_dialect *dialect, struct span bytes, uint32_t *fields)
{
	bool start = true, quoted = false;
	size_t i = bytes.len >= 3 && memcmp(bytes.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	*fields = 1;
	for (; i < bytes.len; i++) {
		char c = bytes.at[i];

		if (quoted) {
			if (c != '"')
				continue;
			if (i + 1 < bytes.len && bytes.at[i + 1] == '"')
				i++;
			else
				quoted = false;
			continue;
		}
		if (c == dialect->eol)
			return i + 1;
		if (c == dialect->delimiter) {
			++*fields;
			start = true;
			continue;
		}
		quoted = c == '"' && start;
		start = start && c == ' ';
	}
	return i;
}

static void check_fields(const struct csv_record *record)
{
	for (uint32_t i = 0; i < record->n_fields && i < CSV_FIELDS_MAX; i++) {
		const struct csv_field *field = &record->fields[i];
		char *room = xmalloc(field->len + 1);
		struct span text = csv_clean(field, room);

		assert(text.len <= field->len);
		assert(field->len == 0 || (field->at >= record->at &&
					   field->at + field->len <= record->at + record->size));
		free(room);
	}
}

/* Read as one line it ends where the line does. */
static void check_line(const struct csv_dialect *dialect, struct span bytes)
{
	static struct csv_record line;
	const char *eol = memchr(bytes.at, dialect->eol, bytes.len);

	csv_line(dialect, bytes, &line);
	assert(line.lines == 1 && !line.unclosed);
	assert(line.size == (eol ? (size_t)(eol - bytes.at) + 1 : bytes.len));
	check_fields(&line);
}

static void check_passed(const struct csv_dialect *dialect, struct span bytes,
			 const struct csv_record *record)
{
	struct csv_skip skip = {0};

	for (size_t i = 0; i < bytes.len && !skip.done; i += 7)
		csv_skip(dialect, &skip,
			 span_of(bytes.at + i, bytes.len - i < 7 ? bytes.len - i : 7));
	csv_skip_end(&skip);
	assert(skip.size == record->size && skip.n_fields == record->n_fields);
	assert(skip.lines == record->lines && skip.unclosed == record->unclosed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char delimiters[] = {',', ';', '\t', '|'};
	static struct csv_record record;
	struct csv_dialect dialect;
	char *text;

	if (len < 2)
		return 0;
	dialect = (struct csv_dialect){delimiters[bytes[0] & 3], bytes[0] & 4 ? '\r' : '\n'};
	text = xmalloc(len + CSV_PADDING);
	memcpy(text, bytes + 1, len - 1);
	memset(text + len - 1, '"', CSV_PADDING + 1); /* what is there must not matter */
	for (size_t at = 0; at < len - 1; at += record.size) {
		struct span rest = span_of(text + at, len - 1 - at);
		uint32_t fields;

		assert(csv_record(&dialect, rest, true, &record));
		assert(record.size > 0 && record.size <= rest.len);
		assert(record.size == plainly(&dialect, rest, &fields));
		assert(record.n_fields == fields);
		check_fields(&record);
		check_passed(&dialect, rest, &record);
		check_line(&dialect, rest);
	}
	free(text);
	return 0;
}
