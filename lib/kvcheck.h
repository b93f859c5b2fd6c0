/*
 * kvcheck - is this LMDB file whole? Asked before it is opened. Inside lib/ only.
 *
 * Shape    checksums (kv.c) find a record that changed, not one that LMDB no longer finds: LMDB 0.9
 *          trusts its pages, and a flipped bit there loses records or crashes the reader. So a
 *          child process, which may crash, walks everything: both meta pages, the pages in use
 *          and free add up, each table holds as many records as it says, in order, and each can
 *          be looked up. About 1 us a record.
 * Errors   JOB "store-corrupt". A record with a bad checksum is not its business.
 * Source   lmdb 0.9 mdb.c, struct MDB_meta (version 1), for where a meta page has its number.
 */
#ifndef DAYBOOK_LIB_KVCHECK_H
#define DAYBOOK_LIB_KVCHECK_H

#include "fault.h"

/* A directory without data is whole. Nobody else may write it meanwhile. */
int kvcheck_run(const char *dir, struct fault *why);

#endif
