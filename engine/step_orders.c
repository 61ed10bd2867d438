#include "engine/step_orders.h"

static bool is_out_step(const struct search *search, uint32_t step)
{
    const struct plan_step *plan_step = &search->plan->steps[step];
    return search->query->edges[plan_step->edges[0]].target == plan_step->vertex;
}

/* An order that an earlier step has, of the same direction and filter, or NULL. */
static struct time_order *same_order(const struct search *search, uint32_t step)
{
    const struct plan_step *steps = search->plan->steps;
    uint64_t *const *bits = search->filters->edges[steps[step].edges[0]].bits;
    for (uint32_t s = 0; s < step; s++) {
        if (steps[s].kind != steps[step].kind) {
            continue;
        }
        uint64_t *const *other = search->filters->edges[steps[s].edges[0]].bits;
        bool is_same_filter =
            bits == other || (bits != NULL && other != NULL && bits[0] == other[0]);
        if (search->orders[s] != NULL && is_same_filter &&
            is_out_step(search, s) == is_out_step(search, step)) {
            return search->orders[s];
        }
    }
    return NULL;
}

/* The step's order is there, or it has to do without. */
static void settle(struct search *search, uint32_t step, struct time_order *order)
{
    struct plan_step *plan_step = &search->plan->steps[step];
    search->orders[step] = order;
    plan_step->by_time = plan_step->by_time && order != NULL;
    plan_step->is_counted = plan_step->is_counted && order != NULL;
    if (!plan_step->is_counted) {
        return;
    }
    search->laid_step_count = step;
    search->counted_edge = plan_step->edges[0];
    for (uint32_t i = 0; i < search->structural_count; i++) {
        const struct search_predicate *predicate = &search->structural[i];
        search->counted_apart |= predicate->step == step ? predicate->vertex_mask : 0;
    }
    search->counted_apart &= ~(1u << plan_step->vertex);
}

enum status step_orders_open(struct time_order *orders, struct search *search,
                             struct budget *budget, struct error *error)
{
    const struct plan *plan = search->plan;
    for (uint32_t s = 0; s < plan->step_count && !plan->is_empty; s++) {
        const struct plan_step *step = &plan->steps[s];
        struct time_order *order = step->by_time || step->is_counted ? same_order(search, s) : NULL;
        if (order == NULL && (step->by_time || step->is_counted)) {
            struct error unused = {0};
            const struct flow_filter *filter = &search->filters->edges[step->edges[0]];
            order = &orders[s];
            enum status status =
                step->kind == STEP_SCAN_LINKS
                    ? time_order_build_whole(order, search->query->graph, filter, search->link_base,
                                             search->team, budget, search->stop, &unused)
                    : time_order_build(order, search->edges, filter, is_out_step(search, s),
                                       search->team, budget, search->stop, &unused);
            TRY(stop_error(search->stop, "ordering flows by time", error));
            if (status != STATUS_OK) {
                time_order_close(order);
                order = NULL;
            }
        }
        settle(search, s, order);
    }
    return STATUS_OK;
}
