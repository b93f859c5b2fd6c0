/* daybook-broker - deals units, remembers jobs, answers status, tells progress. */
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "broker.h"
#include "crash.h"
#include "log.h"
#include "mem.h"
#include "privacy.h"

static volatile int stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

struct options {
	const char *config, *data, *log;
	bool sync;
};

static void usage(FILE *to)
{
	fputs("usage: daybook-broker [--data DIR] [--config FILE] [--log LEVEL]\n"
	      "Deals units of work to stages, remembers jobs, answers status, tells progress.\n"
	      "  --data DIR        where jobs are kept (the configuration's `data`)\n"
	      "  --config FILE     configuration (default: $DAYBOOK_CONFIG, DIR/daybook.conf)\n"
	      "  --log LEVEL       error, warn, info, debug\n"
	      "  --die-at POINT    for tests: die at a named point (lib/crash.c)\n"
	      "  --no-fsync        for tests: a power cut may lose jobs\n"
	      "Exit: 0 after SIGTERM, 64 usage, 73 the store cannot be opened, 78 configuration.\n",
	      to);
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {{"data", 1, 0, 'd'},     {"config", 1, 0, 'c'},
					      {"log", 1, 0, 'l'},      {"die-at", 1, 0, 'x'},
					      {"no-fsync", 0, 0, 'n'}, {"help", 0, 0, 'h'},
					      {"version", 0, 0, 'v'},  {0, 0, 0, 0}};
	int c;

	*o = (struct options){.sync = true};
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'd':
			o->data = optarg;
			break;
		case 'c':
			o->config = optarg;
			break;
		case 'l':
			o->log = optarg;
			break;
		case 'x':
			if (crash_arm(optarg) != 0)
				return -1;
			break;
		case 'n':
			o->sync = false;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'v':
			puts("daybook-broker " DAYBOOK_VERSION);
			exit(0);
		default:
			return -1;
		}
	}
	return optind == argc ? 0 : -1;
}

static void make_dirs(const struct config *config)
{
	static const char *const names[] = {"", "/run", "/jobs"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = xasprintf("%s%s", config->data, names[i]);

		mkdir(path, 0700); /* exists, or the store's open says what is wrong */
		free(path);
	}
}

/* Children end when their supervisor does. */
static void follow_supervisor(void)
{
	if (getenv("DAYBOOK_SUPERVISED") == NULL)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		exit(EX_OK);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct options options;
	struct config *config = NULL;
	struct broker *broker = NULL;
	struct fault why;
	int rc;

	if (crash_arm_environment("broker") != 0 || read_options(argc, argv, &options) != 0) {
		usage(stderr);
		return EX_USAGE;
	}
	follow_supervisor();
	privacy_begin();
	mallopt(M_ARENA_MAX, 1); /* one arena: freed payloads go back, memory stays flat */
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	log_open("broker", options.log);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (config_load(options.config, options.data, NULL, &config, &why) != 0) {
		log_fault(LOG_ERROR, "configuration", &why);
		return EX_CONFIG;
	}
	make_dirs(config);
	if (broker_open(config, options.sync, &broker, &why) != 0) {
		log_fault(LOG_ERROR, "starting", &why);
		config_free(&config);
		return EX_CANTCREAT;
	}
	rc = broker_run(broker, &stop, &why);
	broker_close(&broker);
	config_free(&config);
	return rc == 0 ? EX_OK : EX_SOFTWARE;
}
