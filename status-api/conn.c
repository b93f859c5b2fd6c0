#include "conn.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "clock.h"
#include "log.h"
#include "mem.h"

struct conn {
	struct conn *prev, *next;
	int64_t since_ms;
	const uint64_t *body; /* NULL: waits for a header */
	uint64_t ended_at;    /* body bytes when its end was seen too early, and 1 */
	int fd;
};

/* Each list has a head that is no connection, so that nobody is a special case. Those that wait for
 * a header are in order of time. */
struct conn_list {
	struct conn waiting, bodies;
};

static void unlink_conn(struct conn *c)
{
	c->prev->next = c->next;
	c->next->prev = c->prev;
	c->prev = c->next = c;
}

static void append(struct conn *head, struct conn *c)
{
	c->prev = head->prev;
	c->next = head;
	head->prev->next = c;
	head->prev = c;
	c->since_ms = clock_ms();
}

struct conn_list *conn_list_new(void)
{
	struct conn_list *list = xcalloc(1, sizeof(*list));

	list->waiting.prev = list->waiting.next = &list->waiting;
	list->bodies.prev = list->bodies.next = &list->bodies;
	return list;
}

void conn_list_free(struct conn_list **list)
{
	free(*list);
	*list = NULL;
}

void conn_notify(void *list, struct MHD_Connection *connection, void **socket_context,
		 enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;
	struct conn_list *l = list;
	struct conn *c = *socket_context;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (c)
			unlink_conn(c);
		free(c);
		*socket_context = NULL;
		return;
	}
	c = xcalloc(1, sizeof(*c));
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	c->fd = info ? info->connect_fd : -1;
	append(&l->waiting, c);
	*socket_context = c;
}

static struct conn *conn_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

void conn_begin(struct conn_list *list, struct MHD_Connection *connection, const uint64_t *body)
{
	struct conn *c = conn_of(connection);

	unlink_conn(c);
	c->body = body;
	c->ended_at = 0;
	if (body)
		append(&list->bodies, c);
}

void conn_received(struct conn_list *list, struct MHD_Connection *connection)
{
	struct conn *c = conn_of(connection);

	(void)list;
	unlink_conn(c);
	c->body = NULL;
}

void conn_end(struct conn_list *list, struct MHD_Connection *connection)
{
	struct conn *c = conn_of(connection);

	unlink_conn(c);
	c->body = NULL;
	append(&list->waiting, c);
}

/* The socket is only shut: MHD sees that, closes it and calls back. */
static void hang_up(struct conn *c, const char *why)
{
	log_debug("a connection is closed: %s", why);
	shutdown(c->fd, SHUT_RDWR);
	unlink_conn(c);
}

/* The client has closed its side although more of the body is due. MHD does not see that when the
 * close came together with the last bytes: its epoll is edge-triggered and it reads no further.
 * What MHD has read but not handed on yet must not count, so this must be so for two ticks. */
static bool has_left(struct conn *c)
{
	char byte;

	if (recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
		return false;
	if (c->ended_at == *c->body + 1)
		return true;
	c->ended_at = *c->body + 1;
	return false;
}

void conn_tick(struct conn_list *list)
{
	int64_t now_ms = clock_ms();
	struct conn *c, *next;

	for (c = list->waiting.next; c != &list->waiting; c = next) {
		next = c->next;
		if (now_ms - c->since_ms < CONN_HEADER_MS)
			break;
		hang_up(c, "no whole header in time");
	}
	for (c = list->bodies.next; c != &list->bodies; c = next) {
		int64_t taken_ms = now_ms - c->since_ms;

		next = c->next;
		if (has_left(c))
			hang_up(c, "the client left within the body");
		else if (taken_ms > CONN_GRACE_MS &&
			 *c->body < (uint64_t)taken_ms * CONN_BYTES_PER_S / 1000)
			hang_up(c, "the body comes too slowly");
	}
}
