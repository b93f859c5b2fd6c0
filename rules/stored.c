/*
 * stored - see stored.h.
 */
#include "stored.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define STORED_BYTES_MAX (64 * 1024 * 1024)

struct blob_hash stored_key(const char *const *texts, const unsigned *flags, const unsigned *ids,
			    unsigned n)
{
	crypto_generichash_state state;
	struct blob_hash key;
	const char *version = hs_version();

	crypto_generichash_init(&state, NULL, 0, sizeof key.bytes);
	crypto_generichash_update(&state, (const unsigned char *)version, strlen(version) + 1);
	for (unsigned i = 0; i < n; i++) {
		const unsigned numbers[] = {flags[i], ids[i]};

		crypto_generichash_update(&state, (const unsigned char *)numbers, sizeof numbers);
		crypto_generichash_update(&state, (const unsigned char *)texts[i],
					  strlen(texts[i]) + 1);
	}
	crypto_generichash_final(&state, key.bytes, sizeof key.bytes);
	return key;
}

static char *path_of(const char *dir, const struct blob_hash *key)
{
	char name[BLOB_HASH_TEXT_SIZE];

	blob_hash_text(*key, name);
	return xasprintf("%s/%s.hs", dir, name);
}

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rbe");
	struct stat st;
	char *bytes = NULL;

	if (!file)
		return NULL;
	if (fstat(fileno(file), &st) == 0 && st.st_size > BLOB_HASH_BYTES &&
	    st.st_size <= STORED_BYTES_MAX) {
		*len = (size_t)st.st_size;
		bytes = xmalloc(*len);
		if (fread(bytes, 1, *len, file) != *len) {
			free(bytes);
			bytes = NULL;
		}
	}
	fclose(file);
	return bytes;
}

hs_database_t *stored_load(const char *dir, const struct blob_hash *key)
{
	char *path = path_of(dir, key);
	size_t len = 0;
	char *bytes = read_file(path, &len);
	hs_database_t *database = NULL;
	struct blob_hash hash;

	if (bytes) {
		blob_hash_of(span_of(bytes + BLOB_HASH_BYTES, len - BLOB_HASH_BYTES), &hash);
		if (memcmp(hash.bytes, bytes, BLOB_HASH_BYTES) != 0 ||
		    hs_deserialize_database(bytes + BLOB_HASH_BYTES, len - BLOB_HASH_BYTES,
					    &database) != HS_SUCCESS)
			database = NULL;
	}
	free(bytes);
	free(path);
	return database;
}

static int write_file(const char *path, const struct blob_hash *hash, struct span bytes)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	FILE *file = fd == -1 ? NULL : fdopen(fd, "wb");
	bool wrote = false;

	if (!file)
		return -1;
	wrote = fwrite(hash->bytes, 1, BLOB_HASH_BYTES, file) == BLOB_HASH_BYTES &&
		fwrite(bytes.at, 1, bytes.len, file) == bytes.len;
	return fclose(file) == 0 && wrote ? 0 : -1;
}

void stored_save(const char *dir, const struct blob_hash *key, const hs_database_t *database)
{
	char *path = path_of(dir, key);
	char *tmp = xasprintf("%s.%ld", path, (long)getpid());
	char *bytes = NULL;
	size_t len = 0;
	struct blob_hash hash;

	mkdir(dir, 0700);
	if (hs_serialize_database(database, &bytes, &len) == HS_SUCCESS) {
		blob_hash_of(span_of(bytes, len), &hash);
		if (write_file(tmp, &hash, span_of(bytes, len)) != 0 || rename(tmp, path) != 0) {
			log_debug("compiled rules are not kept in %s", dir);
			unlink(tmp);
		}
	}
	free(bytes);
	free(tmp);
	free(path);
}
