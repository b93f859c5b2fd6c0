#include "privacy.h"

#include <sys/resource.h>
#include <sys/stat.h>

void privacy_begin(void)
{
	umask(077);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0});
}
