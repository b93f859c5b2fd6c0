/*
 * broker_client - questions to the broker, and who waits for which answer.
 *
 * Shape    one DEALER socket; any number of questions in flight. Each has a number that the answer
 *          repeats, so answers may come in any order and a late one meets nobody.
 *          A broker that restarts within the time allowed is not noticed: the socket reconnects,
 *          what was sent meanwhile is delivered, and what a dead broker took along is asked again
 *          after a second. That is harmless for all but RETRY: a job and a write are once by id.
 * Errors   the callback always comes, once: with the answer, or with NULL when there is none in
 *          time or the question could not even be sent.
 * Owns     a struct broker_call is the asker's and must live until its callback, or until
 *          broker_forget().
 */
#ifndef DAYBOOK_STATUS_API_BROKER_CLIENT_H
#define DAYBOOK_STATUS_API_BROKER_CLIENT_H

#include "buf.h"
#include "fault.h"
#include "sock.h"
#include "wire.h"

#define BROKER_TIMEOUT_MS 10000

struct broker_client;
struct broker_call;

/* `msg` NULL: no answer. `raw` has the frames after PAGE. Both live until the callback returns. */
typedef void broker_answer(struct broker_call *call, const struct wire_msg *msg,
			   const struct sock_msg *raw);

struct broker_call {
	broker_answer *answer;
	void *asker;
	/* the client's own: */
	uint64_t request; /* 0: not in flight */
	int64_t deadline_ms, again_ms, pause_ms;
	struct buf sent;
};

int broker_client_open(const char *endpoint, struct broker_client **client, struct fault *why);
void broker_client_close(struct broker_client **client);
int broker_client_fd(const struct broker_client *client);
/* Takes what has arrived and calls back; returns how many. */
int broker_client_receive(struct broker_client *client);
/* Calls back those whose time is over. */
void broker_client_tick(struct broker_client *client);
/* Calls back everyone, without an answer. */
void broker_client_give_up(struct broker_client *client);

/* Sends one of SUBMIT, GET, LIST, SINCE, CANCEL, RETRY, WRITE, STAGES, PING; `message` is the
 * struct of that type, its number is filled in here. If it cannot be sent, the callback is made at
 * the next tick, never from within. */
void broker_ask(struct broker_client *client, struct broker_call *call, enum wire_type type,
		void *message, int timeout_ms);
/* The asker is gone: no callback. */
void broker_forget(struct broker_client *client, struct broker_call *call);

#endif
