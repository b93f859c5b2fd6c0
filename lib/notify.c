#include "notify.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ALIVE_EVERY_MS 500

static bool ready_unsaid; /* the supervisor's queue was full when this process became ready */

/* False: it had no room, or there was no descriptor or memory to say it with. */
static bool notify_send(const char *message)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd, before = errno;
	bool sent;

	if (len < 2 || len >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
		return true;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	/* A supervisor that is gone or full is no reason for us to fail or to wait. */
	sent = sendto(fd, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL,
		      (const struct sockaddr *)&to,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) != -1;
	close(fd);
	errno = before;
	return sent;
}

void notify_ready(void)
{
	ready_unsaid = !notify_send("READY=1");
}

void notify_alive(void)
{
	static int64_t last_ms = -ALIVE_EVERY_MS;
	struct timespec now;
	int64_t now_ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (now_ms - last_ms < ALIVE_EVERY_MS)
		return;
	last_ms = now_ms;
	if (ready_unsaid)
		notify_ready();
	if (getenv("WATCHDOG_USEC"))
		notify_send("WATCHDOG=1");
}

void notify_text(const char *text)
{
	char line[512];

	snprintf(line, sizeof line, "STATUS=%s", text ? text : "");
	line[strcspn(line, "\r\n")] = '\0';
	notify_send(line);
}
