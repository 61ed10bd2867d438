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

struct term *compile_pattern_term(struct compiler *compiler, const struct ast_expression *ast)
{
    return ast->kind == AST_PATTERN ? compile_pattern_condition(compiler, ast)
                                    : compile_pattern_list(compiler, ast);
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
