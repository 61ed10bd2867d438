/* From syntax tree to terms: names become slots, parameters and constants become values, and kinds
 * that are known now are checked now. */
#include "pipeline/compile.h"

#include "base/check.h"
#include "query/suggest.h"

struct term *new_term(struct compiler *compiler, const struct ast_expression *ast)
{
    struct term *term = compiler_allocate(compiler, 1, sizeof *term);
    if (term != NULL) {
        *term = (struct term){.kind = ast->kind,
                              .known = KIND_ANY,
                              .place = ast->place,
                              .span = ast->span,
                              .name = ast->name.text};
    }
    return term;
}

struct term *new_variable(struct compiler *compiler, uint32_t slot, int known, uint32_t place)
{
    struct term *term = compiler_allocate(compiler, 1, sizeof *term);
    if (term != NULL) {
        *term = (struct term){.kind = AST_VARIABLE, .known = known, .place = place, .slot = slot};
    }
    return term;
}

static struct term *new_constant(struct compiler *compiler, const struct ast_expression *ast,
                                 struct value value)
{
    struct term *term = new_term(compiler, ast);
    if (term != NULL) {
        term->kind = AST_NULL;
        term->literal = value;
        term->known = value.kind == VALUE_NULL ? KIND_ANY : (int)value.kind;
    }
    return term;
}

static bool compile_children(struct compiler *compiler, const struct ast_expression *ast,
                             struct term *term)
{
    term->child_count = ast->child_count;
    term->children = compiler_allocate(compiler, ast->child_count, sizeof(*term->children));
    for (uint32_t i = 0; term->children != NULL && i < ast->child_count; i++) {
        if (ast->children[i] != NULL) {
            term->children[i] = compile_term(compiler, ast->children[i]);
            if (term->children[i] == NULL) {
                return false;
            }
        }
    }
    return term->children != NULL;
}

static bool is_constant(const struct term *term)
{
    return term == NULL || term->kind == AST_NULL;
}

/* What is small, and so soon done; anything else is left to the run, which has limits. */
enum { FOLDED_BYTES_MAX = 256 << 10, CONSTANTS_BYTES_MAX = 16 << 20 };

static bool evaluate_constant(struct compiler *compiler, const struct term *term,
                              struct value *value)
{
    struct compiled *compiled = compiler->compiled;
    struct error problem = {0};
    struct source source = *compiler->source;
    source.error = &problem;
    struct budget budget;
    budget_init(&budget, FOLDED_BYTES_MAX);
    struct stop stop;
    stop_init(&stop, 0);
    struct run run = {.pool = {.budget = &budget},
                      .entities = compiler->entities,
                      .source = &source,
                      .stop = &stop};
    run.call.pool = &run.pool;
    run.call.entities = compiler->entities;
    run.call.now = compiled->now;
    bool is_made = evaluate(&run, term, value) == STATUS_OK &&
                   compiled->constants.bytes < CONSTANTS_BYTES_MAX &&
                   pool_copy(&compiled->constants, *value, value, &problem) == STATUS_OK;
    pool_close(&run.pool);
    return is_made;
}

void fold_constant(struct compiler *compiler, struct term *term)
{
    for (uint32_t i = 0; i < term->child_count; i++) {
        if (!is_constant(term->children[i])) {
            return;
        }
    }
    struct value value;
    if (evaluate_constant(compiler, term, &value)) {
        term->kind = AST_NULL;
        term->literal = value;
        term->known = value.kind == VALUE_NULL ? KIND_ANY : (int)value.kind;
        term->child_count = 0;
    }
}

/* Beside an aggregate, a key is a variable, a property of one, or has an aggregate itself: of
 * a + b + count(*) nobody can tell whether a + b is meant to be the key of that name. */
static bool is_simple(const struct ast_expression *ast)
{
    while (ast->kind == AST_PROPERTY) {
        ast = ast->children[0];
    }
    return ast->kind == AST_VARIABLE || has_aggregate(ast);
}

/* Whether a name in an expression is that of a comprehension's variable here, and so means
 * something else than in an item that is spelt alike. */
static bool reads_inner(const struct compiler *compiler, const struct ast_expression *ast)
{
    const struct variable *variable =
        ast->kind == AST_VARIABLE ? scope_find(&compiler->scope, ast->name.text) : NULL;
    if (variable != NULL &&
        (uint32_t)(variable - compiler->scope.variables) >= compiler->projecting->first_inner) {
        return true;
    }
    for (uint32_t i = 0; i < ast->child_count; i++) {
        if (ast->children[i] != NULL && reads_inner(compiler, ast->children[i])) {
            return true;
        }
    }
    return false;
}

static const struct key *find_key(const struct compiler *compiler, const struct ast_expression *ast)
{
    const struct projecting *projecting = compiler->projecting;
    if (projecting == NULL || ast->kind == AST_NULL || (projecting->is_mixed && !is_simple(ast))) {
        return NULL;
    }
    for (uint32_t i = 0; i < projecting->key_count; i++) {
        if (ast_equal(projecting->keys[i].expression, ast)) {
            return reads_inner(compiler, ast) ? NULL : &projecting->keys[i];
        }
    }
    return NULL;
}

static struct term *compile_variable(struct compiler *compiler, const struct ast_expression *ast)
{
    const struct variable *variable = scope_find(&compiler->scope, ast->name.text);
    if (variable == NULL) {
        struct bytes names[64];
        uint32_t count = 0;
        for (; count < compiler->scope.count && count < 64; count++) {
            names[count] = compiler->scope.variables[count].name;
        }
        char advice[SUGGEST_TEXT_BYTES];
        suggest_variable(ast->name.text, compiler->source, ast->place, names, count, advice);
        return COMPILE_FAIL(compiler, ast->place, "there is no variable `%.*s` here%s",
                            source_shown(ast->name.text), ast->name.text.data, advice);
    }
    const struct projecting *projecting = compiler->projecting;
    uint32_t index = (uint32_t)(variable - compiler->scope.variables);
    if (projecting != NULL && projecting->is_grouped && index < projecting->first_local) {
        if (projecting->is_sorting) {
            return COMPILE_FAIL(compiler, ast->place,
                                "`%.*s` is gone here: rows were grouped or made distinct, and it "
                                "is not among their columns",
                                source_shown(ast->name.text), ast->name.text.data);
        }
        return COMPILE_FAIL(compiler, ast->place,
                            "`%.*s` is neither grouped by nor in an aggregate: make it an item of "
                            "its own before the aggregate uses it",
                            source_shown(ast->name.text), ast->name.text.data);
    }
    struct term *term = new_variable(compiler, variable->slot, variable->known, ast->place);
    if (term != NULL) {
        term->items = variable->items;
    }
    return term;
}

static struct term *compile_parameter(struct compiler *compiler, const struct ast_expression *ast)
{
    const struct value *value = value_map_find(compiler->parameters, ast->name.text);
    if (value == NULL) {
        return COMPILE_FAIL(compiler, ast->place,
                            "there is no parameter `%.*s`: --param %.*s=VALUE gives it, :param in "
                            "gyre shell",
                            source_shown(ast->name.text), ast->name.text.data,
                            source_shown(ast->name.text), ast->name.text.data);
    }
    return new_constant(compiler, ast, *value);
}

static bool may_have_properties(int known)
{
    return known != VALUE_BOOL && known != VALUE_INTEGER && known != VALUE_FLOAT &&
           known != VALUE_TEXT && known != VALUE_LIST && known != VALUE_PATH;
}

/* The handle of the property for one kind of entity. With a strict graph a name that nothing has is
 * a mistake if it is known that the base is such an entity; else a run will tell. */
static bool find_property(struct compiler *compiler, const struct term *term, int base,
                          enum value_kind kind, uint32_t *handle)
{
    struct error problem = {0};
    *handle = HANDLE_NONE;
    if (base != KIND_ANY && base != (int)kind) {
        return true;
    }
    const struct entities *entities = compiler->entities;
    if (entities->methods->find_property(entities, kind, term->name, handle, &problem) ==
            STATUS_OK ||
        base == KIND_ANY) {
        return true;
    }
    (void)source_error(compiler->source, term->place, "%s", problem.text);
    return false;
}

static struct term *compile_property(struct compiler *compiler, const struct ast_expression *ast)
{
    struct term *term = new_term(compiler, ast);
    if (term == NULL || !compile_children(compiler, ast, term)) {
        return NULL;
    }
    term->place = ast->name.span.begin;
    int base = term->children[0]->known;
    if (!may_have_properties(base)) {
        return COMPILE_FAIL(compiler, ast->place, "%s has no properties%s",
                            value_kind_phrase((enum value_kind)base),
                            base == VALUE_LIST ? ": ask its items, as in all(e IN es WHERE "
                                                 "e.Dport = 443) or es[0].Dport"
                                               : "");
    }
    if (!find_property(compiler, term, base, VALUE_VERTEX, &term->vertex_handle) ||
        !find_property(compiler, term, base, VALUE_EDGE, &term->edge_handle)) {
        return NULL;
    }
    if (base != VALUE_VERTEX && base != VALUE_EDGE) {
        fold_constant(compiler, term);
    } else if (compiler->entities->methods->kind != NULL) {
        enum value_kind kind = (enum value_kind)base;
        uint32_t handle = kind == VALUE_VERTEX ? term->vertex_handle : term->edge_handle;
        term->known = (int)compiler->entities->methods->kind(compiler->entities, kind, handle);
    }
    return term;
}

static struct term *compile_labels(struct compiler *compiler, const struct ast_expression *ast)
{
    struct term *term = new_term(compiler, ast);
    if (term == NULL || !compile_children(compiler, ast, term)) {
        return NULL;
    }
    uint32_t count = ast->labels->count;
    uint32_t *handles = compiler_allocate(compiler, 2 * (size_t)count, sizeof *handles);
    if (handles == NULL) {
        return NULL;
    }
    const struct entities *entities = compiler->entities;
    for (uint32_t i = 0; i < 2 * count; i++) {
        const struct ast_name *name = &ast->labels->names[i % count];
        enum value_kind kind = i < count ? VALUE_VERTEX : VALUE_EDGE;
        struct error problem = {0};
        handles[i] = HANDLE_NONE;
        if (entities->methods->find_label(entities, kind, name->text, &handles[i], &problem) !=
                STATUS_OK &&
            term->children[0]->known == (int)kind) {
            return COMPILE_FAIL(compiler, name->span.begin, "%s", problem.text);
        }
    }
    term->labels = handles;
    term->label_count = count;
    term->known = VALUE_BOOL;
    return term;
}

/* Logic wants truth values. */
static bool check_truth(struct compiler *compiler, const struct term *term, const char *what)
{
    if (term->known == KIND_ANY || term->known == VALUE_BOOL) {
        return true;
    }
    (void)source_error(compiler->source, term->place, "%s wants true or false, not %s", what,
                       value_kind_phrase((enum value_kind)term->known));
    return false;
}

static bool is_number_kind(int known)
{
    return known == VALUE_INTEGER || known == VALUE_FLOAT;
}

/* Texts, truth values and containers can be added, but nothing else can be done with them. */
static bool check_arithmetic(struct compiler *compiler, const struct term *term)
{
    for (uint32_t i = 0; term->kind != AST_ADD && i < term->child_count; i++) {
        int known = term->children[i]->known;
        if (known == VALUE_TEXT || known == VALUE_BOOL || known == VALUE_LIST ||
            known == VALUE_MAP) {
            (void)source_error(compiler->source, term->place, "one cannot calculate with %s",
                               value_kind_phrase((enum value_kind)known));
            return false;
        }
    }
    return true;
}

static int arithmetic_kind(const struct term *term)
{
    int left = term->children[0]->known;
    int right = term->child_count > 1 ? term->children[1]->known : left;
    if (term->kind == AST_POWER) {
        return VALUE_FLOAT;
    }
    if (!is_number_kind(left) || !is_number_kind(right)) {
        return KIND_ANY;
    }
    return left == VALUE_INTEGER && right == VALUE_INTEGER ? VALUE_INTEGER : VALUE_FLOAT;
}

static const char *logic_name(enum ast_kind kind)
{
    return kind == AST_AND ? "AND" : kind == AST_OR ? "OR" : kind == AST_XOR ? "XOR" : "NOT";
}

/* Vertices or flows, where all items of a list are known to be that; of other items only a run
 * tells what they are. */
static enum value_kind entity_kind(const struct term *list)
{
    int kind = list->child_count == 0 ? VALUE_NULL : list->children[0]->known;
    for (uint32_t i = 1; i < list->child_count; i++) {
        kind = list->children[i]->known == kind ? kind : VALUE_NULL;
    }
    return kind == VALUE_VERTEX || kind == VALUE_EDGE ? (enum value_kind)kind : VALUE_NULL;
}

/* What the operator makes, and whether it may take what is known of its operands. */
static bool check_operator(struct compiler *compiler, struct term *term)
{
    switch (term->kind) {
    case AST_AND:
    case AST_OR:
    case AST_XOR:
    case AST_NOT:
        for (uint32_t i = 0; i < term->child_count; i++) {
            if (!check_truth(compiler, term->children[i], logic_name(term->kind))) {
                return false;
            }
        }
        term->known = VALUE_BOOL;
        return true;
    case AST_ADD:
    case AST_SUBTRACT:
    case AST_MULTIPLY:
    case AST_DIVIDE:
    case AST_REMAINDER:
    case AST_POWER:
    case AST_NEGATE:
    case AST_PLUS:
        term->known = arithmetic_kind(term);
        return check_arithmetic(compiler, term);
    case AST_IN:
        term->known = VALUE_BOOL;
        if (term->children[1]->known == KIND_ANY || term->children[1]->known == VALUE_LIST) {
            return true;
        }
        (void)source_error(compiler->source, term->children[1]->place, "IN wants a list, not %s%s",
                           value_kind_phrase((enum value_kind)term->children[1]->known),
                           term->children[1]->known == VALUE_TEXT
                               ? ": write x IN ['a', 'b'], or of a network x IN CIDR '10.0.0.0/8'"
                               : "");
        return false;
    case AST_LIST:
        term->known = VALUE_LIST;
        term->items = entity_kind(term);
        return true;
    case AST_MAP:
        term->known = VALUE_MAP;
        return true;
    case AST_INDEX:
        term->known = term_item_kind(term->children[0]);
        return true;
    case AST_SLICE:
        term->items = term->children[0]->items;
        return true;
    case AST_CASE:
        return true;
    default:
        term->known = VALUE_BOOL;
        return true;
    }
}

static struct term *compile_operator(struct compiler *compiler, const struct ast_expression *ast)
{
    struct term *term = new_term(compiler, ast);
    if (term == NULL || !compile_children(compiler, ast, term)) {
        return NULL;
    }
    term->keys = ast->keys;
    if (!check_operator(compiler, term)) {
        return NULL;
    }
    bool is_equality =
        term->kind == AST_EQUAL || term->kind == AST_NOT_EQUAL || term->kind == AST_IN;
    if ((is_equality && !compile_addresses(compiler, term)) || !compile_kinds(compiler, term)) {
        return NULL;
    }
    fold_constant(compiler, term);
    return term->kind != AST_IN || compile_members(compiler, term) ? term : NULL;
}

static struct term *compile_kind(struct compiler *compiler, const struct ast_expression *ast)
{
    switch (ast->kind) {
    case AST_NULL:
        return new_constant(compiler, ast, value_null());
    case AST_BOOL:
        return new_constant(compiler, ast, value_bool(ast->integer != 0));
    case AST_INTEGER:
        return new_constant(compiler, ast, value_integer(ast->integer));
    case AST_FLOAT:
        return new_constant(compiler, ast, value_float(ast->real));
    case AST_TEXT:
        return new_constant(compiler, ast, value_text_of(ast->text));
    case AST_VARIABLE:
        return compile_variable(compiler, ast);
    case AST_PARAMETER:
        return compile_parameter(compiler, ast);
    case AST_PROPERTY:
        return compile_property(compiler, ast);
    case AST_LABELS:
        return compile_labels(compiler, ast);
    case AST_CALL:
        return compile_call(compiler, ast);
    case AST_COMPREHENSION:
    case AST_ALL:
    case AST_ANY:
    case AST_NONE:
    case AST_SINGLE:
    case AST_REDUCE:
        return compile_walk(compiler, ast);
    case AST_PATTERN:
    case AST_PATTERN_COMPREHENSION:
        return compile_pattern_term(compiler, ast);
    case AST_EXISTS:
    case AST_COUNT:
        return compile_subquery(compiler, ast);
    default:
        return compile_operator(compiler, ast);
    }
}

static struct term *compile_any(struct compiler *compiler, const struct ast_expression *ast)
{
    const struct key *key = find_key(compiler, ast);
    if (key != NULL) {
        return new_variable(compiler, key->slot, key->known, ast->place);
    }
    struct projecting *projecting = compiler->projecting;
    if (projecting == NULL || projecting->is_mixed || !has_aggregate(ast)) {
        return compile_kind(compiler, ast);
    }
    projecting->is_mixed = true;
    struct term *term = compile_kind(compiler, ast);
    projecting->is_mixed = false;
    return term;
}

struct term *compile_term(struct compiler *compiler, const struct ast_expression *ast)
{
    struct term *term = compile_any(compiler, ast);
    if (term != NULL) {
        term->span = ast->span;
    }
    return term;
}

struct term *compile_condition(struct compiler *compiler, const struct ast_expression *ast,
                               const char *what)
{
    struct term *term = compile_term(compiler, ast);
    return term == NULL || check_truth(compiler, term, what) ? term : NULL;
}
