#include "stage.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "harness.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "privacy.h"

#define CREDIT_DEFAULT 4  /* etc/daybook.conf, for a stage that no pipeline names */
#define NICE	       10 /* broker and status-api stay at 0 and answer first */
#define LOOK_EVERY_MS  50
#define IDLE_MS_MAX    500 /* the watchdog wants a word each second */
/* The supervisor waits 10 s after SIGTERM; a unit that takes longer than this is handed back. */
#define STOP_PATIENCE_MS 6000

/* ---- staying alive ---- */

static void look_for_signals(struct harness *harness, int64_t now_ms)
{
	struct signalfd_siginfo info;

	while (read(harness->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (!harness->stop_ms) {
			harness->stop_ms = now_ms;
			log_info("%s: ending after the current unit",
				 info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
		}
	}
}

int harness_look(struct harness *harness, int64_t now_ms)
{
	int due_ms;

	harness->looked_ms = now_ms;
	look_for_signals(harness, now_ms);
	due_ms = dialogue_turn(&harness->dialogue, now_ms);
	if (harness->dialogue.was_welcomed && !harness->was_ready) {
		harness->was_ready = true;
		notify_ready();
	}
	notify_alive();
	return due_ms < IDLE_MS_MAX ? due_ms : IDLE_MS_MAX;
}

/* A handler that goes on with what nobody wants is stuck; the next process is not. */
static void heed(struct harness *harness, int64_t now_ms)
{
	if (!handling_is_unwanted(harness)) {
		harness->unwanted_ms = 0;
		return;
	}
	if (harness->unwanted_ms == 0)
		harness->unwanted_ms = now_ms;
	if (now_ms - harness->unwanted_ms < harness->dialogue.lease_ms)
		return;
	log_error("the handler does not end though nobody waits for it: ending the process");
	_exit(EX_SOFTWARE);
}

int stage_alive(struct harness *harness)
{
	int64_t now_ms = clock_ms();

	heed(harness, now_ms);
	if (now_ms - harness->looked_ms >= LOOK_EVERY_MS) {
		harness_look(harness, now_ms);
		handling_meanwhile(harness);
		if (harness->stop_ms && now_ms - harness->stop_ms >= STOP_PATIENCE_MS)
			handling_give_up(harness);
	}
	return handling_is_unwanted(harness);
}

int stage_alive_callback(void *harness)
{
	return stage_alive(harness);
}

void stage_alive_void(void *harness)
{
	stage_alive(harness);
}

/* ---- what was compiled from a context ---- */

static struct slot *slot_of(struct work *work)
{
	return (struct slot *)((char *)work - offsetof(struct slot, work));
}

static struct context *kept_with(struct work *work)
{
	struct slot *slot = slot_of(work);

	return slot->context ? slot->context : &slot->loose;
}

void *stage_cached(struct work *work)
{
	return kept_with(work)->compiled;
}

void stage_cache(struct work *work, void *compiled, void (*release)(void *compiled))
{
	context_keep(kept_with(work), compiled, release);
}

/* ---- start and end ---- */

/* Ends with the supervisor, however it ends. One that set this before exec has no race; one that
 * did not may have died before we came here. */
static void follow_supervisor(void)
{
	const char *supervised = getenv("DAYBOOK_SUPERVISED");
	pid_t parent = getppid();
	int set = 0;

	if (!supervised || strcmp(supervised, "1") != 0)
		return;
	if (prctl(PR_GET_PDEATHSIG, &set) == 0 && set == SIGKILL)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EX_TEMPFAIL);
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static uint32_t credit_of(const struct config *config, const struct stage_options *options,
			  const char *name)
{
	const struct config_stage *stage = config_stage(config, name);

	if (options->credit)
		return options->credit;
	return stage ? stage->credit : CREDIT_DEFAULT;
}

static int serve(struct harness *harness)
{
	struct dialogue *dialogue = &harness->dialogue;
	int due_ms = 0;
	bool ready;

	while (!harness->stop_ms && !dialogue->refused) {
		if (handling_run(harness)) {
			if (harness->options->one_unit)
				return EX_OK;
			if (clock_ms() - harness->looked_ms < LOOK_EVERY_MS)
				due_ms = dialogue_turn(dialogue, clock_ms());
			else
				due_ms = harness_look(harness, clock_ms());
			continue;
		}
		sock_wait(&dialogue->sock, 1, harness->signals, due_ms, &ready);
		due_ms = harness_look(harness, clock_ms());
	}
	return dialogue->refused ? EX_CONFIG : EX_OK;
}

static int run(struct harness *harness, const struct config *config, const char *endpoint)
{
	struct fault why = {0};
	char host[256] = "";
	struct wire_hello hello = {.protocol = WIRE_PROTOCOL};
	int rc;

	gethostname(host, sizeof(host) - 1);
	hello.stage = span_text(harness->stage->name);
	hello.host = span_text(host);
	hello.pid = (uint32_t)getpid();
	hello.credit = credit_of(config, harness->options, harness->stage->name);
	hello.version = span_text(DAYBOOK_VERSION);
	if (dialogue_open(&harness->dialogue, endpoint, &hello, clock_ms(), &why) != 0) {
		log_fault(LOG_ERROR, "opening the broker's endpoint", &why);
		return EX_UNAVAILABLE;
	}
	log_info("joining %s, credit %u", endpoint, hello.credit);
	rc = serve(harness);
	dialogue_close(&harness->dialogue);
	return rc;
}

static int with_config(const struct stage *stage, const struct stage_options *options,
		       const struct config *config)
{
	struct harness harness = {.stage = stage, .options = options};
	struct fault why = {0};
	char endpoint[256];
	int rc;

	config_endpoint(config, "work", endpoint);
	harness.signals = open_signals();
	if (stage->open && stage->open(config, &harness.state, &why) != 0) {
		log_fault(LOG_ERROR, "opening the stage", &why);
		return why.class == FAULT_RETRY ? EX_TEMPFAIL : EX_CONFIG;
	}
	rc = run(&harness, config, options->broker ? options->broker : endpoint);
	if (stage->close)
		stage->close(harness.state);
	handling_release(&harness);
	close(harness.signals);
	sock_shutdown();
	return rc;
}

int stage_main(const struct stage *stage, int argc, char **argv)
{
	struct stage_options options;
	struct config *config;
	struct fault why = {0};
	int rc;

	assert(!(stage->unit && stage->units));
	mallopt(M_ARENA_MAX, 1); /* one thread allocates; an arena for each of libzmq's is waste */
	rc = stage_options_read(stage, argc, argv, &options);
	if (rc != -1)
		return rc;
	log_open(stage->name, options.log);
	follow_supervisor();
	privacy_begin();
	json_set_alloc_funcs(xmalloc, free); /* else a text would look malformed when memory ends */
	if (nice(NICE) == -1)
		log_debug("priority stays as it is");
	if (config_load(options.config, options.data, NULL, &config, &why) != 0) {
		log_fault(LOG_ERROR, "reading the configuration", &why);
		return EX_CONFIG;
	}
	if (!options.log)
		log_open(stage->name, config->log);
	rc = with_config(stage, &options, config);
	config_free(&config);
	return rc;
}
