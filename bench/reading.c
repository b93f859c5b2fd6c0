/*
 * reading - how fast bank rows are read, beside a plain scan of the same bytes.
 *
 *     build/bench/reading [megabytes]
 *
 * Prints one JSON object: bytes a second of the scan, of the tokeniser on its own and of the whole
 * reader (detection and all units), rows a second of the reader, and both as ratios to the scan.
 * One core; the best of RUNS runs of each, because this machine has other things to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "csv.h"
#include "reader.h"

#define RUNS 5

/* Rows as most banks write them: a date, a text, an amount, a balance. */
static uint64_t make_rows(struct buf *file, size_t bytes)
{
	static const char *const texts[] = {
		"CARD PAYMENT TO SUPERMARKET 0", "RENT FLAT 12 B APRIL 0",
		"SALARY SMITH AND SONS LTD 00", "COFFEE AT THE CORNER 0"};
	uint64_t rows = 0;
	long balance = 100000000;

	buf_text(file, "Date,Description,Amount,Balance\n");
	while (file->len < bytes) {
		long amount = (long)(rows % 17 ? -(1 + rows * 7919 % 20000) : 250000 + rows % 1000);

		balance += amount;
		buf_format(file, "2024-%02u-%02u,%s%llu,%s%ld.%02ld,%ld.%02ld\n",
			   (unsigned)(rows / 90000 % 12 + 1), (unsigned)(rows / 3000 % 28 + 1),
			   texts[rows % 4], (unsigned long long)(rows % 5000),
			   amount < 0 ? "-" : "", labs(amount) / 100, labs(amount) % 100,
			   balance / 100, balance % 100);
		rows++;
	}
	return rows;
}

/* Every byte is touched once, eight at a time. */
static uint64_t scan(const struct buf *file)
{
	uint64_t sum = 0, word;

	for (size_t i = 0; i + 8 <= file->len; i += 8) {
		memcpy(&word, file->at + i, 8);
		sum += word;
	}
	return sum;
}

static uint64_t tokenise(const struct buf *file)
{
	static const struct csv_dialect comma = {',', '\n'};
	static struct csv_record record;
	uint64_t fields = 0;

	for (size_t at = 0; at < file->len; at += record.size) {
		csv_record(&comma, span_of(file->at + at, file->len - at), true, &record);
		fields += record.n_fields;
	}
	return fields;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t read_all(int fd)
{
	struct rows *rows = rows_new();
	struct reading *reading;
	struct reader_place at;
	struct fault why = {0};
	uint64_t n = 0;
	bool last = false;

	if (reader_detect(fd, span_text("{}"), NULL, NULL, &reading, &why) != 0) {
		fprintf(stderr, "%s: %s\n", why.code, why.text);
		exit(1);
	}
	at = reading_start(reading);
	while (!last && reader_unit(reading, fd, at, NULL, rows, &at, &last, &why) == 0) {
		n += rows->n;
		rows_clear(rows);
	}
	reading_free(&reading);
	rows_free(&rows);
	return n;
}

/* Seconds that the fastest run took; `sum` keeps the work from being left out. */
static double fastest(int what, const struct buf *file, int fd, uint64_t *sum)
{
	double best = 1e9;

	for (int run = 0; run < RUNS; run++) {
		double begun = now_s();
		double seconds;

		*sum += what == 0 ? scan(file) : what == 1 ? tokenise(file) : read_all(fd);
		seconds = now_s() - begun;
		best = seconds < best ? seconds : best;
	}
	return best;
}

int main(int argc, char **argv)
{
	size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64) << 20;
	struct buf file = {0};
	uint64_t rows = make_rows(&file, bytes), sum = 0;
	int fd = memfd_create("bench", MFD_CLOEXEC);
	double scanned, split, read;

	buf_reserve(&file, CSV_PADDING);
	file.len -= CSV_PADDING;
	if (fd == -1 || write(fd, file.at, file.len) != (ssize_t)file.len)
		return 1;
	scanned = fastest(0, &file, fd, &sum);
	split = fastest(1, &file, fd, &sum);
	read = fastest(2, &file, fd, &sum);
	printf("{\"bytes\": %zu, \"rows\": %llu, \"scan_mb_s\": %.0f, \"tokeniser_mb_s\": %.0f, "
	       "\"reader_mb_s\": %.0f, \"reader_rows_s\": %.0f, \"tokeniser_to_scan\": %.3f, "
	       "\"reader_to_scan\": %.4f, \"checksum\": %llu}\n",
	       file.len, (unsigned long long)rows, (double)file.len / scanned / 1e6,
	       (double)file.len / split / 1e6, (double)file.len / read / 1e6, (double)rows / read,
	       scanned / split, scanned / read, (unsigned long long)sum);
	buf_release(&file);
	close(fd);
	return 0;
}
