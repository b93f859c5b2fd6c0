/*
 * source - the file's text, a window at a time.
 *
 * Shape    pread only: a mapped file that somebody truncates would end the process by SIGBUS.
 *          CSV_PADDING bytes beyond the window are readable.
 *          Places are bytes of the file; what is given is UTF-8. Of a file in another encoding each
 *          window is decoded as it is read: a copy in UTF-8, made once, would be a second file to
 *          keep, sync, hand to other hosts and delete, and would have places of its own;
 *          source_after() finds the byte of the file that follows some decoded text.
 * Errors   -1 with fault from errno (RETRY for EIO and the like); JOB encoding-broken for a byte
 *          that is no part of a character: detection has looked at all of them, so the file has
 *          changed.
 * Owns     its window; source_close() frees it. `fd` is borrowed. `alive` (may be NULL) is called
 *          once a window, some hundred times a second.
 */
#ifndef DAYBOOK_PARSE_SOURCE_H
#define DAYBOOK_PARSE_SOURCE_H

#include "charset.h"
#include "fault.h"
#include "span.h"

/* A unit's 64 KiB, the record that turns out not to belong to it (16 KiB), and some: one pread
 * reads a unit. */
#define SOURCE_WINDOW 98304
/* At most so much can be asked for at once: text may be half as long as the file's bytes of it. */
#define SOURCE_WANT_MAX 32768

struct source {
	int fd;
	void (*alive)(void *);
	void *alive_arg;
	char *window;	 /* UTF-8 */
	uint64_t offset; /* in the file, of the window's first byte */
	size_t len;
	bool eof; /* the file ends where the window does */
	/* of a file that is not UTF-8: */
	struct decoder *decoder;
	const struct charset *charset;
	char *raw; /* the file's bytes that the window was decoded from */
	size_t raw_len;
	size_t seen, raw_seen; /* a place in the window, and the same in raw */
};

void source_open(struct source *source, int fd, void (*alive)(void *), void *alive_arg);
void source_close(struct source *source);
/* From here on the file is read as `charset`; NULL: as UTF-8. */
void source_decode(struct source *source, const struct charset *charset);
/* The text from `offset` on: at least `want` (<= SOURCE_WANT_MAX) bytes of it, or all there is;
 * `eof` when nothing follows. */
int source_at(struct source *source, uint64_t offset, size_t want, struct span *bytes, bool *eof,
	      struct fault *why);
/* The place `len` bytes of text after `offset`; both are within what source_at() gave last. */
uint64_t source_after(struct source *source, uint64_t offset, size_t len);

#endif
