/*
 * parse_file - reads a CSV file to its end, as the parse and validate stages do, for tests.
 *
 * Shape    the text of a reading: "fault<TAB>code", or a line for every sentence assumed and every
 *          warning, then one for every row: line, "ok", date, amount, currency, description; or
 *          line, reason, detail.
 */
#ifndef DAYBOOK_TESTS_PARSE_FILE_H
#define DAYBOOK_TESTS_PARSE_FILE_H

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "day.h"
#include "reader.h"
#include "validate.h"

static inline void parse_dump_row(const struct rows *rows, uint32_t i, struct buf *out)
{
	char day[DAY_TEXT_SIZE], amount[MONEY_TEXT_SIZE];

	buf_format(out, "%llu\t", (unsigned long long)rows->line[i]);
	if (rows->state[i] == ROW_REJECTED) {
		buf_format(out, "%.*s\t%.*s\n", SPAN_ARG(rows_span(rows, rows->reason[i])),
			   SPAN_ARG(rows_span(rows, rows->detail[i])));
		return;
	}
	day_text(rows->day[i], day);
	money_text(rows->amount_minor[i], rows->currency[i].code, amount);
	buf_format(out, "ok\t%s\t%s\t%s\t%.*s\n", day, amount, rows->currency[i].code,
		   SPAN_ARG(rows_span(rows, rows->description[i])));
}

static inline void parse_dump_notes(const struct reading *reading, struct buf *out)
{
	static const char *const kinds[] = {"assumed", "warnings"};
	struct buf json = {0};
	json_t *root, *note;
	size_t at;

	reading_save(reading, &json);
	root = json_loadb(json.at, json.len, 0, NULL);
	for (size_t i = 0; i < 2; i++) {
		json_array_foreach(json_object_get(root, kinds[i]), at, note)
			buf_format(out, "%s\t%s\n", kinds[i], json_string_value(note));
	}
	json_decref(root);
	buf_release(&json);
}

/* All rows of a file in one; NULL and `why` when it is refused. `reading` may be NULL. */
static inline struct rows *parse_rows(const char *path, const char *wish, struct buf *notes,
				      struct fault *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct reading *reading = NULL;
	struct rows *all = NULL, *rows = rows_new();
	struct reader_place at;
	bool last = false;

	if (fd != -1 && reader_detect(fd, span_text(wish), NULL, NULL, &reading, why) == 0) {
		all = rows_new();
		at = reading_start(reading);
		while (!last && reader_unit(reading, fd, at, NULL, rows, &at, &last, why) == 0) {
			validate_rows(rows);
			for (uint32_t i = 0; i < rows->n; i++)
				rows_copy(all, rows, i, false);
			rows_clear(rows);
		}
		if (notes)
			parse_dump_notes(reading, notes);
		if (all->n != reading_rows(reading))
			abort();
	}
	rows_free(&rows);
	reading_free(&reading);
	close(fd);
	return all;
}

static inline void parse_dump(const char *path, const char *wish, struct buf *out)
{
	struct fault why = {0};
	struct rows *rows = parse_rows(path, wish, out, &why);

	if (!rows)
		buf_format(out, "fault\t%s\t%s\t%s\n", why.code, why.text, why.hint);
	for (uint32_t i = 0; rows && i < rows->n; i++)
		parse_dump_row(rows, i, out);
	rows_free(&rows);
}

#endif
