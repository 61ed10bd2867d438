/* Values of the language whose kind is known only when a query runs.
 *
 * The matcher works on typed columns; what comes behind it (lists, maps, paths, calendars, anything
 * that WITH carries on) works on these. A value is 16 bytes; what does not fit lies in a pool
 * (value/pool.h) or belongs to the graph, and is never changed once it was made, so that values are
 * copied by assignment. Vertices and flows are bare ids: what they have is asked of
 * pipeline/entities.h. */
#ifndef GYRE_VALUE_VALUE_H
#define GYRE_VALUE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* In no particular order; how kinds are ordered among one another says value/compare.h. */
enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INTEGER,
    VALUE_FLOAT,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_VERTEX,
    VALUE_EDGE,
    VALUE_PATH,
    VALUE_DATE,
    VALUE_LOCAL_TIME,
    VALUE_TIME,
    VALUE_LOCAL_DATETIME,
    VALUE_DATETIME,
    VALUE_DURATION,
    VALUE_KINDS,
};

struct value {
    enum value_kind kind;
    union {
        uint32_t count; /* TEXT: bytes; LIST: items; MAP: entries */
        int32_t offset; /* TIME: seconds east of Greenwich */
    };
    union {
        int64_t integer; /* BOOL: 0, 1; INTEGER; DATE: days since 1970-01-01;
                            LOCAL_TIME, TIME: nanoseconds since midnight */
        double real;
        const char *text; /* UTF-8, no NUL at its end */
        const struct value *items;
        const struct value_entry *entries; /* ascending in key, each key once */
        uint32_t vertex;
        uint64_t edge;
        const struct value_path *path;
        const struct value_instant *instant; /* LOCAL_DATETIME, DATETIME */
        const struct value_duration *duration;
    };
};
_Static_assert(sizeof(struct value) == 16, "two values a quarter line");

struct value_entry {
    struct bytes key;
    struct value value;
};

/* vertices[0] edges[0] vertices[1] ...; edges may be walked against their direction. */
struct value_path {
    uint32_t length; /* edges; there is one vertex more */
    const uint32_t *vertices;
    const uint64_t *edges;
};

/* A point in time. `seconds` are those of the wall clock for LOCAL_DATETIME, and UTC for DATETIME,
 * since 1970-01-01T00:00:00, of the proleptic Gregorian calendar. */
struct value_instant {
    int64_t seconds;
    uint32_t nanoseconds; /* below 10^9 */
    int32_t offset;       /* DATETIME: seconds east of Greenwich */
    struct bytes zone;    /* DATETIME: "Europe/Stockholm"; empty: the offset is all there is */
};

/* Months, days and seconds are kept apart, since none is a fixed number of another. */
struct value_duration {
    int64_t months;
    int64_t days;
    int64_t seconds;
    int32_t nanoseconds; /* of absolute value below 10^9, or 0..10^9-1 with floored seconds: the
                            latter; so -0.5 s is seconds -1, nanoseconds 500000000 */
};

/* Of lists and maps in one another. Comparing, ordering and hashing recurse, and so rely on whoever
 * can make deeper values (reduce, say) to refuse them; copying and writing refuse them on their
 * own. */
enum { VALUE_DEPTH_MAX = 1000 };

/* Lists and maps in one another: 0 for anything else, 1 for [1], 2 for [[1]]. Anything beyond
 * VALUE_DEPTH_MAX gives VALUE_DEPTH_MAX + 1. Looks at every item that may matter. */
uint32_t value_depth(struct value value);

/* Whether a value may be worked on: no deeper than VALUE_DEPTH_MAX, and with no more than
 * VALUE_CONTAINERS_MAX lists and maps, each counted as often as it is held; [l, l] of an l that is
 * such a list again soon holds more than anybody can wait for. Looks at the first `width` items of
 * each. */
#define VALUE_CONTAINERS_MAX UINT64_C(1000000)
bool value_is_bounded(struct value value, uint32_t width);

/* "an integer", "a list": for messages. */
const char *value_kind_phrase(enum value_kind kind);

static inline struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

static inline struct value value_bool(bool truth)
{
    return (struct value){.kind = VALUE_BOOL, .integer = truth};
}

static inline struct value value_integer(int64_t integer)
{
    return (struct value){.kind = VALUE_INTEGER, .integer = integer};
}

static inline struct value value_float(double real)
{
    return (struct value){.kind = VALUE_FLOAT, .real = real};
}

/* Borrows the text. */
static inline struct value value_text_of(struct bytes text)
{
    return (struct value){.kind = VALUE_TEXT, .count = (uint32_t)text.size, .text = text.data};
}

static inline struct value value_vertex(uint32_t vertex)
{
    return (struct value){.kind = VALUE_VERTEX, .vertex = vertex};
}

static inline struct value value_edge(uint64_t edge)
{
    return (struct value){.kind = VALUE_EDGE, .edge = edge};
}

/* Borrows the items. */
static inline struct value value_list_of(const struct value *items, uint32_t count)
{
    return (struct value){.kind = VALUE_LIST, .count = count, .items = items};
}

static inline struct bytes value_text_view(struct value value)
{
    return bytes_view(value.text, value.count);
}

static inline bool value_is_null(struct value value)
{
    return value.kind == VALUE_NULL;
}

static inline bool value_is_true(struct value value)
{
    return value.kind == VALUE_BOOL && value.integer != 0;
}

static inline bool value_is_number(struct value value)
{
    return value.kind == VALUE_INTEGER || value.kind == VALUE_FLOAT;
}

/* The value of an entry, or NULL when the map has no such key. */
const struct value *value_map_find(struct value map, struct bytes key);

#endif
