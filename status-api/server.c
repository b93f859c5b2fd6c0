#include "server.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blob.h"
#include "bookview.h"
#include "clock.h"
#include "crowd.h"
#include "listen.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "request.h"
#include "route.h"
#include "stream.h"

#define POOL_BYTES	8192 /* of a connection: headers, and what goes in and out */
#define IDLE_S		30   /* a silent connection */
#define STOP_MS		5000 /* what is in flight at the end */
#define DISK_HELPERS	4    /* fsyncs at the same time share one journal commit */
#define FILES_RESERVED	256  /* descriptors that are no connections: uploads, books, sockets */
#define CONNECTIONS_MAX 50000

/* ---- MHD's callbacks ---- */

static enum MHD_Result reply(struct request *r)
{
	return MHD_queue_response(r->connection, r->status, r->response);
}

static struct request *begin(struct server *server, struct MHD_Connection *connection,
			     const char *url, const char *method)
{
	struct request *r = request_new(server, connection);

	request_open(r, method, url);
	conn_begin(server->conns, connection, r->has_body ? &r->received : NULL);
	return r;
}

/* Called with the header, then with each piece of the body, then once more, and again after each
 * resume, until there is an answer. */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *data_len, void **own)
{
	struct server *server = cls;
	struct request *r = *own;

	(void)version;
	if (r == NULL) {
		r = *own = begin(server, connection, url, method);
		return r->response && r->drain_left == 0 ? reply(r) : MHD_YES;
	}
	if (*data_len) {
		int rc = request_receive(r, span_of(data, *data_len));

		*data_len = 0;
		return rc == 0 ? MHD_YES : MHD_NO;
	}
	if (!r->begun) {
		r->begun = true;
		if (r->has_body)
			conn_received(server->conns, connection);
		if (r->response == NULL)
			r->route->run(r);
	}
	if (r->response)
		return reply(r);
	r->suspended = true;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

static void completed(void *cls, struct MHD_Connection *connection, void **own,
		      enum MHD_RequestTerminationCode code)
{
	struct server *server = cls;
	struct request *r = *own;
	int route;
	bool timed;

	(void)code;
	if (r == NULL)
		return;
	route = r->route ? (int)(r->route - route_at(0)) : route_count();
	timed = r->route && !(r->route->flags & ROUTE_STREAM);
	if (r->status)
		meter_count(server->meter, route, r->status,
			    timed ? meter_now_us() - r->began_us : -1);
	conn_end(server->conns, connection);
	request_free(&r);
	*own = NULL;
}

static void say(void *cls, const char *format, va_list args)
{
	char line[256];

	(void)cls;
	vsnprintf(line, sizeof(line), format, args);
	line[strcspn(line, "\n")] = '\0';
	log_debug("http: %s", line);
}

/* ---- start ---- */

static unsigned connections_max(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return 512;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < 2 * FILES_RESERVED)
		return FILES_RESERVED / 2;
	return files.rlim_cur - FILES_RESERVED < CONNECTIONS_MAX
		       ? (unsigned)(files.rlim_cur - FILES_RESERVED)
		       : CONNECTIONS_MAX;
}

static int http_open(struct server *s, struct fault *why)
{
	s->http = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle,
		s, MHD_OPTION_EXTERNAL_LOGGER, say, NULL, MHD_OPTION_LISTEN_SOCKET, s->listener,
		MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_NOTIFY_CONNECTION,
		conn_notify, s->conns, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
		MHD_OPTION_CONNECTION_LIMIT, connections_max(), MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)s->config->connections_per_address, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (s->http == NULL)
		return fault_set(why, FAULT_JOB, "http-start", "the HTTP server did not start");
	return 0;
}

static int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* before there are threads: they inherit it */
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int loop_add(struct server *s, int fd, struct fault *why)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (fd < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		return fault_errno(why, "watching a descriptor");
	return 0;
}

static int loop_open(struct server *s, struct fault *why)
{
	const union MHD_DaemonInfo *http = MHD_get_daemon_info(s->http, MHD_DAEMON_INFO_EPOLL_FD);

	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll == -1)
		return fault_errno(why, "watching descriptors");
	if (loop_add(s, http->epoll_fd, why) != 0 ||
	    loop_add(s, broker_client_fd(s->broker), why) != 0 ||
	    loop_add(s, events_fd(s->hub), why) != 0 || loop_add(s, aside_fd(s->disk), why) != 0 ||
	    loop_add(s, aside_fd(s->books), why) != 0)
		return -1;
	return loop_add(s, s->signals, why);
}

static int bus_open(struct server *s, struct fault *why)
{
	char control[256], events[256];

	config_endpoint(s->config, "control", control);
	config_endpoint(s->config, "events", events);
	if (broker_client_open(control, &s->broker, why) != 0)
		return -1;
	return events_open(events, s->broker, s->recent, &s->hub, why);
}

/* What a start before us left half written can only be an upload that nobody was promised. */
static void uploads_open(struct server *s)
{
	s->blobs = xasprintf("%s/blobs", s->config->data);
	s->books_dir = xasprintf("%s/books", s->config->data);
	mkdir(s->config->data, 0700); /* exists, or the first upload says what is wrong */
	blob_sweep(s->blobs);
	s->disk = aside_new(DISK_HELPERS, NULL);
	s->books = bookview_helpers(s->books_dir);
}

int server_open(const struct config *config, struct server **server, struct fault *why)
{
	struct server *s = xcalloc(1, sizeof(*s));

	s->config = config;
	s->listener = s->epoll = -1;
	s->signals = signals_open();
	if (access_open(config->keys_file, &s->access, why) != 0 ||
	    listen_open(config->listen, !access_has_keys(s->access), &s->listener, &s->port, why))
		goto err;
	uploads_open(s);
	s->conns = conn_list_new();
	s->crowd = crowd_new(config->requests_per_tenant);
	s->streams = streams_new();
	s->recent = recent_new();
	s->meter = meter_new(route_count());
	if (bus_open(s, why) != 0 || http_open(s, why) != 0 || loop_open(s, why) != 0 ||
	    listen_tell(config->data, s->port, why) != 0)
		goto err;
	*server = s;
	return 0;
err:
	server_close(&s);
	return -1;
}

/* ---- run ---- */

static void stop(struct server *s)
{
	if (s->stopping)
		return;
	log_info("stopping: %d requests in flight", s->n_requests);
	s->stopping = true;
	s->stop_ms = clock_ms() + STOP_MS;
	MHD_quiesce_daemon(s->http);
	close(s->listener);
	s->listener = -1;
	streams_end(s->streams);
}

static void tick(struct server *s)
{
	struct signalfd_siginfo signal;

	if (read(s->signals, &signal, sizeof(signal)) == sizeof(signal))
		stop(s);
	if (clock_ms() < s->tick_ms)
		return;
	s->tick_ms = clock_ms() + STREAM_TICK_MS;
	broker_client_tick(s->broker);
	streams_tick(s->streams);
	if (++s->ticks % (1000 / STREAM_TICK_MS))
		return;
	access_tick(s->access);
	conn_tick(s->conns);
	events_tick(s->hub);
	notify_alive();
}

/* Everything that can be done without waiting; true: there may be more. */
static bool work(struct server *s)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	int n;

	MHD_run(s->http);
	/* after MHD_run: what it sent may have taken the sockets' wake-up with it */
	n = broker_client_receive(s->broker) + events_receive(s->hub) + aside_collect(s->disk) +
	    aside_collect(s->books);
	return n > 0 || (MHD_get_timeout(s->http, &wait_ms) == MHD_YES && wait_ms == 0);
}

void server_run(struct server *s)
{
	struct epoll_event events[8];

	notify_ready();
	notify_text("serving");
	while (!s->stopping || (s->n_requests > 0 && clock_ms() < s->stop_ms)) {
		/* MHD's own time-outs are seconds; the tick is always sooner */
		if (!work(s))
			epoll_wait(s->epoll, events, ARRAY_LEN(events), STREAM_TICK_MS);
		tick(s);
	}
}

/* Nobody may be suspended when MHD stops: what still waits is told that there is no answer. */
static void end_requests(struct server *s)
{
	aside_free(&s->disk);
	aside_free(&s->books);
	broker_client_give_up(s->broker);
	for (int i = 0; i < 100 && s->n_requests > 0; i++)
		MHD_run(s->http);
}

void server_close(struct server **server)
{
	struct server *s = *server;

	*server = NULL;
	if (s == NULL)
		return;
	if (s->http) {
		end_requests(s);
		MHD_stop_daemon(s->http);
	}
	aside_free(&s->disk);
	aside_free(&s->books);
	events_close(&s->hub);
	broker_client_close(&s->broker);
	sock_shutdown();
	access_close(&s->access);
	conn_list_free(&s->conns);
	crowd_free(&s->crowd);
	streams_free(&s->streams);
	recent_free(&s->recent);
	meter_free(&s->meter);
	if (s->epoll != -1)
		close(s->epoll);
	if (s->signals != -1)
		close(s->signals);
	free(s->blobs);
	free(s->books_dir);
	free(s);
}
