#include "blob.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "crash.h"
#include "mem.h"

struct blob_writer {
	char *dir, *path; /* of the file in DIR/tmp */
	int fd;
	uint64_t bytes;
	crypto_generichash_state state;
};

/* ---- names ---- */

void blob_hash_of(struct span bytes, struct blob_hash *hash)
{
	crypto_generichash(hash->bytes, sizeof(hash->bytes), (const unsigned char *)bytes.at,
			   bytes.len, NULL, 0);
}

void blob_hash_text(struct blob_hash hash, char out[BLOB_HASH_TEXT_SIZE])
{
	sodium_bin2hex(out, BLOB_HASH_TEXT_SIZE, hash.bytes, sizeof(hash.bytes));
}

int blob_hash_read(struct span text, struct blob_hash *hash)
{
	size_t n;

	if (text.len != BLOB_HASH_TEXT_SIZE - 1)
		return -1;
	return sodium_hex2bin(hash->bytes, sizeof(hash->bytes), text.at, text.len, NULL, &n,
			      NULL) == 0 &&
			       n == sizeof(hash->bytes)
		       ? 0
		       : -1;
}

static char *path_of(const char *dir, struct blob_hash hash, struct id owner)
{
	char hex[BLOB_HASH_TEXT_SIZE], id[ID_TEXT_SIZE];

	blob_hash_text(hash, hex);
	if (id_is_zero(owner))
		return xasprintf("%s/%s", dir, hex);
	id_text(owner, id);
	return xasprintf("%s/%s.%s", dir, hex, id);
}

/* ---- writing ---- */

static int make_dir(const char *path, struct fault *why)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	return fault_errno(why, "make the directory for uploads");
}

static void writer_free(struct blob_writer **writer)
{
	struct blob_writer *w = *writer;

	if (w->fd >= 0)
		close(w->fd);
	free(w->dir);
	free(w->path);
	free(w);
	*writer = NULL;
}

int blob_start(const char *dir, struct blob_writer **writer, struct fault *why)
{
	struct blob_writer *w = xcalloc(1, sizeof(*w));
	char *tmp = xasprintf("%s/tmp", dir);
	char id[ID_TEXT_SIZE];

	w->fd = -1;
	w->dir = xstrdup(dir);
	id_text(id_new(clock_wall_ms()), id);
	w->path = xasprintf("%s/%s", tmp, id);
	if (make_dir(dir, why) == 0 && make_dir(tmp, why) == 0) {
		w->fd = open(w->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (w->fd < 0)
			fault_errno(why, "create the upload");
	}
	free(tmp);
	if (w->fd < 0) {
		writer_free(&w);
		return -1;
	}
	crypto_generichash_init(&w->state, NULL, 0, BLOB_HASH_BYTES);
	*writer = w;
	return 0;
}

int blob_write(struct blob_writer *w, struct span bytes, struct fault *why)
{
	crypto_generichash_update(&w->state, (const unsigned char *)bytes.at, bytes.len);
	while (bytes.len) {
		ssize_t n = write(w->fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_errno(why, "write the upload");
		bytes.at += n;
		bytes.len -= (size_t)n;
		w->bytes += (uint64_t)n;
	}
	return 0;
}

static int sync_dir(const char *dir, struct fault *why)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return fault_errno(why, "open the directory for uploads");
	rc = fsync(fd);
	if (rc != 0)
		fault_errno(why, "sync the directory for uploads");
	close(fd);
	return rc == 0 ? 0 : -1;
}

/* The name is given after the bytes are on disk, and promised after the name is. */
static int settle(struct blob_writer *w, const char *path, struct fault *why)
{
	crash_at("blob.fsync.before");
	if (fdatasync(w->fd) != 0)
		return fault_errno(why, "sync the upload");
	crash_at("blob.fsync.after");
	if (rename(w->path, path) != 0)
		return fault_errno(why, "name the upload");
	crash_at("blob.rename.after");
	return sync_dir(w->dir, why);
}

int blob_finish(struct blob_writer **writer, struct id owner, struct blob_hash *hash,
		uint64_t *bytes, struct fault *why)
{
	struct blob_writer *w = *writer;
	char *path;
	int rc;

	crypto_generichash_final(&w->state, hash->bytes, sizeof(hash->bytes));
	path = path_of(w->dir, *hash, owner);
	if (bytes)
		*bytes = w->bytes;
	rc = settle(w, path, why);
	free(path);
	if (rc != 0)
		unlink(w->path);
	writer_free(writer);
	return rc;
}

void blob_abandon(struct blob_writer **writer)
{
	if (*writer == NULL)
		return;
	unlink((*writer)->path);
	writer_free(writer);
}

int blob_put(const char *dir, struct span bytes, struct id owner, struct blob_hash *hash,
	     struct fault *why)
{
	struct blob_writer *w;

	if (blob_start(dir, &w, why) != 0)
		return -1;
	if (blob_write(w, bytes, why) != 0) {
		blob_abandon(&w);
		return -1;
	}
	return blob_finish(&w, owner, hash, NULL, why);
}

/* ---- reading ---- */

int blob_open(const char *dir, struct blob_hash hash, struct id owner, int *fd, struct fault *why)
{
	char *path = path_of(dir, hash, owner);

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (*fd >= 0)
		return 0;
	if (errno == ENOENT)
		return fault_set(why, FAULT_JOB, "blob-missing", "the uploaded file is gone");
	return fault_errno(why, "open the upload");
}

int blob_delete(const char *dir, struct blob_hash hash, struct id owner, struct fault *why)
{
	char *path = path_of(dir, hash, owner);
	int rc = unlink(path);

	free(path);
	return rc == 0 || errno == ENOENT ? 0 : fault_errno(why, "delete the upload");
}

void blob_sweep(const char *dir)
{
	char *path = xasprintf("%s/tmp", dir);
	DIR *tmp = opendir(path);
	struct dirent *entry;

	while (tmp && (entry = readdir(tmp)) != NULL) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(tmp), entry->d_name, 0);
	}
	if (tmp)
		closedir(tmp);
	free(path);
}
