/*
 * Readers of the store that die in the middle: what they had in view is kept, and the file grows
 * with every write, until somebody looks for dead readers.
 */
#include "unit.h"

#include <lmdb.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kv.h"
#include "mem.h"

#define KEYS	  200
#define WRITES	  4000
#define TEND_EACH 100 /* writes between looks; a broker looks every second */

static const char *const tables[] = {"jobs"};

static void write_some(struct kv *kv, int n, bool tend)
{
	struct kv_txn *txn;
	char key[16], value[400];

	memset(value, 'v', sizeof(value));
	for (int i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "key%d", i % KEYS);
		assert_int_equal(kv_begin(kv, true, &txn, NULL), 0);
		assert_int_equal(
			kv_put(txn, 0, span_text(key), span_of(value, sizeof(value)), NULL), 0);
		assert_int_equal(kv_commit(&txn, NULL), 0);
		if (tend && i % TEND_EACH == 0)
			kv_reader_check(kv);
	}
}

/* Another process opens the store for reading and is killed with a transaction in hand. */
static void reader_dies(const char *dir)
{
	int status, begun[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(begun), 0);
	pid = fork();
	if (pid == 0) {
		MDB_env *env;
		MDB_txn *txn;

		if (mdb_env_create(&env) != 0 || mdb_env_set_maxdbs(env, KV_TABLES_MAX) != 0 ||
		    mdb_env_open(env, dir, MDB_RDONLY, 0600) != 0 ||
		    mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0 || write(begun[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(begun[0], &byte, 1), 1);
	close(begun[0]);
	close(begun[1]);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static off_t bytes_of(const char *dir)
{
	char path[UNIT_PATH + 16];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* How many times larger the file is after writes over a dead reader's view. */
static double growth(bool tend)
{
	char dir[UNIT_PATH];
	struct kv *kv;
	off_t before;
	double times;

	unit_mkdir(dir);
	assert_int_equal(kv_open(dir, tables, 1, false, &kv, NULL), 0);
	write_some(kv, 2 * KEYS, true);
	before = bytes_of(dir);
	reader_dies(dir);
	write_some(kv, WRITES, tend);
	times = (double)bytes_of(dir) / (double)before;
	kv_close(&kv);
	unit_rmdir(dir);
	return times;
}

static void test_kv_stays_small_when_readers_die(void **state)
{
	double tended = growth(true), left = growth(false);

	(void)state;
	print_message("grown to %.1f times with looks for dead readers, %.0f without\n", tended,
		      left);
	assert_true(tended < 2);
	assert_true(left > 20); /* so the looks are what keeps it small */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kv_stays_small_when_readers_die),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
