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

int file_sync_folder(const char *path, struct fault *why)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd == -1 ? -1 : fsync(fd);

	if (rc != 0)
		fault_errno(why, "sync a folder");
	if (fd != -1)
		close(fd);
	return rc;
}

int file_make_folder(const char *path, struct fault *why)
{
	char *above = folder_of(path);
	int rc = 0;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		rc = fault_errno(why, "make a folder");
	else if (above)
		rc = file_sync_folder(above, why);
	free(above);
	return rc;
}

static int make_folders(const char *folder, struct fault *why)
{
	char *above = folder_of(folder);
	int rc = above ? file_make_folder(above, why) : 0;

	free(above);
	return rc == 0 ? file_make_folder(folder, why) : -1;
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

int file_replace(const char *path, struct span bytes, struct fault *why)
{
	char *folder = folder_of(path);
	char *made = xasprintf("%s.%ld", path, (long)getpid());
	int rc = folder ? make_folders(folder, why) : 0;

	if (rc == 0 && (write_synced(made, bytes) != 0 || rename(made, path) != 0)) {
		rc = fault_errno(why, "write a file");
		unlink(made);
	}
	if (rc == 0 && folder)
		rc = file_sync_folder(folder, why);
	free(folder);
	free(made);
	return rc;
}
