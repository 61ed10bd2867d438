/* Patterns and queries inside expressions. */
#include "pipeline/compile.h"

static struct term *compile_pattern_condition(struct compiler *compiler,
                                              const struct ast_expression *ast)
{
    struct term *term = new_term(compiler, ast);
    if (term == NULL) {
        return NULL;
    }
    bool outer = compiler->binds_in_patterns;
    compiler->binds_in_patterns = false;
    term->known = VALUE_BOOL;
    term->pattern = compile_pattern(compiler, ast->pattern, NULL);
    compiler->binds_in_patterns = outer;
    return term->pattern == NULL ? NULL : term;
}

static struct term *compile_pattern_list(struct compiler *compiler,
                                         const struct ast_expression *ast)
{
    struct term *term = new_term(compiler, ast);
    if (term == NULL) {
        return NULL;
    }
    uint32_t scope_count = compiler->scope.count;
    bool outer = compiler->binds_in_patterns;
    compiler->binds_in_patterns = true;
    term->known = VALUE_LIST;
    term->pattern = compile_pattern(compiler, ast->pattern, ast->children[0]);
    compiler->binds_in_patterns = outer;
    term->child_count = 1;
    term->children = compiler_allocate(compiler, 1, sizeof(*term->children));
    if (term->pattern != NULL && term->children != NULL) {
        term->children[0] = compile_term(compiler, ast->children[1]);
    }
    compiler->scope.count = scope_count;
    bool is_made = term->pattern != NULL && term->children != NULL && term->children[0] != NULL;
    return is_made ? term : NULL;
}

/* What a shortest path goes between has to be known: its value binds nothing. */
static bool check_ends(struct compiler *compiler, const struct ast_path *path)
{
    const struct ast_name *flows = &path->relationships[0]->name;
    if (flows->text.data != NULL) {
        (void)source_error(compiler->source, flows->span.begin,
                           "the flows of a shortest path that is a value have no name: ask for its "
                           "relationships()");
        return false;
    }
    for (uint32_t i = 0; i < path->node_count; i++) {
        const struct ast_name *name = &path->nodes[i]->name;
        if (name->text.data == NULL || scope_find(&compiler->scope, name->text) == NULL) {
            (void)source_error(compiler->source, path->nodes[i]->span.begin,
                               "a shortest path that is a value wants both ends bound: write MATCH "
                               "p = shortestPath(...) to look for them");
            return false;
        }
    }
    return true;
}

/* shortestPath(...) and allShortestPaths(...) as values: head([p = shortestPath(...) | p]), and the
 * list itself. */
static struct term *compile_shortest(struct compiler *compiler, const struct ast_expression *ast)
{
    static const struct ast_name name = {.text = {" path", 5}};
    struct ast_expression *nodes = compiler_allocate(compiler, 4, sizeof *nodes);
    struct ast_expression **children = compiler_allocate(compiler, 4, sizeof(*children));
    struct ast_pattern *pattern = compiler_allocate(compiler, 1, sizeof *pattern);
    struct ast_path *path = compiler_allocate(compiler, 1, sizeof *path);
    struct ast_path **paths = compiler_allocate(compiler, 1, sizeof(*paths));
    if (nodes == NULL || children == NULL || pattern == NULL || path == NULL || paths == NULL ||
        !check_ends(compiler, ast->pattern->paths[0])) {
        return NULL;
    }
    *path = *ast->pattern->paths[0];
    path->name = name;
    paths[0] = path;
    *pattern = (struct ast_pattern){.paths = paths, .count = 1};
    for (uint32_t i = 0; i < 4; i++) {
        nodes[i] = (struct ast_expression){.span = ast->span, .place = ast->place, .depth = 1};
    }
    nodes[0].kind = AST_VARIABLE;
    nodes[0].name = name;
    nodes[1].kind = AST_PATTERN_COMPREHENSION;
    nodes[1].pattern = pattern;
    nodes[1].children = children;
    nodes[1].child_count = 2;
    children[1] = &nodes[0];
    nodes[2].kind = AST_INTEGER;
    nodes[3].kind = AST_INDEX;
    nodes[3].children = children + 2;
    nodes[3].child_count = 2;
    children[2] = &nodes[1];
    children[3] = &nodes[2];
    return compile_term(compiler, path->shortest == AST_SHORTEST ? &nodes[3] : &nodes[1]);
}

struct term *compile_pattern_term(struct compiler *compiler, const struct ast_expression *ast)
{
    if (ast->kind == AST_PATTERN_COMPREHENSION) {
        return compile_pattern_list(compiler, ast);
    }
    return ast->pattern->paths[0]->shortest == AST_ANY_LENGTH
               ? compile_pattern_condition(compiler, ast)
               : compile_shortest(compiler, ast);
}

/* Both sides of a UNION have to return the same columns, in the same order. */
static bool set_columns(struct compiler *compiler, const struct ast_query *query, uint32_t branch,
                        struct bytes **names, struct subquery *subquery)
{
    const struct ast_branch *ast = query->branches[branch];
    const struct scope *scope = &compiler->scope;
    if (ast->clauses[ast->count - 1]->kind != AST_RETURN) {
        (void)source_error(compiler->source, ast->clauses[ast->count - 1]->span.end,
                           "each side of UNION has to end with RETURN");
        return false;
    }
    if (branch == 0) {
        *names = compiler_allocate(compiler, scope->count, sizeof(**names));
        subquery->column_count = scope->count;
    }
    uint32_t *slots = compiler_allocate(compiler, scope->count, sizeof *slots);
    if (*names == NULL || slots == NULL) {
        return false;
    }
    bool is_same = scope->count == subquery->column_count;
    for (uint32_t i = 0; is_same && i < scope->count; i++) {
        if (branch == 0) {
            (*names)[i] = scope->variables[i].name;
        }
        is_same = bytes_equal((*names)[i], scope->variables[i].name);
        slots[i] = scope->variables[i].slot;
    }
    subquery->columns[branch] = slots;
    if (!is_same) {
        (void)source_error(compiler->source, ast->union_span.begin,
                           "both sides of UNION have to return columns of the same names");
    }
    return is_same;
}

static bool compile_branches(struct compiler *compiler, const struct ast_query *query,
                             struct subquery *subquery)
{
    struct scope outer = compiler->scope;
    struct bytes *names = NULL;
    subquery->branches = compiler_allocate(compiler, query->count, sizeof(struct stage *));
    subquery->columns = compiler_allocate(compiler, query->count, sizeof(uint32_t *));
    subquery->is_distinct = query->count > 1 && !query->branches[1]->is_all;
    bool is_made = subquery->branches != NULL && subquery->columns != NULL;
    for (uint32_t i = 0; is_made && i < query->count; i++) {
        is_made = scope_copy(compiler, &compiler->scope, &outer) &&
                  compile_branch(compiler, query->branches[i], false,
                                 &subquery->branches[subquery->branch_count++]) &&
                  (query->count == 1 || set_columns(compiler, query, i, &names, subquery));
    }
    compiler->scope = outer;
    return is_made;
}

struct term *compile_subquery(struct compiler *compiler, const struct ast_expression *ast)
{
    struct term *term = new_term(compiler, ast);
    if (term == NULL) {
        return NULL;
    }
    const char *no_aggregates = compiler->no_aggregates;
    struct projecting *projecting = compiler->projecting;
    bool binds = compiler->binds_in_patterns;
    compiler->no_aggregates = NULL;
    compiler->projecting = NULL;
    compiler->binds_in_patterns = true;
    term->known = ast->kind == AST_EXISTS ? VALUE_BOOL : VALUE_INTEGER;
    term->subquery = compiler_allocate(compiler, 1, sizeof *term->subquery);
    bool is_made = term->subquery != NULL && compile_branches(compiler, ast->query, term->subquery);
    compiler->no_aggregates = no_aggregates;
    compiler->projecting = projecting;
    compiler->binds_in_patterns = binds;
    return is_made ? term : NULL;
}
