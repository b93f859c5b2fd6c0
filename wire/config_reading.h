/*
 * config_reading - what config.c and pipelines.c share while they read a file. Inside wire/ only.
 *
 * Errors   config_refuse: fault INPUT with the file, the key and what is allowed.
 * Owns     nothing: a loading lives for one config_load().
 */
#ifndef DAYBOOK_WIRE_CONFIG_READING_H
#define DAYBOOK_WIRE_CONFIG_READING_H

#include <czmq.h>

#include "config.h"
#include "span.h"

enum key_kind { KEY_TEXT, KEY_U32, KEY_U64, KEY_PPM };

struct key {
	const char *section, *name; /* section "" = top */
	enum key_kind kind;
	size_t at;
	uint64_t least, most;
};

struct loading {
	struct config *config;
	const char *path;
	bool builtin;  /* the program's own file */
	uint32_t seen; /* bit per key of config.c: it was in a file */
	struct fault *why;
};

int config_refuse(const struct loading *l, const char *code, const char *key, const char *what);
/* An integer within the key's limits, as uint32_t or (KEY_U64) uint64_t. */
int config_number(const struct loading *l, const struct key *k, const char *value, void *at);
/* One pipeline of the file; what an earlier file said of it stays unless said anew. */
int config_read_pipeline(const struct loading *l, zconfig_t *node);
/* What no single key shows. */
int config_check_pipeline(const struct loading *l, const struct config_pipeline *p);

#endif
