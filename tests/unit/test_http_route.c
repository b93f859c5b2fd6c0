/* test_http_route - the table of calls, keys, origins, and work beside the loop. */
#include "unit.h"

#include <poll.h>
#include <sodium.h>
#include <sys/stat.h>

#include "access.h"
#include "aside.h"
#include "notify.h"
#include "route.h"

#include <sys/socket.h>
#include <sys/un.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void test_route_prefers_what_is_written_out(void **state)
{
	static const struct {
		const char *method, *path, *route, *part;
	} cases[] = {{"GET", "/api/jobs", "/api/jobs", ""},
		     {"GET", "/api/jobs/x", "/api/jobs/{id}", "x"},
		     {"HEAD", "/api/jobs/x", "/api/jobs/{id}", "x"},
		     {"POST", "/api/jobs/categorize", "/api/jobs/categorize", ""},
		     {"POST", "/api/jobs/other", "/api/jobs/{pipeline}", "other"},
		     {"PUT", "/api/jobs/upload-and-categorize/a b.csv",
		      "/api/jobs/upload-and-categorize/{file}", "a b.csv"},
		     {"GET", "/api/jobs/x/events", "/api/jobs/{id}/events", "x"},
		     {"GET", "/api/accounts/balances", "/api/accounts/balances", ""},
		     {"GET", "/", "/", ""},
		     {"GET", "/dashboard", "/dashboard", ""},
		     {"HEAD", "/dashboard/", "/dashboard/{+path}", ""},
		     {"GET", "/dashboard/a/b/c", "/dashboard/{+path}", ""}};
	char allow[ROUTE_ALLOW_SIZE];

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct span parts[REQUEST_PARTS] = {{0}};
		const struct route *route = route_find(cases[i].method, cases[i].path, parts,
						       allow);

		assert_non_null(route);
		assert_string_equal(route->path, cases[i].route);
		assert_true(span_is(parts[0], cases[i].part));
	}
}

static void test_route_names_the_methods_of_an_address(void **state)
{
	static const char *const cases[][3] = {
		{"DELETE", "/api/jobs", "GET, HEAD, OPTIONS"},
		{"GET", "/api/jobs/categorize", "POST, OPTIONS"},
		{"OPTIONS", "/api/jobs/x/duplicates", "GET, POST, HEAD, OPTIONS"},
		{"POST", "/healthz", "GET, HEAD, OPTIONS"}};
	struct span parts[REQUEST_PARTS];
	char allow[ROUTE_ALLOW_SIZE];

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		assert_null(route_find(cases[i][0], cases[i][1], parts, allow));
		assert_string_equal(allow, cases[i][2]);
	}
}

static void test_route_knows_no_other_address(void **state)
{
	static const char *const paths[] = {
		"",	      "*",	     "/dashboards",   "/api",	  "/api/jobs/",
		"//api/jobs", "/api/jobs//", "/api/jobs/a/b", "api/jobs", "/api/jobs/a/b/c/d/e/f"};
	struct span parts[REQUEST_PARTS];
	char allow[ROUTE_ALLOW_SIZE];

	(void)state;
	for (size_t i = 0; i < N(paths); i++) {
		const struct route *route = route_find("GET", paths[i], parts, allow);

		if (strcmp(paths[i], "api/jobs") == 0)
			continue; /* HTTP has no such path: it begins with a slash */
		assert_null(route);
		assert_string_equal(allow, "");
	}
}

/* ---- access ---- */

static void write_keys(const char *path, const char *tenant, const char *key, mode_t mode)
{
	uint8_t hash[32];
	char hex[65];
	FILE *file = fopen(path, "w");

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)key, strlen(key), NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	assert_non_null(file);
	fprintf(file, "# keys\n\n%s name %s\n", tenant, hex);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void test_access_knows_a_key_and_its_tenant(void **state)
{
	char dir[UNIT_PATH], path[UNIT_PATH + 8];
	struct access *access;
	struct caller caller;
	struct fault why;

	(void)state;
	unit_mkdir(dir);
	snprintf(path, sizeof(path), "%s/keys", dir);
	write_keys(path, "t1", "secret", 0600);
	assert_int_equal(access_open(path, &access, &why), 0);
	assert_true(access_has_keys(access));
	assert_int_equal(access_check(access, "Bearer secret", &caller), 0);
	assert_true(access_may(&caller, span_text("t1")));
	assert_false(access_may(&caller, span_text("t10")));
	assert_false(access_may(&caller, span_text("")));
	assert_int_equal(access_check(access, "Bearer secret2", &caller), -1);
	assert_int_equal(access_check(access, NULL, &caller), -1);
	write_keys(path, "*operator", "other", 0600);
	access_tick(access);
	assert_int_equal(access_check(access, "Bearer secret", &caller), -1);
	assert_int_equal(access_check(access, "bearer other", &caller), 0);
	assert_true(access_may(&caller, span_text("t10")));
	write_keys(path, "t1", "third",
		   0644); /* others could read it: the keys stay as they were */
	access_tick(access);
	assert_int_equal(access_check(access, "Bearer other", &caller), 0);
	access_close(&access);
	assert_int_equal(access_open(path, &access, &why), -1);
	assert_string_equal(why.code, "keys-mode");
	unit_rmdir(dir);
}

static void test_access_without_keys_lets_everyone_in(void **state)
{
	struct access *access;
	struct caller caller;
	struct fault why;

	(void)state;
	assert_int_equal(access_open(NULL, &access, &why), 0);
	assert_int_equal(access_check(access, NULL, &caller), 0);
	assert_true(access_may(&caller, span_text("any")));
	access_close(&access);
}

static void test_access_tells_pages_of_another_origin(void **state)
{
	static const char *const same[][2] = {{NULL, "a"},
					      {"http://localhost:8080", "localhost:8080"},
					      {"https://Books.Example", "books.example"},
					      {"https://books.example:443", "books.example"},
					      {"http://books.example", "books.example:80"}};
	static const char *const other[][2] = {{"http://localhost:8081", "localhost:8080"},
					       {"null", "localhost"},
					       {"", "localhost"},
					       {"http://a", NULL},
					       {"http://a.b", "a"},
					       {"http://a", "a.b"},
					       {"file://", ""}};

	(void)state;
	for (size_t i = 0; i < N(same); i++)
		assert_false(access_is_cross_origin(same[i][0], same[i][1]));
	for (size_t i = 0; i < N(other); i++)
		assert_true(access_is_cross_origin(other[i][0], other[i][1]));
}

static void test_access_tells_names_of_this_machine(void **state)
{
	static const char *const local[] = {"localhost",  "LOCALHOST:80", "127.0.0.1:8080",
					    "[::1]:8080", "a.localhost",  "10.0.0.1"};
	static const char *const other[] = {
		"evil.example", "localhost.evil.example", "127.0.0.1.com", "[::1", "",
		"xlocalhost"};

	(void)state;
	for (size_t i = 0; i < N(local); i++)
		assert_true(access_is_local_host(local[i]));
	for (size_t i = 0; i < N(other); i++)
		assert_false(access_is_local_host(other[i]));
}

/* ---- aside ---- */

struct count {
	struct aside_task task;
	int worked, done;
};

static void count_work(struct aside_task *task, void *own)
{
	struct count *count = task->asker;

	assert_string_equal(own, "own");
	count->worked++;
}

static void count_done(struct aside_task *task)
{
	((struct count *)task->asker)->done++;
}

static void *own_make(void *arg)
{
	return strdup(arg);
}

static void test_aside_does_each_task_once_and_tells(void **state)
{
	char text[] = "own";
	const struct aside_own own = {.make = own_make, .free = free, .arg = text};
	struct aside *aside = aside_new(3, &own);
	struct pollfd ready = {.fd = aside_fd(aside), .events = POLLIN};
	struct count counts[200];
	int collected = 0;

	(void)state;
	memset(counts, 0, sizeof(counts));
	for (size_t i = 0; i < N(counts); i++) {
		counts[i].task = (struct aside_task){
			.work = count_work, .done = count_done, .asker = &counts[i]};
		aside_run(aside, &counts[i].task);
	}
	while (collected < 100 && poll(&ready, 1, 5000) == 1)
		collected += aside_collect(aside);
	assert_true(collected >= 100);
	aside_free(&aside); /* the rest is not forgotten */
	for (size_t i = 0; i < N(counts); i++) {
		assert_int_equal(counts[i].worked, 1);
		assert_int_equal(counts[i].done, 1);
	}
}

/* ---- notify ---- */

static void test_notify_tells_the_supervisor(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char dir[UNIT_PATH], said[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	(void)state;
	unit_mkdir(dir);
	snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/notify", dir);
	notify_ready(); /* nobody asked: nothing happens */
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	notify_ready();
	assert_int_equal(recv(fd, said, sizeof(said), 0), 7);
	assert_memory_equal(said, "READY=1", 7);
	notify_alive(); /* no watchdog was asked for */
	assert_int_equal(recv(fd, said, sizeof(said), 0), -1);
	notify_text("two\nlines");
	assert_int_equal(recv(fd, said, sizeof(said), 0), 10);
	assert_memory_equal(said, "STATUS=two", 10);
	for (int i = 0; i < 1000; i++)
		notify_text("a supervisor that does not read is not waited for");
	notify_ready(); /* lost: there is no room */
	while (recv(fd, said, sizeof(said), 0) > 0)
		assert_memory_equal(said, "STATUS=", 7);
	memset(said, 0, sizeof(said));
	for (int i = 0; i < 1000 && recv(fd, said, sizeof(said), 0) == -1; i++) {
		notify_alive(); /* says it again, half a second after the last time */
		poll(NULL, 0, 10);
	}
	assert_memory_equal(said, "READY=1", 7);
	unsetenv("NOTIFY_SOCKET");
	close(fd);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_prefers_what_is_written_out),
		cmocka_unit_test(test_route_names_the_methods_of_an_address),
		cmocka_unit_test(test_route_knows_no_other_address),
		cmocka_unit_test(test_access_knows_a_key_and_its_tenant),
		cmocka_unit_test(test_access_without_keys_lets_everyone_in),
		cmocka_unit_test(test_access_tells_pages_of_another_origin),
		cmocka_unit_test(test_access_tells_names_of_this_machine),
		cmocka_unit_test(test_aside_does_each_task_once_and_tells),
		cmocka_unit_test(test_notify_tells_the_supervisor),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
