/* Groups that come in runs of a leading vertex, which is one of their keys: only those of a vertex
 * that has several runs, by one worker or more, may be there twice. Few have: what workers shared,
 * and what was split. */
#include "engine/finish_groups.h"

/* Bits of vertices. */
struct merge_leaders {
    _Atomic uint64_t *seen;
    _Atomic uint64_t *several;
    atomic_bool has_several;
};

static void mark_leaders(const struct worker *worker, void *context);

enum status merge_find_leaders(struct merge *merge, bool *has_several)
{
    struct finish *finish = merge->finish;
    uint64_t words = (uint64_t)finish->sink->query->graph->vertices.vertex_count / 64 + 1;
    struct merge_leaders *leaders = arena_allocate_zeroed(finish->arena, 1, sizeof *leaders);
    if (leaders == NULL) {
        return finish_out_of_memory(finish);
    }
    leaders->seen = arena_allocate_zeroed(finish->arena, words, sizeof *leaders->seen);
    leaders->several = arena_allocate_zeroed(finish->arena, words, sizeof *leaders->several);
    if (leaders->seen == NULL || leaders->several == NULL) {
        return finish_out_of_memory(finish);
    }
    merge->leaders = leaders;
    TRY(merge_run(merge, mark_leaders));
    *has_several = atomic_load_explicit(&leaders->has_several, memory_order_relaxed);
    return STATUS_OK;
}

static vertex_id leader_of(const struct sink *sink, union lane key)
{
    const struct expression *expression = sink->keys[sink->leader_key];
    return expression->kind == EXPRESSION_VERTEX
               ? key.vertex
               : (vertex_id)(key.address - sink->query->vertices[sink->leader].frame->addresses);
}

bool merge_leads_several(const void *merge, struct meet_item group)
{
    const struct merge *from = merge;
    const struct sink *sink = from->finish->sink;
    const struct group_table *table = &from->sources[group.source].groups->table;
    vertex_id vertex = leader_of(sink, table->keys[sink->leader_key][group.index]);
    uint64_t word =
        atomic_load_explicit(&from->leaders->several[vertex / 64], memory_order_relaxed);
    return (word >> vertex % 64 & 1) != 0;
}

static void mark_leader(struct merge_leaders *leaders, vertex_id vertex)
{
    uint64_t bit = UINT64_C(1) << vertex % 64;
    uint64_t seen =
        atomic_fetch_or_explicit(&leaders->seen[vertex / 64], bit, memory_order_relaxed);
    if ((seen & bit) != 0) {
        atomic_fetch_or_explicit(&leaders->several[vertex / 64], bit, memory_order_relaxed);
        atomic_store_explicit(&leaders->has_several, true, memory_order_relaxed);
    }
}

/* The runs that begin in the worker's share of each source. */
static void mark_leaders(const struct worker *worker, void *context)
{
    const struct merge *merge = context;
    const struct sink *sink = merge->finish->sink;
    for (uint32_t i = 0; i < merge->source_count; i++) {
        const struct group_table *table = &merge->sources[i].groups->table;
        const union lane *keys = table->keys[sink->leader_key];
        uint64_t group = 0;
        uint64_t end = 0;
        team_share(worker, table->count, &group, &end);
        for (; group < end; group++) {
            if (group == 0 || keys[group].integer != keys[group - 1].integer) {
                mark_leader(merge->leaders, leader_of(sink, keys[group]));
            }
            if (group % EVALUATE_LANES == 0 && finish_is_given_up(merge->finish)) {
                return;
            }
        }
    }
}
