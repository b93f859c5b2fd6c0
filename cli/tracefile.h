/*
 * tracefile - traces of several processes as one readable story.
 *
 * Shape    takes the records of wire/trace.h from any number of files, puts them in order of time
 *          and prints a line a message; frames that are messages of their own follow indented.
 * Errors   -1 with a fault: a file that cannot be read, or damaged from some byte on (what stands
 *          before is still printed).
 * Owns     tracefile_new gives; the bytes of all files stay in memory until tracefile_free.
 */
#ifndef DAYBOOK_CLI_TRACEFILE_H
#define DAYBOOK_CLI_TRACEFILE_H

#include <stdio.h>

#include "buf.h"
#include "fault.h"
#include "id.h"

struct tracefile;

/* What to print: everything, unless one of these is set. */
struct tracefile_filter {
	struct id job; /* only messages that name this job */
	uint64_t line; /* only messages whose payload holds this line of the source, with its row */
};

struct tracefile *tracefile_new(void);
/* `path` NULL is standard input. */
int tracefile_add(struct tracefile *trace, const char *path, struct fault *why);
void tracefile_print(struct tracefile *trace, const struct tracefile_filter *filter, FILE *to);
void tracefile_free(struct tracefile **trace);

/* One frame, whatever it holds: a message, a payload or other bytes. */
void tracefile_frame(struct buf *out, struct span frame);
/* Does it begin as a payload does? */
bool tracefile_is_payload(struct span frame);
/* All of `from`. */
int tracefile_slurp(FILE *from, struct buf *out, struct fault *why);

#endif
