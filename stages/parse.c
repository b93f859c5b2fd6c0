/*
 * parse - the source of an upload: the blob's bytes as rows.
 *
 * Begin reads the whole file once and settles how it is to be read; units read their place of it.
 * The blob is named in the job's params, the reading stands in the context under "parse". How the
 * account's files were read before comes from the company's books, which are only looked at.
 * The write "preview" reads a file as begin would, and shows its first rows.
 */
#include <stdlib.h>
#include <unistd.h>

#include "blob.h"
#include "day.h"
#include "ledger.h"
#include "mem.h"
#include "reader.h"
#include "stage.h"
#include "validate.h"

#define BOOKS_OPEN_MAX 4

struct parse {
	const struct config *config;
	struct ledger_pool *books;
	char *blobs;
};

static int parse_open(const struct config *config, void **state, struct fault *why)
{
	struct parse *parse = xcalloc(1, sizeof(*parse));
	char *books = xasprintf("%s/books", config->data);

	(void)why;
	parse->config = config;
	parse->blobs = xasprintf("%s/blobs", config->data);
	parse->books = ledger_pool_new(books, LEDGER_READ, BOOKS_OPEN_MAX);
	free(books);
	*state = parse;
	return 0;
}

static void parse_close(void *state)
{
	struct parse *parse = state;

	ledger_pool_free(&parse->books);
	free(parse->blobs);
	free(parse);
}

/* The upload that params name. Opened for each unit anew: that costs nothing beside 500 rows, and a
 * descriptor kept would keep the bytes of a deleted upload on the disk. */
static int parse_blob(const struct parse *parse, const struct work *work, const json_t *params,
		      int *fd, struct fault *why)
{
	const char *text = json_string_value(json_object_get(params, "blob"));
	struct blob_hash hash;

	if (!text || blob_hash_read(span_text(text), &hash) != 0)
		return fault_set(why, FAULT_JOB, "params-invalid", "the job names no upload");
	return blob_open(parse->blobs, hash, work->head.job, fd, why);
}

/* How this account's files were read before, and in which currency. */
static int parse_earlier(const struct parse *parse, const struct work *work, json_t *wish,
			 struct fault *why)
{
	const char *account = json_string_value(json_object_get(wish, "account"));
	char currency[CURRENCY_SIZE];
	struct buf readings = {0};
	struct ledger *ledger;
	int rc;

	if (!ledger_pool_has(parse->books, work->head.tenant, work->head.company))
		return 0;
	rc = ledger_pool_get(parse->books, work->head.tenant, work->head.company, &ledger, why);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (ledger_readings(ledger, span_text(account ? account : "Assets:Bank:Checking"),
			    &readings, currency, why) == 0) {
		json_object_set_new(wish, "earlier",
				    json_loadb(readings.at, readings.len, 0, NULL));
		if (currency[0])
			json_object_set_new(wish, "default_currency", json_string(currency));
	} else {
		rc = -1;
	}
	buf_release(&readings);
	return rc;
}

/* Params with what the installation and the books add to them: how the file is read. */
static int parse_detect(const struct parse *parse, const struct work *work, const json_t *params,
			int fd, struct reading **reading, struct fault *why)
{
	json_t *wish = params ? json_copy((json_t *)params) : json_object();
	char *text;
	int rc;

	json_object_set_new(wish, "default_currency", json_string(parse->config->currency));
	json_object_set_new(wish, "max_rows", json_integer((json_int_t)parse->config->max_rows));
	rc = parse_earlier(parse, work, wish, why);
	if (rc == 0) {
		text = json_dumps(wish, JSON_COMPACT);
		rc = reader_detect(fd, span_text(text), stage_alive_void, work->harness, reading,
				   why);
		free(text);
	}
	json_decref(wish);
	return rc;
}

static int parse_begin(void *state, struct work *work, struct fault *why)
{
	const json_t *params = json_object_get(work->context, "params");
	struct parse *parse = state;
	struct reading *reading;
	struct buf json = {0};
	int fd, rc;

	if (parse_blob(parse, work, params, &fd, why) != 0)
		return -1;
	rc = parse_detect(parse, work, params, fd, &reading, why);
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
	if (parse_blob(state, work, json_object_get(work->context, "params"), &fd, why) != 0)
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

/* ---- preview ---- */

#define PREVIEW_ROWS 20
#define PREVIEW_TEXT 1024 /* bytes of a text shown: the whole answer is one message */

static json_t *preview_text(const struct rows *rows, struct text_ref ref)
{
	struct span text = rows_span(rows, ref);

	if (text.len > PREVIEW_TEXT)
		text = span_utf8_whole(span_of(text.at, PREVIEW_TEXT));
	return json_stringn(text.len ? text.at : "", text.len);
}

static json_t *preview_money(int64_t minor, const char *currency)
{
	char text[MONEY_TEXT_SIZE];

	money_text(minor, currency, text);
	return json_string(text);
}

/* A row that is refused has reason and detail instead of what could not be read. */
static json_t *preview_row(const struct rows *rows, uint32_t i)
{
	json_t *row = json_pack("{sI, so}", "line", (json_int_t)rows->line[i], "raw",
				preview_text(rows, rows->raw[i]));
	const char *currency = rows->currency[i].code;
	char day[DAY_TEXT_SIZE];

	if (rows->state[i] == ROW_REJECTED) {
		json_object_set_new(row, "reason", preview_text(rows, rows->reason[i]));
		json_object_set_new(row, "detail", preview_text(rows, rows->detail[i]));
		return row;
	}
	day_text(rows->day[i], day);
	json_object_set_new(row, "date", json_string(day));
	json_object_set_new(row, "amount", preview_money(rows->amount_minor[i], currency));
	json_object_set_new(row, "currency", json_string(currency));
	json_object_set_new(row, "description", preview_text(rows, rows->description[i]));
	json_object_set_new(row, "reference", preview_text(rows, rows->reference[i]));
	if (rows->flags[i] & ROW_HAS_BALANCE)
		json_object_set_new(row, "balance",
				    preview_money(rows->balance_minor[i], currency));
	return row;
}

static int preview_rows(const struct reading *reading, int fd, json_t *list, struct fault *why)
{
	struct rows *rows = rows_new();
	struct reader_place next;
	bool last;
	int rc = reader_unit(reading, fd, reading_start(reading), NULL, rows, &next, &last, why);

	validate_rows(rows);
	for (uint32_t i = 0; rc == 0 && i < rows->n && i < PREVIEW_ROWS; i++)
		json_array_append_new(list, preview_row(rows, i));
	rows_free(&rows);
	return rc;
}

static void preview_answer(const struct reading *reading, json_t *rows, const struct fault *error,
			   struct buf *answer)
{
	json_t *root = json_pack("{sn, sO, sn}", "reading", "rows", rows, "error");
	struct buf json = {0};
	char *text;

	if (reading) {
		reading_save(reading, &json);
		json_object_set_new(root, "reading", json_loadb(json.at, json.len, 0, NULL));
		buf_release(&json);
	} else {
		json_object_set_new(
			root, "error",
			json_pack("{ss, ss, ss, ss, so}", "code", error->code, "message",
				  error->text, "stage", "parse", "hint", error->hint, "row",
				  error->row ? json_integer((json_int_t)error->row) : json_null()));
	}
	text = json_dumps(root, JSON_COMPACT);
	buf_text(answer, text);
	free(text);
	json_decref(root);
}

/* What begin would say of the file; a file that is refused is an answer too. */
static int parse_preview(const struct parse *parse, struct work *work, const json_t *params,
			 struct fault *why)
{
	struct reading *reading = NULL;
	json_t *rows = json_array();
	int fd, rc;

	rc = parse_blob(parse, work, params, &fd, why);
	if (rc == 0) {
		rc = parse_detect(parse, work, params, fd, &reading, why);
		if (rc == 0)
			rc = preview_rows(reading, fd, rows, why);
		close(fd);
	}
	if (rc == 0 || why->class == FAULT_JOB) {
		preview_answer(rc == 0 ? reading : NULL, rows, why, &work->answer);
		rc = 0;
	}
	reading_free(&reading);
	json_decref(rows);
	return rc;
}

static int parse_write(void *state, struct work *work, struct fault *why)
{
	json_t *params;
	int rc;

	if (!span_is(work->head.detail, "preview"))
		return fault_set(why, FAULT_JOB, "verb-unknown", "parse knows no such write");
	params = json_loadb(work->payload.at ? work->payload.at : "", work->payload.len, 0, NULL);
	rc = parse_preview(state, work, params, why);
	json_decref(params);
	return rc;
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
		.write = parse_write,
	};

	return stage_main(&stage, argc, argv);
}
