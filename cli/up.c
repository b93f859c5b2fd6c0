/* up - daybook's processes, all on this machine, in one terminal. */
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "datadir.h"
#include "log.h"
#include "mem.h"
#include "notices.h"
#include "notify.h"
#include "privacy.h"
#include "supervisor.h"
#include "usage.h"

struct up {
	const char *log;
	struct config *config;
	char *config_path, *config_dir; /* absolute; NULL: the program's own */
	char listen[300];		/* where status-api listens */
	int lock, signals, notices;
	struct supervisor supervisor;
	bool said_ready;
};

static int wrong(int status, const char *text)
{
	fprintf(stderr, "daybook up: %s\n", text);
	return status;
}

/* ---- what could be wrong, before anything is started ---- */

static int check_programs(const struct up *up)
{
	char text[PATH_MAX + 64];

	for (int i = 0; i < up->supervisor.n; i++) {
		const char *path = up->supervisor.children[i].path;

		if (!path || access(path, X_OK) == 0)
			continue;
		snprintf(text, sizeof(text), "cannot run %s: %s", path, strerror(errno));
		return wrong(EX_OSFILE, text);
	}
	return EX_OK;
}

static int resolve(const char *listen_at, struct addrinfo **found)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	const char *colon = strrchr(listen_at, ':');
	char host[256];
	size_t len;

	if (!colon ||
	    span_copy(span_of(listen_at, (size_t)(colon - listen_at)), host, sizeof(host)) != 0)
		return -1;
	len = strlen(host);
	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		memmove(host, host + 1, len - 1);
	}
	return getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, found) == 0 ? 0 : -1;
}

static bool is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* errno of a listener that lives for a moment only; 0: the address is to be had. */
static int try_listen(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int yes = 1, error = 0;

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	    bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, 1) != 0)
		error = errno;
	if (fd != -1)
		close(fd);
	return error;
}

/* A port in use or an open address is told here in one line, not by a child that dies. */
static int check_listen(const struct config *config)
{
	struct addrinfo *found;
	char text[512];
	int rc = EX_OK, error;

	if (resolve(config->listen, &found) != 0) {
		snprintf(text, sizeof(text), "there is no address \"%s\" to listen on",
			 config->listen);
		return wrong(EX_CONFIG, text);
	}
	error = try_listen(found);
	if (error) {
		snprintf(text, sizeof(text), "cannot listen on %s: %s", config->listen,
			 strerror(error));
		rc = wrong(EX_UNAVAILABLE, text);
	} else if ((!config->keys_file || !*config->keys_file) && !is_loopback(found->ai_addr)) {
		snprintf(text, sizeof(text),
			 "%s is not loopback and no API keys are configured (access, keys_file)",
			 config->listen);
		rc = wrong(EX_CONFIG, text);
	}
	freeaddrinfo(found);
	return rc;
}

/* ---- while it runs ---- */

static const char *phase(const struct child *child)
{
	if (!child->pid)
		return "waits";
	return child->ready ? "ready" : "runs";
}

/* Who runs, for `daybook ps`: written whole under another name first. */
static void write_processes(const struct up *up)
{
	char path[DATADIR_PATH_SIZE], fresh[DATADIR_PATH_SIZE];
	const struct supervisor *s = &up->supervisor;
	FILE *file;

	datadir_run_path(up->config->data, "processes", path);
	datadir_run_path(up->config->data, "processes.new", fresh);
	file = fopen(fresh, "we");
	if (!file)
		return; /* only `daybook ps` misses it */
	fprintf(file, "up %d ready 0\n", (int)getpid());
	for (int i = 0; i < s->n; i++) {
		const struct child *child = &s->children[i];

		fprintf(file, "%s %d %s %u\n", child->name, (int)child->pid, phase(child),
			child->starts ? child->starts - 1 : 0);
	}
	if (fclose(file) == 0)
		rename(fresh, path);
}

static void reap(struct up *up, int64_t now_ms)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		supervisor_ended(&up->supervisor, pid, status, now_ms);
}

static void take_signals(struct up *up, int64_t now_ms)
{
	struct signalfd_siginfo info;

	while (read(up->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (!up->supervisor.stopping)
			log_info("stopping");
		supervisor_stop(&up->supervisor, now_ms);
	}
}

static void take_notices(struct up *up, int64_t now_ms)
{
	struct notice notice;

	while (notices_next(up->notices, &notice))
		supervisor_notified(&up->supervisor, notice.pid, notice.ready, notice.alive,
				    now_ms);
}

/* With port 0 the kernel has chosen one; status-api has written which. It stays that one when
 * status-api is started again: whoever watches a job finds it at the same place. */
static void find_port(struct up *up)
{
	char path[DATADIR_PATH_SIZE], port[16] = "";
	char *colon = strrchr(up->listen, ':');
	FILE *file;

	datadir_run_path(up->config->data, "http.port", path);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(port, sizeof(port), file))
		port[strspn(port, "0123456789")] = '\0';
	fclose(file);
	if (port[0])
		snprintf(colon + 1, sizeof(up->listen) - (size_t)(colon + 1 - up->listen), "%s",
			 port);
}

static void say_ready(struct up *up)
{
	find_port(up);
	printf("daybook is ready: http://%s\n", up->listen);
	printf("its web page: http://%s/dashboard\n", up->listen);
	fflush(stdout);
	notify_ready();
	up->said_ready = true;
}

static int loop(struct up *up)
{
	struct pollfd fds[] = {{.fd = up->signals, .events = POLLIN},
			       {.fd = up->notices, .events = POLLIN}};
	struct supervisor *s = &up->supervisor;
	int wait_ms;

	while ((wait_ms = supervisor_turn(s, clock_ms())) >= 0) {
		if (s->changed)
			write_processes(up);
		s->changed = false;
		if (!up->said_ready && !s->stopping && supervisor_is_ready(s, clock_ms()))
			say_ready(up);
		notify_alive();
		poll(fds, ARRAY_LEN(fds), wait_ms);
		take_notices(up, clock_ms());
		take_signals(up, clock_ms());
		reap(up, clock_ms());
	}
	return s->gave_up ? s->exit_status : EX_OK;
}

/* ---- start and end ---- */

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void forget_last_life(const char *data)
{
	static const char *const names[] = {"http.port", "processes", "processes.new"};
	char path[DATADIR_PATH_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		datadir_run_path(data, names[i], path);
		unlink(path);
	}
}

static int supervise(struct up *up)
{
	char notify[DATADIR_PATH_SIZE], broker[256];
	struct child_setting setting = {.data = up->config->data,
					.config = up->config_path,
					.config_dir = up->config_dir,
					.broker = broker,
					.listen = up->listen,
					.log = up->log,
					.notify = notify};
	struct fault why = {0};
	int rc;

	datadir_run_path(up->config->data, "notify.sock", notify);
	config_endpoint(up->config, "work", broker);
	forget_last_life(up->config->data);
	if (notices_open(notify, &up->notices, &why) != 0)
		return wrong(EX_CANTCREAT, why.text);
	up->supervisor.setting = &setting;
	up->signals = open_signals();
	rc = loop(up);
	close(up->signals);
	close(up->notices);
	unlink(notify);
	forget_last_life(up->config->data);
	return rc;
}

static int prepared(struct up *up)
{
	struct fault why = {0};
	int rc = check_programs(up);

	if (rc == EX_OK)
		rc = check_listen(up->config);
	if (rc != EX_OK)
		return rc;
	snprintf(up->listen, sizeof(up->listen), "%s", up->config->listen);
	rc = datadir_prepare(up->config->data, &up->lock, &why);
	if (rc != EX_OK)
		wrong(rc, why.text);
	else
		rc = supervise(up);
	if (up->lock != -1)
		close(up->lock);
	return rc;
}

/* Children may have another working directory, so what they are told is absolute. */
static char *absolute(const char *path)
{
	char cwd[PATH_MAX];
	char *real = realpath(path, NULL);

	if (real || path[0] == '/' || !getcwd(cwd, sizeof(cwd)))
		return real ? real : xstrdup(path);
	return xasprintf("%s/%s", cwd, strncmp(path, "./", 2) == 0 ? path + 2 : path);
}

static int configure(struct up *up, const char *config, const char *data, const char *listen_at)
{
	char *data_path = data ? absolute(data) : NULL;
	struct fault why = {0};
	char *made;
	int rc = config_load(config, data_path, listen_at, &up->config, &why);

	free(data_path);
	if (rc != 0)
		return wrong(EX_CONFIG, why.text);
	made = absolute(up->config->data);
	free(up->config->data);
	up->config->data = made;
	if (!config)
		config = getenv("DAYBOOK_CONFIG");
	if (config) {
		up->config_path = absolute(config);
		up->config_dir = xstrdup(up->config_path);
		*strrchr(up->config_dir, '/') = '\0';
	}
	return EX_OK;
}

static int run(int argc, char **argv)
{
	const char *data = getenv("DAYBOOK_DATA"), *listen_at = getenv("DAYBOOK_LISTEN");
	const char *config = NULL;
	struct up up = {.log = getenv("DAYBOOK_LOG"), .lock = -1};
	const struct usage_option options[] = {
		{USAGE_TEXT, "data", "DIR",
		 "where everything is kept (the configuration's: "
		 "./daybook-data)",
		 &data},
		{USAGE_TEXT, "listen", "ADDR:PORT",
		 "where the API listens (127.0.0.1:8080); port 0: "
		 "any free one",
		 &listen_at},
		{USAGE_TEXT, "config", "FILE", "configuration; only what differs from the defaults",
		 &config},
		{USAGE_TEXT, "log", "LEVEL", "error, warn, info or debug", &up.log},
		{0},
	};
	int rc = usage_read(&(struct usage){.command = &COMMAND_UP, .options = options}, argc,
			    argv);

	if (rc != -1)
		return rc;
	privacy_begin();
	rc = configure(&up, config, data, listen_at);
	if (rc == EX_OK) {
		log_open("up", up.log ? up.log : up.config->log);
		up.supervisor.children = children_new(up.config, &up.supervisor.n);
		rc = prepared(&up);
		children_free(&up.supervisor.children, up.supervisor.n);
	}
	config_free(&up.config);
	free(up.config_path);
	free(up.config_dir);
	return rc;
}

const struct command COMMAND_UP = {
	.name = "up",
	.arguments = "[--data DIR] [--listen ADDR:PORT] [--config FILE] [--log LEVEL]",
	.about = "run everything on this machine, until Ctrl-C",
	.more = "Prints \"daybook is ready: URL\" when every process is, and where its page is.\n"
		"One that dies is started again; one that dies ten times within a minute ends\n"
		"everything (exit status 1), but for a stage that was at work: the jobs that kill\n"
		"it fail.\n"
		"A stage's own command (stage.command in the configuration) is run by /bin/sh in\n"
		"this directory and finds DAYBOOK_BROKER, DAYBOOK_DATA and DAYBOOK_CONFIG_DIR in\n"
		"its environment.\n",
	.run = run,
};
