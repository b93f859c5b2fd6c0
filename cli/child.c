#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

#define WATCHDOG_MS    10000 /* broker and status-api; a stage's is its lease */
#define EXIT_NOT_FOUND 127   /* as a shell says it */

static void add(struct child *child, const struct config *config, enum child_rank rank,
		const char *name)
{
	*child = (struct child){.rank = rank, .watchdog_ms = WATCHDOG_MS};
	snprintf(child->name, sizeof(child->name), "%s", name);
	child->path = xasprintf("%s/daybook-%s", config->bin, name);
}

static void add_worker(struct child *child, const struct config *config,
		       const struct config_stage *stage, uint32_t number)
{
	add(child, config, RANK_STAGE, stage->name);
	snprintf(child->stage, sizeof(child->stage), "%s", stage->name);
	if (number)
		snprintf(child->name, sizeof(child->name), "%s-%u", stage->name, number + 1);
	child->watchdog_ms = stage->lease_ms;
	if (!stage->command)
		return;
	free(child->path);
	child->path = NULL;
	child->command = xstrdup(stage->command);
}

struct child *children_new(const struct config *config, int *n)
{
	struct child *children;
	size_t count = 2;

	for (uint32_t i = 0; i < config->n_stages; i++)
		count += config->stages[i].workers;
	children = xcalloc(count, sizeof(*children));
	add(&children[0], config, RANK_BROKER, "broker");
	add(&children[1], config, RANK_API, "status-api");
	*n = 2;
	for (uint32_t i = 0; i < config->n_stages; i++) {
		for (uint32_t w = 0; w < config->stages[i].workers; w++)
			add_worker(&children[(*n)++], config, &config->stages[i], w);
	}
	return children;
}

void children_free(struct child **children, int n)
{
	for (int i = 0; *children && i < n; i++) {
		free((*children)[i].path);
		free((*children)[i].command);
	}
	free(*children);
	*children = NULL;
}

/* ---- in the new process ---- */

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
}

static void set_environment(const struct child *child, const struct child_setting *setting)
{
	const char *die_at = getenv("DAYBOOK_DIE_AT");
	char watchdog[32];

	snprintf(watchdog, sizeof(watchdog), "%u000", child->watchdog_ms);
	set("DAYBOOK_SUPERVISED", "1");
	set("NOTIFY_SOCKET", setting->notify);
	set("WATCHDOG_USEC", watchdog);
	unsetenv("WATCHDOG_PID"); /* systemd's word to `up`, not to its children */
	set("DAYBOOK_DATA", setting->data);
	set("DAYBOOK_CONFIG", setting->config);
	set("DAYBOOK_CONFIG_DIR", setting->config_dir);
	set("DAYBOOK_BROKER", setting->broker);
	set("DAYBOOK_LISTEN", setting->listen);
	set("DAYBOOK_LOG", setting->log);
	set("DAYBOOK_STAGE", child->stage);
	/* A test's --die-at is passed once, or what should be seen to recover never would;
	 * "always=" stays, for what should be seen to give up. */
	if (child->starts && die_at && strstr(die_at, "always=") == NULL)
		unsetenv("DAYBOOK_DIE_AT");
}

static void redirect(void)
{
	int nothing = open("/dev/null", O_RDONLY);

	if (nothing != -1)
		dup2(nothing, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (nothing > STDERR_FILENO)
		close(nothing);
}

static void execute(const struct child *child, const struct child_setting *setting)
{
	const char *argv[12] = {child->path, "--data", setting->data};
	int n = 3;

	if (child->command) {
		char *line = xasprintf("exec %s", child->command);

		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		return;
	}
	if (setting->config) {
		argv[n++] = "--config";
		argv[n++] = setting->config;
	}
	if (setting->listen && child->rank == RANK_API) {
		argv[n++] = "--listen";
		argv[n++] = setting->listen;
	}
	execv(child->path, (char **)(void *)argv);
}

static void become(const struct child *child, const struct child_setting *setting, pid_t parent)
{
	sigset_t none;

	setpgid(0, 0);
	/* Survives exec, so it holds for programs that know nothing of daybook. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_NOT_FOUND);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	redirect();
	set_environment(child, setting);
	execute(child, setting);
	fprintf(stderr, "daybook up: cannot run %s: %s\n",
		child->path ? child->path : child->command, strerror(errno));
	_exit(EXIT_NOT_FOUND);
}

pid_t child_start(const struct child *child, const struct child_setting *setting)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0)
		become(child, setting, parent);
	if (pid > 0)
		setpgid(pid, pid); /* both sides, so that it holds before either goes on */
	return pid;
}

void child_end_text(int status, char *out, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(out, size, "signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "exit status %d", WEXITSTATUS(status));
}
