#include "jobview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS      24
#define COLUMNS_USUAL  80
#define PLAIN_STEP     10 /* percent between plain lines */
#define AGAIN_MS       1000
#define AGAIN_MS_MAX   5000
#define PATIENCE_TRIES 12 /* of a service that does not answer: about a minute */

struct view {
	struct api *api;
	bool terminal;
	json_t *record; /* the newest */
	char said[256]; /* status and stage, as last said on a plain line */
	int64_t said_progress;
};

/* ---- one record ---- */

static const char *text_of(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text ? text : "";
}

static bool is_ended(const json_t *record)
{
	const char *status = text_of(record, "status");

	return strcmp(status, "complete") == 0 || strcmp(status, "failed") == 0 ||
	       strcmp(status, "cancelled") == 0;
}

void jobview_print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
	putchar('\n');
}

/* What came from outside: control characters could move the cursor or worse. */
static void print_text(const char *text, FILE *to)
{
	for (; *text; text++)
		putc((unsigned char)*text < 32 || *text == 127 ? ' ' : *text, to);
}

static void print_one(const char *name, const json_t *value)
{
	printf("  %-24s", name);
	if (json_is_string(value)) {
		print_text(json_string_value(value), stdout);
		putchar('\n');
	} else {
		jobview_print_json(value);
	}
}

/* A list is a line for each; nothing is no line. */
static void print_value(const char *name, const json_t *value)
{
	if (!json_is_array(value) && !json_is_null(value))
		print_one(name, value);
	for (size_t i = 0; i < json_array_size(value); i++)
		print_one(name, json_array_get(value, i));
}

static void print_error(const json_t *record)
{
	const json_t *error = json_object_get(record, "error");
	const json_t *row = json_object_get(error, "row");

	if (!json_is_object(error))
		return;
	printf("  %-24s", "error");
	print_text(text_of(error, "message"), stdout);
	if (json_is_integer(row))
		printf(" (line %lld)", (long long)json_integer_value(row));
	printf(" [%s]\n", text_of(error, "code"));
	print_value("what would help", json_object_get(error, "hint"));
}

void jobview_print(const json_t *record)
{
	json_t *result = json_object_get(record, "result");

	printf("%s  %s  %s  %lld %%\n", text_of(record, "id"), text_of(record, "type"),
	       text_of(record, "status"),
	       (long long)json_integer_value(json_object_get(record, "progress")));
	if (!is_ended(record))
		print_value("message", json_object_get(record, "message"));
	print_value("waiting", json_object_get(record, "waiting"));
	print_error(record);
	for (void *at = json_object_iter(result); at; at = json_object_iter_next(result, at))
		print_value(json_object_iter_key(at), json_object_iter_value(at));
}

/* ---- the bar ---- */

static int columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_USUAL;
	return size.ws_col;
}

static void draw_bar(const char *message, int64_t progress)
{
	int filled = (int)(progress * BAR_CELLS / 100);
	int room = columns() - BAR_CELLS - 10;
	char bar[BAR_CELLS + 1], text[256];

	memset(bar, '.', BAR_CELLS);
	memset(bar, '#', (size_t)filled);
	bar[BAR_CELLS] = '\0';
	snprintf(text, sizeof(text), "%.*s", room > 0 ? room : 0, message);
	fprintf(stderr, "\r[%s] %3d %% ", bar, (int)progress);
	print_text(text, stderr);
	fputs("\033[K", stderr);
}

static void say_plain(struct view *view, const json_t *record, int64_t progress)
{
	char now[sizeof(view->said)];

	snprintf(now, sizeof(now), "%s %s", text_of(record, "status"), text_of(record, "stage"));
	if (strcmp(now, view->said) == 0 && progress < view->said_progress + PLAIN_STEP)
		return;
	memcpy(view->said, now, sizeof(now));
	view->said_progress = progress;
	fprintf(stderr, "%3d %% %s ", (int)progress, text_of(record, "status"));
	print_text(text_of(record, "message"), stderr);
	putc('\n', stderr);
}

static void show(struct view *view, const json_t *record)
{
	int64_t progress = json_integer_value(json_object_get(record, "progress"));
	const char *message = text_of(record, "message");

	progress = progress < 0 ? 0 : progress > 100 ? 100 : progress;
	if (!*message)
		message = text_of(record, *text_of(record, "waiting") ? "waiting" : "status");
	if (view->terminal)
		draw_bar(message, progress);
	else
		say_plain(view, record, progress);
}

/* ---- following ---- */

static int take_record(struct view *view, json_t *record)
{
	if (!json_is_object(record) || !json_is_string(json_object_get(record, "status"))) {
		json_decref(record);
		return 0;
	}
	json_decref(view->record);
	view->record = record;
	show(view, record);
	return is_ended(record);
}

static int on_event(void *arg, struct span data)
{
	return take_record(arg, json_loadb(data.at, data.len, 0, NULL));
}

static void pause_ms(int ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	nanosleep(&time, NULL);
}

/* Events first, and when they cannot be had (a proxy that holds them back, a restart) the record
 * itself, asked for ever more slowly. */
static int follow(struct view *view, const char *job_id)
{
	struct buf events = {0}, plain = {0};
	int rc = EX_OK, wait_ms = AGAIN_MS, tries = 0;
	json_t *record;

	buf_format(&plain, "/api/jobs/%s", job_id);
	buf_format(&events, "/api/jobs/%s/events", job_id);
	while (!is_ended(view->record)) {
		if (api_events(view->api, events.at, on_event, view) == 0 && is_ended(view->record))
			break;
		rc = api_call(view->api, plain.at, NULL, NULL, &record);
		if (rc == EX_OK && take_record(view, record))
			break;
		tries = rc == EX_OK ? 0 : tries + 1;
		if (rc == EXIT_REFUSED || tries >= PATIENCE_TRIES)
			break;
		pause_ms(wait_ms);
		wait_ms = wait_ms * 2 > AGAIN_MS_MAX ? AGAIN_MS_MAX : wait_ms * 2;
	}
	buf_release(&events);
	buf_release(&plain);
	return is_ended(view->record) ? EX_OK : rc;
}

int jobview_follow(struct api *api, const char *job_id, bool json)
{
	struct view view = {.api = api, .terminal = isatty(STDERR_FILENO)};
	int rc = follow(&view, job_id);

	if (view.terminal)
		fprintf(stderr, "\r\033[K");
	if (rc == EX_OK && json)
		jobview_print_json(view.record);
	else if (rc == EX_OK)
		jobview_print(view.record);
	if (rc == EX_OK && strcmp(text_of(view.record, "status"), "complete") != 0)
		rc = EXIT_REFUSED;
	json_decref(view.record);
	return rc;
}

int jobview_accepted(struct api *api, json_t *reply, bool wait, bool json)
{
	const char *id = text_of(reply, "job_id");
	int rc = EX_OK;

	if (!*id) {
		fprintf(stderr, "daybook: the answer names no job\n");
		rc = EX_SOFTWARE;
	} else if (wait) {
		fprintf(stderr, "%s\n", id);
		rc = jobview_follow(api, id, json);
	} else if (json) {
		jobview_print_json(reply);
	} else {
		printf("%s\n", id);
	}
	json_decref(reply);
	return rc;
}
