/* The public interface: where the pages of a graph are. */
#include "report/api.h"

#include "base/check.h"
#include "base/memory.h"
#include "graph/array.h"
#include "numa/residence.h"

_Static_assert(GYRE_INTERLEAVED == NODE_INTERLEAVED, "one number");
_Static_assert(GYRE_SHARED == ARRAY_SHARED, "one number");

struct gyre_placement {
    const struct topology *topology;
    struct gyre_array_placement *arrays;
    uint64_t *node_pages; /* [array_capacity * node_count] */
    uint32_t array_count;
    uint32_t array_capacity;
    uint64_t page_limit;
    enum status status; /* of the first array that could not be looked at */
    struct error *error;
};

static void count_array(const struct graph_array *array, void *context);
static void look_at_array(const struct graph_array *array, void *context);

int gyre_placement_open(struct gyre_placement **placement, const struct gyre_graph *graph,
                        uint64_t page_limit, struct gyre_error *error)
{
    static const char what[] = "looking where pages are";
    *placement = NULL;
    struct gyre_placement *opened = memory_allocate(1, sizeof(*opened));
    if (opened == NULL) {
        return (int)error_set_memory(api_error(error), what);
    }
    enum status status = STATUS_OK;
    opened->topology = graph->engine->topology;
    opened->page_limit = page_limit;
    opened->error = api_error(error);
    graph_visit_arrays(graph->graph, count_array, &opened->array_capacity);
    size_t page_counts = (size_t)opened->array_capacity * topology_node_count(opened->topology);
    opened->arrays = memory_allocate(opened->array_capacity, sizeof(*opened->arrays));
    opened->node_pages = memory_allocate(page_counts, sizeof(*opened->node_pages));
    if (opened->arrays == NULL || opened->node_pages == NULL) {
        status = error_set_memory(api_error(error), what);
        goto done;
    }
    graph_visit_arrays(graph->graph, look_at_array, opened);
    status = opened->status;
    if (status == STATUS_OK) {
        *placement = opened;
        opened = NULL;
    }
done:
    gyre_placement_close(opened);
    return (int)status;
}

void gyre_placement_close(struct gyre_placement *placement)
{
    if (placement != NULL) {
        memory_free(placement->arrays);
        memory_free(placement->node_pages);
        memory_free(placement);
    }
}

uint32_t gyre_placement_arrays(const struct gyre_placement *placement)
{
    return placement->array_count;
}

struct gyre_array_placement gyre_placement_array(const struct gyre_placement *placement,
                                                 uint32_t array)
{
    CHECK(array < placement->array_count);
    return placement->arrays[array];
}

static void count_array(const struct graph_array *array, void *context)
{
    uint32_t *count = context;
    (void)array;
    (*count)++;
}

static void look_at_array(const struct graph_array *array, void *context)
{
    struct gyre_placement *placement = context;
    if (placement->status != STATUS_OK) {
        return;
    }
    CHECK(placement->array_count < placement->array_capacity);
    size_t node_count = topology_node_count(placement->topology);
    struct residence residence = {
        .node_pages = placement->node_pages + placement->array_count * node_count,
    };
    placement->status = residence_look(&residence, placement->topology, array->start, array->bytes,
                                       array->node, placement->page_limit, placement->error);
    placement->arrays[placement->array_count++] = (struct gyre_array_placement){
        .name = array->name,
        .property = array->property,
        .partition = array->partition,
        .node = array->node,
        .bytes = array->bytes,
        .pages = residence.page_count,
        .pages_seen = residence.look_count,
        .pages_absent = residence.absent_count,
        .pages_elsewhere = residence.elsewhere_count,
        .node_pages = residence.node_pages,
    };
}
