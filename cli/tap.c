/* tap - the broker's events, as they pass. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "config.h"
#include "jobview.h"
#include "sock.h"

struct tap {
	const char *topic, *data, *config, *endpoint;
	uint64_t count; /* end after so many; 0: never */
	bool json;
};

static int wrong(int status, const struct fault *why)
{
	fprintf(stderr, "daybook tap: %s\n", why->text);
	return status;
}

static const struct wire_stage_count *stage_now(const struct wire_job *job)
{
	for (uint32_t i = 0; i < job->n_stages; i++) {
		if (span_equal(job->stages[i].name, job->stage))
			return &job->stages[i];
	}
	return NULL;
}

static void print_plain(struct span topic, const struct wire_job *job, struct buf *line)
{
	const struct wire_stage_count *stage = stage_now(job);
	char now[CLOCK_TEXT_SIZE];

	clock_text(clock_wall_ms(), now);
	buf_format(line, "%s %.*s %-9.*s %3u%% %.*s", now, SPAN_ARG(topic), SPAN_ARG(job->status),
		   job->progress, SPAN_ARG(job->stage));
	if (stage)
		buf_format(line, " %llu/%llu", (unsigned long long)stage->done,
			   (unsigned long long)stage->total);
	if (job->error_code.len)
		buf_format(line, " [%.*s]", SPAN_ARG(job->error_code));
}

static void add_pair(struct buf *line, const char *name, struct span value)
{
	buf_format(line, "%s\"%s\":", line->len > 1 ? "," : "", name);
	buf_json_string(line, value);
}

static void print_stages(const struct wire_job *job, struct buf *line)
{
	buf_text(line, ",\"stages\":[");
	for (uint32_t i = 0; i < job->n_stages; i++) {
		buf_text(line, i ? ",{\"name\":" : "{\"name\":");
		buf_json_string(line, job->stages[i].name);
		buf_format(line, ",\"done\":%llu,\"total\":%llu,\"state\":",
			   (unsigned long long)job->stages[i].done,
			   (unsigned long long)job->stages[i].total);
		buf_json_string(line, job->stages[i].state);
		buf_char(line, '}');
	}
	buf_char(line, ']');
}

static void print_json(struct span topic, const struct wire_job *job, struct buf *line)
{
	char now[CLOCK_TEXT_SIZE];

	clock_text(clock_wall_ms(), now);
	buf_char(line, '{');
	add_pair(line, "time", span_text(now));
	add_pair(line, "topic", topic);
	add_pair(line, "id", job->id);
	add_pair(line, "type", job->type);
	add_pair(line, "tenant_id", job->tenant);
	add_pair(line, "company_id", job->company);
	add_pair(line, "status", job->status);
	add_pair(line, "stage", job->stage);
	add_pair(line, "message", job->message);
	add_pair(line, "error", job->error_code);
	buf_format(line, ",\"progress\":%u,\"attempt\":%u,\"change\":\"%llu-%llu\"", job->progress,
		   job->attempt, (unsigned long long)(job->change >> 32),
		   (unsigned long long)(job->change & UINT32_MAX));
	print_stages(job, line);
	buf_char(line, '}');
}

/* 0: printed; 1: none there; -1: not an event. */
static int next(struct sock *sock, struct sock_msg *msg, const struct tap *tap, struct fault *why)
{
	struct wire_msg event;
	struct buf line = {0};
	int rc = sock_recv(sock, msg, why);

	if (rc != 0)
		return rc;
	if (wire_decode(sock_msg_frame(msg, 1), &event, why) != 0)
		return -1;
	if (event.type != WIRE_JOB)
		return fault_set(why, FAULT_INPUT, "wire-event", "an event that is no JOB");
	if (tap->json)
		print_json(sock_msg_frame(msg, 0), &event.job, &line);
	else
		print_plain(sock_msg_frame(msg, 0), &event.job, &line);
	buf_char(&line, '\n');
	fwrite(line.at, 1, line.len, stdout);
	fflush(stdout);
	buf_release(&line);
	return 0;
}

/* Whether as many as were wanted have been printed. */
static bool drain(struct sock *sock, struct sock_msg *msg, const struct tap *tap, uint64_t *left)
{
	struct fault why = {0};
	int rc;

	while ((rc = next(sock, msg, tap, &why)) != 1) {
		if (rc != 0)
			wrong(0, &why);
		else if (tap->count && --*left == 0)
			return true;
	}
	return ferror(stdout); /* nobody reads us any more */
}

static int listen_to(struct sock *sock, const struct tap *tap)
{
	struct sock_msg *msg = sock_msg_new();
	uint64_t left = tap->count;
	bool ready;

	while (!drain(sock, msg, tap, &left))
		sock_wait(&sock, 1, -1, -1, &ready);
	sock_msg_release(&msg);
	return EX_OK;
}

static int tap_endpoint(const struct tap *tap, const char *endpoint)
{
	struct fault why = {0};
	struct sock *sock;
	int rc;

	if (sock_open(SOCK_SUB, endpoint, false, &sock, &why) != 0)
		return wrong(EX_UNAVAILABLE, &why);
	if (sock_subscribe(sock, tap->topic ? tap->topic : "", &why) != 0)
		rc = wrong(EX_SOFTWARE, &why);
	else
		rc = listen_to(sock, tap);
	sock_close(&sock);
	sock_shutdown();
	return rc;
}

static int run(int argc, char **argv)
{
	struct tap tap = {.data = getenv("DAYBOOK_DATA")};
	const struct usage_option table[] = {
		{USAGE_FLAG, "json", NULL, "one JSON object a line", &tap.json},
		{USAGE_NUMBER, "count", "N", "end after N events", &tap.count},
		{USAGE_TEXT, "endpoint", "URL", "the broker's events (default: of --data)",
		 &tap.endpoint},
		{USAGE_TEXT, "data", "DIR", "data directory", &tap.data},
		{USAGE_TEXT, "config", "FILE", "configuration", &tap.config},
		{0},
	};
	struct usage usage = {&COMMAND_TAP, table, NULL, &tap.topic, 1, 1};
	struct config *config;
	struct fault why = {0};
	char endpoint[256];
	int rc = usage_read(&usage, argc, argv);

	if (rc != -1)
		return rc;
	if (tap.endpoint)
		return tap_endpoint(&tap, tap.endpoint);
	if (config_load(tap.config, tap.data, NULL, &config, &why) != 0)
		return wrong(EX_CONFIG, &why);
	config_endpoint(config, "events", endpoint);
	config_free(&config);
	return tap_endpoint(&tap, endpoint);
}

const struct command COMMAND_TAP = {
	.name = "tap",
	.arguments = "[TOPIC] [option ...]",
	.about = "print the broker's events as they pass",
	.more = "A topic is job.<tenant>.job_<id>; any beginning of it will do. \"job.t1\" is "
		"also\n"
		"the beginning of \"job.t10.\": end a tenant with its dot. Every change of status\n"
		"and stage is told, in order; counts at most ten times a second a job.\n",
	.run = run,
};
