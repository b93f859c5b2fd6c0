#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

/* The folder of `path`, or of that; NULL: there is none. The caller frees. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash > path ? xstrndup(path, (size_t)(slash - path)) : NULL;
}

static int make_folders(const char *folder, struct fault *why)
{
	char *above = folder_of(folder);

	if (above && mkdir(above, 0700) != 0 && errno != EEXIST) {
		free(above);
		return fault_errno(why, "make a folder");
	}
	free(above);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fault_errno(why, "make a folder");
	return 0;
}

static int write_synced(const char *path, struct span bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t put = 0;

	if (fd == -1)
		return -1;
	for (size_t at = 0; at < bytes.len && put >= 0; at += (size_t)put)
		put = write(fd, bytes.at + at, bytes.len - at);
	if (put < 0 || fsync(fd) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return close(fd);
}

static int sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd == -1 ? -1 : fsync(fd);

	if (fd != -1)
		close(fd);
	return rc;
}

int file_replace(const char *path, struct span bytes, struct fault *why)
{
	char *folder = folder_of(path);
	char *made = xasprintf("%s.%ld", path, (long)getpid());
	int rc = folder ? make_folders(folder, why) : 0;

	if (rc == 0 && (write_synced(made, bytes) != 0 || rename(made, path) != 0 ||
			(folder && sync_folder(folder) != 0))) {
		rc = fault_errno(why, "write a file");
		unlink(made);
	}
	free(folder);
	free(made);
	return rc;
}
