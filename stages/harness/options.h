/*
 * options - the command line of a stage process.
 *
 * Shape    each option wins over its environment variable: DAYBOOK_BROKER, DAYBOOK_CONFIG,
 *          DAYBOOK_DATA, DAYBOOK_LOG, and the test switches DAYBOOK_DIE_AT="stage:POINT[,...]",
 *          DAYBOOK_SLOW_MS="stage:N[,...]" or "N" for every stage.
 * Owns     nothing: text is argv's or the environment's.
 */
#ifndef DAYBOOK_STAGES_OPTIONS_H
#define DAYBOOK_STAGES_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

struct stage;

struct stage_options {
	const char *broker, *config, *data, *log;
	uint32_t credit; /* 0: the configuration's */
	uint32_t slow_ms;
	bool one_unit;
};

/* -1: go on; otherwise the exit status (after --help, --version or a mistake). */
int stage_options_read(const struct stage *stage, int argc, char **argv,
		       struct stage_options *options);

#endif
