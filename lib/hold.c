#include "hold.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define LOCK_TRIES    5
#define LOCK_PAUSE_US 10000

static char *path_of(const char *data)
{
	return xasprintf("%s/backup.hold", data);
}

int hold_take(const char *data, int *hold, struct fault *why)
{
	char *path = path_of(data);

	*hold = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	free(path);
	if (*hold == -1)
		return fault_errno(why, "keep expired jobs from being purged");
	/* Who only asks holds it for a moment. */
	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(*hold, LOCK_EX | LOCK_NB) == 0) {
			hold_touch(*hold);
			return 0;
		}
		usleep(LOCK_PAUSE_US);
	}
	close(*hold);
	*hold = -1;
	return fault_set(why, FAULT_RETRY, "backup-busy", "another backup of %s is at work", data);
}

void hold_touch(int hold)
{
	(void)!futimens(hold, NULL); /* a hold that cannot be touched ends by itself */
}

void hold_release(const char *data, int *hold)
{
	char *path = path_of(data);

	if (*hold != -1) {
		unlink(path);
		close(*hold);
	}
	free(path);
	*hold = -1;
}

bool hold_is_on(const char *data, int64_t wall_ms)
{
	char *path = path_of(data);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool on;

	free(path);
	if (fd == -1)
		return false;
	on = flock(fd, LOCK_SH | LOCK_NB) != 0 && fstat(fd, &st) == 0 &&
	     llabs(wall_ms - (int64_t)st.st_mtime * 1000) < HOLD_STALE_MS;
	close(fd);
	return on;
}
