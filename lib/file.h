/*
 * file - small files that people's settings live in, replaced whole.
 *
 * Shape    written under another name in the same folder, synced, renamed, and the folder synced:
 *          whoever reads sees the old text or the new one, also after a power cut. The folder and
 *          the one above it are made when they are missing, mode 0700. A folder that is made is a
 *          name in the one above it, which is synced too: what lies in it would be lost with it.
 * Errors   -1: errno's fault; the old file stands.
 */
#ifndef DAYBOOK_LIB_FILE_H
#define DAYBOOK_LIB_FILE_H

#include "fault.h"
#include "span.h"

int file_sync_folder(const char *path, struct fault *why);
/* Fine when it is there already. */
int file_make_folder(const char *path, struct fault *why);
int file_replace(const char *path, struct span bytes, struct fault *why);

#endif
