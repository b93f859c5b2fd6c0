#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "span.h"

/* Text that did not fit is cut between characters, since it goes on as UTF-8. */
static void fault_format(char *out, size_t size, const char *format, va_list args)
{
	if (vsnprintf(out, size, format, args) >= (int)size)
		out[span_utf8_whole(span_of(out, size - 1)).len] = '\0';
}

int fault_set(struct fault *why, enum fault_class class, const char *code, const char *format, ...)
{
	va_list args;

	if (!why)
		return -1;
	why->class = class;
	why->hint[0] = '\0';
	why->row = 0;
	snprintf(why->code, sizeof why->code, "%s", code);
	va_start(args, format);
	fault_format(why->text, sizeof why->text, format, args);
	va_end(args);
	return -1;
}

int fault_hint(struct fault *why, const char *format, ...)
{
	va_list args;

	if (!why)
		return -1;
	va_start(args, format);
	fault_format(why->hint, sizeof why->hint, format, args);
	va_end(args);
	return -1;
}

int fault_errno(struct fault *why, const char *doing)
{
	int err = errno;
	bool full = err == ENOSPC || err == EDQUOT;
	bool passes = full || err == EIO || err == EMFILE || err == ENFILE || err == EAGAIN ||
		      err == ENOMEM;

	fault_set(why, passes ? FAULT_RETRY : FAULT_JOB, full ? "disk-full" : "io", "%s: %s", doing,
		  strerror(err));
	errno = err;
	return -1;
}

const char *fault_class_name(enum fault_class class)
{
	static const char *const names[] = {"none", "input", "retry", "job"};

	return (unsigned)class < 4 ? names[class] : "none";
}
