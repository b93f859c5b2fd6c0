/*
 * ballast - room kept on the disk for what must still be written when it is full.
 *
 * Shape    one file of BALLAST_BYTES beside the job store. LMDB copies pages when it changes them,
 *          so on a full disk not even a delete goes through: ended jobs could never make room.
 *          Spending the ballast lets the last changes and the expiry of old jobs through; while it
 *          is spent no new job is taken, and it is filled again as soon as there is room for two.
 * Errors   none: without room there is no ballast, which is the answer.
 */
#ifndef DAYBOOK_BROKER_BALLAST_H
#define DAYBOOK_BROKER_BALLAST_H

#include <stdbool.h>

/* A delete and a put on a full disk went through with 256 KiB; a round may hold some more. */
#define BALLAST_BYTES (1 << 20)

/* True when it is there, made now or before. */
bool ballast_fill(const char *dir);
/* True when there was one, and its room is free now. */
bool ballast_spend(const char *dir);

#endif
