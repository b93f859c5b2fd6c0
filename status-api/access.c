#include "access.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "log.h"
#include "mem.h"

#define HASH_BYTES    32
#define KEYS_MAX      10000
#define KEY_BYTES_MAX 512

struct key {
	struct caller caller;
	uint8_t hash[HASH_BYTES];
};

struct keys {
	struct key *at;
	int n, room;
};

struct access {
	char *path;
	struct stat seen;
	struct keys keys;
};

static int key_read(struct keys *keys, char *line, struct fault *why)
{
	char *rest, *tenant = strtok_r(line, " \t\r\n", &rest), *name, *hex;
	struct key *key;
	size_t len;

	if (tenant == NULL || tenant[0] == '#')
		return 0;
	name = strtok_r(NULL, " \t\r\n", &rest);
	hex = strtok_r(NULL, " \t\r\n", &rest);
	if (name == NULL || hex == NULL || strtok_r(NULL, " \t\r\n", &rest))
		return fault_set(why, FAULT_INPUT, "keys-line",
				 "not `tenant name hash`: three words are needed");
	if (keys->n == KEYS_MAX)
		return fault_set(why, FAULT_INPUT, "keys-many", "more than %d keys", KEYS_MAX);
	if (keys->n == keys->room) {
		keys->room = keys->room ? 2 * keys->room : 16;
		keys->at = xrealloc(keys->at, (size_t)keys->room * sizeof(*keys->at));
	}
	key = &keys->at[keys->n];
	memset(key, 0, sizeof(*key));
	key->caller.any_tenant = strcmp(tenant, "*operator") == 0;
	if (!key->caller.any_tenant) {
		if (!name_is_valid(span_text(tenant)))
			return fault_set(why, FAULT_INPUT, "keys-tenant",
					 "'%.64s' is neither a tenant nor *operator", tenant);
		snprintf(key->caller.tenant, sizeof(key->caller.tenant), "%s", tenant);
	}
	if (sodium_hex2bin(key->hash, HASH_BYTES, hex, strlen(hex), NULL, &len, NULL) != 0 ||
	    len != HASH_BYTES || strlen(hex) != (size_t)2 * HASH_BYTES)
		return fault_set(why, FAULT_INPUT, "keys-hash",
				 "the hash is not 64 hex digits (BLAKE2b-256 of the key)");
	keys->n++;
	return 0;
}

static int keys_read(const char *path, FILE *file, struct keys *keys, struct fault *why)
{
	char line[1024];

	for (int no = 1; fgets(line, sizeof(line), file); no++) {
		struct fault inner = {0};

		if (key_read(keys, line, &inner) != 0)
			return fault_set(why, FAULT_INPUT, inner.code, "%s, line %d: %s", path, no,
					 inner.text);
	}
	if (ferror(file))
		return fault_errno(why, "reading the keys");
	return 0;
}

static int keys_load(const char *path, struct keys *keys, struct stat *seen, struct fault *why)
{
	FILE *file = fopen(path, "re");
	int rc;

	memset(keys, 0, sizeof(*keys));
	if (file == NULL || fstat(fileno(file), seen) != 0) {
		fault_set(why, FAULT_INPUT, "keys-missing", "%s: %s", path, strerror(errno));
		if (file)
			fclose(file);
		return -1;
	}
	if (seen->st_mode & (S_IRWXG | S_IRWXO)) {
		rc = fault_set(why, FAULT_INPUT, "keys-mode",
			       "%s can be read by others; it must have mode 0600", path);
		fault_hint(why, "chmod 600 %s", path);
	} else {
		rc = keys_read(path, file, keys, why);
	}
	fclose(file);
	if (rc == 0 && keys->n == 0)
		rc = fault_set(why, FAULT_INPUT, "keys-none", "%s has no keys", path);
	if (rc != 0)
		free(keys->at);
	return rc;
}

int access_open(const char *path, struct access **access, struct fault *why)
{
	struct access *a = xcalloc(1, sizeof(*a));

	if (path && keys_load(path, &a->keys, &a->seen, why) != 0) {
		free(a);
		return -1;
	}
	a->path = path ? xstrdup(path) : NULL;
	*access = a;
	return 0;
}

void access_close(struct access **access)
{
	struct access *a = *access;

	*access = NULL;
	if (a == NULL)
		return;
	free(a->keys.at);
	free(a->path);
	free(a);
}

bool access_has_keys(const struct access *access)
{
	return access->path != NULL;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mode == b->st_mode &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void access_tick(struct access *access)
{
	struct stat now = {0};
	struct keys keys;
	struct fault why = {0};

	if (access->path == NULL)
		return;
	if (stat(access->path, &now) == 0 && is_same_file(&now, &access->seen))
		return;
	if (keys_load(access->path, &keys, &now, &why) != 0) {
		/* said once for each state of the file, not each second */
		if (!is_same_file(&now, &access->seen))
			log_fault(LOG_ERROR, "the keys stay as they were", &why);
		access->seen = now;
		return;
	}
	log_info("%d keys read", keys.n);
	free(access->keys.at);
	access->keys = keys;
	access->seen = now;
}

int access_check(const struct access *access, const char *authorization, struct caller *caller)
{
	uint8_t hash[HASH_BYTES];
	const struct key *found = NULL;
	size_t len;

	memset(caller, 0, sizeof(*caller));
	if (access->path == NULL) {
		caller->any_tenant = true;
		return 0;
	}
	if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
		return -1;
	authorization += 7 + strspn(authorization + 7, " ");
	len = strlen(authorization);
	if (len == 0 || len > KEY_BYTES_MAX)
		return -1;
	crypto_generichash(hash, sizeof(hash), (const uint8_t *)authorization, len, NULL, 0);
	/* every key is compared, in constant time, so the time taken tells nothing */
	for (int i = 0; i < access->keys.n; i++) {
		if (sodium_memcmp(hash, access->keys.at[i].hash, HASH_BYTES) == 0)
			found = &access->keys.at[i];
	}
	if (found == NULL)
		return -1;
	*caller = found->caller;
	return 0;
}

bool access_may(const struct caller *caller, struct span tenant)
{
	return caller->any_tenant || span_is(tenant, caller->tenant);
}

/* host[:port] with the scheme's own port left out, so that both ways of writing it are equal. */
static struct span authority_of(const char *text, bool https)
{
	struct span s = span_text(text);
	const char *port = https ? ":443" : ":80";
	size_t len = strlen(port);

	if (s.len > len && memcmp(s.at + s.len - len, port, len) == 0)
		s.len -= len;
	return s;
}

bool access_is_cross_origin(const char *origin, const char *host)
{
	bool https;

	if (origin == NULL)
		return false;
	https = strncasecmp(origin, "https://", 8) == 0;
	if (host == NULL || (!https && strncasecmp(origin, "http://", 7) != 0))
		return true;
	return !span_equal_fold(authority_of(origin + (https ? 8 : 7), https),
				authority_of(host, https));
}

bool access_is_local_host(const char *host)
{
	char name[256];
	struct in6_addr address;
	char *colon;
	size_t len;

	if (host == NULL || span_copy(span_text(host), name, sizeof(name)) != 0)
		return false;
	if (name[0] == '[') {
		colon = strchr(name, ']');
		if (colon == NULL)
			return false;
		*colon = '\0';
		return inet_pton(AF_INET6, name + 1, &address) == 1;
	}
	colon = strchr(name, ':');
	if (colon)
		*colon = '\0';
	len = strlen(name);
	if (strcasecmp(name, "localhost") == 0 ||
	    (len > 10 && strcasecmp(name + len - 10, ".localhost") == 0))
		return true;
	return inet_pton(AF_INET, name, &address) == 1;
}
