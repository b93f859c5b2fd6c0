/* daybook - the command that people type. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "mem.h"
#include "wire.h"

static const struct command *const COMMANDS[] = {
	&COMMAND_UP,	  &COMMAND_UPLOAD,   &COMMAND_CATEGORIZE, &COMMAND_POST,
	&COMMAND_JOBS,	  &COMMAND_JOB,	     &COMMAND_CANCEL,	  &COMMAND_RETRY,
	&COMMAND_WATCH,	  &COMMAND_TAP,	     &COMMAND_STAGES,	  &COMMAND_REVIEW,
	&COMMAND_RULES,	  &COMMAND_ACCOUNTS, &COMMAND_BALANCES,	  &COMMAND_EXPORT,
	&COMMAND_UNDO,	  &COMMAND_PS,	     &COMMAND_VERIFY,	  &COMMAND_BACKUP,
	&COMMAND_RESTORE,
};

static void help(void)
{
	printf("daybook - bank statements into balanced books\n\nUsage: daybook COMMAND ...\n\n");
	for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
		printf("  %-11s %s\n", COMMANDS[i]->name, COMMANDS[i]->about);
	printf("  %-11s %s\n", "version", "say which version this is");
	printf("\ndaybook COMMAND --help says more.\n\n"
	       "Exit status\n"
	       "   0  done; the job is complete\n"
	       "   1  the request was refused, or the job ended failed or cancelled\n"
	       "  64  a mistake on the command line\n"
	       "  66  the file cannot be read\n"
	       "  69  nobody answers at the API's address; up: the address is in use\n"
	       "  70  an answer that cannot be understood\n"
	       "  72  up: a program is missing\n"
	       "  73  up: the data directory cannot be made or written\n"
	       "  74  up: the disk is full\n"
	       "  75  not now: try again; up: another one runs on this data directory\n"
	       "  78  the configuration has a mistake\n");
}

static int version(void)
{
	printf("daybook %s (protocol %d)\n", DAYBOOK_VERSION, WIRE_PROTOCOL);
	return EX_OK;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		help();
		return EX_OK;
	}
	if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0)
		return version();
	for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++) {
		if (strcmp(name, COMMANDS[i]->name) == 0)
			return COMMANDS[i]->run(argc - 1, argv + 1);
	}
	fprintf(stderr,
		argc > 1 ? "daybook: there is no command \"%s\"; see daybook help\n"
			 : "daybook: which command? See daybook help%s\n",
		name);
	return EX_USAGE;
}
