#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "span.h"

#define BACKLOG 4096

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;

		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	}
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

/* Splits "host:port", "[v6]:port" or "*:port" (NULL: every address). */
static int split(const char *where, char host[256], const char **port, struct fault *why)
{
	const char *colon = strrchr(where, ':');
	size_t len = colon ? (size_t)(colon - where) : 0;
	uint64_t number;

	if (len == 0 || len >= 256 || span_u64(span_text(colon + 1), &number) != 0 ||
	    number > 65535)
		return fault_set(why, FAULT_INPUT, "listen-address",
				 "cannot listen on '%s': HOST:PORT is needed", where);
	if (where[0] == '[' && where[len - 1] == ']') {
		where++;
		len -= 2;
	}
	memcpy(host, where, len);
	host[len] = '\0';
	*port = colon + 1;
	return 0;
}

static int resolve(const char *where, bool loopback_only, struct addrinfo **found,
		   struct fault *why)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	const char *port = NULL;
	char host[256];
	int rc;

	if (split(where, host, &port, why) != 0)
		return -1;
	rc = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints, found);
	if (rc != 0)
		return fault_set(why, FAULT_INPUT, "listen-address", "cannot listen on '%s': %s",
				 where, gai_strerror(rc));
	for (const struct addrinfo *a = *found; a && loopback_only; a = a->ai_next) {
		if (is_loopback(a->ai_addr))
			continue;
		freeaddrinfo(*found);
		fault_set(why, FAULT_INPUT, "listen-open",
			  "%s can be reached from other machines, and no keys are configured",
			  where);
		return fault_hint(why, "configure access.keys_file, or listen on 127.0.0.1");
	}
	return 0;
}

static uint16_t port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {.v6 = {0}};
	socklen_t len = sizeof(address);

	if (getsockname(fd, &address.any, &len) != 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

int listen_open(const char *where, bool loopback_only, int *fd, uint16_t *port, struct fault *why)
{
	struct addrinfo *found = NULL;
	const int on = 1;
	int socket_fd;

	if (resolve(where, loopback_only, &found, why) != 0)
		return -1;
	socket_fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (socket_fd == -1 ||
	    setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(socket_fd, found->ai_addr, found->ai_addrlen) != 0 ||
	    listen(socket_fd, BACKLOG) != 0)
		goto err;
	freeaddrinfo(found);
	*port = port_of(socket_fd);
	*fd = socket_fd;
	return 0;
err:
	if (errno == EADDRINUSE) {
		fault_set(why, FAULT_RETRY, "listen-busy", "another program already listens on %s",
			  where);
		fault_hint(why, "stop it, or choose another port: --listen 127.0.0.1:8081");
	} else {
		fault_set(why, FAULT_INPUT, "listen-address", "cannot listen on %s: %s", where,
			  strerror(errno));
	}
	if (socket_fd != -1)
		close(socket_fd);
	freeaddrinfo(found);
	return -1;
}

int listen_tell(const char *data, uint16_t port, struct fault *why)
{
	char *dir = xasprintf("%s/run", data), *path = xasprintf("%s/http.port", dir);
	char *tmp = xasprintf("%s.tmp", path);
	FILE *file;
	int rc = 0;

	mkdir(dir, 0700); /* exists, or the open says what is wrong */
	file = fopen(tmp, "we");
	if (file == NULL || fprintf(file, "%u\n", port) < 0)
		rc = fault_errno(why, "writing run/http.port");
	if (file && fclose(file) != 0 && rc == 0)
		rc = fault_errno(why, "writing run/http.port");
	if (rc == 0 && rename(tmp, path) != 0)
		rc = fault_errno(why, "naming run/http.port");
	free(dir);
	free(path);
	free(tmp);
	return rc;
}
