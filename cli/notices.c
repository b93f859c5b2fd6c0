#include "notices.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int notices_open(const char *path, int *fd, struct fault *why)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int yes = 1;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	*fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd != -1 && setsockopt(*fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) == 0 &&
	    bind(*fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chmod(path, 0600) == 0)
		return 0;
	fault_errno(why, "listening for what children say");
	if (*fd != -1)
		close(*fd);
	return -1;
}

static pid_t sender(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct ucred who;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&who, CMSG_DATA(c), sizeof(who));
		return who.pid;
	}
	return 0;
}

/* Whether `line` is one of the lines of `text`. */
static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	while (*text) {
		size_t here = strcspn(text, "\n");

		if (here == len && memcmp(text, line, len) == 0)
			return true;
		text += here + (text[here] == '\n');
	}
	return false;
}

bool notices_next(int fd, struct notice *notice)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char text[1024];
	struct iovec part = {.iov_base = text, .iov_len = sizeof(text) - 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t len = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

	if (len < 0)
		return false;
	text[len] = '\0';
	*notice = (struct notice){.pid = sender(&message)};
	notice->ready = has_line(text, "READY=1");
	notice->alive = has_line(text, "WATCHDOG=1");
	return true;
}
