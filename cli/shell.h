/* A conversation about one graph: questions are answered one by one as they come, and lines that
 * begin with a colon or an at sign say what else is wanted. */
#ifndef GYRE_CLI_SHELL_H
#define GYRE_CLI_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/ask.h"
#include "cli/session.h"
#include "gyre.h"

enum { SHELL_PARAMETER_BYTES = 1 << 16, SHELL_WORDS_MAX = 1200, SHELL_WORD_BYTES = 1 << 17 };

struct shell {
    struct session *session;
    struct ask ask; /* what all questions have in common */
    int64_t timeout_ns;
    const char *const *sources;
    uint32_t source_count;
    bool is_terminal;         /* somebody sits there, and a question that fails does not end it */
    bool is_left;             /* as is said by :quit */
    bool is_in_file;          /* as is said by @FILE */
    bool is_limited;          /* some question has reached a limit */
    struct gyre_result *last; /* whose rows may be saved; NULL: there are none */
    char parameters[SHELL_PARAMETER_BYTES]; /* what :param was given, one behind the other */
    size_t parameter_bytes;
    const char *words[SHELL_WORDS_MAX + 1]; /* of the language and the graph, for Tab */
    uint32_t word_count;
    char word_text[SHELL_WORD_BYTES];
};

/* Answers what `file`, which errors call `name`, asks. Returns the exit code: on a terminal that of
 * leaving, otherwise that of the first question that failed, which is the last. */
int shell_read(struct shell *shell, FILE *file, const char *name);

/* Fills in `words`, for a terminal. */
void shell_learn_words(struct shell *shell);

/* Closes what it holds; the session is the caller's. */
void shell_close(struct shell *shell);

/* Around everything that may take long: a signal ends it, and on a terminal not more than that. */
void shell_begin(struct shell *shell);
int shell_end(struct shell *shell, int status);

/* order.c: the names of all orders, up to NULL. */
const char *shell_order_name(uint32_t index);

/* order.c: whether a line is an order, and not the beginning of a question. */
bool shell_is_order(const char *line);

/* order.c: does what it says; `line` is cut. Returns an exit code, and says what went wrong. */
int shell_order(struct shell *shell, char *line);

#endif
