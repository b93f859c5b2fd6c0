/*
 * name - identifiers that may name files and topics: tenants, companies, stages, pipelines.
 *
 * Shape    1 to 64 of A-Z a-z 0-9 _ - (API.md); nothing else, so no path and no ZeroMQ topic
 *          separator can hide in one.
 */
#ifndef DAYBOOK_LIB_NAME_H
#define DAYBOOK_LIB_NAME_H

#include "span.h"

#define NAME_SIZE 65 /* 64 characters and NUL */

bool name_is_valid(struct span name);

#endif
