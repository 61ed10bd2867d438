#include "engine/cycle_component.h"

#include <string.h>

enum { POLL_STEPS = 1 << 16 };

#define COMPONENT_NONE UINT32_MAX

struct visit {
    const struct compact_graph *graph;
    uint32_t *component; /* COMPONENT_NONE: not yet known */
    uint32_t *number;    /* in the order of discovery, from 1; 0: not yet seen */
    uint32_t *low;       /* the least number known to be reached from here, as far as not settled */
    uint32_t *next;      /* the next edge to follow */
    uint32_t *path;      /* from the root of the search to where it is */
    uint32_t *open;      /* seen, and not yet in a component */
    uint32_t path_count;
    uint32_t open_count;
    uint32_t seen_count;
    uint32_t component_count;
};

static void enter(struct visit *visit, uint32_t vertex)
{
    visit->number[vertex] = ++visit->seen_count;
    visit->low[vertex] = visit->seen_count;
    visit->next[vertex] = visit->graph->offset[vertex];
    visit->path[visit->path_count++] = vertex;
    visit->open[visit->open_count++] = vertex;
}

static void lower(struct visit *visit, uint32_t vertex, uint32_t number)
{
    visit->low[vertex] = number < visit->low[vertex] ? number : visit->low[vertex];
}

static void leave(struct visit *visit, uint32_t vertex)
{
    if (visit->low[vertex] == visit->number[vertex]) {
        uint32_t member;
        do {
            member = visit->open[--visit->open_count];
            visit->component[member] = visit->component_count;
        } while (member != vertex);
        visit->component_count++;
    }
    visit->path_count--;
    if (visit->path_count > 0) {
        lower(visit, visit->path[visit->path_count - 1], visit->low[vertex]);
    }
}

static bool search_from(struct visit *visit, uint32_t root, struct stop *stop)
{
    uint32_t steps = 0;
    enter(visit, root);
    while (visit->path_count > 0) {
        uint32_t vertex = visit->path[visit->path_count - 1];
        if (++steps % POLL_STEPS == 0 && stop_poll(stop)) {
            return false;
        }
        if (visit->next[vertex] == visit->graph->offset[vertex + 1]) {
            leave(visit, vertex);
            continue;
        }
        uint32_t target = visit->graph->targets[visit->next[vertex]++];
        if (visit->number[target] == 0) {
            enter(visit, target);
        } else if (visit->component[target] == COMPONENT_NONE) {
            lower(visit, vertex, visit->number[target]);
        }
    }
    return true;
}

bool components_find(const struct compact_graph *graph, uint32_t *component, uint32_t *scratch,
                     struct stop *stop)
{
    uint64_t count = graph->vertex_count;
    struct visit visit = {.graph = graph,
                          .component = component,
                          .number = scratch,
                          .low = scratch + count,
                          .next = scratch + 2 * count,
                          .path = scratch + 3 * count,
                          .open = scratch + 4 * count};
    memset(component, 0xff, count * sizeof *component);
    memset(visit.number, 0, count * sizeof *visit.number);
    for (uint32_t vertex = 0; vertex < graph->vertex_count; vertex++) {
        if (visit.number[vertex] == 0 && !search_from(&visit, vertex, stop)) {
            return false;
        }
    }
    return true;
}
