/*
 * command - a subcommand of `daybook`, and how it ends.
 *
 * Shape    main.c has the table; a subcommand is one struct command and its run(), which gets its
 *          own name as argv[0].
 * Exit     the numbers of sysexits.h; docs/CLI.md and `daybook help` say the same.
 */
#ifndef DAYBOOK_CLI_COMMAND_H
#define DAYBOOK_CLI_COMMAND_H

#include <sysexits.h>

/*
 * EX_OK           0   done; the job is complete
 * EXIT_REFUSED    1   the request was refused, or the job ended failed or cancelled
 * EX_USAGE       64   a mistake on the command line
 * EX_NOINPUT     66   the file cannot be read
 * EX_UNAVAILABLE 69   nobody answers at the API's address; `up`: the address is in use
 * EX_SOFTWARE    70   an answer that cannot be understood, a bug
 * EX_OSFILE      72   `up`: a program is missing
 * EX_CANTCREAT   73   `up`: the data directory cannot be made or written
 * EX_IOERR       74   `up`: the disk is full or refuses
 * EX_TEMPFAIL    75   the service cannot do it now; `up`: another one runs on this data directory
 * EX_CONFIG      78   the configuration has a mistake
 */
#define EXIT_REFUSED 1

struct command {
	const char *name;
	const char *arguments; /* "FILE --company ID --tenant ID" */
	const char *about;     /* one line */
	const char *more;      /* further lines of --help, or NULL */
	int (*run)(int argc, char **argv);
};

extern const struct command COMMAND_UP, COMMAND_UPLOAD, COMMAND_CATEGORIZE, COMMAND_POST,
	COMMAND_JOBS, COMMAND_JOB, COMMAND_CANCEL, COMMAND_RETRY, COMMAND_WATCH, COMMAND_TAP,
	COMMAND_STAGES, COMMAND_BALANCES, COMMAND_PS, COMMAND_RULES, COMMAND_ACCOUNTS,
	COMMAND_REVIEW, COMMAND_EXPORT, COMMAND_UNDO, COMMAND_VERIFY, COMMAND_BACKUP,
	COMMAND_RESTORE;

#endif
