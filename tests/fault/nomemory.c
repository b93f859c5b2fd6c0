/*
 * nomemory - loaded into daybook's processes, it lets one allocation fail.
 *
 * Shape    SIGUSR2 with a number n (sigqueue): the nth malloc, calloc or realloc from then on
 *          returns NULL, and a line with the process's name is added to $NOMEMORY_LOG.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);

static atomic_int left; /* 0: nothing is to fail */

static void arm(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	atomic_store(&left, info->si_value.sival_int);
}

__attribute__((constructor)) static void begin(void)
{
	struct sigaction action = {.sa_sigaction = arm, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigaction(SIGUSR2, &action, NULL);
}

/* No stdio here: it allocates. */
static void tell(void)
{
	const char *path = getenv("NOMEMORY_LOG");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	char line[64];
	size_t len = strlen(program_invocation_short_name);

	if (fd == -1 || len + 1 > sizeof(line))
		return;
	memcpy(line, program_invocation_short_name, len);
	line[len] = '\n';
	(void)!write(fd, line, len + 1);
	close(fd);
}

static bool fails(void)
{
	if (atomic_load(&left) <= 0 || atomic_fetch_sub(&left, 1) != 1)
		return false;
	tell();
	errno = ENOMEM;
	return true;
}

void *malloc(size_t bytes)
{
	return fails() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
	return fails() ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *old, size_t bytes)
{
	return fails() ? NULL : __libc_realloc(old, bytes);
}
