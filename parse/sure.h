/*
 * sure - how sure a part of a reading is.
 *
 * Owns     nothing.
 */
#ifndef DAYBOOK_PARSE_SURE_H
#define DAYBOOK_PARSE_SURE_H

enum sure {
	SURE_TOLD,    /* by the uploader */
	SURE_SETTLED, /* the file leaves nothing else possible, or names it */
	SURE_LIKELY,  /* the file speaks for it */
	SURE_EARLIER, /* as in this account's file before */
	SURE_ASSUMED  /* the file would allow something else: told in `assumed` */
};

#endif
