/* Characters and sets of them. A set's ranges lie one after the other in the regex. */
#include "value/regex_set.h"

#include "value/code_point.h"

struct class
{
    const char *name;
    const char *ranges; /* pairs of first and last */
};

/* Of POSIX, for ASCII. */
static const struct class classes[] = {
    {"alnum", "09AZaz"},   {"alpha", "AZaz"},   {"blank", "  \t\t"}, {"cntrl", "\x01\x1f\x7f\x7f"},
    {"digit", "09"},       {"graph", "!~"},     {"lower", "az"},     {"print", " ~"},
    {"punct", "!/:@[`{~"}, {"space", "  \t\r"}, {"upper", "AZ"},     {"xdigit", "09AFaf"},
};

static enum status parse_member(struct regex_parser *parser);
static enum status parse_class(struct regex_parser *parser);
static enum status add_ranges(struct regex_parser *parser, const char *ranges);
static enum status add_other_ranges(struct regex_parser *parser, const char *ranges);
static enum status add_range(struct regex_parser *parser, uint32_t first, uint32_t last);
static const char *escape_ranges(uint32_t character);

bool regex_parser_has(const struct regex_parser *parser)
{
    return parser->at < parser->expression.size;
}

bool regex_parser_begins(const struct regex_parser *parser, const char *text)
{
    size_t size = strlen(text);
    return parser->expression.size - parser->at >= size &&
           memcmp(parser->expression.data + parser->at, text, size) == 0;
}

bool regex_parser_is_at_one_of(const struct regex_parser *parser, const char *characters)
{
    char at = regex_parser_has(parser) ? parser->expression.data[parser->at] : '\0';
    return at != '\0' && strchr(characters, at) != NULL;
}

bool regex_parser_takes(struct regex_parser *parser, char character)
{
    bool is_there = regex_parser_has(parser) && parser->expression.data[parser->at] == character;
    parser->at += is_there;
    return is_there;
}

uint32_t regex_parser_next(struct regex_parser *parser)
{
    uint32_t bytes;
    uint32_t character = code_point_read(
        bytes_view(parser->expression.data + parser->at, parser->expression.size - parser->at),
        &bytes);
    parser->at += bytes;
    return character;
}

enum status regex_error(struct regex_parser *parser, const char *what)
{
    int shown = parser->expression.size > 200 ? 200 : (int)parser->expression.size;
    return error_set(parser->error, STATUS_USAGE, "wrong regular expression '%.*s', byte %zu: %s",
                     shown, parser->expression.data, parser->at + 1, what);
}

enum status regex_parse_set(struct regex_parser *parser)
{
    struct regex *regex = parser->regex;
    size_t begin = parser->at - 1;
    struct regex_step step = {.kind = REGEX_SET, .from = regex->range_count};
    step.is_negated = regex_parser_takes(parser, '^');
    /* A ] that comes first stands for itself. */
    bool is_first = true;
    while (regex_parser_has(parser) && (is_first || !regex_parser_begins(parser, "]"))) {
        TRY(parse_member(parser));
        is_first = false;
    }
    if (!regex_parser_takes(parser, ']')) {
        parser->at = begin;
        return regex_error(parser, "a [ without its ]");
    }
    step.count = (uint16_t)(regex->range_count - step.from);
    if (regex->step_count == REGEX_STEPS_MAX) {
        return error_set(parser->error, STATUS_LIMIT, "the regular expression is too large");
    }
    regex->steps[regex->step_count++] = step;
    return STATUS_OK;
}

enum status regex_parse_escape(struct regex_parser *parser, uint32_t *character, bool *is_class,
                               bool *is_negated)
{
    static const char letters[] = "tnrf";
    static const char stand_for[] = "\t\n\r\f";
    *is_class = false;
    *is_negated = false;
    if (!regex_parser_has(parser)) {
        return regex_error(parser, "nothing follows the \\");
    }
    *character = regex_parser_next(parser);
    bool is_letter = (*character | 0x20) >= 'a' && (*character | 0x20) <= 'z';
    bool is_digit = *character >= '0' && *character <= '9';
    if (*character >= 0x80 || (!is_letter && !is_digit)) {
        return STATUS_OK;
    }
    const char *letter = strchr(letters, (int)*character);
    if (letter != NULL) {
        *character = (unsigned char)stand_for[letter - letters];
        return STATUS_OK;
    }
    const char *ranges = escape_ranges(*character | 0x20);
    if (ranges != NULL) {
        *is_class = true;
        *is_negated = *character < 'a';
        return add_ranges(parser, ranges);
    }
    parser->at--;
    return regex_error(parser,
                       is_digit ? "back references are not supported" : "there is no such escape");
}

/* A character, a range, a class, or an escape. */
static enum status parse_member(struct regex_parser *parser)
{
    if (regex_parser_begins(parser, "[:")) {
        return parse_class(parser);
    }
    uint32_t first = regex_parser_next(parser);
    if (first == '\\') {
        uint32_t range_count = parser->regex->range_count;
        bool is_class;
        bool is_negated;
        TRY(regex_parse_escape(parser, &first, &is_class, &is_negated));
        if (is_class && is_negated) {
            parser->regex->range_count = range_count;
            return add_other_ranges(parser, escape_ranges(first | 0x20));
        }
        if (is_class) {
            return STATUS_OK;
        }
    }
    if (!regex_parser_begins(parser, "-") || regex_parser_begins(parser, "-]")) {
        return add_range(parser, first, first);
    }
    parser->at++;
    if (!regex_parser_has(parser)) {
        return regex_error(parser, "a [ without its ]");
    }
    uint32_t last = regex_parser_next(parser);
    if (last == '\\') {
        bool is_class;
        bool is_negated;
        TRY(regex_parse_escape(parser, &last, &is_class, &is_negated));
        if (is_class) {
            return regex_error(parser, "a class is no end of a range");
        }
    }
    return last >= first ? add_range(parser, first, last)
                         : regex_error(parser, "the range is the wrong way round");
}

static enum status parse_class(struct regex_parser *parser)
{
    struct bytes rest = bytes_view(parser->expression.data + parser->at + 2,
                                   parser->expression.size - parser->at - 2);
    for (size_t index = 0; index < sizeof(classes) / sizeof(classes[0]); index++) {
        size_t length = strlen(classes[index].name);
        if (rest.size >= length + 2 && memcmp(rest.data, classes[index].name, length) == 0 &&
            memcmp(rest.data + length, ":]", 2) == 0) {
            parser->at += length + 4;
            return add_ranges(parser, classes[index].ranges);
        }
    }
    return regex_error(parser, "there is no such class; [:alpha:], [:digit:], [:space:] are some");
}

static enum status add_ranges(struct regex_parser *parser, const char *ranges)
{
    for (; *ranges != '\0'; ranges += 2) {
        TRY(add_range(parser, (unsigned char)ranges[0], (unsigned char)ranges[1]));
    }
    return STATUS_OK;
}

/* Everything that is not in the ranges, which ascend. */
static enum status add_other_ranges(struct regex_parser *parser, const char *ranges)
{
    uint32_t next = 0;
    for (; *ranges != '\0'; ranges += 2) {
        if ((unsigned char)ranges[0] > next) {
            TRY(add_range(parser, next, (unsigned char)ranges[0] - 1u));
        }
        next = (unsigned char)ranges[1] + 1u;
    }
    return add_range(parser, next, CODE_POINT_STRAY + 0xff);
}

static enum status add_range(struct regex_parser *parser, uint32_t first, uint32_t last)
{
    struct regex *regex = parser->regex;
    if (regex->range_count == REGEX_RANGES_MAX) {
        return error_set(parser->error, STATUS_LIMIT,
                         "a regular expression has at most %d characters and ranges in brackets",
                         REGEX_RANGES_MAX);
    }
    regex->ranges[regex->range_count++] = (struct regex_range){first, last};
    return STATUS_OK;
}

static const char *escape_ranges(uint32_t character)
{
    switch (character) {
    case 'd':
        return "09";
    case 'w':
        return "09AZ__az";
    case 's':
        return "\t\r  ";
    default:
        return NULL;
    }
}
