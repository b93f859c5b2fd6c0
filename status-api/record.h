/*
 * record - the job record as clients see it, in JSON.
 *
 * Shape    the fields of API.md in its order; what is not known is null. A status GET is mostly
 *          this, so it is written by appending: no tree, no printf.
 * Owns     nothing; appends to the caller's buf.
 */
#ifndef DAYBOOK_STATUS_API_RECORD_H
#define DAYBOOK_STATUS_API_RECORD_H

#include "buf.h"
#include "wire.h"

#define RECORD_CHANGE_SIZE 24 /* "4294967295-4294967295" and NUL */
#define RECORD_ETAG_SIZE   48

void record_json(struct buf *json, const struct wire_job *job);
/* "3-10442": epoch and counter of a change number. */
void record_change_text(uint64_t change, char out[RECORD_CHANGE_SIZE]);
int record_change_read(struct span text, uint64_t *change);
/* With its quotes. A job that waits shows its place, which moves without a change number, so what
 * it says is part of the tag. */
void record_etag(const struct wire_job *job, char out[RECORD_ETAG_SIZE]);
bool record_is_ended(const struct wire_job *job);
/* "2026-11-23T10:00:00.000Z" in quotes, or null for 0. */
void record_time(struct buf *json, int64_t wall_ms);
void record_u64(struct buf *json, uint64_t value);

#endif
