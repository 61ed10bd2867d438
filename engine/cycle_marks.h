/* A set of small numbers from which the greatest is taken: a bit per number, and a bit per word
 * that has any, level upon level, so that a sparse set costs little. */
#ifndef GYRE_ENGINE_CYCLE_MARKS_H
#define GYRE_ENGINE_CYCLE_MARKS_H

#include <stdbool.h>
#include <stdint.h>

enum { MARKS_LEVELS_MAX = 6 };

struct marks {
    uint32_t level_count;
    uint64_t *levels[MARKS_LEVELS_MAX]; /* the last one has one word */
};

static inline uint64_t marks_word_count(uint64_t count)
{
    uint64_t total = 0;
    do {
        count = (count + 63) / 64;
        total += count;
    } while (count > 1);
    return total;
}

/* Over `words` zeroed words, marks_word_count of them, for numbers below `count`. */
static inline void marks_init(struct marks *marks, uint64_t *words, uint64_t count)
{
    marks->level_count = 0;
    do {
        count = (count + 63) / 64;
        marks->levels[marks->level_count++] = words;
        words += count;
    } while (count > 1);
}

/* Neither adding nor taking looks whether a word has changed between empty and not: the branch
 * would be guessed wrong, and levels are few. */
static inline void marks_add(struct marks *marks, uint32_t number)
{
    for (uint32_t level = 0; level < marks->level_count; level++) {
        marks->levels[level][number >> 6] |= UINT64_C(1) << (number & 63);
        number >>= 6;
    }
}

/* False when it is empty. */
static inline bool marks_take_greatest(struct marks *marks, uint32_t *greatest)
{
    uint32_t number = 0;
    uint64_t is_empty = 1;
    if (marks->levels[marks->level_count - 1][0] == 0) {
        return false;
    }
    for (uint32_t level = marks->level_count; level-- > 0;) {
        number = number << 6 | (63 - (uint32_t)__builtin_clzll(marks->levels[level][number]));
    }
    *greatest = number;
    for (uint32_t level = 0; level < marks->level_count; level++) {
        uint64_t *word = &marks->levels[level][number >> 6];
        *word &= ~(is_empty << (number & 63));
        is_empty &= *word == 0;
        number >>= 6;
    }
    return true;
}

#endif
