/*
 * trace - every message that this process sends or receives, for daybook-dump.
 *
 * Shape    off unless the environment variable DAYBOOK_TRACE names a directory: then each process
 *          appends to DIR/<program>.<pid>.trace (0600; it holds what a person uploaded). A record,
 *          all numbers little-endian: u32 length of the rest, i64 wall clock in microseconds, u32
 *          process id, u8 1 = sent, u8 kind of socket (enum sock_kind), u16 frames, u8 length and
 *          the program's name, u8 length and the ROUTER's peer; then for each frame u32 length and
 *          its bytes. Records of several files may follow each other in one stream.
 * Errors   trace_write: none; a trace that cannot be written ends with a warning in the log.
 *          trace_read: 0 = a record, 1 = the end, -1 = not a record (cut short, damaged).
 * Owns     trace_read borrows: the record's spans point into the bytes read from.
 */
#ifndef DAYBOOK_WIRE_TRACE_H
#define DAYBOOK_WIRE_TRACE_H

#include "sock.h"

/* Frames of the longest message: PAGE and what follows it. */
#define TRACE_FRAMES_MAX (SOCK_FRAMES_MAX + 1)

struct trace_record {
	int64_t wall_us;
	uint32_t pid;
	bool sent;
	enum sock_kind kind;
	struct span program, peer;
	int n;
	struct span frames[TRACE_FRAMES_MAX];
};

bool trace_is_on(void);
/* `peer` NULL but for a ROUTER. */
void trace_write(bool sent, enum sock_kind kind, const struct sock_peer *peer,
		 const struct span *frames, int n);
void trace_close(void);
/* Takes one record off the front of `bytes`. */
int trace_read(struct span *bytes, struct trace_record *record);

#endif
