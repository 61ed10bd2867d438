/* Texts to values in the ways that dialects ask for (enum reading), the slow and general way. */
#ifndef GYRE_LOADER_READING_H
#define GYRE_LOADER_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/time_text.h"
#include "graph/schema.h"
#include "loader/dialect.h"

/* Texts that are null beside the empty one. Zeroed: none. */
struct null_texts {
    struct bytes texts[DIALECT_NULLS];
    uint32_t count;
};

/* Whether a trimmed field holds nothing. */
static inline bool is_null_text(const struct null_texts *nulls, struct bytes text)
{
    bool is_null = text.size == 0;
    for (uint32_t i = 0; i < nulls->count; i++) {
        is_null |= bytes_equal(nulls->texts[i], text);
    }
    return is_null;
}

/* Trimmed fields. False: no such value. */
bool reading_integer(enum reading reading, struct bytes text, int64_t *value);
bool reading_time(enum reading reading, struct bytes text, time_ns *time);

/* How times like `text` are read: READ_TIME_ANY made a form; READ_TIME_ANY when it is none. */
enum reading reading_of_time(struct bytes text);

/* Over READING_TEXT_BYTES_MAX bytes, texts are taken as they stand. */
enum { READING_TEXT_BYTES_MAX = 16 };

/* The text as the reading has it: itself, or in `room` (READING_TEXT_BYTES_MAX), or static. */
struct bytes reading_text(enum reading reading, struct bytes text, char *room);

/* What a float is divided by: 10^that, so that it counts seconds. */
uint32_t reading_scale(enum reading reading);

/* Whether the reading changes what a value of that type says, so that the source's own name cannot
 * stand for it. */
bool reading_changes(enum reading reading, enum type type);

#endif
