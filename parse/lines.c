#include "lines.h"

#include <stdlib.h>

#include "mem.h"

void lines_add(struct lines *lines, uint64_t line)
{
	if (lines->n == lines->room) {
		lines->room = lines->room > 0 ? 2 * lines->room : 64;
		lines->at = xrealloc(lines->at, lines->room * sizeof(lines->at[0]));
	}
	lines->at[lines->n++] = line;
}

static int compare_lines(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

bool lines_have(const struct lines *lines, uint64_t line)
{
	return lines->n > 0 &&
	       bsearch(&line, lines->at, lines->n, sizeof(line), compare_lines) != NULL;
}

void lines_free(struct lines *lines)
{
	free(lines->at);
	*lines = (struct lines){0};
}

json_t *lines_save(const struct lines *lines)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < lines->n; i++)
		json_array_append_new(list, json_integer((json_int_t)lines->at[i]));
	return list;
}

void lines_load(const json_t *list, struct lines *lines)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		lines_add(lines, (uint64_t)json_integer_value(json_array_get(list, i)));
}
