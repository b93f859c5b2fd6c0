#include "datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"

#define PROBE_BYTES (1024 * 1024) /* less than this free: nothing would go well for long */
#define LONGEST	    "/run/control.ipc"

static const char *const FOLDERS[] = {"/run",	   "/blobs", "/jobs",  "/books",
				      "/contexts", "/llm",   "/rules", "/accounts"};

int datadir_run_path(const char *dir, const char *name, char out[DATADIR_PATH_SIZE])
{
	int len = snprintf(out, DATADIR_PATH_SIZE, "%s/run/%s", dir, name);

	return len < DATADIR_PATH_SIZE ? 0 : -1;
}

static int cannot(struct fault *why, const char *what, const char *path)
{
	int error = errno;
	bool full = error == ENOSPC || error == EDQUOT;

	fault_set(why, FAULT_JOB, full ? "disk-full" : "data-directory", "cannot %s %s: %s", what,
		  path, strerror(error));
	return full ? EX_IOERR : EX_CANTCREAT;
}

/* Every folder above DIR that is missing is made too, as mkdir -p does. */
static int make_above(const char *dir, struct fault *why)
{
	char path[DATADIR_PATH_SIZE];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return cannot(why, "make", path);
		*slash = '/';
	}
	return EX_OK;
}

static int make_folders(const char *dir, struct fault *why)
{
	char path[DATADIR_PATH_SIZE];
	int rc = make_above(dir, why);

	if (rc == EX_OK && access(dir, F_OK) != 0 && file_make_folder(dir, why) != 0)
		rc = cannot(why, "make", dir);
	for (size_t i = 0; rc == EX_OK && i < ARRAY_LEN(FOLDERS); i++) {
		snprintf(path, sizeof(path), "%s%s", dir, FOLDERS[i]);
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			rc = cannot(why, "make", path);
	}
	if (rc == EX_OK && file_sync_folder(dir, why) != 0)
		rc = EX_IOERR;
	if (rc != EX_OK)
		return rc;
	/* Whoever can enter run/ can speak to the broker. */
	snprintf(path, sizeof(path), "%s/run", dir);
	return chmod(path, 0700) == 0 ? EX_OK : cannot(why, "close to others", path);
}

static int take_lock(const char *dir, int *lock, struct fault *why)
{
	char path[DATADIR_PATH_SIZE];

	datadir_run_path(dir, "up.lock", path);
	*lock = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (*lock == -1)
		return cannot(why, "write", path);
	if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
		return EX_OK;
	close(*lock);
	*lock = -1;
	fault_set(why, FAULT_JOB, "up-already", "another daybook up runs on %s", dir);
	return EX_TEMPFAIL;
}

/* An empty file can be made on a full disk, so ask for some room. */
static int probe(const char *dir, struct fault *why)
{
	char path[DATADIR_PATH_SIZE];
	int fd, error;

	datadir_run_path(dir, "probe", path);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (fd == -1)
		return cannot(why, "write", path);
	error = posix_fallocate(fd, 0, PROBE_BYTES);
	close(fd);
	unlink(path);
	errno = error;
	return error ? cannot(why, "write to", dir) : EX_OK;
}

int datadir_prepare(const char *dir, int *lock, struct fault *why)
{
	int rc;

	*lock = -1;
	if (strlen(dir) + sizeof(LONGEST) > sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		fault_set(why, FAULT_JOB, "data-directory",
			  "the path %s is too long for sockets in it; %zu characters are possible",
			  dir, sizeof(((struct sockaddr_un *)NULL)->sun_path) - sizeof(LONGEST));
		return EX_CONFIG;
	}
	rc = make_folders(dir, why);
	if (rc == EX_OK)
		rc = take_lock(dir, lock, why);
	if (rc == EX_OK)
		rc = probe(dir, why);
	return rc;
}

bool datadir_is_up(const char *dir)
{
	char path[DATADIR_PATH_SIZE];
	bool held;
	int fd;

	if (datadir_run_path(dir, "up.lock", path) != 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	held = flock(fd, LOCK_SH | LOCK_NB) != 0;
	close(fd);
	return held;
}
