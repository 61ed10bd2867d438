/* The reader of a regular expression, and sets of characters in it: brackets, classes, escapes. */
#ifndef GYRE_VALUE_REGEX_SET_H
#define GYRE_VALUE_REGEX_SET_H

#include "value/regex.h"

struct regex_parser {
    struct regex *regex;
    struct bytes expression;
    size_t at;
    struct error *error;
};

bool regex_parser_has(const struct regex_parser *parser);
bool regex_parser_begins(const struct regex_parser *parser, const char *text);
bool regex_parser_is_at_one_of(const struct regex_parser *parser, const char *characters);
bool regex_parser_takes(struct regex_parser *parser, char character);

/* There is one. */
uint32_t regex_parser_next(struct regex_parser *parser);

/* STATUS_USAGE, with the expression and the place. */
enum status regex_error(struct regex_parser *parser, const char *what);

/* After `[`. Emits a SET. */
enum status regex_parse_set(struct regex_parser *parser);

/* After a backslash: a character, or a class, whose ranges are added. */
enum status regex_parse_escape(struct regex_parser *parser, uint32_t *character, bool *is_class,
                               bool *is_negated);

#endif
