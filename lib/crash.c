#include "crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CRASH_EXIT 137 /* what a shell reports for a process ended by SIGKILL */

static const char *armed;
static size_t armed_len;
static bool armed_stop;
static atomic_int armed_count;

void crash_arm(const char *point)
{
	const char *colon = point ? strrchr(point, ':') : NULL;

	armed = NULL;
	if (!point || !*point)
		return;
	if (strncmp(point, "always=", 7) == 0)
		point += 7; /* for `daybook up`: it arms what it starts again, too */
	armed_stop = strncmp(point, "stop=", 5) == 0;
	armed = armed_stop ? point + 5 : point;
	armed_len = colon ? (size_t)(colon - armed) : strlen(armed);
	armed_count = colon ? (int)strtol(colon + 1, NULL, 10) : 1;
}

void crash_at(const char *point)
{
	if (!armed)
		return;
	if (strlen(point) != armed_len || memcmp(point, armed, armed_len) != 0)
		return;
	if (atomic_fetch_sub(&armed_count, 1) != 1)
		return;
	if (armed_stop)
		raise(SIGSTOP);
	else
		_exit(CRASH_EXIT);
}
