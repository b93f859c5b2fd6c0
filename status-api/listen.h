/*
 * listen - the socket that clients connect to, and the file that says where it is.
 *
 * Errors   INPUT "listen-address" (not HOST:PORT, or no such host), "listen-open" (not loopback
 *          while no keys are configured), RETRY "listen-busy" (another program has the port).
 * Owns     the descriptor is the caller's.
 */
#ifndef DAYBOOK_STATUS_API_LISTEN_H
#define DAYBOOK_STATUS_API_LISTEN_H

#include <stdbool.h>

#include "fault.h"

/* `where`: host:port, [v6]:port, *:port; port 0 lets the kernel choose. */
int listen_open(const char *where, bool loopback_only, int *fd, uint16_t *port, struct fault *why);
/* Writes the port to DATA/run/http.port, whole or not at all. */
int listen_tell(const char *data, uint16_t port, struct fault *why);

#endif
