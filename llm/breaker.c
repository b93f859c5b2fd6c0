#include "breaker.h"

uint32_t breaker_allows(const struct breaker *breaker, uint32_t most, int64_t now_ms)
{
	if (breaker->pause_ms == 0)
		return most;
	return now_ms < breaker->until_ms ? 0 : 1;
}

void breaker_success(struct breaker *breaker)
{
	*breaker = (struct breaker){0};
}

bool breaker_failure(struct breaker *breaker, uint32_t weight, int64_t now_ms)
{
	breaker->failures += weight;
	/* what was under way when the pause began says nothing new */
	if (breaker->pause_ms > 0 && now_ms < breaker->until_ms)
		return false;
	if (breaker->pause_ms == 0 && breaker->failures < BREAKER_FAILURES)
		return false;
	breaker->pause_ms = breaker->pause_ms == 0 ? BREAKER_FIRST_MS : breaker->pause_ms * 2;
	if (breaker->pause_ms > BREAKER_LONGEST_MS)
		breaker->pause_ms = BREAKER_LONGEST_MS;
	breaker->until_ms = now_ms + breaker->pause_ms;
	return true;
}
