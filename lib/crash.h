/*
 * crash - named places at which a test lets the process die (--die-at POINT[:N]).
 *
 * Shape    crash_at("insert.commit.before") costs one pointer test unless armed. Armed with "name"
 *          or "name:3" it ends the process with _exit(137), as kill -9 would, at the first or
 *          third time that the point is passed; "stop=name:3" stops it (SIGSTOP) instead;
 *          "always=name" is for `daybook up`, which arms what it starts again, too. "count=FILE"
 *          appends to FILE, when the process ends well, how often it passed each point.
 *          Every point there is stands in one table, so that a test can show that it met them all:
 *          before and after each commit, send, answer, sync and rename of what must not lose any.
 * Errors   a point that is not in the table: crash_arm says -1, crash_at asserts when armed.
 */
#ifndef DAYBOOK_LIB_CRASH_H
#define DAYBOOK_LIB_CRASH_H

#include <stdio.h>

#include "span.h"

/* `point` is borrowed for the life of the process; NULL or "" disarms. */
int crash_arm(const char *point);
void crash_at(const char *point);
/* "process point" lines: all there are. `process` "stage" stands for every stage. */
void crash_list(FILE *to);

/* The part of "a:x,b:y" that is for `process`, or what names none; empty when there is none. So are
 * DAYBOOK_DIE_AT and DAYBOOK_SLOW_MS written. */
struct span crash_part(const char *list, const char *process);
/* Arms with this process's part of DAYBOOK_DIE_AT. */
int crash_arm_environment(const char *process);

#endif
