#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "crash.h"
#include "stage.h"

#define CREDIT_MAX  64	   /* wire.def, HELLO */
#define SLOW_MS_MAX 600000 /* ten minutes: more is a slip of the finger */

enum { OPT_BROKER = 256, OPT_CONFIG, OPT_DATA, OPT_CREDIT, OPT_ONE, OPT_DIE, OPT_SLOW, OPT_LOG };

static const struct option OPTIONS[] = {
	{"broker", required_argument, NULL, OPT_BROKER},
	{"config", required_argument, NULL, OPT_CONFIG},
	{"data", required_argument, NULL, OPT_DATA},
	{"credit", required_argument, NULL, OPT_CREDIT},
	{"one-unit", no_argument, NULL, OPT_ONE},
	{"die-at", required_argument, NULL, OPT_DIE},
	{"slow-ms", required_argument, NULL, OPT_SLOW},
	{"log", required_argument, NULL, OPT_LOG},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static void help(const struct stage *stage)
{
	printf("daybook-%s - %s\n\n"
	       "Usage: daybook-%s [option ...]\n\n"
	       "Joins the broker as one more worker of the stage \"%s\" and does units until "
	       "SIGTERM.\n\n"
	       "  --broker ENDPOINT  where the broker deals (default: ipc in the data directory)\n"
	       "  --config FILE      configuration (default: $DAYBOOK_CONFIG, DATA/daybook.conf, "
	       "etc/)\n"
	       "  --data DIR         data directory (default: the configuration's)\n"
	       "  --credit N         units to hold at once, 1 to %d\n"
	       "  --log LEVEL        error, warn, info or debug\n"
	       "  --help, --version\n\n"
	       "For tests:\n"
	       "  --one-unit         end after one unit\n"
	       "  --die-at POINT[:N] die at the Nth pass of a named point (stop=POINT: stop "
	       "there)\n"
	       "  --slow-ms N        take N milliseconds longer for each unit\n\n"
	       "Environment: DAYBOOK_BROKER, DAYBOOK_CONFIG, DAYBOOK_DATA, DAYBOOK_LOG,\n"
	       "DAYBOOK_DIE_AT=stage:POINT, DAYBOOK_SLOW_MS=stage:N.\n\n"
	       "Exit status: 0 after SIGTERM or SIGINT, 64 usage, 69 the endpoint cannot be "
	       "opened,\n"
	       "70 a bug, 75 not now (try again), 78 configuration or protocol.\n",
	       stage->name, stage->about ? stage->about : "a stage", stage->name, stage->name,
	       CREDIT_MAX);
}

static int number(const struct stage *stage, const char *option, struct span text, uint64_t max,
		  uint32_t *value)
{
	uint64_t n;

	if (span_u64(text, &n) != 0 || n > max) {
		fprintf(stderr, "daybook-%s: %s takes a number up to %llu, not \"%.*s\"\n",
			stage->name, option, (unsigned long long)max, SPAN_ARG(text));
		return -1;
	}
	*value = (uint32_t)n;
	return 0;
}

static int no_point(const struct stage *stage, const char *what)
{
	fprintf(stderr, "daybook-%s: \"%s\" names no point; those there are:\n", stage->name, what);
	crash_list(stderr);
	return -1;
}

static int from_environment(const struct stage *stage, struct stage_options *options)
{
	struct span slow = crash_part(getenv("DAYBOOK_SLOW_MS"), stage->name);

	*options = (struct stage_options){.broker = getenv("DAYBOOK_BROKER"),
					  .config = getenv("DAYBOOK_CONFIG"),
					  .data = getenv("DAYBOOK_DATA"),
					  .log = getenv("DAYBOOK_LOG")};
	if (crash_arm_environment(stage->name) != 0)
		return no_point(stage, getenv("DAYBOOK_DIE_AT"));
	if (slow.len)
		return number(stage, "DAYBOOK_SLOW_MS", slow, SLOW_MS_MAX, &options->slow_ms);
	return 0;
}

static int take(const struct stage *stage, int option, struct stage_options *options)
{
	switch (option) {
	case OPT_BROKER:
		options->broker = optarg;
		return 0;
	case OPT_CONFIG:
		options->config = optarg;
		return 0;
	case OPT_DATA:
		options->data = optarg;
		return 0;
	case OPT_LOG:
		options->log = optarg;
		return 0;
	case OPT_ONE:
		options->one_unit = true;
		return 0;
	case OPT_DIE:
		return crash_arm(optarg) == 0 ? 0 : no_point(stage, optarg);
	case OPT_CREDIT:
		return number(stage, "--credit", span_text(optarg), CREDIT_MAX, &options->credit);
	case OPT_SLOW:
		return number(stage, "--slow-ms", span_text(optarg), SLOW_MS_MAX,
			      &options->slow_ms);
	default: /* getopt_long has said what is wrong */
		return -1;
	}
}

int stage_options_read(const struct stage *stage, int argc, char **argv,
		       struct stage_options *options)
{
	int option;

	if (from_environment(stage, options) != 0)
		return EX_USAGE;
	while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
		if (option == 'h') {
			help(stage);
			return EX_OK;
		}
		if (option == 'V') {
			printf("daybook-%s %s\n", stage->name, DAYBOOK_VERSION);
			return EX_OK;
		}
		if (take(stage, option, options) != 0)
			return EX_USAGE;
	}
	if (optind < argc) {
		fprintf(stderr, "daybook-%s: unexpected argument \"%s\"\n", stage->name,
			argv[optind]);
		return EX_USAGE;
	}
	return -1;
}
