/* How many flows a walk has: bounds that conditions say, and walks that are single flows.
 *
 * (a)-[es*3]->(b) becomes (a)-[`es[0]`]->()-[`es[1]`]->()-[`es[2]`]->(b), which the matcher finds;
 * conditions speak of its flows (rewrite_list.c), and whoever reads es itself behind the MATCH
 * reads the list [`es[0]`, `es[1]`, `es[2]`]. */
#include "pipeline/rewriting.h"
#include "query/bound.h"
#include "query/visit.h"

/* More are better searched for than laid flow by flow. */
enum { HOPS_MAX = 5 };

static bool is_in(const struct ast_pattern *pattern, const struct ast_path *path)
{
    uint32_t i = 0;
    while (i < pattern->count && pattern->paths[i] != path) {
        i++;
    }
    return i < pattern->count && path->shortest == AST_ANY_LENGTH;
}

/* The walk of a clause whose number of flows an expression is; NULL: of none. */
static struct ast_relationship *counted_walk(const struct rewriting *rewriting,
                                             const struct ast_clause *match,
                                             const struct ast_expression *call)
{
    bool is_size = is_call_of(call, "size", 1);
    if (!is_size && !is_call_of(call, "length", 1)) {
        return NULL;
    }
    const struct ast_expression *list = call->children[0];
    bool is_of_path = is_size && is_call_of(list, "relationships", 1);
    list = is_of_path ? list->children[0] : list;
    const struct rewrite_name *name =
        list->kind == AST_VARIABLE ? names_find(rewriting, list->name.text) : NULL;
    enum name_kind kind = is_size && !is_of_path ? NAME_FLOWS : NAME_PATH;
    if (name == NULL || name->kind != kind || name->path == NULL ||
        !is_in(match->pattern, name->path) ||
        (kind == NAME_PATH && name->path->relationship_count != 1)) {
        return NULL;
    }
    struct ast_relationship *walk = name->path->relationships[name->index];
    return walk->range == NULL ? NULL : walk;
}

/* walk `kind` limit; false when nothing is left of the range. */
static bool bound_range(struct ast_range *range, enum ast_kind kind, int64_t limit)
{
    bool is_most = kind == AST_LESS || kind == AST_LESS_EQUAL || kind == AST_EQUAL;
    bool is_least = kind == AST_GREATER || kind == AST_GREATER_EQUAL || kind == AST_EQUAL;
    int64_t most = kind == AST_LESS ? limit - 1 : limit;
    int64_t least = kind == AST_GREATER ? limit + 1 : limit;
    range->max = is_most && most < range->max ? most : range->max;
    range->min = is_least && least > range->min ? least : range->min;
    return range->min <= range->max;
}

static bool take_bound(struct rewriting *rewriting, const struct ast_clause *match,
                       struct ast_expression *comparison)
{
    enum ast_kind kind = comparison->kind;
    if (kind != AST_EQUAL && (kind < AST_LESS || kind > AST_GREATER_EQUAL)) {
        return true;
    }
    bool is_turned = comparison->children[0]->kind == AST_INTEGER;
    const struct ast_expression *limit = comparison->children[!is_turned];
    struct ast_relationship *walk =
        limit->kind != AST_INTEGER || limit->integer < 0 || limit->integer > UINT32_MAX
            ? NULL
            : counted_walk(rewriting, match, comparison->children[is_turned]);
    struct ast_range *range =
        walk == NULL ? NULL : ast_new_range(rewriting->builder, walk->range->min, walk->range->max);
    if (range == NULL) {
        return walk == NULL;
    }
    range->span = walk->range->span;
    if (!bound_range(range, is_turned ? ast_turned(kind) : kind, limit->integer)) {
        return true;
    }
    walk->range = range;
    struct ast_expression *truth = ast_leaf(rewriting->builder, AST_BOOL, comparison->span);
    if (truth != NULL) {
        truth->integer = 1;
    }
    return truth != NULL && rewriting_replace(rewriting, comparison, AST_BOOL, &truth, 1);
}

static bool take_bounds(struct rewriting *rewriting, const struct ast_clause *match,
                        struct ast_expression *condition)
{
    bool is_made = condition->kind == AST_AND || take_bound(rewriting, match, condition);
    for (uint32_t i = 0; is_made && condition->kind == AST_AND && i < condition->child_count; i++) {
        is_made = take_bounds(rewriting, match, condition->children[i]);
    }
    return is_made;
}

bool rewrite_hops(struct rewriting *rewriting, struct ast_clause *match)
{
    return match->where == NULL || take_bounds(rewriting, match, match->where);
}

static bool is_few(const struct ast_relationship *walk)
{
    return walk->range != NULL && walk->range->min == walk->range->max && walk->range->min >= 1 &&
           walk->range->max <= HOPS_MAX;
}

/* Whether the matcher knows a path when its walks are flows; adds how many elements it then has. */
static bool add_sizes(const struct ast_path *path, uint32_t *flow_count, uint32_t *vertex_count)
{
    bool are_plain = path->shortest == AST_ANY_LENGTH;
    *vertex_count += path->node_count;
    for (uint32_t i = 0; are_plain && i < path->relationship_count; i++) {
        const struct ast_relationship *walk = path->relationships[i];
        bool is_walk = is_few(walk);
        uint32_t count = is_walk ? (uint32_t)walk->range->max : 1;
        are_plain = walk->direction != AST_UNDIRECTED && (walk->range == NULL || is_walk);
        *flow_count += count;
        *vertex_count += count - 1;
    }
    return are_plain;
}

static bool are_plain(const struct ast_branch *branch)
{
    uint32_t flow_count = 0;
    uint32_t vertex_count = 0;
    bool are_plain = true;
    for (uint32_t i = 0; are_plain && i < ast_match_count(branch); i++) {
        const struct ast_pattern *pattern = branch->clauses[i]->pattern;
        for (uint32_t j = 0; are_plain && j < pattern->count; j++) {
            are_plain = add_sizes(pattern->paths[j], &flow_count, &vertex_count) &&
                        flow_count <= PATTERN_EDGES_MAX && vertex_count <= PATTERN_VERTICES_MAX;
        }
    }
    return are_plain;
}

/* Whether patterns or queries stand in an expression. */
static bool has_inside(const struct ast_expression *expression)
{
    bool has = expression != NULL && (expression->pattern != NULL || expression->query != NULL);
    for (uint32_t i = 0; !has && expression != NULL && i < expression->child_count; i++) {
        has = has_inside(expression->children[i]);
    }
    return has;
}

static bool is_in_expression(const struct ast_expression *expression, struct bytes name)
{
    bool is_in = expression != NULL && bytes_equal(expression->name.text, name);
    for (uint32_t i = 0; !is_in && expression != NULL && i < expression->child_count; i++) {
        is_in = is_in_expression(expression->children[i], name);
    }
    return is_in;
}

static bool look_at_clause(void *context, const struct ast_clause *clause)
{
    struct name_uses *uses = context;
    const struct ast_projection *projection = clause->projection;
    uses->condition_count += clause->kind == AST_MATCH && has_inside(clause->where);
    uses->is_read |= bytes_equal(clause->alias.text, uses->name);
    for (uint32_t i = 0; projection != NULL && i < projection->item_count; i++) {
        uses->is_read |= bytes_equal(projection->items[i].alias.text, uses->name);
    }
    return true;
}

static bool look_at_path(void *context, const struct ast_path *path)
{
    struct name_uses *uses = context;
    uses->pattern_count += bytes_equal(path->name.text, uses->name);
    for (uint32_t i = 0; i < path->node_count; i++) {
        uses->pattern_count += bytes_equal(path->nodes[i]->name.text, uses->name);
        uses->property_count += is_in_expression(path->nodes[i]->properties, uses->name);
    }
    for (uint32_t i = 0; i < path->relationship_count; i++) {
        const struct ast_relationship *relationship = path->relationships[i];
        uses->pattern_count += bytes_equal(relationship->name.text, uses->name);
        uses->property_count += is_in_expression(relationship->properties, uses->name);
    }
    return true;
}

static bool look_at_expression(void *context, const struct ast_expression *expression)
{
    struct name_uses *uses = context;
    uses->is_read |= bytes_equal(expression->name.text, uses->name) ||
                     bytes_equal(expression->accumulator.text, uses->name);
    return true;
}

struct name_uses names_uses(const struct ast_branch *branch, uint32_t first, struct bytes name)
{
    struct name_uses uses = {.name = name};
    const struct ast_visitor visitor = {.clause = look_at_clause,
                                        .path = look_at_path,
                                        .expression = look_at_expression,
                                        .context = &uses};
    struct ast_branch behind = {.clauses = branch->clauses + first, .count = branch->count - first};
    struct ast_branch *branches[] = {&behind};
    const struct ast_query query = {.branches = branches, .count = 1};
    (void)ast_visit(&visitor, &query);
    return uses;
}

/* Whether a walk's list is read where it can be said of its flows, or made anew. */
static bool may_be_flows(const struct rewriting *rewriting, const struct ast_branch *branch,
                         const struct ast_relationship *walk)
{
    if (!is_few(walk)) {
        return false;
    }
    struct name_uses uses = names_uses(branch, 0, walk->name.text);
    return uses.condition_count == 0 &&
           (walk->name.text.data == NULL ||
            (!rewriting->has_star && uses.pattern_count == 1 && uses.property_count == 0));
}

/* The walk at `place` of a path as flows; the list's name is in scope. */
static bool lay_out(struct rewriting *rewriting, struct ast_path *path, uint32_t place)
{
    const struct ast_builder *builder = rewriting->builder;
    const struct ast_relationship walk = *path->relationships[place];
    struct ast_path *laid = ast_new_path(builder, path->nodes[0]);
    bool is_known = true;
    for (uint32_t i = 0; laid != NULL && is_known && i < path->relationship_count; i++) {
        uint32_t count = i == place ? (uint32_t)walk.range->max : 1;
        for (uint32_t j = 0; laid != NULL && is_known && j < count; j++) {
            struct ast_name none = {.text = {0}};
            struct ast_node *node = j + 1 == count
                                        ? path->nodes[i + 1]
                                        : ast_new_node(builder, walk.span, none, NULL, NULL);
            struct ast_relationship *flow =
                i != place ? path->relationships[i]
                           : ast_new_relationship(builder, none, walk.types, NULL, walk.properties);
            if (node == NULL || flow == NULL) {
                return false;
            }
            flow->span = path->relationships[i]->span;
            flow->direction = path->relationships[i]->direction;
            flow->name.span = path->relationships[i]->name.span;
            laid = ast_extend_path(builder, laid, flow, node);
            if (i == place && walk.name.text.data != NULL &&
                !names_give(rewriting, &flow->name, NAME_FLOW, "", walk.name.text, j, &is_known)) {
                return false;
            }
        }
    }
    if (laid == NULL || !is_known) {
        return laid != NULL; /* somebody thought of a name like `es[0]` */
    }
    path->nodes = laid->nodes;
    path->node_count = laid->node_count;
    path->node_capacity = laid->node_capacity;
    path->relationships = laid->relationships;
    path->relationship_count = laid->relationship_count;
    path->relationship_capacity = laid->relationship_capacity;
    for (uint32_t i = 0; i < rewriting->name_count; i++) {
        struct rewrite_name *name = &rewriting->names[i];
        bool is_it = walk.name.text.data != NULL && bytes_equal(name->text, walk.name.text);
        if (is_it) {
            name->count = (uint32_t)walk.range->max;
        } else if (name->path == path && name->index > place) {
            name->index += (uint32_t)walk.range->max - 1;
        }
    }
    return true;
}

bool rewrite_walks(struct rewriting *rewriting, const struct ast_branch *branch, uint32_t index)
{
    if (rewriting->is_inside || index >= ast_match_count(branch) || !are_plain(branch)) {
        return true;
    }
    const struct ast_pattern *pattern = branch->clauses[index]->pattern;
    for (uint32_t i = 0; i < pattern->count; i++) {
        struct ast_path *path = pattern->paths[i];
        for (uint32_t j = path->relationship_count; j > 0; j--) {
            if (may_be_flows(rewriting, branch, path->relationships[j - 1]) &&
                !lay_out(rewriting, path, j - 1)) {
                return false;
            }
        }
    }
    return true;
}

void rewrite_unread(const struct rewriting *rewriting, const struct ast_branch *branch,
                    uint32_t index)
{
    const struct ast_pattern *pattern = branch->clauses[index]->pattern;
    for (uint32_t i = 0; !rewriting->has_star && i < pattern->count; i++) {
        struct ast_path *path = pattern->paths[i];
        const struct rewrite_name *name =
            path->name.text.data == NULL ? NULL : names_find(rewriting, path->name.text);
        struct name_uses uses = names_uses(branch, index, path->name.text);
        if (name != NULL && name->path == path && !uses.is_read && uses.pattern_count == 1) {
            path->name = (struct ast_name){.text = {0}};
        }
    }
}

bool rewriting_add_with(struct rewriting *rewriting, struct ast_branch *branch, uint32_t index,
                        struct ast_projection *projection)
{
    struct ast_clause *with =
        ast_project(rewriting->builder, AST_WITH, branch->clauses[index]->span, projection, NULL);
    if (with == NULL || ast_add_clause(rewriting->builder, branch, with) == NULL) {
        return false;
    }
    for (uint32_t i = branch->count - 1; i > index + 1; i--) {
        branch->clauses[i] = branch->clauses[i - 1];
    }
    branch->clauses[index + 1] = with;
    return true;
}

/* name, or [`name[0]`, ...] AS name */
static bool hand_on(struct rewriting *rewriting, struct ast_projection **projection,
                    const struct rewrite_name *name)
{
    const struct ast_builder *builder = rewriting->builder;
    const struct ast_relationship *const *flows =
        name->count == 0 ? NULL : (const struct ast_relationship *const *)name->path->relationships;
    struct source_span span =
        name->count == 0 ? (struct source_span){0} : flows[name->index]->name.span;
    struct ast_name alias = {name->text, span};
    struct ast_expression *item = name->count == 0 ? ast_named(builder, AST_VARIABLE, alias)
                                                   : ast_leaf(builder, AST_LIST, span);
    for (uint32_t i = 0; item != NULL && i < name->count; i++) {
        struct ast_name flow = {flows[name->index + i]->name.text, span};
        struct ast_expression *variable = ast_named(builder, AST_VARIABLE, flow);
        item = variable == NULL ? NULL : ast_add_item(builder, item, variable);
    }
    *projection = item == NULL
                      ? NULL
                      : ast_add_output(builder, *projection, (struct ast_item){item, span, alias});
    return *projection != NULL;
}

bool rewrite_lists_back(struct rewriting *rewriting, struct ast_branch *branch, uint32_t index)
{
    struct ast_projection *projection = NULL;
    bool is_needed = false;
    if (rewriting->is_inside || index + 1 != ast_match_count(branch)) {
        return true;
    }
    for (uint32_t i = 0; i < rewriting->name_count; i++) {
        const struct rewrite_name *name = &rewriting->names[i];
        struct name_uses uses = names_uses(branch, index + 1, name->text);
        bool is_read = uses.is_read || uses.pattern_count > 0;
        is_needed |= is_read && name->count > 0;
        if (is_read && !hand_on(rewriting, &projection, name)) {
            return false;
        }
    }
    if (!is_needed) {
        return true;
    }
    return rewriting_add_with(rewriting, branch, index, projection);
}
