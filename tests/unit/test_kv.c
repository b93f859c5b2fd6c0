#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fault.h"
#include "kv.h"
#include "mem.h"

#define RECORDS 120
#define FLIPS	400 /* DAYBOOK_FLIPS=2000 for the whole measure */

enum { JOBS, UNITS, N_TABLES };

static const char *const tables[] = {"jobs", "units"};

struct store {
	char dir[UNIT_PATH], path[UNIT_PATH + 16];
	struct kv *kv;
};

static int setup(void **state)
{
	struct store *s = xcalloc(1, sizeof(*s));

	unit_mkdir(s->dir);
	snprintf(s->path, sizeof(s->path), "%s/data.mdb", s->dir);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct store *s = *state;

	kv_close(&s->kv);
	unit_rmdir(s->dir);
	free(s);
	return 0;
}

static void open_store(struct store *s)
{
	struct fault why = {0};

	if (kv_open(s->dir, tables, N_TABLES, false, &s->kv, &why) != 0)
		fail_msg("%s", why.text);
}

static void put(struct store *s, int table, const char *key, const char *value)
{
	struct kv_txn *txn;

	assert_int_equal(kv_begin(s->kv, true, &txn, NULL), 0);
	assert_int_equal(kv_put(txn, table, span_text(key), span_text(value), NULL), 0);
	assert_int_equal(kv_commit(&txn, NULL), 0);
}

/* The value as text, or "-" when there is none. */
static void expect(struct store *s, int table, const char *key, const char *value)
{
	struct span found = span_text("-");
	struct kv_txn *txn;

	assert_int_equal(kv_begin(s->kv, false, &txn, NULL), 0);
	assert_true(kv_get(txn, table, span_text(key), &found, NULL) >= 0);
	assert_true(span_is(found, value));
	kv_abort(&txn);
}

static void test_kv_keeps_what_was_committed(void **state)
{
	struct store *s = *state;
	struct kv_txn *txn;

	open_store(s);
	put(s, JOBS, "a", "one");
	put(s, UNITS, "a", "");
	assert_int_equal(kv_begin(s->kv, true, &txn, NULL), 0);
	assert_int_equal(kv_put(txn, JOBS, span_text("a"), span_text("never"), NULL), 0);
	kv_abort(&txn);
	kv_close(&s->kv);
	open_store(s);
	expect(s, JOBS, "a", "one");
	expect(s, UNITS, "a", "");
	expect(s, UNITS, "b", "-");
}

static void test_kv_deletes_and_forgives_what_is_absent(void **state)
{
	struct store *s = *state;
	struct kv_txn *txn;

	open_store(s);
	put(s, JOBS, "a", "one");
	assert_int_equal(kv_begin(s->kv, true, &txn, NULL), 0);
	assert_int_equal(kv_del(txn, JOBS, span_text("a"), NULL), 0);
	assert_int_equal(kv_del(txn, JOBS, span_text("b"), NULL), 0);
	assert_int_equal(kv_commit(&txn, NULL), 0);
	expect(s, JOBS, "a", "-");
}

static void test_kv_refuses_keys_that_lmdb_cannot_hold(void **state)
{
	struct store *s = *state;
	char key[512] = "";
	struct kv_txn *txn;
	struct fault why = {0};

	open_store(s);
	memset(key, 'k', sizeof(key));
	assert_int_equal(kv_begin(s->kv, true, &txn, NULL), 0);
	assert_int_equal(kv_put(txn, JOBS, span_of(key, 511), span_text("x"), NULL), 0);
	assert_int_equal(kv_put(txn, JOBS, span_of(key, 512), span_text("x"), &why), -1);
	assert_string_equal(why.code, "store-key");
	assert_int_equal(kv_put(txn, JOBS, span_of(key, 0), span_text("x"), &why), -1);
	assert_int_equal(kv_commit(&txn, NULL), 0);
}

/* Walks from `from` and writes the keys it meets, one letter each. */
static void walk(struct store *s, const char *from, bool down, char *out)
{
	struct kv_cursor *cursor;
	struct kv_txn *txn;
	struct span key, value;
	int n = 0;

	assert_int_equal(kv_begin(s->kv, false, &txn, NULL), 0);
	assert_int_equal(kv_walk(txn, JOBS, span_text(from), down, &cursor, NULL), 0);
	while (kv_next(cursor, &key, &value, NULL) == 0)
		out[n++] = key.at[0];
	out[n] = '\0';
	kv_walk_end(&cursor);
	kv_abort(&txn);
}

static void test_kv_walks_both_ways_from_any_key(void **state)
{
	static const struct {
		const char *from;
		bool down;
		const char *keys;
	} cases[] = {{"", false, "bdf"},  {"", true, "fdb"}, {"c", false, "df"}, {"c", true, "b"},
		     {"d", false, "df"},  {"d", true, "db"}, {"g", false, ""},	 {"g", true, "fdb"},
		     {"a", false, "bdf"}, {"a", true, ""}};
	struct store *s = *state;
	char keys[16];

	open_store(s);
	walk(s, "", false, keys);
	assert_string_equal(keys, "");
	put(s, JOBS, "d", "2");
	put(s, JOBS, "f", "3");
	put(s, JOBS, "b", "1");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		walk(s, cases[i].from, cases[i].down, keys);
		assert_string_equal(keys, cases[i].keys);
	}
}

static void test_kv_tells_a_second_opener_at_once(void **state)
{
	struct store *s = *state;
	struct fault why = {0};
	struct kv *second = NULL;

	open_store(s);
	assert_int_equal(kv_open(s->dir, tables, N_TABLES, false, &second, &why), -1);
	assert_string_equal(why.code, "store-busy");
	assert_null(second);
	kv_close(&s->kv);
	open_store(s);
}

static void test_kv_says_map_full_and_goes_on_once_grown(void **state)
{
	struct store *s = *state;
	char big[20000] = "", key[16];
	struct fault why = {0};
	struct kv_txn *txn;
	int i, rc = 0;

	assert_int_equal(kv_open_sized(s->dir, tables, N_TABLES, 1 << 20, &s->kv, &why), 0);
	put(s, JOBS, "a", "one");
	assert_int_equal(kv_begin(s->kv, true, &txn, NULL), 0);
	for (i = 0; i < 200 && rc == 0; i++) {
		snprintf(key, sizeof(key), "%d", i);
		rc = kv_put(txn, JOBS, span_text(key), span_of(big, sizeof(big)), &why);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_string_equal(why.code, "map-full");
	kv_abort(&txn);
	assert_int_equal(kv_grow(s->kv, &why), 0);
	assert_int_equal(kv_begin(s->kv, true, &txn, NULL), 0);
	for (int again = 0; again < i; again++) {
		snprintf(key, sizeof(key), "%d", again);
		rc = kv_put(txn, JOBS, span_text(key), span_of(big, sizeof(big)), &why);
		assert_int_equal(rc, 0);
	}
	assert_int_equal(kv_commit(&txn, &why), 0);
	kv_close(&s->kv);
	/* The next start finds room, however large the store has become. */
	assert_int_equal(kv_open_sized(s->dir, tables, N_TABLES, 1 << 20, &s->kv, &why), 0);
	put(s, JOBS, "b", "two");
	expect(s, JOBS, "a", "one");
}

/* ---- damage ---- */

static void key_of(int i, char key[32])
{
	snprintf(key, 32, "key-%05d", i * 7);
}

/* Every fifth is long enough for pages of its own. */
static size_t value_of(int i, char *value)
{
	size_t len = i % 20 == 0 ? 6000 : 40 + (size_t)i % 90;

	memset(value, 'a' + i % 26, len);
	return len;
}

static void fill(struct store *s)
{
	char key[32], value[8192];
	struct kv_txn *txn;

	open_store(s);
	for (int batch = 0; batch < 10; batch++) {
		assert_int_equal(kv_begin(s->kv, true, &txn, NULL), 0);
		for (int i = batch; i < RECORDS; i += 10) {
			size_t len = value_of(i, value);

			key_of(i, key);
			assert_int_equal(
				kv_put(txn, i % 2, span_text(key), span_of(value, len), NULL), 0);
			key_of(i + RECORDS, key);
			kv_put(txn, i % 2, span_text(key), span_of(value, len), NULL);
		}
		assert_int_equal(kv_commit(&txn, NULL), 0);
	}
	assert_int_equal(kv_begin(s->kv, true, &txn, NULL), 0);
	for (int i = RECORDS; i < 2 * RECORDS; i++) {
		key_of(i, key);
		kv_del(txn, i % 2, span_text(key), NULL);
		kv_del(txn, 1 - i % 2, span_text(key), NULL);
	}
	assert_int_equal(kv_commit(&txn, NULL), 0);
	kv_close(&s->kv);
}

static char *slurp(const char *path, size_t *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	char *bytes;

	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	bytes = xmalloc(*len);
	assert_int_equal(read(fd, bytes, *len), *len);
	close(fd);
	return bytes;
}

static void spill(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

enum verdict { WHOLE, REFUSED_STORE, REFUSED_RECORD, WRONG };

/* Gets every record, and walks: nothing may be missing, changed or new without a fault. */
static enum verdict examine(struct kv *kv)
{
	char key[32], value[8192];
	enum verdict verdict = WHOLE;
	struct kv_cursor *cursor;
	struct span k, found;
	struct fault why;
	struct kv_txn *txn;
	int rc, n = 0;

	if (kv_begin(kv, false, &txn, &why) != 0)
		return REFUSED_STORE;
	for (int i = 0; i < RECORDS; i++) {
		size_t len = value_of(i, value);

		key_of(i, key);
		rc = kv_get(txn, i % 2, span_text(key), &found, &why);
		if (rc == 1 || (rc == 0 && !span_equal(found, span_of(value, len))))
			verdict = WRONG;
		else if (rc == -1 && verdict == WHOLE)
			verdict = REFUSED_RECORD;
	}
	for (int table = 0; table < N_TABLES; table++) {
		kv_walk(txn, table, span_text(""), false, &cursor, &why);
		while (kv_next(cursor, &k, &found, &why) != 1 && n < 2 * RECORDS)
			n++;
		kv_walk_end(&cursor);
	}
	kv_abort(&txn);
	return n == RECORDS ? verdict : WRONG;
}

/* As a broker does after a start: writes, and reads all again. */
static enum verdict use(const char *dir)
{
	enum verdict verdict;
	struct fault why = {0};
	struct kv_txn *txn;
	struct kv *kv;
	char value[9000];

	if (kv_open(dir, tables, N_TABLES, false, &kv, &why) != 0)
		return strcmp(why.code, "store-corrupt") == 0 ? REFUSED_STORE : WRONG;
	verdict = examine(kv);
	memset(value, 'n', sizeof(value));
	for (int i = 0; i < 10 && verdict != WRONG; i++) {
		if (kv_begin(kv, true, &txn, &why) != 0)
			break;
		kv_put(txn, 0, span_text("new"), span_of(value, sizeof(value) - (size_t)i), &why);
		kv_del(txn, 0, span_text("new"), &why);
		if (kv_commit(&txn, &why) != 0)
			break;
		if (examine(kv) == WRONG)
			verdict = WRONG;
	}
	kv_close(&kv);
	return verdict;
}

/* In a process of its own: what LMDB makes of damage must not end the test. */
static enum verdict judge(const char *dir)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		/* cmocka's handlers would take a crash here for one of the test. */
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		alarm(60);
		_exit((int)use(dir));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* Dying loudly is not losing silently, but it must be rare: see the counts below. */
	return WIFEXITED(status) ? (enum verdict)WEXITSTATUS(status) : REFUSED_STORE + 16;
}

static void test_kv_never_gives_a_record_that_a_flipped_bit_changed(void **state)
{
	struct store *s = *state;
	const char *more = getenv("DAYBOOK_FLIPS");
	int flips = more ? (int)strtol(more, NULL, 10) : FLIPS;
	unsigned counts[4] = {0}, crashes = 0, seed = 11;
	size_t len;
	char *bytes;

	fill(s);
	bytes = slurp(s->path, &len);
	for (int i = 0; i < flips; i++) {
		size_t at = (size_t)rand_r(&seed) % len;
		char bit = (char)(1 << rand_r(&seed) % 8);
		enum verdict verdict;

		/* Half of them where it hurts most: in the first bytes of a page. */
		if (i % 2 == 0)
			at = at / 4096 * 4096 + at % 176;
		bytes[at] ^= bit;
		spill(s->path, bytes, len);
		verdict = judge(s->dir);
		bytes[at] ^= bit;
		if (verdict == WRONG)
			print_message("bit %x of byte %zu\n", bit, at);
		if (verdict <= WRONG)
			counts[verdict]++;
		else
			crashes++;
	}
	free(bytes);
	print_message("harmless %u, store refused %u, record refused %u, crashed %u\n",
		      counts[WHOLE], counts[REFUSED_STORE], counts[REFUSED_RECORD], crashes);
	assert_int_equal(counts[WRONG], 0);
	assert_true(crashes <= (unsigned)flips / 100);
	assert_true(counts[REFUSED_RECORD] > 0 && counts[REFUSED_STORE] > 0);
}

static void test_kv_refuses_a_store_that_was_cut_short(void **state)
{
	struct store *s = *state;
	enum verdict verdict;
	size_t len;
	char *bytes;

	fill(s);
	bytes = slurp(s->path, &len);
	for (size_t i = 1; i < 64; i++) {
		spill(s->path, bytes, len * i / 64);
		verdict = judge(s->dir);
		/* The last pages may be free ones. */
		assert_true(verdict == REFUSED_STORE || (i > 48 && verdict == WHOLE));
	}
	spill(s->path, bytes, len);
	assert_int_equal(judge(s->dir), WHOLE);
	free(bytes);
}

/* Writes and deletes until it is killed. */
static void write_for_ever(struct store *s, unsigned seed)
{
	char key[32], value[8192];
	struct kv_txn *txn;

	open_store(s);
	for (unsigned i = 0;; i++) {
		size_t n = value_of(rand_r(&seed) % 50, value);

		if (i % 20 == 0)
			kv_begin(s->kv, true, &txn, NULL);
		key_of(rand_r(&seed) % 400, key);
		if (rand_r(&seed) % 3)
			kv_put(txn, (int)i % 2, span_text(key), span_of(value, n), NULL);
		else
			kv_del(txn, (int)i % 2, span_text(key), NULL);
		if (i % 20 == 19)
			kv_commit(&txn, NULL);
	}
}

/* kvcheck must never refuse what LMDB itself left behind. */
static void test_kv_opens_again_after_any_kill(void **state)
{
	struct store *s = *state;
	unsigned seed = 5;

	for (unsigned round = 0; round < 30; round++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			write_for_ever(s, round);
		usleep((useconds_t)(5000 + rand_r(&seed) % 20000));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		open_store(s);
		kv_close(&s->kv);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kv_keeps_what_was_committed),
		TEST(test_kv_deletes_and_forgives_what_is_absent),
		TEST(test_kv_refuses_keys_that_lmdb_cannot_hold),
		TEST(test_kv_walks_both_ways_from_any_key),
		TEST(test_kv_tells_a_second_opener_at_once),
		TEST(test_kv_says_map_full_and_goes_on_once_grown),
		TEST(test_kv_never_gives_a_record_that_a_flipped_bit_changed),
		TEST(test_kv_refuses_a_store_that_was_cut_short),
		TEST(test_kv_opens_again_after_any_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
