/*
 * secret - see secret.h.
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "span.h"

/* A line end within it would be another header of the request. */
static int take(struct span text, const char *from, char **secret, struct fault *why)
{
	text = span_trim(text);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] > ' ' && text.at[i] < 127)
			continue;
		fault_set(why, FAULT_JOB, "model-key", "the key in %.150s is not one word", from);
		return fault_hint(why, "put the key alone on one line");
	}
	if (text.len > 0)
		*secret = xstrndup(text.at, text.len);
	return 0;
}

static int check_mode(int fd, const char *file, struct fault *why)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fault_errno(why, "look at the model's key file");
	if (S_ISREG(st.st_mode) && (st.st_mode & 077) == 0)
		return 0;
	fault_set(why, FAULT_JOB, "model-key", "others may read the model's key file %.150s", file);
	return fault_hint(why, "chmod 600 %.200s", file);
}

static int read_file(const char *file, char **secret, struct fault *why)
{
	char text[SECRET_BYTES_MAX];
	int fd = open(file, O_RDONLY | O_CLOEXEC), rc = -1;

	if (fd == -1) {
		fault_set(why, FAULT_JOB, "model-key",
			  "cannot open the model's key file %.150s: %s", file, strerror(errno));
		return fault_hint(why, "model/key_file in daybook.conf names it; mode 600");
	}
	if (check_mode(fd, file, why) == 0) {
		ssize_t n = read(fd, text, sizeof text);

		if (n < 0)
			fault_errno(why, "read the model's key file");
		else if (n == SECRET_BYTES_MAX)
			fault_set(why, FAULT_JOB, "model-key", "%.150s is too large for a key",
				  file);
		else
			rc = take(span_of(text, (size_t)n), file, secret, why);
	}
	close(fd);
	sodium_memzero(text, sizeof text);
	return rc;
}

int secret_read(const char *file, char **secret, struct fault *why)
{
	const char *variable = getenv("DAYBOOK_MODEL_KEY");

	*secret = NULL;
	if (file && *file)
		return read_file(file, secret, why);
	if (!variable)
		return 0;
	return take(span_text(variable), "DAYBOOK_MODEL_KEY", secret, why);
}

void secret_free(char **secret)
{
	if (!*secret)
		return;
	sodium_memzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}
