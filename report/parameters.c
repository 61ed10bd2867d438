/* Parameters: values from their text. */
#include "report/parameters.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "query/parse.h"
#include "report/api.h"

/* A value is parsed as what a query returns. */
enum { VALUE_BYTES_MAX = QUERY_BYTES_MAX - 64 };

/* A text that goes on behind the value would be more than one: a LIMIT, a second column, a UNION.
 */
static bool is_one_value(const struct ast_query *query)
{
    const struct ast_branch *branch = query->branches[0];
    const struct ast_projection *projection = branch->clauses[0]->projection;
    return query->count == 1 && query->mode == AST_RUN && query->into.text.data == NULL &&
           branch->count == 1 && projection->item_count == 1 && !projection->is_star &&
           !projection->is_distinct && projection->items[0].alias.text.data == NULL &&
           projection->sort_count == 0 && projection->skip == NULL && projection->limit == NULL;
}

/* Where a value is made from its text: a query that returns it. */
static enum status evaluate_text(struct pool *pool, const struct gyre_graph *graph,
                                 const char *query, struct value *value, struct error *error)
{
    struct source source = {bytes_of(query), "parameter", error};
    struct chain tree = {0};
    struct ast_query *parsed = NULL;
    struct compiled *compiled = NULL;
    struct answer *answer = NULL;
    struct match_statistics statistics;
    struct entities entities = flow_entities(graph->graph, NULL);
    struct gyre_engine *engine = graph->engine;
    struct run_options options = {
        .budget = &engine->budget, .stop = &engine->stop, .team = engine->team};
    struct value none = {.kind = VALUE_MAP};
    enum status status = parse_query(&parsed, &source, &tree);
    if (status == STATUS_OK && !is_one_value(parsed)) {
        status = source_error(&source, 0, "a parameter is one value");
    }
    if (status == STATUS_OK) {
        status = compile_query(&compiled, parsed, &source, &entities, none);
    }
    if (status == STATUS_OK) {
        status = compiled_run(&answer, compiled, &options, &statistics, error);
    }
    if (status == STATUS_OK) {
        status = pool_copy(pool, answer_row(answer, 0)[0], value, error);
    }
    answer_close(answer);
    compiled_close(compiled);
    chain_close(&tree);
    return status;
}

static bool looks_nested(const char *text)
{
    text += strspn(text, " \t");
    return *text != '\0' && strchr("'\"[{", *text) != NULL;
}

static enum status read_value(struct pool *pool, const struct gyre_graph *graph,
                              const struct gyre_parameter *parameter, struct value *value,
                              struct error *error)
{
    static const char head[] = "RETURN ";
    size_t size = strlen(parameter->value);
    if (size > VALUE_BYTES_MAX && looks_nested(parameter->value)) {
        return error_set(
            error, STATUS_USAGE,
            "the parameter `%s` has %zu bytes; a list, a map or a quoted text may have "
            "%d",
            parameter->name, size, VALUE_BYTES_MAX);
    }
    char *query = memory_allocate(sizeof head + size, 1);
    struct error problem = {0};
    if (query == NULL) {
        return error_set_memory(error, "reading a parameter");
    }
    memcpy(query, head, sizeof head - 1);
    memcpy(query + sizeof head - 1, parameter->value, size);
    enum status status = evaluate_text(pool, graph, query, value, &problem);
    memory_free(query);
    if (status == STATUS_USAGE && !looks_nested(parameter->value)) {
        return pool_copy_text(pool, bytes_view(parameter->value, size), value, error);
    }
    return status == STATUS_OK ? status
                               : error_set(error, status, "the parameter `%s` is no value: %s",
                                           parameter->name, problem.text);
}

enum status parameters_open(struct parameters *parameters, const struct gyre_graph *graph,
                            const struct gyre_query_options *options, struct error *error)
{
    uint32_t given = options == NULL ? 0 : options->parameter_count;
    uint32_t count = 0;
    for (const struct view *view = graph->views; view != NULL; view = view->next) {
        count++;
    }
    *parameters = (struct parameters){.pool = {.budget = &graph->engine->budget}};
    struct value_entry *entries =
        pool_allocate(&parameters->pool, (size_t)count + given, sizeof *entries, error);
    if (entries == NULL) {
        return error == NULL ? STATUS_FAILED : error->status;
    }
    count = 0;
    for (const struct view *view = graph->views; view != NULL; view = view->next) {
        entries[count++] = (struct value_entry){view->name, view->rows};
    }
    for (uint32_t i = 0; i < given; i++) {
        const struct gyre_parameter *parameter = &options->parameters[i];
        struct value value;
        TRY(read_value(&parameters->pool, graph, parameter, &value, error));
        entries[count++] = (struct value_entry){bytes_of(parameter->name), value};
    }
    parameters->map = pool_map_of(entries, count);
    return STATUS_OK;
}

void parameters_close(struct parameters *parameters)
{
    pool_close(&parameters->pool);
}
