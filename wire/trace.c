#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"

static FILE *file;
static bool looked;

static FILE *trace_file(void)
{
	const char *dir = getenv("DAYBOOK_TRACE");
	char path[512];

	if (looked)
		return file;
	looked = true;
	if (dir == NULL || *dir == '\0')
		return NULL;
	snprintf(path, sizeof(path), "%s/%d.trace", dir, (int)getpid());
	file = fopen(path, "ae");
	return file;
}

void trace_frames(bool sent, const struct span *frames, int n)
{
	FILE *to = trace_file();
	int64_t ms;
	uint32_t pid;
	uint8_t head[2] = {sent, (uint8_t)n};

	if (to == NULL)
		return;
	ms = clock_wall_ms();
	pid = (uint32_t)getpid();
	fwrite(&ms, sizeof(ms), 1, to);
	fwrite(&pid, sizeof(pid), 1, to);
	fwrite(head, sizeof(head), 1, to);
	for (int i = 0; i < n; i++) {
		uint32_t len = (uint32_t)frames[i].len;

		fwrite(&len, sizeof(len), 1, to);
		fwrite(frames[i].at, 1, len < TRACE_FRAME_MAX ? len : TRACE_FRAME_MAX, to);
	}
	fflush(to);
}

void trace_close(void)
{
	if (file)
		fclose(file);
	file = NULL;
	looked = false;
}
