/* The keys that are wanted of JSON objects: paths like `flow.bytes_toserver`, found from an object
 * and a key in one look.
 *
 * A point in a path may be a step into an object or a byte of a key: {"id": {"orig_h": ...}} and
 * {"id.orig_h": ...} have the same path. So there is a *node* for each beginning of a path that
 * ends with a point (and node 0 for the whole object), and an *edge* from a node by a key to the
 * column of that path, to the node of that path and a point, or to both.
 *
 * Immutable once open; read by all workers. */
#ifndef GYRE_LOADER_JSON_KEYS_H
#define GYRE_LOADER_JSON_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

#define JSON_NONE UINT32_MAX

/* Points in a path; a path with p points has (p + 1)(p + 2) / 2 edges. */
enum { JSON_POINTS_MAX = 8 };

struct json_edge {
    uint64_t first; /* eight bytes of the key, and the last eight: see json_key_ends */
    uint64_t last;
    struct bytes key; /* within a path */
    uint32_t node;
    uint32_t column; /* or JSON_NONE */
    uint32_t child;  /* a node, or JSON_NONE */
};

/* Zeroed: empty, and then every key is unknown. */
struct json_keys {
    struct json_edge *edges; /* [edge_count] */
    uint32_t edge_count;
    uint32_t *slots;     /* edge + 1; 0 is empty; linear probing */
    uint32_t shift;      /* slot = hash >> shift */
    struct bytes *nodes; /* [node_count]: the path of each, its last point included */
    uint32_t node_count;
    struct bytes *paths; /* [column_count] */
    bool *are_numbers;   /* [column_count]: all that is known of it are numbers; set by who knows */
    bool is_full;        /* unknown keys are no news: there is no room for them */
    bool has_unfit;      /* nor are keys that can be no names, since there are some */
    uint32_t column_count;
    char *text; /* of all paths */
};

/* Column k is paths[k], which differ; they are copied. STATUS_INPUT: more points than
 * JSON_POINTS_MAX in a path. */
enum status json_keys_open(struct json_keys *keys, const struct bytes *paths, uint32_t count,
                           struct error *error);
void json_keys_close(struct json_keys *keys);

/* Whether the column's path goes through the node. */
static inline bool json_keys_is_below(const struct json_keys *keys, uint32_t node, uint32_t column)
{
    struct bytes prefix = keys->nodes[node];
    struct bytes path = keys->paths[column];
    return path.size >= prefix.size && memcmp(path.data, prefix.data, prefix.size) == 0;
}

enum { JSON_KEY_PADDING = 8 };

/* A key of up to 16 bytes is told by these two words and its size. Reads JSON_KEY_PADDING bytes
 * from where the key begins. */
static inline void json_key_ends(struct bytes key, uint64_t *first, uint64_t *last)
{
    static const uint64_t masks[8] = {0,          0xff,         0xffff,         0xffffff,
                                      0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff};
    memcpy(first, key.data, sizeof *first);
    if (key.size < 8) {
        *first &= masks[key.size];
        *last = *first;
    } else {
        memcpy(last, key.data + key.size - 8, sizeof *last);
    }
}

static inline uint64_t json_key_hash(uint64_t first, uint64_t last, uint64_t size, uint32_t node)
{
    uint64_t mixed = (first ^ (last << 29 | last >> 35)) + size + ((uint64_t)node << 48);
    return (mixed ^ mixed >> 32) * UINT64_C(0x9e3779b97f4a7c15);
}

/* The edge from `node` by `key`, or NULL. As json_key_ends. */
static inline const struct json_edge *json_keys_find(const struct json_keys *keys, uint32_t node,
                                                     struct bytes key)
{
    uint64_t first;
    uint64_t last;
    if (keys->edge_count == 0) {
        return NULL;
    }
    json_key_ends(key, &first, &last);
    uint64_t mask = (UINT64_C(1) << (64 - keys->shift)) - 1;
    uint64_t slot = json_key_hash(first, last, key.size, node) >> keys->shift;
    for (; keys->slots[slot] != 0; slot = (slot + 1) & mask) {
        const struct json_edge *edge = &keys->edges[keys->slots[slot] - 1];
        if (edge->first == first && edge->last == last && edge->key.size == key.size &&
            edge->node == node && (key.size <= 16 || bytes_equal(edge->key, key))) {
            return edge;
        }
    }
    return NULL;
}

/* The column of a path; there is one. */
static inline uint32_t json_keys_column(const struct json_keys *keys, struct bytes path)
{
    uint32_t column = 0;
    while (!bytes_equal(keys->paths[column], path)) {
        column++;
    }
    return column;
}

#endif
