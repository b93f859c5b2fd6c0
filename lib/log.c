#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define LINE_MAX_BYTES 1024

static const char *program = "daybook";
static enum log_level shown = LOG_INFO;
static const char *const names[] = {"error", "warn", "info", "debug"};

void log_open(const char *name, const char *level)
{
	program = name;
	shown = LOG_INFO;
	for (int i = 0; level && i <= LOG_DEBUG; i++) {
		if (strcmp(level, names[i]) == 0)
			shown = (enum log_level)i;
	}
}

/* Control bytes become \xNN: one thing that happened is one line, whoever wrote the text. */
static size_t escape(const char *text, char *out, size_t room)
{
	size_t n = 0;

	for (; *text && n + 5 < room; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			n += (size_t)snprintf(out + n, room - n, "\\x%02x", c);
		else
			out[n++] = (char)c;
	}
	return n;
}

static void emit(enum log_level level, const char *format, va_list args)
{
	char text[LINE_MAX_BYTES], line[2 * LINE_MAX_BYTES], when[CLOCK_TEXT_SIZE];
	int n = 0;
	size_t len;

	if (level > shown)
		return;
	vsnprintf(text, sizeof(text), format, args);
	if (getenv("JOURNAL_STREAM") == NULL) { /* systemd's journal has its own clock */
		clock_text(clock_wall_ms(), when);
		n = snprintf(line, sizeof(line), "%s ", when);
	}
	n += snprintf(line + n, sizeof(line) - (size_t)n, "%s %s[%d] ", names[level], program,
		      (int)getpid());
	len = (size_t)n + escape(text, line + n, sizeof(line) - (size_t)n - 1);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return; /* nowhere left to say so */
}

#define LOG_FUNCTION(name, level)                                                                  \
	void name(const char *format, ...)                                                         \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, format);                                                            \
		emit(level, format, args);                                                         \
		va_end(args);                                                                      \
	}

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

static void emit_fault(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void emit_fault(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	emit(level, format, args);
	va_end(args);
}

void log_fault(enum log_level level, const char *doing, const struct fault *why)
{
	emit_fault(level, "%s: %s (%s)%s%s", doing, why->text, why->code, *why->hint ? "; " : "",
		   why->hint);
}
