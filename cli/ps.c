/* ps - what `daybook up` runs on a data directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "datadir.h"
#include "usage.h"

struct process {
	const char *name, *state;
	int pid;
	unsigned long restarts;
};

struct consumption {
	unsigned long rss_kib, cpu_ms;
};

/* Fields of /proc/PID/stat that count here, by proc(5); the name in brackets, field 2, may hold
 * anything. */
enum { STAT_STATE = 3, STAT_USER = 14, STAT_SYSTEM = 15, STAT_PAGES = 24, STAT_FIELDS = 25 };

static int consumed(int pid, struct consumption *consumption)
{
	char path[64], text[1024], *at, *rest;
	unsigned long fields[STAT_FIELDS] = {0};
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	at = strrchr(text, ')');
	if (!at || strlen(at) < 4)
		return -1;
	rest = at + 3; /* ") S" */
	for (int i = STAT_STATE + 1; i < STAT_FIELDS; i++)
		fields[i] = strtoul(rest, &rest, 10);
	consumption->rss_kib = fields[STAT_PAGES] * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
	consumption->cpu_ms = (fields[STAT_USER] + fields[STAT_SYSTEM]) * 1000 /
			      (unsigned long)sysconf(_SC_CLK_TCK);
	return 0;
}

/* "name pid state restarts", as up.c writes it. */
static int read_process(char *line, struct process *process)
{
	char *rest = NULL;
	const char *name = strtok_r(line, " \n", &rest), *pid = strtok_r(NULL, " \n", &rest);
	const char *state = strtok_r(NULL, " \n", &rest), *restarts = strtok_r(NULL, " \n", &rest);

	if (!restarts)
		return -1;
	process->name = name;
	process->state = state;
	process->pid = (int)strtol(pid, NULL, 10);
	process->restarts = strtoul(restarts, NULL, 10);
	return 0;
}

static void print_process(const struct process *process, bool json)
{
	struct consumption used = {0};
	const char *state = process->state;

	if (process->pid && consumed(process->pid, &used) != 0)
		state = "gone";
	if (json)
		printf("{\"name\":\"%s\",\"pid\":%d,\"state\":\"%s\",\"restarts\":%lu,"
		       "\"rss_kib\":%lu,\"cpu_ms\":%lu}\n",
		       process->name, process->pid, state, process->restarts, used.rss_kib,
		       used.cpu_ms);
	else
		printf("%-20s %8d  %-6s %8lu %8.1f %10.2f\n", process->name, process->pid, state,
		       process->restarts, (double)used.rss_kib / 1024, (double)used.cpu_ms / 1000);
}

static int print_all(const char *data, bool json)
{
	char path[DATADIR_PATH_SIZE], line[256];
	struct process process;
	FILE *file = NULL;

	if (datadir_run_path(data, "processes", path) == 0 && datadir_is_up(data))
		file = fopen(path, "re");
	if (!file) {
		fprintf(stderr, "daybook ps: no daybook up runs on %s\n", data);
		return EX_UNAVAILABLE;
	}
	if (!json)
		printf("%-20s %8s  %-6s %8s %8s %10s\n", "NAME", "PID", "STATE", "RESTARTS",
		       "RSS MiB", "CPU s");
	while (fgets(line, sizeof(line), file)) {
		if (read_process(line, &process) == 0)
			print_process(&process, json);
	}
	fclose(file);
	return EX_OK;
}

static int run(int argc, char **argv)
{
	const char *data = getenv("DAYBOOK_DATA"), *config_path = NULL;
	bool json = false;
	const struct usage_option table[] = {
		{USAGE_FLAG, "json", NULL, "one JSON object a line", &json},
		{USAGE_TEXT, "data", "DIR", "data directory ($DAYBOOK_DATA)", &data},
		{USAGE_TEXT, "config", "FILE", "configuration", &config_path},
		{0},
	};
	struct usage usage = {.command = &COMMAND_PS, .options = table};
	struct config *config;
	struct fault why = {0};
	int rc = usage_read(&usage, argc, argv);

	if (rc != -1)
		return rc;
	if (config_load(config_path, data, NULL, &config, &why) != 0) {
		fprintf(stderr, "daybook ps: %s\n", why.text);
		return EX_CONFIG;
	}
	rc = print_all(config->data, json);
	config_free(&config);
	return rc;
}

const struct command COMMAND_PS = {
	.name = "ps",
	.arguments = "[--data DIR] [--json]",
	.about = "list the processes that daybook up runs",
	.run = run,
};
