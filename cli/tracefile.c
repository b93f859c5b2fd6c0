#include "tracefile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "day.h"
#include "mem.h"
#include "payload.h"
#include "trace.h"
#include "wire.h"

#define SLURP_BYTES 65536

/* A record's place: which file, and where in it. */
struct entry {
	int64_t wall_us;
	size_t file, at, len;
};

struct tracefile {
	struct buf *files;
	struct entry *entries;
	size_t n_files, n_entries, room;
};

struct tracefile *tracefile_new(void)
{
	return xcalloc(1, sizeof(struct tracefile));
}

void tracefile_free(struct tracefile **trace)
{
	if (!*trace)
		return;
	for (size_t i = 0; i < (*trace)->n_files; i++)
		buf_release(&(*trace)->files[i]);
	free((*trace)->files);
	free((*trace)->entries);
	free(*trace);
	*trace = NULL;
}

int tracefile_slurp(FILE *from, struct buf *out, struct fault *why)
{
	size_t n;

	do {
		char *at = buf_reserve(out, SLURP_BYTES);

		n = fread(at, 1, SLURP_BYTES, from);
		out->len -= SLURP_BYTES - n;
	} while (n > 0);
	return ferror(from) ? fault_errno(why, "read") : 0;
}

static void add_entry(struct tracefile *trace, const struct entry *entry)
{
	if (trace->n_entries == trace->room) {
		trace->room = trace->room ? trace->room * 2 : 1024;
		trace->entries = xrealloc(trace->entries, trace->room * sizeof(*trace->entries));
	}
	trace->entries[trace->n_entries++] = *entry;
}

static int index_file(struct tracefile *trace, const char *name, struct fault *why)
{
	const struct buf *file = &trace->files[trace->n_files - 1];
	struct span rest = buf_span(file);
	struct trace_record record;
	int rc;

	for (;;) {
		struct entry entry = {.file = trace->n_files - 1,
				      .at = (size_t)(rest.at - file->at)};

		rc = trace_read(&rest, &record);
		if (rc != 0)
			break;
		entry.wall_us = record.wall_us;
		entry.len = (size_t)(rest.at - file->at) - entry.at;
		add_entry(trace, &entry);
	}
	if (rc == 1)
		return 0;
	return fault_set(why, FAULT_INPUT, "trace-damaged",
			 "%s: no record of a trace from byte %zu on", name,
			 trace->n_entries && trace->entries[trace->n_entries - 1].file ==
						     trace->n_files - 1
				 ? trace->entries[trace->n_entries - 1].at +
					   trace->entries[trace->n_entries - 1].len
				 : 0);
}

int tracefile_add(struct tracefile *trace, const char *path, struct fault *why)
{
	FILE *from = path ? fopen(path, "re") : stdin;
	const char *name = path ? path : "standard input";
	struct buf *file;
	int rc;

	if (!from)
		return fault_errno(why, name);
	trace->files = xrealloc(trace->files, (trace->n_files + 1) * sizeof(*trace->files));
	file = &trace->files[trace->n_files++];
	*file = (struct buf){0};
	rc = tracefile_slurp(from, file, why);
	if (path)
		fclose(from);
	return rc == 0 ? index_file(trace, name, why) : rc;
}

/* ---- printing ---- */

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->wall_us != b->wall_us)
		return a->wall_us < b->wall_us ? -1 : 1;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

bool tracefile_is_payload(struct span frame)
{
	/* A map whose first key is "rows". */
	return frame.len > 6 &&
	       memcmp(frame.at + (frame.at[0] == '\xde' ? 3 : 1), "\xa4rows", 5) == 0;
}

void tracefile_frame(struct buf *out, struct span frame)
{
	struct wire_msg msg;
	struct fault why = {0};

	if (wire_decode(frame, &msg, &why) == 0)
		wire_dump(out, &msg);
	else if (tracefile_is_payload(frame))
		payload_dump(out, frame);
	else
		buf_format(out, "%zu bytes (%s)", frame.len, why.text);
}

static void print_head(struct buf *out, const struct trace_record *r)
{
	char time[CLOCK_TEXT_SIZE];

	clock_text(r->wall_us / 1000, time);
	buf_format(out, "%.12s%03d %.*s[%" PRIu32 "] %s ", time + 11, (int)(r->wall_us % 1000),
		   SPAN_ARG(r->program), r->pid, r->sent ? "->" : "<-");
	for (size_t i = 0; i < r->peer.len; i++)
		buf_format(out, "%02x", (unsigned char)r->peer.at[i]);
	if (r->peer.len > 0)
		buf_char(out, ' ');
}

/* What a subscriber says to a publisher: one byte, 1 or 0, and the topic. */
static bool is_subscription(const struct trace_record *r)
{
	return r->kind == SOCK_XPUB && !r->sent && r->n == 1 && r->frames[0].len > 0;
}

static void print_message(struct buf *out, const struct trace_record *r)
{
	bool event = r->kind == SOCK_XPUB || r->kind == SOCK_SUB;
	int first = event && r->n > 1 ? 1 : 0;

	print_head(out, r);
	if (is_subscription(r)) {
		buf_text(out, r->frames[0].at[0] ? "subscribe " : "unsubscribe ");
		buf_json_string(out, span_of(r->frames[0].at + 1, r->frames[0].len - 1));
		buf_char(out, '\n');
		return;
	}
	if (first == 1)
		buf_format(out, "topic %.*s ", SPAN_ARG(r->frames[0]));
	for (int i = first; i < r->n; i++) {
		if (i > first)
			buf_text(out, tracefile_is_payload(r->frames[i]) ? " | " : "\n    ");
		tracefile_frame(out, r->frames[i]);
	}
	buf_char(out, '\n');
}

/* ---- what to print ---- */

static struct id job_of(const struct wire_msg *msg)
{
	struct id id = {{0}};

	switch (msg->type) {
	case WIRE_WORK:
		return msg->work.job;
	case WIRE_DONE:
		return msg->done.job;
	case WIRE_FAIL:
		return msg->fail.job;
	case WIRE_SUBMIT:
		return msg->submit.job;
	case WIRE_GET:
		return msg->get.job;
	case WIRE_CANCEL:
		return msg->cancel.job;
	case WIRE_RETRY:
		return msg->retry.job;
	case WIRE_JOB:
		id_job_read(msg->job.id, &id);
		return id;
	default:
		return id;
	}
}

static bool names_job(const struct trace_record *r, struct id job)
{
	struct wire_msg msg;

	for (int i = 0; i < r->n; i++)
		if (wire_decode(r->frames[i], &msg, NULL) == 0 &&
		    id_compare(job_of(&msg), job) == 0)
			return true;
	return false;
}

static void print_text(struct buf *out, const struct rows *rows, const char *name,
		       struct text_ref ref)
{
	if (ref.len == 0)
		return;
	buf_format(out, " %s=", name);
	buf_json_string(out, rows_span(rows, ref));
}

static void print_row(struct buf *out, const struct rows *rows, uint32_t i)
{
	char day[DAY_TEXT_SIZE], amount[MONEY_TEXT_SIZE];

	day_text(rows->day[i], day);
	money_text(rows->amount_minor[i], rows->currency[i].code, amount);
	buf_format(out, "    line %" PRIu64 ": state=%u day=%s amount=%s %s", rows->line[i],
		   rows->state[i], day, amount, rows->currency[i].code);
	if (rows->txn[i])
		buf_format(out, " txn=%" PRId64, rows->txn[i]);
	if (rows->entry[i])
		buf_format(out, " entry=%" PRId64, rows->entry[i]);
	if (rows->source[i])
		buf_format(out, " source=%s confidence_ppm=%" PRIu32,
			   row_source_name(rows->source[i]), rows->confidence_ppm[i]);
#define SKIP_NUM(name, type, meaning)
#define PRINT_TEXT(name, meaning) print_text(out, rows, #name, rows->name[i]);
	ROWS_COLUMNS(SKIP_NUM, PRINT_TEXT)
	buf_char(out, '\n');
}

/* The message and the row, if a payload of it has that line. */
static void print_with_line(struct buf *out, const struct trace_record *r, uint64_t line)
{
	struct rows *rows = rows_new();

	for (int i = 1; i < r->n; i++) {
		if (!tracefile_is_payload(r->frames[i]) ||
		    payload_decode(r->frames[i], rows, NULL) != 0)
			continue;
		for (uint32_t row = 0; row < rows->n; row++) {
			if (rows->line[row] != line)
				continue;
			print_message(out, r);
			print_row(out, rows, row);
		}
	}
	rows_free(&rows);
}

static void print_record(struct buf *out, const struct trace_record *r,
			 const struct tracefile_filter *filter)
{
	if (!id_is_zero(filter->job) && !names_job(r, filter->job))
		return;
	if (filter->line)
		print_with_line(out, r, filter->line);
	else
		print_message(out, r);
}

void tracefile_print(struct tracefile *trace, const struct tracefile_filter *filter, FILE *to)
{
	struct trace_record record;
	struct buf line = {0};

	if (trace->n_entries > 0)
		qsort(trace->entries, trace->n_entries, sizeof(*trace->entries), compare_entries);
	for (size_t i = 0; i < trace->n_entries; i++) {
		const struct entry *e = &trace->entries[i];
		struct span bytes = span_of(trace->files[e->file].at + e->at, e->len);

		buf_clear(&line);
		if (trace_read(&bytes, &record) == 0)
			print_record(&line, &record, filter);
		if (line.len > 0 && fwrite(line.at, 1, line.len, to) != line.len)
			break;
	}
	buf_release(&line);
}
