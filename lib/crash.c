#include "crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *armed; /* NULL: no point is armed */
static size_t armed_len;
static unsigned long left;
static bool stops;

void crash_arm(const char *point)
{
	const char *colon;

	armed = NULL;
	if (point == NULL)
		return;
	stops = strncmp(point, "stop=", 5) == 0;
	if (stops)
		point += 5;
	colon = strchr(point, ':');
	armed_len = colon ? (size_t)(colon - point) : strlen(point);
	left = colon ? strtoul(colon + 1, NULL, 10) : 1;
	armed = point;
}

void crash_at(const char *point)
{
	if (armed == NULL || strlen(point) != armed_len || memcmp(point, armed, armed_len) != 0)
		return;
	if (left > 1) {
		left--;
		return;
	}
	armed = NULL; /* a stopped process that is continued goes on */
	if (stops)
		raise(SIGSTOP);
	else
		_exit(137);
}
