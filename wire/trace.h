/*
 * trace - every frame that a process sends or receives, for daybook-dump.
 *
 * Shape    off unless the environment variable DAYBOOK_TRACE names a directory: then each process
 *          appends to DIR/<pid>.trace. A record: i64 wall ms, u32 pid, u8 sent, u8 frames, then
 *          for each frame u32 length and at most TRACE_FRAME_MAX bytes, all little-endian.
 *          The first frame of a topic event is the topic.
 */
#ifndef DAYBOOK_WIRE_TRACE_H
#define DAYBOOK_WIRE_TRACE_H

#include "span.h"

#define TRACE_FRAME_MAX 4096

void trace_frames(bool sent, const struct span *frames, int n);
void trace_close(void);

#endif
