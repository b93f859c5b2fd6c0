#include "clock.h"

#include <stdio.h>
#include <time.h>

#include "day.h"

#define DAY_MS INT64_C(86400000)

static int64_t clock_read(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return clock_read(CLOCK_REALTIME);
}

int64_t clock_ms(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

void clock_text(int64_t wall_ms, char out[CLOCK_TEXT_SIZE])
{
	/* The year 9999 ends here; a time beyond it is a bug elsewhere, not worth a longer text. */
	const int64_t last_ms = INT64_C(253402300799999);
	int64_t ms = wall_ms < 0 ? 0 : wall_ms > last_ms ? last_ms : wall_ms;
	int32_t rest = (int32_t)(ms % DAY_MS);
	char day[DAY_TEXT_SIZE];

	day_text((int32_t)(ms / DAY_MS), day);
	snprintf(out, CLOCK_TEXT_SIZE, "%.10sT%02u:%02u:%02u.%03uZ", day, rest / 3600000u % 24,
		 rest / 60000u % 60, rest / 1000u % 60, rest % 1000u);
}
