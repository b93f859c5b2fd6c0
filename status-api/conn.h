/*
 * conn - connections that take their time.
 *
 * Shape    MHD ends a connection that is silent; one that sends a byte now and then would hold its
 *          place for ever. So each has a time from its start, or from its last answer, by which a
 *          whole header must be there, and a body has a slowest pace.
 * Owns     a struct conn is made and freed by MHD's notify callback.
 */
#ifndef DAYBOOK_STATUS_API_CONN_H
#define DAYBOOK_STATUS_API_CONN_H

#include <microhttpd.h>
#include <stdint.h>

#define CONN_HEADER_MS	 30000
#define CONN_GRACE_MS	 20000 /* a body may be slow for so long */
#define CONN_BYTES_PER_S 256   /* and then not slower than this */

struct conn;
struct conn_list;

struct conn_list *conn_list_new(void);
void conn_list_free(struct conn_list **list);

/* MHD_OPTION_NOTIFY_CONNECTION, with the list as its closure. */
void conn_notify(void *list, struct MHD_Connection *connection, void **socket_context,
		 enum MHD_ConnectionNotificationCode code);
/* A header is complete; `body` points to the count of body bytes so far, NULL: none comes. */
void conn_begin(struct conn_list *list, struct MHD_Connection *connection, const uint64_t *body);
/* The body is complete. */
void conn_received(struct conn_list *list, struct MHD_Connection *connection);
/* The answer is out: the connection may bring another request. */
void conn_end(struct conn_list *list, struct MHD_Connection *connection);
/* Hangs up on those that are too slow; call it each second. */
void conn_tick(struct conn_list *list);

#endif
