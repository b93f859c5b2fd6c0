#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "blob.h"
#include "crash.h"
#include "mem.h"

static int setup(void **state)
{
	char dir[UNIT_PATH];

	unit_mkdir(dir);
	*state = xasprintf("%s/blobs", dir);
	return 0;
}

static int teardown(void **state)
{
	char *dir = *state;

	*strrchr(dir, '/') = '\0';
	unit_rmdir(dir);
	free(dir);
	return 0;
}

static struct id owner_of(uint8_t n)
{
	return (struct id){{1, n}};
}

/* How many files lie in DIR and, if `tmp`, DIR/tmp. */
static int files_in(const char *dir, bool tmp)
{
	char *path = xasprintf("%s%s", dir, tmp ? "/tmp" : "");
	DIR *list = opendir(path);
	const struct dirent *entry;
	int n = 0;

	while (list && (entry = readdir(list)))
		n += entry->d_name[0] != '.' && strcmp(entry->d_name, "tmp") != 0;
	if (list)
		closedir(list);
	free(path);
	return n;
}

static void expect(const char *dir, struct blob_hash hash, struct id owner, const char *text)
{
	struct fault why = {0};
	char read_text[64];
	struct stat st;
	int fd;

	assert_int_equal(blob_open(dir, hash, owner, &fd, &why), 0);
	assert_int_equal(read(fd, read_text, sizeof read_text), strlen(text));
	assert_int_equal(memcmp(read_text, text, strlen(text)), 0);
	fstat(fd, &st);
	assert_int_equal(st.st_mode & 0777, 0600);
	close(fd);
}

static void test_blob_names_a_file_by_what_is_in_it(void **state)
{
	struct fault why = {0};
	struct blob_hash hash, same;
	char text[BLOB_HASH_TEXT_SIZE];
	struct blob_writer *w;
	uint64_t bytes;

	assert_int_equal(blob_start(*state, &w, &why), 0);
	assert_int_equal(blob_write(w, span_text("ab"), &why), 0);
	assert_int_equal(blob_write(w, span_of(NULL, 0), &why), 0);
	assert_int_equal(blob_write(w, span_text("c"), &why), 0);
	assert_int_equal(blob_finish(&w, owner_of(1), &hash, &bytes, &why), 0);
	assert_null(w);
	assert_int_equal(bytes, 3);
	blob_hash_text(hash, text);
	/* BLAKE2b-256 of "abc" */
	assert_string_equal(text,
			    "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	blob_hash_of(span_text("abc"), &same);
	assert_memory_equal(hash.bytes, same.bytes, BLOB_HASH_BYTES);
	expect(*state, hash, owner_of(1), "abc");
	assert_int_equal(files_in(*state, true), 0);
}

static void test_blob_of_one_job_is_not_taken_by_another(void **state)
{
	struct id none = {{0}};
	struct fault why = {0};
	struct blob_hash hash;
	int fd;

	assert_int_equal(blob_put(*state, span_text("x"), owner_of(1), &hash, &why), 0);
	assert_int_equal(blob_put(*state, span_text("x"), owner_of(2), &hash, &why), 0);
	assert_int_equal(blob_put(*state, span_text("x"), none, &hash, &why), 0);
	assert_int_equal(blob_put(*state, span_text("x"), none, &hash, &why), 0);
	assert_int_equal(files_in(*state, false), 3);
	assert_int_equal(blob_delete(*state, hash, owner_of(1), &why), 0);
	assert_int_equal(blob_delete(*state, hash, owner_of(1), &why), 0);
	assert_int_equal(blob_open(*state, hash, owner_of(1), &fd, &why), -1);
	assert_string_equal(why.code, "blob-missing");
	expect(*state, hash, owner_of(2), "x");
	expect(*state, hash, none, "x");
}

static void test_blob_abandoned_leaves_nothing(void **state)
{
	struct fault why = {0};
	struct blob_writer *w, *dead;

	assert_int_equal(blob_start(*state, &w, &why), 0);
	assert_int_equal(blob_write(w, span_text("x"), &why), 0);
	assert_int_equal(blob_start(*state, &dead, &why), 0);
	assert_int_equal(files_in(*state, true), 2);
	blob_abandon(&w);
	blob_abandon(&w);
	assert_int_equal(files_in(*state, true), 1);
	blob_sweep(*state);
	assert_int_equal(files_in(*state, true), 0);
	blob_abandon(&dead);
	assert_int_equal(files_in(*state, false), 0);
}

static void test_blob_hash_has_one_spelling(void **state)
{
	struct blob_hash hash;
	char text[] = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";

	(void)state;
	assert_int_equal(blob_hash_read(span_text(text), &hash), 0);
	assert_int_equal(blob_hash_read(span_of(text, 63), &hash), -1);
	assert_int_equal(blob_hash_read(span_text("../../../etc/passwd"), &hash), -1);
	text[0] = 'B';
	assert_int_equal(blob_hash_read(span_text(text), &hash), -1);
	text[0] = '/';
	assert_int_equal(blob_hash_read(span_text(text), &hash), -1);
}

/* Killed at each point, a blob has its name with all of its bytes, or has none. */
static void test_blob_is_whole_or_absent_after_a_crash(void **state)
{
	static const struct {
		const char *point;
		int named;
	} cases[] = {{"blob.fsync.before", 0},
		     {"blob.fsync.after", 0},
		     {"blob.rename.before", 0},
		     {"blob.rename.after", 1}};
	struct fault why = {0};
	struct blob_hash hash;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			crash_arm(cases[i].point);
			blob_put(*state, span_text("abc"), owner_of(1), &hash, NULL);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		assert_int_equal(files_in(*state, false), cases[i].named);
	}
	blob_hash_of(span_text("abc"), &hash);
	expect(*state, hash, owner_of(1), "abc");
	blob_sweep(*state);
	assert_int_equal(files_in(*state, true), 0);
	assert_int_equal(blob_put(*state, span_text("abc"), owner_of(1), &hash, &why), 0);
}

/* A limit on file size stands in for a full disk. */
static void test_blob_that_does_not_fit_is_a_fault_and_no_file(void **state)
{
	struct rlimit limit, before;
	struct fault why = {0};
	struct blob_hash hash;
	char *big = xcalloc(1, 100000);
	int rc;

	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 65536;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	rc = blob_put(*state, span_of(big, 100000), owner_of(1), &hash, &why);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(rc, -1);
	assert_true(why.class != FAULT_NONE);
	assert_int_equal(files_in(*state, false) + files_in(*state, true), 0);
	free(big);
}

static bool is_second(void *arg, struct id owner)
{
	++*(int *)arg;
	return id_compare(owner, owner_of(2)) == 0;
}

static void test_blob_removes_orphans_and_nothing_else(void **state)
{
	struct blob_hash hash;
	int asked = 0, fd;

	for (uint8_t n = 1; n <= 3; n++)
		assert_int_equal(blob_put(*state, span_text("x"), owner_of(n), &hash, NULL), 0);
	assert_int_equal(blob_put(*state, span_text("x"), (struct id){{0}}, &hash, NULL), 0);
	assert_int_equal(blob_remove_orphans(*state, is_second, &asked), 1);
	assert_int_equal(asked, 3); /* not of the shared one, which has no owner */
	assert_int_equal(files_in(*state, false), 3);
	assert_int_equal(blob_open(*state, hash, owner_of(2), &fd, NULL), -1);
	assert_int_equal(blob_remove_orphans("/no/such/place", is_second, &asked), 0);
}

static void test_blob_has_room_until_the_disk_is_as_full_as_said(void **state)
{
	struct blob_hash hash;

	assert_int_equal(blob_put(*state, span_text("x"), owner_of(1), &hash, NULL), 0);
	assert_false(blob_has_room(*state, 0));
	assert_true(blob_has_room(*state, 1000001));
	assert_true(blob_has_room("/no/such/place", 0)); /* the write will tell */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void test_blob_keep_makes_again_what_a_power_cut_took(void **state)
{
	const struct id owner = owner_of(7);
	struct blob_hash hash;
	struct blob_writer *w;
	struct fault why = {0};
	char hex[BLOB_HASH_TEXT_SIZE], id[ID_TEXT_SIZE];
	char *path;

	assert_int_equal(blob_start(*state, &w, &why), 0);
	assert_int_equal(blob_write(w, span_text("abc"), &why), 0);
	assert_int_equal(blob_finish_soon(&w, owner, &hash, &why), 0);
	expect(*state, hash, owner, "abc");
	blob_hash_text(hash, hex);
	id_text(owner, id);
	path = xasprintf("%s/%s.%s", (const char *)*state, hex, id);
	assert_int_equal(truncate(path, 1), 0);
	assert_int_equal(blob_keep(*state, span_text("abc"), owner, false, &why), 0);
	expect(*state, hash, owner, "abc");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(blob_keep(*state, span_text("abc"), owner, false, &why), 0);
	expect(*state, hash, owner, "abc");
	/* and leaves alone what is whole: the same file, not a new one */
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(blob_keep(*state, span_text("abc"), owner, true, &why), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(files_in(*state, false), 1);
	assert_int_equal(files_in(*state, true), 0);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_blob_names_a_file_by_what_is_in_it),
		TEST(test_blob_of_one_job_is_not_taken_by_another),
		TEST(test_blob_abandoned_leaves_nothing),
		TEST(test_blob_hash_has_one_spelling),
		TEST(test_blob_is_whole_or_absent_after_a_crash),
		TEST(test_blob_that_does_not_fit_is_a_fault_and_no_file),
		TEST(test_blob_keep_makes_again_what_a_power_cut_took),
		TEST(test_blob_removes_orphans_and_nothing_else),
		TEST(test_blob_has_room_until_the_disk_is_as_full_as_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
