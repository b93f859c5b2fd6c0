/* daybook-status-api - HTTP for clients: uploads, jobs and their progress, the books. */
#include <getopt.h>
#include <jansson.h>
#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "crash.h"
#include "log.h"
#include "mem.h"
#include "privacy.h"
#include "server.h"

struct options {
	const char *config, *data, *listen, *log;
};

static void usage(FILE *to)
{
	fputs("usage: daybook-status-api [--data DIR] [--listen ADDR:PORT] [--config FILE]\n"
	      "Serves HTTP: uploads, jobs and their progress, the books. API: GET /openapi.json\n"
	      "  --data DIR          where uploads and books are (the configuration's `data`)\n"
	      "  --listen ADDR:PORT  where to listen; port 0 = any, see DIR/run/http.port\n"
	      "  --config FILE       configuration (default: $DAYBOOK_CONFIG, DIR/daybook.conf)\n"
	      "  --log LEVEL         error, warn, info, debug\n"
	      "  --die-at POINT      for tests: die at a named point\n"
	      "Exit: 0 after SIGTERM, 64 usage, 69 the port is in use, 78 configuration.\n",
	      to);
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {{"data", 1, 0, 'd'},    {"listen", 1, 0, 'p'},
					      {"config", 1, 0, 'c'},  {"log", 1, 0, 'l'},
					      {"die-at", 1, 0, 'x'},  {"help", 0, 0, 'h'},
					      {"version", 0, 0, 'v'}, {0, 0, 0, 0}};
	int c;

	*o = (struct options){0};
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'd':
			o->data = optarg;
			break;
		case 'p':
			o->listen = optarg;
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
		case 'h':
			usage(stdout);
			exit(EX_OK);
		case 'v':
			puts("daybook-status-api " DAYBOOK_VERSION);
			exit(EX_OK);
		default:
			return -1;
		}
	}
	return optind == argc ? 0 : -1;
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

static int exit_status(const struct fault *why)
{
	return why->class == FAULT_INPUT   ? EX_CONFIG
	       : why->class == FAULT_RETRY ? EX_UNAVAILABLE
					   : EX_SOFTWARE;
}

int main(int argc, char **argv)
{
	struct options options;
	struct config *config = NULL;
	struct server *server = NULL;
	struct fault why = {0};

	if (crash_arm_environment("status-api") != 0 || read_options(argc, argv, &options) != 0) {
		usage(stderr);
		return EX_USAGE;
	}
	follow_supervisor();
	privacy_begin();
	json_set_alloc_funcs(xmalloc, free); /* else a text would look malformed when memory ends */
	mallopt(M_ARENA_MAX, 2);	     /* few arenas: what a burst took goes back */
	log_open("status-api", options.log);
	if (sodium_init() < 0)
		return EX_SOFTWARE;
	if (config_load(options.config, options.data, options.listen, &config, &why) != 0) {
		log_fault(LOG_ERROR, "configuration", &why);
		return EX_CONFIG;
	}
	if (options.log == NULL)
		log_open("status-api", config->log);
	if (server_open(config, &server, &why) != 0) {
		log_fault(LOG_ERROR, "starting", &why);
		config_free(&config);
		return exit_status(&why);
	}
	log_info("serving http://%s, port %u", config->listen, server->port);
	server_run(server);
	server_close(&server);
	config_free(&config);
	return EX_OK;
}
