/*
 * upload - a file on its way from a client to the blob store, and what was said with it.
 *
 * Shape    multipart/form-data with one part `file` and fields before or after it, or the file
 *          itself as the body with the same fields as query parameters. Bytes go to disk as they
 *          come: memory does not grow with the file. A file that is refused (too large, binary, no
 *          room) is read to its end without being kept, so that the answer names every fault.
 * Errors   413, 415, 422 with the fields; 507 when the disk is full. Whatever ends the request
 *          before its answer, a broken connection too, removes what was written.
 * Owns     upload_new gives; the request owns it.
 */
#ifndef DAYBOOK_STATUS_API_UPLOAD_H
#define DAYBOOK_STATUS_API_UPLOAD_H

#include "span.h"

struct request;
struct upload;

struct upload *upload_new(struct request *r);
void upload_free(struct upload **upload);
/* Returns true when these bytes were thrown away. */
bool upload_receive(struct upload *upload, struct span data);
/* The body is complete: checks, syncs the file aside, submits the job. */
void upload_run(struct request *r);
/* The same, but the file is only shown as it would be read (preview.h), and then removed. */
void upload_preview(struct request *r);

#endif
