#include "rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mem.h"

#define TEXT_ROOM 16384

struct rows *rows_new(void)
{
	return xcalloc(1, sizeof(struct rows));
}

void rows_free(struct rows **rows)
{
	struct rows *r = *rows;

	if (r == NULL)
		return;
#define FREE_NUM(name, type, meaning) free(r->name);
#define FREE_TEXT(name, meaning)      free(r->name);
	ROWS_COLUMNS(FREE_NUM, FREE_TEXT)
#undef FREE_NUM
#undef FREE_TEXT
	free(r->text);
	free(r);
	*rows = NULL;
}

void rows_clear(struct rows *rows)
{
	rows->n = 0;
	rows->text_len = 0;
}

static void make_room(struct rows *r, uint32_t n)
{
	uint32_t room = r->room ? r->room : ROWS_MAX;

	while (room < n)
		room *= 2;
	if (room == r->room)
		return;
#define ROOM_NUM(name, type, meaning) r->name = xrealloc(r->name, room * sizeof(*r->name));
#define ROOM_TEXT(name, meaning)      r->name = xrealloc(r->name, room * sizeof(*r->name));
	ROWS_COLUMNS(ROOM_NUM, ROOM_TEXT)
#undef ROOM_NUM
#undef ROOM_TEXT
	r->room = room;
}

void rows_resize(struct rows *rows, uint32_t n)
{
	make_room(rows, n);
#define ZERO_NUM(name, type, meaning) memset(rows->name, 0, n * sizeof(*rows->name));
#define ZERO_TEXT(name, meaning)      memset(rows->name, 0, n * sizeof(*rows->name));
	ROWS_COLUMNS(ZERO_NUM, ZERO_TEXT)
#undef ZERO_NUM
#undef ZERO_TEXT
	rows->n = n;
}

uint32_t rows_add(struct rows *rows)
{
	uint32_t i = rows->n;

	if (i == rows->room)
		make_room(rows, i + 1);
#define ADD_NUM(name, type, meaning) memset(&rows->name[i], 0, sizeof(*rows->name));
#define ADD_TEXT(name, meaning)	     memset(&rows->name[i], 0, sizeof(*rows->name));
	ROWS_COLUMNS(ADD_NUM, ADD_TEXT)
#undef ADD_NUM
#undef ADD_TEXT
	rows->n++;
	return i;
}

struct text_ref rows_text(struct rows *rows, struct span text)
{
	struct text_ref ref = {rows->text_len, (uint32_t)text.len};

	if (text.len == 0)
		return (struct text_ref){0, 0};
	while (rows->text_room - rows->text_len < text.len) {
		bool inside = text.at >= rows->text && text.at < rows->text + rows->text_len;
		size_t at = inside ? (size_t)(text.at - rows->text) : 0;

		rows->text_room = rows->text_room ? 2 * rows->text_room : TEXT_ROOM;
		rows->text = xrealloc(rows->text, rows->text_room);
		if (inside) /* a part of the heap is copied within it */
			text.at = rows->text + at;
	}
	memcpy(rows->text + rows->text_len, text.at, text.len);
	rows->text_len += (uint32_t)text.len;
	return ref;
}

void rows_copy(struct rows *to, const struct rows *from, uint32_t i, bool brief)
{
	uint32_t k = rows_add(to);

#define COPY_NUM(name, type, meaning) to->name[k] = from->name[i];
#define COPY_TEXT(name, meaning)      to->name[k] = (struct text_ref){0, 0};
	ROWS_COLUMNS(COPY_NUM, COPY_TEXT)
#undef COPY_NUM
#undef COPY_TEXT
	to->bank[k] = rows_text(to, rows_span(from, from->bank[i]));
	to->description[k] = rows_text(to, rows_span(from, from->description[i]));
	to->reference[k] = rows_text(to, rows_span(from, from->reference[i]));
	to->account[k] = rows_text(to, rows_span(from, from->account[i]));
	to->decider[k] = rows_text(to, rows_span(from, from->decider[i]));
	if (brief)
		return;
	to->raw[k] = rows_text(to, rows_span(from, from->raw[i]));
	to->reason[k] = rows_text(to, rows_span(from, from->reason[i]));
	to->detail[k] = rows_text(to, rows_span(from, from->detail[i]));
}

void rows_reject(struct rows *rows, uint32_t i, const char *reason, const char *format, ...)
{
	char text[512];
	va_list args;
	int len;

	if (rows->state[i] == ROW_REJECTED)
		return;
	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	rows->state[i] = ROW_REJECTED;
	rows->reason[i] = rows_text(rows, span_text(reason));
	rows->detail[i] = rows_text(
		rows, span_of(text, len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1));
}

const char *row_source_name(uint8_t source)
{
	static const char *const names[] = {"none", "rule", "history", "llm", "user"};

	return source < ARRAY_LEN(names) ? names[source] : "none";
}
