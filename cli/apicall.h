/*
 * apicall - the HTTP API, from the command line's side.
 *
 * Shape    one `struct api` a command: where the service is and the key, if one is needed. Replies
 *          are JSON; a problem (RFC 9457) becomes one line on standard error.
 * Errors   every call returns an exit status (cli/command.h) after saying what is wrong.
 * Owns     api_open gives; a reply's JSON is the caller's (json_decref).
 */
#ifndef DAYBOOK_CLI_APICALL_H
#define DAYBOOK_CLI_APICALL_H

#include <jansson.h>
#include <stdbool.h>

#include "buf.h"
#include "usage.h"

/* The options that every such command has. */
struct api_options {
	const char *url, *data, *key_file;
	bool json;
};
#define API_USAGE_MAX 5
void api_usage(struct api_options *options, struct usage_option table[API_USAGE_MAX]);

struct api;

int api_open(const struct api_options *options, struct api **api);
void api_close(struct api **api);

/* Adds "&name=value" (or "?...") to a path, escaped; nothing when value is NULL. */
void api_query(struct buf *path, const char *name, const char *value);
void api_query_number(struct buf *path, const char *name, uint64_t value);

/* `body` NULL: GET. */
int api_call(struct api *api, const char *path, const json_t *body, const char *idempotency_key,
	     json_t **reply);

/* The same as a PUT. */
int api_put(struct api *api, const char *path, const json_t *body, json_t **reply);
/* What is no JSON: each piece is handed on as it comes; `take` returns 0 to go on. */
int api_stream(struct api *api, const char *path, int (*take)(void *arg, struct span piece),
	       void *arg);

/* A multipart upload, streamed from the file. `sent` (may be NULL) is told how far it is. */
struct api_field {
	const char *name, *value; /* value NULL: not sent */
};
struct api_upload {
	const char *path, *file;
	const struct api_field *fields; /* ended by a NULL name */
	const char *idempotency_key;
	void (*sent)(void *arg, uint64_t bytes, uint64_t total);
	void *arg;
};
int api_upload(struct api *api, const struct api_upload *what, json_t **reply);

/* Server-Sent Events: calls `event` with each data until it returns non-zero, or the stream ends.
 * Quiet: -1 when the stream could not be had or was cut, 0 otherwise. */
int api_events(struct api *api, const char *path, int (*event)(void *arg, struct span data),
	       void *arg);

#endif
