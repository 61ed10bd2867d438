/* Questions out of a text that comes line by line: each ends with a semicolon that stands in no
 * string, name or comment. */
#ifndef GYRE_CLI_QUESTION_H
#define GYRE_CLI_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/ask.h"

enum question_state {
    QUESTION_PLAIN,
    QUESTION_STRING,
    QUESTION_NAME,
    QUESTION_LINE_COMMENT,
    QUESTION_COMMENT,
};

struct question {
    char text[ASK_TEXT_BYTES];
    size_t begin; /* of the question at hand */
    size_t seen;  /* what is behind has not been looked at */
    size_t end;
    uint64_t line; /* of `begin`, from 0 */
    enum question_state state;
    char quote;
    bool has_words; /* more than blanks and comments */
};

/* Nothing has come. */
void question_init(struct question *question);

/* Whether no question has begun. */
bool question_is_blank(const struct question *question);

/* Room for another line and its NUL; its size. */
char *question_room(struct question *question, size_t *bytes);

/* A line has come to stand there. */
void question_add(struct question *question);

/* The next question that is whole, without its semicolon; NULL: there is none. It lasts until there
 * is room for another line. `line` is where it begins, from 0. */
const char *question_next(struct question *question, uint64_t *line);

/* The same for what has no semicolon behind it, at the end of the text. */
const char *question_rest(struct question *question, uint64_t *line);

/* Forgets what has come of a question that is not whole. */
void question_drop(struct question *question);

#endif
