#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "config_reading.h"
#include "mem.h"
#include "money.h"

#define TEXT_MAX 4096
#define FILE_MAX 65536

#define AT(member) offsetof(struct config, member)
static const struct key keys[] = {
	{"", "data", KEY_TEXT, AT(data), 1, 0},
	{"", "listen", KEY_TEXT, AT(listen), 1, 0},
	{"", "currency", KEY_TEXT, AT(currency), 3, 0},
	{"", "log", KEY_TEXT, AT(log), 1, 0},
	{"limits", "retention_s", KEY_U32, AT(retention_s), 1, 366 * 86400},
	{"limits", "max_bytes", KEY_U64, AT(max_bytes), 0, UINT64_MAX / 2},
	{"limits", "max_rows", KEY_U64, AT(max_rows), 0, UINT64_MAX / 2},
	{"limits", "window_units", KEY_U32, AT(window_units), 1, 1024},
	{"limits", "window_all", KEY_U32, AT(window_all), 1, 4096},
	{"limits", "running_jobs", KEY_U32, AT(running_jobs), 1, 4096},
	{"limits", "disk_fill", KEY_PPM, AT(disk_fill_ppm), 0, 0},
	{"limits", "connections_per_address", KEY_U32, AT(connections_per_address), 1, 1000000},
	{"limits", "requests_per_tenant", KEY_U32, AT(requests_per_tenant), 1, 1000000},
	{"limits", "confidence", KEY_PPM, AT(confidence_ppm), 0, 0},
	{"access", "keys_file", KEY_TEXT, AT(keys_file), 0, 0},
	{"model", "url", KEY_TEXT, AT(model.url), 0, 0},
	{"model", "name", KEY_TEXT, AT(model.name), 0, 0},
	{"model", "key_file", KEY_TEXT, AT(model.key_file), 0, 0},
	{"model", "timeout_ms", KEY_U32, AT(model.timeout_ms), 100, 600000},
	{"model", "questions_in_flight", KEY_U32, AT(model.questions_in_flight), 1, 64},
};
#undef AT

int config_refuse(const struct loading *l, const char *code, const char *key, const char *what)
{
	return fault_set(l->why, FAULT_INPUT, code, "%s: %s %s", l->path, key, what);
}

int config_number(const struct loading *l, const struct key *k, const char *value, void *at)
{
	uint64_t n;
	char allowed[96];

	if (span_u64(span_text(value), &n) != 0 || n < k->least || n > k->most) {
		snprintf(allowed, sizeof(allowed), "is %" PRIu64 " to %" PRIu64 ", not \"%.32s\"",
			 k->least, k->most, value);
		return config_refuse(l, "config-number", k->name, allowed);
	}
	if (k->kind == KEY_U64)
		*(uint64_t *)at = n;
	else
		*(uint32_t *)at = (uint32_t)n;
	return 0;
}

static int set_ppm(const struct loading *l, const struct key *k, const char *value, void *at)
{
	char *end;
	double n = strtod(value, &end);

	if (end == value || *end || !(n >= 0 && n <= 1))
		return config_refuse(l, "config-number", k->name, "is a fraction from 0 to 1");
	*(uint32_t *)at = (uint32_t)(n * 1e6 + 0.5);
	return 0;
}

static int set_text(const struct loading *l, const struct key *k, const char *value, void *at)
{
	char **text = at;

	if (strlen(value) < k->least || strlen(value) > TEXT_MAX)
		return config_refuse(l, "config-text", k->name, "is empty or too long");
	free(*text);
	*text = *value ? xstrdup(value) : NULL;
	return 0;
}

static int set_key(struct loading *l, const char *section, zconfig_t *node)
{
	const char *name = zconfig_name(node), *value = zconfig_value(node);

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct key *k = &keys[i];
		void *at = (char *)l->config + k->at;

		if (strcmp(k->section, section) != 0 || strcmp(k->name, name) != 0)
			continue;
		l->seen |= 1U << i;
		if (k->kind == KEY_TEXT)
			return set_text(l, k, value ? value : "", at);
		if (k->kind == KEY_PPM)
			return set_ppm(l, k, value ? value : "", at);
		return config_number(l, k, value ? value : "", at);
	}
	return config_refuse(l, "config-unknown-key", name, "is not a key that daybook knows");
}

/* ---- files ---- */

static int load_node(struct loading *l, zconfig_t *node)
{
	const char *name = zconfig_name(node);
	int rc = 0;

	if (strcmp(name, "pipelines") == 0) {
		for (zconfig_t *p = zconfig_child(node); p && rc == 0; p = zconfig_next(p))
			rc = config_read_pipeline(l, p);
		return rc;
	}
	if (strcmp(name, "limits") != 0 && strcmp(name, "access") != 0 &&
	    strcmp(name, "model") != 0)
		return set_key(l, "", node);
	for (zconfig_t *k = zconfig_child(node); k && rc == 0; k = zconfig_next(k))
		rc = set_key(l, name, k);
	return rc;
}

/* `text` has room for FILE_MAX + 2 bytes and is all zero. */
static int read_file(const struct loading *l, char *text)
{
	FILE *file = fopen(l->path, "re");
	int rc = 0;
	size_t n;

	if (file == NULL)
		return fault_set(l->why, FAULT_INPUT, "config-missing", "cannot read %s: %s",
				 l->path, strerror(errno));
	n = fread(text, 1, FILE_MAX + 1, file);
	if (ferror(file) || n > FILE_MAX || memchr(text, '\0', n) != NULL)
		rc = fault_set(l->why, FAULT_INPUT, "config-size",
			       "%s is not a text file of at most %d bytes", l->path, FILE_MAX);
	fclose(file);
	return rc;
}

/* Not zconfig_load(): it loses memory when the file has a mistake. */
static int load_file(struct loading *l)
{
	char *text = xcalloc(1, FILE_MAX + 2);
	zconfig_t *root = NULL;
	int rc = read_file(l, text);

	if (rc == 0) {
		root = zconfig_str_load(text);
		if (root == NULL)
			rc = fault_set(
				l->why, FAULT_INPUT, "config-syntax",
				"%s is not ZPL: \"key = value\" lines, nested by four spaces",
				l->path);
	}
	for (zconfig_t *n = root ? zconfig_child(root) : NULL; n && rc == 0; n = zconfig_next(n))
		rc = load_node(l, n);
	zconfig_destroy(&root);
	free(text);
	return rc;
}

/* Where this program is installed: BIN/../share/daybook/etc, or BIN/../../etc in a checkout. */
static char *find_etc(const char *bin)
{
	static const char *const places[] = {"/../share/daybook/etc", "/../../etc",
					     "/../../../etc"};
	char *real = NULL;

	for (size_t i = 0; i < ARRAY_LEN(places) && real == NULL; i++) {
		char *file = xasprintf("%s%s/daybook.conf", bin, places[i]);

		if (access(file, R_OK) == 0) {
			*strrchr(file, '/') = '\0';
			real = realpath(file, NULL);
		}
		free(file);
	}
	return real;
}

/* The directory of the running program. */
static char *find_bin(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	return xstrdup(exe);
}

static int load_user_file(struct loading *l, const char *path, const char *data)
{
	char *beside = NULL;
	int rc = 0;

	if (path == NULL)
		path = getenv("DAYBOOK_CONFIG");
	if (path == NULL || *path == '\0') {
		beside = xasprintf("%s/daybook.conf", data ? data : l->config->data);
		path = access(beside, R_OK) == 0 ? beside : NULL;
	}
	if (path) {
		l->path = path;
		l->builtin = false;
		rc = load_file(l);
	}
	free(beside);
	return rc;
}

static bool is_log_level(const char *text)
{
	static const char *const levels[] = {"error", "warn", "info", "debug"};

	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (strcmp(text, levels[i]) == 0)
			return true;
	return false;
}

static int check(struct loading *l)
{
	struct config *c = l->config;

	if (!is_log_level(c->log))
		return config_refuse(l, "config-text", "log", "is error, warn, info or debug");
	if (money_exponent(c->currency) < 0)
		return config_refuse(l, "config-currency", c->currency,
				     "is not an ISO 4217 currency");
	for (uint32_t i = 0; i < c->n_pipelines; i++) {
		if (config_check_pipeline(l, &c->pipelines[i]) != 0)
			return -1;
	}
	return 0;
}

/* The program's own file is where the defaults are: it must have them all. */
static int check_defaults(const struct loading *l)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!(l->seen & 1U << i))
			return config_refuse(l, "config-default", keys[i].name,
					     "has no default there");
	}
	return 0;
}

static void replace(char **text, const char *by)
{
	if (by == NULL)
		return;
	free(*text);
	*text = xstrdup(by);
}

static int load_all(struct config *c, const char *path, const char *data, struct fault *why)
{
	struct loading l = {.config = c, .builtin = true, .why = why};
	char *defaults = xasprintf("%s/daybook.conf", c->etc);
	int rc;

	l.path = defaults;
	rc = load_file(&l);
	if (rc == 0)
		rc = check_defaults(&l);
	if (rc == 0)
		rc = load_user_file(&l, path, data);
	if (rc == 0)
		rc = check(&l);
	free(defaults);
	return rc;
}

int config_load_with(const char *etc, const char *path, const char *data, const char *listen,
		     struct config **config, struct fault *why)
{
	struct config *c = xcalloc(1, sizeof(*c));

	c->bin = find_bin();
	c->etc = xstrdup(etc);
	if (load_all(c, path, data, why) != 0) {
		config_free(&c);
		return -1;
	}
	replace(&c->data, data);
	replace(&c->listen, listen);
	*config = c;
	return 0;
}

int config_load(const char *path, const char *data, const char *listen, struct config **config,
		struct fault *why)
{
	char *bin = find_bin(), *etc = find_etc(bin);
	int rc;

	if (etc)
		rc = config_load_with(etc, path, data, listen, config, why);
	else
		rc = fault_set(why, FAULT_INPUT, "config-missing",
			       "etc/daybook.conf is not where this program was installed");
	free(bin);
	free(etc);
	return rc;
}

void config_free(struct config **config)
{
	struct config *c = *config;

	if (c == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (keys[i].kind == KEY_TEXT)
			free(*(char **)(void *)((char *)c + keys[i].at));
	}
	for (uint32_t i = 0; i < c->n_stages; i++)
		free(c->stages[i].command);
	free(c->etc);
	free(c->bin);
	free(c);
	*config = NULL;
}

const struct config_pipeline *config_pipeline(const struct config *config, const char *name)
{
	for (uint32_t i = 0; i < config->n_pipelines; i++) {
		if (strcmp(config->pipelines[i].name, name) == 0)
			return &config->pipelines[i];
	}
	return NULL;
}

const struct config_stage *config_stage(const struct config *config, const char *name)
{
	uint32_t stage;

	return config_stage_of(config, span_text(name), &stage) == 0 ? &config->stages[stage]
								     : NULL;
}

int config_stage_of(const struct config *config, struct span name, uint32_t *stage)
{
	for (*stage = 0; *stage < config->n_stages; ++*stage) {
		if (span_is(name, config->stages[*stage].name))
			return 0;
	}
	return -1;
}

void config_endpoint(const struct config *config, const char *which, char out[256])
{
	snprintf(out, 256, "ipc://%s/run/%s.ipc", config->data, which);
}
