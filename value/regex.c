/* Compiling a regular expression into steps by recursive descent. */
#include "value/regex.h"

#include "base/check.h"
#include "value/code_point.h"
#include "value/regex_set.h"

enum { REPEAT_MAX = 1000 };

/* `*`, `+`, `?`, `{least,most}`. */
struct repetition {
    uint32_t least;
    uint32_t most;
    bool is_endless;
};

static enum status parse_flags(struct regex_parser *parser);
static enum status parse_alternatives(struct regex_parser *parser, uint32_t depth);
static enum status parse_sequence(struct regex_parser *parser, uint32_t depth);
static enum status parse_atom(struct regex_parser *parser, uint32_t depth, bool *is_repeatable);
static enum status parse_group(struct regex_parser *parser, uint32_t depth);
static enum status parse_escape(struct regex_parser *parser, bool *is_repeatable);
static enum status parse_repetition(struct regex_parser *parser, struct repetition *repetition);
static enum status parse_count(struct regex_parser *parser, uint32_t *count);
static enum status repeat(struct regex_parser *parser, uint32_t begin,
                          const struct repetition *repetition);
static enum status copy_steps(struct regex_parser *parser, uint32_t begin, uint32_t count);
static enum status emit(struct regex_parser *parser, struct regex_step step);
static enum status insert_fork(struct regex_parser *parser, uint32_t begin, int32_t to);

enum status regex_compile(struct regex *regex, struct bytes expression, struct error *error)
{
    struct regex_parser parser = {.regex = regex, .expression = expression, .error = error};
    regex->ignores_case = false;
    regex->dot_is_all = false;
    regex->step_count = 0;
    regex->range_count = 0;
    TRY(parse_flags(&parser));
    TRY(parse_alternatives(&parser, 0));
    if (regex_parser_has(&parser)) {
        return regex_error(&parser, "a ) without its (");
    }
    return emit(&parser, (struct regex_step){.kind = REGEX_MATCH});
}

static enum status parse_flags(struct regex_parser *parser)
{
    while (regex_parser_begins(parser, "(?") && parser->at + 2 < parser->expression.size &&
           strchr("is", parser->expression.data[parser->at + 2]) != NULL) {
        parser->at += 2;
        while (regex_parser_has(parser) && !regex_parser_takes(parser, ')')) {
            char flag = parser->expression.data[parser->at];
            if (flag != 'i' && flag != 's') {
                return regex_error(parser, "only the flags i and s are supported");
            }
            parser->regex->ignores_case |= flag == 'i';
            parser->regex->dot_is_all |= flag == 's';
            parser->at++;
        }
    }
    return STATUS_OK;
}

/* a|b|c: each alternative but the last begins with a fork to the next one, and ends with a jump
 * behind the last one. Jumps that wait for that place are chained by `from`. */
static enum status parse_alternatives(struct regex_parser *parser, uint32_t depth)
{
    struct regex *regex = parser->regex;
    const uint32_t none = UINT32_MAX;
    uint32_t waiting = none;
    if (depth > REGEX_DEPTH_MAX) {
        return error_set(parser->error, STATUS_LIMIT,
                         "a regular expression has at most %d ( in one another", REGEX_DEPTH_MAX);
    }
    for (;;) {
        uint32_t begin = regex->step_count;
        TRY(parse_sequence(parser, depth));
        if (!regex_parser_takes(parser, '|')) {
            break;
        }
        TRY(insert_fork(parser, begin, (int32_t)(regex->step_count - begin) + 2));
        TRY(emit(parser, (struct regex_step){.kind = REGEX_JUMP, .from = waiting}));
        waiting = regex->step_count - 1;
    }
    while (waiting != none) {
        uint32_t next = regex->steps[waiting].from;
        regex->steps[waiting].to = (int32_t)(regex->step_count - waiting);
        waiting = next;
    }
    return STATUS_OK;
}

static enum status parse_sequence(struct regex_parser *parser, uint32_t depth)
{
    while (regex_parser_has(parser) && !regex_parser_begins(parser, "|") &&
           !regex_parser_begins(parser, ")")) {
        uint32_t begin = parser->regex->step_count;
        bool is_repeatable = true;
        TRY(parse_atom(parser, depth, &is_repeatable));
        if (!regex_parser_is_at_one_of(parser, "*+?{")) {
            continue;
        }
        if (!is_repeatable) {
            return regex_error(parser, "there is nothing to repeat");
        }
        struct repetition repetition;
        TRY(parse_repetition(parser, &repetition));
        TRY(repeat(parser, begin, &repetition));
        regex_parser_takes(parser, '?');
        if (regex_parser_is_at_one_of(parser, "*+?{")) {
            return regex_error(parser, "a repetition of a repetition needs ( )");
        }
    }
    return STATUS_OK;
}

static enum status parse_atom(struct regex_parser *parser, uint32_t depth, bool *is_repeatable)
{
    uint32_t character = regex_parser_next(parser);
    switch (character) {
    case '(':
        return parse_group(parser, depth);
    case '[':
        return regex_parse_set(parser);
    case '\\':
        return parse_escape(parser, is_repeatable);
    case '.':
        return emit(parser, (struct regex_step){.kind = REGEX_ANY});
    case '^':
    case '$':
        *is_repeatable = false;
        return emit(parser,
                    (struct regex_step){.kind = character == '^' ? REGEX_BEGIN : REGEX_END});
    case '*':
    case '+':
    case '?':
    case '{':
        parser->at--;
        return regex_error(parser, "there is nothing to repeat");
    default:
        return emit(parser, (struct regex_step){.kind = REGEX_CHARACTER, .from = character});
    }
}

static enum status parse_group(struct regex_parser *parser, uint32_t depth)
{
    size_t begin = parser->at;
    if (regex_parser_begins(parser, "?")) {
        if (!regex_parser_begins(parser, "?:")) {
            return regex_error(parser, "of what begins with (? there is only (?: ), and (?i) and "
                                       "(?s) in front");
        }
        parser->at += 2;
    }
    TRY(parse_alternatives(parser, depth + 1));
    if (!regex_parser_takes(parser, ')')) {
        parser->at = begin - 1;
        return regex_error(parser, "a ( without its )");
    }
    return STATUS_OK;
}

static enum status parse_escape(struct regex_parser *parser, bool *is_repeatable)
{
    if (regex_parser_begins(parser, "b") || regex_parser_begins(parser, "B")) {
        *is_repeatable = false;
        bool is_negated = regex_parser_next(parser) == 'B';
        return emit(parser, (struct regex_step){.kind = REGEX_WORD_EDGE, .is_negated = is_negated});
    }
    struct regex_step set = {.kind = REGEX_SET, .from = parser->regex->range_count};
    uint32_t character;
    bool is_class;
    TRY(regex_parse_escape(parser, &character, &is_class, &set.is_negated));
    if (!is_class) {
        return emit(parser, (struct regex_step){.kind = REGEX_CHARACTER, .from = character});
    }
    set.count = (uint16_t)(parser->regex->range_count - set.from);
    return emit(parser, set);
}

static enum status parse_repetition(struct regex_parser *parser, struct repetition *repetition)
{
    uint32_t sign = regex_parser_next(parser);
    *repetition = (struct repetition){
        .least = sign == '+', .most = 1, .is_endless = sign == '*' || sign == '+'};
    if (sign != '{') {
        return STATUS_OK;
    }
    TRY(parse_count(parser, &repetition->least));
    repetition->most = repetition->least;
    if (regex_parser_takes(parser, ',')) {
        repetition->is_endless = regex_parser_begins(parser, "}");
        if (!repetition->is_endless) {
            TRY(parse_count(parser, &repetition->most));
        }
    }
    if (!regex_parser_takes(parser, '}')) {
        return regex_error(parser, "{ goes on as {m}, {m,} or {m,n}");
    }
    if (!repetition->is_endless && repetition->most < repetition->least) {
        return regex_error(parser, "the bounds of {m,n} are the wrong way round");
    }
    return STATUS_OK;
}

static enum status parse_count(struct regex_parser *parser, uint32_t *count)
{
    *count = 0;
    if (!regex_parser_is_at_one_of(parser, "0123456789")) {
        return regex_error(parser, "{ goes on as {m}, {m,} or {m,n}");
    }
    while (regex_parser_is_at_one_of(parser, "0123456789")) {
        *count = *count * 10 + (regex_parser_next(parser) - '0');
        if (*count > REPEAT_MAX) {
            return error_set(parser->error, STATUS_LIMIT,
                             "a regular expression repeats at most %d times", REPEAT_MAX);
        }
    }
    return STATUS_OK;
}

/* What was emitted from `begin` on is repeated: as often as it must be, then either once more
 * without end or each time if it may. */
static enum status repeat(struct regex_parser *parser, uint32_t begin,
                          const struct repetition *repetition)
{
    struct regex *regex = parser->regex;
    uint32_t count = regex->step_count - begin;
    uint32_t copies = repetition->is_endless ? repetition->least : repetition->most;
    if (copies == 0 && !repetition->is_endless) {
        regex->step_count = begin;
        return STATUS_OK;
    }
    uint32_t once = begin;
    for (uint32_t copy = 1; copy < copies; copy++) {
        once = regex->step_count;
        TRY(copy_steps(parser, begin, count));
    }
    if (!repetition->is_endless) {
        /* Backwards, so that the forks put in do not move what comes still. */
        for (uint32_t copy = repetition->most; copy > repetition->least; copy--) {
            TRY(insert_fork(parser, begin + (copy - 1) * count, (int32_t)count + 1));
        }
        return STATUS_OK;
    }
    if (repetition->least > 0) {
        TRY(emit(parser, (struct regex_step){.kind = REGEX_FORK,
                                             .to = -(int32_t)(regex->step_count - once)}));
        return STATUS_OK;
    }
    TRY(insert_fork(parser, begin, (int32_t)count + 2));
    return emit(parser, (struct regex_step){.kind = REGEX_JUMP, .to = -(int32_t)count - 1});
}

static enum status copy_steps(struct regex_parser *parser, uint32_t begin, uint32_t count)
{
    for (uint32_t index = 0; index < count; index++) {
        TRY(emit(parser, parser->regex->steps[begin + index]));
    }
    return STATUS_OK;
}

static enum status emit(struct regex_parser *parser, struct regex_step step)
{
    if (parser->regex->step_count == REGEX_STEPS_MAX) {
        return error_set(parser->error, STATUS_LIMIT,
                         "the regular expression is too large: it has more than %d steps, with "
                         "repetitions written out",
                         REGEX_STEPS_MAX);
    }
    parser->regex->steps[parser->regex->step_count++] = step;
    return STATUS_OK;
}

static enum status insert_fork(struct regex_parser *parser, uint32_t begin, int32_t to)
{
    struct regex_step *steps = parser->regex->steps;
    TRY(emit(parser, (struct regex_step){.kind = REGEX_FORK}));
    memmove(steps + begin + 1, steps + begin,
            (parser->regex->step_count - 1 - begin) * sizeof(*steps));
    steps[begin] = (struct regex_step){.kind = REGEX_FORK, .to = to};
    return STATUS_OK;
}
