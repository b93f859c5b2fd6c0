#include "source.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "csv.h"
#include "mem.h"

void source_open(struct source *source, int fd, void (*alive)(void *), void *alive_arg)
{
	*source = (struct source){.fd = fd, .alive = alive, .alive_arg = alive_arg};
	source->window = xmalloc(SOURCE_WINDOW + CSV_PADDING);
	memset(source->window, 0, SOURCE_WINDOW + CSV_PADDING);
}

void source_close(struct source *source)
{
	decoder_free(&source->decoder);
	free(source->raw);
	free(source->window);
	source->window = source->raw = NULL;
}

void source_decode(struct source *source, const struct charset *charset)
{
	size_t room = SOURCE_WINDOW * CHARSET_GROWTH + CSV_PADDING;

	source->len = source->raw_len = 0;
	source->offset = UINT64_MAX; /* what was read is not what it looked like */
	decoder_free(&source->decoder);
	source->charset = charset;
	if (!charset)
		return;
	source->decoder = decoder_new(charset);
	if (source->raw)
		return;
	source->raw = source->window;
	source->window = xmalloc(room);
	memset(source->window, 0, room);
}

/* Decodes what was read. A character cut off by the window's end is left for the next one. */
static int source_convert(struct source *source, struct fault *why)
{
	struct span raw = span_of(source->raw, source->len);
	size_t taken = decoder_run(source->decoder, raw, source->window, &source->len);
	struct span rest = span_of(raw.at + taken, raw.len - taken);

	source->raw_len = taken;
	source->seen = source->raw_seen = 0;
	if (rest.len == 0 || (!source->eof && charset_char_size(source->charset, rest) > rest.len))
		return 0;
	source->offset = UINT64_MAX;
	return fault_set(why, FAULT_JOB, "encoding-broken",
			 "the file is no longer %s text from beginning to end",
			 source->charset->name);
}

/* Fills the window from `offset`, up to its size or the end of the file. */
static int source_fill(struct source *source, uint64_t offset, struct fault *why)
{
	char *to = source->decoder ? source->raw : source->window;

	source->offset = offset;
	source->len = 0;
	source->eof = false;
	if (source->alive)
		source->alive(source->alive_arg);
	while (source->len < SOURCE_WINDOW && !source->eof) {
		ssize_t got = pread(source->fd, to + source->len, SOURCE_WINDOW - source->len,
				    (off_t)(offset + source->len));

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fault_errno(why, "read upload");
		source->len += (size_t)got;
		source->eof = got == 0;
	}
	return source->decoder ? source_convert(source, why) : 0;
}

/* Steps from the place known to one in the window or in raw, whichever is reached first. */
static void source_step(struct source *source, size_t window_to, size_t raw_to)
{
	if (source->seen > window_to || source->raw_seen > raw_to)
		source->seen = source->raw_seen = 0;
	while (source->seen < window_to && source->raw_seen < raw_to) {
		struct span raw = span_of(source->raw + source->raw_seen,
					  source->raw_len - source->raw_seen);
		unsigned char first = (unsigned char)source->window[source->seen];

		source->raw_seen += charset_char_size(source->charset, raw);
		source->seen += first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	}
}

/* Where in the window the file's byte `offset` is. */
static size_t source_place(struct source *source, uint64_t offset)
{
	if (!source->decoder)
		return (size_t)(offset - source->offset);
	source_step(source, SIZE_MAX, (size_t)(offset - source->offset));
	return source->seen;
}

uint64_t source_after(struct source *source, uint64_t offset, size_t len)
{
	size_t place;

	if (!source->decoder)
		return offset + len;
	place = source_place(source, offset);
	source_step(source, place + len, SIZE_MAX);
	return source->offset + source->raw_seen;
}

int source_at(struct source *source, uint64_t offset, size_t want, struct span *bytes, bool *eof,
	      struct fault *why)
{
	size_t size = source->decoder ? source->raw_len : source->len;
	bool inside = offset >= source->offset && offset <= source->offset + size;
	size_t place = inside ? source_place(source, offset) : 0;

	assert(want <= SOURCE_WANT_MAX);
	if (!inside || (!source->eof && source->len - place < want)) {
		if (source_fill(source, offset, why) != 0)
			return -1;
		place = 0;
	}
	*bytes = span_of(source->window + place, source->len - place);
	*eof = source->eof;
	return 0;
}
