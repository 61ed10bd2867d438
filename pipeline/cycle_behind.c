#include "pipeline/cycle_behind.h"

#include "pipeline/heading.h"

/* size(r) or length(p) */
static bool is_hop_count(const struct stage_cycle *cycle, const struct term *term)
{
    if (term->kind != AST_CALL || term->child_count != 1 ||
        term->children[0]->kind != AST_VARIABLE) {
        return false;
    }
    struct bytes name = bytes_of(term->function->name);
    uint32_t slot = term->children[0]->slot;
    return (slot == cycle->list_slot && bytes_equal(name, bytes_of("size"))) ||
           (slot == cycle->path_slot && bytes_equal(name, bytes_of("length")));
}

/* Whether a stage does nothing but count the cycles, all together or by their hops. */
static void read_counts(struct stage *cycles, struct stage *group)
{
    const struct stage_cycle *cycle = cycles->cycle;
    const uint32_t slots[] = {cycle->vertex_slot, cycle->end_slot, cycle->list_slot,
                              cycle->path_slot};
    if (!head_counts(group, slots, sizeof slots / sizeof slots[0]) || group->item_count > 1 ||
        (group->item_count == 1 && !is_hop_count(cycle, group->items[0].term))) {
        return;
    }
    cycles->counts = group;
    cycles->counts_by_hops = group->item_count == 1;
}

/* Whether stages hand on what they get, row by row, to the answer. */
static bool is_row_each(const struct stage *stage)
{
    while (stage != NULL && (stage->kind == STAGE_PROJECT || stage->kind == STAGE_PATH)) {
        stage = stage->next;
    }
    return stage == NULL;
}

void cycle_read_behind(struct stage *cycles, struct stage *behind, bool is_distinct)
{
    read_counts(cycles, behind);
    cycles->cycle->limit = head_limit(behind);
    cycles->cycle->is_row_each = !is_distinct && is_row_each(behind);
}
