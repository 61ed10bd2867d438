/* The lines of a stream of text: of a terminal with a prompt before each and, where the program was
 * built with libedit, editing and a history; of anything else as they come. */
#ifndef GYRE_CLI_LINES_H
#define GYRE_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { LINES_PATH_BYTES = 4096 };

struct lines {
    FILE *file;
    bool is_terminal;
    struct editline *editor; /* NULL: the terminal's own */
    struct history *history;
    const char *prompt;
    const char *const *words; /* that Tab completes; ends with NULL; NULL: there are none */
    void *locale;             /* in which UTF-8 is edited */
    char history_path[LINES_PATH_BYTES]; /* empty: nothing is kept */
};

enum line {
    LINE_READ,
    LINE_END,
    LINE_INTERRUPTED, /* by a signal, whose flag is set (cli/interrupt.h) */
    LINE_FAILED,      /* errno says why */
};

/* `file` is the caller's. A terminal is talked to through stderr, which has to be one too. */
void lines_open(struct lines *lines, FILE *file);
void lines_close(struct lines *lines);

/* One line with its end, cut to `bytes` with the NUL behind it. */
enum line lines_next(struct lines *lines, const char *prompt, char *text, size_t bytes);

/* Takes `text` with `ending` behind it into the history; it may have several lines. */
void lines_remember(struct lines *lines, const char *text, const char *ending);

#endif
