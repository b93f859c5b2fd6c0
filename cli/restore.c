/*
 * restore - a data directory made of a backup.
 *
 * Every file is compared with the backup's manifest before it is copied; the new data directory
 * gets its name when all of it is there. The epoch of its job store is set far ahead: books copied
 * after the jobs may hold tokens of a broker that was started meanwhile, and nothing may be given
 * out twice.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backupdir.h"
#include "clock.h"
#include "kv.h"
#include "mem.h"
#include "usage.h"

#define EPOCHS_AHEAD 1000 /* starts of a broker during one backup */
#define EPOCH_BYTES  4

struct restoring {
	const char *from;
	struct backupdir *to;
};

static int copy_one(void *arg, const char *name, struct fault *why)
{
	struct restoring *r = arg;
	char *path = xasprintf("%s/%s", r->from, name);
	int rc = backupdir_copy(r->to, path, name, why);

	free(path);
	return rc == 1 ? fault_set(why, FAULT_JOB, "backup-damaged", "%s went away", name) : rc;
}

static int put_epoch(struct kv_txn *txn, struct fault *why)
{
	struct span key = span_text("epoch"), value;
	char bytes[EPOCH_BYTES];
	uint32_t epoch = 0;

	if (kv_get(txn, 0, key, &value, why) != 0 || value.len != EPOCH_BYTES)
		return fault_set(why, FAULT_JOB, "backup-damaged",
				 "the job store of the backup has no epoch");
	for (int i = 0; i < EPOCH_BYTES; i++)
		epoch = epoch << 8 | (uint8_t)value.at[i];
	epoch += EPOCHS_AHEAD;
	for (int i = 0; i < EPOCH_BYTES; i++)
		bytes[i] = (char)(epoch >> (24 - 8 * i));
	return kv_put(txn, 0, key, span_of(bytes, sizeof(bytes)), why);
}

static int go_ahead(struct restoring *r, struct fault *why)
{
	static const char *const tables[] = {"meta"};
	char *dir = xasprintf("%s/jobs", r->to->partial);
	struct kv *kv = NULL;
	struct kv_txn *txn = NULL;
	int rc = kv_open(dir, tables, 1, true, &kv, why);

	free(dir);
	if (rc == 0)
		rc = kv_begin(kv, true, &txn, why);
	if (rc == 0)
		rc = put_epoch(txn, why);
	if (rc == 0)
		rc = kv_commit(&txn, why);
	kv_abort(&txn);
	kv_close(&kv);
	return rc;
}

/* For `daybook verify`: jobs that began between these two moments are in the books and not in the
 * job store. */
static int leave_time(struct restoring *r, int64_t taken_ms, struct fault *why)
{
	char *path = backupdir_path(r->to, "restored", why);
	FILE *file = path ? fopen(path, "ae") : NULL;
	bool sound = file &&
		     fprintf(file, "%" PRId64 " %" PRId64 "\n", taken_ms, clock_wall_ms()) > 0;

	if (file && fclose(file) != 0)
		sound = false;
	free(path);
	if (!sound)
		return fault_errno(why, "write when the backup was taken");
	return backupdir_add(r->to, "restored", why);
}

static int restore(const char *from, const char *data, struct fault *why)
{
	struct restoring r = {.from = from};
	int64_t taken_ms = 0;
	uint64_t files;
	int rc;

	if (backupdir_begin(data, &r.to, why) != 0)
		return -1;
	rc = backupdir_check(from, &taken_ms, copy_one, &r, why);
	if (rc == 0)
		rc = go_ahead(&r, why);
	files = r.to->files;
	if (rc == 0)
		rc = leave_time(&r, taken_ms, why);
	buf_clear(&r.to->list); /* a data directory has no manifest */
	if (rc == 0)
		rc = backupdir_finish(&r.to, why);
	backupdir_abandon(&r.to);
	if (rc == 0)
		printf("%llu files are in %s; go on with: daybook up --data %s\n",
		       (unsigned long long)files, data, data);
	return rc;
}

static int run_restore(int argc, char **argv)
{
	const char *data = NULL, *from;
	const struct usage_option options[] = {
		{USAGE_TEXT, "data", "NEW", "the new data directory: not there yet, or empty",
		 &data},
		{USAGE_END, NULL, NULL, NULL, NULL},
	};
	const struct usage usage = {&COMMAND_RESTORE, options, NULL, &from, 1, 0};
	struct fault why;
	int rc = usage_read(&usage, argc, argv);

	if (rc != -1)
		return rc;
	if (!data)
		return usage_wrong(&COMMAND_RESTORE, "--data says where to");
	if (restore(from, data, &why) == 0)
		return EX_OK;
	fprintf(stderr, "daybook restore: %s%s%s\n", why.text, *why.hint ? "; " : "", why.hint);
	return why.class == FAULT_RETRY ? EX_TEMPFAIL : EXIT_REFUSED;
}

const struct command COMMAND_RESTORE = {
	.name = "restore",
	.arguments = "DIR --data NEW",
	.about = "make a data directory of a backup",
	.more = "Every file is compared with the backup's manifest; a damaged backup is refused.\n",
	.run = run_restore,
};
