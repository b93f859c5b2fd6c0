/*
 * notify - tells the supervisor how this process is, by the sd_notify protocol.
 *
 * Shape    one datagram to the UNIX socket named by $NOTIFY_SOCKET (a path, or @name for an
 *          abstract one); without it every call does nothing. A supervisor that does not read is
 *          never waited for; the kernel keeps ten datagrams for it (net.unix.max_dgram_qlen).
 * Owns     nothing; a socket is made for each datagram, so it can be called after fork.
 * Source   sd_notify(3): READY=1, WATCHDOG=1, STATUS=.
 */
#ifndef DAYBOOK_LIB_NOTIFY_H
#define DAYBOOK_LIB_NOTIFY_H

/* The process has its sockets open and serves. Where the supervisor had no room for this word,
 * notify_alive() says it again until it has. */
void notify_ready(void);
/* Still alive: call it each second or so; sends only if the supervisor asks ($WATCHDOG_USEC), and
 * at most twice a second however often it is called. */
void notify_alive(void);
/* One line for people: "STATUS=<text>"; NULL is empty. */
void notify_text(const char *text);

#endif
