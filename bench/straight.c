/*
 * straight - the same job as one program in one straight line: what the pipeline is measured by.
 *
 * Shape    straight FILE RULES BOOKS_DIR: reads FILE with parse/, matches RULES with rules/, writes
 *          the books with journal/, 4,000 rows a commit, and prints one line of JSON: seconds in
 *          all and by part. No broker, no sockets, no payloads, no other process; tables and
 *          pragmas are those of journal/.
 * Units    `seconds` leaves out compiling the rules, and the first company's template: daybook
 *          keeps both between jobs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "mem.h"
#include "reader.h"
#include "rules.h"
#include "validate.h"

#define UNITS		    8 /* of 500 rows: 4,000 rows a commit, as the effect stages do */
#define HIGH_CONFIDENCE_PPM 800000

enum part {
	PART_DETECT,
	PART_PARSE,
	PART_VALIDATE,
	PART_INSERT,
	PART_RULES,
	PART_POST,
	PART_FINISH,
	PARTS
};

static const char *const part_names[PARTS] = {"detect", "parse", "validate", "insert",
					      "rules",	"post",	 "finish"};

struct straight {
	struct reading *reading;
	struct rules *rules;
	struct ledger *ledger;
	struct id job;
	int fd;
	struct reader_place place;
	bool last;
	uint32_t next_unit;
	struct ledger_unit units[UNITS];
	char places[UNITS + 1][READER_PLACE_BYTES];
	double seconds[PARTS];
	double since;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What has passed since the last call goes to `part`. */
static void account(struct straight *s, enum part part)
{
	double now = now_s();

	s->seconds[part] += now - s->since;
	s->since = now;
}

static int read_rules(const char *path, struct rules **rules, struct fault *why)
{
	struct buf text = {0};
	struct rules_source source = {.name = path};
	FILE *in = fopen(path, "r");
	int status;

	if (!in)
		return fault_errno(why, "open rules");
	while (!feof(in) && !ferror(in)) {
		char *at = buf_reserve(&text, 65536);

		text.len -= 65536 - fread(at, 1, 65536, in);
	}
	fclose(in);
	source.text = buf_span(&text);
	status = rules_compile(&source, 1, rules, why);
	buf_release(&text);
	return status;
}

static int read_batch(struct straight *s, int *n, struct fault *why)
{
	reader_place_put(s->place, s->places[0]);
	for (*n = 0; *n < UNITS && !s->last; ++*n) {
		struct ledger_unit *unit = &s->units[*n];

		rows_clear(unit->rows);
		if (reader_unit(s->reading, s->fd, s->place, NULL, unit->rows, &s->place, &s->last,
				why) != 0)
			return -1;
		reader_place_put(s->place, s->places[*n + 1]);
		unit->job = s->job;
		unit->unit = s->next_unit++;
		unit->token = 1;
		unit->start = span_of(s->places[*n], READER_PLACE_BYTES);
		unit->end = span_of(s->places[*n + 1], READER_PLACE_BYTES);
	}
	account(s, PART_PARSE);
	return 0;
}

static int check_units(struct straight *s, int n, struct fault *why)
{
	for (int i = 0; i < n; i++)
		if (s->units[i].fault.class != FAULT_NONE) {
			*why = s->units[i].fault;
			return -1;
		}
	return 0;
}

static int run_batch(struct straight *s, struct fault *why)
{
	int n;

	if (read_batch(s, &n, why) != 0)
		return -1;
	for (int i = 0; i < n; i++)
		validate_rows(s->units[i].rows);
	account(s, PART_VALIDATE);
	if (ledger_insert(s->ledger, s->units, n, why) != 0 || check_units(s, n, why) != 0)
		return -1;
	account(s, PART_INSERT);
	for (int i = 0; i < n; i++)
		rules_apply(s->rules, s->units[i].rows);
	account(s, PART_RULES);
	if (ledger_post(s->ledger, s->units, n, HIGH_CONFIDENCE_PPM, why) != 0 ||
	    check_units(s, n, why) != 0)
		return -1;
	account(s, PART_POST);
	return 0;
}

/* A company's file is a copy of a template, which daybook makes once in its life. */
static int make_template(const char *dir, struct fault *why)
{
	struct ledger *ledger;

	if (ledger_open(dir, span_text("bench"), span_text("first"), LEDGER_WRITE, &ledger, why))
		return -1;
	ledger_close(&ledger);
	return 0;
}

static int run(struct straight *s, const char *dir, struct buf *result, struct fault *why)
{
	static const char wish[] =
		"{\"account\": \"Assets:Bank:Checking\", \"default_currency\": \"USD\"}";
	struct ledger_import import = {.token = 1,
				       .kind = "upload",
				       .bank = span_text("Assets:Bank:Checking"),
				       .currency = span_text("USD")};
	struct ledger_end end = {
		.token = 1, .state = "complete", .confidence_ppm = HIGH_CONFIDENCE_PPM};
	int64_t number;

	if (make_template(dir, why) != 0)
		return -1;
	s->since = now_s();
	if (reader_detect(s->fd, span_text(wish), NULL, NULL, &s->reading, why) != 0)
		return -1;
	s->place = reading_start(s->reading);
	account(s, PART_DETECT);
	if (ledger_open(dir, span_text("bench"), span_text("bench"), LEDGER_WRITE, &s->ledger, why))
		return -1;
	import.job = s->job = id_new(1);
	if (ledger_begin(s->ledger, &import, &number, why) != 0)
		return -1;
	account(s, PART_INSERT);
	while (!s->last)
		if (run_batch(s, why) != 0)
			return -1;
	end.job = s->job;
	if (ledger_finish(s->ledger, &end, result, why) != 0)
		return -1;
	ledger_close(&s->ledger);
	account(s, PART_FINISH);
	return 0;
}

static void print_result(const struct straight *s, const struct buf *result, double compile_s)
{
	double total = 0;

	printf("{\"rows\": %llu, \"compile_s\": %.6f, \"parts\": {",
	       (unsigned long long)reading_rows(s->reading), compile_s);
	for (int i = 0; i < PARTS; i++) {
		printf("%s\"%s\": %.6f", i ? ", " : "", part_names[i], s->seconds[i]);
		total += s->seconds[i];
	}
	printf("}, \"seconds\": %.6f, \"result\": %s}\n", total, result->at);
}

int main(int argc, char **argv)
{
	struct straight s = {0};
	struct buf result = {0};
	struct fault why = {0};
	double begun, compile_s;

	if (argc != 4) {
		fprintf(stderr, "usage: straight FILE RULES BOOKS_DIR\n");
		return 64;
	}
	begun = now_s();
	if (read_rules(argv[2], &s.rules, &why) != 0)
		goto err;
	compile_s = now_s() - begun;
	s.fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (s.fd == -1) {
		fault_errno(&why, "open file");
		goto err;
	}
	for (int i = 0; i < UNITS; i++)
		s.units[i].rows = rows_new();
	if (run(&s, argv[3], &result, &why) != 0)
		goto err;
	print_result(&s, &result, compile_s);
	for (int i = 0; i < UNITS; i++)
		rows_free(&s.units[i].rows);
	rules_free(&s.rules);
	reading_free(&s.reading);
	buf_release(&result);
	return 0;
err:
	fprintf(stderr, "straight: %s (%s)\n", why.text, why.code);
	return 1;
}
