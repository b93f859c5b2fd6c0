/*
 * privacy - what a process of ours knows is its user's alone.
 *
 * Shape    called once when a process starts; what it starts inherits it. Files it makes are for
 *          nobody else, whoever makes them (SQLite would ask for 0644), and a crash leaves no core
 *          dump: its memory holds people's statements and keys.
 */
#ifndef DAYBOOK_LIB_PRIVACY_H
#define DAYBOOK_LIB_PRIVACY_H

void privacy_begin(void);

#endif
