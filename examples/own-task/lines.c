/*
 * lines - a source stage of one's own: cuts a text into units of lines.
 *
 * Shape    the job's params have the text ("text": "..."). A cursor is a byte offset, in decimal:
 *          the broker stores it unopened and hands it back. The payload is a msgpack array of
 *          strings, which only the next stage needs to understand (`raw`).
 */
#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>

#include "stage.h"

#define LINES_PER_UNIT 20

static int text_of(const struct work *work, struct span *text, struct fault *why)
{
	const json_t *value = json_object_get(json_object_get(work->context, "params"), "text");

	if (!json_is_string(value))
		return fault_set(why, FAULT_JOB, "no-text", "the job needs a \"text\"");
	*text = span_of(json_string_value(value), json_string_length(value));
	return 0;
}

/* Takes the next line off the front of `rest`, without its line end. */
static struct span next_line(struct span *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct span line = span_of(rest->at, end ? (size_t)(end - rest->at) : rest->len);
	size_t taken = line.len + (end != NULL);

	*rest = span_of(rest->at + taken, rest->len - taken);
	return line;
}

/* The whole job's rows are known before its first unit: progress has something to divide by. */
static int begin(void *state, struct work *work, struct fault *why)
{
	struct span rest;

	(void)state;
	if (text_of(work, &rest, why) != 0)
		return -1;
	while (rest.len) {
		next_line(&rest);
		work->total++;
	}
	return 0;
}

static int write_to_buf(void *answer, const char *bytes, size_t len)
{
	buf_add(answer, bytes, len);
	return 0;
}

static size_t offset_of(struct span cursor, size_t otherwise)
{
	uint64_t offset;

	return span_u64(cursor, &offset) == 0 && offset <= otherwise ? (size_t)offset : otherwise;
}

/* The same start and end always give the same lines: a unit may be asked for twice. */
static int unit(void *state, struct work *work, struct fault *why)
{
	struct span text, rest, lines[LINES_PER_UNIT];
	msgpack_packer packer;
	size_t start, until;
	uint32_t n = 0;

	(void)state;
	if (text_of(work, &text, why) != 0)
		return -1;
	start = work->head.start.len ? offset_of(work->head.start, text.len) : 0;
	until = offset_of(work->head.end, text.len);
	rest = span_of(text.at + start, until - start);
	while (rest.len && n < LINES_PER_UNIT)
		lines[n++] = next_line(&rest);
	msgpack_packer_init(&packer, &work->answer, write_to_buf);
	msgpack_pack_array(&packer, n);
	for (uint32_t i = 0; i < n; i++) {
		msgpack_pack_str(&packer, lines[i].len);
		msgpack_pack_str_body(&packer, lines[i].at, lines[i].len);
	}
	work->rows_in = work->rows_out = n;
	work->end_len = (uint32_t)snprintf(work->end, sizeof(work->end), "%zu",
					   (size_t)(rest.at - text.at));
	work->last = rest.at == text.at + text.len;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct stage lines = {
		.name = "lines",
		.about = "cuts a text into units of lines (an example)",
		.raw = true,
		.begin = begin,
		.unit = unit,
	};

	return stage_main(&lines, argc, argv);
}
