/*
 * access - who may ask for what.
 *
 * Shape    a keys file, mode 0600, one key a line: `<tenant or *operator> <name> <hex of the key's
 *          BLAKE2b-256>`; `#` begins a comment. The key itself is nowhere. Without a file everyone
 *          is an operator, and the API listens on loopback only.
 *          The file is read again when it changes, so a key is revoked within a second.
 * Errors   INPUT "keys-..." naming file and line: the process does not start (78); a changed file
 *          with a fault is logged and the keys that were stay.
 * Owns     access_open gives.
 */
#ifndef DAYBOOK_STATUS_API_ACCESS_H
#define DAYBOOK_STATUS_API_ACCESS_H

#include "fault.h"
#include "name.h"

struct access;

struct caller {
	bool any_tenant; /* sees every tenant */
	char tenant[NAME_SIZE];
};

/* `path` NULL: no keys. */
int access_open(const char *path, struct access **access, struct fault *why);
void access_close(struct access **access);
bool access_has_keys(const struct access *access);
/* Looks whether the file has changed; call it each second. */
void access_tick(struct access *access);

/* `authorization`: the header's value, NULL = none. -1: not a key that we know. */
int access_check(const struct access *access, const char *authorization, struct caller *caller);
bool access_may(const struct caller *caller, struct span tenant);

/* May a page from elsewhere be behind this request? `origin` and `host` are headers, NULL = none.
 */
bool access_is_cross_origin(const char *origin, const char *host);
/* Is `host` a name that only this machine answers to (an address, or localhost)? A web page whose
 * own name was made to point here (DNS rebinding) has another. */
bool access_is_local_host(const char *host);

#endif
