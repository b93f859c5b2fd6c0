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
	free(source->window);
	source->window = NULL;
}

/* Fills the window from `offset`, up to its size or the end of the file. */
static int source_fill(struct source *source, uint64_t offset, struct fault *why)
{
	source->offset = offset;
	source->len = 0;
	source->eof = false;
	if (source->alive)
		source->alive(source->alive_arg);
	while (source->len < SOURCE_WINDOW && !source->eof) {
		ssize_t got = pread(source->fd, source->window + source->len,
				    SOURCE_WINDOW - source->len, (off_t)(offset + source->len));

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fault_errno(why, "read upload");
		source->len += (size_t)got;
		source->eof = got == 0;
	}
	return 0;
}

int source_at(struct source *source, uint64_t offset, size_t want, struct span *bytes, bool *eof,
	      struct fault *why)
{
	bool inside = offset >= source->offset && offset <= source->offset + source->len;

	assert(want <= SOURCE_WINDOW);
	if (!inside || (!source->eof && source->offset + source->len - offset < want)) {
		if (source_fill(source, offset, why) != 0)
			return -1;
	}
	*bytes = span_of(source->window + (offset - source->offset),
			 (size_t)(source->offset + source->len - offset));
	*eof = source->eof;
	return 0;
}
