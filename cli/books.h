/*
 * books - what the commands about one company's books share.
 *
 * Shape    each takes --company and --tenant beside the options of every API command.
 * Owns     books_open gives the API; text is argv's.
 */
#ifndef DAYBOOK_CLI_BOOKS_H
#define DAYBOOK_CLI_BOOKS_H

#include "apicall.h"

struct books {
	struct api_options options;
	const char *company, *tenant;
	struct api *api;
};

#define BOOKS_WORDS_MAX 2

/* Reads the command line and opens the API. -1: go on; otherwise the exit status. `own` may be
 * NULL. */
int books_open(struct books *books, const struct usage *usage, const struct usage_option *own,
	       int argc, char **argv);
void books_close(struct books *books);
/* `path` with whose books they are. */
void books_path(const struct books *books, const char *path, struct buf *out);
int books_get(const struct books *books, const char *path, json_t **reply);
int books_post(const struct books *books, const char *path, const json_t *body, json_t **reply);
int books_put(const struct books *books, const char *path, const json_t *body, json_t **reply);
/* A whole file, "-" is standard input; EX_NOINPUT has been said. */
int books_read_file(const char *path, struct buf *text);
const char *books_text(const json_t *object, const char *name);

#endif
