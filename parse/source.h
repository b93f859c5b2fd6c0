/*
 * source - the file's bytes, a window at a time.
 *
 * Shape    pread only: a mapped file that somebody truncates would end the process by SIGBUS.
 *          CSV_PADDING bytes beyond the window are readable.
 * Errors   -1 with fault from errno (RETRY for EIO and the like).
 * Owns     its window; source_close() frees it. `fd` is borrowed. `alive` (may be NULL) is called
 *          once a window, some hundred times a second.
 */
#ifndef DAYBOOK_PARSE_SOURCE_H
#define DAYBOOK_PARSE_SOURCE_H

#include "fault.h"
#include "span.h"

/* A unit's 64 KiB, the record that turns out not to belong to it (16 KiB), and some: one pread
 * reads a unit. */
#define SOURCE_WINDOW 98304

struct source {
	int fd;
	void (*alive)(void *);
	void *alive_arg;
	char *window;
	uint64_t offset; /* in the file, of the window's first byte */
	size_t len;
	bool eof; /* the file ends where the window does */
};

void source_open(struct source *source, int fd, void (*alive)(void *), void *alive_arg);
void source_close(struct source *source);
/* The bytes from `offset` on: at least `want` (<= SOURCE_WINDOW) of them, or all there are; `eof`
 * when nothing follows them. */
int source_at(struct source *source, uint64_t offset, size_t want, struct span *bytes, bool *eof,
	      struct fault *why);

#endif
