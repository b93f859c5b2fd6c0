#include "flag.h"

void flag_set(struct flag *flag, struct span heading, const char *out, const char *in)
{
	span_copy(span_text(out ? out : ""), flag->out, sizeof(flag->out));
	span_copy(span_text(in ? in : ""), flag->in, sizeof(flag->in));
	words_halves(heading, &flag->halves);
}

int flag_says(const struct flag *flag, struct span text)
{
	if (text.len == 0)
		return 0;
	if (span_is(text, flag->out))
		return -1;
	return span_is(text, flag->in) ? 1 : words_flag_under(&flag->halves, text);
}
