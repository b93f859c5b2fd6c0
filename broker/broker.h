/*
 * broker - the shell around the scheduler: drain, decide, commit, speak.
 *
 * Shape    one thread. Each round reads what has arrived on the work socket (workers) and the
 *          control socket (clients), lets the scheduler decide, commits what is dirty in one
 *          transaction, and only then sends work, answers and events. While the store refuses
 *          nothing is promised, reads go on from what is on disk (enum store_state).
 * Errors   broker_run: -1 with fault for what cannot be mended from inside.
 */
#ifndef DAYBOOK_BROKER_BROKER_H
#define DAYBOOK_BROKER_BROKER_H

#include "config.h"
#include "jobstore.h"
#include "sched.h"
#include "sock.h"

/* What a unit carries: a received message's frame, or bytes of our own. */
struct payload {
	struct sock_msg *msg;
	struct buf own;
};

/* An answer that waits for the commit. */
struct reply {
	struct sock_peer peer;
	uint64_t request;
	struct id job;
	bool existed;
};

/* A client that waits for a write. */
struct waiter {
	struct sock_peer peer;
	uint64_t request, number;
	bool used;
};

#define WAITERS_MAX 1024

/* What the disk lets us do. LOW: the ballast is spent; what runs goes on, no job is taken. FULL: no
 * commit goes through; tried again twice a second. BROKEN: a write or sync failed, so what is on
 * the disk is not known; for good, until the broker is started again and has checked the store. */
enum store_state { STORE_OK, STORE_LOW, STORE_FULL, STORE_BROKEN };

struct broker {
	const struct config *config;
	struct sched *sched;
	struct jobstore *store;
	struct sock *work, *control, *events;
	struct sock_msg *in;
	struct reply *replies;
	int n_replies, room_replies;
	struct waiter waiters[WAITERS_MAX];
	uint64_t next_waiter;
	uint64_t submitted, completed, failed, cancelled;
	int64_t now_ms, wall_ms, tended_ms, tried_ms, swept_ms;
	char *dir; /* of the job store */
	enum store_state state;
	struct buf out, out2;
};

int broker_open(const struct config *config, bool sync, struct broker **broker, struct fault *why);
void broker_close(struct broker **broker);
/* Until `*stop` is set (by a signal handler). */
int broker_run(struct broker *broker, const volatile int *stop, struct fault *why);

/* A job from the store goes on: its units, and its file, if a power cut may have taken that. */
int broker_restore(struct broker *b, struct job *job, struct fault *why);
/* At the start: the files of small uploads, made again where a power cut took them. */
void uploads_restore(struct broker *b);
/* Every second: syncs those that are old enough, and the store lets go of them. */
void uploads_settle(struct broker *b);

/* kept.c: at the start those that were promised; one more, answered when it is on disk; one that
 * has been answered or refused. */
int kept_restore(struct broker *b, struct fault *why);
int kept_take(struct broker *b, const struct wire_write *w, uint32_t stage, struct fault *why);
void kept_over(struct broker *b, const struct act *act);

/* Whether what is in memory is on disk too, between rounds. */
static inline bool broker_can_commit(const struct broker *b)
{
	return b->state <= STORE_LOW;
}

/* control.c: one message of a client. */
void control_take(struct broker *b);
/* Sends the replies that wait; after the commit. */
void control_speak(struct broker *b);
/* The commit failed: jobs that came in this round were never promised; say so and forget them. */
void control_refuse_fresh(struct broker *b, const struct fault *why);
void control_written(struct broker *b, const struct act *act);
void broker_refuse(struct broker *b, const struct sock_peer *peer, uint64_t request,
		   uint32_t status, const struct fault *why);

/* To the peer of the message read last: what is in b->out. */
void control_answer(struct broker *b, const struct sock_peer *peer);
/* A record that is of this tenant (empty: any) and has not expired. */
bool control_is_visible(const struct broker *b, struct span record, struct span tenant);

/* pages.c: LIST, SINCE, STAGES, PING. */
void pages_list(struct broker *b, const struct wire_list *list);
void pages_since(struct broker *b, const struct wire_since *since);
void pages_stages(struct broker *b, const struct wire_stages *stages);
void pages_ping(struct broker *b, const struct wire_ping *ping);

/* dialogue.c: one message of a worker; workers that are silent are asked. */
void dialogue_take(struct broker *b);
void dialogue_probe(struct broker *b);

/* speech.c: everything that was decided, after the commit. */
void speech_all(struct broker *b);

void peer_of(const struct worker *w, struct sock_peer *peer);
/* Sends b->out; -1 when the worker is gone. */
int tell_worker(struct broker *b, const struct sock_peer *peer, struct span payload);
void payload_release(void *payload);
struct span payload_bytes(const struct payload *payload);

#endif
