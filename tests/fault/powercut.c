/*
 * powercut - loaded into daybook's processes, it keeps what a power cut would bring back.
 *
 * Shape    every write, truncation, new, lost or other name below $POWER_DATA is appended to
 *          $POWER_LOG before it is done, with what was there before, and every sync after it is
 *          done, with how long the log was when it began: what lies before that is on disk. The log
 *          is one for all processes, each record one write with O_APPEND. Files that lose their
 *          name are kept by another beside the log. powercut.py reads it.
 *          Not followed: sockets and pids (run/), and shared memory of SQLite and LMDB, which both
 *          make anew when the first process opens the files again.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PATH_SIZE  4096
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

struct record {
	char kind; /* w write, t truncate, s sync, d durable at once; of names: c new, m folder,
		    * r renamed, u removed, l linked */
	char unused[7];
	uint64_t ino;  /* of the file; of its folder for names */
	uint64_t at;   /* w: place, t: new size, s: length of the log, d: place in the log */
	uint64_t size; /* of the file before */
	uint64_t n;    /* w: bytes that are written */
	uint64_t len;  /* of what follows: the bytes that were there, or names ended by NUL each */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static pid_t log_owner;
static int kept;

static int log_open(void)
{
	if (log_fd == -1 || log_owner != getpid()) {
		log_fd = REAL(open)(getenv("POWER_LOG"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
				    0600);
		log_owner = getpid();
	}
	return log_fd;
}

static uint64_t log_length(void)
{
	struct stat st = {0};

	fstat(log_open(), &st);
	return (uint64_t)st.st_size;
}

/* Returns where in the log the record ends. */
static uint64_t append(struct record record, const void *what)
{
	struct iovec parts[] = {{&record, sizeof(record)}, {(void *)what, record.len}};
	int before = errno;
	off_t end;

	pthread_mutex_lock(&mutex);
	if (REAL(writev)(log_open(), parts, 2) != (ssize_t)(sizeof(record) + record.len))
		abort();
	end = lseek(log_fd, 0, SEEK_CUR);
	pthread_mutex_unlock(&mutex);
	errno = before;
	return (uint64_t)end;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

static bool is_followed(const char *path)
{
	const char *data = getenv("POWER_DATA");
	size_t len = data ? strlen(data) : 0;

	return len && strncmp(path, data, len) == 0 && path[len] == '/' &&
	       strncmp(path + len, "/run/", 5) != 0 && !ends_with(path, "-shm") &&
	       !ends_with(path, "lock.mdb");
}

static void path_of(int fd, char path[PATH_SIZE])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_SIZE - 1);
	path[n > 0 ? n : 0] = '\0';
}

static bool follows(int fd, struct stat *st)
{
	char path[PATH_SIZE];
	int before = errno;
	bool yes;

	path_of(fd, path);
	yes = is_followed(path) && fstat(fd, st) == 0;
	errno = before;
	return yes;
}

static void absolute(int folder, const char *name, char path[PATH_SIZE])
{
	char at[PATH_SIZE] = "";

	if (name[0] != '/' && folder != AT_FDCWD)
		path_of(folder, at);
	snprintf(path, PATH_SIZE, "%.2000s%s%.2000s", at, *at ? "/" : "", name);
}

static uint64_t folder_ino(const char *path)
{
	char folder[PATH_SIZE];
	struct stat st = {0};

	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	stat(folder, &st);
	return (uint64_t)st.st_ino;
}

/* ---- bytes ---- */

/* The descriptor may be for writing only. */
static size_t bytes_at(int fd, void *out, size_t len, off_t at)
{
	char link[64];
	ssize_t got = pread(fd, out, len, at);
	int again;

	if (got >= 0)
		return (size_t)got;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	again = REAL(open)(link, O_RDONLY | O_CLOEXEC);
	got = again == -1 ? -1 : pread(again, out, len, at);
	if (got < 0)
		abort();
	close(again);
	return (size_t)got;
}

static uint64_t keep_bytes(int fd, struct record record)
{
	uint64_t end = record.kind == 't' ? record.size : record.at + record.n, place;
	void *old = NULL;

	if (end > record.size)
		end = record.size;
	if (end > record.at) {
		old = malloc(end - record.at);
		record.len = bytes_at(fd, old, end - record.at, (off_t)record.at);
	}
	place = append(record, old ? old : "") - sizeof(record) - record.len;
	free(old);
	return place;
}

/* Returns the place in the log of what was kept; UINT64_MAX: the file is not followed. */
static uint64_t before_write(int fd, size_t n, off_t at)
{
	int before = errno;
	struct stat st;
	uint64_t place;

	if (n == 0 || !follows(fd, &st))
		return UINT64_MAX;
	if (at == -1)
		at = fcntl(fd, F_GETFL) & O_APPEND ? st.st_size : lseek(fd, 0, SEEK_CUR);
	place = keep_bytes(fd, (struct record){.kind = 'w',
					       .ino = st.st_ino,
					       .at = (uint64_t)at,
					       .size = (uint64_t)st.st_size,
					       .n = n});
	errno = before;
	return place;
}

/* LMDB writes its roots through a descriptor that syncs at once. */
static ssize_t after_write(int fd, uint64_t place, ssize_t written)
{
	int before = errno;

	if (place != UINT64_MAX && written > 0 && (fcntl(fd, F_GETFL) & O_DSYNC))
		append((struct record){.kind = 'd', .at = place}, "");
	errno = before;
	return written;
}

static size_t length(const struct iovec *parts, int n)
{
	size_t len = 0;

	for (int i = 0; i < n; i++)
		len += parts[i].iov_len;
	return len;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	uint64_t place = before_write(fd, n, -1);

	return after_write(fd, place, REAL(write)(fd, bytes, n));
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
	uint64_t place = before_write(fd, length(parts, n), -1);

	return after_write(fd, place, REAL(writev)(fd, parts, n));
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	uint64_t place = before_write(fd, n, at);

	return after_write(fd, place, REAL(pwrite)(fd, bytes, n, at));
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	return pwrite(fd, bytes, n, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at)
{
	uint64_t place = before_write(fd, length(parts, n), at);

	return after_write(fd, place, REAL(pwritev)(fd, parts, n, at));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at)
{
	return pwritev(fd, parts, n, at);
}

int ftruncate(int fd, off_t size)
{
	struct stat st;

	if (follows(fd, &st) && st.st_size != size)
		keep_bytes(fd, (struct record){.kind = 't',
					       .ino = st.st_ino,
					       .at = (uint64_t)size,
					       .size = (uint64_t)st.st_size});
	return REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

static int synced(int fd, int (*sync)(int))
{
	uint64_t begun = log_length();
	int rc = sync(fd);
	struct stat st;

	if (rc == 0 && fstat(fd, &st) == 0)
		append((struct record){.kind = 's', .ino = st.st_ino, .at = begun}, "");
	return rc;
}

int fsync(int fd)
{
	return synced(fd, REAL(fsync));
}

int fdatasync(int fd)
{
	return synced(fd, REAL(fdatasync));
}

/* ---- names ---- */

static void name_changes(char kind, const char *path, const char *to, const char *backup)
{
	char text[3 * PATH_SIZE];
	int len = snprintf(text, sizeof(text), "%s%c%s%c%s%c", path, 0, to, 0, backup, 0);
	struct record record = {
		.kind = kind, .ino = folder_ino(*to ? to : path), .len = (uint64_t)len};

	append(record, text);
}

/* Another name for what `path` names now; "" when it names nothing. */
static void back_up(const char *path, char backup[PATH_SIZE])
{
	pthread_mutex_lock(&mutex);
	snprintf(backup, PATH_SIZE, "%.3000s.kept-%ld-%d", getenv("POWER_LOG"), (long)getpid(),
		 kept++);
	pthread_mutex_unlock(&mutex);
	if (REAL(link)(path, backup) != 0)
		backup[0] = '\0';
}

static int opened(int folder, const char *name, int flags, mode_t mode)
{
	char path[PATH_SIZE];
	struct stat st;
	bool was;
	int fd;

	absolute(folder, name, path);
	if (!(flags & (O_CREAT | O_TRUNC)) || !is_followed(path))
		return REAL(openat)(folder, name, flags, mode);
	was = stat(path, &st) == 0;
	if (!was)
		name_changes('c', path, "", "");
	fd = REAL(openat)(folder, name, flags & ~O_TRUNC, mode);
	if (fd != -1 && (flags & O_TRUNC) && ftruncate(fd, 0) != 0)
		abort();
	return fd;
}

static mode_t mode_of(int flags, va_list arguments)
{
	return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return opened(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return opened(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return opened(folder, path, flags, mode);
}

int mkdir(const char *path, mode_t mode)
{
	struct stat st;

	if (is_followed(path) && stat(path, &st) != 0)
		name_changes('m', path, "", "");
	return REAL(mkdir)(path, mode);
}

int unlinkat(int folder, const char *name, int flags)
{
	char path[PATH_SIZE], backup[PATH_SIZE];

	absolute(folder, name, path);
	if (is_followed(path) && !(flags & AT_REMOVEDIR)) {
		back_up(path, backup);
		if (*backup)
			name_changes('u', path, "", backup);
	}
	return REAL(unlinkat)(folder, name, flags);
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	char from_path[PATH_SIZE], to_path[PATH_SIZE], backup[PATH_SIZE];

	absolute(from_folder, from, from_path);
	absolute(to_folder, to, to_path);
	if (is_followed(to_path)) {
		back_up(to_path, backup);
		name_changes('r', from_path, to_path, backup);
	}
	return REAL(renameat)(from_folder, from, to_folder, to);
}

int rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int link(const char *from, const char *to)
{
	struct stat st;

	if (is_followed(to) && stat(to, &st) != 0)
		name_changes('l', to, "", "");
	return REAL(link)(from, to);
}
