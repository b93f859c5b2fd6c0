/*
 * load - sends HTTP requests over kept-alive connections and tells how long the answers took.
 *
 * Shape    one thread, one epoll; each connection has one request under way. Prints one line of
 *          JSON. With --beside DIR every answer is followed by a bare 4 KiB fdatasync there, so
 *          that the disk is measured in the same state as the server.
 * Units    latencies in microseconds.
 * Why      wrk cannot pace requests or write to a disk, and a client in Python would measure
 *          itself: this one makes over 100,000 requests a second on one core.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"

#define REPLY_ROOM 65536
#define DISK_BLOCK 4096

struct connection {
	int fd;
	size_t sent;
	int64_t begun_ns;
	size_t have;
	char reply[REPLY_ROOM];
};

struct load {
	const char *host, *port, *path, *body_file, *type, *disk_dir;
	long connections, requests, every_ms;
	double seconds;
	struct buf request;
	int epoll_fd, disk_fd;
	long started, finished, errors, disk_n;
	double *took_us, *disk_us;
	int64_t end_ns;
	char first_error[128];
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *sorted, long n, double q)
{
	return n == 0 ? 0 : sorted[(long)(q * (double)(n - 1) + 0.5)];
}

static void connect_to(struct load *l, struct connection *c)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(l->port))};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
	int one = 1;

	inet_pton(AF_INET, l->host, &to.sin_addr);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd == -1 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, c->fd, &event) != 0)
		die("epoll");
}

/* The bodies sent here are small: a blocking send is over at once. */
static void send_request(struct load *l, struct connection *c)
{
	size_t sent = 0;

	l->started++;
	c->have = 0;
	c->begun_ns = now_ns();
	while (sent < l->request.len) {
		ssize_t n = send(c->fd, l->request.at + sent, l->request.len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			die("send");
		sent += (size_t)n;
	}
}

/* Whether the whole answer is there; -1 for one without a length. */
static int is_complete(struct connection *c)
{
	char *end, *length;

	c->reply[c->have] = '\0';
	end = strstr(c->reply, "\r\n\r\n");
	if (!end)
		return 0;
	length = strcasestr(c->reply, "content-length:");
	if (!length || length > end)
		return -1;
	return c->have >= (size_t)(end + 4 - c->reply) + strtoul(length + 15, NULL, 10);
}

static void sync_disk(struct load *l)
{
	static const char block[DISK_BLOCK] = "daybook";
	int64_t begun_ns = now_ns();

	if (pwrite(l->disk_fd, block, sizeof(block), 0) != sizeof(block) || fdatasync(l->disk_fd))
		die("fdatasync");
	l->disk_us[l->disk_n++] = (double)(now_ns() - begun_ns) / 1e3;
}

static bool is_over(const struct load *l)
{
	return l->started >= l->requests || now_ns() >= l->end_ns;
}

static void pause_until(int64_t at_ns)
{
	int64_t left_ns = at_ns - now_ns();
	struct timespec t = {left_ns / 1000000000, left_ns % 1000000000};

	if (left_ns > 0)
		nanosleep(&t, NULL);
}

static void finish_request(struct load *l, struct connection *c)
{
	int64_t done_ns = now_ns();

	if (c->have < 12 || c->reply[9] != '2') {
		if (l->errors++ == 0)
			snprintf(l->first_error, sizeof(l->first_error), "%.*s",
				 (int)strcspn(c->reply, "\r\n\""), c->reply);
	}
	l->took_us[l->finished++] = (double)(done_ns - c->begun_ns) / 1e3;
	if (l->disk_dir)
		sync_disk(l);
	if (is_over(l))
		return;
	if (l->every_ms > 0)
		pause_until(c->begun_ns + l->every_ms * 1000000);
	send_request(l, c);
}

static void read_reply(struct load *l, struct connection *c)
{
	ssize_t n = recv(c->fd, c->reply + c->have, REPLY_ROOM - 1 - c->have, MSG_DONTWAIT);
	int complete;

	if (n <= 0) {
		fprintf(stderr, "load: the server closed the connection\n");
		exit(1);
	}
	c->have += (size_t)n;
	complete = is_complete(c);
	if (complete == -1) {
		fprintf(stderr, "load: an answer without Content-Length\n");
		exit(1);
	}
	if (complete)
		finish_request(l, c);
}

static void run(struct load *l)
{
	struct connection *connections = xcalloc((size_t)l->connections, sizeof(*connections));
	struct epoll_event events[64];

	for (long i = 0; i < l->connections; i++)
		connect_to(l, &connections[i]);
	for (long i = 0; i < l->connections && !is_over(l); i++)
		send_request(l, &connections[i]);
	while (l->finished < l->started) {
		int n = epoll_wait(l->epoll_fd, events, 64, 60000);

		if (n == 0) {
			fprintf(stderr, "load: no answer for a minute\n");
			exit(1);
		}
		for (int i = 0; i < n; i++)
			read_reply(l, events[i].data.ptr);
	}
	free(connections);
}

static void read_body(const char *path, struct buf *body)
{
	FILE *in = fopen(path, "r");
	char chunk[4096];
	size_t n;

	if (!in)
		die(path);
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_add(body, chunk, n);
	fclose(in);
}

static void build_request(struct load *l)
{
	struct buf body = {0};

	if (l->body_file)
		read_body(l->body_file, &body);
	buf_format(&l->request, "%s %s HTTP/1.1\r\nHost: %s:%s\r\n", l->body_file ? "POST" : "GET",
		   l->path, l->host, l->port);
	if (l->body_file)
		buf_format(&l->request, "Content-Type: %s\r\nContent-Length: %zu\r\n", l->type,
			   body.len);
	buf_text(&l->request, "\r\n");
	buf_add(&l->request, body.at, body.len);
	buf_release(&body);
}

static void open_disk(struct load *l)
{
	char path[4096], zero[DISK_BLOCK] = {0};

	snprintf(path, sizeof(path), "%s/fdatasync.probe", l->disk_dir);
	l->disk_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (l->disk_fd == -1 || pwrite(l->disk_fd, zero, sizeof(zero), 0) != sizeof(zero) ||
	    fsync(l->disk_fd) != 0)
		die(path);
	unlink(path);
}

static void print_latency(const char *name, double *us, long n)
{
	qsort(us, (size_t)n, sizeof(*us), compare);
	printf("\"%s\": {\"n\": %ld, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"max\": %.1f}, ",
	       name, n, quantile(us, n, 0.5), quantile(us, n, 0.9), quantile(us, n, 0.99),
	       quantile(us, n, 1));
}

static int usage(void)
{
	fprintf(stderr,
		"usage: load [--connections N] [--requests N] [--seconds S] [--every-ms N]\n"
		"            [--body FILE --type TYPE] [--beside DIR] HOST PORT PATH\n");
	return 64;
}

static int read_options(struct load *l, int argc, char **argv)
{
	static const struct option options[] = {
		{"connections", 1, NULL, 'c'}, {"requests", 1, NULL, 'n'},
		{"seconds", 1, NULL, 's'},     {"every-ms", 1, NULL, 'e'},
		{"body", 1, NULL, 'b'},	       {"type", 1, NULL, 't'},
		{"beside", 1, NULL, 'd'},      {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			l->connections = atol(optarg);
			break;
		case 'n':
			l->requests = atol(optarg);
			break;
		case 's':
			l->seconds = atof(optarg);
			break;
		case 'e':
			l->every_ms = atol(optarg);
			break;
		case 'b':
			l->body_file = optarg;
			break;
		case 't':
			l->type = optarg;
			break;
		case 'd':
			l->disk_dir = optarg;
			break;
		default:
			return -1;
		}
	}
	if (argc - optind != 3 || l->connections < 1 || l->requests < 1)
		return -1;
	l->host = argv[optind];
	l->port = argv[optind + 1];
	l->path = argv[optind + 2];
	return 0;
}

int main(int argc, char **argv)
{
	struct load l = {
		.connections = 1, .requests = 1000000, .seconds = 3600, .type = "application/json"};
	int64_t begun_ns;
	double seconds;

	if (read_options(&l, argc, argv) != 0)
		return usage();
	build_request(&l);
	if (l.disk_dir)
		open_disk(&l);
	l.took_us = xcalloc((size_t)l.requests, sizeof(double));
	l.disk_us = xcalloc((size_t)l.requests, sizeof(double));
	l.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	begun_ns = now_ns();
	l.end_ns = begun_ns + (int64_t)(l.seconds * 1e9);
	run(&l);
	seconds = (double)(now_ns() - begun_ns) / 1e9;
	printf("{");
	print_latency("latency_us", l.took_us, l.finished);
	if (l.disk_dir)
		print_latency("fdatasync_us", l.disk_us, l.disk_n);
	printf("\"seconds\": %.6f, \"rate\": %.1f, \"errors\": %ld, \"first_error\": \"%s\"}\n",
	       seconds, (double)l.finished / seconds, l.errors, l.first_error);
	buf_release(&l.request);
	free(l.took_us);
	free(l.disk_us);
	return l.errors ? 1 : 0;
}
