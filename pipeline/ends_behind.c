#include "pipeline/ends_behind.h"

#include "pipeline/cycle_behind.h"
#include "pipeline/heading.h"

/* What was read of paths so far. */
struct reading {
    struct compiler *compiler;
    struct stage_cycle *cycle;
    bool *is_other; /* [slot]: it depends on more of a path */
    struct path_told told;
    bool has_hops; /* told of more than the fewest */
    bool has_other;
};

static void note(void *context, uint32_t slot)
{
    struct reading *reading = context;
    reading->told.begin = reading->told.begin || slot == reading->cycle->vertex_slot;
    reading->told.end = reading->told.end || slot == reading->cycle->end_slot;
    reading->has_other = reading->has_other || reading->is_other[slot];
}

/* Reads a term; true if it depends on nothing but ends and hops. */
static bool reads_ends(struct reading *reading, const struct term *term)
{
    if (term == NULL) {
        return true;
    }
    if (cycle_is_hop_count(reading->cycle, term)) {
        reading->told.hops = true;
        reading->has_hops = true;
        return true;
    }
    reading->has_other = false;
    if (term->subquery != NULL || (term->kind == AST_VARIABLE && term->slot != SLOT_NONE &&
                                   (note(reading, term->slot), reading->has_other))) {
        return false;
    }
    if (term->pattern != NULL &&
        (!pattern_reads(term->pattern, note, reading) || reading->has_other)) {
        return false;
    }
    for (uint32_t i = 0; i < term->child_count; i++) {
        if (!reads_ends(reading, term->children[i])) {
            return false;
        }
    }
    return true;
}

/* Paths are rows, which an aggregate counts. */
static bool counts_paths(const struct reading *reading, const struct stage_fold *fold)
{
    return cycle_counts_rows(reading->cycle, fold);
}

static bool is_min(const struct stage_fold *fold)
{
    return fold->argument != NULL && fold->parameter == NULL &&
           bytes_equal(bytes_of(fold_name(fold->kind)), bytes_of("min"));
}

/* last(es).StartTime, es[-1].StartTime, or of relationships(p) */
static bool is_last_time(const struct reading *reading, const struct term *term)
{
    const struct graph *graph = reading->compiler->entities->graph;
    if (term->kind != AST_PROPERTY || graph == NULL ||
        term->edge_handle != (uint32_t)graph->edges.start_time) {
        return false;
    }
    const struct term *flow = term->children[0];
    bool is_last = flow->kind == AST_CALL && flow->child_count == 1 &&
                   bytes_equal(bytes_of(flow->function->name), bytes_of("last"));
    bool is_item = flow->kind == AST_INDEX && flow->children[1]->kind == AST_NULL &&
                   flow->children[1]->literal.kind == VALUE_INTEGER &&
                   flow->children[1]->literal.integer == -1;
    return (is_last || is_item) && cycle_is_list(reading->cycle, flow->children[0]);
}

/* Whether an aggregate can be made of kinds of paths. */
static bool reads_fold(struct reading *reading, const struct stage_fold *fold)
{
    if (counts_paths(reading, fold)) {
        reading->told.count = true;
        return true;
    }
    if (is_min(fold) && cycle_is_hop_count(reading->cycle, fold->argument)) {
        reading->told.hops = true;
        return true;
    }
    if (is_min(fold) && is_last_time(reading, fold->argument)) {
        reading->told.first = true;
        return true;
    }
    return cycle_folds_same_once(fold) && reads_ends(reading, fold->argument) &&
           reads_ends(reading, fold->parameter);
}

static bool reads_group(struct reading *reading, const struct stage *group)
{
    for (uint32_t i = 0; i < group->item_count; i++) {
        if (!reads_ends(reading, group->items[i].term)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < group->fold_count; i++) {
        if (!reads_fold(reading, &group->folds[i])) {
            return false;
        }
    }
    return true;
}

/* `*end`: the stage that puts paths together. */
static bool reads_stages(struct reading *reading, struct stage *first, struct stage **end)
{
    for (*end = first; *end != NULL; *end = (*end)->next) {
        const struct stage *stage = *end;
        switch (stage->kind) {
        case STAGE_FILTER:
            if (!reads_ends(reading, stage->term)) {
                return false;
            }
            break;
        case STAGE_PROJECT:
            for (uint32_t i = 0; i < stage->item_count; i++) {
                const struct stage_item *item = &stage->items[i];
                reading->is_other[item->slot] = !reads_ends(reading, item->term);
                if (reading->is_other[item->slot] && !cycle_hands_on(item)) {
                    return false;
                }
            }
            break;
        case STAGE_DISTINCT:
            for (uint32_t i = 0; i < stage->slot_count; i++) {
                if (reading->is_other[stage->slots[i]]) {
                    return false;
                }
            }
            return true;
        case STAGE_GROUP:
            return reads_group(reading, stage);
        default:
            return false;
        }
    }
    return false;
}

/* Puts what a slot holds in the place of a term. */
static bool name(const struct reading *reading, struct term **term, uint32_t slot, int known)
{
    struct term *variable = new_variable(reading->compiler, slot, known, (*term)->place);
    if (variable != NULL) {
        variable->span = (*term)->span;
        *term = variable;
    }
    return variable != NULL;
}

/* Puts the number of hops in the place of what asks for it. */
static bool name_hops(const struct reading *reading, struct term **term)
{
    if (*term == NULL) {
        return true;
    }
    if (cycle_is_hop_count(reading->cycle, *term)) {
        return name(reading, term, reading->cycle->hops_slot, VALUE_INTEGER);
    }
    for (uint32_t i = 0; i < (*term)->child_count; i++) {
        if (!name_hops(reading, &(*term)->children[i])) {
            return false;
        }
    }
    return true;
}

static bool change_fold(const struct reading *reading, struct stage_fold *fold)
{
    if (is_min(fold) && is_last_time(reading, fold->argument)) {
        return name(reading, &fold->argument, reading->cycle->first_slot, VALUE_DATETIME);
    }
    if (!counts_paths(reading, fold)) {
        return name_hops(reading, &fold->argument) && name_hops(reading, &fold->parameter);
    }
    return cycle_sum_weights(reading->compiler, reading->cycle, fold);
}

static bool change_stages(const struct reading *reading, struct stage *first, struct stage *end)
{
    for (struct stage *stage = first; stage != end->next; stage = stage->next) {
        if (stage->kind == STAGE_FILTER && !name_hops(reading, &stage->term)) {
            return false;
        }
        bool has_items = stage->kind == STAGE_PROJECT || stage->kind == STAGE_GROUP;
        for (uint32_t i = 0; has_items && i < stage->item_count; i++) {
            if (!name_hops(reading, &stage->items[i].term)) {
                return false;
            }
        }
        for (uint32_t i = 0; i < stage->fold_count; i++) {
            if (!change_fold(reading, &stage->folds[i])) {
                return false;
            }
        }
    }
    return true;
}

/* Where vertices may not come again, a path that passes one twice may leave out what lies between,
 * and be a path that ends as it did; but not with as many flows, nor with a first or last flow that
 * something is asked of. */
static bool can_be_simple(const struct stage_cycle *cycle, const struct path_told *told)
{
    const struct cycle_pattern *pattern = &cycle->pattern;
    return !pattern->is_simple ||
           (!told->count && (!told->hops || told->least) && pattern->hops_min == 1 &&
            pattern->first_edges == 0 && pattern->last_edges == 0);
}

bool ends_read_behind(struct compiler *compiler, struct stage *ends, struct stage *first)
{
    struct stage_cycle *cycle = ends->cycle;
    struct reading reading = {.compiler = compiler, .cycle = cycle};
    struct stage *end = NULL;
    reading.is_other =
        compiler_allocate(compiler, compiler->compiled->slot_count, sizeof *reading.is_other);
    if (reading.is_other == NULL || compiler->compiled->calls_random) {
        return false;
    }
    reading.is_other[cycle->list_slot] = true;
    if (cycle->path_slot != SLOT_NONE) {
        reading.is_other[cycle->path_slot] = true;
    }
    if (!reads_stages(&reading, first, &end)) {
        return false;
    }
    reading.told.least = reading.told.hops && !reading.has_hops;
    if (!can_be_simple(cycle, &reading.told)) {
        return false;
    }
    cycle->told = reading.told;
    cycle->hops_slot = compiler_new_slot(compiler);
    cycle->first_slot = compiler_new_slot(compiler);
    cycle->weight_slot = compiler_new_slot(compiler);
    return change_stages(&reading, first, end);
}
