/*
 * datadir - the data directory as `daybook up` needs it.
 *
 * Shape    DIR and its folders, 0700; DIR/run/up.lock is held as long as `up` lives, so that a
 *          second one is refused at once; DIR/run/processes says who runs, for `daybook ps`.
 * Errors   an exit status (sysexits.h), with one line for people in `why`.
 * Owns     the lock's descriptor is the caller's.
 */
#ifndef DAYBOOK_CLI_DATADIR_H
#define DAYBOOK_CLI_DATADIR_H

#include <stdbool.h>

#include "fault.h"

#define DATADIR_PATH_SIZE 4096

/* DIR/run/NAME; returns -1 when that is too long. */
int datadir_run_path(const char *dir, const char *name, char out[DATADIR_PATH_SIZE]);
/* Makes what is missing, takes the lock, sees that the disk takes a few bytes. EX_OK, EX_CANTCREAT,
 * EX_IOERR (full), EX_TEMPFAIL (another `up`), EX_CONFIG (the path is too long for sockets). */
int datadir_prepare(const char *dir, int *lock, struct fault *why);
/* Whether some `up` holds the lock. */
bool datadir_is_up(const char *dir);

#endif
