/* A query's life: parsed into a tree, bound in a chain of its own, closed with it. */
#include "query/bound.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "query/bind.h"
#include "query/difference.h"
#include "query/parse.h"

/* An empty query in a chain of its own. */
static struct bound_query *open_query(const struct graph *graph, const struct source *source)
{
    struct chain *chain = memory_allocate(1, sizeof *chain);
    if (chain == NULL) {
        (void)source_error_memory(source);
        return NULL;
    }
    struct bound_query *query = chain_allocate(chain, 1, sizeof *query);
    char *text = chain_copy(chain, source->text.data, source->text.size);
    char *name = chain_copy(chain, source->name, strlen(source->name));
    if (query == NULL || text == NULL || name == NULL) {
        (void)source_error_memory(source);
        chain_close(chain);
        memory_free(chain);
        return NULL;
    }
    query->graph = graph;
    query->limit = UINT64_MAX;
    query->text = bytes_view(text, source->text.size);
    query->name = name;
    query->memory = chain;
    difference_init(&query->window);
    return query;
}

void query_close(struct bound_query *query)
{
    if (query == NULL) {
        return;
    }
    struct chain *chain = query->memory;
    chain_close(chain);
    memory_free(chain);
}

bool expression_is_inequality(const struct expression *expression)
{
    return expression->kind == EXPRESSION_NOT_EQUAL &&
           expression->children[0]->kind == EXPRESSION_VERTEX &&
           expression->children[1]->kind == EXPRESSION_VERTEX;
}

/* Vertices and flows are never null. */
static bool counts_matches(const struct aggregate *aggregate)
{
    const struct expression *argument = aggregate->argument;
    return aggregate->function == AGGREGATE_COUNT_ALL ||
           (aggregate->function == AGGREGATE_COUNT && !aggregate->is_distinct &&
            (argument->kind == EXPRESSION_VERTEX || argument->kind == EXPRESSION_EDGE));
}

bool query_counts_only(const struct bound_query *query)
{
    bool is_count = query->is_grouped && query->key_count == 0;
    for (uint32_t i = 0; is_count && i < query->aggregate_count; i++) {
        is_count = counts_matches(&query->aggregates[i]);
    }
    return is_count;
}

static void read_expression(struct query_reads *reads, const struct expression *expression)
{
    reads->edge_mask |= expression->edge_mask;
    reads->vertex_mask |= expression->vertex_mask;
}

static bool folds_same_once(const struct aggregate *aggregate)
{
    return aggregate->is_distinct || aggregate->function == AGGREGATE_MIN ||
           aggregate->function == AGGREGATE_MAX;
}

/* Whether equal rows, or what is folded more than once, make no difference. */
static bool is_once(const struct bound_query *query)
{
    bool is_once = true;
    for (uint32_t i = 0; query->is_grouped && i < query->aggregate_count; i++) {
        is_once = is_once && folds_same_once(&query->aggregates[i]);
    }
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        is_once = is_once && !query_can_fail(query, query->predicates[i].expression);
    }
    return is_once;
}

struct query_reads query_reads(const struct bound_query *query)
{
    if (!query->is_grouped && !query->is_distinct) {
        return (struct query_reads){.edge_mask = UINT32_MAX, .vertex_mask = UINT32_MAX};
    }
    struct query_reads reads = {0};
    for (uint32_t i = 0; query->is_grouped && i < query->key_count; i++) {
        read_expression(&reads, query->keys[i]);
    }
    for (uint32_t i = 0; query->is_grouped && i < query->aggregate_count; i++) {
        if (!counts_matches(&query->aggregates[i])) {
            read_expression(&reads, query->aggregates[i].argument);
        }
    }
    for (uint32_t i = 0; !query->is_grouped && i < query->output_count; i++) {
        read_expression(&reads, query->outputs[i].expression);
    }
    uint32_t all_edges = (UINT32_C(1) << query->edge_count) - 1;
    reads.can_weigh = query->edge_count == 0 || reads.edge_mask != all_edges;
    reads.is_once = reads.can_weigh && is_once(query);
    return reads;
}

enum status query_bind_tree(struct bound_query **result, const struct graph *graph,
                            const struct ast_query *ast, const struct source *source)
{
    struct bound_query *query = open_query(graph, source);
    if (query == NULL) {
        return source->error->status;
    }
    struct binder binder = {.source = source, .memory = query->memory, .query = query};
    enum status status = bind_clauses(&binder, ast);
    if (status != STATUS_OK) {
        query_close(query);
        return status;
    }
    difference_derive(&query->window, query->edge_count);
    query->is_explain = ast->mode == AST_EXPLAIN;
    query->is_profile = ast->mode == AST_PROFILE;
    *result = query;
    return STATUS_OK;
}

static enum status parse_plain(struct ast_query **query, const struct source *source,
                               struct chain *memory)
{
    TRY(parse_query(query, source, memory));
    return refuse_unsupported(*query, source);
}

enum status query_bind(struct bound_query **query, const struct graph *graph, struct bytes text,
                       const char *name, struct error *error)
{
    struct error unseen = {0};
    struct source source = {text, name, error != NULL ? error : &unseen};
    struct chain tree = {0};
    struct ast_query *ast = NULL;
    enum status status = parse_plain(&ast, &source, &tree);
    if (status == STATUS_OK) {
        status = query_bind_tree(query, graph, ast, &source);
    }
    chain_close(&tree);
    return status;
}

enum status query_check(struct bytes text, const char *name, struct error *error)
{
    struct error unseen = {0};
    struct source source = {text, name, error != NULL ? error : &unseen};
    struct chain tree = {0};
    struct ast_queries queries = {0};
    enum status status = parse_queries(&queries, &source, &tree);
    for (uint32_t i = 0; status == STATUS_OK && i < queries.count; i++) {
        status = refuse_writing(queries.queries[i], &source);
    }
    chain_close(&tree);
    return status;
}

uint32_t query_undirected_edges(const struct bound_query *query)
{
    uint32_t mask = 0;
    for (uint32_t edge = 0; edge < query->edge_count; edge++) {
        mask |= query->edges[edge].is_undirected ? UINT32_C(1) << edge : 0;
    }
    return mask;
}

uint32_t query_known_vertices(const struct bound_query *query)
{
    uint32_t mask = 0;
    for (uint32_t edge = 0; edge < query->edge_count; edge++) {
        const struct bound_edge *bound = &query->edges[edge];
        uint32_t ends = UINT32_C(1) << bound->source | UINT32_C(1) << bound->target;
        mask |= bound->is_undirected ? 0 : ends;
    }
    return mask;
}

enum status query_error(struct error *error, const struct bound_query *query, uint32_t offset,
                        const char *format, ...)
{
    struct error unseen = {0};
    struct source source = {query->text, query->name, error != NULL ? error : &unseen};
    char message[ERROR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return source_error(&source, offset, "%s", message);
}
