/* Goes through a query's clauses in their order, with what their names stand for. */
#include "pipeline/rewrite.h"

#include "pipeline/rewriting.h"
#include "query/visit.h"

static bool rewrite_branches(struct rewriting *rewriting, struct ast_query *query);
static bool rewrite_subquery(struct rewriting *rewriting, struct ast_query *query);

/* A name that stands for the items of a list, one after another, and what is asked of them. */
static bool rewrite_inside(struct rewriting *rewriting, struct ast_expression *each,
                           bool is_conjunct);

/* The children of an expression come first, so that it is looked at as it will be. */
static bool rewrite_condition(struct rewriting *rewriting, struct ast_expression *condition,
                              bool is_conjunct)
{
    bool is_and = condition->kind == AST_AND;
    bool is_changed = false;
    if (!rewrite_list(rewriting, condition, &is_changed)) {
        return false;
    }
    if (is_changed) {
        return rewrite_condition(rewriting, condition, is_conjunct);
    }
    switch ((int)condition->kind) {
    case AST_COMPREHENSION:
    case AST_ALL:
    case AST_ANY:
    case AST_NONE:
    case AST_SINGLE:
    case AST_REDUCE:
        return rewrite_inside(rewriting, condition, is_conjunct);
    case AST_EXISTS:
    case AST_COUNT:
        return rewrite_subquery(rewriting, condition->query);
    case AST_PATTERN:
    case AST_PATTERN_COMPREHENSION:
        return true;
    case AST_IN:
        if (!rewrite_range(rewriting, condition)) {
            return false;
        }
        break;
    default:
        break;
    }
    for (uint32_t i = 0; i < condition->child_count; i++) {
        if (condition->children[i] != NULL &&
            !rewrite_condition(rewriting, condition->children[i], is_and && is_conjunct)) {
            return false;
        }
    }
    return rewrite_identity(rewriting, condition) &&
           rewrite_window(rewriting, condition, is_conjunct);
}

static bool rewrite_inside(struct rewriting *rewriting, struct ast_expression *each,
                           bool is_conjunct)
{
    uint32_t name_count = rewriting->name_count;
    uint32_t outside_count = each->kind == AST_REDUCE ? 2 : 1;
    const struct ast_expression *where = rewriting->where;
    bool is_flow = names_kind(rewriting, each->children[0]) == NAME_FLOWS;
    struct rewrite_name name = {.text = each->name.text, .kind = is_flow ? NAME_FLOW : NAME_OTHER};
    struct rewrite_name accumulator = {.text = each->accumulator.text, .kind = NAME_OTHER};
    bool is_made = true;
    for (uint32_t i = 0; is_made && i < each->child_count; i++) {
        if (i == outside_count) {
            is_made = names_add(rewriting, accumulator) && names_add(rewriting, name);
        }
        if (is_made && each->children[i] != NULL) {
            bool is_asked = i == 1 && each->kind == AST_ALL;
            rewriting->where = i == 1 ? each->children[1] : where;
            is_made = rewrite_condition(rewriting, each->children[i], is_asked && is_conjunct);
        }
    }
    rewriting->where = where;
    rewriting->name_count = name_count;
    return is_made;
}

static bool rewrite_match(struct rewriting *rewriting, struct ast_branch *branch, uint32_t index)
{
    struct ast_clause *clause = branch->clauses[index];
    uint32_t name_count = rewriting->name_count;
    if (!names_add_pattern(rewriting, clause->pattern) || !rewrite_with(rewriting, branch, index) ||
        !rewrite_grouped(rewriting, branch, index) || !rewrite_ring(rewriting, branch, index) ||
        !rewrite_hops(rewriting, clause) || !rewrite_walks(rewriting, branch, index)) {
        return false;
    }
    rewriting->where = clause->where;
    if ((clause->where != NULL && !rewrite_condition(rewriting, clause->where, true)) ||
        !rewrite_lists_back(rewriting, branch, index)) {
        return false;
    }
    rewrite_unread(rewriting, branch, index);
    /* A flow that is not there has no ends, though the vertices may be. */
    for (uint32_t i = name_count; clause->is_optional && i < rewriting->name_count; i++) {
        rewriting->names[i].path = NULL;
    }
    return true;
}

/* From WITH on there are its columns; a variable is still what it was. */
static bool rewrite_names(struct rewriting *rewriting, const struct ast_projection *projection)
{
    uint32_t count = rewriting->name_count;
    for (uint32_t i = 0; i < projection->item_count; i++) {
        const struct ast_item *item = &projection->items[i];
        bool is_variable = item->expression->kind == AST_VARIABLE;
        const struct rewrite_name *known =
            is_variable ? names_find(rewriting, item->expression->name.text) : NULL;
        struct rewrite_name name = {.kind = NAME_OTHER};
        if (known != NULL) {
            name.kind = known->kind;
        }
        name.text = item->alias.text.data != NULL ? item->alias.text
                    : is_variable                 ? item->expression->name.text
                                                  : name.text;
        if (!names_add(rewriting, name)) {
            return false;
        }
    }
    if (!projection->is_star) {
        rewriting->names += count;
        rewriting->name_count -= count;
        rewriting->name_capacity -= count;
    }
    return true;
}

static bool rewrite_clause(struct rewriting *rewriting, struct ast_branch *branch, uint32_t index)
{
    const struct ast_clause *clause = branch->clauses[index];
    switch (clause->kind) {
    case AST_MATCH:
        return rewrite_match(rewriting, branch, index);
    case AST_UNWIND:
        return names_add(rewriting,
                         (struct rewrite_name){.text = clause->alias.text, .kind = NAME_OTHER});
    case AST_WITH:
        return rewrite_names(rewriting, clause->projection);
    case AST_RETURN:
    case AST_CREATE:
        break;
    }
    return true;
}

static bool rewrite_subquery(struct rewriting *rewriting, struct ast_query *query)
{
    struct rewriting inside = *rewriting;
    inside.is_inside = true;
    return rewrite_branches(&inside, query);
}

static bool has_no_star(void *context, const struct ast_clause *clause)
{
    (void)context;
    return clause->projection == NULL || !clause->projection->is_star;
}

static bool has_star(struct ast_branch *branch)
{
    const struct ast_visitor visitor = {.clause = has_no_star};
    const struct ast_query query = {.branches = &branch, .count = 1};
    return !ast_visit(&visitor, &query);
}

/* Names of a branch are gone behind it; those from before it, as around a subquery, are seen. */
static bool rewrite_branches(struct rewriting *rewriting, struct ast_query *query)
{
    bool is_made = true;
    for (uint32_t i = 0; is_made && i < query->count; i++) {
        struct rewriting own = *rewriting;
        struct ast_branch *branch = query->branches[i];
        own.has_star = own.has_star || has_star(branch);
        own.name_capacity = own.name_count; /* what is added goes to a copy */
        is_made = rewrite_constants(&own, branch);
        for (uint32_t j = 0; is_made && j < branch->count; j++) {
            is_made = rewrite_clause(&own, branch, j);
        }
    }
    return is_made;
}

bool rewrite_query(const struct ast_builder *builder, struct ast_query *query,
                   const struct graph *graph)
{
    const struct edge_frame *edges = &graph->edges;
    const struct ast_visitor visitor = {.clause = has_no_star};
    struct rewriting rewriting = {.builder = builder,
                                  .graph = graph,
                                  .start_time =
                                      bytes_of(edges->schema.properties[edges->start_time].name),
                                  .has_star = !ast_visit(&visitor, query)};
    return rewrite_branches(&rewriting, query);
}
