#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define LOG_LINE 1024

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *log_program = "daybook";
static enum log_level log_until = LOG_INFO;
static bool log_time = true;

void log_open(const char *program, const char *level)
{
	log_program = program;
	log_until = LOG_INFO;
	for (int i = 0; level && i < 4; i++)
		if (strcmp(level, level_names[i]) == 0)
			log_until = (enum log_level)i;
	/* journald stamps each line itself. */
	log_time = !getenv("JOURNAL_STREAM");
}

/* Text from outside could forge a line of its own or steer a terminal. */
static size_t log_escape(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; *text && n + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f)
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
	}
	return n;
}

/* One write a line, so that lines of several processes do not mix. */
static void log_write(enum log_level level, const char *text)
{
	char line[LOG_LINE + 128], time[CLOCK_TEXT_SIZE + 1] = "";
	size_t n;

	if (log_time) {
		clock_text(clock_wall_ms(), time);
		time[CLOCK_TEXT_SIZE - 1] = ' ';
	}
	n = (size_t)snprintf(line, 128, "%s%s %s[%d] ", time, level_names[level], log_program,
			     (int)getpid());
	if (n >= 128)
		n = 127;
	n += log_escape(text, line + n, sizeof line - 1 - n);
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, n);
}

static void log_args(enum log_level level, const char *format, va_list args)
{
	char text[LOG_LINE];

	if (level > log_until)
		return;
	vsnprintf(text, sizeof text, format, args);
	log_write(level, text);
}

#define LOG_FUNCTION(name, level)                                                                  \
	void name(const char *format, ...)                                                         \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, format);                                                            \
		log_args(level, format, args);                                                     \
		va_end(args);                                                                      \
	}

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

void log_fault(enum log_level level, const char *doing, const struct fault *why)
{
	char text[LOG_LINE];

	if (level > log_until)
		return;
	snprintf(text, sizeof text, "%s: %s (%s)%s%s", doing, why->text, why->code,
		 why->hint[0] ? "; " : "", why->hint);
	log_write(level, text);
}
