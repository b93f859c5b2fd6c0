/*
 * notices - the supervisor's end of sd_notify: who is ready, who is alive.
 *
 * Shape    a datagram socket in the data directory; the kernel says which process sent what
 *          (SO_PASSCRED), so that nobody can speak for another.
 * Source   sd_notify(3).
 */
#ifndef DAYBOOK_CLI_NOTICES_H
#define DAYBOOK_CLI_NOTICES_H

#include <stdbool.h>
#include <sys/types.h>

#include "fault.h"

struct notice {
	pid_t pid;
	bool ready, alive;
};

/* What lies at `path` from an earlier life is removed. */
int notices_open(const char *path, int *fd, struct fault *why);
/* Never blocks: false = none left. */
bool notices_next(int fd, struct notice *notice);

#endif
