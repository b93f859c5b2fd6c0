#include "config.h"

#include <czmq.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "money.h"
#include "span.h"

#define TEXT_MAX 4096

/* ---- keys that are one value ---- */

enum key_kind { KEY_TEXT, KEY_U32, KEY_U64, KEY_PPM };

struct key {
	const char *section, *name; /* section "" = top */
	enum key_kind kind;
	size_t at;
	uint64_t least, most;
};

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
	{"limits", "confidence", KEY_PPM, AT(confidence_ppm), 0, 0},
	{"access", "keys_file", KEY_TEXT, AT(keys_file), 0, 0},
	{"model", "url", KEY_TEXT, AT(model.url), 0, 0},
	{"model", "name", KEY_TEXT, AT(model.name), 0, 0},
	{"model", "key_file", KEY_TEXT, AT(model.key_file), 0, 0},
	{"model", "timeout_ms", KEY_U32, AT(model.timeout_ms), 100, 600000},
	{"model", "questions_in_flight", KEY_U32, AT(model.questions_in_flight), 1, 64},
};
#undef AT

struct loading {
	struct config *config;
	const char *path;
	bool builtin; /* the program's own file */
	struct fault *why;
};

static int refuse(const struct loading *l, const char *code, const char *key, const char *what)
{
	return fault_set(l->why, FAULT_INPUT, code, "%s: %s %s", l->path, key, what);
}

static int set_number(const struct loading *l, const struct key *k, const char *value, void *at)
{
	uint64_t n;
	char allowed[96];

	if (span_u64(span_text(value), &n) != 0 || n < k->least || n > k->most) {
		snprintf(allowed, sizeof(allowed), "is %" PRIu64 " to %" PRIu64 ", not \"%.32s\"",
			 k->least, k->most, value);
		return refuse(l, "config-number", k->name, allowed);
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
		return refuse(l, "config-number", k->name, "is a fraction from 0 to 1");
	*(uint32_t *)at = (uint32_t)(n * 1e6 + 0.5);
	return 0;
}

static int set_text(const struct loading *l, const struct key *k, const char *value, void *at)
{
	char **text = at;

	if (strlen(value) < k->least || strlen(value) > TEXT_MAX)
		return refuse(l, "config-text", k->name, "is empty or too long");
	free(*text);
	*text = *value ? xstrdup(value) : NULL;
	return 0;
}

static int set_key(const struct loading *l, const char *section, zconfig_t *node)
{
	const char *name = zconfig_name(node), *value = zconfig_value(node);

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct key *k = &keys[i];
		void *at = (char *)l->config + k->at;

		if (strcmp(k->section, section) != 0 || strcmp(k->name, name) != 0)
			continue;
		if (k->kind == KEY_TEXT)
			return set_text(l, k, value ? value : "", at);
		if (k->kind == KEY_PPM)
			return set_ppm(l, k, value ? value : "", at);
		return set_number(l, k, value ? value : "", at);
	}
	return refuse(l, "config-unknown-key", name, "is not a key that daybook knows");
}

/* ---- pipelines ---- */

static int find_stage(struct config *c, const char *name)
{
	for (uint32_t i = 0; i < c->n_stages; i++) {
		if (strcmp(c->stages[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

static int add_stage(const struct loading *l, const char *name)
{
	struct config *c = l->config;
	struct config_stage *s = &c->stages[c->n_stages];

	if (!name_is_valid(span_text(name)))
		return refuse(l, "config-name", name, "is not a name for a stage");
	if (c->n_stages == CONFIG_ALL_STAGES_MAX)
		return refuse(l, "config-stages", name, "is one stage too many");
	*s = (struct config_stage){.kind = STAGE_MAP,
				   .builtin = l->builtin,
				   .workers = 1,
				   .credit = 4,
				   .lease_ms = 10000,
				   .attempts = 3};
	snprintf(s->name, sizeof(s->name), "%s", name);
	return (int)c->n_stages++;
}

static int set_kind(const struct loading *l, struct config_stage *s, const char *value)
{
	static const char *const kinds[] = {"source", "map", "effect"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(value, kinds[i]) == 0) {
			s->kind = (enum stage_kind)i;
			return 0;
		}
	}
	return refuse(l, "config-kind", s->name, "has a kind that is not source, map or effect");
}

static int set_step_number(const struct loading *l, const char *name, const char *value,
			   uint32_t *to)
{
	static const struct key limits[] = {
		{"", "workers", KEY_U32, 0, 0, 64},	   {"", "credit", KEY_U32, 0, 1, 64},
		{"", "lease_ms", KEY_U32, 0, 1000, 3600000}, {"", "attempts", KEY_U32, 0, 1, 100},
		{"", "share", KEY_U32, 0, 0, 100},	   {"", "begin", KEY_U32, 0, 0, 1},
		{"", "finish", KEY_U32, 0, 0, 1},	   {"", "base", KEY_U32, 0, 0, 99},
		{"", "span", KEY_U32, 0, 1, 100}};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		if (strcmp(limits[i].name, name) == 0)
			return set_number(l, &limits[i], value, to);
	}
	return refuse(l, "config-unknown-key", name, "is not a key of a stage");
}

static int set_flag(const struct loading *l, const char *name, const char *value, bool *to)
{
	uint32_t n = 0;

	if (set_step_number(l, name, value, &n) != 0)
		return -1;
	*to = n;
	return 0;
}

static int set_step_key(const struct loading *l, struct config_step *step, zconfig_t *node)
{
	struct config_stage *s = &l->config->stages[step->stage];
	const char *name = zconfig_name(node);
	const char *value = zconfig_value(node) ? zconfig_value(node) : "";

	if (strcmp(name, "kind") == 0)
		return set_kind(l, s, value);
	if (strcmp(name, "verb") == 0) {
		snprintf(step->verb, sizeof(step->verb), "%s", value);
		return 0;
	}
	if (strcmp(name, "command") == 0) {
		free(s->command);
		s->command = *value ? xstrdup(value) : NULL;
		return 0;
	}
	if (strcmp(name, "begin") == 0)
		return set_flag(l, name, value, &step->begin);
	if (strcmp(name, "finish") == 0)
		return set_flag(l, name, value, &step->finish);
	if (strcmp(name, "share") == 0)
		return set_step_number(l, name, value, &step->share);
	if (strcmp(name, "workers") == 0)
		return set_step_number(l, name, value, &s->workers);
	if (strcmp(name, "credit") == 0)
		return set_step_number(l, name, value, &s->credit);
	if (strcmp(name, "lease_ms") == 0)
		return set_step_number(l, name, value, &s->lease_ms);
	if (strcmp(name, "attempts") == 0)
		return set_step_number(l, name, value, &s->attempts);
	return refuse(l, "config-unknown-key", name, "is not a key of a stage");
}

static struct config_step *find_step(struct config *c, struct config_pipeline *p, const char *name)
{
	for (uint32_t i = 0; i < p->n_steps; i++) {
		if (strcmp(c->stages[p->steps[i].stage].name, name) == 0)
			return &p->steps[i];
	}
	return NULL;
}

static int load_step(const struct loading *l, struct config_pipeline *p, zconfig_t *node)
{
	struct config_step *step = find_step(l->config, p, zconfig_name(node));
	int stage;

	if (step == NULL) {
		stage = find_stage(l->config, zconfig_name(node));
		if (stage < 0 && (stage = add_stage(l, zconfig_name(node))) < 0)
			return -1;
		if (p->n_steps == CONFIG_STAGES_MAX)
			return refuse(l, "config-stages", p->name, "has too many stages");
		step = &p->steps[p->n_steps++];
		step->stage = (uint32_t)stage;
	}
	for (zconfig_t *key = zconfig_child(node); key; key = zconfig_next(key)) {
		if (set_step_key(l, step, key) != 0)
			return -1;
	}
	return 0;
}

static struct config_pipeline *pipeline_for(const struct loading *l, const char *name)
{
	struct config *c = l->config;
	struct config_pipeline *p;

	for (uint32_t i = 0; i < c->n_pipelines; i++) {
		if (strcmp(c->pipelines[i].name, name) == 0)
			return &c->pipelines[i];
	}
	if (!name_is_valid(span_text(name)) || c->n_pipelines == CONFIG_PIPELINES_MAX) {
		refuse(l, "config-name", name, "cannot be a pipeline");
		return NULL;
	}
	p = &c->pipelines[c->n_pipelines++];
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->builtin = l->builtin;
	p->span = 100;
	return p;
}

static int load_pipeline(const struct loading *l, zconfig_t *node)
{
	struct config_pipeline *p = pipeline_for(l, zconfig_name(node));
	int rc = p ? 0 : -1;

	for (zconfig_t *n = zconfig_child(node); n && rc == 0; n = zconfig_next(n)) {
		const char *value = zconfig_value(n) ? zconfig_value(n) : "";

		if (strcmp(zconfig_name(n), "base") == 0)
			rc = set_step_number(l, "base", value, &p->base);
		else if (strcmp(zconfig_name(n), "span") == 0)
			rc = set_step_number(l, "span", value, &p->span);
		else
			rc = load_step(l, p, n);
	}
	return rc;
}

/* What no single key shows. */
static int check_pipeline(const struct loading *l, const struct config_pipeline *p)
{
	uint32_t shares = 0;

	if (p->n_steps == 0)
		return refuse(l, "config-pipeline", p->name, "has no stages");
	for (uint32_t i = 0; i < p->n_steps; i++) {
		const struct config_stage *s = &l->config->stages[p->steps[i].stage];

		shares += p->steps[i].share;
		if ((i == 0) != (s->kind == STAGE_SOURCE))
			return refuse(l, "config-pipeline", p->name,
				      "begins with a source and has no other");
	}
	if (shares > 100)
		return refuse(l, "config-pipeline", p->name, "has shares of more than 100");
	return 0;
}

/* ---- files ---- */

static int load_node(const struct loading *l, zconfig_t *node)
{
	const char *name = zconfig_name(node);
	int rc = 0;

	if (strcmp(name, "pipelines") == 0) {
		for (zconfig_t *p = zconfig_child(node); p && rc == 0; p = zconfig_next(p))
			rc = load_pipeline(l, p);
		return rc;
	}
	if (strcmp(name, "limits") != 0 && strcmp(name, "access") != 0 &&
	    strcmp(name, "model") != 0)
		return set_key(l, "", node);
	for (zconfig_t *k = zconfig_child(node); k && rc == 0; k = zconfig_next(k))
		rc = set_key(l, name, k);
	return rc;
}

static int load_file(const struct loading *l)
{
	zconfig_t *root;
	int rc = 0;

	if (access(l->path, R_OK) != 0)
		return fault_set(l->why, FAULT_INPUT, "config-missing", "cannot read %s: %s",
				 l->path, strerror(errno));
	root = zconfig_load(l->path);
	if (root == NULL)
		return fault_set(l->why, FAULT_INPUT, "config-syntax",
				 "%s is not ZPL: \"key = value\" lines, nested by four spaces",
				 l->path);
	for (zconfig_t *n = zconfig_child(root); n && rc == 0; n = zconfig_next(n))
		rc = load_node(l, n);
	zconfig_destroy(&root);
	return rc;
}

/* Where this program is installed: BIN/../share/daybook/etc, or BIN/../../etc in a checkout. */
static void find_program(struct config *c)
{
	static const char *const places[] = {"/../share/daybook/etc", "/../../etc",
					     "/../../../etc"};
	char exe[PATH_MAX], *real;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	c->bin = xstrdup(exe);
	for (size_t i = 0; i < ARRAY_LEN(places) && c->etc == NULL; i++) {
		char *dir = xasprintf("%s%s", c->bin, places[i]);
		char *file = xasprintf("%s/daybook.conf", dir);

		if (access(file, R_OK) == 0 && (real = realpath(dir, NULL)) != NULL)
			c->etc = real;
		free(dir);
		free(file);
	}
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

static int check(struct loading *l)
{
	struct config *c = l->config;

	if (money_exponent(c->currency) < 0)
		return refuse(l, "config-currency", c->currency, "is not an ISO 4217 currency");
	for (uint32_t i = 0; i < c->n_pipelines; i++) {
		if (check_pipeline(l, &c->pipelines[i]) != 0)
			return -1;
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

int config_load(const char *path, const char *data, const char *listen, struct config **config,
		struct fault *why)
{
	struct config *c = xcalloc(1, sizeof(*c));
	struct loading l = {.config = c, .builtin = true, .why = why};
	char *defaults;
	int rc;

	find_program(c);
	if (c->etc == NULL) {
		config_free(&c);
		return fault_set(why, FAULT_INPUT, "config-missing",
				 "etc/daybook.conf is not where this program was installed");
	}
	defaults = xasprintf("%s/daybook.conf", c->etc);
	l.path = defaults;
	rc = load_file(&l);
	if (rc == 0)
		rc = load_user_file(&l, path, data);
	if (rc == 0)
		rc = check(&l);
	free(defaults);
	if (rc != 0) {
		config_free(&c);
		return -1;
	}
	replace(&c->data, data);
	replace(&c->listen, listen);
	*config = c;
	return 0;
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
	for (uint32_t i = 0; i < config->n_stages; i++) {
		if (strcmp(config->stages[i].name, name) == 0)
			return &config->stages[i];
	}
	return NULL;
}

void config_endpoint(const struct config *config, const char *which, char out[256])
{
	snprintf(out, 256, "ipc://%s/run/%s.ipc", config->data, which);
}
