/*
 * stream - Server-Sent Events to one client: of a job, or of all jobs of a tenant.
 *
 * Shape    the job's record at once, or what changed since Last-Event-ID; then every change; a
 *          comment every 5 s, by which both sides notice that the other has gone. The event id is
 *          the record's change number. A job's stream ends after its terminal state, and 204 tells
 *          a browser that comes again after that to stop.
 *          A client that reads slowly gets fewer counts, never fewer changes of status or stage;
 *          one that does not read at all is cut off, and comes back with its Last-Event-ID.
 * Owns     MHD's response owns the stream. What waits to be sent are shared frames.
 */
#ifndef DAYBOOK_STATUS_API_STREAM_H
#define DAYBOOK_STATUS_API_STREAM_H

#include "request.h"

#define STREAM_TICK_MS 250

struct streams;

struct streams *streams_new(void);
void streams_free(struct streams **streams);
/* Every STREAM_TICK_MS: comments for one in twenty of the streams. */
void streams_tick(struct streams *streams);
/* All end, after what is queued. */
void streams_end(struct streams *streams);
int streams_count(const struct streams *streams);

void stream_job(struct request *r);
void stream_tenant(struct request *r);

#endif
