/* sock and trace: messages between sockets, and what is written down of them. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <zmq.h>

#include "clock.h"
#include "mem.h"
#include "sock.h"
#include "trace.h"

#define WAIT_MS 5000

struct pair {
	char dir[UNIT_PATH], endpoint[UNIT_PATH + 16];
	struct sock *here, *there; /* bound, connected */
	struct sock_msg *msg;
};

static int setup(void **state)
{
	struct pair *p = xcalloc(1, sizeof(*p));

	unit_mkdir(p->dir);
	snprintf(p->endpoint, sizeof(p->endpoint), "ipc://%s/s.ipc", p->dir);
	p->msg = sock_msg_new();
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	sock_close(&p->here);
	sock_close(&p->there);
	sock_msg_release(&p->msg);
	sock_shutdown();
	unit_rmdir(p->dir);
	free(p);
	return 0;
}

static void open_pair(struct pair *p, enum sock_kind here, enum sock_kind there)
{
	struct fault why = {0};

	if (sock_open(here, p->endpoint, true, &p->here, &why) != 0 ||
	    sock_open(there, p->endpoint, false, &p->there, &why) != 0)
		fail_msg("%s", why.text);
}

/* Waits for a message, at most WAIT_MS. */
static int await(struct sock *sock, struct sock_msg *msg)
{
	struct fault why;
	bool ready;
	int rc;

	while ((rc = sock_recv(sock, msg, &why)) == 1)
		if (sock_wait(&sock, 1, -1, WAIT_MS, &ready) == 0)
			return 1;
	return rc;
}

static void send_text(struct sock *sock, const struct sock_peer *peer, const char *text)
{
	struct fault why = {0};

	if (sock_send(sock, peer, span_text(text), span_of(NULL, 0), &why) != 0)
		fail_msg("%s", why.text);
}

static void test_sock_router_and_dealer_talk(void **state)
{
	struct pair *p = *state;
	struct sock_peer peer;
	struct fault why;

	open_pair(p, SOCK_ROUTER, SOCK_DEALER);
	assert_int_equal(sock_recv(p->here, p->msg, &why), 1);
	assert_int_equal(sock_send(p->there, NULL, span_text("work"), span_text("rows"), &why), 0);
	assert_int_equal(await(p->here, p->msg), 0);
	assert_int_equal(sock_msg_frames(p->msg), 2);
	assert_true(span_is(sock_msg_frame(p->msg, 0), "work"));
	assert_true(span_is(sock_msg_frame(p->msg, 1), "rows"));
	assert_int_equal(sock_msg_frame(p->msg, 2).len, 0);
	peer = *sock_msg_peer(p->msg);
	assert_true(peer.len > 0);
	send_text(p->here, &peer, "done");
	assert_int_equal(await(p->there, p->msg), 0);
	assert_int_equal(sock_msg_frames(p->msg), 1);
	assert_true(span_is(sock_msg_frame(p->msg, 0), "done"));
}

static void test_sock_forward_keeps_the_frame(void **state)
{
	struct pair *p = *state;
	struct sock_msg *back = sock_msg_new();
	struct sock_peer peer;
	struct fault why;

	open_pair(p, SOCK_ROUTER, SOCK_DEALER);
	sock_send(p->there, NULL, span_text("DONE"), span_text("payload"), &why);
	assert_int_equal(await(p->here, p->msg), 0);
	peer = *sock_msg_peer(p->msg);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sock_forward(p->here, &peer, span_text("WORK"), p->msg, 1, &why),
				 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(await(p->there, back), 0);
		assert_true(span_is(sock_msg_frame(back, 0), "WORK"));
		assert_true(span_is(sock_msg_frame(back, 1), "payload"));
	}
	assert_true(span_is(sock_msg_frame(p->msg, 1), "payload"));
	sock_msg_release(&back);
}

static void test_sock_tells_that_a_peer_is_gone(void **state)
{
	struct pair *p = *state;
	struct sock_peer peer, nobody = {4, {9, 9, 9, 9}};
	int64_t until = clock_ms() + WAIT_MS;
	struct fault why = {0};

	open_pair(p, SOCK_ROUTER, SOCK_DEALER);
	assert_int_equal(sock_send(p->here, &nobody, span_text("x"), span_of("", 0), &why), -1);
	assert_int_equal(why.class, FAULT_RETRY);
	assert_string_equal(why.code, "peer-gone");
	send_text(p->there, NULL, "hello");
	assert_int_equal(await(p->here, p->msg), 0);
	peer = *sock_msg_peer(p->msg);
	sock_close(&p->there);
	why.code[0] = '\0';
	while (sock_send(p->here, &peer, span_text("x"), span_of("", 0), &why) == 0 &&
	       clock_ms() < until)
		usleep(1000);
	assert_string_equal(why.code, "peer-gone");
}

static void test_sock_says_peer_full_rather_than_wait(void **state)
{
	struct pair *p = *state;
	struct fault why = {0};
	int sent = 0;

	/* Nobody is bound: what a worker says is refused, what a dealer says piles up to the mark.
	 */
	assert_int_equal(sock_open(SOCK_WORKER, p->endpoint, false, &p->there, &why), 0);
	assert_int_equal(sock_send(p->there, NULL, span_text("x"), span_of("", 0), &why), -1);
	assert_string_equal(why.code, "peer-full");
	assert_int_equal(why.class, FAULT_RETRY);
	sock_close(&p->there);
	assert_int_equal(sock_open(SOCK_DEALER, p->endpoint, false, &p->there, &why), 0);
	while (sent <= SOCK_HWM &&
	       sock_send(p->there, NULL, span_text("x"), span_of("", 0), &why) == 0)
		sent++;
	assert_int_equal(sent, SOCK_HWM);
	assert_string_equal(why.code, "peer-full");
}

static void test_sock_drops_a_message_of_too_many_frames(void **state)
{
	struct pair *p = *state;
	struct span frames[SOCK_FRAMES_MAX + 2];
	struct fault why = {0};

	open_pair(p, SOCK_ROUTER, SOCK_DEALER);
	for (size_t i = 0; i < ARRAY_LEN(frames); i++)
		frames[i] = span_text("f");
	sock_send_frames(p->there, NULL, frames, SOCK_FRAMES_MAX + 2, &why);
	sock_send_frames(p->there, NULL, frames, SOCK_FRAMES_MAX + 1, &why);
	assert_int_equal(await(p->here, p->msg), -1);
	assert_int_equal(sock_msg_frames(p->msg), 0);
	assert_int_equal(await(p->here, p->msg), 0);
	assert_int_equal(sock_msg_frames(p->msg), SOCK_FRAMES_MAX + 1);
}

/* libzmq cuts the connection of whoever sends more than a frame may hold; others go on. */
static void test_sock_takes_no_frame_beyond_its_size(void **state)
{
	struct pair *p = *state;
	size_t len = WIRE_FRAME_MAX + 8192;
	char *big = xcalloc(1, len);
	struct sock *other;
	struct fault why;

	open_pair(p, SOCK_ROUTER, SOCK_DEALER);
	assert_int_equal(sock_open(SOCK_DEALER, p->endpoint, false, &other, &why), 0);
	sock_send(p->there, NULL, span_of(big, len), span_of("", 0), &why);
	send_text(other, NULL, "small");
	assert_int_equal(await(p->here, p->msg), 0);
	assert_true(span_is(sock_msg_frame(p->msg, 0), "small"));
	assert_int_equal(sock_recv(p->here, p->msg, &why), 1);
	sock_close(&other);
	free(big);
}

static void test_sock_events_reach_only_who_asked(void **state)
{
	struct pair *p = *state;
	struct span frames[2] = {span_text("job.t10.x"), span_text("no")};
	struct fault why;

	open_pair(p, SOCK_XPUB, SOCK_SUB);
	assert_int_equal(sock_subscribe(p->there, "job.t1.", &why), 0);
	assert_int_equal(await(p->here, p->msg), 0); /* the subscription */
	assert_true(span_equal(sock_msg_frame(p->msg, 0), span_of("\1job.t1.", 8)));
	assert_int_equal(sock_send_frames(p->here, NULL, frames, 2, &why), 0);
	frames[0] = span_text("job.t1.x");
	frames[1] = span_text("yes");
	assert_int_equal(sock_send_frames(p->here, NULL, frames, 2, &why), 0);
	assert_int_equal(await(p->there, p->msg), 0);
	assert_true(span_is(sock_msg_frame(p->msg, 1), "yes"));
}

static void test_sock_a_stalled_subscriber_stops_nobody(void **state)
{
	struct pair *p = *state;
	char *bytes = xcalloc(1, 1000);
	struct span frames[2] = {span_text("job.t1.x"), span_of(bytes, 1000)};
	struct fault why;

	open_pair(p, SOCK_XPUB, SOCK_SUB);
	sock_subscribe(p->there, "", &why);
	assert_int_equal(await(p->here, p->msg), 0);
	for (int i = 0; i < SOCK_HWM * 10; i++)
		assert_int_equal(sock_send_frames(p->here, NULL, frames, 2, &why), 0);
	free(bytes);
}

static void on_alarm(int number)
{
	(void)number;
}

static void *interrupt_main(void *thread)
{
	usleep(50000);
	pthread_kill(*(pthread_t *)thread, SIGUSR1);
	return NULL;
}

static void test_sock_wait_ends_by_message_time_descriptor_or_signal(void **state)
{
	struct pair *p = *state;
	struct sigaction action = {.sa_handler = on_alarm};
	pthread_t self = pthread_self(), other;
	int64_t from = clock_ms();
	bool ready = true;
	int ends[2];

	open_pair(p, SOCK_ROUTER, SOCK_DEALER);
	assert_int_equal(sock_wait(&p->here, 1, -1, 20, &ready), 0);
	assert_true(!ready && clock_ms() - from >= 19);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(sock_wait(&p->here, 1, ends[0], WAIT_MS, &ready), 1);
	assert_false(ready);
	send_text(p->there, NULL, "x");
	while (!ready)
		assert_true(sock_wait(&p->here, 1, ends[0], WAIT_MS, &ready) > 0);
	assert_int_equal(sock_wait(&p->here, 1, ends[0], WAIT_MS, &ready), 2);
	assert_int_equal(sock_wait(&p->here, 1, -1, -1, &ready), 1);
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&other, NULL, interrupt_main, &self);
	assert_int_equal(sock_wait(&p->there, 1, -1, WAIT_MS * 4, &ready), 0);
	assert_true(clock_ms() - from < WAIT_MS);
	pthread_join(other, NULL);
	close(ends[0]);
	close(ends[1]);
}

/* As an outer loop does it: the descriptor speaks once, then everything is received. */
static void test_sock_fd_speaks_until_nothing_is_left(void **state)
{
	struct pair *p = *state;
	zmq_pollitem_t item = {.events = ZMQ_POLLIN};
	int64_t until = clock_ms() + WAIT_MS;
	struct fault why;
	int got = 0;

	open_pair(p, SOCK_ROUTER, SOCK_DEALER);
	item.fd = sock_fd(p->here);
	assert_true(item.fd >= 0);
	for (int i = 0; i < 200; i++)
		send_text(p->there, NULL, "x");
	while (got < 200 && clock_ms() < until) {
		while (sock_recv(p->here, p->msg, &why) == 0)
			got++;
		if (got < 200)
			zmq_poll(&item, 1, 100);
	}
	assert_int_equal(got, 200);
}

static void test_sock_open_refuses_what_is_not_safe(void **state)
{
	struct fault why = {0};
	struct sock *sock = NULL;
	char path[200] = "ipc:///";

	(void)state;
	assert_int_equal(sock_open(SOCK_ROUTER, "tcp://127.0.0.1:5555", true, &sock, &why), -1);
	assert_string_equal(why.code, "tcp-needs-curve");
	memset(path + 7, 'x', 120);
	assert_int_equal(sock_open(SOCK_ROUTER, path, true, &sock, &why), -1);
	assert_string_equal(why.code, "path-too-long");
	assert_true(why.hint[0] != '\0');
	assert_int_equal(sock_open(SOCK_ROUTER, "ipc:///nowhere/at/all", true, &sock, &why), -1);
	assert_string_equal(why.code, "socket");
	assert_null(sock);
	sock_close(&sock);
}

/* ---- trace ---- */

static void slurp(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY);
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(read(fd, buf_reserve(out, (size_t)st.st_size), (size_t)st.st_size),
			 st.st_size);
	close(fd);
}

static void test_trace_holds_every_message_whole(void **state)
{
	struct pair *p = *state;
	struct trace_record *record = xcalloc(1, sizeof(*record));
	struct buf bytes = {0};
	struct span rest;
	struct fault why;
	char path[UNIT_PATH + 64], *big = xcalloc(1, 100000);

	sock_shutdown();
	setenv("DAYBOOK_TRACE", p->dir, 1);
	open_pair(p, SOCK_ROUTER, SOCK_DEALER);
	sock_send(p->there, NULL, span_text("work"), span_of(big, 100000), &why);
	assert_int_equal(await(p->here, p->msg), 0);
	sock_forward(p->here, sock_msg_peer(p->msg), span_text("back"), p->msg, 1, &why);
	unsetenv("DAYBOOK_TRACE");
	snprintf(path, sizeof(path), "%s/%s.%d.trace", p->dir, program_invocation_short_name,
		 (int)getpid());
	slurp(path, &bytes);
	rest = buf_span(&bytes);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(trace_read(&rest, record), 0);
		assert_int_equal(record->sent, i != 1);
		assert_int_equal(record->kind, i == 0 ? SOCK_DEALER : SOCK_ROUTER);
		assert_int_equal(record->peer.len > 0, i > 0);
		assert_int_equal(record->pid, getpid());
		assert_true(span_is(record->program, program_invocation_short_name));
		assert_int_equal(record->n, 2);
		assert_true(span_is(record->frames[0], i == 2 ? "back" : "work"));
		assert_int_equal(record->frames[1].len, 100000);
	}
	assert_int_equal(trace_read(&rest, record), 1);
	buf_release(&bytes);
	free(record);
	free(big);
}

static void test_trace_read_knows_damage(void **state)
{
	struct trace_record *record = xcalloc(1, sizeof(*record));
	char bytes[] = "\x1c\0\0\0\1\2\3\4\5\6\7\0\x09\0\0\0\1\0\1\0\1p\0\2\0\0\0hi\0\0\0\0";
	size_t len = 32;
	struct span rest = span_of(bytes, len);

	(void)state;
	bytes[0] = (char)(len - 4 - 3);
	rest.len = len - 3;
	assert_int_equal(trace_read(&rest, record), 0);
	assert_true(span_is(record->frames[0], "hi"));
	assert_int_equal(rest.len, 0);
	for (size_t n = 1; n < len - 3; n++) {
		rest = span_of(bytes, n);
		assert_int_equal(trace_read(&rest, record), -1);
	}
	bytes[17] = 9; /* no such kind of socket */
	rest = span_of(bytes, len - 3);
	assert_int_equal(trace_read(&rest, record), -1);
	free(record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sock_router_and_dealer_talk),
		TEST(test_sock_forward_keeps_the_frame),
		TEST(test_sock_tells_that_a_peer_is_gone),
		TEST(test_sock_says_peer_full_rather_than_wait),
		TEST(test_sock_drops_a_message_of_too_many_frames),
		TEST(test_sock_takes_no_frame_beyond_its_size),
		TEST(test_sock_events_reach_only_who_asked),
		TEST(test_sock_a_stalled_subscriber_stops_nobody),
		TEST(test_sock_wait_ends_by_message_time_descriptor_or_signal),
		TEST(test_sock_fd_speaks_until_nothing_is_left),
		TEST(test_sock_open_refuses_what_is_not_safe),
		TEST(test_trace_holds_every_message_whole),
		TEST(test_trace_read_knows_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
