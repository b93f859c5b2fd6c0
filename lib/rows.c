#include "rows.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"

#define ROWS_TEXT_FIRST (128 * 1024)
#define ROWS_DETAIL_MAX 512

struct rows *rows_new(void)
{
	return xcalloc(1, sizeof(struct rows));
}

void rows_free(struct rows **rows)
{
	if (!*rows)
		return;
#define FREE_NUM(name, type, meaning) free((*rows)->name);
#define FREE_TEXT(name, meaning)      free((*rows)->name);
	ROWS_COLUMNS(FREE_NUM, FREE_TEXT)
	free((*rows)->text);
	free(*rows);
	*rows = NULL;
}

void rows_clear(struct rows *rows)
{
	rows->n = 0;
	rows->text_len = 0;
}

static void rows_room(struct rows *rows, uint32_t need)
{
	uint32_t room = rows->room ? rows->room : ROWS_MAX;

	if (need <= rows->room)
		return;
	while (room < need)
		room *= 2;
#define GROW_NUM(name, type, meaning) rows->name = xrealloc(rows->name, room * sizeof(type));
#define GROW_TEXT(name, meaning)      GROW_NUM(name, struct text_ref, meaning)
	ROWS_COLUMNS(GROW_NUM, GROW_TEXT)
	rows->room = room;
}

void rows_resize(struct rows *rows, uint32_t n)
{
	rows_room(rows, n);
	rows->n = n;
	if (n == 0)
		return;
#define ZERO_NUM(name, type, meaning) memset(rows->name, 0, n * sizeof(type));
#define ZERO_TEXT(name, meaning)      ZERO_NUM(name, struct text_ref, meaning)
	ROWS_COLUMNS(ZERO_NUM, ZERO_TEXT)
}

uint32_t rows_add(struct rows *rows)
{
	uint32_t i = rows->n;

	rows_room(rows, i + 1);
#define ADD_NUM(name, type, meaning) memset(&rows->name[i], 0, sizeof(type));
#define ADD_TEXT(name, meaning)	     ADD_NUM(name, struct text_ref, meaning)
	ROWS_COLUMNS(ADD_NUM, ADD_TEXT)
	rows->n = i + 1;
	return i;
}

/* Not realloc(): the text to add may lie in the heap that grows. */
static void rows_text_grow(struct rows *rows, uint32_t room, struct span text)
{
	char *old = rows->text, *grown = xmalloc(room);

	if (rows->text_len > 0)
		memcpy(grown, old, rows->text_len);
	memcpy(grown + rows->text_len, text.at, text.len);
	free(old);
	rows->text = grown;
	rows->text_room = room;
}

struct text_ref rows_text(struct rows *rows, struct span text)
{
	struct text_ref ref = {rows->text_len, (uint32_t)text.len};
	uint64_t need = (uint64_t)rows->text_len + text.len;
	uint64_t room = rows->text_room ? rows->text_room : ROWS_TEXT_FIRST;

	if (text.len == 0)
		return (struct text_ref){0, 0};
	/* A unit's text is bounded (ROWS_RECORD_MAX and the frame); more than this is our bug. */
	assert(need <= INT32_MAX);
	while (room < need)
		room *= 2;
	if (need > rows->text_room)
		rows_text_grow(rows, (uint32_t)room, text);
	else
		memcpy(rows->text + rows->text_len, text.at, text.len);
	rows->text_len = (uint32_t)need;
	return ref;
}

/* Not needed once insert has stored them. */
static bool rows_is_bulk(const char *column)
{
	return strcmp(column, "raw") == 0 || strcmp(column, "reason") == 0 ||
	       strcmp(column, "detail") == 0;
}

void rows_copy(struct rows *to, const struct rows *from, uint32_t i, bool brief)
{
	uint32_t n = rows_add(to);

	assert(to != from && i < from->n);
#define COPY_NUM(name, type, meaning) to->name[n] = from->name[i];
#define COPY_TEXT(name, meaning)                                                                   \
	to->name[n] = brief && rows_is_bulk(#name)                                                 \
			      ? (struct text_ref){0, 0}                                            \
			      : rows_text(to, rows_span(from, from->name[i]));
	ROWS_COLUMNS(COPY_NUM, COPY_TEXT)
}

void rows_reject(struct rows *rows, uint32_t i, const char *reason, const char *format, ...)
{
	char detail[ROWS_DETAIL_MAX];
	struct span text;
	va_list args;
	bool cut;

	assert(i < rows->n);
	if (rows->state[i] == ROW_REJECTED)
		return;
	va_start(args, format);
	cut = vsnprintf(detail, sizeof detail, format, args) >= (int)sizeof detail;
	va_end(args);
	if (cut)
		text = span_utf8_whole(span_of(detail, sizeof detail - 1));
	else
		text = span_text(detail);
	rows->state[i] = ROW_REJECTED;
	rows->reason[i] = rows_text(rows, span_text(reason));
	rows->detail[i] = rows_text(rows, text);
}

const char *row_source_name(uint8_t source)
{
	static const char *const names[] = {"none", "rule", "history", "llm", "user"};

	return source < ARRAY_LEN(names) ? names[source] : "none";
}
