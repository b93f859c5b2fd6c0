#include "record.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"

#define DIGITS_MAX 20 /* of a uint64_t */

/* Returns where the digits end. */
static char *put_digits(char *at, uint64_t value)
{
	char digits[DIGITS_MAX];
	size_t first = sizeof(digits);

	do {
		digits[--first] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	memcpy(at, digits + first, sizeof(digits) - first);
	return at + sizeof(digits) - first;
}

void record_u64(struct buf *json, uint64_t value)
{
	char digits[DIGITS_MAX];

	buf_add(json, digits, (size_t)(put_digits(digits, value) - digits));
}

void record_time(struct buf *json, int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (wall_ms == 0) {
		buf_text(json, "null");
		return;
	}
	clock_text(wall_ms, text);
	buf_char(json, '"');
	buf_text(json, text);
	buf_char(json, '"');
}

void record_change_text(uint64_t change, char out[RECORD_CHANGE_SIZE])
{
	char *at = put_digits(out, change >> 32);

	*at++ = '-';
	*put_digits(at, change & UINT32_MAX) = '\0';
}

int record_change_read(struct span text, uint64_t *change)
{
	const char *dash = text.len ? memchr(text.at, '-', text.len) : NULL;
	uint64_t epoch, counter;

	if (dash == NULL || span_u64(span_of(text.at, (size_t)(dash - text.at)), &epoch) != 0 ||
	    span_u64(span_of(dash + 1, (size_t)(text.at + text.len - dash - 1)), &counter) != 0)
		return -1;
	if (epoch > UINT32_MAX || counter > UINT32_MAX)
		return -1;
	*change = epoch << 32 | counter;
	return 0;
}

void record_etag(const struct wire_job *job, char out[RECORD_ETAG_SIZE])
{
	char change[RECORD_CHANGE_SIZE];
	uint32_t mix = 2166136261u; /* FNV-1a */

	record_change_text(job->change, change);
	if (job->waiting.len == 0) {
		snprintf(out, RECORD_ETAG_SIZE, "\"%s\"", change);
		return;
	}
	for (size_t i = 0; i < job->waiting.len; i++)
		mix = (mix ^ (uint8_t)job->waiting.at[i]) * 16777619u;
	snprintf(out, RECORD_ETAG_SIZE, "\"%s-%08" PRIx32 "\"", change, mix);
}

bool record_is_ended(const struct wire_job *job)
{
	return !span_is(job->status, "pending") && !span_is(job->status, "running");
}

static void put_text(struct buf *json, const char *name, struct span text)
{
	buf_text(json, name);
	buf_json_string(json, text);
}

static void put_text_or_null(struct buf *json, const char *name, struct span text)
{
	buf_text(json, name);
	if (text.len)
		buf_json_string(json, text);
	else
		buf_text(json, "null");
}

static void put_number(struct buf *json, const char *name, uint64_t value)
{
	buf_text(json, name);
	record_u64(json, value);
}

static void put_time(struct buf *json, const char *name, int64_t wall_ms)
{
	buf_text(json, name);
	record_time(json, wall_ms);
}

/* Another stage's JSON goes in as it is. One that is no object at all would spoil the whole answer,
 * so it is left out. */
static void put_object(struct buf *json, const char *name, struct span object)
{
	buf_text(json, name);
	object = span_trim(object);
	if (object.len >= 2 && object.at[0] == '{' && object.at[object.len - 1] == '}')
		buf_add(json, object.at, object.len);
	else
		buf_text(json, "null");
}

static void put_stages(struct buf *json, const struct wire_job *job)
{
	buf_text(json, ",\"stages\":[");
	for (uint32_t i = 0; i < job->n_stages; i++) {
		const struct wire_stage_count *stage = &job->stages[i];

		put_text(json, i ? ",{\"name\":" : "{\"name\":", stage->name);
		put_number(json, ",\"done\":", stage->done);
		put_number(json, ",\"total\":", stage->total);
		put_number(json, ",\"share\":", stage->share);
		put_text(json, ",\"state\":", stage->state);
		put_number(json, ",\"units\":{\"done\":", stage->units_done);
		put_number(json, ",\"queued\":", stage->queued);
		put_number(json, ",\"in_flight\":", stage->in_flight);
		put_number(json, ",\"failures\":", stage->failures);
		buf_text(json, "}}");
	}
	buf_char(json, ']');
}

static void put_error(struct buf *json, const struct wire_job *job)
{
	if (job->error_code.len == 0) {
		buf_text(json, ",\"error\":null");
		return;
	}
	put_text(json, ",\"error\":{\"code\":", job->error_code);
	put_text(json, ",\"message\":", job->error_text);
	put_text_or_null(json, ",\"stage\":", job->error_stage);
	buf_text(json, ",\"row\":");
	if (job->error_row)
		record_u64(json, job->error_row);
	else
		buf_text(json, "null");
	put_text_or_null(json, ",\"hint\":", job->error_hint);
	buf_char(json, '}');
}

void record_json(struct buf *json, const struct wire_job *job)
{
	put_text(json, "{\"id\":", job->id);
	put_text(json, ",\"type\":", job->type);
	put_text(json, ",\"tenant_id\":", job->tenant);
	put_text(json, ",\"company_id\":", job->company);
	put_text(json, ",\"status\":", job->status);
	put_number(json, ",\"progress\":", job->progress);
	put_text_or_null(json, ",\"stage\":", job->stage);
	put_text(json, ",\"message\":", job->message);
	put_stages(json, job);
	put_object(json, ",\"result\":", job->result);
	put_error(json, job);
	put_number(json, ",\"change\":\"", job->change >> 32);
	put_number(json, "-", job->change & UINT32_MAX);
	put_text_or_null(json, "\",\"waiting\":", job->waiting);
	put_text_or_null(json, ",\"ending\":", job->ending);
	put_object(json, ",\"meta\":", job->meta);
	put_number(json, ",\"attempt\":", job->attempt);
	put_time(json, ",\"created_at\":", job->created_ms);
	put_time(json, ",\"started_at\":", job->started_ms);
	put_time(json, ",\"finished_at\":", job->finished_ms);
	put_time(json, ",\"expires_at\":", job->expires_ms);
	buf_char(json, '}');
}
