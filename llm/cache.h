/*
 * cache - answers of models, kept in DIR/answers.db (SQLite), shared by all llm processes.
 *
 * Shape    a key is a hash of tenant, model, prompt and question: no text of anybody's is stored,
 *          and no tenant is answered from another's. Entries live CACHE_DAYS.
 * Errors   none: a cache that cannot be opened, read or written is one that has nothing, said once
 *          a minute in the log. A damaged file is set aside as answers.db.damaged, and begun anew.
 * Owns     cache_open gives, always.
 */
#ifndef DAYBOOK_LLM_CACHE_H
#define DAYBOOK_LLM_CACHE_H

#include "blob.h"
#include "span.h"

#define CACHE_DAYS	  180
#define CACHE_ACCOUNT_MAX 256

struct cache;

struct cache_entry {
	char account[CACHE_ACCOUNT_MAX]; /* "": the model could not tell */
	uint32_t confidence_ppm;
};

struct cache *cache_open(const char *dir);
void cache_close(struct cache **cache);
bool cache_get(struct cache *cache, const struct blob_hash *key, struct cache_entry *entry);
void cache_put(struct cache *cache, const struct blob_hash *key, struct span account,
	       uint32_t confidence_ppm);

#endif
