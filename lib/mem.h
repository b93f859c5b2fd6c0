/*
 * mem - allocation that cannot fail.
 *
 * Errors   out of memory ends the process (exit 71, EX_OSERR); sizes asked for are bounded by the
 *          caller, and the lease brings lost work back.
 * Owns     the caller owns what is returned; release with free().
 */
#ifndef DAYBOOK_LIB_MEM_H
#define DAYBOOK_LIB_MEM_H

#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Ends the process, as the others do when there is none left. */
_Noreturn void mem_out(void);
void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t bytes);
void *xrealloc(void *old, size_t bytes);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
