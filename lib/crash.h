/*
 * crash - named places at which a test lets the process die (--die-at POINT[:N]).
 *
 * Shape    crash_at("insert.commit.before") costs one pointer test unless armed. Armed with "name"
 *          or "name:3" it ends the process with _exit(137), as kill -9 would, at the first or
 *          third time that the point is passed. crash_stop("...") raises SIGSTOP instead
 *
 */
#ifndef DAYBOOK_LIB_CRASH_H
#define DAYBOOK_LIB_CRASH_H

/* `point` is borrowed for the life of the process; NULL disarms. */
void crash_arm(const char *point);
void crash_at(const char *point);

#endif
