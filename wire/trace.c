#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

enum { TRACE_UNKNOWN, TRACE_OFF, TRACE_ON };

static int trace_state;
static pid_t trace_pid; /* a child after fork writes a file of its own */
static int trace_fd = -1;

static void trace_open(void)
{
	const char *dir = getenv("DAYBOOK_TRACE");
	char *path;

	trace_state = TRACE_OFF;
	trace_pid = getpid();
	if (!dir || !*dir)
		return;
	path = xasprintf("%s/%s.%d.trace", dir, program_invocation_short_name, (int)trace_pid);
	trace_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (trace_fd == -1)
		log_warn("cannot trace into %s: %s", path, strerror(errno));
	else
		trace_state = TRACE_ON;
	free(path);
}

bool trace_is_on(void)
{
	if (trace_state == TRACE_OFF)
		return false;
	if (trace_state == TRACE_ON && trace_pid != getpid())
		trace_close();
	if (trace_state == TRACE_UNKNOWN)
		trace_open();
	return trace_state == TRACE_ON;
}

static void put_number(struct buf *record, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_char(record, (char)(value >> 8 * i & 0xff));
}

static void put_short(struct buf *record, const void *bytes, size_t len)
{
	size_t n = len < 255 ? len : 255;

	put_number(record, n, 1);
	buf_add(record, bytes, n);
}

static int64_t wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void trace_write(bool sent, enum sock_kind kind, const struct sock_peer *peer,
		 const struct span *frames, int n)
{
	struct buf record = {0};
	uint32_t len;

	if (!trace_is_on())
		return;
	put_number(&record, 0, 4);
	put_number(&record, (uint64_t)wall_us(), 8);
	put_number(&record, (uint64_t)trace_pid, 4);
	put_number(&record, sent, 1);
	put_number(&record, kind, 1);
	put_number(&record, (uint64_t)n, 2);
	put_short(&record, program_invocation_short_name, strlen(program_invocation_short_name));
	put_short(&record, peer ? peer->id : NULL, peer ? peer->len : 0);
	for (int i = 0; i < n; i++) {
		put_number(&record, frames[i].len, 4);
		buf_add(&record, frames[i].at, frames[i].len);
	}
	len = (uint32_t)record.len - 4;
	for (int i = 0; i < 4; i++)
		record.at[i] = (char)(len >> 8 * i & 0xff);
	if (write(trace_fd, record.at, record.len) != (ssize_t)record.len) {
		log_warn("tracing ends: %s", strerror(errno));
		trace_state = TRACE_OFF;
	}
	buf_release(&record);
}

void trace_close(void)
{
	if (trace_fd != -1)
		close(trace_fd);
	trace_fd = -1;
	trace_state = TRACE_UNKNOWN;
}

static int take_number(struct span *from, int bytes, uint64_t *value)
{
	*value = 0;
	if (from->len < (size_t)bytes)
		return -1;
	for (int i = 0; i < bytes; i++)
		*value |= (uint64_t)(unsigned char)from->at[i] << 8 * i;
	*from = span_of(from->at + bytes, from->len - (size_t)bytes);
	return 0;
}

/* `len_bytes` of length, then so many bytes. */
static int take_span(struct span *from, int len_bytes, struct span *value)
{
	uint64_t len;

	if (take_number(from, len_bytes, &len) != 0 || len > from->len)
		return -1;
	*value = span_of(from->at, len);
	*from = span_of(from->at + len, from->len - len);
	return 0;
}

int trace_read(struct span *bytes, struct trace_record *record)
{
	uint64_t us, pid, sent, kind, n;
	struct span rest;

	if (bytes->len == 0)
		return 1;
	if (take_span(bytes, 4, &rest) != 0 || take_number(&rest, 8, &us) != 0 ||
	    take_number(&rest, 4, &pid) != 0 || take_number(&rest, 1, &sent) != 0 ||
	    take_number(&rest, 1, &kind) != 0 || take_number(&rest, 2, &n) != 0 ||
	    kind > SOCK_WORKER || n > TRACE_FRAMES_MAX ||
	    take_span(&rest, 1, &record->program) != 0 || take_span(&rest, 1, &record->peer) != 0)
		return -1;
	for (uint64_t i = 0; i < n; i++)
		if (take_span(&rest, 4, &record->frames[i]) != 0)
			return -1;
	record->wall_us = (int64_t)us;
	record->pid = (uint32_t)pid;
	record->sent = sent != 0;
	record->kind = (enum sock_kind)kind;
	record->n = (int)n;
	return rest.len == 0 ? 0 : -1;
}
