/* Values from the text of a literal, and back: so that tests of values are tables of texts.
 *
 *   null true false 1 -2 1.5 1e3 NaN Infinity -Infinity 'text' [1, 2] {a: 1, b: null}
 *   v1 (a vertex) e1 (an edge) P[0 5 1] (a path: vertex, edge, vertex) D1 (a date by its days)
 *
 * A text has the escapes \' \\ \n. What is wrong ends the test: literals are the test's own. */
#ifndef GYRE_TESTS_SUPPORT_VALUE_LITERALS_H
#define GYRE_TESTS_SUPPORT_VALUE_LITERALS_H

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "value/pool.h"
#include "value/text.h"

static inline struct value literal_read_from(struct pool *pool, const char **at);

static inline bool literal_takes(const char **at, const char *text)
{
    *at += strspn(*at, " ,:");
    size_t size = strlen(text);
    if (strncmp(*at, text, size) != 0) {
        return false;
    }
    *at += size;
    return true;
}

static inline struct value literal_read_text(struct pool *pool, const char **at)
{
    char text[2000];
    size_t size = 0;
    for (; **at != '\''; ++*at) {
        bool is_escape = **at == '\\';
        *at += is_escape;
        CHECK(**at != '\0' && size < sizeof(text));
        text[size++] = is_escape && **at == 'n' ? '\n' : **at;
    }
    ++*at;
    struct value copy;
    CHECK(pool_copy_text(pool, bytes_view(text, size), &copy, NULL) == STATUS_OK);
    return copy;
}

static inline struct value literal_read_list(struct pool *pool, const char **at)
{
    struct list_builder list = {.pool = pool};
    while (!literal_takes(at, "]")) {
        CHECK(list_add(&list, literal_read_from(pool, at), NULL) == STATUS_OK);
    }
    return list_finish(&list);
}

static inline struct value literal_read_map(struct pool *pool, const char **at)
{
    struct value_entry *entries = pool_allocate(pool, 100, sizeof(*entries), NULL);
    uint32_t count = 0;
    CHECK(entries != NULL);
    while (!literal_takes(at, "}")) {
        CHECK(count < 100);
        size_t size = strcspn(*at, ":");
        entries[count].key = bytes_view(*at, size);
        *at += size;
        entries[count++].value = literal_read_from(pool, at);
    }
    return pool_map_of(entries, count);
}

static inline struct value literal_read_path(struct pool *pool, const char **at)
{
    struct value list = literal_read_list(pool, at);
    struct value_path *path = pool_allocate(pool, 1, sizeof(*path), NULL);
    uint32_t *vertices = pool_allocate(pool, list.count, sizeof(*vertices), NULL);
    uint64_t *edges = pool_allocate(pool, list.count, sizeof(*edges), NULL);
    CHECK(list.count % 2 == 1 && path != NULL && vertices != NULL && edges != NULL);
    for (uint32_t index = 0; index < list.count; index++) {
        if (index % 2 == 0) {
            vertices[index / 2] = (uint32_t)list.items[index].integer;
        } else {
            edges[index / 2] = (uint64_t)list.items[index].integer;
        }
    }
    *path = (struct value_path){.length = list.count / 2, .vertices = vertices, .edges = edges};
    return (struct value){.kind = VALUE_PATH, .path = path};
}

static inline struct value literal_read_number(const char **at)
{
    char *end;
    size_t size = strcspn(*at, " ,:]}");
    bool is_float = memchr(*at, '.', size) != NULL || memchr(*at, 'e', size) != NULL;
    struct value number =
        is_float ? value_float(strtod(*at, &end)) : value_integer((int64_t)strtoll(*at, &end, 10));
    CHECK(end > *at);
    *at = end;
    return number;
}

static inline struct value literal_read_from(struct pool *pool, const char **at)
{
    static const struct {
        const char *name;
        struct value value;
    } names[] = {
        {"null", {.kind = VALUE_NULL}},
        {"true", {.kind = VALUE_BOOL, .integer = 1}},
        {"false", {.kind = VALUE_BOOL}},
        {"NaN", {.kind = VALUE_FLOAT, .real = NAN}},
        {"Infinity", {.kind = VALUE_FLOAT, .real = INFINITY}},
        {"-Infinity", {.kind = VALUE_FLOAT, .real = -INFINITY}},
    };
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        if (literal_takes(at, names[index].name)) {
            return names[index].value;
        }
    }
    if (literal_takes(at, "'")) {
        return literal_read_text(pool, at);
    }
    if (literal_takes(at, "P[")) {
        return literal_read_path(pool, at);
    }
    if (literal_takes(at, "[")) {
        return literal_read_list(pool, at);
    }
    if (literal_takes(at, "{")) {
        return literal_read_map(pool, at);
    }
    if (literal_takes(at, "v")) {
        return value_vertex((uint32_t)literal_read_number(at).integer);
    }
    if (literal_takes(at, "e")) {
        return value_edge((uint64_t)literal_read_number(at).integer);
    }
    if (literal_takes(at, "D")) {
        struct value date = literal_read_number(at);
        date.kind = VALUE_DATE;
        return date;
    }
    return literal_read_number(at);
}

/* Borrows keys of maps from the text. */
static inline struct value literal_read(struct pool *pool, const char *text)
{
    struct value value = literal_read_from(pool, &text);
    CHECK(text[strspn(text, " ")] == '\0');
    return value;
}

/* The items of a list without its brackets: arguments. */
static inline struct value literal_read_all(struct pool *pool, const char *text)
{
    struct list_builder list = {.pool = pool};
    while (text[strspn(text, " ,")] != '\0') {
        CHECK(list_add(&list, literal_read_from(pool, &text), NULL) == STATUS_OK);
    }
    return list_finish(&list);
}

/* NUL-terminated, in the pool. */
static inline const char *literal_write(struct pool *pool, struct value value)
{
    struct value text;
    CHECK(value_to_literal(value, NULL, pool, &text, NULL) == STATUS_OK);
    char *copy = pool_allocate(pool, (size_t)text.count + 1, 1, NULL);
    CHECK(copy != NULL);
    memcpy(copy, text.text, text.count);
    copy[text.count] = '\0';
    return copy;
}

#endif
