/* One question to a session: it is run, its rows are written, and what that took is told. */
#ifndef GYRE_CLI_ASK_H
#define GYRE_CLI_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options.h"
#include "cli/session.h"
#include "gyre.h"

/* A query of a megabyte is a mistake; the library says so of what is longer than it takes. */
enum { ASK_TEXT_BYTES = (1 << 20) + 4096 };

enum { ASK_FORMAT_UNSET = -1 };

/* In the order of enum gyre_format; ends with NULL. */
extern const char *const ask_format_names[];

struct ask {
    const char *text;
    const char *name;    /* of the query's place, for errors; NULL: it was an argument */
    uint64_t line_first; /* of that place: the line before the text; 0: the text is all of it */
    int format;
    const char *output; /* NULL: standard output */
    const char *statistics;
    bool is_explain;
    bool is_profile;
    bool is_quiet;
    bool is_session; /* one of several: what loading took was told before */
    uint64_t row_limit;
    struct gyre_parameter parameters[OPTION_TEXTS_MAX];
    uint32_t parameter_count;
};

/* What rows are written as: what --format says, else what the file is called (NULL, or -: standard
 * output), else a table on a terminal and CSV elsewhere. */
enum gyre_format ask_format(int format, const char *path);

/* Whether a file is called as what is never written: packed, or as another's format. */
bool ask_is_foreign(const char *path);

/* Appends the table of what limits a query; returns how many it added, which `options` has room
 * for. */
enum { ASK_LIMIT_OPTIONS_MAX = 5 };
uint32_t ask_limit_options(struct ask *ask, struct session_settings *settings,
                           struct option *options);

/* NAME=VALUE, which is cut at the sign and has to last; it replaces what NAME was. Says on stderr
 * what is wrong. */
int ask_add_parameter(struct ask *ask, char *text);

/* The same for each --param of `command`. */
int ask_set_parameters(struct ask *ask, const char *command, const struct option_texts *texts);

/* Runs it and writes what it found. `kept` (may be NULL) takes the result, whose rows are there to
 * be written again, or NULL. Returns the exit code. */
int ask_run(struct session *session, const struct ask *ask, struct gyre_result **kept);

/* Writes the rows to `path`. */
int ask_write(struct gyre_result *result, int format, const char *path);

#endif
