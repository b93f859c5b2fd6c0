/*
 * stored - a compiled Vectorscan database as a file, since compiling 5,000 texts takes 0.2 s and
 * reading them back 2 ms.
 *
 * Shape    DIR/<hash of what was compiled, and of Vectorscan's version>.hs: BLAKE2b-256 of the
 *          rest, then the serialised database. Written under another name and renamed, not synced:
 *          a file that a power cut damaged is not what its hash says, and is compiled anew. One
 *          that was made for another kind of processor is refused by Vectorscan, likewise.
 * Errors   none: what cannot be read or written is compiled.
 * Owns     stored_load gives a database, or NULL.
 */
#ifndef DAYBOOK_RULES_STORED_H
#define DAYBOOK_RULES_STORED_H

#include <hs/hs.h>

#include "blob.h"

struct blob_hash stored_key(const char *const *texts, const unsigned *flags, const unsigned *ids,
			    unsigned n);
hs_database_t *stored_load(const char *dir, const struct blob_hash *key);
void stored_save(const char *dir, const struct blob_hash *key, const hs_database_t *database);

#endif
