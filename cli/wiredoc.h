/*
 * wiredoc - docs/WIRE.md: prose written by hand, tables from the code.
 *
 * Shape    the template's lines pass as they are, but {{NAME}} alone on a line becomes the table of
 *          that message, {{columns}} that of the payload's columns, and {{protocol}},
 *          {{frame_max}} and {{rows_max}} become numbers wherever they stand.
 * Errors   -1 with fault INPUT: an unknown {{word}}, or a message that the template does not show.
 * Owns     nothing.
 */
#ifndef DAYBOOK_CLI_WIREDOC_H
#define DAYBOOK_CLI_WIREDOC_H

#include "buf.h"
#include "fault.h"

int wiredoc_fill(struct span template, struct buf *out, struct fault *why);

#endif
