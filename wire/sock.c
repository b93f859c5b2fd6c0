#include "sock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/un.h>
#include <zmq.h>

#include "mem.h"
#include "trace.h"

#define WAIT_MAX  16   /* sockets that one sock_wait() watches */
#define LINGER_MS 1000 /* a last answer still goes out when a process stops */

struct sock {
	void *zmq;
	enum sock_kind kind;
};

struct sock_msg {
	struct sock_peer peer;
	int n;
	zmq_msg_t frames[SOCK_FRAMES_MAX + 1];
};

static void *context;

static int zmq_fault(struct fault *why, const char *doing)
{
	int error = zmq_errno();

	/* Within a message of several frames there is no way back: the next one would be taken for
	 * the rest of it. */
	if (error == ENOMEM)
		mem_out();
	if (error == EAGAIN)
		return fault_set(why, FAULT_RETRY, "peer-full", "%s: its queue is full", doing);
	if (error == EHOSTUNREACH)
		return fault_set(why, FAULT_RETRY, "peer-gone", "%s: it is gone", doing);
	return fault_set(why, FAULT_RETRY, "socket", "%s: %s", doing, zmq_strerror(error));
}

static void set_int(void *zmq, int option, int value)
{
	zmq_setsockopt(zmq, option, &value, sizeof(value));
}

static void *zmq_kind(enum sock_kind kind)
{
	static const int kinds[] = {ZMQ_ROUTER, ZMQ_DEALER, ZMQ_XPUB, ZMQ_SUB, ZMQ_DEALER};

	return zmq_socket(context, kinds[kind]);
}

/* ZMQ_HEARTBEAT_IVL stays 0: libzmq 4.3.4 aborts when it meets back-pressure (libzmq#4767). */
static void set_options(struct sock *sock)
{
	int64_t size_max = WIRE_FRAME_MAX + 4096;

	set_int(sock->zmq, ZMQ_SNDHWM, SOCK_HWM);
	set_int(sock->zmq, ZMQ_RCVHWM, SOCK_HWM);
	set_int(sock->zmq, ZMQ_LINGER, LINGER_MS);
	set_int(sock->zmq, ZMQ_HANDSHAKE_IVL, 5000);
	zmq_setsockopt(sock->zmq, ZMQ_MAXMSGSIZE, &size_max, sizeof(size_max));
	if (sock->kind == SOCK_ROUTER)
		set_int(sock->zmq, ZMQ_ROUTER_MANDATORY, 1);
	if (sock->kind == SOCK_WORKER)
		set_int(sock->zmq, ZMQ_IMMEDIATE, 1);
	if (sock->kind == SOCK_XPUB)
		set_int(sock->zmq, ZMQ_XPUB_NODROP, 0); /* a slow subscriber loses, nobody waits */
	set_int(sock->zmq, ZMQ_RECONNECT_IVL, 50);
	set_int(sock->zmq, ZMQ_RECONNECT_IVL_MAX, 1000);
}

static int check_endpoint(const char *endpoint, struct fault *why)
{
	if (strncmp(endpoint, "ipc://", 6) != 0)
		return fault_set(why, FAULT_JOB, "tcp-needs-curve",
				 "%s: only ipc:// endpoints are served without encryption",
				 endpoint);
	if (strlen(endpoint + 6) < sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return 0;
	fault_set(why, FAULT_JOB, "path-too-long", "%s: a socket's path has at most %zu bytes",
		  endpoint, sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
	return fault_hint(why, "choose a data directory with a shorter path");
}

int sock_open(enum sock_kind kind, const char *endpoint, bool bind, struct sock **sock,
	      struct fault *why)
{
	struct sock *s;
	int rc;

	if (check_endpoint(endpoint, why) != 0)
		return -1;
	if (context == NULL)
		context = zmq_ctx_new();
	s = xcalloc(1, sizeof(*s));
	s->kind = kind;
	s->zmq = zmq_kind(kind);
	if (s->zmq == NULL) {
		free(s);
		return zmq_fault(why, "open socket");
	}
	set_options(s);
	rc = bind ? zmq_bind(s->zmq, endpoint) : zmq_connect(s->zmq, endpoint);
	if (rc != 0) {
		fault_set(why, FAULT_JOB, "socket", "%s %s: %s", bind ? "bind" : "connect",
			  endpoint, zmq_strerror(zmq_errno()));
		sock_close(&s);
		return -1;
	}
	*sock = s;
	return 0;
}

void sock_close(struct sock **sock)
{
	if (*sock == NULL)
		return;
	zmq_close((*sock)->zmq);
	free(*sock);
	*sock = NULL;
}

void sock_shutdown(void)
{
	if (context)
		zmq_ctx_term(context);
	context = NULL;
	trace_close();
}

int sock_subscribe(struct sock *sock, const char *topic, struct fault *why)
{
	if (zmq_setsockopt(sock->zmq, ZMQ_SUBSCRIBE, topic, strlen(topic)) != 0)
		return zmq_fault(why, "subscribe");
	return 0;
}

int sock_fd(struct sock *sock)
{
	int fd = -1;
	size_t size = sizeof(fd);

	zmq_getsockopt(sock->zmq, ZMQ_FD, &fd, &size);
	return fd;
}

/* ---- send ---- */

static int send_bytes(struct sock *sock, struct span bytes, bool more)
{
	return zmq_send(sock->zmq, bytes.len ? bytes.at : "", bytes.len,
			ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
}

static int send_peer(struct sock *sock, const struct sock_peer *peer)
{
	if (sock->kind != SOCK_ROUTER)
		return 0;
	return zmq_send(sock->zmq, peer->id, peer->len, ZMQ_DONTWAIT | ZMQ_SNDMORE);
}

int sock_send_frames(struct sock *sock, const struct sock_peer *peer, const struct span *frames,
		     int n, struct fault *why)
{
	if (send_peer(sock, peer) < 0)
		return zmq_fault(why, "send");
	for (int i = 0; i < n; i++) {
		if (send_bytes(sock, frames[i], i + 1 < n) < 0)
			return zmq_fault(why, "send");
	}
	trace_write(true, sock->kind, peer, frames, n);
	return 0;
}

int sock_send(struct sock *sock, const struct sock_peer *peer, struct span message,
	      struct span payload, struct fault *why)
{
	struct span frames[2] = {message, payload};

	return sock_send_frames(sock, peer, frames, payload.len ? 2 : 1, why);
}

int sock_forward(struct sock *sock, const struct sock_peer *peer, struct span message,
		 struct sock_msg *msg, int frame, struct fault *why)
{
	struct span frames[2] = {message, sock_msg_frame(msg, frame)};
	zmq_msg_t copy;

	zmq_msg_init(&copy);
	zmq_msg_copy(&copy, &msg->frames[frame]); /* shares the bytes */
	if (send_peer(sock, peer) < 0 || send_bytes(sock, message, true) < 0 ||
	    zmq_msg_send(&copy, sock->zmq, ZMQ_DONTWAIT) < 0) {
		zmq_fault(why, "send");
		zmq_msg_close(&copy);
		return -1;
	}
	trace_write(true, sock->kind, peer, frames, 2);
	return 0;
}

/* ---- receive ---- */

struct sock_msg *sock_msg_new(void)
{
	return xcalloc(1, sizeof(struct sock_msg));
}

static void clear(struct sock_msg *msg)
{
	for (int i = 0; i < msg->n; i++)
		zmq_msg_close(&msg->frames[i]);
	msg->n = 0;
	msg->peer.len = 0;
}

void sock_msg_release(struct sock_msg **msg)
{
	if (*msg == NULL)
		return;
	clear(*msg);
	free(*msg);
	*msg = NULL;
}

static int recv_peer(struct sock *sock, struct sock_msg *msg, bool *more)
{
	int n = zmq_recv(sock->zmq, msg->peer.id, sizeof(msg->peer.id), ZMQ_DONTWAIT);
	int rest = 0;
	size_t size = sizeof(rest);

	if (n < 0)
		return -1;
	msg->peer.len = (uint8_t)(n > (int)sizeof(msg->peer.id) ? (int)sizeof(msg->peer.id) : n);
	zmq_getsockopt(sock->zmq, ZMQ_RCVMORE, &rest, &size);
	*more = rest;
	return 0;
}

static void trace_msg(const struct sock *sock, const struct sock_msg *msg)
{
	struct span frames[SOCK_FRAMES_MAX + 1];

	if (!trace_is_on())
		return;
	for (int i = 0; i < msg->n; i++)
		frames[i] = sock_msg_frame(msg, i);
	trace_write(false, sock->kind, sock->kind == SOCK_ROUTER ? &msg->peer : NULL, frames,
		    msg->n);
}

int sock_recv(struct sock *sock, struct sock_msg *msg, struct fault *why)
{
	bool more = true, too_many = false;
	zmq_msg_t *frame, surplus = {{0}};

	clear(msg);
	if (sock->kind == SOCK_ROUTER && recv_peer(sock, msg, &more) != 0)
		return 1;
	while (more) {
		too_many = msg->n > SOCK_FRAMES_MAX;
		frame = too_many ? &surplus : &msg->frames[msg->n];
		zmq_msg_init(frame);
		if (zmq_msg_recv(frame, sock->zmq, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(frame);
			return msg->n == 0 ? 1 : zmq_fault(why, "receive");
		}
		more = zmq_msg_more(frame);
		if (too_many)
			zmq_msg_close(frame);
		else
			msg->n++;
	}
	if (too_many) {
		clear(msg);
		return fault_set(why, FAULT_INPUT, "wire-frames", "more than %d frames",
				 SOCK_FRAMES_MAX + 1);
	}
	trace_msg(sock, msg);
	return 0;
}

const struct sock_peer *sock_msg_peer(const struct sock_msg *msg)
{
	return &msg->peer;
}

int sock_msg_frames(const struct sock_msg *msg)
{
	return msg->n;
}

struct span sock_msg_frame(const struct sock_msg *msg, int i)
{
	zmq_msg_t *frame;

	if (i >= msg->n)
		return span_of("", 0);
	frame = (zmq_msg_t *)(uintptr_t)&msg->frames[i]; /* zmq_msg_data takes no const */
	return span_of(zmq_msg_data(frame), zmq_msg_size(frame));
}

/* ZMQ_EVENTS first: what has arrived already shows there and needs no system call. */
static int ready_now(struct sock *const *socks, int n, bool *ready)
{
	int count = 0;

	for (int i = 0; i < n; i++) {
		int events = 0;
		size_t size = sizeof(events);

		zmq_getsockopt(socks[i]->zmq, ZMQ_EVENTS, &events, &size);
		ready[i] = (events & ZMQ_POLLIN) != 0;
		count += ready[i];
	}
	return count;
}

int sock_wait(struct sock *const *socks, int n, int extra_fd, int timeout_ms, bool *ready)
{
	zmq_pollitem_t items[WAIT_MAX + 1];
	bool extra = extra_fd >= 0;
	int count = ready_now(socks, n, ready);

	assert(n <= WAIT_MAX);
	/* The other descriptor must not starve behind a socket that is never empty. */
	if (count > 0 && !extra)
		return count;
	for (int i = 0; i < n; i++)
		items[i] = (zmq_pollitem_t){.socket = socks[i]->zmq, .events = ZMQ_POLLIN};
	if (extra)
		items[n] = (zmq_pollitem_t){.fd = extra_fd, .events = ZMQ_POLLIN};
	if (zmq_poll(items, n + extra, count > 0 ? 0 : timeout_ms) <= 0)
		return count;
	count = 0;
	for (int i = 0; i < n; i++) {
		ready[i] = items[i].revents & ZMQ_POLLIN;
		count += ready[i];
	}
	return count + (extra && items[n].revents);
}
