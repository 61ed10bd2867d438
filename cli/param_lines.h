/* A file whose lines are the list that a parameter stands for: addresses of a report, ports, names.
 *
 * Blanks around a line are not part of it. Lines that are empty, or begin with #, are none. What is
 * written as a number is one, and all else is a text. */
#ifndef GYRE_CLI_PARAM_LINES_H
#define GYRE_CLI_PARAM_LINES_H

#include "cli/ask.h"

/* All such lists of a run take this many bytes at most, as they are written in the language. */
enum { PARAM_LINES_BYTES = 4 << 20 };

/* Reads the file of each `NAME=FILE` of --param-lines, and adds the parameter. The lists stay until
 * the process ends. Says on stderr what is wrong. */
int param_lines_read(struct ask *ask, const char *command, const struct option_texts *texts);

#endif
