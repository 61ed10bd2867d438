/* WITH and RETURN: items, grouping, DISTINCT, ORDER BY, SKIP, LIMIT, and the WHERE behind WITH.
 *
 * ORDER BY and WHERE see the projected names and, where rows are neither grouped nor made distinct,
 * the names before as well. */
#include "pipeline/compile.h"

#include "query/bound.h"

/* A projection in the making. */
struct casting {
    struct compiler *compiler;
    const struct ast_clause *clause;
    const struct ast_projection *ast;
    struct stage_item *items; /* one a column */
    struct variable *names;   /* of the columns */
    uint32_t count;
    struct projecting projecting;
    uint32_t scope_count; /* names before */
    bool is_grouped;
};

static bool add_column(struct casting *casting, struct bytes name, uint32_t place)
{
    for (uint32_t i = 0; i < casting->count; i++) {
        if (bytes_equal(casting->names[i].name, name)) {
            (void)source_error(casting->compiler->source, place,
                               "there are two columns `%.*s`: give one another name with AS",
                               source_shown(name), name.data);
            return false;
        }
    }
    uint32_t slot = compiler_new_slot(casting->compiler);
    casting->items[casting->count] = (struct stage_item){.slot = slot};
    casting->names[casting->count++] =
        (struct variable){.name = name, .slot = slot, .known = KIND_ANY};
    return true;
}

/* `*`: every name in scope, in the order of appearance. */
static bool add_star(struct casting *casting)
{
    struct compiler *compiler = casting->compiler;
    const struct scope *scope = &compiler->scope;
    bool is_return = casting->clause->kind == AST_RETURN;
    if (scope->count == 0 && is_return) {
        (void)source_error(compiler->source, casting->ast->star_place,
                           "there are no variables that * could stand for");
        return false;
    }
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct variable *variable = &scope->variables[i];
        if (scope_find(scope, variable->name) != variable) {
            continue;
        }
        if (!add_column(casting, variable->name, casting->ast->star_place)) {
            return false;
        }
        struct term *term =
            new_variable(compiler, variable->slot, variable->known, casting->ast->star_place);
        if (term == NULL) {
            return false;
        }
        casting->items[casting->count - 1].term = term;
        casting->names[casting->count - 1].known = variable->known;
        casting->names[casting->count - 1].items = variable->items;
    }
    return true;
}

static bool item_name(struct casting *casting, const struct ast_item *item, struct bytes *name)
{
    struct compiler *compiler = casting->compiler;
    *name = item->alias.text;
    if (name->data != NULL) {
        return true;
    }
    if (item->expression->kind == AST_VARIABLE) {
        *name = item->expression->name.text;
        return true;
    }
    if (casting->clause->kind == AST_WITH) {
        (void)source_error(compiler->source, item->span.begin,
                           "WITH wants a name for this: write AS and a name behind it");
        return false;
    }
    *name = source_text(compiler->source, item->span);
    return true;
}

static struct key *add_key(struct casting *casting, const struct ast_expression *expression,
                           const struct stage_item *item, int known)
{
    struct projecting *projecting = &casting->projecting;
    struct key *key = &projecting->keys[projecting->key_count++];
    *key = (struct key){expression, item->slot, known};
    return key;
}

/* Plain items first, since items with aggregates may use them. */
static bool add_items(struct casting *casting, bool with_aggregates)
{
    struct compiler *compiler = casting->compiler;
    uint32_t first = casting->count - casting->ast->item_count;
    for (uint32_t i = 0; i < casting->ast->item_count; i++) {
        const struct ast_expression *expression = casting->ast->items[i].expression;
        struct stage_item *item = &casting->items[first + i];
        if (has_aggregate(expression) != with_aggregates) {
            continue;
        }
        item->term = compile_term(compiler, expression);
        if (item->term == NULL) {
            return false;
        }
        casting->names[first + i].known = item->term->known;
        casting->names[first + i].items = item->term->items;
        if (!with_aggregates) {
            add_key(casting, expression, item, item->term->known);
        }
    }
    return true;
}

static bool add_columns(struct casting *casting)
{
    struct compiler *compiler = casting->compiler;
    const struct ast_projection *ast = casting->ast;
    if (ast->item_count > QUERY_OUTPUTS_MAX || ast->sort_count > QUERY_OUTPUTS_MAX) {
        (void)source_error(compiler->source, casting->clause->span.begin,
                           "at most %d columns, and as many ORDER BY, are allowed",
                           QUERY_OUTPUTS_MAX);
        return false;
    }
    uint32_t room = casting->ast->item_count + compiler->scope.count + 1;
    casting->items = compiler_allocate(compiler, room, sizeof *casting->items);
    casting->names = compiler_allocate(compiler, room, sizeof *casting->names);
    casting->projecting.keys =
        compiler_allocate(compiler, 2 * (size_t)room, sizeof *casting->projecting.keys);
    if (casting->items == NULL || casting->names == NULL || casting->projecting.keys == NULL ||
        (casting->ast->is_star && !add_star(casting))) {
        return false;
    }
    for (uint32_t i = 0; i < casting->ast->item_count; i++) {
        const struct ast_item *item = &casting->ast->items[i];
        struct bytes name;
        if (!item_name(casting, item, &name) || !add_column(casting, name, item->span.begin)) {
            return false;
        }
        casting->is_grouped = casting->is_grouped || has_aggregate(item->expression);
    }
    return true;
}

/* Of a star's columns: the variables, so that aggregates beside the star are grouped by them. */
static bool add_star_keys(struct casting *casting)
{
    uint32_t star_count = casting->count - casting->ast->item_count;
    for (uint32_t i = 0; i < star_count; i++) {
        struct ast_expression *variable = compiler_allocate(casting->compiler, 1, sizeof *variable);
        if (variable == NULL) {
            return false;
        }
        variable->kind = AST_VARIABLE;
        variable->name.text = casting->names[i].name;
        add_key(casting, variable, &casting->items[i], casting->names[i].known);
    }
    return true;
}

static bool compile_items(struct casting *casting)
{
    struct compiler *compiler = casting->compiler;
    const char *outer = compiler->no_aggregates;
    compiler->no_aggregates = NULL;
    casting->scope_count = compiler->scope.count;
    bool is_made = add_columns(casting) && add_items(casting, false);
    if (is_made && casting->is_grouped) {
        is_made = add_star_keys(casting);
    }
    casting->projecting.is_grouped = true;
    casting->projecting.first_local = compiler->scope.count;
    casting->projecting.first_inner = compiler->scope.count;
    compiler->projecting = &casting->projecting;
    is_made = is_made && add_items(casting, true);
    compiler->no_aggregates = outer;
    return is_made;
}

static bool is_key_item(const struct casting *casting, uint32_t column)
{
    for (uint32_t i = 0; i < casting->projecting.key_count; i++) {
        if (casting->projecting.keys[i].slot == casting->items[column].slot) {
            return true;
        }
    }
    return false;
}

/* ORDER BY may name aggregates too, so that the group stage is filled in after it was compiled. */
static bool add_group_stages(struct casting *casting, struct stage ***end, struct stage **group)
{
    struct compiler *compiler = casting->compiler;
    *group = new_stage(compiler, STAGE_GROUP, casting->clause->span.begin, end);
    struct stage *project =
        *group == NULL ? NULL
                       : new_stage(compiler, STAGE_PROJECT, casting->clause->span.begin, end);
    if (project == NULL) {
        return false;
    }
    (*group)->items = compiler_allocate(compiler, casting->count, sizeof *casting->items);
    project->items = compiler_allocate(compiler, casting->count, sizeof *casting->items);
    if ((*group)->items == NULL || project->items == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < casting->count; i++) {
        struct stage *stage = is_key_item(casting, i) ? *group : project;
        stage->items[stage->item_count++] = casting->items[i];
    }
    return true;
}

static bool set_slots(struct casting *casting, struct stage *stage, uint32_t extra)
{
    struct compiler *compiler = casting->compiler;
    stage->slots = compiler_allocate(compiler, casting->count + extra, sizeof *stage->slots);
    for (uint32_t i = 0; stage->slots != NULL && i < casting->count; i++) {
        stage->slots[stage->slot_count++] = casting->items[i].slot;
    }
    return stage->slots != NULL;
}

static bool add_names(struct casting *casting)
{
    struct scope *scope = &casting->compiler->scope;
    for (uint32_t i = 0; i < casting->count; i++) {
        const struct variable *name = &casting->names[i];
        if (!scope_add(casting->compiler, name->name, name->slot, name->known)) {
            return false;
        }
        scope->variables[scope->count - 1].items = name->items;
    }
    return true;
}

/* The names that ORDER BY and WHERE see. An item's own text means the item, unless one of the new
 * names hides the name that it is. */
static bool enter_result_scope(struct casting *casting)
{
    struct compiler *compiler = casting->compiler;
    struct projecting *projecting = &casting->projecting;
    projecting->is_grouped = casting->is_grouped || casting->ast->is_distinct;
    projecting->first_local = casting->scope_count;
    projecting->is_sorting = true;
    if (!casting->is_grouped && !add_star_keys(casting)) {
        return false;
    }
    if (!add_names(casting)) {
        return false;
    }
    projecting->first_inner = compiler->scope.count;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < projecting->key_count; i++) {
        const struct ast_expression *expression = projecting->keys[i].expression;
        const struct variable *variable = expression->kind == AST_VARIABLE
                                              ? scope_find(&compiler->scope, expression->name.text)
                                              : NULL;
        bool is_hidden = variable != NULL && (uint32_t)(variable - compiler->scope.variables) >=
                                                 projecting->first_local;
        if (!is_hidden) {
            projecting->keys[kept++] = projecting->keys[i];
        }
    }
    projecting->key_count = kept;
    return true;
}

/* Items with aggregates: ORDER BY may repeat them as they were written. */
static void add_aggregate_keys(struct casting *casting)
{
    uint32_t first = casting->count - casting->ast->item_count;
    for (uint32_t i = 0; i < casting->ast->item_count; i++) {
        const struct ast_expression *expression = casting->ast->items[i].expression;
        if (has_aggregate(expression)) {
            add_key(casting, expression, &casting->items[first + i],
                    casting->names[first + i].known);
        }
    }
}

static bool add_sort(struct casting *casting, struct stage ***end, struct stage **sort)
{
    struct compiler *compiler = casting->compiler;
    const struct ast_projection *ast = casting->ast;
    bool sees_before = casting->clause->where != NULL && !casting->projecting.is_grouped;
    if (ast->sort_count == 0) {
        return true;
    }
    *sort = new_stage(compiler, STAGE_SORT, ast->sorts[0].expression->place, end);
    if (*sort == NULL || !set_slots(casting, *sort, casting->scope_count)) {
        return false;
    }
    for (uint32_t i = 0; sees_before && i < casting->scope_count; i++) {
        (*sort)->slots[(*sort)->slot_count++] = compiler->scope.variables[i].slot;
    }
    (*sort)->items = compiler_allocate(compiler, ast->sort_count, sizeof *(*sort)->items);
    const char *outer = compiler->no_aggregates;
    compiler->no_aggregates = casting->is_grouped ? NULL : "this ORDER BY";
    for (uint32_t i = 0; (*sort)->items != NULL && i < ast->sort_count; i++) {
        struct term *term = compile_term(compiler, ast->sorts[i].expression);
        if (term == NULL) {
            return false;
        }
        (*sort)->items[(*sort)->item_count++] =
            (struct stage_item){.term = term, .is_descending = ast->sorts[i].is_descending};
    }
    compiler->no_aggregates = outer;
    return (*sort)->items != NULL;
}

/* SKIP and LIMIT know no variables. */
static bool add_count(struct casting *casting, enum stage_kind kind,
                      const struct ast_expression *ast, struct stage ***end, struct stage **made)
{
    struct compiler *compiler = casting->compiler;
    const char *name = kind == STAGE_SKIP ? "SKIP" : "LIMIT";
    if (ast == NULL) {
        return true;
    }
    *made = new_stage(compiler, kind, ast->place, end);
    struct scope scope = compiler->scope;
    struct projecting *projecting = compiler->projecting;
    compiler->scope = (struct scope){0};
    compiler->projecting = NULL;
    struct term *term = *made == NULL ? NULL : compile_term(compiler, ast);
    compiler->scope = scope;
    compiler->projecting = projecting;
    if (term == NULL) {
        return false;
    }
    (*made)->term = term;
    if (ast->kind == AST_PARAMETER) {
        return true; /* its value is looked at when the query runs */
    }
    if (term->known != KIND_ANY && term->known != VALUE_INTEGER) {
        (void)source_error(compiler->source, ast->place, "%s wants an integer, not %s", name,
                           value_kind_phrase((enum value_kind)term->known));
        return false;
    }
    if (term->kind == AST_NULL && term->known == VALUE_INTEGER && term->literal.integer < 0) {
        (void)source_error(compiler->source, ast->place, "%s wants no negative number", name);
        return false;
    }
    return true;
}

static bool add_where(struct casting *casting, struct stage ***end)
{
    struct compiler *compiler = casting->compiler;
    const struct ast_expression *where = casting->clause->where;
    if (where == NULL) {
        return true;
    }
    const char *outer = compiler->no_aggregates;
    compiler->no_aggregates = "WHERE";
    struct stage *filter = new_stage(compiler, STAGE_FILTER, where->place, end);
    if (filter != NULL) {
        filter->term = compile_condition(compiler, where, "WHERE");
    }
    compiler->no_aggregates = outer;
    return filter != NULL && filter->term != NULL;
}

static bool leave_scope(struct casting *casting)
{
    struct compiler *compiler = casting->compiler;
    compiler->scope = (struct scope){0};
    compiler->projecting = NULL;
    return add_names(casting);
}

static bool add_rows(struct casting *casting, struct stage ***end, struct stage **group)
{
    struct compiler *compiler = casting->compiler;
    if (casting->is_grouped) {
        return add_group_stages(casting, end, group);
    }
    struct stage *project = new_stage(compiler, STAGE_PROJECT, casting->clause->span.begin, end);
    if (project == NULL) {
        return false;
    }
    project->items = casting->items;
    project->item_count = casting->count;
    return true;
}

bool compile_projection(struct compiler *compiler, const struct ast_clause *clause,
                        struct stage ***end)
{
    struct casting casting = {.compiler = compiler, .clause = clause, .ast = clause->projection};
    struct stage *group = NULL;
    struct stage *sort = NULL;
    struct stage *skip = NULL;
    struct stage *limit = NULL;
    if (!compile_items(&casting) || !add_rows(&casting, end, &group)) {
        return false;
    }
    add_aggregate_keys(&casting);
    if (casting.ast->is_distinct) {
        struct stage *distinct = new_stage(compiler, STAGE_DISTINCT, clause->span.begin, end);
        if (distinct == NULL || !set_slots(&casting, distinct, 0)) {
            return false;
        }
    }
    if (!enter_result_scope(&casting) || !add_sort(&casting, end, &sort) ||
        !add_count(&casting, STAGE_SKIP, casting.ast->skip, end, &skip) ||
        !add_count(&casting, STAGE_LIMIT, casting.ast->limit, end, &limit) ||
        !add_where(&casting, end)) {
        return false;
    }
    if (sort != NULL) {
        sort->limit = limit;
        sort->skip = skip;
    }
    if (group != NULL) {
        group->folds = casting.projecting.folds;
        group->fold_count = casting.projecting.fold_count;
    }
    return leave_scope(&casting);
}
