/*
 * usage - the command line of one subcommand: its options as a table.
 *
 * Shape    a subcommand lists what it takes; usage_read() fills the variables that the table points
 *          to, answers --help from the same table, and gathers what is not an option.
 * Owns     nothing: text is argv's.
 */
#ifndef DAYBOOK_CLI_USAGE_H
#define DAYBOOK_CLI_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"

enum usage_kind { USAGE_END, USAGE_TEXT, USAGE_NUMBER, USAGE_FLAG };

struct usage_option {
	enum usage_kind kind;
	const char *name;  /* without the dashes */
	const char *value; /* how --help calls its value; NULL for a flag */
	const char *about;
	void *to; /* const char **, uint64_t * or bool * */
};

#define USAGE_OPTIONS_MAX 24

/* Both tables end with an option of kind USAGE_END. `words` gets exactly `n_words` arguments, the
 * last `n_optional` of which may be missing (NULL). */
struct usage {
	const struct command *command;
	const struct usage_option *options;
	const struct usage_option *shared; /* with other subcommands; or NULL */
	const char **words;
	int n_words, n_optional;
};
/* -1: go on; otherwise the exit status. */
int usage_read(const struct usage *usage, int argc, char **argv);
/* "daybook upload: text" on standard error, and where help is to be had; returns EX_USAGE. */
int usage_wrong(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
