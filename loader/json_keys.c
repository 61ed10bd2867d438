#include "loader/json_keys.h"

#include "base/memory.h"

/* At most half of the slots are taken, so that most unknown keys meet an empty one. */
enum { SLOT_BITS_MIN = 4, SLOTS_PER_EDGE = 2 };

static enum status check_points(const struct bytes *paths, uint32_t count, struct error *error);
static enum status reserve(struct json_keys *keys, const struct bytes *paths, uint32_t count,
                           struct error *error);
static void add_path(struct json_keys *keys, uint32_t column);

enum status json_keys_open(struct json_keys *keys, const struct bytes *paths, uint32_t count,
                           struct error *error)
{
    *keys = (struct json_keys){0};
    TRY(check_points(paths, count, error));
    enum status status = reserve(keys, paths, count, error);
    if (status != STATUS_OK) {
        json_keys_close(keys);
        return status;
    }
    char *text = keys->text;
    keys->nodes[keys->node_count++] = bytes_view(text, 0);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(text, paths[i].data, paths[i].size);
        keys->paths[i] = bytes_view(text, paths[i].size);
        text += paths[i].size;
        keys->column_count = i + 1;
        add_path(keys, i);
    }
    return STATUS_OK;
}

void json_keys_close(struct json_keys *keys)
{
    memory_free(keys->edges);
    memory_free(keys->slots);
    memory_free(keys->nodes);
    memory_free(keys->paths);
    memory_free(keys->are_numbers);
    memory_free(keys->text);
    *keys = (struct json_keys){0};
}

static uint64_t count_points(struct bytes path)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < path.size; i++) {
        count += path.data[i] == '.';
    }
    return count;
}

static enum status check_points(const struct bytes *paths, uint32_t count, struct error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        if (count_points(paths[i]) > JSON_POINTS_MAX) {
            return error_set(error, STATUS_INPUT, "the key '%.*s' has more than %d points",
                             (int)(paths[i].size < 100 ? paths[i].size : 100), paths[i].data,
                             JSON_POINTS_MAX);
        }
    }
    return STATUS_OK;
}

/* Room for all that the paths can bring. */
static enum status reserve(struct json_keys *keys, const struct bytes *paths, uint32_t count,
                           struct error *error)
{
    uint64_t bytes = JSON_KEY_PADDING;
    uint64_t node_count = 1;
    uint64_t edge_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t points = count_points(paths[i]);
        bytes += paths[i].size;
        node_count += points;
        edge_count += (points + 1) * (points + 2) / 2;
    }
    uint32_t bits = SLOT_BITS_MIN;
    while (UINT64_C(1) << bits < edge_count * SLOTS_PER_EDGE) {
        bits++;
    }
    keys->shift = 64 - bits;
    keys->text = memory_allocate(bytes, 1);
    keys->paths = memory_allocate(count, sizeof *keys->paths);
    keys->are_numbers = memory_allocate(count, sizeof *keys->are_numbers);
    keys->nodes = memory_allocate(node_count, sizeof *keys->nodes);
    keys->edges = memory_allocate(edge_count, sizeof *keys->edges);
    keys->slots = memory_allocate(UINT64_C(1) << bits, sizeof *keys->slots);
    if (keys->text == NULL || keys->paths == NULL || keys->are_numbers == NULL ||
        keys->nodes == NULL || keys->edges == NULL || keys->slots == NULL) {
        return error_set_memory(error, "keys of JSON");
    }
    return STATUS_OK;
}

static struct json_edge *edge_of(struct json_keys *keys, uint32_t node, struct bytes key)
{
    struct json_edge edge = {.key = key, .node = node, .column = JSON_NONE, .child = JSON_NONE};
    uint64_t mask = (UINT64_C(1) << (64 - keys->shift)) - 1;
    json_key_ends(key, &edge.first, &edge.last);
    uint64_t slot = json_key_hash(edge.first, edge.last, key.size, node) >> keys->shift;
    for (; keys->slots[slot] != 0; slot = (slot + 1) & mask) {
        struct json_edge *known = &keys->edges[keys->slots[slot] - 1];
        if (known->node == node && bytes_equal(known->key, key)) {
            return known;
        }
    }
    keys->edges[keys->edge_count++] = edge;
    keys->slots[slot] = keys->edge_count;
    return &keys->edges[keys->edge_count - 1];
}

/* The node of a path's first bytes, the last of which is a point. The whole object has a key to
 * each. */
static uint32_t node_of(struct json_keys *keys, struct bytes prefix)
{
    if (prefix.size == 0) {
        return 0;
    }
    struct json_edge *edge = edge_of(keys, 0, bytes_view(prefix.data, prefix.size - 1));
    if (edge->child == JSON_NONE) {
        edge->child = keys->node_count;
        keys->nodes[keys->node_count++] = prefix;
    }
    return edge->child;
}

/* From each beginning of the path (nothing, or up to a point) a key to each later point, and to the
 * end of the path. */
static void add_path(struct json_keys *keys, uint32_t column)
{
    struct bytes path = keys->paths[column];
    for (uint64_t begin = 0; begin <= path.size; begin++) {
        if (begin > 0 && path.data[begin - 1] != '.') {
            continue;
        }
        uint32_t node = node_of(keys, bytes_view(path.data, begin));
        for (uint64_t end = begin; end <= path.size; end++) {
            if (end < path.size && path.data[end] != '.') {
                continue;
            }
            struct bytes key = bytes_view(path.data + begin, end - begin);
            if (end == path.size) {
                edge_of(keys, node, key)->column = column;
            } else {
                uint32_t child = node_of(keys, bytes_view(path.data, end + 1));
                edge_of(keys, node, key)->child = child;
            }
        }
    }
}
