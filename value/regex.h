/* Regular expressions over code points, in time that is the product of the lengths of expression
 * and text whatever they are, and without memory from the heap: K. Thompson, "Regular expression
 * search algorithm" (1968), as R. Cox tells it in "Regular expression matching: the virtual machine
 * approach" (2009).
 *
 * POSIX extended expressions: . [a-z] [^a-z] [[:alpha:]] ( ) | * + ? {m} {m,} {m,n} ^ $ and
 * \ before a character that stands for itself, in brackets too; further (?: ), \d \D \w \W \s \S
 * (of ASCII), \b \B, \t \n \r, and in front (?i), case is ignored, and (?s), . matches a newline
 * too. Lazy forms
 * (*? +? ??) match the same texts and are taken. Back references, look-around and the like are
 * refused by name. */
#ifndef GYRE_VALUE_REGEX_H
#define GYRE_VALUE_REGEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "base/stop.h"

enum { REGEX_STEPS_MAX = 2000, REGEX_RANGES_MAX = 1000, REGEX_DEPTH_MAX = 100 };

enum regex_step_kind {
    REGEX_CHARACTER, /* `from` */
    REGEX_ANY,
    REGEX_SET,  /* one of ranges[from .. from + count) */
    REGEX_FORK, /* goes on at the next step and at `to` */
    REGEX_JUMP, /* goes on at `to` */
    REGEX_BEGIN,
    REGEX_END,
    REGEX_WORD_EDGE, /* between a letter of a word and something else; or not, when negated */
    REGEX_MATCH,
};

struct regex_step {
    uint8_t kind;
    bool is_negated;
    uint16_t count;
    uint32_t from;
    int32_t to; /* steps from this one, so that a run of steps can be moved and copied */
};

struct regex_range {
    uint32_t first;
    uint32_t last;
};

/* About 32 KiB; immutable once compiled, so that any threads may match with it. */
struct regex {
    bool ignores_case;
    bool dot_is_all;
    uint32_t step_count;
    uint32_t range_count;
    struct regex_step steps[REGEX_STEPS_MAX];
    struct regex_range ranges[REGEX_RANGES_MAX];
};

/* STATUS_USAGE, with the place within the expression, for what is wrong or not supported;
 * STATUS_LIMIT for what is too large. */
enum status regex_compile(struct regex *regex, struct bytes expression, struct error *error);

/* Whether the whole text matches. What takes long looks at `stop` (NULL: never) and fails with what
 * it means. */
enum status regex_match(const struct regex *regex, struct bytes text, struct stop *stop,
                        bool *is_match, struct error *error);

#endif
