/* A short list, the one used last first; see engine/filter_cache.h. */
#include "engine/filter_cache.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/filter.h"

enum { LEFT_SHARE = 16 };

struct filter_cache {
    const struct topology *topology;
    struct budget *budget;
    struct arena **arenas; /* by node, then of what is interleaved; NULL: not needed yet */
    struct cached_filter *first;
    uint32_t count;
    uint64_t bytes;
};

static bool make_room(struct filter_cache *cache, uint64_t bytes);
static bool drop_oldest(struct filter_cache *cache);
static bool allocate(struct filter_cache *cache, struct cached_filter *filter,
                     const struct filter_key *key);
static void drop(struct filter_cache *cache, struct cached_filter *filter);
static void *take(struct filter_cache *cache, uint32_t node, uint64_t count, size_t size);

static uint32_t node_count(const struct filter_cache *cache)
{
    return topology_node_count(cache->topology);
}

enum status filter_cache_open(struct filter_cache **cache, const struct topology *topology,
                              struct budget *budget, struct error *error)
{
    struct filter_cache *opened = memory_allocate(1, sizeof(*opened));
    struct arena **arenas =
        memory_allocate(topology_node_count(topology) + 1, sizeof(*opened->arenas));
    *cache = NULL;
    if (opened == NULL || arenas == NULL) {
        memory_free(opened);
        memory_free(arenas);
        return error_set_memory(error, "preparing to keep filters");
    }
    *opened = (struct filter_cache){topology, budget, arenas, NULL, 0, 0};
    *cache = opened;
    return STATUS_OK;
}

void filter_cache_close(struct filter_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    for (uint32_t node = 0; node <= node_count(cache); node++) {
        arena_close(cache->arenas[node]);
    }
    memory_free(cache->arenas);
    memory_free(cache);
}

struct cached_filter *filter_cache_find(struct filter_cache *cache, const struct filter_key *key)
{
    for (struct cached_filter **link = &cache->first; *link != NULL; link = &(*link)->next) {
        struct cached_filter *found = *link;
        if (found->is_whole && filter_key_equal(&found->key, key)) {
            *link = found->next;
            found->next = cache->first;
            cache->first = found;
            found->holders++;
            return found;
        }
    }
    return NULL;
}

struct cached_filter *filter_cache_add(struct filter_cache *cache, const struct edge_frame *frame,
                                       const struct filter_key *key)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < frame->partition_count; i++) {
        bytes += filter_word_count(frame->partitions[i].flow_count) * sizeof(uint64_t);
    }
    if (!make_room(cache, bytes)) {
        return NULL;
    }
    struct cached_filter *added = take(cache, node_count(cache), 1, sizeof(*added));
    if (added == NULL) {
        return NULL;
    }
    added->frame = frame;
    added->bytes = bytes;
    added->holders = 1;
    added->next = cache->first;
    cache->first = added;
    cache->count++;
    cache->bytes += bytes;
    if (!allocate(cache, added, key)) {
        drop(cache, added);
        return NULL;
    }
    return added;
}

void filter_cache_release(struct filter_cache *cache, struct cached_filter *filter)
{
    CHECK(filter->holders > 0);
    filter->holders--;
    if (filter->holders == 0 && !filter->is_whole) {
        drop(cache, filter);
    }
}

void filter_cache_clear(struct filter_cache *cache)
{
    while (drop_oldest(cache)) {
    }
}

/* What is cached counts as left: it is what can be given up. */
static bool make_room(struct filter_cache *cache, uint64_t bytes)
{
    uint64_t limit = cache->budget->limit_bytes == 0 ? UINT64_MAX : cache->budget->limit_bytes;
    uint64_t used = budget_used(cache->budget) - cache->bytes;
    uint64_t room = limit > used ? (limit - used) / LEFT_SHARE : 0;
    while (cache->count >= FILTER_CACHE_ENTRIES || cache->bytes + bytes > room) {
        if (!drop_oldest(cache)) {
            return false;
        }
    }
    return true;
}

static bool drop_oldest(struct filter_cache *cache)
{
    struct cached_filter *oldest = NULL;
    for (struct cached_filter *filter = cache->first; filter != NULL; filter = filter->next) {
        oldest = filter->holders == 0 ? filter : oldest;
    }
    if (oldest != NULL) {
        drop(cache, oldest);
    }
    return oldest != NULL;
}

static bool allocate(struct filter_cache *cache, struct cached_filter *filter,
                     const struct filter_key *key)
{
    const struct edge_frame *frame = filter->frame;
    uint32_t interleaved = node_count(cache);
    filter->key = *key;
    filter->key.bytes = take(cache, interleaved, key->length, 1);
    filter->bits = take(cache, interleaved, frame->partition_count, sizeof(*filter->bits));
    filter->passed = take(cache, interleaved, frame->partition_count, sizeof(*filter->passed));
    if (filter->key.bytes == NULL || filter->bits == NULL || filter->passed == NULL) {
        return false;
    }
    memcpy(filter->key.bytes, key->bytes, key->length);
    for (uint32_t i = 0; i < frame->partition_count; i++) {
        filter->bits[i] =
            take(cache, frame->partitions[i].node,
                 filter_word_count(frame->partitions[i].flow_count), sizeof(**filter->bits));
        if (filter->bits[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* Also what could be allocated only in part. */
static void drop(struct filter_cache *cache, struct cached_filter *filter)
{
    struct arena *shared = cache->arenas[node_count(cache)];
    struct cached_filter **link = &cache->first;
    while (*link != filter) {
        link = &(*link)->next;
    }
    *link = filter->next;
    cache->count--;
    cache->bytes -= filter->bytes;
    for (uint32_t i = 0; filter->bits != NULL && i < filter->frame->partition_count; i++) {
        arena_return(cache->arenas[filter->frame->partitions[i].node], filter->bits[i]);
    }
    arena_return(shared, filter->bits);
    arena_return(shared, filter->passed);
    arena_return(shared, filter->key.bytes);
    arena_return(shared, filter);
}

/* Zeroed. The arena of a node is opened when it is first needed. */
static void *take(struct filter_cache *cache, uint32_t node, uint64_t count, size_t size)
{
    uint32_t bound = node == node_count(cache) ? NODE_INTERLEAVED : node;
    if (cache->arenas[node] == NULL && arena_open(&cache->arenas[node], cache->topology, bound,
                                                  cache->budget, NULL) != STATUS_OK) {
        return NULL;
    }
    return arena_allocate_zeroed(cache->arenas[node], count, size);
}
