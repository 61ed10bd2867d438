/* How a function says that it failed, and why.
 *
 * What users and machines do wrong (a bad file, a bad query, no memory left in the budget) returns
 * an `enum status` and fills a `struct error`; the first error stands, callers may add context.
 * What programmers do wrong is CHECK or DCHECK (base/check.h). The values of `enum status` are the
 * program's exit codes, so that nothing has to translate them. */
#ifndef GYRE_BASE_STATUS_H
#define GYRE_BASE_STATUS_H

#include <stdint.h>

enum status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,        /* the machine: no memory, a read that fails, a full disk */
    STATUS_USAGE = 2,         /* wrong usage or a wrong query */
    STATUS_INPUT = 3,         /* the input was rejected */
    STATUS_LIMIT = 4,         /* a limit was reached; what was found is kept, marked as partial */
    STATUS_INTERRUPTED = 130, /* SIGINT or SIGTERM */
};

enum {
    ERROR_TEXT_BYTES = 768,
    ERROR_FILE_BYTES = 256,
    ERROR_EXCERPT_BYTES = 256,
};

/* The first thing that went wrong. All text is NUL-terminated and cut to its field.
 * `line` and `column` count from 1; 0 means that there is none. With an `excerpt` (the line at
 * fault, or the part of it that matters) `caret` is the byte within the excerpt to point at. */
struct error {
    enum status status;
    char text[ERROR_TEXT_BYTES];
    char file[ERROR_FILE_BYTES];
    uint64_t line;
    uint64_t column;
    char excerpt[ERROR_EXCERPT_BYTES];
    uint32_t caret;
};

/* Every setter keeps the first error: a second call on a set error changes nothing. `error` may be
 * NULL. Each returns the status that the error now holds (or `status`, for NULL), so that a
 * function can end with `return error_set(...)`. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, for a place in a file or query. */
enum status error_set_at(struct error *error, enum status status, const char *file, uint64_t line,
                         uint64_t column, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Appends ": errno's text" to the formatted text. `errno` is read on entry. */
enum status error_set_errno(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "out of memory while <what>", STATUS_FAILED. */
enum status error_set_memory(struct error *error, const char *what);

/* Adds the line to point into: up to the excerpt's size of `line_text` around byte `offset`
 * (control characters become spaces), and the caret at that byte. */
void error_set_excerpt(struct error *error, const char *line_text, uint64_t line_bytes,
                       uint64_t offset);

/* Puts "<formatted>: " before the text of an error that is set. */
void error_add_context(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As if it were zeroed, without what no one reads: hot code has no time to clear a kilobyte. */
static inline void error_clear(struct error *error)
{
    error->status = STATUS_OK;
    error->text[0] = '\0';
    error->file[0] = '\0';
    error->line = 0;
    error->column = 0;
    error->excerpt[0] = '\0';
    error->caret = 0;
}

/* Passes a failure up where nothing is held. */
#define TRY(expression)                         \
    do {                                        \
        enum status try_status_ = (expression); \
        if (try_status_ != STATUS_OK) {         \
            return try_status_;                 \
        }                                       \
    } while (0)

/* Passes a failure to the clean-up label `done:` where something is held; `status` is the
 * function's own variable. */
#define TRY_DONE(expression)       \
    do {                           \
        status = (expression);     \
        if (status != STATUS_OK) { \
            goto done;             \
        }                          \
    } while (0)

#endif
