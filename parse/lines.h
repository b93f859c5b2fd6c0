/*
 * lines - some lines of a file, by their numbers.
 *
 * Shape    numbers in the order in which they were added, which must be rising.
 * Owns     lines_add() makes room; lines_free() releases it.
 */
#ifndef DAYBOOK_PARSE_LINES_H
#define DAYBOOK_PARSE_LINES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct lines {
	uint32_t n, room;
	uint64_t *at;
};

void lines_add(struct lines *lines, uint64_t line);
bool lines_have(const struct lines *lines, uint64_t line);
void lines_free(struct lines *lines);

/* As an array of numbers, which is the caller's; what is none of ours there counts as line 0. */
json_t *lines_save(const struct lines *lines);
void lines_load(const json_t *list, struct lines *lines);

#endif
