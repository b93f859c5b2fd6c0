/*
 * page - the web page: the files of web/dist, which travel in the program.
 *
 * Shape    /dashboard/assets/... are files whose names change with their content, kept by browsers
 *          for ever; every other address below /dashboard is the one index.html, whose script reads
 *          the address. Packed by gzip for whoever takes it. No key is needed: the page has no
 *          data, its calls of the API carry the key.
 */
#ifndef DAYBOOK_STATUS_API_PAGE_H
#define DAYBOOK_STATUS_API_PAGE_H

#include "request.h"

/* / and /dashboard: to the page's first view. */
void page_home(struct request *r);
void page_get(struct request *r);

#endif
