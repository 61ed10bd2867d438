/* Matching: all ways through the steps at once, a character of the text at a time. */
#include "value/regex.h"

#include "base/check.h"
#include "value/code_point.h"

enum { NO_CHARACTER = UINT32_MAX, STEPS_PER_POLL = 1 << 16 };

/* The steps that wait for a character, each once. */
struct step_set {
    uint32_t count;
    uint16_t steps[REGEX_STEPS_MAX];
};

/* A place in the text: between two characters. */
struct place {
    uint32_t before; /* NO_CHARACTER at the ends */
    uint32_t after;
};

struct matcher {
    const struct regex *regex;
    uint32_t visit; /* counts places; a step with this mark has been reached at this one */
    uint32_t marks[REGEX_STEPS_MAX];
    uint16_t stack[REGEX_STEPS_MAX];
};

static void reach(struct matcher *matcher, uint32_t step, struct place place,
                  struct step_set *waiting);
static bool step_takes(const struct regex *regex, const struct regex_step *step,
                       uint32_t character);
static bool set_has(const struct regex *regex, const struct regex_step *step, uint32_t character);
static bool is_word_edge(struct place place);
static bool is_word_letter(uint32_t character);
static uint32_t character_at(struct bytes text, size_t at, uint32_t *bytes);

enum status regex_match(const struct regex *regex, struct bytes text, struct stop *stop,
                        bool *is_match, struct error *error)
{
    struct matcher matcher;
    struct step_set sets[2];
    struct step_set *waiting = &sets[0];
    struct step_set *next = &sets[1];
    matcher.regex = regex;
    matcher.visit = 1;
    memset(matcher.marks, 0, regex->step_count * sizeof(matcher.marks[0]));
    uint32_t bytes;
    uint32_t steps = 0; /* that may have been taken since the last look at the stop */
    struct place place = {NO_CHARACTER, character_at(text, 0, &bytes)};
    waiting->count = 0;
    reach(&matcher, 0, place, waiting);
    for (size_t at = 0; at < text.size && waiting->count > 0;) {
        at += bytes;
        steps += regex->step_count;
        if (steps > STEPS_PER_POLL) {
            steps = 0;
            if (stop != NULL && stop_poll(stop)) {
                return stop_error(stop, "matching a regular expression", error);
            }
        }
        place = (struct place){place.after, character_at(text, at, &bytes)};
        if (++matcher.visit == 0) {
            memset(matcher.marks, 0, regex->step_count * sizeof(matcher.marks[0]));
            matcher.visit = 1;
        }
        next->count = 0;
        for (uint32_t index = 0; index < waiting->count; index++) {
            uint32_t step = waiting->steps[index];
            if (step_takes(regex, &regex->steps[step], place.before)) {
                reach(&matcher, step + 1, place, next);
            }
        }
        struct step_set *held = waiting;
        waiting = next;
        next = held;
    }
    *is_match = false;
    for (uint32_t index = 0; index < waiting->count; index++) {
        if (regex->steps[waiting->steps[index]].kind == REGEX_MATCH) {
            *is_match = place.after == NO_CHARACTER;
        }
    }
    return STATUS_OK;
}

/* Adds the steps that wait for a character and can be reached from `step` without one. Each step
 * goes on the stack at most once, when it is marked. */
static void reach(struct matcher *matcher, uint32_t step, struct place place,
                  struct step_set *waiting)
{
    const struct regex *regex = matcher->regex;
    uint32_t depth = 0;
    if (matcher->marks[step] != matcher->visit) {
        matcher->marks[step] = matcher->visit;
        matcher->stack[depth++] = (uint16_t)step;
    }
    while (depth > 0) {
        uint32_t at = matcher->stack[--depth];
        const struct regex_step *here = &regex->steps[at];
        uint32_t onward[2];
        uint32_t onward_count = 0;
        if (here->kind == REGEX_FORK || here->kind == REGEX_JUMP) {
            onward[onward_count++] = (uint32_t)((int32_t)at + here->to);
        }
        if (here->kind == REGEX_FORK ||
            (here->kind == REGEX_BEGIN && place.before == NO_CHARACTER) ||
            (here->kind == REGEX_END && place.after == NO_CHARACTER) ||
            (here->kind == REGEX_WORD_EDGE && is_word_edge(place) != here->is_negated)) {
            onward[onward_count++] = at + 1;
        }
        if (here->kind == REGEX_CHARACTER || here->kind == REGEX_ANY || here->kind == REGEX_SET ||
            here->kind == REGEX_MATCH) {
            waiting->steps[waiting->count++] = (uint16_t)at;
        }
        for (uint32_t index = 0; index < onward_count; index++) {
            if (matcher->marks[onward[index]] != matcher->visit) {
                matcher->marks[onward[index]] = matcher->visit;
                matcher->stack[depth++] = (uint16_t)onward[index];
            }
        }
    }
}

static bool step_takes(const struct regex *regex, const struct regex_step *step, uint32_t character)
{
    switch ((enum regex_step_kind)step->kind) {
    case REGEX_CHARACTER:
        return step->from == character ||
               (regex->ignores_case && code_point_lower(step->from) == code_point_lower(character));
    case REGEX_ANY:
        return regex->dot_is_all || character != '\n';
    case REGEX_SET:
        return (set_has(regex, step, character) ||
                (regex->ignores_case && (set_has(regex, step, code_point_lower(character)) ||
                                         set_has(regex, step, code_point_upper(character))))) !=
               step->is_negated;
    case REGEX_FORK:
    case REGEX_JUMP:
    case REGEX_BEGIN:
    case REGEX_END:
    case REGEX_WORD_EDGE:
    case REGEX_MATCH:
        return false;
    }
    CHECK(false);
    return false;
}

static bool set_has(const struct regex *regex, const struct regex_step *step, uint32_t character)
{
    for (uint32_t index = 0; index < step->count; index++) {
        const struct regex_range *range = &regex->ranges[step->from + index];
        if (character >= range->first && character <= range->last) {
            return true;
        }
    }
    return false;
}

static bool is_word_edge(struct place place)
{
    return is_word_letter(place.before) != is_word_letter(place.after);
}

static bool is_word_letter(uint32_t character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '_';
}

static uint32_t character_at(struct bytes text, size_t at, uint32_t *bytes)
{
    *bytes = 0;
    return at < text.size ? code_point_read(bytes_view(text.data + at, text.size - at), bytes)
                          : NO_CHARACTER;
}
