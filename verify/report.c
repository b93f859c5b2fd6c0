#include "report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const NAMES[INVARIANTS] = {
	[I1] = "every accepted job exists and ends",
	[I2] = "each source row ends exactly once",
	[I3] = "entries balance, sums are those of the file",
	[I4] = "nothing in the books without a job",
	[I5] = "no lease beside another",
	[I6] = "what was told is what is stored",
	[I7] = "nothing is left behind",
	[I8] = "all checksums are good",
	[I9] = "no tenant has another's id",
};

void report_looked(struct report *report, enum invariant at, uint64_t n)
{
	report->of[at].looked += n;
}

void report_breach(struct report *report, enum invariant at, const char *format, ...)
{
	va_list args;

	if (report->of[at].breaches++ > 0)
		return;
	va_start(args, format);
	vsnprintf(report->of[at].first, sizeof(report->of[at].first), format, args);
	va_end(args);
}

void report_note(struct report *report, const char *format, ...)
{
	va_list args;

	report->notes++;
	fputs("note: ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

uint64_t report_print(const struct report *report)
{
	uint64_t all = 0;

	for (int i = I1; i < INVARIANTS; i++) {
		printf("I%d %-6s %-44s %10" PRIu64 " looked at, %" PRIu64 " breaches\n", i,
		       report->of[i].breaches ? "BROKEN" : "holds", NAMES[i], report->of[i].looked,
		       report->of[i].breaches);
		if (report->of[i].breaches)
			printf("   first: %s\n", report->of[i].first);
		all += report->of[i].breaches;
	}
	return all;
}
