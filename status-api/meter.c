#include "meter.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"

#define STATUSES_MAX 16

static const int64_t buckets_us[] = {500,   1000,   2500,    5000,    10000,
				     25000, 100000, 1000000, 10000000};

struct counted {
	unsigned status[STATUSES_MAX];
	uint64_t count[STATUSES_MAX];
	int n;
	uint64_t within[ARRAY_LEN(buckets_us)]; /* not summed up yet */
	uint64_t timed, sum_us;
};

struct meter {
	int64_t started_ms;
	int n_routes;
	struct counted routes[];
};

struct meter *meter_new(int n_routes)
{
	struct meter *meter = xcalloc(1, sizeof(*meter) +
						 (size_t)(n_routes + 1) * sizeof(struct counted));

	meter->n_routes = n_routes;
	meter->started_ms = clock_wall_ms();
	return meter;
}

void meter_free(struct meter **meter)
{
	free(*meter);
	*meter = NULL;
}

int64_t meter_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void meter_count(struct meter *meter, int route, unsigned status, int64_t took_us)
{
	struct counted *c = &meter->routes[route];
	int i = 0;

	while (i < c->n && c->status[i] != status)
		i++;
	if (i == STATUSES_MAX)
		return;
	if (i == c->n)
		c->status[c->n++] = status;
	c->count[i]++;
	if (took_us < 0)
		return;
	c->timed++;
	c->sum_us += (uint64_t)took_us;
	for (size_t b = 0; b < ARRAY_LEN(buckets_us); b++) {
		if (took_us <= buckets_us[b]) {
			c->within[b]++;
			return;
		}
	}
}

void meter_head(struct buf *text, const char *name, const char *type, const char *help)
{
	buf_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

typedef void name_of_route(int route, const char **method, const char **path);

static void put_requests(const struct meter *meter, name_of_route *name_of, struct buf *text)
{
	meter_head(text, "daybook_http_requests_total", "counter", "Requests answered.");
	for (int r = 0; r <= meter->n_routes; r++) {
		const struct counted *c = &meter->routes[r];
		const char *method = "", *path = "";

		if (r < meter->n_routes)
			name_of(r, &method, &path);
		for (int i = 0; i < c->n; i++)
			buf_format(text,
				   "daybook_http_requests_total{method=\"%s\",route=\"%s\","
				   "status=\"%u\"} %" PRIu64 "\n",
				   method, path, c->status[i], c->count[i]);
	}
}

static void put_durations(const struct meter *meter, name_of_route *name_of, struct buf *text)
{
	static const char name[] = "daybook_http_request_duration_seconds";

	meter_head(text, name, "histogram", "From the complete header to the end of the answer.");
	for (int r = 0; r < meter->n_routes; r++) {
		const struct counted *c = &meter->routes[r];
		const char *method, *path;
		uint64_t below = 0;

		if (c->timed == 0)
			continue;
		name_of(r, &method, &path);
		for (size_t b = 0; b < ARRAY_LEN(buckets_us); b++) {
			below += c->within[b];
			buf_format(text,
				   "%s_bucket{method=\"%s\",route=\"%s\",le=\"%g\"} %" PRIu64 "\n",
				   name, method, path, (double)buckets_us[b] / 1e6, below);
		}
		buf_format(text, "%s_bucket{method=\"%s\",route=\"%s\",le=\"+Inf\"} %" PRIu64 "\n",
			   name, method, path, c->timed);
		buf_format(text, "%s_sum{method=\"%s\",route=\"%s\"} %.6f\n", name, method, path,
			   (double)c->sum_us / 1e6);
		buf_format(text, "%s_count{method=\"%s\",route=\"%s\"} %" PRIu64 "\n", name, method,
			   path, c->timed);
	}
}

static uint64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128] = "", *at = line;
	unsigned long long pages;

	if (file && fgets(line, sizeof(line), file)) {
		strtoull(line, &at, 10); /* the first number is the size of the address space */
		pages = strtoull(at, NULL, 10);
	} else {
		pages = 0;
	}
	if (file)
		fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = -3; /* "." and ".." and the one that reads */

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n < 0 ? 0 : n;
}

static void put_process(const struct meter *meter, struct buf *text)
{
	struct rusage usage;
	double seconds;

	getrusage(RUSAGE_SELF, &usage);
	seconds = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
		  (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	meter_head(text, "process_cpu_seconds_total", "counter", "User and system CPU time.");
	buf_format(text, "process_cpu_seconds_total %.3f\n", seconds);
	meter_head(text, "process_resident_memory_bytes", "gauge", "Resident memory.");
	buf_format(text, "process_resident_memory_bytes %" PRIu64 "\n", resident_bytes());
	meter_head(text, "process_open_fds", "gauge", "Open file descriptors.");
	buf_format(text, "process_open_fds %d\n", open_files());
	meter_head(text, "process_start_time_seconds", "gauge", "Start, since 1970.");
	buf_format(text, "process_start_time_seconds %.3f\n", (double)meter->started_ms / 1000);
}

void meter_put(const struct meter *meter, name_of_route *name_of, struct buf *text)
{
	put_requests(meter, name_of, text);
	put_durations(meter, name_of, text);
	put_process(meter, text);
}
