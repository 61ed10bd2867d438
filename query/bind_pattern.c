/* Patterns: variables become vertices and edges, a repeated vertex is the same one, property maps
 * become equalities. */
#include "query/bind.h"

#include "query/suggest.h"

/* A property map that waits until all variables of its clause are known. */
struct pending {
    const struct ast_expression *map;
    enum symbol_kind kind;
    uint32_t index;
};

struct pendings {
    struct pending *items;
    uint32_t count;
    uint32_t capacity;
};

static enum status add_pending(struct binder *binder, struct pendings *pendings,
                               const struct ast_expression *map, enum symbol_kind kind,
                               uint32_t index)
{
    if (map == NULL) {
        return STATUS_OK;
    }
    struct pending *grown =
        binder_grow(binder, pendings->items, pendings->count, &pendings->capacity, sizeof *grown);
    if (grown == NULL) {
        return binder->source->error->status;
    }
    pendings->items = grown;
    pendings->items[pendings->count++] = (struct pending){map, kind, index};
    return STATUS_OK;
}

/* `name` as the bound query keeps it; NULL for an anonymous element. */
static enum status add_symbol(struct binder *binder, const struct ast_name *name,
                              enum symbol_kind kind, uint32_t index, const char **kept)
{
    *kept = NULL;
    if (name->text.data == NULL) {
        return STATUS_OK;
    }
    char *copy = chain_copy(binder->memory, name->text.data, name->text.size);
    if (copy == NULL) {
        return source_error_memory(binder->source);
    }
    *kept = copy;
    binder->symbols[binder->symbol_count++] =
        (struct symbol){bytes_view(copy, name->text.size), kind, index, binder->clause};
    return STATUS_OK;
}

/* Every label, or one type, has to be the frame's. */
static enum status check_name(struct binder *binder, const struct ast_names *names,
                              const char *what, const char *frame_name)
{
    struct bytes known = bytes_of(frame_name);
    for (uint32_t i = 0; names != NULL && i < names->count; i++) {
        const struct ast_name *name = &names->names[i];
        if (!bytes_equal(name->text, known)) {
            char advice[SUGGEST_TEXT_BYTES];
            suggest_name(name->text, &known, 1, advice);
            return source_error(binder->source, name->span.begin, "there is no %s `%.*s`%s", what,
                                source_shown(name->text), name->text.data, advice);
        }
    }
    return STATUS_OK;
}

static enum status find_or_add_vertex(struct binder *binder, const struct ast_node *node,
                                      uint32_t *index)
{
    struct bound_query *query = binder->query;
    const struct symbol *symbol =
        node->name.text.data == NULL ? NULL : binder_find(binder, node->name.text);
    if (symbol != NULL && symbol->kind == SYMBOL_VERTEX) {
        *index = symbol->index;
        return STATUS_OK;
    }
    if (symbol != NULL) {
        return source_error(binder->source, node->name.span.begin,
                            "`%.*s` is a flow: it cannot be a vertex as well",
                            source_shown(node->name.text), node->name.text.data);
    }
    if (query->vertex_count == PATTERN_VERTICES_MAX) {
        return source_error(binder->source, node->span.begin,
                            "the pattern has more than %d vertices", PATTERN_VERTICES_MAX);
    }
    *index = query->vertex_count++;
    struct bound_vertex *vertex = &query->vertices[*index];
    vertex->frame = &query->graph->vertices;
    return add_symbol(binder, &node->name, SYMBOL_VERTEX, *index, &vertex->name);
}

static enum status bind_node(struct binder *binder, const struct ast_node *node,
                             struct pendings *pendings, uint32_t *index)
{
    TRY(find_or_add_vertex(binder, node, index));
    TRY(check_name(binder, node->labels, "label", binder->query->vertices[*index].frame->name));
    return add_pending(binder, pendings, node->properties, SYMBOL_VERTEX, *index);
}

static enum status refuse_repeated(struct binder *binder, const struct ast_name *name,
                                   const struct symbol *symbol)
{
    const char *reason = "is a vertex: it cannot be a flow as well";
    if (symbol->kind == SYMBOL_EDGE) {
        reason = symbol->clause == binder->clause
                     ? "stands for two flows of one MATCH: each needs a name of its own"
                     : "is bound by an earlier MATCH: to match it again is not supported";
    }
    return source_error(binder->source, name->span.begin, "`%.*s` %s", source_shown(name->text),
                        name->text.data, reason);
}

/* All but the ends. */
static enum status bind_relationship(struct binder *binder,
                                     const struct ast_relationship *relationship,
                                     struct pendings *pendings, struct bound_edge **bound)
{
    struct bound_query *query = binder->query;
    const struct ast_name *name = &relationship->name;
    const struct symbol *symbol = name->text.data == NULL ? NULL : binder_find(binder, name->text);
    if (symbol != NULL) {
        return refuse_repeated(binder, name, symbol);
    }
    if (query->edge_count == PATTERN_EDGES_MAX) {
        return source_error(binder->source, relationship->span.begin,
                            "the pattern has more than %d flows", PATTERN_EDGES_MAX);
    }
    uint32_t index = query->edge_count++;
    struct bound_edge *edge = &query->edges[index];
    *bound = edge;
    edge->frame = &query->graph->edges;
    edge->clause = binder->clause;
    TRY(add_symbol(binder, name, SYMBOL_EDGE, index, &edge->name));
    TRY(check_name(binder, relationship->types, "type", edge->frame->name));
    return add_pending(binder, pendings, relationship->properties, SYMBOL_EDGE, index);
}

static enum status bind_path(struct binder *binder, const struct ast_path *path,
                             struct pendings *pendings)
{
    uint32_t left = 0;
    TRY(bind_node(binder, path->nodes[0], pendings, &left));
    for (uint32_t i = 0; i < path->relationship_count; i++) {
        struct bound_edge *edge = NULL;
        uint32_t right = 0;
        TRY(bind_relationship(binder, path->relationships[i], pendings, &edge));
        TRY(bind_node(binder, path->nodes[i + 1], pendings, &right));
        enum ast_direction direction = path->relationships[i]->direction;
        edge->source = direction == AST_LEFT ? right : left;
        edge->target = direction == AST_LEFT ? left : right;
        edge->is_undirected = direction == AST_UNDIRECTED;
        left = right;
    }
    return STATUS_OK;
}

static enum status bind_entries(struct binder *binder, const struct pending *pending)
{
    const struct ast_expression *map = pending->map;
    for (uint32_t i = 0; i < map->child_count; i++) {
        const struct ast_name *key = &map->keys[i];
        struct expression *base =
            build_variable(binder, pending->kind, pending->index, key->span.begin);
        struct expression *property = bind_property(binder, base, key->text, key);
        if (property == NULL) {
            return binder->source->error->status;
        }
        struct operand left = {property, key->text, key->span.begin};
        struct operand right = bind_operand(binder, map->children[i]);
        struct expression *condition =
            bind_comparison(binder, EXPRESSION_EQUAL, left, right, key->span.begin);
        if (condition == NULL) {
            return binder->source->error->status;
        }
        TRY(bind_condition(binder, condition));
    }
    return STATUS_OK;
}

enum status bind_pattern(struct binder *binder, const struct ast_pattern *pattern)
{
    struct pendings pendings = {0};
    binder->no_aggregates = "a pattern";
    for (uint32_t i = 0; i < pattern->count; i++) {
        TRY(bind_path(binder, pattern->paths[i], &pendings));
    }
    for (uint32_t i = 0; i < pendings.count; i++) {
        TRY(bind_entries(binder, &pendings.items[i]));
    }
    return STATUS_OK;
}
