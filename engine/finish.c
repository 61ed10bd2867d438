/* From the workers' buffers to an ordered result. */
#include "engine/finish.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "engine/program.h"

enum {
    GRACE_NS = 15000000,    /* what was found is shown if it is had so soon after an interrupt */
    COPIED_LANES = 1 << 16, /* between two looks at the patience */
};

static enum status finish_rows(struct finish *finish);
static enum status finish_groups(struct finish *finish);
static enum status out_of_disk(const struct finish *finish);
static void move_arenas(struct sink *sink, struct result *result, struct arena **arenas);
static void move_areas(struct finish *finish, struct spill_area *areas);

enum status sink_finish(struct sink *sink, struct team *team, struct result **result,
                        struct error *error)
{
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        if (sink->workers[i].error.status != STATUS_OK) {
            if (error != NULL && error->status == STATUS_OK) {
                *error = sink->workers[i].error;
            }
            return sink->workers[i].error.status;
        }
    }
    struct result *built = memory_allocate(1, sizeof *built);
    struct arena **arenas = memory_allocate((size_t)sink->worker_count + 1, sizeof(struct arena *));
    struct spill_area *areas = memory_allocate((size_t)sink->worker_count + 1, sizeof *areas);
    if (built == NULL || arenas == NULL || areas == NULL) {
        memory_free(areas);
        memory_free(arenas);
        memory_free(built);
        return error_set_memory(error, "finishing the result");
    }
    built->query = sink->query;
    built->arena = sink->arena;
    struct finish finish = {.sink = sink,
                            .team = team,
                            .result = built,
                            .arena = sink->arena,
                            .error = error,
                            .area = {.spill = sink->budget->spill}};
    stop_patience_init(&finish.patience, sink->stop, GRACE_NS);
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        finish.is_spilling = finish.is_spilling || sink->workers[i].area.extents != NULL ||
                             sink->workers[i].runs != NULL;
        spill_close(&sink->workers[i].reserve);
    }
    enum status status = sink->kind == SINK_ROWS ? finish_rows(&finish) : finish_groups(&finish);
    if (status != STATUS_OK) {
        spill_close(&finish.area);
        memory_free(areas);
        memory_free(arenas);
        memory_free(built);
        return status;
    }
    move_areas(&finish, areas);
    move_arenas(sink, built, arenas);
    *result = built;
    return STATUS_OK;
}

void *finish_room(struct finish *finish, uint64_t count, uint64_t size)
{
    void *room = finish->is_spilling ? spill_allocate(&finish->area, count, size)
                                     : arena_allocate(finish->arena, count, size);
    if (room != NULL) {
        return room;
    }
    return finish->is_spilling ? arena_allocate(finish->arena, count, size)
                               : spill_allocate(&finish->area, count, size);
}

bool finish_copy_lanes(const struct finish *finish, const union lane *values, const uint8_t *nulls,
                       uint64_t count, union lane *to_values, uint8_t *to_nulls)
{
    bool has_nulls = false;
    for (uint64_t begin = 0; begin < count && !finish_is_given_up(finish); begin += COPIED_LANES) {
        uint64_t some = count - begin < COPIED_LANES ? count - begin : COPIED_LANES;
        memcpy(to_values + begin, values + begin, some * sizeof *values);
        memcpy(to_nulls + begin, nulls + begin, some);
        has_nulls = has_nulls || memchr(nulls + begin, 1, some) != NULL;
    }
    return has_nulls;
}

enum status finish_out_of_memory(const struct finish *finish)
{
    return finish->is_spilling ? out_of_disk(finish)
                               : arena_error(finish->arena, "finishing the result", finish->error);
}

static enum status out_of_disk(const struct finish *finish)
{
    struct spill *spill = finish->area.spill;
    char memory_text[NUMBER_TEXT_BYTES];
    char disk_text[NUMBER_TEXT_BYTES];
    size_format(finish->sink->budget->limit_bytes, memory_text);
    if (atomic_load_explicit(&spill->is_over_limit, memory_order_relaxed)) {
        size_format(spill->budget.limit_bytes, disk_text);
        return error_set(finish->error, STATUS_LIMIT,
                         "the result outgrew the memory limit of %s, and then the %s that "
                         "--spill-limit gives it on disk; raise one of them, or ask for less "
                         "(fewer groups, a narrower window)",
                         memory_text, disk_text);
    }
    size_format(budget_used(&spill->budget), disk_text);
    return error_set(finish->error, STATUS_LIMIT,
                     "the result outgrew the memory limit of %s, and then the disk: %s took %s of "
                     "it and no more; make room there, name another --spill-directory, raise "
                     "--memory-limit, or ask for less (fewer groups, a narrower window)",
                     memory_text, spill->directory, disk_text);
}

enum status finish_given_up(const struct finish *finish)
{
    return finish_is_given_up(finish) ? error_set(finish->error, STATUS_INTERRUPTED,
                                                  "interrupted while finishing the result")
                                      : STATUS_OK;
}

static void move_areas(struct finish *finish, struct spill_area *areas)
{
    struct result *result = finish->result;
    result->areas = areas;
    for (uint32_t i = 0; i < finish->sink->worker_count; i++) {
        areas[result->area_count++] = finish->sink->workers[i].area;
    }
    areas[result->area_count++] = finish->area;
}

/* The arena of the sink comes last: the others' owners are listed in it. */
static void move_arenas(struct sink *sink, struct result *result, struct arena **arenas)
{
    result->arenas = arenas;
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        sink->final_match_count +=
            atomic_load_explicit(&sink->workers[i].match_count, memory_order_relaxed);
        if (sink->workers[i].arena != NULL) {
            arenas[result->arena_count++] = sink->workers[i].arena;
        }
    }
    arenas[result->arena_count++] = sink->arena;
    sink->arena = NULL;
    sink->workers = NULL;
    sink->worker_count = 0;
}

/* Compiles an item of ORDER BY: over matches, over keys and aggregates, or over distinct rows. */
static enum status build_order(struct finish *finish, uint32_t at, uint64_t row_capacity)
{
    const struct bound_query *query = finish->sink->query;
    struct finish_order *order = &finish->orders[at];
    const struct expression *expression = query->orders[at].expression;
    if (query->is_distinct && !query->is_grouped) {
        /* Only what is returned can be ordered by, and outputs are the keys. */
        CHECK(expression->kind == EXPRESSION_OUTPUT);
        struct expression *key = arena_allocate(finish->arena, 1, sizeof *key);
        if (key == NULL) {
            return finish_out_of_memory(finish);
        }
        *key = *expression;
        key->kind = EXPRESSION_GROUP_KEY;
        expression = key;
    }
    TRY(program_build(&order->program, query, expression, finish->arena, finish->error));
    order->values = finish_room(finish, row_capacity, sizeof *order->values);
    order->nulls = finish_room(finish, row_capacity, sizeof *order->nulls);
    return order->values == NULL || order->nulls == NULL ? finish_out_of_memory(finish) : STATUS_OK;
}

/* Evaluates ORDER BY for rows below `row_capacity`, and leaves room for `more` keys after it. Keys
 * without nulls say so. */
static enum status make_order_keys(struct finish *finish, uint64_t row_capacity, uint32_t more,
                                   struct order_key **keys)
{
    const struct bound_query *query = finish->sink->query;
    uint32_t count = query->order_count;
    *keys = arena_allocate_zeroed(finish->arena, (uint64_t)count + more, sizeof **keys);
    finish->orders = arena_allocate_zeroed(finish->arena, count, sizeof *finish->orders);
    if (*keys == NULL || finish->orders == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(build_order(finish, i, row_capacity));
        (*keys)[i] = (struct order_key){.type = finish->orders[i].program->type,
                                        .is_descending = query->orders[i].is_descending,
                                        .values = finish->orders[i].values,
                                        .nulls = finish->orders[i].nulls};
    }
    if (count == 0) {
        return STATUS_OK;
    }
    TRY(finish_evaluate_orders(finish));
    for (uint32_t i = 0; i < count; i++) {
        if (!atomic_load_explicit(&finish->orders[i].has_nulls, memory_order_relaxed)) {
            (*keys)[i].nulls = NULL;
        }
    }
    return STATUS_OK;
}

/* How many rows from the first on may be shown. */
static uint64_t needed_count(const struct bound_query *query)
{
    uint64_t needed = 0;
    return __builtin_add_overflow(query->skip, query->limit, &needed) ? UINT64_MAX : needed;
}

/* The row limit, then SKIP and LIMIT, over result->row_count rows in order. */
static void cut_rows(struct finish *finish)
{
    struct result *result = finish->result;
    struct sink *sink = finish->sink;
    if (result->row_count > sink->row_limit && sink_row_limit_counts(sink)) {
        result->row_count = sink->row_limit;
        atomic_store_explicit(&sink->is_over_limit, true, memory_order_relaxed);
    }
    uint64_t skip = sink->query->skip < result->row_count ? sink->query->skip : result->row_count;
    result->first = skip;
    result->row_count -= skip;
    if (result->row_count > sink->query->limit) {
        result->row_count = sink->query->limit;
    }
}

static enum status sort(struct finish *finish, const struct order_key *keys, uint32_t key_count,
                        uint64_t needed)
{
    uint64_t count = finish->result->row_count;
    struct radix_pair *scratch = finish_room(finish, count, sizeof *scratch);
    uint8_t *buckets = finish_room(finish, count, sizeof *buckets);
    if (scratch == NULL || buckets == NULL) {
        return finish_out_of_memory(finish);
    }
    return order_sort(finish->sink->query->graph, keys, key_count, finish->result->order, scratch,
                      buckets, count, needed, finish->team, &finish->patience, finish->arena,
                      finish->error);
}

/* The rows of a worker's share of the chunks as pairs, behind those of the chunks before. */
static void list_rows(const struct worker *worker, void *context)
{
    const struct finish *finish = context;
    const struct rows *rows = &finish->result->rows;
    uint64_t first = 0;
    uint64_t end = 0;
    team_share(worker, rows->chunk_count, &first, &end);
    uint64_t at = 0;
    for (uint64_t chunk = 0; chunk < first; chunk++) {
        at += rows->chunks[chunk]->count;
    }
    for (uint64_t chunk = first; chunk < end && !finish_is_given_up(finish); chunk++) {
        for (uint32_t i = 0; i < rows->chunks[chunk]->count; i++) {
            finish->result->order[at++].value = chunk * EVALUATE_LANES + i;
        }
    }
}

/* All workers' chunks in one list, and all rows as pairs. */
static enum status collect_rows(struct finish *finish)
{
    struct sink *sink = finish->sink;
    struct result *result = finish->result;
    struct rows *rows = &result->rows;
    rows->layout = sink->layout;
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        rows->chunk_capacity += sink->workers[i].rows.chunk_count;
    }
    rows->chunks = finish_room(finish, rows->chunk_capacity, sizeof(struct row_chunk *));
    if (rows->chunks == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < sink->worker_count; i++) {
        const struct rows *own = &sink->workers[i].rows;
        for (uint64_t chunk = 0; chunk < own->chunk_count; chunk++) {
            rows->chunks[rows->chunk_count++] = own->chunks[chunk];
            result->row_count += own->chunks[chunk]->count;
        }
    }
    result->order = finish_room(finish, result->row_count, sizeof *result->order);
    if (result->order == NULL) {
        return finish_out_of_memory(finish);
    }
    team_run(finish->team, list_rows, finish);
    return finish_given_up(finish);
}

static enum status finish_rows(struct finish *finish)
{
    const struct bound_query *query = finish->sink->query;
    struct order_key *keys = NULL;
    TRY(collect_rows(finish));
    finish->block_count = finish->result->rows.chunk_count;
    TRY(make_order_keys(finish, finish->block_count * EVALUATE_LANES,
                        query->edge_count + query->vertex_count, &keys));
    uint32_t key_count = query->order_count + order_add_row_keys(query, &finish->result->rows,
                                                                 keys + query->order_count);
    TRY(sort(finish, keys, key_count, needed_count(query)));
    cut_rows(finish);
    return result_prepare(finish->result, finish->error);
}

/* After ORDER BY: the keys, ascending. */
static enum status finish_groups(struct finish *finish)
{
    const struct bound_query *query = finish->sink->query;
    struct result *result = finish->result;
    struct order_key *keys = NULL;
    if (stop_reason(finish->sink->stop) == STOP_DISK) {
        /* Merging takes more room, and would give the counts of a part of the matches. */
        return out_of_disk(finish);
    }
    TRY(finish->is_spilling ? finish_merge_runs(finish) : finish_merge_groups(finish));
    result->row_count = finish->group_count;
    finish->block_count = (result->row_count + EVALUATE_LANES - 1) / EVALUATE_LANES;
    TRY(make_order_keys(finish, result->row_count, result->key_count, &keys));
    for (uint32_t i = 0; i < result->key_count; i++) {
        keys[query->order_count + i] = (struct order_key){.type = result->keys[i].type,
                                                          .values = result->keys[i].values,
                                                          .nulls = result->keys[i].is_null};
    }
    bool repeats = query->is_grouped && query->is_distinct;
    TRY(sort(finish, keys, query->order_count + result->key_count,
             repeats ? UINT64_MAX : needed_count(query)));
    TRY(result_prepare(result, finish->error));
    if (repeats) {
        TRY(finish_drop_repeated(finish));
    }
    cut_rows(finish);
    return STATUS_OK;
}
