/* Calls: aggregates, and functions with and without a graph. */
#include <stdio.h>

#include "pipeline/compile.h"
#include "pipeline/entity_functions.h"
#include "pipeline/path_functions.h"
#include "query/suggest.h"

enum { FUNCTION_TABLES = 3, FUNCTIONS_MAX = 400 };

static const struct function_table *const tables[FUNCTION_TABLES] = {
    &entity_functions, &temporal_functions, &value_functions};

/* Kinds that the first argument of some functions may have, where one can know before a run. */
struct argument_kinds {
    const char *name;
    uint32_t kinds; /* bits of value_kind */
};

enum {
    BIT_VERTEX = 1 << VALUE_VERTEX,
    BIT_EDGE = 1 << VALUE_EDGE,
    BIT_PATH = 1 << VALUE_PATH,
    BIT_MAP = 1 << VALUE_MAP,
    BIT_LIST = 1 << VALUE_LIST,
    BIT_TEXT = 1 << VALUE_TEXT,
};

static const struct argument_kinds arguments[] = {
    {"type", BIT_EDGE},
    {"labels", BIT_VERTEX},
    {"length", BIT_PATH},
    {"nodes", BIT_PATH},
    {"relationships", BIT_PATH},
    {"startNode", BIT_EDGE},
    {"endNode", BIT_EDGE},
    {"size", BIT_TEXT | BIT_LIST | BIT_MAP},
    {"properties", BIT_VERTEX | BIT_EDGE | BIT_MAP},
};

bool is_aggregate_call(const struct ast_expression *ast)
{
    uint32_t parameters = 0;
    return ast->kind == AST_CALL && fold_find(ast->name.text, &parameters) != NULL;
}

bool has_aggregate(const struct ast_expression *ast)
{
    if (is_aggregate_call(ast)) {
        return true;
    }
    for (uint32_t i = 0; i < ast->child_count; i++) {
        if (ast->children[i] != NULL && has_aggregate(ast->children[i])) {
            return true;
        }
    }
    return false;
}

static const struct function *find_function(struct compiler *compiler,
                                            const struct ast_expression *ast)
{
    struct bytes names[FUNCTIONS_MAX];
    uint32_t count = 0;
    for (; fold_at(count) != NULL; count++) {
        names[count] = bytes_of(fold_name(fold_at(count)));
    }
    for (uint32_t i = 0; i < FUNCTION_TABLES; i++) {
        const struct function *function = function_find(tables[i], ast->name.text);
        if (function != NULL) {
            return function;
        }
        for (uint32_t j = 0; j < tables[i]->count && count < FUNCTIONS_MAX; j++) {
            names[count++] = bytes_of(tables[i]->functions[j].name);
        }
    }
    char advice[SUGGEST_TEXT_BYTES];
    suggest_function(ast->name.text, names, count, advice);
    return COMPILE_FAIL(compiler, ast->place, "there is no function `%.*s`%s",
                        source_shown(ast->name.text), ast->name.text.data, advice);
}

static bool check_count(struct compiler *compiler, const struct ast_expression *ast,
                        const struct function *function)
{
    if (ast->is_star) {
        (void)source_error(compiler->source, ast->place, "%s(*) means nothing: only count(*) does",
                           function->name);
    } else if (ast->is_distinct) {
        (void)source_error(compiler->source, ast->place,
                           "%s is no aggregate: DISTINCT means nothing in it", function->name);
    } else if (ast->child_count < function->least || ast->child_count > function->most) {
        char range[32];
        snprintf(range, sizeof range, function->least == function->most ? "%u" : "%u to %u",
                 function->least, function->most);
        if (function->most == UINT32_MAX) {
            snprintf(range, sizeof range, "at least %u", function->least);
        }
        (void)source_error(compiler->source, ast->place, "%s wants %s argument%s, but has %u",
                           function->name, range, function->most == 1 ? "" : "s", ast->child_count);
    } else {
        return true;
    }
    return false;
}

static bool check_kind(struct compiler *compiler, const struct function *function,
                       const struct term *argument)
{
    if (argument->known == KIND_ANY) {
        return true;
    }
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        if (bytes_equal(bytes_of(arguments[i].name), bytes_of(function->name)) &&
            (arguments[i].kinds >> argument->known & 1) == 0) {
            (void)source_error(compiler->source, argument->place, "%s does not take %s",
                               function->name, value_kind_phrase((enum value_kind)argument->known));
            return false;
        }
    }
    return true;
}

/* What is known of the items of a list that a function makes, or takes apart. */
static void set_items(struct term *term)
{
    function_call *call = term->function->call;
    if (call == call_relationships || call == call_nodes) {
        term->known = VALUE_LIST;
        term->items = call == call_nodes ? VALUE_VERTEX : VALUE_EDGE;
    }
    struct bytes name = bytes_of(term->function->name);
    bool takes_one = bytes_equal(name, bytes_of("head")) || bytes_equal(name, bytes_of("last"));
    if (takes_one) {
        term->known = term_item_kind(term->children[0]);
    }
}

static struct term *compile_function(struct compiler *compiler, const struct ast_expression *ast)
{
    const struct function *function = find_function(compiler, ast);
    struct term *term = function == NULL ? NULL : new_term(compiler, ast);
    if (term == NULL || !check_count(compiler, ast, function)) {
        return NULL;
    }
    term->function = function;
    compiler->compiled->calls_random |= bytes_equal(bytes_of(function->name), bytes_of("rand"));
    term->child_count = ast->child_count;
    term->children = compiler_allocate(compiler, ast->child_count, sizeof(*term->children));
    if (term->children == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < ast->child_count; i++) {
        term->children[i] = compile_term(compiler, ast->children[i]);
        if (term->children[i] == NULL) {
            return NULL;
        }
    }
    if (ast->child_count > 0 && !check_kind(compiler, function, term->children[0])) {
        return NULL;
    }
    set_items(term);
    if (function->is_constant && ast->child_count > 0 &&
        !bytes_equal(bytes_of(function->name), bytes_of("range"))) {
        fold_constant(compiler, term);
    }
    return term;
}

/* exists(a.b): whether there is such a property; exists((a)-->()): whether there is a match. */
static struct term *compile_exists(struct compiler *compiler, const struct ast_expression *ast)
{
    const struct ast_expression *argument = ast->child_count == 1 ? ast->children[0] : NULL;
    if (argument != NULL && argument->kind == AST_PATTERN) {
        return compile_term(compiler, argument);
    }
    if (argument == NULL || (argument->kind != AST_PROPERTY && argument->kind != AST_INDEX)) {
        return COMPILE_FAIL(compiler, ast->place,
                            "exists wants a property or a pattern: exists(a.name), "
                            "exists((a)-->())");
    }
    struct term *term = new_term(compiler, ast);
    if (term == NULL) {
        return NULL;
    }
    term->kind = AST_IS_NOT_NULL;
    term->known = VALUE_BOOL;
    term->child_count = 1;
    term->children = compiler_allocate(compiler, 1, sizeof(*term->children));
    if (term->children == NULL) {
        return NULL;
    }
    term->children[0] = compile_term(compiler, argument);
    return term->children[0] == NULL ? NULL : term;
}

static bool calls_random(const struct ast_expression *ast)
{
    if (ast->kind == AST_CALL && bytes_equal_ignoring_case(ast->name.text, bytes_of("rand"))) {
        return true;
    }
    for (uint32_t i = 0; i < ast->child_count; i++) {
        if (ast->children[i] != NULL && calls_random(ast->children[i])) {
            return true;
        }
    }
    return false;
}

/* What an aggregate is computed from is compiled in the scope of the rows that are grouped; they
 * are gone when those that ORDER BY sorts are there. */
static bool compile_fold(struct compiler *compiler, const struct ast_expression *ast,
                         struct stage_fold *fold)
{
    struct projecting *projecting = compiler->projecting;
    struct scope scope = compiler->scope;
    const char *outer = compiler->no_aggregates;
    if (calls_random(ast)) {
        (void)source_error(compiler->source, ast->place,
                           "an aggregate over rand() would differ from run to run");
        return false;
    }
    compiler->projecting = NULL;
    if (projecting->is_sorting) {
        compiler->scope = (struct scope){0};
    }
    compiler->no_aggregates = "another aggregate";
    bool is_made = true;
    if (ast->child_count > 0) {
        fold->argument = compile_term(compiler, ast->children[0]);
        is_made = fold->argument != NULL;
    }
    if (is_made && ast->child_count > 1) {
        fold->parameter = compile_term(compiler, ast->children[1]);
        is_made = fold->parameter != NULL;
    }
    compiler->projecting = projecting;
    compiler->no_aggregates = outer;
    if (projecting->is_sorting) {
        compiler->scope = scope;
    }
    return is_made;
}

/* Vertices and flows have no least one: they have ids, which say how the graph was divided. */
static bool check_extreme(struct compiler *compiler, const char *name,
                          const struct stage_fold *fold)
{
    bool is_extreme = strcmp(name, "min") == 0 || strcmp(name, "max") == 0;
    int known = is_extreme && fold->argument != NULL ? fold->argument->known : KIND_ANY;
    if (!compiler->entities->is_strict || (known != VALUE_VERTEX && known != VALUE_EDGE)) {
        return true;
    }
    (void)source_error(compiler->source, fold->argument->place, "%s does not take %s", name,
                       value_kind_phrase((enum value_kind)known));
    return false;
}

static struct term *compile_aggregate(struct compiler *compiler, const struct ast_expression *ast)
{
    uint32_t parameters = 0;
    const struct fold_kind *kind = fold_find(ast->name.text, &parameters);
    const char *name = fold_name(kind);
    if (compiler->no_aggregates != NULL || compiler->projecting == NULL ||
        !compiler->projecting->is_grouped) {
        return COMPILE_FAIL(
            compiler, ast->place, "%s is an aggregate: it may not stand in %s", name,
            compiler->no_aggregates != NULL ? compiler->no_aggregates : "this place");
    }
    bool is_count = bytes_equal(bytes_of(name), bytes_of("count"));
    if (ast->is_star ? !is_count : ast->child_count != 1 + parameters) {
        return COMPILE_FAIL(compiler, ast->place, "%s wants %u argument%s, but has %u", name,
                            1 + parameters, parameters == 0 ? "" : "s", ast->child_count);
    }
    struct projecting *projecting = compiler->projecting;
    struct stage_fold *folds = compiler_grow(compiler, projecting->folds, projecting->fold_count,
                                             &projecting->fold_capacity, sizeof *folds);
    struct stage_fold fold = {
        .kind = kind, .is_distinct = ast->is_distinct, .place = ast->place, .span = ast->span};
    if (folds == NULL || !compile_fold(compiler, ast, &fold) ||
        !check_extreme(compiler, name, &fold)) {
        return NULL;
    }
    fold.slot = compiler_new_slot(compiler);
    projecting->folds = folds;
    folds[projecting->fold_count++] = fold;
    return new_variable(compiler, fold.slot, is_count ? VALUE_INTEGER : KIND_ANY, ast->place);
}

struct term *compile_call(struct compiler *compiler, const struct ast_expression *ast)
{
    if (is_aggregate_call(ast)) {
        return compile_aggregate(compiler, ast);
    }
    if (bytes_equal_ignoring_case(ast->name.text, bytes_of("exists"))) {
        return compile_exists(compiler, ast);
    }
    return compile_function(compiler, ast);
}
