/*
 * hold - a backup at work keeps expired jobs from being purged, for as long as it lives and moves.
 *
 * Shape    DATA/backup.hold, locked by the backup (flock, so it ends with its process) and touched
 *          as it goes on. Whoever purges asks hold_is_on(): a hold whose owner is dead does not
 *          count, nor one that was not touched for HOLD_STALE_MS, so that a backup that hangs or is
 *          stopped does not stop purging for ever.
 * Owns     hold_take gives a descriptor; hold_release closes it and removes the file.
 */
#ifndef DAYBOOK_LIB_HOLD_H
#define DAYBOOK_LIB_HOLD_H

#include <stdbool.h>

#include "fault.h"

#define HOLD_STALE_MS (10 * 60 * 1000)

/* -1 with fault RETRY "backup-busy" when another backup has it. */
int hold_take(const char *data, int *hold, struct fault *why);
/* Between any two files, and while a long one is copied. */
void hold_touch(int hold);
void hold_release(const char *data, int *hold);
bool hold_is_on(const char *data, int64_t wall_ms);

#endif
