/*
 * jobview - a job on a person's screen: its bar while it runs, its result at the end.
 *
 * Shape    on a terminal one line that is written over; elsewhere a plain line whenever status or
 *          stage changes, or progress by ten. All of that on standard error; what a program would
 *          read (the final record with --json, else the result) on standard output.
 * Owns     nothing: records are borrowed.
 */
#ifndef DAYBOOK_CLI_JOBVIEW_H
#define DAYBOOK_CLI_JOBVIEW_H

#include "apicall.h"

/* Follows a job until it has ended, through restarts of the service, and prints how it ended. The
 * exit status is the job's. */
int jobview_follow(struct api *api, const char *job_id, bool json);
/* A record, for people. */
void jobview_print(const json_t *record);
/* What a POST answered: says the id; with `wait` follows it. Takes the reply. */
int jobview_accepted(struct api *api, json_t *reply, bool wait, bool json);
/* JSON on one line of standard output. */
void jobview_print_json(const json_t *value);

#endif
