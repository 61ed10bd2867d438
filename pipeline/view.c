/* Views: rows and flows that INTO kept. */
#include "pipeline/view.h"

#include <string.h>

#include "base/memory.h"
#include "query/visit.h"

static enum status keep_rows(struct view *view, const struct answer *answer, struct error *error)
{
    uint32_t columns = answer->column_count;
    struct pool *pool = &view->pool;
    if (answer->row_count > UINT32_MAX) {
        return error_set(error, STATUS_LIMIT, "INTO keeps at most %u rows", UINT32_MAX);
    }
    uint32_t count = (uint32_t)answer->row_count;
    struct value *rows = pool_allocate(pool, count, sizeof *rows, error);
    struct bytes *names = pool_allocate(pool, columns, sizeof *names, error);
    if (rows == NULL || names == NULL) {
        return error->status;
    }
    for (uint32_t i = 0; i < columns; i++) {
        struct value name;
        TRY(pool_copy_text(pool, bytes_of(answer->names[i]), &name, error));
        names[i] = value_text_view(name);
    }
    for (uint32_t row = 0; row < count; row++) {
        TRY(pool_poll_at(pool, row, error));
        struct value_entry *entries = pool_allocate(pool, columns, sizeof *entries, error);
        if (entries == NULL) {
            return error->status;
        }
        for (uint32_t i = 0; i < columns; i++) {
            entries[i].key = names[i];
            TRY(pool_copy(pool, answer_row(answer, row)[i], &entries[i].value, error));
        }
        rows[row] = pool_map_of(entries, columns);
    }
    view->rows = value_list_of(rows, count);
    return STATUS_OK;
}

static enum status open_flows(struct view *view, const struct graph *graph, struct error *error)
{
    uint32_t count = graph->edges.partition_count;
    uint64_t **flows = pool_allocate(&view->pool, count, sizeof(*flows), error);
    for (uint32_t i = 0; flows != NULL && i < count; i++) {
        uint64_t words = ((uint64_t)graph->edges.partitions[i].flow_count + 63) / 64;
        flows[i] = pool_allocate(&view->pool, words, sizeof *flows[i], error);
        if (flows[i] == NULL) {
            return error->status;
        }
        memset(flows[i], 0, words * sizeof *flows[i]);
    }
    view->flows = flows;
    return flows == NULL ? error->status : STATUS_OK;
}

static enum status keep_edge(struct view *view, const struct graph *graph, edge_id edge,
                             struct error *error)
{
    if (view->flows == NULL) {
        TRY(open_flows(view, graph, error));
    }
    uint32_t position = edge_position(edge);
    view->flows[edge_partition(edge)][position >> 6] |= UINT64_C(1) << (position & 63);
    return STATUS_OK;
}

/* Flows in rows, and in lists, maps and paths in rows. */
static enum status keep_flows(struct view *view, const struct graph *graph, struct value value,
                              struct error *error)
{
    if (value.kind == VALUE_EDGE) {
        return keep_edge(view, graph, value.edge, error);
    }
    for (uint32_t i = 0; value.kind == VALUE_LIST && i < value.count; i++) {
        TRY(pool_poll_at(&view->pool, i, error));
        TRY(keep_flows(view, graph, value.items[i], error));
    }
    for (uint32_t i = 0; value.kind == VALUE_MAP && i < value.count; i++) {
        TRY(keep_flows(view, graph, value.entries[i].value, error));
    }
    for (uint32_t i = 0; value.kind == VALUE_PATH && i < value.path->length; i++) {
        TRY(keep_edge(view, graph, value.path->edges[i], error));
    }
    return STATUS_OK;
}

static void close_view(struct view *view)
{
    pool_close(&view->pool);
    memory_free(view);
}

static void remove_view(struct view **views, struct bytes name)
{
    while (*views != NULL && !bytes_equal((*views)->name, name)) {
        views = &(*views)->next;
    }
    if (*views != NULL) {
        struct view *removed = *views;
        *views = removed->next;
        close_view(removed);
    }
}

enum status view_add(struct view **views, const struct graph *graph, struct bytes name,
                     const struct answer *answer, struct budget *budget, struct stop *stop,
                     struct error *error)
{
    struct view *view = memory_allocate(1, sizeof *view);
    struct value copy;
    if (view == NULL) {
        return error_set_memory(error, "keeping a result");
    }
    *view = (struct view){.pool = {.budget = budget, .stop = stop}};
    view->number = *views == NULL ? 1 : (*views)->number + 1;
    enum status status = pool_copy_text(&view->pool, name, &copy, error);
    if (status == STATUS_OK) {
        view->name = value_text_view(copy);
        status = keep_rows(view, answer, error);
    }
    if (status == STATUS_OK) {
        status = keep_flows(view, graph, view->rows, error);
    }
    /* A hunt whose first step finds nothing goes on, and finds nothing. */
    if (status == STATUS_OK && answer->row_count == 0) {
        status = open_flows(view, graph, error);
    }
    if (status != STATUS_OK) {
        close_view(view);
        return status;
    }
    remove_view(views, name);
    view->next = *views;
    *views = view;
    return STATUS_OK;
}

void views_close(struct view **views)
{
    while (*views != NULL) {
        struct view *view = *views;
        *views = view->next;
        close_view(view);
    }
}

const struct view *view_find(const struct view *views, struct bytes name)
{
    while (views != NULL && !bytes_equal(views->name, name)) {
        views = views->next;
    }
    return views;
}

struct asking {
    const struct view *views;
    bool is_asked;
};

static bool inspect_path(void *context, const struct ast_path *path)
{
    struct asking *asking = context;
    for (uint32_t i = 0; i < path->relationship_count; i++) {
        const struct ast_names *types = path->relationships[i]->types;
        for (uint32_t j = 0; types != NULL && j < types->count; j++) {
            asking->is_asked =
                asking->is_asked || view_find(asking->views, types->names[j].text) != NULL;
        }
    }
    return !asking->is_asked;
}

bool views_are_asked(const struct view *views, const struct ast_query *query)
{
    struct asking asking = {.views = views};
    const struct ast_visitor visitor = {.path = inspect_path, .context = &asking};
    if (views != NULL) {
        (void)ast_visit(&visitor, query);
    }
    return asking.is_asked;
}
