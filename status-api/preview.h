/*
 * preview - a file as the reader would read it, without a job.
 *
 * Shape    the upload is on the disk, owned by an id of its own; the parse stage is asked to read
 *          it as a job's begin would, and whatever it answers, the file is removed.
 * Errors   504 when no parse stage answers; what is wrong with the file itself is an answer.
 * Owns     nothing.
 */
#ifndef DAYBOOK_STATUS_API_PREVIEW_H
#define DAYBOOK_STATUS_API_PREVIEW_H

#include "submit.h"

struct request;

/* `what` as for submit_job(). */
void preview_ask(struct request *r, const struct submission *what);

#endif
