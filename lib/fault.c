#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_set(struct fault *why, enum fault_class class, const char *code, const char *format, ...)
{
	char text[sizeof(why->text)];
	va_list args;

	if (why == NULL)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	memset(why, 0, sizeof(*why));
	why->class = class;
	snprintf(why->code, sizeof(why->code), "%s", code);
	memcpy(why->text, text, sizeof(text));
	return -1;
}

int fault_hint(struct fault *why, const char *format, ...)
{
	va_list args;

	if (why == NULL)
		return -1;
	va_start(args, format);
	vsnprintf(why->hint, sizeof(why->hint), format, args);
	va_end(args);
	return -1;
}

int fault_errno(struct fault *why, const char *doing)
{
	int error = errno;
	char text[128];
	const char *message = strerror_r(error, text, sizeof(text));

	switch (error) {
	case ENOSPC:
	case EDQUOT:
		fault_set(why, FAULT_RETRY, "disk-full", "%s: %s", doing, message);
		return fault_hint(why, "make room on the disk");
	case EIO:
	case EMFILE:
	case ENFILE:
	case EAGAIN:
		return fault_set(why, FAULT_RETRY, "io", "%s: %s", doing, message);
	default:
		return fault_set(why, FAULT_JOB, "io", "%s: %s", doing, message);
	}
}

const char *fault_class_name(enum fault_class class)
{
	static const char *const names[] = {"none", "input", "retry", "job"};

	return names[class];
}
