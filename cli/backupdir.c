#include "backupdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define HASH_BYTES 32
#define HASH_TEXT  (2 * HASH_BYTES + 1)
#define BLOCK	   (256 * 1024)
#define DEPTH_MAX  16
#define HEADING	   "daybook-backup 1\n"
#define LIST_MAX   (256 * 1024 * 1024) /* a million files */

/* ---- files ---- */

static int cannot(struct fault *why, const char *what, const char *path)
{
	char doing[200];

	snprintf(doing, sizeof(doing), "%s %s", what, path);
	return fault_errno(why, doing);
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Reads `from` to its end, into `to` unless that is -1; size and hash. */
static int pass_bytes(struct backupdir *b, int from, int to, uint64_t *size, char text[HASH_TEXT])
{
	crypto_generichash_state *state = aligned_alloc(64, sizeof(*state));
	unsigned char hash[HASH_BYTES];
	char *block = xmalloc(BLOCK);
	ssize_t n = -1;

	*size = 0;
	if (state)
		crypto_generichash_init(state, NULL, 0, sizeof(hash));
	while (state && ((n = read(from, block, BLOCK)) > 0 || (n < 0 && errno == EINTR))) {
		if (n > 0)
			crypto_generichash_update(state, (unsigned char *)block, (size_t)n);
		if (n > 0 && to != -1 && write_all(to, block, (size_t)n) != 0) {
			n = -1;
			break;
		}
		*size += n > 0 ? (uint64_t)n : 0;
		if (b && b->alive)
			b->alive(b->alive_arg);
	}
	if (n == 0) {
		crypto_generichash_final(state, hash, sizeof(hash));
		sodium_bin2hex(text, HASH_TEXT, hash, sizeof(hash));
	}
	free(state);
	free(block);
	return n == 0 ? 0 : -1;
}

static int sync_path(const char *path, struct fault *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd == -1 ? -1 : fsync(fd);

	if (rc != 0)
		cannot(why, "sync", path);
	if (fd != -1)
		close(fd);
	return rc;
}

static void list(struct backupdir *b, const char *name, uint64_t size, const char *hash)
{
	buf_format(&b->list, "%s %" PRIu64 " %s\n", hash, size, name);
	b->files++;
	b->bytes += size;
}

/* ---- begin ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st, (void)type, (void)place;
	return remove(path);
}

static int remove_all(const char *path)
{
	return nftw(path, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS);
}

static bool is_empty(const char *dir)
{
	DIR *open_dir = opendir(dir);
	struct dirent *entry;
	bool empty = open_dir != NULL;

	while (empty && (entry = readdir(open_dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (open_dir)
		closedir(open_dir);
	return empty;
}

/* The folder is its own lock, which ends with its process. */
static int lock_partial(struct backupdir *b, struct fault *why)
{
	b->lock = open(b->partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->lock == -1)
		return errno == ENOENT ? 1 : cannot(why, "open", b->partial);
	if (flock(b->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return fault_set(why, FAULT_RETRY, "backup-busy", "another process writes %s", b->partial);
}

static int take_partial(struct backupdir *b, struct fault *why)
{
	int rc = lock_partial(b, why);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		if (remove_all(b->partial) != 0)
			return cannot(why, "remove", b->partial);
		close(b->lock);
	}
	if (mkdir(b->partial, 0700) != 0)
		return cannot(why, "make", b->partial);
	return lock_partial(b, why) == 0 ? 0 : -1;
}

int backupdir_begin(const char *dir, struct backupdir **backup, struct fault *why)
{
	struct backupdir *b = xcalloc(1, sizeof(*b));
	size_t len = strlen(dir);

	(void)!sodium_init();
	while (len > 1 && dir[len - 1] == '/')
		len--;
	b->dir = xstrndup(dir, len);
	b->partial = xasprintf("%s.partial", b->dir);
	b->lock = -1;
	if (access(b->dir, F_OK) == 0 && !is_empty(b->dir)) {
		fault_set(why, FAULT_JOB, "backup-exists", "%s is there already", b->dir);
		fault_hint(why, "name a folder that is not there, or an empty one");
	} else if (take_partial(b, why) == 0) {
		*backup = b;
		return 0;
	}
	if (b->lock != -1)
		close(b->lock);
	b->lock = -1;
	free(b->dir);
	free(b->partial);
	free(b);
	return -1;
}

/* ---- filling ---- */

char *backupdir_path(struct backupdir *b, const char *name, struct fault *why)
{
	char *path = xasprintf("%s/%s", b->partial, name);

	for (char *slash = strchr(path + strlen(b->partial) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			cannot(why, "make", path);
			free(path);
			return NULL;
		}
		*slash = '/';
	}
	return path;
}

static int copy_open(struct backupdir *b, int from, const char *name, struct fault *why)
{
	char *path = backupdir_path(b, name, why), hash[HASH_TEXT];
	uint64_t size;
	int to, rc = -1;

	if (!path)
		return -1;
	to = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (to != -1 && pass_bytes(b, from, to, &size, hash) == 0 && fsync(to) == 0)
		rc = 0;
	if (rc != 0)
		cannot(why, "write", path);
	if (to != -1)
		close(to);
	free(path);
	if (rc == 0)
		list(b, name, size, hash);
	return rc;
}

int backupdir_copy(struct backupdir *b, const char *from, const char *name, struct fault *why)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC), rc;

	if (fd == -1)
		return errno == ENOENT ? 1 : cannot(why, "read", from);
	rc = copy_open(b, fd, name, why);
	close(fd);
	return rc;
}

static int copy_entry(struct backupdir *b, const char *from, const char *name, struct fault *why)
{
	struct stat st;
	int rc = 0;

	if (lstat(from, &st) != 0)
		return errno == ENOENT ? 0 : cannot(why, "read", from);
	if (S_ISDIR(st.st_mode))
		rc = backupdir_copy_all(b, from, name, why);
	else if (S_ISREG(st.st_mode))
		rc = backupdir_copy(b, from, name, why);
	return rc < 0 ? -1 : 0;
}

int backupdir_copy_all(struct backupdir *b, const char *from, const char *name, struct fault *why)
{
	DIR *dir = opendir(from);
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return errno == ENOENT ? 0 : cannot(why, "read", from);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		char *inner, *inner_name;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		inner = xasprintf("%s/%s", from, entry->d_name);
		inner_name = xasprintf("%s/%s", name, entry->d_name);
		rc = copy_entry(b, inner, inner_name, why);
		free(inner);
		free(inner_name);
	}
	closedir(dir);
	return rc;
}

int backupdir_add(struct backupdir *b, const char *name, struct fault *why)
{
	char *path = xasprintf("%s/%s", b->partial, name), hash[HASH_TEXT];
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	uint64_t size;

	if (fd != -1 && fsync(fd) == 0 && pass_bytes(b, fd, -1, &size, hash) == 0)
		rc = 0;
	if (rc != 0)
		cannot(why, "sync", path);
	if (fd != -1)
		close(fd);
	free(path);
	if (rc == 0)
		list(b, name, size, hash);
	return rc;
}

/* ---- finish ---- */

static void end_line(const struct buf *lines, char text[HASH_TEXT])
{
	unsigned char hash[HASH_BYTES];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)lines->at, lines->len, NULL,
			   0);
	sodium_bin2hex(text, HASH_TEXT, hash, sizeof(hash));
}

static int write_manifest(struct backupdir *b, struct fault *why)
{
	char *path = xasprintf("%s/manifest", b->partial), hash[HASH_TEXT];
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600), rc = -1;

	end_line(&b->list, hash);
	buf_format(&b->list, "end %s\n", hash);
	if (fd != -1 && write_all(fd, b->list.at, b->list.len) == 0 && fsync(fd) == 0)
		rc = 0;
	if (rc != 0)
		cannot(why, "write", path);
	if (fd != -1)
		close(fd);
	free(path);
	return rc;
}

static int sync_folders(const char *path, struct fault *why)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc = dir ? 0 : cannot(why, "open", path);

	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		char *inner;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		inner = xasprintf("%s/%s", path, entry->d_name);
		rc = sync_folders(inner, why);
		free(inner);
	}
	if (dir)
		closedir(dir);
	return rc == 0 ? sync_path(path, why) : -1;
}

static int sync_above(const char *dir, struct fault *why)
{
	char *above = xstrdup(dir), *slash = strrchr(above, '/');
	int rc;

	if (slash)
		slash[slash == above ? 1 : 0] = '\0';
	rc = sync_path(slash ? above : ".", why);
	free(above);
	return rc;
}

void backupdir_abandon(struct backupdir **backup)
{
	struct backupdir *b = *backup;

	if (!b)
		return;
	remove_all(b->partial);
	close(b->lock);
	buf_release(&b->list);
	free(b->dir);
	free(b->partial);
	free(b);
	*backup = NULL;
}

int backupdir_finish(struct backupdir **backup, struct fault *why)
{
	struct backupdir *b = *backup;
	int rc = -1;

	if ((b->list.len == 0 || write_manifest(b, why) == 0) &&
	    sync_folders(b->partial, why) == 0) {
		rc = rename(b->partial, b->dir); /* also onto an empty folder */
		if (rc != 0)
			cannot(why, "name", b->dir);
		else
			rc = sync_above(b->dir, why);
	}
	backupdir_abandon(backup);
	return rc;
}

/* ---- check ---- */

struct manifest {
	struct buf lines;
	const char *dir;
	uint64_t files;
};

static int damaged(struct fault *why, const char *dir, const char *what, const char *name)
{
	fault_set(why, FAULT_JOB, "backup-damaged", "the backup %s is damaged: %s %s", dir, name,
		  what);
	return fault_hint(why, "use another backup; nothing was restored");
}

static int load(const char *dir, struct buf *lines, struct fault *why)
{
	char *path = xasprintf("%s/manifest", dir), hash[HASH_TEXT], *end;
	FILE *file = fopen(path, "re");
	size_t n = 1;

	free(path);
	if (!file)
		return fault_set(why, FAULT_JOB, "backup-damaged",
				 "%s is no backup: it has no manifest", dir);
	while (n > 0 && lines->len < LIST_MAX) {
		char *at = buf_reserve(lines, BLOCK);

		n = fread(at, 1, BLOCK, file);
		lines->len -= BLOCK - n;
		lines->at[lines->len] = '\0';
	}
	fclose(file);
	end = lines->len > sizeof("end ") + HASH_TEXT
		      ? lines->at + lines->len - (sizeof("end \n") - 1 + HASH_TEXT - 1)
		      : NULL;
	if (!end || strncmp(lines->at, HEADING, strlen(HEADING)) != 0)
		return damaged(why, dir, "is not whole", "manifest");
	lines->len = (size_t)(end - lines->at);
	end_line(lines, hash);
	if (strncmp(end, "end ", 4) != 0 || strncmp(end + 4, hash, HASH_TEXT - 1) != 0)
		return damaged(why, dir, "is not whole", "manifest");
	lines->at[lines->len] = '\0';
	return 0;
}

static int check_file(const char *dir, const char *name, uint64_t size, const char *hash,
		      struct fault *why)
{
	char *path = xasprintf("%s/%s", dir, name), found_hash[HASH_TEXT];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t found = 0;
	int rc = 0;

	free(path);
	if (fd == -1)
		return damaged(why, dir, "is missing", name);
	if (pass_bytes(NULL, fd, -1, &found, found_hash) != 0)
		rc = damaged(why, dir, "cannot be read", name);
	else if (found != size)
		rc = damaged(why, dir, "is not of its size", name);
	else if (strcmp(found_hash, hash) != 0)
		rc = damaged(why, dir, "has not its content", name);
	close(fd);
	return rc;
}

/* "<hash> <bytes> <path>", cut up in place. */
static int check_line(const char *dir, char *line, const char **name, struct fault *why)
{
	char *size = strchr(line, ' '), *path = size ? strchr(size + 1, ' ') : NULL;
	uint64_t bytes;

	if (!path)
		return damaged(why, dir, "has a line that is none", "manifest");
	*size++ = '\0';
	*path++ = '\0';
	if (span_u64(span_text(size), &bytes) != 0 || *path == '/' || strstr(path, ".."))
		return damaged(why, dir, "has a line that is none", "manifest");
	*name = path;
	return check_file(dir, path, bytes, line, why);
}

int backupdir_check(const char *dir, int64_t *taken_ms,
		    int (*each)(void *arg, const char *name, struct fault *why), void *arg,
		    struct fault *why)
{
	struct buf lines = {0};
	char *line, *rest = NULL;
	const char *name = NULL;
	int rc;

	(void)!sodium_init();
	rc = load(dir, &lines, why);
	if (rc == 0) {
		strtok_r(lines.at, "\n", &rest);
		line = strtok_r(NULL, "\n", &rest);
		*taken_ms = line && strncmp(line, "taken ", 6) == 0 ? strtoll(line + 6, NULL, 10)
								    : 0;
	}
	while (rc == 0 && (line = strtok_r(NULL, "\n", &rest)) != NULL) {
		rc = check_line(dir, line, &name, why);
		if (rc == 0)
			rc = each(arg, name, why);
	}
	buf_release(&lines);
	return rc;
}
