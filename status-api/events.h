/*
 * events - what changes, from the broker to everyone who watches, each change once and in order.
 *
 * Shape    the broker publishes the record of a job at every change; change numbers have no gaps,
 *          so a lost event shows at the next one, or at the PONG that comes each second, and what
 *          is missing is then asked for (SINCE). An event is a hint, the record is the truth.
 *          Nobody watching: nothing is decoded and nothing is asked.
 *          A watcher is told of changes after the moment it began to watch. It asks the broker for
 *          the present state after events_watch(), so nothing can fall between the two.
 * Owns     events_open gives; a struct watcher is the watcher's. A frame is shared by all who send
 *          it and freed by the last.
 */
#ifndef DAYBOOK_STATUS_API_EVENTS_H
#define DAYBOOK_STATUS_API_EVENTS_H

#include "broker_client.h"
#include "name.h"
#include "recent.h"

enum watch { WATCH_ALL, WATCH_TENANT, WATCH_JOB };

struct hub;

/* A record as an event of a stream: "id: 3-10442\ndata: {...}\n\n". */
struct frame {
	int refs;
	uint64_t change;
	uint64_t kind; /* equal for records of a job that differ in counts only */
	struct id job;
	bool ended;
	size_t len;
	char bytes[];
};

struct frame *frame_new(const struct wire_job *job);
struct frame *frame_ref(struct frame *frame);
void frame_release(struct frame **frame);

struct watcher {
	/* A change of a watched job. `frame` is borrowed. */
	void (*take)(struct watcher *watcher, struct frame *frame);
	/* Changes may have passed unseen: ask for the present state once more. */
	void (*again)(struct watcher *watcher);
	enum watch what;
	char key[NAME_SIZE];	      /* tenant, or the job's id */
	struct watcher *next, **back; /* the hub's */
};

/* Whatever changes is forgotten in `recent`, also when nobody watches. */
int events_open(const char *endpoint, struct broker_client *broker, struct recent *recent,
		struct hub **hub, struct fault *why);
void events_close(struct hub **hub);
int events_fd(const struct hub *hub);
int events_receive(struct hub *hub);
/* Each second: asks what the newest change is. */
void events_tick(struct hub *hub);

/* `key`: a job's id, a tenant, or nothing, as `what` says. */
void events_watch(struct hub *hub, struct watcher *watcher, enum watch what, struct span key);
void events_unwatch(struct hub *hub, struct watcher *watcher);
/* The newest change that watchers have been told of. */
uint64_t events_position(const struct hub *hub);
/* The broker has not answered for some seconds: nothing is told because nothing is known. */
bool events_are_cut(const struct hub *hub);

#endif
