#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* No stdio here: it may want to allocate. */
void mem_out(void)
{
	static const char text[] = "out of memory\n";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(EX_OSERR);
}

static void *mem_check(void *p)
{
	if (!p)
		mem_out();
	return p;
}

void *xmalloc(size_t bytes)
{
	return mem_check(malloc(bytes ? bytes : 1));
}

void *xcalloc(size_t count, size_t bytes)
{
	return mem_check(calloc(count ? count : 1, bytes ? bytes : 1));
}

void *xrealloc(void *old, size_t bytes)
{
	return mem_check(realloc(old, bytes ? bytes : 1));
}

char *xstrdup(const char *text)
{
	return mem_check(strdup(text));
}

char *xstrndup(const char *text, size_t len)
{
	return mem_check(strndup(text, len));
}

char *xasprintf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return mem_check(len < 0 ? NULL : text);
}
