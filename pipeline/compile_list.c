/* Terms that walk a list with a variable of their own: comprehensions, quantifiers, reduce; and
 * what IN looks for in a list. */
#include "pipeline/compile.h"
#include "value/members.h"

enum { MEMBERS_MIN = 8 }; /* fewer are compared one by one */

static bool compile_child(struct compiler *compiler, const struct ast_expression *ast,
                          struct term *term, uint32_t child)
{
    if (ast->children[child] == NULL) {
        return true;
    }
    term->children[child] = compile_term(compiler, ast->children[child]);
    return term->children[child] != NULL;
}

static bool check_list(struct compiler *compiler, const struct term *list)
{
    if (list->known == KIND_ANY || list->known == VALUE_LIST) {
        return true;
    }
    (void)source_error(compiler->source, list->place, "a list is wanted here, not %s",
                       value_kind_phrase((enum value_kind)list->known));
    return false;
}

/* A quantifier's condition, known to be no truth value. */
static bool check_condition(struct compiler *compiler, const struct ast_expression *ast,
                            const struct term *term)
{
    bool is_quantifier = ast->kind != AST_REDUCE && ast->kind != AST_COMPREHENSION;
    const struct term *condition = is_quantifier ? term->children[1] : NULL;
    if (condition == NULL || condition->known == KIND_ANY || condition->known == VALUE_BOOL) {
        return true;
    }
    (void)source_error(compiler->source, condition->place, "WHERE wants true or false, not %s",
                       value_kind_phrase((enum value_kind)condition->known));
    return false;
}

/* The kind of all items of a list, if it is known and they have one. */
static int item_kind(const struct term *list)
{
    if (list->kind != AST_NULL || list->literal.kind != VALUE_LIST || list->literal.count == 0) {
        return term_item_kind(list);
    }
    enum value_kind kind = list->literal.items[0].kind;
    for (uint32_t i = 1; i < list->literal.count; i++) {
        if (list->literal.items[i].kind != kind) {
            return KIND_ANY;
        }
    }
    return kind == VALUE_NULL ? KIND_ANY : (int)kind;
}

static int result_kind(enum ast_kind kind)
{
    return kind == AST_REDUCE ? KIND_ANY : kind == AST_COMPREHENSION ? VALUE_LIST : VALUE_BOOL;
}

/* What is compiled with the walking variable in scope. */
static bool compile_inside(struct compiler *compiler, const struct ast_expression *ast,
                           struct term *term)
{
    term->slot = compiler_new_slot(compiler);
    if (ast->kind == AST_REDUCE) {
        term->accumulator = compiler_new_slot(compiler);
        if (!scope_add(compiler, ast->accumulator.text, term->accumulator, KIND_ANY)) {
            return false;
        }
    }
    if (!scope_add(compiler, ast->name.text, term->slot, item_kind(term->children[0]))) {
        return false;
    }
    for (uint32_t i = ast->kind == AST_REDUCE ? 2 : 1; i < ast->child_count; i++) {
        if (!compile_child(compiler, ast, term, i)) {
            return false;
        }
    }
    return true;
}

struct term *compile_walk(struct compiler *compiler, const struct ast_expression *ast)
{
    struct term *term = new_term(compiler, ast);
    if (term == NULL) {
        return NULL;
    }
    term->known = result_kind(ast->kind);
    term->child_count = ast->child_count;
    term->children = compiler_allocate(compiler, ast->child_count, sizeof(*term->children));
    if (term->children == NULL || !compile_child(compiler, ast, term, 0) ||
        !check_list(compiler, term->children[0]) ||
        (ast->kind == AST_REDUCE && !compile_child(compiler, ast, term, 1))) {
        return NULL;
    }
    const char *outer = compiler->no_aggregates;
    compiler->no_aggregates = "what is done for each item of a list";
    uint32_t scope_count = compiler->scope.count;
    bool is_made = compile_inside(compiler, ast, term);
    compiler->scope.count = scope_count;
    compiler->no_aggregates = outer;
    return is_made && check_condition(compiler, ast, term) ? term : NULL;
}

bool compile_members(struct compiler *compiler, struct term *in)
{
    const struct term *list = in->children[1];
    if (list->kind != AST_NULL || list->literal.kind != VALUE_LIST ||
        list->literal.count < MEMBERS_MIN) {
        return true;
    }
    struct members *members = NULL;
    bool is_made = members_make(&members, list->literal, &compiler->compiled->constants,
                                compiler->source->error) == STATUS_OK;
    in->members = members;
    return is_made;
}
