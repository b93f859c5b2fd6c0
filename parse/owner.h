/*
 * owner - lines between the rows that say whose account the rows below them are of (whose.h).
 *
 * Shape    looked at while a file's evidence is gathered; a part of another account becomes a
 *          section that is not ours (section.h).
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_OWNER_H
#define DAYBOOK_PARSE_OWNER_H

#include "evidence.h"

void owner_look(const struct records *records, struct reading *reading, struct evidence *evidence);

#endif
