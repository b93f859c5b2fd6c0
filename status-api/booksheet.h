/*
 * booksheet - what is streamed from a company's books: rejects, duplicates, exports.
 *
 * Shape    a page is read aside (aside.h) as soon as the client has taken the one before; memory is
 *          one page, and no read transaction outlives it. The first page decides whether the answer
 *          is a problem; a fault after it cuts the stream.
 */
#ifndef DAYBOOK_STATUS_API_BOOKSHEET_H
#define DAYBOOK_STATUS_API_BOOKSHEET_H

#include "request.h"

void booksheet_rejects(struct request *r);
void booksheet_duplicates(struct request *r);
void booksheet_export(struct request *r);

#endif
