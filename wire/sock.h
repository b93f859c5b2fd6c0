/*
 * sock - the only door to ZeroMQ.
 *
 * Shape    sockets carry messages of one to 1 + SOCK_FRAMES_MAX frames: a wire message and what
 *          belongs to it (a payload, or the frames after PAGE). ROUTER sockets add the peer.
 *          High-water marks are set on both ends (SOCK_HWM) and credit keeps queues below them;
 *          ROUTER_MANDATORY is on; ZMQ_HEARTBEAT_IVL stays 0 (libzmq 4.3.4 aborts under
 *          back-pressure, zeromq/libzmq#4767); MAXMSGSIZE is WIRE_FRAME_MAX + 4096.
 * Errors   0 or -1 with fault; receiving: 1 = nothing there. A send that would block: RETRY
 *          "peer-full"; a ROUTER's unknown peer: RETRY "peer-gone".
 *          SIGTERM and SIGINT are the caller's: sock_wait returns early on EINTR.
 * Owns     sock_recv fills a struct sock_msg that owns its frames until sock_msg_release() or the
 *          next receive into it; spans decoded from it live as long.
 *          Endpoints: ipc://PATH inside a host (directory 0700); tcp:// is refused without CURVE.
 */
#ifndef DAYBOOK_WIRE_SOCK_H
#define DAYBOOK_WIRE_SOCK_H

#include "fault.h"
#include "span.h"
#include "wire.h"

#define SOCK_FRAMES_MAX 256
#define SOCK_HWM	1000

/* SOCK_WORKER: a DEALER that sends only while it is connected (else RETRY "peer-full"), for what
 * must not pile up for a broker that is away. */
enum sock_kind { SOCK_ROUTER, SOCK_DEALER, SOCK_XPUB, SOCK_SUB, SOCK_WORKER };

struct sock;
struct sock_msg;

struct sock_peer {
	uint8_t len, id[32]; /* ROUTER identity, opaque */
};

/* One context a process, made at the first open, ended by sock_shutdown(). */
int sock_open(enum sock_kind kind, const char *endpoint, bool bind, struct sock **sock,
	      struct fault *why);
void sock_close(struct sock **sock);
void sock_shutdown(void);
int sock_subscribe(struct sock *sock, const char *topic, struct fault *why);
/* The descriptor for an outer event loop (ZMQ_FD: edge-triggered, receive until 1). */
int sock_fd(struct sock *sock);

/* `peer` for ROUTER only. `payload` may be empty: then the message has one frame. */
int sock_send(struct sock *sock, const struct sock_peer *peer, struct span message,
	      struct span payload, struct fault *why);
int sock_send_frames(struct sock *sock, const struct sock_peer *peer, const struct span *frames,
		     int n, struct fault *why);
/* The payload frame of `msg` is passed on without a copy; it stays valid in msg. */
int sock_forward(struct sock *sock, const struct sock_peer *peer, struct span message,
		 struct sock_msg *msg, int frame, struct fault *why);

struct sock_msg *sock_msg_new(void);
void sock_msg_release(struct sock_msg **msg);
/* Never blocks: 0 = a message, 1 = none, -1 = fault (too many frames: dropped). */
int sock_recv(struct sock *sock, struct sock_msg *msg, struct fault *why);
const struct sock_peer *sock_msg_peer(const struct sock_msg *msg);
int sock_msg_frames(const struct sock_msg *msg);
struct span sock_msg_frame(const struct sock_msg *msg, int i); /* empty beyond the last */

/* Waits until one of `n` sockets can be read, at most timeout_ms (-1 for ever); `ready[i]` says
 * which; extra_fd (or -1) is watched too. Returns how many are ready, 0 at time-out or signal. */
int sock_wait(struct sock *const *socks, int n, int extra_fd, int timeout_ms, bool *ready);

#endif
