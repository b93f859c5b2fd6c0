/*
 * fuzz_dialect - any bytes as a file: its encoding, delimiter and header are found or it is
 * refused; what is found lies within it, and decoded text leads back to the bytes it came from.
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dialect.h"
#include "encoding.h"
#include "preamble.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_found(struct source *source, const struct dialect_found *found, size_t len)
{
	struct preamble preamble;
	struct records records;
	struct fault why = {0};
	int rc;

	assert(found->start.offset <= len && found->first.offset <= found->start.offset);
	assert(found->n_fields <= CSV_FIELDS_MAX && found->dialect.delimiter);
	assert(preamble_look(source, found, &preamble, &why) == 0);
	records_open(&records, found->dialect, source, found->start);
	while ((rc = records_next(&records, &why)) == 1)
		assert(records.at.offset > records.start.offset && records.at.offset <= len);
	assert(rc == 0 && records.at.offset == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct dialect_found found;
	struct encoding encoding;
	struct fault why = {0};
	struct source source;
	struct wish wish;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd == -1 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	assert(wish_load(span_text("{}"), &wish, &why) == 0);
	source_open(&source, fd, NULL, NULL);
	if (encoding_detect(&source, NULL, &encoding, &why) == 0 &&
	    dialect_find(&source, encoding.skip, &wish, &found, &why) == 0)
		check_found(&source, &found, len);
	else
		assert(why.class == FAULT_JOB && why.code[0] && why.hint[0]);
	source_close(&source);
	wish_free(&wish);
	close(fd);
	return 0;
}
