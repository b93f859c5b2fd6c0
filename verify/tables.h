/*
 * tables - the job store's tables, read only and in one transaction.
 *
 * Shape    table_walk() gives every record whose checksum (lib/kv.h) is right; one that is wrong is
 *          a breach of I8 and is left out.
 * Errors   -1 when LMDB cannot open or read it, which for a store that is there means damage.
 * Owns     tables_open gives; spans live until tables_close.
 */
#ifndef DAYBOOK_VERIFY_TABLES_H
#define DAYBOOK_VERIFY_TABLES_H

#include "verify.h"

/* In the order of their numbers, which the checksums cover. */
enum table { META, JOBS, UNITS, CONTEXTS, KEYS, TENANTS, CHANGES, EXPIRY, UPLOADS, KEPT, TABLES };

struct tables;

int tables_open(const char *data, struct tables **tables, struct fault *why);
void tables_close(struct tables **tables);
const char *table_name(enum table table);
void table_walk(struct verify *v, struct tables *tables, enum table table,
		void (*each)(struct verify *v, struct span key, struct span value));
/* 0 with the value, 1 not there, -1 damaged. */
int table_get(struct tables *tables, enum table table, struct span key, struct span *value);
/* Places held by readers that are dead. */
int tables_dead_readers(struct tables *tables);

#endif
