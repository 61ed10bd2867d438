/* Conditions on vertices behind a WITH that groups by them, or hands them on beside other columns,
 * belong to the MATCH before it, so that rows that do not pass are never grouped:
 *
 *   MATCH (a)-[e]->(b) WITH a, count(*) AS n WHERE n > 3 AND a.IPAddr STARTS WITH '147.32.'
 *   MATCH (a)-[e]->(b) WHERE a.IPAddr STARTS WITH '147.32.' WITH a, count(*) AS n WHERE n > 3
 *
 * That may show in nothing but the time: neither the pattern, nor what is asked before, nor what is
 * grouped, nor a condition that stands before may fail for a row that is left out now; and the
 * matcher has the pattern, whose rows come in one order whatever is asked of them. */
#include "pipeline/rewriting.h"

static bool is_vertex(const struct rewriting *rewriting, const struct ast_expression *expression)
{
    return expression->kind == AST_VARIABLE && names_kind(rewriting, expression) == NAME_VERTEX;
}

/* Whether a WITH hands on a vertex under its own name. */
static bool is_handed_on(const struct rewriting *rewriting, const struct ast_projection *projection,
                         const struct ast_expression *expression)
{
    bool is_handed_on = false;
    for (uint32_t i = 0; is_vertex(rewriting, expression) && i < projection->item_count; i++) {
        const struct ast_item *item = &projection->items[i];
        struct bytes text = expression->name.text;
        is_handed_on = is_handed_on ||
                       (item->expression->kind == AST_VARIABLE &&
                        bytes_equal(item->expression->name.text, text) &&
                        (item->alias.text.data == NULL || bytes_equal(item->alias.text, text)));
    }
    return is_handed_on;
}

static bool is_address(const struct rewriting *rewriting, const struct ast_projection *projection,
                       const struct ast_expression *expression)
{
    return expression->kind == AST_PROPERTY &&
           bytes_equal(expression->name.text, bytes_of(rewriting->graph->vertices.key)) &&
           is_handed_on(rewriting, projection, expression->children[0]);
}

static bool is_text(const struct rewriting *rewriting, const struct ast_projection *projection,
                    const struct ast_expression *expression)
{
    return expression->kind == AST_TEXT || is_address(rewriting, projection, expression);
}

static bool is_list_of_texts(const struct ast_expression *list)
{
    bool is = list->kind == AST_LIST;
    for (uint32_t i = 0; is && i < list->child_count; i++) {
        is = list->children[i]->kind == AST_TEXT;
    }
    return is;
}

/* Whether a condition is one on vertices that are handed on and nothing else. */
static bool is_of_vertices(const struct rewriting *rewriting,
                           const struct ast_projection *projection,
                           const struct ast_expression *condition)
{
    bool is = true;
    struct ast_expression *const *children = condition->children;
    switch ((int)condition->kind) {
    case AST_AND:
    case AST_OR:
    case AST_XOR:
    case AST_NOT:
        for (uint32_t i = 0; is && i < condition->child_count; i++) {
            is = is_of_vertices(rewriting, projection, children[i]);
        }
        return is;
    case AST_EQUAL:
    case AST_NOT_EQUAL:
    case AST_STARTS_WITH:
    case AST_ENDS_WITH:
    case AST_CONTAINS:
        return is_address(rewriting, projection, children[0]) &&
               is_text(rewriting, projection, children[1]);
    case AST_IN:
        return is_address(rewriting, projection, children[0]) && is_list_of_texts(children[1]);
    default:
        return false;
    }
}

static bool is_property(const struct rewriting *rewriting, const struct ast_expression *expression)
{
    return expression->kind == AST_PROPERTY &&
           (is_vertex(rewriting, expression->children[0]) ||
            names_kind(rewriting, expression->children[0]) == NAME_FLOW);
}

/* Whether what is asked of the pattern can be answered for every row. */
static bool is_sure(const struct rewriting *rewriting, const struct ast_expression *condition)
{
    bool is = true;
    switch ((int)condition->kind) {
    case AST_AND:
    case AST_OR:
    case AST_XOR:
    case AST_NOT:
    case AST_EQUAL:
    case AST_NOT_EQUAL:
    case AST_LESS:
    case AST_LESS_EQUAL:
    case AST_GREATER:
    case AST_GREATER_EQUAL:
    case AST_STARTS_WITH:
    case AST_ENDS_WITH:
    case AST_CONTAINS:
    case AST_IN:
    case AST_LIST:
    case AST_IS_NULL:
    case AST_IS_NOT_NULL:
        for (uint32_t i = 0; is && i < condition->child_count; i++) {
            is = is_sure(rewriting, condition->children[i]);
        }
        return is;
    case AST_TEXT:
    case AST_INTEGER:
    case AST_FLOAT:
    case AST_BOOL:
    case AST_VARIABLE:
        return true;
    default:
        return is_property(rewriting, condition);
    }
}

/* Whether no sum of one of its values a flow, of whichever flows, overflows. */
static bool has_small_sum(const struct rewriting *rewriting, int property)
{
    const int64_t base_end = INT64_C(1) << 32; /* so that values are below 2^33 */
    const struct edge_frame *flows = &rewriting->graph->edges;
    bool is_small = flows->flow_count <= UINT64_C(1) << 30;
    for (uint32_t i = 0; is_small && i < flows->partition_count; i++) {
        const struct column *column = &flows->partitions[i].columns[property];
        is_small = column->width <= 4 && column->base > -base_end && column->base < base_end;
    }
    return is_small;
}

/* An aggregate that cannot fail; a sum of one flow's values a row. */
static bool is_sure_aggregate(const struct rewriting *rewriting, const struct ast_expression *call)
{
    static const char *const any[] = {"count", "min", "max", "collect"};
    if (call->kind != AST_CALL || call->is_star) {
        return call->kind == AST_CALL;
    }
    const struct ast_expression *argument = call->child_count == 1 ? call->children[0] : NULL;
    if (argument == NULL || (argument->kind != AST_VARIABLE && !is_property(rewriting, argument))) {
        return false;
    }
    for (size_t i = 0; i < sizeof any / sizeof *any; i++) {
        if (is_call_of(call, any[i], 1)) {
            return true;
        }
    }
    const struct schema *schema = &rewriting->graph->edges.schema;
    int property =
        argument->kind == AST_PROPERTY && names_kind(rewriting, argument->children[0]) == NAME_FLOW
            ? schema_find(schema, argument->name.text)
            : PROPERTY_NONE;
    enum type type = property == PROPERTY_NONE ? TYPE_NULL : schema->properties[property].type;
    bool is_sum = is_call_of(call, "sum", 1);
    return (is_sum || is_call_of(call, "avg", 1)) &&
           (type == TYPE_FLOAT || (type == TYPE_INTEGER && has_small_sum(rewriting, property)));
}

static bool is_sure_projection(const struct rewriting *rewriting,
                               const struct ast_projection *projection)
{
    bool is = !projection->is_star && projection->sort_count == 0 && projection->skip == NULL &&
              projection->limit == NULL;
    for (uint32_t i = 0; is && i < projection->item_count; i++) {
        const struct ast_expression *expression = projection->items[i].expression;
        is = expression->kind == AST_VARIABLE || is_property(rewriting, expression) ||
             is_sure_aggregate(rewriting, expression);
    }
    return is;
}

/* One flow, and nothing asked of its ends but in words. */
static bool is_bare(const struct ast_pattern *pattern)
{
    const struct ast_path *path = pattern->paths[0];
    bool is = pattern->count == 1 && path->name.text.data == NULL &&
              path->shortest == AST_ANY_LENGTH && path->relationship_count == 1;
    if (!is) {
        return false;
    }
    const struct ast_relationship *flow = path->relationships[0];
    const struct ast_node *left = path->nodes[0];
    const struct ast_node *right = path->nodes[1];
    return flow->range == NULL && flow->types == NULL && flow->properties == NULL &&
           flow->direction != AST_UNDIRECTED && left->labels == NULL && right->labels == NULL &&
           left->properties == NULL && right->properties == NULL;
}

/* Moves the conjuncts that are of vertices to `where`, but none from behind one that may fail; the
 * others go to `rest`. */
static bool divide(struct rewriting *rewriting, const struct ast_projection *projection,
                   struct ast_expression *condition, struct ast_expression **where,
                   struct ast_expression **rest)
{
    bool is_moved = (*rest == NULL || is_sure(rewriting, *rest)) &&
                    is_of_vertices(rewriting, projection, condition);
    bool is_made = true;
    if (condition->kind != AST_AND || is_moved) {
        return rewriting_add_conjunct(rewriting, is_moved ? where : rest, condition);
    }
    for (uint32_t i = 0; is_made && i < condition->child_count; i++) {
        is_made = divide(rewriting, projection, condition->children[i], where, rest);
    }
    return is_made;
}

bool rewrite_grouped(struct rewriting *rewriting, struct ast_branch *branch, uint32_t match)
{
    struct ast_clause *before = branch->clauses[match];
    struct ast_clause *with = match + 1 < branch->count ? branch->clauses[match + 1] : NULL;
    if (match != 0 || rewriting->is_inside || before->is_optional || with == NULL ||
        with->kind != AST_WITH || with->where == NULL || !is_bare(before->pattern) ||
        (before->where != NULL && !is_sure(rewriting, before->where)) ||
        !is_sure_projection(rewriting, with->projection)) {
        return true;
    }
    struct ast_expression *rest = NULL;
    if (!divide(rewriting, with->projection, with->where, &before->where, &rest)) {
        return false;
    }
    with->where = rest;
    return true;
}
