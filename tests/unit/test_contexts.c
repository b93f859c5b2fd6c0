/* contexts - pieces, hashes, what is kept and what has to go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "blob.h"
#include "contexts.h"

static int released;

static void release(void *compiled)
{
	released++;
	free(compiled);
}

static struct span hash_of(const char *json, struct blob_hash *hash)
{
	blob_hash_of(span_text(json), hash);
	return span_of((const char *)hash->bytes, sizeof(hash->bytes));
}

/* Fetches `json` in pieces of `size` bytes. */
static int fetch(struct contexts *contexts, const char *json, size_t size, struct fault *why)
{
	struct blob_hash hash;
	struct wire_piece piece = {.hash = hash_of(json, &hash), .total = strlen(json)};
	int rc = 1;

	contexts_fetch(contexts, piece.hash, 0);
	for (size_t at = 0; at < piece.total && rc == 1; at += size) {
		size_t len = piece.total - at < size ? piece.total - at : size;

		piece.offset = at;
		rc = contexts_piece(contexts, &piece, span_of(json + at, len), why);
	}
	return rc;
}

static void test_contexts_keeps_what_was_fetched_in_pieces(void **state)
{
	static const char json[] = "{\"params\":{\"a\":1}}";
	struct contexts contexts;
	struct fault why = {0};
	struct blob_hash hash;
	struct context *context;

	(void)state;
	contexts_open(&contexts);
	assert_null(contexts_find(&contexts, hash_of(json, &hash)));
	assert_int_equal(fetch(&contexts, json, 5, &why), 0);
	context = contexts_find(&contexts, hash_of(json, &hash));
	assert_non_null(context);
	assert_true(json_is_object(json_object_get(context->json, "params")));
	assert_false(contexts.fetching);
	contexts_release(&contexts);
}

static void test_contexts_empty_hash_is_the_empty_context(void **state)
{
	struct contexts contexts;
	struct context *context;

	(void)state;
	contexts_open(&contexts);
	context = contexts_find(&contexts, (struct span){0});
	assert_non_null(context);
	assert_int_equal(json_object_size(context->json), 0);
	contexts_release(&contexts);
}

static void test_contexts_ignores_pieces_that_are_not_next(void **state)
{
	static const char json[] = "{\"a\":\"0123456789\"}";
	struct contexts contexts;
	struct fault why = {0};
	struct blob_hash hash;
	struct wire_piece piece = {.hash = hash_of(json, &hash), .total = strlen(json)};

	(void)state;
	contexts_open(&contexts);
	assert_int_equal(contexts_piece(&contexts, &piece, span_text(json), &why), 1);
	contexts_fetch(&contexts, piece.hash, 0);
	assert_int_equal(contexts_piece(&contexts, &piece, span_of(json, 8), &why), 1);
	assert_int_equal(contexts_piece(&contexts, &piece, span_of(json, 8), &why), 1); /* again */
	piece.offset = 12;
	assert_int_equal(contexts_piece(&contexts, &piece, span_of(json + 12, 2), &why), 1);
	piece.offset = 8;
	assert_int_equal(contexts_piece(&contexts, &piece, span_of(json + 8, 40), &why), 1);
	assert_int_equal(contexts_piece(&contexts, &piece, span_text(json + 8), &why), 0);
	contexts_release(&contexts);
}

static void test_contexts_refuses_what_cannot_be(void **state)
{
	struct contexts contexts;
	struct fault why = {0};
	struct blob_hash hash;
	struct wire_piece piece = {.hash = hash_of("{}", &hash)};

	(void)state;
	contexts_open(&contexts);
	contexts_fetch(&contexts, piece.hash, 0);
	assert_int_equal(contexts_piece(&contexts, &piece, (struct span){0}, &why), -1);
	assert_string_equal(why.code, "context-missing");
	assert_int_equal(why.class, FAULT_RETRY);
	contexts_fetch(&contexts, piece.hash, 0);
	piece.total = CONTEXTS_BYTES_MAX + 1ull;
	assert_int_equal(contexts_piece(&contexts, &piece, span_text("{"), &why), -1);
	assert_string_equal(why.code, "context-too-large");
	contexts_fetch(&contexts, piece.hash, 0);
	piece.total = 3;
	assert_int_equal(contexts_piece(&contexts, &piece, span_text("{ }"), &why), -1);
	assert_string_equal(why.code, "context-damaged");
	assert_int_equal(fetch(&contexts, "[1]", 10, &why), -1); /* the right hash, no object */
	assert_string_equal(why.code, "context-damaged");
	contexts_release(&contexts);
}

static void test_contexts_least_recently_used_goes_unless_pinned(void **state)
{
	struct contexts contexts;
	struct fault why = {0};
	struct blob_hash hash;
	struct context *first, *second;
	char json[64];

	(void)state;
	released = 0;
	contexts_open(&contexts);
	for (int i = 0; i < CONTEXTS_MAX; i++) {
		snprintf(json, sizeof(json), "{\"n\":%d}", i);
		assert_int_equal(fetch(&contexts, json, 64, &why), 0);
	}
	first = contexts_find(&contexts, hash_of("{\"n\":0}", &hash));
	second = contexts_find(&contexts, hash_of("{\"n\":1}", &hash));
	context_keep(first, malloc(1), release);
	context_keep(second, malloc(1), release);
	first->pins = 1;
	/* Everything but the two has been used longer ago; then the second goes, never the first.
	 */
	for (int i = 100; i < 100 + CONTEXTS_MAX - 2; i++) {
		snprintf(json, sizeof(json), "{\"n\":%d}", i);
		assert_int_equal(fetch(&contexts, json, 64, &why), 0);
	}
	assert_int_equal(released, 0);
	assert_int_equal(fetch(&contexts, "{\"n\":200}", 64, &why), 0);
	assert_int_equal(released, 1);
	assert_null(contexts_find(&contexts, hash_of("{\"n\":1}", &hash)));
	assert_ptr_equal(contexts_find(&contexts, hash_of("{\"n\":0}", &hash)), first);
	contexts_release(&contexts);
	assert_int_equal(released, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contexts_keeps_what_was_fetched_in_pieces),
		cmocka_unit_test(test_contexts_empty_hash_is_the_empty_context),
		cmocka_unit_test(test_contexts_ignores_pieces_that_are_not_next),
		cmocka_unit_test(test_contexts_refuses_what_cannot_be),
		cmocka_unit_test(test_contexts_least_recently_used_goes_unless_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
