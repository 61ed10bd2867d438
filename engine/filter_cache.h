/* Filters of flows that earlier queries evaluated, kept for later ones on the same graph: a bit per
 * flow, where scanning the columns again reads one to eight bytes.
 *
 * Holds at most FILTER_CACHE_ENTRIES of them, and at most a sixteenth of the memory that the budget
 * has left; the one used longest ago goes first. For one query at a time. */
#ifndef GYRE_ENGINE_FILTER_CACHE_H
#define GYRE_ENGINE_FILTER_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/filter_key.h"
#include "graph/graph.h"
#include "numa/budget.h"
#include "numa/topology.h"

enum { FILTER_CACHE_ENTRIES = 16 };

/* Belongs to the cache; nothing of it goes while it is held. */
struct cached_filter {
    uint64_t **bits;          /* as flow_filter.bits, each on its partition's node */
    _Atomic uint64_t *passed; /* [partition] flows that pass */
    bool is_whole;            /* set by whoever has evaluated it; else it is dropped on release */
    uint32_t holders;
    uint64_t bytes; /* of the bits */
    const struct edge_frame *frame;
    struct filter_key key;
    struct cached_filter *next;
};

struct filter_cache;

/* `topology` and `budget` must outlive the cache. */
enum status filter_cache_open(struct filter_cache **cache, const struct topology *topology,
                              struct budget *budget, struct error *error);
void filter_cache_close(struct filter_cache *cache);

/* The filter with this key, held; or NULL. */
struct cached_filter *filter_cache_find(struct filter_cache *cache, const struct filter_key *key);

/* Room for a filter of a frame's flows, held, its counts and bits zero; NULL when there is none,
 * which is no error. */
struct cached_filter *filter_cache_add(struct filter_cache *cache, const struct edge_frame *frame,
                                       const struct filter_key *key);

void filter_cache_release(struct filter_cache *cache, struct cached_filter *filter);

/* Gives back all that nobody holds. */
void filter_cache_clear(struct filter_cache *cache);

#endif
