/*
 * starter - the starter rules of an installation, compiled once and shared.
 *
 * Shape    all ETC/rules/ *.rules in the order of their names are one set. A set that was ever in
 *          use on this machine can be loaded again by its hash from DATA/starter.
 * Errors   as library.h says. Where DATA/starter cannot be written it says so in the log and goes
 *          on: only an upgrade in the middle of a job would miss it.
 * Owns     counted: starter_take() adds a holder, starter_give_back() takes one away. A set that
 *          another was compiled on lives as long as that one's holder holds both.
 */
#ifndef DAYBOOK_RULES_STARTER_H
#define DAYBOOK_RULES_STARTER_H

#include "rules.h"

struct starter;

/* What ETC has now: leaves *starter alone when nothing changed (name, size and time of each file),
 * else replaces it. When the new rules are faulty the old ones stay, if there are any. */
int starter_refresh(struct starter **starter, const char *etc, const char *data, struct fault *why);
int starter_load(const char *data, struct blob_hash hash, struct starter **starter,
		 struct fault *why);
struct starter *starter_take(struct starter *starter);
void starter_give_back(struct starter **starter);
struct rules *starter_rules(struct starter *starter);
struct blob_hash starter_hash(const struct starter *starter);

#endif
