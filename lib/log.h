/*
 * log - one line per thing that happened, on standard error.
 *
 * Shape    `2026-11-23T10:00:00.000Z info rules[4711] text`; CR, LF and other control bytes are
 *          escaped. Never the contents of a person's rows. Under systemd the time is left out.
 * Owns     nothing; log_open() remembers the program's name by pointer.
 */
#ifndef DAYBOOK_LIB_LOG_H
#define DAYBOOK_LIB_LOG_H

#include "fault.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* `level`: "error", "warn", "info", "debug"; anything else (also NULL) is info. */
void log_open(const char *program, const char *level);
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "doing: text (code)". */
void log_fault(enum log_level level, const char *doing, const struct fault *why);

#endif
