/*
 * child - one process that `daybook up` keeps running, and how it is started.
 *
 * Shape    a child leads a process group of its own (Ctrl-C reaches `up` alone, which stops things
 *          in order), reads /dev/null, writes where `up` writes its errors, and dies with `up`.
 * Owns     struct child owns its strings; children_free() frees a list.
 */
#ifndef DAYBOOK_CLI_CHILD_H
#define DAYBOOK_CLI_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config.h"

/* Ended in the reverse order: workers hand back what they hold while the broker is there. */
enum child_rank { RANK_BROKER, RANK_API, RANK_STAGE, RANKS };

#define CHILD_DEATHS_MAX 10 /* deaths within CHILD_DEATHS_MS that are too many */

struct child {
	char name[NAME_SIZE + 16]; /* "rules", "rules-2" */
	char stage[NAME_SIZE];	   /* empty: none */
	enum child_rank rank;
	char *path;    /* program of ours; NULL: command */
	char *command; /* by /bin/sh */
	uint32_t watchdog_ms;
	/* as it runs */
	pid_t pid; /* 0: not now */
	bool ready, watched;
	int64_t started_ms, alive_ms;
	int64_t next_ms; /* not started before */
	uint32_t backoff_ms, starts;
	int64_t deaths[CHILD_DEATHS_MAX]; /* a ring */
	uint32_t n_deaths, n_hopeless;
};

/* What all children are given. */
struct child_setting {
	const char *data, *config, *config_dir, *broker, *listen, *log, *notify;
};

/* The children that `config` asks for, in order of rank. */
struct child *children_new(const struct config *config, int *n);
void children_free(struct child **children, int n);
/* Forks; returns the pid or -1 with errno. */
pid_t child_start(const struct child *child, const struct child_setting *setting);
/* "exit status 70", "signal 9 (Killed)". */
void child_end_text(int status, char *out, size_t size);

#endif
