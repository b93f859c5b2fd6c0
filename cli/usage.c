#include "usage.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

#include "mem.h"
#include "span.h"

#define FIRST_VALUE  256 /* getopt_long's val of the first option: beyond any character */
#define NAME_COLUMNS 26

int usage_wrong(const struct command *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "daybook %s: ", command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; see daybook %s --help\n", command->name);
	return EX_USAGE;
}

static void help_options(const struct usage_option *option)
{
	char name[64];

	for (; option && option->kind != USAGE_END; option++) {
		snprintf(name, sizeof(name), "--%s%s%s", option->name, option->value ? " " : "",
			 option->value ? option->value : "");
		printf("  %-*s %s\n", NAME_COLUMNS, name, option->about);
	}
}

static void help(const struct usage *usage)
{
	const struct command *command = usage->command;

	printf("daybook %s - %s\n\nUsage: daybook %s %s\n\n", command->name, command->about,
	       command->name, command->arguments);
	help_options(usage->options);
	help_options(usage->shared);
	printf("  %-*s this text\n", NAME_COLUMNS, "--help");
	if (command->more)
		printf("\n%s", command->more);
	printf("\nExit status: 0 done, 1 refused or the job did not complete, 64 usage, 66 no "
	       "such\n"
	       "file, 69 nobody answers, 75 not now; all of them: daybook help\n");
}

static int take(const struct command *command, const struct usage_option *option, char *value)
{
	if (option->kind == USAGE_FLAG) {
		*(bool *)option->to = true;
		return 0;
	}
	if (option->kind == USAGE_TEXT) {
		*(const char **)option->to = value;
		return 0;
	}
	if (span_u64(span_text(value), option->to) == 0)
		return 0;
	usage_wrong(command, "--%s takes a number, not \"%s\"", option->name, value);
	return -1;
}

static int take_words(const struct usage *usage, int argc, char **argv)
{
	const struct command *command = usage->command;

	for (int i = 0; i < usage->n_words; i++)
		usage->words[i] = optind + i < argc ? argv[optind + i] : NULL;
	if (argc - optind > usage->n_words)
		return usage_wrong(command, "unexpected argument \"%s\"",
				   argv[optind + usage->n_words]);
	if (argc - optind < usage->n_words - usage->n_optional)
		return usage_wrong(command, "something is missing: daybook %s %s", command->name,
				   command->arguments);
	return -1;
}

/* One list of both tables, and the same as getopt wants it. */
static void gather(const struct usage *usage, const struct usage_option **all, struct option *table)
{
	const struct usage_option *const tables[] = {usage->options, usage->shared};
	int n = 0;

	table[n] = (struct option){"help", no_argument, NULL, 'h'};
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (const struct usage_option *o = tables[t]; o && o->kind != USAGE_END; o++) {
			assert(n < USAGE_OPTIONS_MAX);
			all[n] = o;
			table[n + 1] = (struct option){o->name, o->kind != USAGE_FLAG, NULL,
						       FIRST_VALUE + n};
			n++;
		}
	}
}

int usage_read(const struct usage *usage, int argc, char **argv)
{
	const struct usage_option *all[USAGE_OPTIONS_MAX];
	struct option table[USAGE_OPTIONS_MAX + 2] = {0};
	int option;

	gather(usage, all, table);
	optind = 0; /* glibc: start over, with another table */
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (option == 'h') {
			help(usage);
			return EX_OK;
		}
		if (option == ':')
			return usage_wrong(usage->command, "%s needs a value", argv[optind - 1]);
		if (option < FIRST_VALUE)
			return usage_wrong(usage->command, "unknown option %s", argv[optind - 1]);
		if (take(usage->command, all[option - FIRST_VALUE], optarg) != 0)
			return EX_USAGE;
	}
	return take_words(usage, argc, argv);
}
