/* export, undo - the books for other tools; an import taken back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "books.h"
#include "jobview.h"

/* ---- export ---- */

struct wanted {
	const char *format, *to;
	const char *first_day, *last_day;
	bool opening;
};

/* Where an export goes. What was there before goes with the first bytes, so that an export that is
 * refused leaves it. */
struct target {
	FILE *file;
	bool begun;
};

static int take(void *arg, struct span piece)
{
	struct target *target = arg;

	if (!target->begun && target->file != stdout && ftruncate(fileno(target->file), 0) != 0 &&
	    errno != EINVAL) /* EINVAL: a pipe or a device */
		return -1;
	target->begun = true;
	return fwrite(piece.at, 1, piece.len, target->file) == piece.len ? 0 : -1;
}

static int stream_to(struct books *books, const struct wanted *wanted, FILE *file)
{
	struct target target = {.file = file};
	struct buf path = {0};
	int rc;

	books_path(books, "/api/export", &path);
	api_query(&path, "format", wanted->format);
	api_query(&path, "from", wanted->first_day);
	api_query(&path, "to", wanted->last_day);
	if (wanted->opening)
		api_query(&path, "opening", "true");
	rc = api_stream(books->api, path.at, take, &target);
	buf_release(&path);
	if (fflush(file) == 0 || rc != EX_OK)
		return rc;
	perror("export");
	return EX_IOERR;
}

static int export(struct books *books, const struct wanted *wanted)
{
	const char *to = wanted->to;
	bool is_new;
	FILE *file;
	int rc;

	if (!to)
		return stream_to(books, wanted, stdout);
	is_new = access(to, F_OK) != 0;
	file = fopen(to, "ab");
	if (!file) {
		perror(to);
		return EX_CANTCREAT;
	}
	rc = stream_to(books, wanted, file);
	if (fclose(file) != 0 && rc == EX_OK) {
		perror(to);
		rc = EX_IOERR;
	}
	if (rc != EX_OK && is_new)
		unlink(to);
	return rc;
}

static int run_export(int argc, char **argv)
{
	const char *words[BOOKS_WORDS_MAX] = {0};
	struct wanted wanted = {0};
	const struct usage_option own[] = {
		{USAGE_TEXT, "out", "FILE", "write there (default: standard output)", &wanted.to},
		{USAGE_TEXT, "from", "DAY", "the first day, as 2026-01-31 (default: all)",
		 &wanted.first_day},
		{USAGE_TEXT, "to", "DAY", "the last day (default: all)", &wanted.last_day},
		{USAGE_FLAG, "opening", NULL,
		 "begin with what each bank account held before, as the bank's balances tell",
		 &wanted.opening},
		{0},
	};
	struct usage usage = {.command = &COMMAND_EXPORT, .words = words, .n_words = 1};
	struct books books = {0};
	int rc = books_open(&books, &usage, own, argc, argv);

	if (rc != -1)
		return rc;
	wanted.format = words[0];
	rc = export(&books, &wanted);
	books_close(&books);
	return rc;
}

const struct command COMMAND_EXPORT = {
	.name = "export",
	.arguments = "FORMAT --company ID --tenant ID [--out FILE] [option ...]",
	.about = "write the books for hledger, ledger, beancount, as csv or as json",
	.run = run_export,
};

/* ---- undo ---- */

static int run_undo(int argc, char **argv)
{
	const char *words[BOOKS_WORDS_MAX] = {0};
	struct usage usage = {.command = &COMMAND_UNDO, .words = words, .n_words = 1};
	struct books books = {0};
	struct buf path = {0};
	json_t *body, *reply;
	int rc = books_open(&books, &usage, NULL, argc, argv);

	if (rc != -1)
		return rc;
	body = json_object();
	buf_format(&path, "/api/jobs/%s%s/undo", strncmp(words[0], "job_", 4) == 0 ? "" : "job_",
		   words[0]);
	rc = books_post(&books, path.at, body, &reply);
	if (rc == EX_OK && books.options.json)
		jobview_print_json(reply);
	else if (rc == EX_OK && json_object_get(reply, "status"))
		printf("it is being taken back, which takes a while; the job's import is then "
		       "\"undone\" in GET /api/imports\n");
	else if (rc == EX_OK)
		printf("taken back: %lld transactions removed, %lld stay because another import "
		       "brought them too\n",
		       (long long)json_integer_value(json_object_get(reply, "removed")),
		       (long long)json_integer_value(json_object_get(reply, "kept")));
	json_decref(rc == EX_OK ? reply : NULL);
	json_decref(body);
	buf_release(&path);
	books_close(&books);
	return rc;
}

const struct command COMMAND_UNDO = {
	.name = "undo",
	.arguments = "JOB --company ID --tenant ID [option ...]",
	.about = "take the import of a job back",
	.run = run_undo,
};
