/* Constants that a query gives names before its first MATCH, as in WITH duration('PT60S') AS w
 * MATCH ...: each takes the place of its name, so that the matcher, which takes what a query begins
 * with, has windows and filters of it. Where later clauses read a name, a WITH behind the MATCH
 * clauses gives it again. */
#include "pipeline/rewriting.h"
#include "query/bound.h"
#include "query/visit.h"

enum { CONSTANT_DEPTH_MAX = 4 };

/* What does not depend on a row, and whose value is the same whenever it is asked for. */
static bool is_constant(const struct ast_expression *expression)
{
    bool is_known = expression->depth <= CONSTANT_DEPTH_MAX;
    switch ((int)expression->kind) {
    case AST_NULL:
    case AST_BOOL:
    case AST_INTEGER:
    case AST_FLOAT:
    case AST_TEXT:
    case AST_LIST:
    case AST_MAP:
    case AST_NEGATE:
        break;
    default:
        is_known = is_known &&
                   (is_call_of(expression, "duration", 1) || is_call_of(expression, "datetime", 1));
        break;
    }
    for (uint32_t i = 0; is_known && i < expression->child_count; i++) {
        is_known = is_constant(expression->children[i]);
    }
    return is_known;
}

static bool names_constants(const struct ast_projection *projection)
{
    bool names = !projection->is_distinct && !projection->is_star && projection->sort_count == 0 &&
                 projection->skip == NULL && projection->limit == NULL;
    for (uint32_t i = 0; names && i < projection->item_count; i++) {
        const struct ast_item *item = &projection->items[i];
        names = item->alias.text.data != NULL && is_constant(item->expression);
        for (uint32_t j = 0; names && j < i; j++) {
            names = !bytes_equal(item->alias.text, projection->items[j].alias.text);
        }
    }
    return names;
}

/* Names of constants in the MATCH clauses behind them. */
struct naming {
    struct rewriting *rewriting;
    const struct ast_projection *constants;
    bool is_failed;
};

static const struct ast_item *find(const struct naming *naming, struct bytes name)
{
    for (uint32_t i = 0; i < naming->constants->item_count; i++) {
        if (bytes_equal(naming->constants->items[i].alias.text, name)) {
            return &naming->constants->items[i];
        }
    }
    return NULL;
}

/* A WITH in a subquery ends what is known there. */
static bool goes_on_in_clause(void *context, const struct ast_clause *clause)
{
    const struct naming *naming = context;
    return clause->kind != AST_WITH && find(naming, clause->alias.text) == NULL;
}

static bool leaves_names_in_path(void *context, const struct ast_path *path)
{
    const struct naming *naming = context;
    bool leaves = find(naming, path->name.text) == NULL;
    for (uint32_t i = 0; leaves && i < path->node_count; i++) {
        leaves = find(naming, path->nodes[i]->name.text) == NULL;
    }
    for (uint32_t i = 0; leaves && i < path->relationship_count; i++) {
        leaves = find(naming, path->relationships[i]->name.text) == NULL;
    }
    return leaves;
}

/* What has a name that is neither a variable nor that of a property or function binds it anew. */
static bool leaves_names_in_expression(void *context, const struct ast_expression *expression)
{
    const struct naming *naming = context;
    bool is_walk = expression->kind >= AST_COMPREHENSION && expression->kind <= AST_REDUCE;
    return expression->depth + CONSTANT_DEPTH_MAX < QUERY_DEPTH_MAX &&
           (!is_walk || (find(naming, expression->name.text) == NULL &&
                         find(naming, expression->accumulator.text) == NULL));
}

/* The visitor's trees are constant for those who only look. */
static bool put_constant(void *context, const struct ast_expression *visited)
{
    struct naming *naming = context;
    struct ast_expression *expression = (struct ast_expression *)(uintptr_t)visited;
    const struct ast_item *item =
        expression->kind == AST_VARIABLE ? find(naming, expression->name.text) : NULL;
    if (item == NULL) {
        return true;
    }
    const struct bytes none = {0};
    const struct ast_expression *copy =
        ast_renamed(naming->rewriting->builder, item->expression, none, none);
    naming->is_failed = copy == NULL;
    if (copy != NULL) {
        struct source_span span = expression->span;
        uint32_t place = expression->place;
        *expression = *copy;
        expression->span = span;
        expression->place = place;
    }
    return copy != NULL;
}

static bool is_read(const struct ast_branch *branch, uint32_t first, uint32_t end,
                    struct bytes name)
{
    struct ast_branch part = {.clauses = branch->clauses, .count = end};
    struct name_uses uses = names_uses(&part, first, name);
    return uses.is_read || uses.pattern_count > 0;
}

/* The WITH behind the MATCH clauses, which end at `end`, if it is needed: for names that are read
 * there, and for those that nobody reads where something may be wrong with them. */
static bool name_again(struct rewriting *rewriting, struct ast_branch *branch, uint32_t end,
                       const struct ast_projection *constants)
{
    const struct ast_builder *builder = rewriting->builder;
    struct rewriting scope = *rewriting;
    struct ast_projection *projection = NULL;
    bool is_made = true;
    for (uint32_t i = 0; is_made && i < constants->item_count; i++) {
        const struct ast_item *constant = &constants->items[i];
        struct bytes name = constant->alias.text;
        bool may_fail = constant->expression->depth > 1;
        if (is_read(branch, end, branch->count, name) ||
            (may_fail && !is_read(branch, 1, end, name))) {
            projection = ast_add_output(builder, projection, *constant);
            is_made = projection != NULL;
        }
    }
    if (!is_made || projection == NULL) {
        return is_made;
    }
    for (uint32_t i = 1; is_made && i < end; i++) {
        is_made = names_add_pattern(&scope, branch->clauses[i]->pattern);
    }
    for (uint32_t i = 0; is_made && i < scope.name_count; i++) {
        struct ast_name name = {scope.names[i].text, {0}};
        if (is_read(branch, end, branch->count, name.text)) {
            struct ast_expression *variable = ast_named(builder, AST_VARIABLE, name);
            struct ast_item item = {variable, name.span, name};
            is_made = variable != NULL &&
                      (projection = ast_add_output(builder, projection, item)) != NULL;
        }
    }
    return is_made && rewriting_add_with(rewriting, branch, end - 1, projection);
}

bool rewrite_constants(struct rewriting *rewriting, struct ast_branch *branch)
{
    const struct ast_clause *with = branch->clauses[0];
    uint32_t end = 1;
    while (end < branch->count && branch->clauses[end]->kind == AST_MATCH) {
        end++;
    }
    if (end == 1 || with->kind != AST_WITH || with->where != NULL || rewriting->is_inside ||
        rewriting->has_star || !names_constants(with->projection)) {
        return true;
    }
    struct naming naming = {rewriting, with->projection, false};
    struct ast_branch part = {.clauses = branch->clauses + 1, .count = end - 1};
    struct ast_branch *branches[] = {&part};
    const struct ast_query query = {.branches = branches, .count = 1};
    const struct ast_visitor looking = {.clause = goes_on_in_clause,
                                        .path = leaves_names_in_path,
                                        .expression = leaves_names_in_expression,
                                        .context = &naming};
    const struct ast_visitor putting = {.expression = put_constant, .context = &naming};
    if (!ast_visit(&looking, &query)) {
        return true;
    }
    if (!name_again(rewriting, branch, end, with->projection)) {
        return false;
    }
    (void)ast_visit(&putting, &query);
    branch->count--;
    for (uint32_t i = 0; i < branch->count; i++) {
        branch->clauses[i] = branch->clauses[i + 1];
    }
    return !naming.is_failed;
}
