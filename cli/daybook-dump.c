/* daybook-dump: the traffic between daybook's processes, readable. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "tracefile.h"
#include "wire.h"
#include "wiredoc.h"

static const char help[] =
	"daybook-dump - prints what daybook's processes said to each other\n"
	"\n"
	"Usage: daybook-dump [--job ID] [--line N] [FILE...]\n"
	"       daybook-dump --decode [--hex] <BYTES\n"
	"       daybook-dump --markdown [TEMPLATE]\n"
	"\n"
	"A process that is started with DAYBOOK_TRACE=DIR in its environment writes every message\n"
	"it sends and receives to DIR/<program>.<pid>.trace. FILEs are such traces; without one,\n"
	"standard input is. They are put in order of time and printed a message a line:\n"
	"\n"
	"  10:00:00.000123 daybook-rules[4711] <- WORK job=01J... unit=3 ... | rows=500 "
	"text(16011) ...\n"
	"\n"
	"-> is sent, <- received; the broker's lines name the peer. Traces hold the contents of\n"
	"statements: keep them as you keep those.\n"
	"\n"
	"  --job ID                   only messages about this job\n"
	"  --line N                   only messages that carry line N of the source, and its row\n"
	"  --decode                   one message or payload from standard input\n"
	"  --hex                      it is written in hexadecimal\n"
	"  --markdown [TEMPLATE]      the protocol's description, from docs/WIRE.in.md\n"
	"  --version                  which daybook this is\n"
	"  --help                     this text\n"
	"\n"
	"Exit status: 0 done, 64 usage, 65 a trace is damaged or the bytes are refused, 66 no "
	"such\n"
	"file\n";

struct wishes {
	struct tracefile_filter filter;
	bool decode, hex, markdown;
};

static int complain(int status, const struct fault *why)
{
	fprintf(stderr, "daybook-dump: %s\n", why->text);
	return status;
}

static int wrong(const char *text)
{
	fprintf(stderr, "daybook-dump: %s; see daybook-dump --help\n", text);
	return EX_USAGE;
}

static int say(const struct buf *text)
{
	return fwrite(text->at, 1, text->len, stdout) == text->len && fflush(stdout) == 0
		       ? EX_OK
		       : EX_IOERR;
}

static int nibble(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Pairs of digits; white space may stand anywhere. */
static int read_hex(struct buf *bytes)
{
	size_t n = 0;
	int high = -1;

	for (size_t i = 0; i < bytes->len; i++) {
		int value = nibble(bytes->at[i]);

		if (value < 0 && !strchr(" \t\r\n", bytes->at[i]))
			return -1;
		if (value < 0)
			continue;
		if (high < 0) {
			high = value;
			continue;
		}
		bytes->at[n++] = (char)(high << 4 | value);
		high = -1;
	}
	bytes->len = n;
	return high < 0 ? 0 : -1;
}

static int decode(bool hex)
{
	struct buf bytes = {0}, text = {0};
	struct wire_msg msg;
	struct fault why = {0};
	int status = EX_OK;

	if (tracefile_slurp(stdin, &bytes, &why) != 0)
		return complain(EX_IOERR, &why);
	if (hex && read_hex(&bytes) != 0) {
		fputs("daybook-dump: not pairs of hexadecimal digits\n", stderr);
		status = EX_DATAERR;
	} else if (wire_decode(buf_span(&bytes), &msg, &why) != 0 &&
		   !tracefile_is_payload(buf_span(&bytes))) {
		status = complain(EX_DATAERR, &why);
	} else {
		tracefile_frame(&text, buf_span(&bytes));
		buf_char(&text, '\n');
		status = say(&text);
	}
	buf_release(&bytes);
	buf_release(&text);
	return status;
}

static int markdown(const char *path)
{
	struct buf template = {0}, text = {0};
	FILE *from = fopen(path, "re");
	struct fault why = {0};
	int status;

	if (!from) {
		fault_errno(&why, path);
		return complain(EX_NOINPUT, &why);
	}
	if (tracefile_slurp(from, &template, &why) != 0)
		status = complain(EX_IOERR, &why);
	else if (wiredoc_fill(buf_span(&template), &text, &why) != 0)
		status = complain(EX_DATAERR, &why);
	else
		status = say(&text);
	fclose(from);
	buf_release(&template);
	buf_release(&text);
	return status;
}

static int print_traces(const struct tracefile_filter *filter, char **paths, int n)
{
	struct tracefile *trace = tracefile_new();
	struct fault why = {0};
	int status = EX_OK;

	for (int i = 0; i < (n > 0 ? n : 1); i++)
		if (tracefile_add(trace, n > 0 ? paths[i] : NULL, &why) != 0)
			status = complain(why.class == FAULT_INPUT ? EX_DATAERR : EX_NOINPUT, &why);
	tracefile_print(trace, filter, stdout);
	tracefile_free(&trace);
	return fflush(stdout) == 0 ? status : EX_IOERR;
}

static int read_option(int option, const char *value, struct wishes *wishes)
{
	struct span text = span_text(value);

	switch (option) {
	case 'j':
		if (id_job_read(text, &wishes->filter.job) == 0 ||
		    id_read(text, &wishes->filter.job) == 0)
			return EX_OK;
		return wrong("--job wants job_ and 26 characters");
	case 'l':
		if (span_u64(text, &wishes->filter.line) == 0 && wishes->filter.line > 0)
			return EX_OK;
		return wrong("--line wants a number from 1 on");
	case 'd':
		wishes->decode = true;
		return EX_OK;
	case 'x':
		wishes->hex = true;
		return EX_OK;
	case 'm':
		wishes->markdown = true;
		return EX_OK;
	default:
		fputs("see daybook-dump --help\n", stderr);
		return EX_USAGE;
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"job", required_argument, NULL, 'j'}, {"line", required_argument, NULL, 'l'},
		{"decode", no_argument, NULL, 'd'},    {"hex", no_argument, NULL, 'x'},
		{"markdown", no_argument, NULL, 'm'},  {"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},      {NULL, 0, NULL, 0},
	};
	struct wishes wishes = {0};
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0 ? EX_IOERR : EX_OK;
		if (option == 'v')
			return puts("daybook-dump " DAYBOOK_VERSION) < 0 ? EX_IOERR : EX_OK;
		status = read_option(option, optarg, &wishes);
		if (status != EX_OK)
			return status;
	}
	argv += optind;
	argc -= optind;
	if (wishes.decode)
		return argc == 0 ? decode(wishes.hex) : wrong("--decode reads standard input");
	if (wishes.markdown)
		return markdown(argc > 0 ? argv[0] : "docs/WIRE.in.md");
	return print_traces(&wishes.filter, argv, argc);
}
