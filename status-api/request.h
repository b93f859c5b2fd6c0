/*
 * request - one HTTP request from its header to its answer.
 *
 * Shape    server.c feeds it; a handler (route.h) runs once the whole body is there and either
 *          answers at once or leaves a question with the broker or a task aside. The connection is
 *          then suspended, and resumed, once, by the answer. While it is suspended MHD neither
 *          closes it nor looks at it, so what is in flight always finds its request alive.
 *          A request refused by its header is answered when its body has been read and thrown
 *          away, so that the client reads the answer instead of a reset; bodies too large for that
 *          are not waited for.
 * Owns     request_new gives; MHD's completed callback frees. A handler hangs what it keeps on
 *          `state`.
 */
#ifndef DAYBOOK_STATUS_API_REQUEST_H
#define DAYBOOK_STATUS_API_REQUEST_H

#include <microhttpd.h>

#include "access.h"
#include "aside.h"
#include "broker_client.h"
#include "id.h"
#include "problem.h"

#define REQUEST_PARTS 2

struct route;
struct server;
struct upload;

struct request {
	struct server *server;
	struct MHD_Connection *connection;
	const struct route *route; /* NULL: there is none */
	struct caller caller;
	char *path;			  /* as asked, `parts` points into it */
	struct span parts[REQUEST_PARTS]; /* what stood for {id}, {pipeline}, {file} */
	struct buf body;
	struct upload *upload;
	uint64_t received;   /* bytes of body */
	uint64_t drain_left; /* how much of a refused request's body is read and thrown away */
	bool has_body, begun, suspended;
	bool in_crowd; /* counted among its tenant's: crowd.h */
	unsigned status;
	struct MHD_Response *response; /* the answer, once there is one */
	bool response_is_shared;       /* recent.h has it */
	int64_t began_us;
	struct broker_call call;
	struct aside_task task;
	void *state;
	void (*state_free)(void *state);
};

struct request *request_new(struct server *server, struct MHD_Connection *connection);
void request_free(struct request **r);
/* Looks at the header: route, method, origin, key, type and length of the body. */
void request_open(struct request *r, const char *method, const char *url);
/* Takes all of `data`; -1: hang up. */
int request_receive(struct request *r, struct span data);

/* ---- what the client sent ---- */

/* NULL when it is not there. */
const char *request_query(const struct request *r, const char *name);
const char *request_header(const struct request *r, const char *name);
/* Has the client what has this ETag? */
bool request_has_tag(const struct request *r, const char *tag);
/* {id} of the path; on -1 it has been answered: 404. */
int request_job(struct request *r, struct id *id);

/* ---- answers: exactly one of these, once ---- */

/* Takes the response. */
void request_answer(struct request *r, unsigned status, struct MHD_Response *response);
/* Takes the bytes of `json`. */
void request_json(struct request *r, unsigned status, struct buf *json);
void request_problem(struct request *r, const struct problem *p);
void request_fault(struct request *r, const struct fault *why);
void request_refuse(struct request *r, unsigned status, const char *code, const char *text);
/* The broker's REFUSED, or NULL for an answer that did not come or fits nothing. */
void request_no_answer(struct request *r, const struct wire_msg *msg);

/* A response with the headers that all of ours have; takes the bytes of `body`. */
struct MHD_Response *request_response(struct buf *body, const char *content_type);
/* Asks the broker with r->call; `answer` finds the request in call->asker. */
void request_ask(struct request *r, enum wire_type type, void *message, broker_answer *answer);
/* For what another than the handler resumes. */
void request_resume(struct request *r);

#endif
