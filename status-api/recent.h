/*
 * recent - the records that were told just now, for whoever asks the same again.
 *
 * Shape    a record lives RECENT_MS, and less when an event, or a cancel or retry that passes here,
 *          says that its job has changed: half of the 100 ms between two events of counts, so that
 *          what is answered from here is never older than the last event by more than that, even
 *          if events are lost. A pending job is not kept: its place moves without an event.
 *          One slot a job's id may fall into; of two that share it the later one stays.
 *          Measured with 32 kept-alive connections that ask for one job: 37,000 answers/s when each
 *          asks the broker; `make bench` prints both sides today.
 * Owns     a response that recent_find gives is this module's: queue it at once, do not destroy it.
 */
#ifndef DAYBOOK_STATUS_API_RECENT_H
#define DAYBOOK_STATUS_API_RECENT_H

#include <microhttpd.h>

#include "id.h"
#include "name.h"
#include "record.h"

#define RECENT_MS 50

struct recent;

struct recent_answer {
	struct id job;
	char tenant[NAME_SIZE], tag[RECORD_ETAG_SIZE];
	struct buf json;	       /* until it is in `response` */
	struct MHD_Response *response; /* NULL until somebody asked again */
	int64_t until_ms;
};

struct recent *recent_new(void);
void recent_free(struct recent **recent);
/* Copies what is to be kept of the record; `json` is how it was told. */
void recent_keep(struct recent *recent, const struct wire_job *job, struct span json);
/* NULL: not there, or not any more. */
struct recent_answer *recent_find(struct recent *recent, struct id job);
void recent_forget(struct recent *recent, struct id job);

#endif
