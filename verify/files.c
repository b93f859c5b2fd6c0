/* files - uploads and other files named by their content: the right bytes, and an owner. */
#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "verify.h"

#define HASH_TEXT 64
/* An upload is named before it is submitted; one whose API died then is swept by the broker within
 * two hours. */
#define GRACE_MS (2 * 60 * 60 * 1000)

static bool hash_file(int dir, const char *name, char text[HASH_TEXT + 1])
{
	crypto_generichash_state *state = aligned_alloc(64, sizeof(*state));
	unsigned char hash[HASH_TEXT / 2], bytes[65536];
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (state && fd != -1) {
		crypto_generichash_init(state, NULL, 0, sizeof(hash));
		while ((n = read(fd, bytes, sizeof(bytes))) > 0)
			crypto_generichash_update(state, bytes, (size_t)n);
		crypto_generichash_final(state, hash, sizeof(hash));
		sodium_bin2hex(text, HASH_TEXT + 1, hash, sizeof(hash));
	}
	if (fd != -1)
		close(fd);
	free(state);
	return n == 0;
}

static void check_bytes(struct verify *v, int dir, const char *folder, const char *name)
{
	char text[HASH_TEXT + 1];

	report_looked(&v->report, I8, 1);
	if (!hash_file(dir, name, text)) {
		if (faccessat(dir, name, F_OK, 0) == 0) /* else it went just now */
			report_breach(&v->report, I8, "%s/%s cannot be read", folder, name);
	} else if (strncmp(text, name, HASH_TEXT) != 0) {
		report_breach(&v->report, I8, "%s/%s: its content is not that of its name", folder,
			      name);
	}
}

/* "<hash>.<id>" of the job whose upload it is. */
static void check_upload(struct verify *v, int dir, const char *name)
{
	struct stat st;
	struct id id;
	struct job *job;

	report_looked(&v->report, I7, 1);
	if (strlen(name) != HASH_TEXT + ID_TEXT_SIZE || name[HASH_TEXT] != '.' ||
	    id_read(span_text(name + HASH_TEXT + 1), &id) != 0) {
		report_breach(&v->report, I7, "blobs/%s is nobody's", name);
		return;
	}
	job = verify_job(v, id.bytes);
	if (job || v->blind) /* what became no job may be cut: nobody was promised it */
		check_bytes(v, dir, "blobs", name);
	if (job || v->blind || fstatat(dir, name, &st, 0) != 0 || store_moved(v, id.bytes))
		return;
	if ((int64_t)st.st_mtime * 1000 + GRACE_MS < v->wall_ms)
		report_breach(&v->report, I7, "blobs/%s: its job is not there", name);
}

static void check_folder(struct verify *v, const char *folder,
			 void (*each)(struct verify *v, int dir, const char *name))
{
	char *path = xasprintf("%s/%s", v->data, folder);
	DIR *dir = opendir(path);
	struct dirent *entry;

	free(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "tmp") != 0)
			each(v, dirfd(dir), entry->d_name);
	}
	closedir(dir);
}

static void check_tmp(struct verify *v, int dir, const char *name)
{
	struct stat st;

	report_looked(&v->report, I7, 1);
	if (v->ended && fstatat(dir, name, &st, 0) == 0)
		report_breach(&v->report, I7, "blobs/tmp/%s is a piece of an upload", name);
}

static void check_context(struct verify *v, int dir, const char *name)
{
	if (strlen(name) == HASH_TEXT)
		check_bytes(v, dir, "contexts", name);
}

/* What a job needs to go on, and what it promises as long as its record is there. */
static void check_upload_of(struct verify *v, const struct job *job)
{
	char hash[HASH_TEXT + 1], id[ID_TEXT_SIZE], *path;

	if (!job->has_blob || job->has_upload || job_expired(v, job))
		return;
	sodium_bin2hex(hash, sizeof(hash), job->blob, sizeof(job->blob));
	id_text(job->id, id);
	path = xasprintf("%s/blobs/%s.%s", v->data, hash, id);
	report_looked(&v->report, I1, 1);
	if (access(path, F_OK) != 0 && !store_moved(v, job->id.bytes))
		report_breach(&v->report, I1, "%s: its upload is gone", job->text_id);
	free(path);
}

void files_check(struct verify *v)
{
	check_folder(v, "blobs", check_upload);
	check_folder(v, "blobs/tmp", check_tmp);
	check_folder(v, "contexts", check_context);
	for (size_t i = 0; i < v->n_jobs; i++)
		check_upload_of(v, &v->jobs[i]);
}
