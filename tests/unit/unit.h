/*
 * unit - what every unit test needs: cmocka with its four headers, and a folder of its own.
 *
 * Shape    header only. A folder lies below $TMPDIR and is gone after unit_rmdir().
 */
#ifndef DAYBOOK_TESTS_UNIT_H
#define DAYBOOK_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNIT_PATH 256

static inline void unit_mkdir(char out[UNIT_PATH])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(out, UNIT_PATH, "%s/daybook-unit-XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
	assert_non_null(mkdtemp(out));
}

static inline int unit_rm(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void unit_rmdir(const char *path)
{
	nftw(path, unit_rm, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
