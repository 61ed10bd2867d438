/* Groups that a condition leaves out become no rows. Their aggregates are made all the same, since
 * one that is an error is one whether its group is wanted or not. */
#include "engine/finish_groups.h"
#include "engine/program.h"

/* One worker's. */
struct having {
    const struct merge *merge;
    const struct program *program;
    struct registers *registers;
    struct lanes *keys;       /* [key_count] */
    struct lanes *aggregates; /* [aggregate_count], of EVALUATE_LANES */
    struct error *error;
};

static void drop_unwanted(const struct worker *worker, void *context);

enum status merge_drop_unwanted(struct merge *merge)
{
    struct finish *finish = merge->finish;
    const struct bound_query *query = finish->sink->query;
    if (query->having == NULL) {
        return STATUS_OK;
    }
    TRY(program_build(&merge->having, query, query->having, finish->arena, finish->error));
    if (!merge_has_fates(merge)) {
        TRY(merge_open_fates(merge));
    }
    return merge_run(merge, drop_unwanted);
}

static enum status open_lanes(struct having *self)
{
    const struct sink *sink = self->merge->finish->sink;
    struct arena *arena = self->merge->finish->arena;
    self->keys = arena_allocate(arena, sink->key_count, sizeof *self->keys);
    self->aggregates = arena_allocate(arena, sink->aggregate_count, sizeof *self->aggregates);
    if (self->keys == NULL || self->aggregates == NULL) {
        return arena_error(arena, "grouping", self->error);
    }
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        struct lanes *lanes = &self->aggregates[at];
        lanes->type = sink->aggregates[at].aggregate.type;
        lanes->values = arena_allocate(arena, EVALUATE_LANES, sizeof *lanes->values);
        lanes->is_null = arena_allocate(arena, EVALUATE_LANES, sizeof *lanes->is_null);
        if (lanes->values == NULL || lanes->is_null == NULL) {
            return arena_error(arena, "grouping", self->error);
        }
    }
    return registers_open(&self->registers, arena, self->error);
}

/* What groups first..first+count-1 of a source are for programs. */
static enum status read_groups(const struct having *self, const struct merge_source *source,
                               uint32_t first, uint32_t count)
{
    const struct sink *sink = self->merge->finish->sink;
    const struct group_table *table = &source->groups->table;
    for (uint32_t key = 0; key < sink->key_count; key++) {
        self->keys[key] = (struct lanes){sink->key_types[key], table->keys[key] + first,
                                         table->nulls[key] + first};
    }
    for (uint32_t at = 0; at < sink->aggregate_count; at++) {
        const struct lanes *lanes = &self->aggregates[at];
        for (uint32_t i = 0; i < count; i++) {
            lanes->values[i].integer = 0;
            lanes->is_null[i] = 1;
            if (source->fates[first + i] != GROUP_DROPPED) {
                TRY(aggregate_result(&source->groups->columns[at], sink->query, first + i,
                                     &lanes->values[i], &lanes->is_null[i], self->error));
            }
        }
    }
    return STATUS_OK;
}

static enum status drop_block(struct having *self, const struct merge_source *source,
                              uint32_t first, uint32_t count)
{
    TRY(read_groups(self, source, first, count));
    struct inputs inputs = {.keys = self->keys, .aggregates = self->aggregates};
    uint16_t wanted[EVALUATE_LANES];
    uint32_t wanted_count = 0;
    TRY(program_select(self->program, self->registers, &inputs, count, wanted, &wanted_count,
                       self->error));
    uint32_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is_wanted = next < wanted_count && wanted[next] == i;
        next += is_wanted;
        if (!is_wanted) {
            source->fates[first + i] = GROUP_DROPPED;
        }
    }
    return STATUS_OK;
}

static enum status drop_in_pieces(struct having *self, const struct worker *worker)
{
    const struct merge *merge = self->merge;
    TRY(open_lanes(self));
    const struct merge_piece *end = NULL;
    for (const struct merge_piece *piece = merge_own_pieces(merge, worker, &end); piece < end;
         piece++) {
        for (uint32_t first = piece->first; first < piece->end; first += EVALUATE_LANES) {
            uint32_t rest = piece->end - first;
            if (finish_is_given_up(merge->finish)) {
                return STATUS_OK;
            }
            TRY(drop_block(self, &merge->sources[piece->source], first,
                           rest < EVALUATE_LANES ? rest : EVALUATE_LANES));
        }
    }
    return STATUS_OK;
}

static void drop_unwanted(const struct worker *worker, void *context)
{
    const struct merge *merge = context;
    struct having self = {
        .merge = merge, .program = merge->having, .error = &merge->errors[worker->index]};
    /* A failure stays in the worker's error; that finishing was given up, everybody knows. */
    (void)drop_in_pieces(&self, worker);
}
