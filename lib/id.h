/*
 * id - ULIDs: 48 bits of milliseconds, 80 bits of randomness, sortable by time.
 *
 * Shape    text is 26 characters of Crockford's base 32, upper case.
 * Source   github.com/ulid/spec; within one process and millisecond the random part counts up.
 */
#ifndef DAYBOOK_LIB_ID_H
#define DAYBOOK_LIB_ID_H

#include "span.h"

#define ID_BYTES	 16
#define ID_TEXT_SIZE	 27 /* 26 characters and NUL */
#define ID_JOB_TEXT_SIZE 31 /* "job_", 26 characters and NUL */

struct id {
	uint8_t bytes[ID_BYTES];
};

struct id id_new(int64_t wall_ms);
int64_t id_wall_ms(struct id id);
void id_text(struct id id, char out[ID_TEXT_SIZE]);
int id_read(struct span text, struct id *id);
/* The same with "job_" before it. */
void id_job_text(struct id id, char out[ID_JOB_TEXT_SIZE]);
int id_job_read(struct span text, struct id *id);
bool id_is_zero(struct id id);
int id_compare(struct id a, struct id b);

#endif
