/*
 * parse - the source of an upload: the blob's bytes as rows.
 *
 * Begin reads the whole file once and settles how it is to be read; units read their place of it.
 * The blob is named in the job's params, the reading stands in the context under "parse".
 */
#include <stdlib.h>
#include <unistd.h>

#include "blob.h"
#include "mem.h"
#include "reader.h"
#include "stage.h"

struct parse {
	const struct config *config;
	char *blobs;
};

static int parse_open(const struct config *config, void **state, struct fault *why)
{
	struct parse *parse = xcalloc(1, sizeof(*parse));

	(void)why;
	parse->config = config;
	parse->blobs = xasprintf("%s/blobs", config->data);
	*state = parse;
	return 0;
}

static void parse_close(void *state)
{
	struct parse *parse = state;

	free(parse->blobs);
	free(parse);
}

/* The upload that the job's params name. Opened for each unit anew: that costs nothing beside 500
 * rows, and a descriptor kept would keep the bytes of a deleted upload on the disk. */
static int parse_blob(const struct parse *parse, const struct work *work, int *fd,
		      struct fault *why)
{
	const char *text = json_string_value(
		json_object_get(json_object_get(work->context, "params"), "blob"));
	struct blob_hash hash;

	if (!text || blob_hash_read(span_text(text), &hash) != 0)
		return fault_set(why, FAULT_JOB, "params-invalid", "the job names no upload");
	return blob_open(parse->blobs, hash, work->head.job, fd, why);
}

/* The job's params with what the installation adds to them. */
static char *parse_wish(const struct parse *parse, const struct work *work)
{
	const json_t *params = json_object_get(work->context, "params");
	json_t *wish = params ? json_copy((json_t *)params) : json_object();
	char *text;

	json_object_set_new(wish, "default_currency", json_string(parse->config->currency));
	json_object_set_new(wish, "max_rows", json_integer((json_int_t)parse->config->max_rows));
	text = json_dumps(wish, JSON_COMPACT);
	json_decref(wish);
	return text;
}

static int parse_begin(void *state, struct work *work, struct fault *why)
{
	struct parse *parse = state;
	struct reading *reading;
	struct buf json = {0};
	char *wish;
	int fd, rc;

	if (parse_blob(parse, work, &fd, why) != 0)
		return -1;
	wish = parse_wish(parse, work);
	rc = reader_detect(fd, span_text(wish), stage_alive_void, work->harness, &reading, why);
	free(wish);
	close(fd);
	if (rc != 0)
		return -1;
	reading_save(reading, &json);
	json_object_set_new(work->context, "parse", json_loadb(json.at, json.len, 0, NULL));
	work->total = reading_rows(reading);
	buf_release(&json);
	reading_free(&reading);
	return 0;
}

static void parse_release(void *compiled)
{
	struct reading *reading = compiled;

	reading_free(&reading);
}

/* The job's reading, made from its context once. */
static int parse_reading(struct work *work, struct reading **reading, struct fault *why)
{
	char *text;
	int rc;

	*reading = stage_cached(work);
	if (*reading)
		return 0;
	text = json_dumps(json_object_get(work->context, "parse"), JSON_COMPACT);
	rc = reading_load(span_text(text), reading, why);
	free(text);
	if (rc == 0)
		stage_cache(work, *reading, parse_release);
	return rc;
}

static int parse_place(struct span bytes, struct reader_place *place, struct fault *why)
{
	if (reader_place_get(bytes, place) == 0)
		return 0;
	return fault_set(why, FAULT_JOB, "cursor-invalid", "the unit's place is not one of ours");
}

static int parse_unit(void *state, struct work *work, struct fault *why)
{
	struct reader_place from, until, next;
	struct reading *reading;
	bool replay = (work->head.flags & WORK_REPLAY) && work->head.end.len > 0;
	int fd, rc;

	if (parse_reading(work, &reading, why) != 0)
		return -1;
	from = reading_start(reading);
	if (work->head.start.len > 0 && parse_place(work->head.start, &from, why) != 0)
		return -1;
	if (replay && parse_place(work->head.end, &until, why) != 0)
		return -1;
	if (parse_blob(state, work, &fd, why) != 0)
		return -1;
	rc = reader_unit(reading, fd, from, replay ? &until : NULL, work->rows, &next, &work->last,
			 why);
	close(fd);
	if (rc != 0)
		return -1;
	reader_place_put(next, work->end);
	work->end_len = READER_PLACE_BYTES;
	work->rows_in = work->rows->n;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct stage stage = {
		.name = "parse",
		.about = "reads an uploaded CSV file as rows",
		.open = parse_open,
		.close = parse_close,
		.begin = parse_begin,
		.unit = parse_unit,
	};

	return stage_main(&stage, argc, argv);
}
