#include "crash.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

#define CRASH_EXIT 137 /* what a shell reports for a process ended by SIGKILL */

static const struct {
	const char *process, *name;
} points[] = {
	{"broker", "broker.epoch.before"},
	{"broker", "broker.epoch.after"},
	{"broker", "broker.keep.before"},
	{"broker", "broker.keep.after"},
	{"broker", "broker.unkeep.before"},
	{"broker", "broker.unkeep.after"},
	{"broker", "broker.commit.before"},
	{"broker", "broker.commit.after"},
	{"broker", "broker.work.before"},
	{"broker", "broker.work.after"},
	{"broker", "broker.drop.before"},
	{"broker", "broker.drop.after"},
	{"broker", "broker.welcome.before"},
	{"broker", "broker.welcome.after"},
	{"broker", "broker.piece.before"},
	{"broker", "broker.piece.after"},
	{"broker", "broker.event.before"},
	{"broker", "broker.event.after"},
	{"broker", "broker.reply.before"},
	{"broker", "broker.reply.after"},
	{"broker", "broker.unlink.before"},
	{"broker", "broker.unlink.after"},
	{"status-api", "blob.fsync.before"},
	{"status-api", "blob.fsync.after"},
	{"status-api", "blob.rename.before"},
	{"status-api", "blob.rename.after"},
	{"status-api", "blob.named.after"},
	{"status-api", "api.blob.before"},
	{"status-api", "api.blob.after"},
	{"status-api", "api.submit.before"},
	{"status-api", "api.submit.after"},
	{"status-api", "api.reply.before"},
	{"insert", "books.template.before"},
	{"insert", "books.template.after"},
	{"insert", "books.link.before"},
	{"insert", "books.link.after"},
	{"insert", "begin.commit.before"},
	{"insert", "begin.commit.after"},
	{"insert", "insert.begin.before"},
	{"insert", "insert.begin.after"},
	{"insert", "insert.commit.before"},
	{"insert", "insert.commit.after"},
	{"journal", "journal.begin.before"},
	{"journal", "journal.begin.after"},
	{"journal", "journal.commit.before"},
	{"journal", "journal.commit.after"},
	{"journal", "finish.commit.before"},
	{"journal", "finish.commit.after"},
	{"journal", "write.commit.before"},
	{"journal", "write.commit.after"},
	{"stage", "work.received"},
	{"stage", "done.before"},
	{"stage", "done.after"},
	{"stage", "fail.before"},
	{"stage", "fail.after"},
	{"backup", "backup.jobs.after"},
	{"backup", "backup.blobs.after"},
	{"backup", "backup.books.after"},
};

static struct {
	const char *point; /* NULL: nothing is armed */
	size_t len;
	bool stops, counts;
	atomic_int left, passed[ARRAY_LEN(points)];
} armed;

static int place_of(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		if (strlen(points[i].name) == len && memcmp(points[i].name, name, len) == 0)
			return (int)i;
	}
	return -1;
}

void crash_list(FILE *to)
{
	for (size_t i = 0; i < ARRAY_LEN(points); i++)
		fprintf(to, "%s %s\n", points[i].process, points[i].name);
}

static void write_counts(void)
{
	FILE *file = fopen(armed.point, "ae");

	for (size_t i = 0; file && i < ARRAY_LEN(points); i++) {
		int n = atomic_load(&armed.passed[i]);

		if (n)
			fprintf(file, "%s %s %d\n", program_invocation_short_name, points[i].name,
				n);
	}
	if (file)
		fclose(file);
}

static int arm_counting(const char *path)
{
	armed.point = path;
	armed.counts = true;
	return atexit(write_counts);
}

int crash_arm(const char *point)
{
	const char *colon = point ? strrchr(point, ':') : NULL;

	armed.point = NULL;
	if (!point || !*point)
		return 0;
	if (strncmp(point, "count=", 6) == 0)
		return arm_counting(point + 6);
	if (strncmp(point, "always=", 7) == 0)
		point += 7;
	armed.stops = strncmp(point, "stop=", 5) == 0;
	point += armed.stops ? 5 : 0;
	armed.len = colon ? (size_t)(colon - point) : strlen(point);
	if (place_of(point, armed.len) < 0)
		return -1;
	armed.left = colon ? (int)strtol(colon + 1, NULL, 10) : 1;
	armed.point = point;
	return 0;
}

void crash_at(const char *point)
{
	int place;

	if (!armed.point)
		return;
	place = place_of(point, strlen(point));
	assert(place >= 0);
	if (armed.counts) {
		atomic_fetch_add(&armed.passed[place], 1);
		return;
	}
	if (strlen(point) != armed.len || memcmp(point, armed.point, armed.len) != 0)
		return;
	if (atomic_fetch_sub(&armed.left, 1) != 1)
		return;
	if (armed.stops)
		raise(SIGSTOP);
	else
		_exit(CRASH_EXIT);
}

struct span crash_part(const char *list, const char *process)
{
	const char *at = list;

	while (at && *at) {
		size_t len = strcspn(at, ",");
		const char *colon = memchr(at, ':', len);

		if (!colon)
			return span_of(at, len);
		if (span_is(span_of(at, (size_t)(colon - at)), process))
			return span_of(colon + 1, len - (size_t)(colon + 1 - at));
		at += len + (at[len] == ',');
	}
	return (struct span){0};
}

int crash_arm_environment(const char *process)
{
	struct span part = crash_part(getenv("DAYBOOK_DIE_AT"), process);

	return crash_arm(part.len ? xstrndup(part.at, part.len) : NULL); /* for ever */
}
