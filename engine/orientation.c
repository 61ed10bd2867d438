/* Orientations, and what the search knows of each before it begins; see engine/orientation.h. */
#include "engine/orientation.h"

static void turn(struct orientation *orientation, const struct bound_query *query);
static enum status narrow(struct search *search, struct orientation *orientation,
                          const uint64_t **narrowed, struct arena *arena, struct error *error);
static bool is_out_step(const struct orientation *orientation, const struct plan_step *step);
static enum status find_order(struct search *search, struct shared_orders *orders,
                              const struct plan_step *step, bool is_out, struct budget *budget,
                              const struct time_order **found, struct error *error);

enum status orientations_open(struct search *search, struct arena *arena, struct error *error)
{
    uint32_t undirected = query_undirected_edges(search->query);
    uint32_t count = query_orientation_count(search->query);
    const uint64_t *narrowed[PATTERN_VERTICES_MAX] = {NULL};
    search->orientations = arena_allocate_zeroed(arena, count, sizeof *search->orientations);
    if (search->orientations == NULL) {
        return arena_error(arena, "preparing the search", error);
    }
    uint32_t turned = 0;
    for (uint32_t i = 0; i < count; i++) {
        search->orientations[i].turned = turned;
        turn(&search->orientations[i], search->query);
        TRY(narrow(search, &search->orientations[i], narrowed, arena, error));
        turned = (turned - undirected) & undirected; /* the next subset */
    }
    search->orientation_count = count;
    return STATUS_OK;
}

static void turn(struct orientation *orientation, const struct bound_query *query)
{
    for (uint32_t e = 0; e < query->edge_count; e++) {
        const struct bound_edge *edge = &query->edges[e];
        bool is_turned = (orientation->turned >> e & 1) != 0;
        orientation->edges[e] = *edge;
        orientation->edges[e].source = is_turned ? edge->target : edge->source;
        orientation->edges[e].target = is_turned ? edge->source : edge->target;
    }
}

/* The vertices that pass the filter of a pattern vertex and that a path can go through. */
static const uint64_t *vertices_through(const struct search *search, uint32_t vertex,
                                        struct arena *arena)
{
    const uint64_t *passing = search->filters->vertices[vertex].bits;
    uint64_t words = filter_word_count(search->vertices->vertex_count);
    uint64_t *bits = arena_allocate(arena, words, sizeof *bits);
    for (uint64_t word = 0; bits != NULL && word < words; word++) {
        bits[word] =
            search->edges->through[word] & (passing == NULL ? ~UINT64_C(0) : passing[word]);
    }
    return bits;
}

/* A pattern vertex with edges in and out stands only for vertices that a path can go through: in
 * flow graphs most others are reached and lead nowhere. `narrowed` has these by pattern vertex,
 * once some orientation wants them. */
static enum status narrow(struct search *search, struct orientation *orientation,
                          const uint64_t **narrowed, struct arena *arena, struct error *error)
{
    uint32_t sources = 0;
    uint32_t targets = 0;
    for (uint32_t e = 0; e < search->query->edge_count; e++) {
        sources |= 1u << orientation->edges[e].source;
        targets |= 1u << orientation->edges[e].target;
    }
    uint32_t through = sources & targets;
    for (uint32_t v = 0; v < search->query->vertex_count; v++) {
        if (search->edges->through == NULL || (through >> v & 1) == 0) {
            orientation->vertex_bits[v] = search->filters->vertices[v].bits;
            continue;
        }
        if (narrowed[v] == NULL) {
            narrowed[v] = vertices_through(search, v, arena);
        }
        if (narrowed[v] == NULL) {
            return arena_error(arena, "filtering", error);
        }
        orientation->vertex_bits[v] = narrowed[v];
    }
    for (uint32_t e = 0; search->edges->inner != NULL && e < search->query->edge_count; e++) {
        const struct bound_edge *edge = &orientation->edges[e];
        uint32_t ends = 1u << edge->source | 1u << edge->target;
        orientation->inner_edges |= (ends & ~through) == 0 ? 1u << e : 0;
    }
    return STATUS_OK;
}

/* The edge of a step that is counted is not laid on links. */
static void set_counted(struct search *search, uint32_t step)
{
    const struct plan_step *plan_step = &search->plan->steps[step];
    search->laid_step_count = step;
    search->counted_edge = plan_step->edges[0];
    for (uint32_t i = 0; i < search->orientation_count; i++) {
        struct orientation *orientation = &search->orientations[i];
        for (uint32_t j = 0; j < search->structural_count; j++) {
            const struct search_predicate *predicate = &search->structural[j];
            bool is_here = (predicate->turned & ~orientation->turned) == 0;
            orientation->counted_apart |=
                predicate->step == step && is_here ? predicate->vertex_mask : 0;
        }
        orientation->counted_apart &= ~(1u << plan_step->vertex);
    }
}

enum status orientations_open_orders(struct search *search, struct shared_orders *orders,
                                     struct budget *budget, struct error *error)
{
    for (uint32_t s = 0; s < search->plan->step_count && !search->plan->is_empty; s++) {
        struct plan_step *step = &search->plan->steps[s];
        bool is_ordered = step->by_time || step->is_counted;
        for (uint32_t i = 0; is_ordered && i < search->orientation_count; i++) {
            struct orientation *orientation = &search->orientations[i];
            TRY(find_order(search, orders, step, is_out_step(orientation, step), budget,
                           &orientation->orders[s], error));
            is_ordered = orientation->orders[s] != NULL;
        }
        step->by_time = step->by_time && is_ordered;
        step->is_counted = step->is_counted && is_ordered;
        if (step->is_counted) {
            set_counted(search, s);
        }
    }
    return STATUS_OK;
}

static bool is_out_step(const struct orientation *orientation, const struct plan_step *step)
{
    return step->kind == STEP_EXTEND && orientation->edges[step->edges[0]].target == step->vertex;
}

static bool is_order_of(const struct shared_order *shared, const struct plan_step *step,
                        bool is_out, uint64_t *const *bits)
{
    bool is_same_filter = bits == shared->bits ||
                          (bits != NULL && shared->bits != NULL && bits[0] == shared->bits[0]);
    return shared->kind == step->kind && shared->order.of.is_out == is_out && is_same_filter;
}

/* Whether a step is expected to come to most vertices: as often as half the links do. */
static bool is_everywhere(const struct search *search, const struct plan_step *step)
{
    return step > search->plan->steps && 2 * step[-1].estimate >= (double)search->edges->link_count;
}

static enum status make_order(const struct search *search, struct time_order *order,
                              const struct plan_step *step, bool is_out, struct budget *budget,
                              struct error *error)
{
    const struct flow_filter *filter = &search->filters->edges[step->edges[0]];
    if (step->kind == STEP_SCAN_LINKS) {
        return time_order_build_whole(order, search->query->graph, filter, search->link_base,
                                      search->team, budget, search->stop, error);
    }
    TRY(time_order_open(order, search->edges, filter, is_out, search->team, budget, search->stop,
                        error));
    if (step->is_counted && is_everywhere(search, step)) {
        time_order_fill(order, search->team, budget);
    }
    return STATUS_OK;
}

/* The order that a step needs, made if it is not there yet; NULL: there is no memory for it. */
static enum status find_order(struct search *search, struct shared_orders *orders,
                              const struct plan_step *step, bool is_out, struct budget *budget,
                              const struct time_order **found, struct error *error)
{
    const struct flow_filter *filter = &search->filters->edges[step->edges[0]];
    for (uint32_t i = 0; i < orders->count; i++) {
        if (is_order_of(&orders->items[i], step, is_out, filter->bits)) {
            *found = &orders->items[i].order;
            return STATUS_OK;
        }
    }
    struct shared_order *shared = &orders->items[orders->count];
    *shared = (struct shared_order){.kind = step->kind, .bits = filter->bits};
    struct error unused = {0};
    enum status status = make_order(search, &shared->order, step, is_out, budget, &unused);
    if (status == STATUS_OK) {
        orders->count++;
        *found = &shared->order;
    } else {
        time_order_close(&shared->order);
        *found = NULL;
    }
    return stop_error(search->stop, "ordering flows by time", error);
}

void shared_orders_close(struct shared_orders *orders)
{
    for (uint32_t i = 0; i < orders->count; i++) {
        time_order_close(&orders->items[i].order);
    }
    orders->count = 0;
}
