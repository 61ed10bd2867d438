/* Functions of lists of flows and of paths whose flows have names are said of the flows:
 *
 *   es[1], head(es), last(es), size(es), length(p)       the flow, the number
 *   ascending(es), strictlyAscending(es)                 comparisons of neighbours
 *   span(es), unique_vertices(p)                         a difference, inequalities
 *   all(x IN es WHERE ...), any, none                    AND, OR of what is said of each
 *
 * where es may be relationships(p), and a list may be nodes(p) or range(0, size(es) - 2). */
#include "pipeline/rewriting.h"
#include "query/bound.h"

enum { ITEMS_MAX = PATTERN_VERTICES_MAX, COPIES_MAX = 10000 };

/* The items of a list, in its order. */
struct items {
    struct ast_expression *items[ITEMS_MAX];
    uint32_t count;
    bool is_known;
};

static bool add_variable(struct rewriting *rewriting, struct items *items,
                         const struct ast_expression *list, struct ast_name name)
{
    struct ast_expression *variable = ast_leaf(rewriting->builder, AST_VARIABLE, list->span);
    if (variable != NULL) {
        variable->name = (struct ast_name){name.text, list->span};
        items->items[items->count++] = variable;
    }
    return variable != NULL;
}

/* The path that a variable is, of flows alone; NULL: of none. */
static const struct ast_path *fixed_path(const struct rewriting *rewriting,
                                         const struct ast_expression *variable)
{
    const struct rewrite_name *name =
        variable->kind == AST_VARIABLE ? names_find(rewriting, variable->name.text) : NULL;
    const struct ast_path *path = name != NULL && name->kind == NAME_PATH ? name->path : NULL;
    for (uint32_t i = 0; path != NULL && i < path->relationship_count; i++) {
        if (path->relationships[i]->range != NULL || path->node_count > ITEMS_MAX) {
            return NULL;
        }
    }
    return path;
}

/* The flows of a path, or its vertices. */
static bool list_path(struct rewriting *rewriting, const struct ast_expression *list,
                      const struct ast_expression *variable, enum name_kind kind,
                      struct items *items)
{
    const struct ast_path *path = fixed_path(rewriting, variable);
    uint32_t count = path == NULL          ? 0
                     : kind == NAME_VERTEX ? path->node_count
                                           : path->relationship_count;
    items->is_known = path != NULL;
    for (uint32_t i = 0; items->is_known && i < count; i++) {
        struct ast_name *name =
            kind == NAME_VERTEX ? &path->nodes[i]->name : &path->relationships[i]->name;
        if (!names_give(rewriting, name, kind, kind == NAME_VERTEX ? "nodes" : "relationships",
                        variable->name.text, i, &items->is_known) ||
            (items->is_known && !add_variable(rewriting, items, list, *name))) {
            return false;
        }
    }
    return true;
}

/* The relationship of a fixed length that a list is; NULL: of none. */
static const struct rewrite_name *fixed_list(const struct rewriting *rewriting,
                                             const struct ast_expression *list)
{
    const struct rewrite_name *name =
        list->kind == AST_VARIABLE ? names_find(rewriting, list->name.text) : NULL;
    bool is_fixed = name != NULL && name->kind == NAME_FLOWS && name->path != NULL;
    return is_fixed && name->count > 0 ? name : NULL;
}

/* A whole number that the tree tells. */
static bool read_integer(const struct rewriting *rewriting, const struct ast_expression *expression,
                         int64_t *integer)
{
    int64_t right = 0;
    *integer = expression->integer;
    if (expression->kind == AST_ADD || expression->kind == AST_SUBTRACT) {
        return read_integer(rewriting, expression->children[0], integer) &&
               read_integer(rewriting, expression->children[1], &right) &&
               !(expression->kind == AST_ADD ? __builtin_add_overflow(*integer, right, integer)
                                             : __builtin_sub_overflow(*integer, right, integer));
    }
    bool is_size = is_call_of(expression, "size", 1);
    if (!is_size && !is_call_of(expression, "length", 1)) {
        return expression->kind == AST_INTEGER;
    }
    const struct ast_expression *list = expression->children[0];
    const struct rewrite_name *name = is_size ? fixed_list(rewriting, list) : NULL;
    bool is_of_path = is_size && is_call_of(list, "relationships", 1);
    const struct ast_path *path =
        !is_size || is_of_path ? fixed_path(rewriting, is_size ? list->children[0] : list) : NULL;
    *integer = name != NULL ? name->count : path != NULL ? path->relationship_count : 0;
    return name != NULL || path != NULL;
}

/* range(first, last) */
static bool list_range(struct rewriting *rewriting, const struct ast_expression *range,
                       struct items *items)
{
    int64_t first = 0;
    int64_t last = 0;
    items->is_known = read_integer(rewriting, range->children[0], &first) &&
                      read_integer(rewriting, range->children[1], &last) && first > -ITEMS_MAX &&
                      last < ITEMS_MAX && last - first < ITEMS_MAX;
    for (int64_t i = first; items->is_known && i <= last; i++) {
        struct ast_expression *integer = ast_leaf(rewriting->builder, AST_INTEGER, range->span);
        if (integer == NULL) {
            return false;
        }
        integer->integer = i;
        items->items[items->count++] = integer;
    }
    return true;
}

static bool list_items(struct rewriting *rewriting, const struct ast_expression *list,
                       struct items *items)
{
    const struct rewrite_name *name = fixed_list(rewriting, list);
    *items = (struct items){.is_known = name != NULL};
    for (uint32_t i = 0; name != NULL && i < name->count; i++) {
        if (!add_variable(rewriting, items, list,
                          name->path->relationships[name->index + i]->name)) {
            return false;
        }
    }
    if (is_call_of(list, "range", 2)) {
        return list_range(rewriting, list, items);
    }
    if (is_call_of(list, "nodes", 1)) {
        return list_path(rewriting, list, list->children[0], NAME_VERTEX, items);
    }
    return !is_call_of(list, "relationships", 1) ||
           list_path(rewriting, list, list->children[0], NAME_FLOW, items);
}

/* Whether a name stands for a flow that is there, and not for null. */
static bool is_bound_flow(const struct rewriting *rewriting, const struct ast_expression *variable)
{
    const struct rewrite_name *name =
        variable->kind == AST_VARIABLE ? names_find(rewriting, variable->name.text) : NULL;
    return name != NULL && name->kind == NAME_FLOW && name->path != NULL;
}

/* The flows that a function is of: those of a list, of a path, or of the names in a literal. */
static bool list_flows(struct rewriting *rewriting, const struct ast_expression *argument,
                       struct items *items)
{
    *items = (struct items){.is_known = argument->kind == AST_LIST};
    if (fixed_path(rewriting, argument) != NULL) {
        return list_path(rewriting, argument, argument, NAME_FLOW, items);
    }
    for (uint32_t i = 0; items->is_known && i < argument->child_count; i++) {
        items->is_known =
            items->count < ITEMS_MAX && is_bound_flow(rewriting, argument->children[i]);
        if (items->is_known) {
            items->items[items->count++] = argument->children[i];
        }
    }
    bool is_other = argument->kind == AST_LIST || is_call_of(argument, "nodes", 1) ||
                    is_call_of(argument, "range", 2);
    return is_other || list_items(rewriting, argument, items);
}

/* x.StartTime */
static struct ast_expression *write_time(const struct rewriting *rewriting,
                                         struct ast_expression *flow)
{
    struct ast_name name = {rewriting->start_time, flow->span};
    return ast_property(rewriting->builder, flow->span, flow, name);
}

static struct ast_expression *write_times(const struct rewriting *rewriting, enum ast_kind kind,
                                          struct ast_expression *left, struct ast_expression *right)
{
    left = write_time(rewriting, left);
    right = left == NULL ? NULL : write_time(rewriting, right);
    return right == NULL
               ? NULL
               : ast_binary(rewriting->builder, kind, left->span, left->span.begin, left, right);
}

/* All of nothing is true, any of nothing false. */
static bool replace(struct rewriting *rewriting, struct ast_expression *expression,
                    enum ast_kind kind, struct ast_expression *const *parts, uint32_t count)
{
    if (count > 0) {
        return rewriting_replace(rewriting, expression, kind, parts, count);
    }
    struct ast_expression *truth = ast_leaf(rewriting->builder, AST_BOOL, expression->span);
    if (truth == NULL) {
        return false;
    }
    truth->integer = kind == AST_AND;
    return rewriting_replace(rewriting, expression, AST_BOOL, &truth, 1);
}

static bool rewrite_order(struct rewriting *rewriting, struct ast_expression *call,
                          enum ast_kind kind, bool *is_changed)
{
    struct ast_expression *parts[ITEMS_MAX];
    struct items flows;
    if (!list_flows(rewriting, call->children[0], &flows)) {
        return false;
    }
    *is_changed = flows.is_known;
    for (uint32_t i = 1; *is_changed && i < flows.count; i++) {
        parts[i - 1] = write_times(rewriting, kind, flows.items[i - 1], flows.items[i]);
        if (parts[i - 1] == NULL) {
            return false;
        }
    }
    return !*is_changed ||
           replace(rewriting, call, AST_AND, parts, flows.count == 0 ? 0 : flows.count - 1);
}

static bool rewrite_span(struct rewriting *rewriting, struct ast_expression *call, bool *is_changed)
{
    struct items flows;
    if (!list_flows(rewriting, call->children[0], &flows)) {
        return false;
    }
    *is_changed = flows.is_known && flows.count > 0;
    struct ast_expression *span =
        *is_changed
            ? write_times(rewriting, AST_SUBTRACT, flows.items[flows.count - 1], flows.items[0])
            : NULL;
    return !*is_changed ||
           (span != NULL && rewriting_replace(rewriting, call, AST_SUBTRACT, &span, 1));
}

static bool is_same(const struct ast_expression *left, const struct ast_expression *right)
{
    return bytes_equal(left->name.text, right->name.text);
}

/* A path may end where it began; one that does says nothing more of its end. */
static bool rewrite_unique(struct rewriting *rewriting, struct ast_expression *call,
                           bool *is_changed)
{
    struct ast_expression *parts[ITEMS_MAX * ITEMS_MAX / 2];
    struct items nodes = {.count = 0};
    uint32_t count = 0;
    if (!list_path(rewriting, call, call->children[0], NAME_VERTEX, &nodes)) {
        return false;
    }
    *is_changed = nodes.is_known;
    uint32_t last = *is_changed ? nodes.count - 1 : 0;
    uint32_t end = last > 0 && is_same(nodes.items[0], nodes.items[last]) ? last : last + 1;
    for (uint32_t i = 0; *is_changed && i < end; i++) {
        for (uint32_t j = i + 1; j < end; j++) {
            if (i == 0 && j == last) {
                continue;
            }
            parts[count] = ast_binary(rewriting->builder, AST_NOT_EQUAL, call->span, call->place,
                                      nodes.items[i], nodes.items[j]);
            if (parts[count++] == NULL) {
                return false;
            }
        }
    }
    return !*is_changed || replace(rewriting, call, AST_AND, parts, count);
}

/* The item at a known place of a list; one that it lacks is left to be null. */
static bool rewrite_item(struct rewriting *rewriting, struct ast_expression *expression,
                         int64_t place, bool *is_changed)
{
    struct items items;
    if (!list_items(rewriting, expression->children[0], &items)) {
        return false;
    }
    place += place < 0 ? items.count : 0;
    *is_changed = items.is_known && place >= 0 && place < items.count;
    return !*is_changed ||
           rewriting_replace(rewriting, expression, AST_VARIABLE, &items.items[place], 1);
}

/* Nodes of a tree; more than may be copied where there are patterns and queries in it. */
static uint32_t count_nodes(const struct ast_expression *expression)
{
    uint32_t count = expression->pattern != NULL || expression->query != NULL ? COPIES_MAX : 1;
    for (uint32_t i = 0; count < COPIES_MAX && i < expression->child_count; i++) {
        count += expression->children[i] == NULL ? 0 : count_nodes(expression->children[i]);
    }
    return count;
}

/* A copy in which a name stands for an item. */
static struct ast_expression *copy_for(struct rewriting *rewriting,
                                       const struct ast_expression *expression, struct bytes name,
                                       const struct ast_expression *item)
{
    const struct ast_builder *builder = rewriting->builder;
    struct ast_expression *copy = ast_leaf(builder, expression->kind, expression->span);
    if (copy == NULL) {
        return NULL;
    }
    *copy = *expression;
    if (expression->kind == AST_VARIABLE && bytes_equal(expression->name.text, name)) {
        *copy = *item;
        copy->span = expression->span;
        copy->place = expression->place;
    }
    bool is_each = (expression->kind >= AST_COMPREHENSION && expression->kind <= AST_REDUCE) &&
                   (bytes_equal(expression->name.text, name) ||
                    bytes_equal(expression->accumulator.text, name));
    copy->children = NULL;
    copy->child_count = 0;
    copy->child_capacity = 0;
    for (uint32_t i = 0; i < expression->child_count; i++) {
        const struct ast_expression *child = expression->children[i];
        bool is_hidden = is_each && i > 0 && (expression->kind != AST_REDUCE || i > 1);
        struct ast_expression *child_copy =
            child == NULL ? NULL
                          : copy_for(rewriting, child, is_hidden ? (struct bytes){0} : name, item);
        if ((child != NULL && child_copy == NULL) || !ast_add_child(builder, copy, child_copy)) {
            return NULL;
        }
    }
    return copy;
}

static bool rewrite_each(struct rewriting *rewriting, struct ast_expression *each, bool *is_changed)
{
    struct ast_expression *parts[ITEMS_MAX];
    struct items items;
    if (each->children[1] == NULL || !list_items(rewriting, each->children[0], &items)) {
        return each->children[1] == NULL;
    }
    uint32_t copies = items.count * count_nodes(each->children[1]);
    *is_changed = items.is_known && copies + rewriting->copy_count < COPIES_MAX &&
                  rewriting_cannot_fail(each->children[1]);
    if (!*is_changed) {
        return true;
    }
    rewriting->copy_count += copies;
    for (uint32_t i = 0; i < items.count; i++) {
        parts[i] = copy_for(rewriting, each->children[1], each->name.text, items.items[i]);
        if (parts[i] == NULL) {
            return false;
        }
    }
    bool is_none = each->kind == AST_NONE;
    if (!replace(rewriting, each, each->kind == AST_ALL ? AST_AND : AST_OR, parts, items.count)) {
        return false;
    }
    struct ast_expression *any =
        is_none ? ast_leaf(rewriting->builder, each->kind, each->span) : each;
    if (is_none && any != NULL) {
        *any = *each;
        struct ast_expression *negated =
            ast_unary(rewriting->builder, AST_NOT, each->span, each->place, any);
        return negated != NULL && rewriting_replace(rewriting, each, AST_NOT, &negated, 1);
    }
    return any != NULL;
}

static bool rewrite_number(struct rewriting *rewriting, struct ast_expression *call,
                           bool *is_changed)
{
    int64_t integer = 0;
    *is_changed = read_integer(rewriting, call, &integer);
    struct ast_expression *number =
        *is_changed ? ast_leaf(rewriting->builder, AST_INTEGER, call->span) : NULL;
    if (number != NULL) {
        number->integer = integer;
    }
    return !*is_changed ||
           (number != NULL && rewriting_replace(rewriting, call, AST_INTEGER, &number, 1));
}

static bool rewrite_call(struct rewriting *rewriting, struct ast_expression *call, bool *is_changed)
{
    if (call->child_count != 1) {
        return true;
    }
    if (is_call_of(call, "ascending", 1)) {
        return rewrite_order(rewriting, call, AST_LESS_EQUAL, is_changed);
    }
    if (is_call_of(call, "strictlyAscending", 1)) {
        return rewrite_order(rewriting, call, AST_LESS, is_changed);
    }
    if (is_call_of(call, "span", 1)) {
        return rewrite_span(rewriting, call, is_changed);
    }
    if (is_call_of(call, "unique_vertices", 1)) {
        return rewrite_unique(rewriting, call, is_changed);
    }
    if (is_call_of(call, "size", 1) || is_call_of(call, "length", 1)) {
        return rewrite_number(rewriting, call, is_changed);
    }
    bool is_last = is_call_of(call, "last", 1);
    return (!is_last && !is_call_of(call, "head", 1)) ||
           rewrite_item(rewriting, call, is_last ? -1 : 0, is_changed);
}

/* A list in another place is the literal of its flows. */
static bool rewrite_whole(struct rewriting *rewriting, struct ast_expression *expression,
                          const struct items *items)
{
    struct ast_expression *list = ast_leaf(rewriting->builder, AST_LIST, expression->span);
    for (uint32_t i = 0; list != NULL && i < items->count; i++) {
        list = ast_add_item(rewriting->builder, list, items->items[i]);
    }
    return list != NULL && rewriting_replace(rewriting, expression, AST_LIST, &list, 1);
}

bool rewrite_list(struct rewriting *rewriting, struct ast_expression *expression, bool *is_changed)
{
    int64_t place = 0;
    struct items items;
    *is_changed = false;
    switch ((int)expression->kind) {
    case AST_ALL:
    case AST_ANY:
    case AST_NONE:
        return rewrite_each(rewriting, expression, is_changed);
    case AST_CALL:
        return rewrite_call(rewriting, expression, is_changed);
    case AST_INDEX:
        return !read_integer(rewriting, expression->children[1], &place) ||
               rewrite_item(rewriting, expression, place, is_changed);
    case AST_VARIABLE:
        if (fixed_list(rewriting, expression) == NULL) {
            return true;
        }
        *is_changed = list_items(rewriting, expression, &items) && items.is_known &&
                      rewrite_whole(rewriting, expression, &items);
        return *is_changed;
    default:
        return true;
    }
}
