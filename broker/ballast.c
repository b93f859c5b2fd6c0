#include "ballast.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mem.h"

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size == BALLAST_BYTES;
}

static bool has_room(const char *dir)
{
	struct statvfs fs;

	return statvfs(dir, &fs) == 0 && fs.f_bavail * fs.f_frsize >= 2 * BALLAST_BYTES;
}

static bool make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool made = fd != -1 && posix_fallocate(fd, 0, BALLAST_BYTES) == 0;

	if (fd != -1)
		close(fd);
	if (!made)
		unlink(path);
	return made;
}

bool ballast_fill(const char *dir)
{
	char *path = xasprintf("%s/ballast", dir);
	bool there = is_there(path) || (has_room(dir) && make(path));

	free(path);
	return there;
}

bool ballast_spend(const char *dir)
{
	char *path = xasprintf("%s/ballast", dir);
	bool was = is_there(path);

	unlink(path);
	free(path);
	return was;
}
