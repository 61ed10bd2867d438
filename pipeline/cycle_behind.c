#include "pipeline/cycle_behind.h"

#include "pipeline/external.h"
#include "pipeline/heading.h"

static bool is_call(const struct term *term, const char *name)
{
    return term->kind == AST_CALL && term->child_count == 1 &&
           bytes_equal(bytes_of(term->function->name), bytes_of(name));
}

static bool is_variable(const struct term *term, uint32_t slot)
{
    return term->kind == AST_VARIABLE && slot != SLOT_NONE && term->slot == slot;
}

bool cycle_is_list(const struct stage_cycle *cycle, const struct term *term)
{
    return is_variable(term, cycle->list_slot) ||
           (is_call(term, "relationships") && is_variable(term->children[0], cycle->path_slot));
}

bool cycle_is_hop_count(const struct stage_cycle *cycle, const struct term *term)
{
    return (is_call(term, "size") && cycle_is_list(cycle, term->children[0])) ||
           (is_call(term, "length") && is_variable(term->children[0], cycle->path_slot));
}

enum { CYCLE_SLOTS = 4 };

static void list_slots(const struct stage_cycle *cycle, uint32_t slots[CYCLE_SLOTS])
{
    slots[0] = cycle->vertex_slot;
    slots[1] = cycle->end_slot;
    slots[2] = cycle->list_slot;
    slots[3] = cycle->path_slot;
}

/* Whether a stage does nothing but count the cycles, all together or by their hops. */
static void read_counts(struct stage *cycles, struct stage *group)
{
    const struct stage_cycle *cycle = cycles->cycle;
    uint32_t slots[CYCLE_SLOTS];
    list_slots(cycle, slots);
    if (!head_counts(group, slots, CYCLE_SLOTS) || group->item_count > 1 ||
        (group->item_count == 1 && !cycle_is_hop_count(cycle, group->items[0].term))) {
        return;
    }
    cycles->counts = group;
    cycles->counts_by_hops = group->item_count == 1;
}

bool cycle_counts_rows(const struct stage_cycle *cycle, const struct stage_fold *fold)
{
    uint32_t slots[CYCLE_SLOTS];
    list_slots(cycle, slots);
    return head_counts_rows(fold, slots, CYCLE_SLOTS);
}

/* Slots that depend on more of a cycle than where it begins. */
struct others {
    bool *is_other; /* [slot] */
    bool has_read;
};

static void note(void *context, uint32_t slot)
{
    struct others *others = context;
    others->has_read = others->has_read || others->is_other[slot];
}

static bool reads_other(struct others *others, const struct term *term)
{
    others->has_read = false;
    return term != NULL && (!term_reads(term, note, others) || others->has_read);
}

bool cycle_hands_on(const struct stage_item *item)
{
    return item->term != NULL && item->term->kind == AST_VARIABLE;
}

bool cycle_folds_same_once(const struct stage_fold *fold)
{
    struct bytes name = bytes_of(fold_name(fold->kind));
    return fold->is_distinct || bytes_equal(name, bytes_of("min")) ||
           bytes_equal(name, bytes_of("max"));
}

static bool groups_by_anchor(const struct stage *group, const struct stage_cycle *cycle,
                             struct others *others)
{
    bool is_by_anchor = true;
    for (uint32_t i = 0; i < group->item_count; i++) {
        is_by_anchor = is_by_anchor && !reads_other(others, group->items[i].term);
    }
    for (uint32_t i = 0; i < group->fold_count; i++) {
        const struct stage_fold *fold = &group->folds[i];
        is_by_anchor =
            is_by_anchor && (cycle_counts_rows(cycle, fold) ||
                             (cycle_folds_same_once(fold) && !reads_other(others, fold->argument) &&
                              !reads_other(others, fold->parameter)));
    }
    return is_by_anchor;
}

/* Whether all that is read of cycles until they are put together is where they begin. `*end`: the
 * stage that puts them together. */
static bool reads_anchor_only(const struct stage_cycle *cycle, struct stage *behind,
                              struct others *others, struct stage **end)
{
    bool is_only = true;
    for (*end = behind; is_only && *end != NULL; *end = (*end)->next) {
        const struct stage *stage = *end;
        switch (stage->kind) {
        case STAGE_FILTER:
            is_only = !reads_other(others, stage->term);
            break;
        case STAGE_PROJECT:
            for (uint32_t i = 0; i < stage->item_count; i++) {
                const struct stage_item *item = &stage->items[i];
                others->is_other[item->slot] = reads_other(others, item->term);
                is_only = is_only && (!others->is_other[item->slot] || cycle_hands_on(item));
            }
            break;
        case STAGE_DISTINCT:
            for (uint32_t i = 0; i < stage->slot_count; i++) {
                is_only = is_only && !others->is_other[stage->slots[i]];
            }
            return is_only;
        case STAGE_GROUP:
            return groups_by_anchor(stage, cycle, others);
        default:
            return false;
        }
    }
    return false;
}

bool cycle_sum_weights(struct compiler *compiler, const struct stage_cycle *cycle,
                       struct stage_fold *fold)
{
    uint32_t parameters = 0;
    fold->kind = fold_find(bytes_of("sum"), &parameters);
    fold->argument = new_variable(compiler, cycle->weight_slot, VALUE_INTEGER, fold->place);
    return fold->argument != NULL;
}

/* Cycles are counted by where they begin, if that is enough; a count of them becomes a sum. */
static bool read_anchors(struct compiler *compiler, struct stage *cycles, struct stage *behind)
{
    struct stage_cycle *cycle = cycles->cycle;
    uint32_t slot_count = compiler->compiled->slot_count;
    struct others others = {.is_other = compiler_allocate(compiler, slot_count, sizeof(bool))};
    struct stage *end = NULL;
    if (others.is_other == NULL) {
        return false;
    }
    others.is_other[cycle->list_slot] = true;
    if (cycle->path_slot != SLOT_NONE) {
        others.is_other[cycle->path_slot] = true;
    }
    if (!reads_anchor_only(cycle, behind, &others, &end)) {
        return true;
    }
    cycle->is_by_anchor = true;
    cycle->weight_slot = compiler_new_slot(compiler);
    for (uint32_t i = 0; i < end->fold_count; i++) {
        struct stage_fold *fold = &end->folds[i];
        if (cycle_counts_rows(cycle, fold) && !cycle_sum_weights(compiler, cycle, fold)) {
            return false;
        }
    }
    return true;
}

/* Whether stages hand on what they get, row by row, to the answer. */
static bool is_row_each(const struct stage *stage)
{
    while (stage != NULL && (stage->kind == STAGE_PROJECT || stage->kind == STAGE_PATH)) {
        stage = stage->next;
    }
    return stage == NULL;
}

bool cycle_read_behind(struct compiler *compiler, struct stage *cycles, struct stage *behind)
{
    bool is_distinct = compiler->compiled->is_distinct;
    uint32_t external_count = cycles->externals == NULL ? 0 : cycles->externals->count;
    read_counts(cycles, behind);
    if (cycles->counts == NULL && cycles->residual_count == external_count &&
        !read_anchors(compiler, cycles, behind)) {
        return false;
    }
    cycles->cycle->limit = head_limit(behind);
    cycles->cycle->is_row_each = !is_distinct && is_row_each(behind);
    return true;
}
