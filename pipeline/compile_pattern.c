/* Patterns: names become elements and slots, maps and conditions become what has to hold. */
#include "pipeline/compile.h"

/* A pattern in the making. */
struct drawing {
    struct compiler *compiler;
    struct pattern *pattern;
    uint32_t scope_count; /* names from here on are this pattern's own */
    uint32_t condition_capacity;
};

static bool fail_kind(const struct drawing *drawing, const struct ast_name *name, const char *what,
                      int known)
{
    (void)source_error(drawing->compiler->source, name->span.begin, "`%.*s` is %s, not %s",
                       source_shown(name->text), name->text.data,
                       value_kind_phrase((enum value_kind)known), what);
    return false;
}

static bool add_condition(struct drawing *drawing, struct term *term)
{
    struct pattern *pattern = drawing->pattern;
    struct pattern_condition *conditions =
        term == NULL
            ? NULL
            : compiler_grow(drawing->compiler, pattern->conditions, pattern->condition_count,
                            &drawing->condition_capacity, sizeof *conditions);
    if (conditions == NULL) {
        return false;
    }
    pattern->conditions = conditions;
    conditions[pattern->condition_count++] = (struct pattern_condition){.term = term};
    return true;
}

/* Handles of labels or types. */
static const uint32_t *find_labels(const struct drawing *drawing, enum value_kind kind,
                                   const struct ast_names *names)
{
    const struct entities *entities = drawing->compiler->entities;
    uint32_t *handles = compiler_allocate(drawing->compiler, names->count, sizeof *handles);
    for (uint32_t i = 0; handles != NULL && i < names->count; i++) {
        struct error problem = {0};
        handles[i] = HANDLE_NONE;
        if (entities->methods->find_label(entities, kind, names->names[i].text, &handles[i],
                                          &problem) != STATUS_OK) {
            (void)source_error(drawing->compiler->source, names->names[i].span.begin, "%s",
                               problem.text);
            return NULL;
        }
    }
    return handles;
}

static struct term *property_term(const struct drawing *drawing, uint32_t slot,
                                  enum value_kind kind, const struct ast_name *name)
{
    struct compiler *compiler = drawing->compiler;
    const struct entities *entities = compiler->entities;
    struct term *term = compiler_allocate(compiler, 1, sizeof *term);
    struct term **children = compiler_allocate(compiler, 1, sizeof(*children));
    if (term == NULL || children == NULL) {
        return NULL;
    }
    *term = (struct term){.kind = AST_PROPERTY,
                          .known = KIND_ANY,
                          .place = name->span.begin,
                          .name = name->text,
                          .child_count = 1,
                          .children = children,
                          .vertex_handle = HANDLE_NONE,
                          .edge_handle = HANDLE_NONE};
    children[0] = new_variable(compiler, slot, (int)kind, name->span.begin);
    struct error problem = {0};
    uint32_t *handle = kind == VALUE_VERTEX ? &term->vertex_handle : &term->edge_handle;
    if (entities->methods->find_property(entities, kind, name->text, handle, &problem) !=
        STATUS_OK) {
        return COMPILE_FAIL(compiler, name->span.begin, "%s", problem.text);
    }
    if (entities->methods->kind != NULL) {
        term->known = (int)entities->methods->kind(entities, kind, *handle);
    }
    return children[0] == NULL ? NULL : term;
}

/* {name: value} of an element that has one value a row: element.name = value. */
static bool add_equalities(struct drawing *drawing, uint32_t slot, enum value_kind kind,
                           const struct ast_expression *map)
{
    struct compiler *compiler = drawing->compiler;
    for (uint32_t i = 0; i < map->child_count; i++) {
        struct term *equal = new_term(compiler, map->children[i]);
        struct term **children = compiler_allocate(compiler, 2, sizeof(*children));
        if (equal == NULL || children == NULL) {
            return false;
        }
        equal->kind = AST_EQUAL;
        equal->span.begin = map->keys[i].span.begin;
        equal->known = VALUE_BOOL;
        equal->child_count = 2;
        equal->children = children;
        children[0] = property_term(drawing, slot, kind, &map->keys[i]);
        children[1] = children[0] == NULL ? NULL : compile_term(compiler, map->children[i]);
        if (children[1] == NULL || !compile_addresses(compiler, equal) ||
            !compile_kinds(compiler, equal) || !add_condition(drawing, equal)) {
            return false;
        }
    }
    return true;
}

/* The same for every edge of a variable one, or a map that is known when the query runs. */
static bool set_properties(struct drawing *drawing, struct pattern_properties *properties,
                           enum value_kind kind, const struct ast_expression *map)
{
    struct compiler *compiler = drawing->compiler;
    if (map->kind != AST_MAP) {
        properties->map = compile_term(compiler, map);
        return properties->map != NULL;
    }
    uint32_t *handles = compiler_allocate(compiler, map->child_count, sizeof *handles);
    properties->values = compiler_allocate(compiler, map->child_count, sizeof(struct term *));
    if (handles == NULL || properties->values == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < map->child_count; i++) {
        const struct term *property = property_term(drawing, 0, kind, &map->keys[i]);
        if (property == NULL) {
            return false;
        }
        handles[i] = kind == VALUE_VERTEX ? property->vertex_handle : property->edge_handle;
        properties->values[i] = compile_term(compiler, map->children[i]);
        if (properties->values[i] == NULL) {
            return false;
        }
        properties->values[i]->span.begin = map->keys[i].span.begin;
    }
    properties->handles = handles;
    properties->count = map->child_count;
    return true;
}

static bool add_properties(struct drawing *drawing, struct pattern_properties *properties,
                           uint32_t slot, enum value_kind kind, bool is_variable,
                           const struct ast_expression *map)
{
    if (map == NULL) {
        return true;
    }
    if (map->kind == AST_PARAMETER && !drawing->compiler->binds_in_patterns) {
        /* may be: a condition's pattern is no MATCH */
    } else if (map->kind == AST_PARAMETER) {
        (void)source_error(drawing->compiler->source, map->place,
                           "a parameter cannot stand for the properties of a pattern: write "
                           "{name: $parameter.name}");
        return false;
    }
    return is_variable || map->kind != AST_MAP ? set_properties(drawing, properties, kind, map)
                                               : add_equalities(drawing, slot, kind, map);
}

/* What a name in a pattern stands for: an earlier clause's variable, one of this pattern, or a new
 * one. */
static bool declare(struct drawing *drawing, const struct ast_name *name, int known, uint32_t *slot,
                    bool *is_bound)
{
    struct compiler *compiler = drawing->compiler;
    const struct variable *variable =
        name->text.data == NULL ? NULL : scope_find(&compiler->scope, name->text);
    *is_bound = false;
    if (variable != NULL) {
        *slot = variable->slot;
        *is_bound = (uint32_t)(variable - compiler->scope.variables) < drawing->scope_count;
        return true;
    }
    if (name->text.data != NULL && !compiler->binds_in_patterns) {
        (void)source_error(compiler->source, name->span.begin,
                           "there is no variable `%.*s` here: a pattern that is a condition "
                           "cannot bind one",
                           source_shown(name->text), name->text.data);
        return false;
    }
    *slot = compiler_new_slot(compiler);
    if (name->text.data == NULL) {
        return true;
    }
    if (!scope_add(compiler, name->text, *slot, known)) {
        return false;
    }
    if (known == VALUE_LIST) {
        compiler->scope.variables[compiler->scope.count - 1].items = VALUE_EDGE;
    }
    return true;
}

static uint32_t find_vertex(const struct pattern *pattern, uint32_t slot)
{
    uint32_t i = 0;
    while (i < pattern->vertex_count && pattern->vertices[i].slot != slot) {
        i++;
    }
    return i;
}

/* The pattern vertex of a node; the same for the same name. */
static bool draw_vertex(struct drawing *drawing, const struct ast_node *node, uint32_t *vertex)
{
    struct compiler *compiler = drawing->compiler;
    struct pattern *pattern = drawing->pattern;
    const struct variable *variable =
        node->name.text.data == NULL ? NULL : scope_find(&compiler->scope, node->name.text);
    if (variable != NULL && variable->known != KIND_ANY && variable->known != VALUE_VERTEX) {
        return fail_kind(drawing, &node->name, "a node", variable->known);
    }
    uint32_t slot = 0;
    bool is_bound = false;
    if (!declare(drawing, &node->name, VALUE_VERTEX, &slot, &is_bound)) {
        return false;
    }
    *vertex = find_vertex(pattern, slot);
    if (*vertex == pattern->vertex_count) {
        if (pattern->vertex_count == PATTERN_ELEMENTS_MAX) {
            (void)source_error(compiler->source, node->span.begin, "a pattern has %d nodes at most",
                               PATTERN_ELEMENTS_MAX);
            return false;
        }
        pattern->vertices[pattern->vertex_count++] =
            (struct pattern_vertex){.slot = slot, .is_bound = is_bound};
    }
    return true;
}

static bool finish_vertex(struct drawing *drawing, const struct ast_node *node, uint32_t vertex)
{
    struct compiler *compiler = drawing->compiler;
    struct pattern_vertex *drawn = &drawing->pattern->vertices[vertex];
    if (node->labels != NULL && drawn->labels != NULL) {
        struct ast_expression labels = {
            .kind = AST_LABELS, .place = node->span.begin, .labels = node->labels};
        struct ast_expression variable = {
            .kind = AST_VARIABLE, .place = node->span.begin, .name = node->name};
        struct ast_expression *child = &variable;
        labels.children = &child;
        labels.child_count = 1;
        if (!add_condition(drawing, compile_term(compiler, &labels))) {
            return false;
        }
    } else if (node->labels != NULL) {
        drawn->labels = find_labels(drawing, VALUE_VERTEX, node->labels);
        drawn->label_count = node->labels->count;
        if (drawn->labels == NULL) {
            return false;
        }
    }
    return add_properties(drawing, &drawn->properties, drawn->slot, VALUE_VERTEX, false,
                          node->properties);
}

static bool check_edge_name(struct drawing *drawing, const struct ast_relationship *relationship)
{
    const struct ast_name *name = &relationship->name;
    const struct variable *variable =
        name->text.data == NULL ? NULL : scope_find(&drawing->compiler->scope, name->text);
    if (variable == NULL) {
        return true;
    }
    int wanted = relationship->range != NULL ? VALUE_LIST : VALUE_EDGE;
    if (variable->known != KIND_ANY && variable->known != wanted) {
        return fail_kind(drawing, name,
                         relationship->range != NULL ? "a list of relationships" : "a relationship",
                         variable->known);
    }
    if ((uint32_t)(variable - drawing->compiler->scope.variables) >= drawing->scope_count) {
        (void)source_error(drawing->compiler->source, name->span.begin,
                           "`%.*s` is already a relationship of this pattern: no flow stands for "
                           "two of them",
                           source_shown(name->text), name->text.data);
        return false;
    }
    return true;
}

static bool draw_edge(struct drawing *drawing, const struct ast_relationship *relationship,
                      uint32_t left, uint32_t right)
{
    struct pattern *pattern = drawing->pattern;
    if (pattern->edge_count == PATTERN_ELEMENTS_MAX) {
        (void)source_error(drawing->compiler->source, relationship->span.begin,
                           "a pattern has %d relationships at most", PATTERN_ELEMENTS_MAX);
        return false;
    }
    struct pattern_edge edge = {.left = left,
                                .right = right,
                                .direction = relationship->direction,
                                .least = 1,
                                .most = 1,
                                .window_ns = INT64_MAX,
                                .hop_slot = SLOT_NONE};
    if (relationship->range != NULL) {
        edge.is_variable = true;
        edge.least = relationship->range->min;
        edge.most = relationship->range->max;
    }
    if (!check_edge_name(drawing, relationship) ||
        !declare(drawing, &relationship->name, edge.is_variable ? VALUE_LIST : VALUE_EDGE,
                 &edge.slot, &edge.is_bound)) {
        return false;
    }
    if (relationship->types != NULL) {
        edge.types = find_labels(drawing, VALUE_EDGE, relationship->types);
        edge.type_count = relationship->types->count;
        if (edge.types == NULL) {
            return false;
        }
    }
    pattern->edges[pattern->edge_count++] = edge;
    return true;
}

static bool draw_path(struct drawing *drawing, const struct ast_path *path,
                      struct pattern_path *drawn)
{
    struct compiler *compiler = drawing->compiler;
    uint32_t vertex = 0;
    *drawn = (struct pattern_path){.slot = SLOT_NONE,
                                   .first_edge = drawing->pattern->edge_count,
                                   .edge_count = path->relationship_count,
                                   .shortest = path->shortest};
    for (uint32_t i = 0; i < path->node_count; i++) {
        uint32_t left = vertex;
        if (!draw_vertex(drawing, path->nodes[i], &vertex) ||
            (i > 0 && !draw_edge(drawing, path->relationships[i - 1], left, vertex))) {
            return false;
        }
        drawn->vertex = i == 0 ? vertex : drawn->vertex;
    }
    if (path->name.text.data == NULL) {
        return true;
    }
    if (scope_find(&compiler->scope, path->name.text) != NULL) {
        (void)source_error(compiler->source, path->name.span.begin,
                           "there is a variable `%.*s` already: a path wants a name of its own",
                           source_shown(path->name.text), path->name.text.data);
        return false;
    }
    drawn->slot = compiler_new_slot(compiler);
    return scope_add(compiler, path->name.text, drawn->slot, VALUE_PATH);
}

/* Labels and maps come after all names are known, since they may use them. */
static bool finish_path(struct drawing *drawing, const struct ast_path *path,
                        const struct pattern_path *drawn)
{
    struct pattern *pattern = drawing->pattern;
    uint32_t vertex = drawn->vertex;
    for (uint32_t i = 0; i < path->node_count; i++) {
        if (i > 0) {
            struct pattern_edge *edge = &pattern->edges[drawn->first_edge + i - 1];
            vertex = edge->right;
            if (!add_properties(drawing, &edge->properties, edge->slot, VALUE_EDGE,
                                edge->is_variable, path->relationships[i - 1]->properties)) {
                return false;
            }
        }
        if (!finish_vertex(drawing, path->nodes[i], vertex)) {
            return false;
        }
    }
    return true;
}

/* A condition's conjuncts, each checked as soon as it can be. */
static bool add_conjuncts(struct drawing *drawing, const struct ast_expression *condition)
{
    if (condition->kind != AST_AND) {
        return add_condition(drawing, compile_condition(drawing->compiler, condition, "WHERE"));
    }
    for (uint32_t i = 0; i < condition->child_count; i++) {
        if (!add_conjuncts(drawing, condition->children[i])) {
            return false;
        }
    }
    return true;
}

struct reading {
    const struct pattern *pattern;
    struct pattern_condition *condition;
};

static void read_element(void *context, uint32_t slot)
{
    struct reading *reading = context;
    const struct pattern *pattern = reading->pattern;
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        reading->condition->vertices |= (uint64_t)(pattern->vertices[i].slot == slot) << i;
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        reading->condition->edges |= (uint64_t)(pattern->edges[i].slot == slot) << i;
    }
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        reading->condition->paths |= (uint64_t)(pattern->paths[i].slot == slot) << i;
    }
}

static uint64_t all_bits(uint32_t count)
{
    return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

static void set_reads(struct pattern *pattern)
{
    for (uint32_t i = 0; i < pattern->condition_count; i++) {
        struct pattern_condition *condition = &pattern->conditions[i];
        struct reading reading = {pattern, condition};
        if (!term_reads(condition->term, read_element, &reading)) {
            condition->vertices = all_bits(pattern->vertex_count);
            condition->edges = all_bits(pattern->edge_count);
            condition->paths = all_bits(pattern->path_count);
        }
    }
}

static bool draw_all(struct drawing *drawing, const struct ast_pattern *ast)
{
    struct pattern *pattern = drawing->pattern;
    for (uint32_t i = 0; i < ast->count; i++) {
        if (!draw_path(drawing, ast->paths[i], &pattern->paths[pattern->path_count++])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < ast->count; i++) {
        if (!finish_path(drawing, ast->paths[i], &pattern->paths[i])) {
            return false;
        }
    }
    return true;
}

struct pattern *compile_pattern(struct compiler *compiler, const struct ast_pattern *ast,
                                const struct ast_expression *where)
{
    struct pattern *pattern = compiler_allocate(compiler, 1, sizeof *pattern);
    if (pattern == NULL) {
        return NULL;
    }
    if (ast->count > PATTERN_ELEMENTS_MAX) {
        return COMPILE_FAIL(compiler, ast->paths[0]->span.begin, "a pattern has %d parts at most",
                            PATTERN_ELEMENTS_MAX);
    }
    pattern->vertices =
        compiler_allocate(compiler, PATTERN_ELEMENTS_MAX, sizeof *pattern->vertices);
    pattern->edges = compiler_allocate(compiler, PATTERN_ELEMENTS_MAX, sizeof *pattern->edges);
    pattern->paths = compiler_allocate(compiler, ast->count, sizeof *pattern->paths);
    struct drawing drawing = {compiler, pattern, compiler->scope.count, 0};
    const char *outer = compiler->no_aggregates;
    compiler->no_aggregates = "MATCH";
    bool is_drawn = pattern->vertices != NULL && pattern->edges != NULL && pattern->paths != NULL &&
                    draw_all(&drawing, ast) && (where == NULL || add_conjuncts(&drawing, where));
    compiler->no_aggregates = outer;
    if (!is_drawn) {
        return NULL;
    }
    set_reads(pattern);
    if (pattern_prepare(pattern, compiler->entities, compiler->memory, compiler->source->error) !=
        STATUS_OK) {
        return NULL;
    }
    pattern->first_step = compiler->compiled->step_count;
    compiler->compiled->step_count += pattern_step_count(pattern);
    return pattern;
}
