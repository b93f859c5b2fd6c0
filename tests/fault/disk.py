"""disk - file systems that are small, and syncs that fail on command."""
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

SHIM = r"""
/* Loaded into daybook's processes: fdatasync and fsync of files whose path has $FAIL_SYNC_OF in it
 * fail with EIO as long as the file $FAIL_SYNC_IF is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd)
{
	char link[64], path[4096];
	ssize_t n;

	if (access(getenv("FAIL_SYNC_IF"), F_OK) != 0)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	return strstr(path, getenv("FAIL_SYNC_OF")) != NULL;
}

int fdatasync(int fd)
{
	if (fails(fd))
		return errno = EIO, -1;
	return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}

int fsync(int fd)
{
	if (fails(fd))
		return errno = EIO, -1;
	return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}
"""


class SmallDisk:
    """A tmpfs at FOLDER/data; fill() leaves no room on it, free() gives it back."""

    def __init__(self, megabytes):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybook-"))
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        self.filler = self.data / "filler"
        options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "none", str(self.data)]
        if os.geteuid() != 0 or subprocess.run(["mount", *options], check=False,
                                               capture_output=True).returncode != 0:
            shutil.rmtree(self.folder)
            pytest.skip("mounting a small disk needs root, and a kernel or container that lets us")

    def room(self):
        stat = os.statvfs(self.data)
        return stat.f_bavail * stat.f_frsize

    def fill(self, leave=0):
        """All but `leave` bytes are taken; False: nothing was left to take."""
        want = self.room() - leave
        if want <= 0:
            return False
        try:
            with open(self.filler, "ab", buffering=0) as filler:
                while want > 0:
                    want -= filler.write(b"x" * min(want, 65536))
        except OSError:
            pass  # it is full
        return True

    def free(self):
        self.filler.unlink(missing_ok=True)

    def close(self):
        subprocess.run(["umount", "-l", str(self.data)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def failing_sync(folder, of):
    """(environment, trigger): syncs of paths with `of` in them fail while `trigger` is a file."""
    source, library = folder / "shim.c", folder / "shim.so"
    source.write_text(SHIM)
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"],
                   check=True)
    trigger = folder / "syncs-fail"
    return {"LD_PRELOAD": str(library), "FAIL_SYNC_IF": str(trigger), "FAIL_SYNC_OF": of}, trigger
