/*
 * server - one thread, one epoll: HTTP, the broker's answers, its events, what was done aside.
 *
 * Shape    libmicrohttpd runs without threads of its own; its epoll descriptor lies in ours beside
 *          those of the two ZeroMQ sockets, of the helpers (aside.h) and of signals.
 *          A connection has 30 s from its start or its last answer to send a whole header, and a
 *          body must come at 256 bytes a second or faster.
 * Errors   server_open: INPUT "listen-..." for an address that cannot be used (78), RETRY
 *          "listen-busy" for a port that another program has (69).
 * Owns     server_open gives. The parts are shared with the handlers of requests.
 */
#ifndef DAYBOOK_STATUS_API_SERVER_H
#define DAYBOOK_STATUS_API_SERVER_H

#include <microhttpd.h>

#include "access.h"
#include "aside.h"
#include "broker_client.h"
#include "config.h"
#include "conn.h"
#include "events.h"
#include "meter.h"
#include "recent.h"

struct streams;

struct server {
	const struct config *config;
	struct MHD_Daemon *http;
	struct broker_client *broker;
	struct hub *hub;
	struct aside *disk;  /* syncs uploads */
	struct aside *books; /* reads books */
	struct access *access;
	struct meter *meter;
	struct recent *recent;
	struct conn_list *conns;
	struct streams *streams;
	char *blobs, *books_dir; /* where uploads and books are */
	struct crowd *crowd;
	int n_requests; /* without an answer yet */
	int epoll, listener, signals;
	uint16_t port;
	bool stopping;
	int64_t stop_ms; /* when waiting for what is in flight ends */
	int64_t tick_ms;
	unsigned ticks;
};

int server_open(const struct config *config, struct server **server, struct fault *why);
/* Until SIGTERM or SIGINT; what is in flight then has 5 s. */
void server_run(struct server *server);
void server_close(struct server **server);

#endif
