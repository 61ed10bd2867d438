/* A ring of which one flow has a name of its own, and the others are a walk:
 *
 *   (a)-[e]->(b)-[es*1..4]->(a)      (a)-[ring*2..5]->(a), where e is head(ring), es ring[1..],
 *   (a)-[es*1..4]->(b)-[e]->(a)      or e is last(ring), es ring[..-1]; b is between them
 *
 * so that the search for cycles has it, if the conditions say that start times ascend all the way.
 * Who reads e, es or b behind the MATCH has them from a WITH. */
#include "pipeline/rewriting.h"

struct ring {
    struct rewriting *rewriting;
    const struct ast_relationship *flow;
    const struct ast_relationship *walk;
    struct ast_name middle; /* the vertex between them */
    bool is_flow_first;
    struct ast_name name; /* of the whole ring */
};

/* Conjuncts that say together that start times ascend; what is strict of one is of the other. */
struct ring_order {
    struct ast_expression *whole; /* of all flows */
    struct ast_expression *list;  /* of the walk */
    struct ast_expression *link;  /* from the flow to the walk, or the other way */
    bool is_list_strict;
    bool is_link_strict;
};

static bool is_named(const struct ast_expression *expression, struct bytes name)
{
    return expression->kind == AST_VARIABLE && name.data != NULL &&
           bytes_equal(expression->name.text, name);
}

static bool is_walk(const struct ring *ring, const struct ast_expression *expression)
{
    return is_named(expression, ring->walk->name.text);
}

static bool is_integer(const struct ast_expression *expression, int64_t integer)
{
    return expression->kind == AST_INTEGER && expression->integer == integer;
}

/* size(es) - less */
static bool is_size_less(const struct ring *ring, const struct ast_expression *expression,
                         int64_t less)
{
    return expression->kind == AST_SUBTRACT && is_call_of(expression->children[0], "size", 1) &&
           is_walk(ring, expression->children[0]->children[0]) &&
           is_integer(expression->children[1], less);
}

static bool is_first(const struct ring *ring, const struct ast_expression *item)
{
    bool is_item = item->kind == AST_INDEX && is_integer(item->children[1], 0);
    return (is_item || is_call_of(item, "head", 1)) && is_walk(ring, item->children[0]);
}

static bool is_last(const struct ring *ring, const struct ast_expression *item)
{
    bool is_item = item->kind == AST_INDEX &&
                   (is_integer(item->children[1], -1) || is_size_less(ring, item->children[1], 1));
    return (is_item || is_call_of(item, "last", 1)) && is_walk(ring, item->children[0]);
}

static bool is_time(const struct ring *ring, const struct ast_expression *expression)
{
    return expression->kind == AST_PROPERTY &&
           bytes_equal(expression->name.text, ring->rewriting->start_time);
}

/* A comparison of two start times, as earlier < later or earlier <= later. */
static bool read_ascent(const struct ring *ring, const struct ast_expression *comparison,
                        const struct ast_expression **earlier, const struct ast_expression **later,
                        bool *is_strict)
{
    bool is_less = comparison->kind == AST_LESS || comparison->kind == AST_LESS_EQUAL;
    bool is_greater = comparison->kind == AST_GREATER || comparison->kind == AST_GREATER_EQUAL;
    if ((!is_less && !is_greater) || !is_time(ring, comparison->children[0]) ||
        !is_time(ring, comparison->children[1])) {
        return false;
    }
    *earlier = comparison->children[is_greater]->children[0];
    *later = comparison->children[is_less]->children[0];
    *is_strict = comparison->kind == AST_LESS || comparison->kind == AST_GREATER;
    return true;
}

static bool is_link(const struct ring *ring, const struct ast_expression *condition,
                    bool *is_strict)
{
    const struct ast_expression *earlier = NULL;
    const struct ast_expression *later = NULL;
    if (!read_ascent(ring, condition, &earlier, &later, is_strict)) {
        return false;
    }
    return ring->is_flow_first ? is_named(earlier, ring->flow->name.text) && is_first(ring, later)
                               : is_last(ring, earlier) && is_named(later, ring->flow->name.text);
}

static bool is_order_call(const struct ast_expression *call, bool *is_strict)
{
    *is_strict = is_call_of(call, "strictlyAscending", 1);
    return *is_strict || is_call_of(call, "ascending", 1);
}

/* es[name + offset] */
static bool is_item_at(const struct ring *ring, const struct ast_expression *item,
                       struct bytes name, int64_t offset)
{
    if (item->kind != AST_INDEX || !is_walk(ring, item->children[0])) {
        return false;
    }
    const struct ast_expression *index = item->children[1];
    enum ast_kind kind = offset < 0 ? AST_SUBTRACT : AST_ADD;
    return offset == 0 ? is_named(index, name)
                       : index->kind == kind && is_named(index->children[0], name) &&
                             is_integer(index->children[1], offset < 0 ? -offset : offset);
}

/* all(i IN range(1, size(es) - 1) WHERE es[i - 1].StartTime < es[i].StartTime), or from 0 to
 * size(es) - 2 with es[i] and es[i + 1] */
static bool is_step_by_step(const struct ring *ring, const struct ast_expression *all,
                            bool *is_strict)
{
    const struct ast_expression *earlier = NULL;
    const struct ast_expression *later = NULL;
    if (all->kind != AST_ALL || !is_call_of(all->children[0], "range", 2) ||
        !read_ascent(ring, all->children[1], &earlier, &later, is_strict)) {
        return false;
    }
    const struct ast_expression *const *bounds =
        (const struct ast_expression *const *)all->children[0]->children;
    bool is_back = is_integer(bounds[0], 1);
    return (is_back || is_integer(bounds[0], 0)) &&
           is_size_less(ring, bounds[1], is_back ? 1 : 2) &&
           is_item_at(ring, earlier, all->name.text, is_back ? -1 : 0) &&
           is_item_at(ring, later, all->name.text, is_back ? 0 : 1);
}

/* [e] + es, or es + [e] */
static bool is_sum(const struct ring *ring, const struct ast_expression *sum)
{
    if (sum->kind != AST_ADD) {
        return false;
    }
    const struct ast_expression *list = sum->children[!ring->is_flow_first];
    return list->kind == AST_LIST && list->child_count == 1 &&
           is_named(list->children[0], ring->flow->name.text) &&
           is_walk(ring, sum->children[ring->is_flow_first]);
}

static bool is_all_flows(const struct ring *ring, const struct ast_expression *list)
{
    bool is_call = is_call_of(list, "relationships", 1);
    return is_sum(ring, list) ||
           names_kind(ring->rewriting, is_call ? list->children[0] : list) == NAME_PATH;
}

static void read_order(const struct ring *ring, struct ast_expression *condition,
                       struct ring_order *order)
{
    bool is_strict = false;
    for (uint32_t i = 0; condition->kind == AST_AND && i < condition->child_count; i++) {
        read_order(ring, condition->children[i], order);
    }
    if (is_order_call(condition, &is_strict) && is_all_flows(ring, condition->children[0])) {
        order->whole = condition;
    } else if ((is_order_call(condition, &is_strict) && is_walk(ring, condition->children[0])) ||
               is_step_by_step(ring, condition, &is_strict)) {
        order->list = condition;
        order->is_list_strict = is_strict;
    } else if (is_link(ring, condition, &is_strict)) {
        order->link = condition;
        order->is_link_strict = is_strict;
    }
}

/* Whether a name inside an expression hides one of those that go. */
static bool hides(const struct ring *ring, const struct ast_expression *expression)
{
    const struct bytes names[] = {ring->flow->name.text, ring->walk->name.text, ring->middle.text};
    bool has = expression->pattern != NULL || expression->query != NULL;
    bool is_each = expression->kind >= AST_COMPREHENSION && expression->kind <= AST_REDUCE;
    for (uint32_t i = 0; is_each && i < sizeof names / sizeof *names; i++) {
        has =
            has || (names[i].data != NULL && (bytes_equal(expression->name.text, names[i]) ||
                                              bytes_equal(expression->accumulator.text, names[i])));
    }
    for (uint32_t i = 0; !has && i < expression->child_count; i++) {
        has = expression->children[i] != NULL && hides(ring, expression->children[i]);
    }
    return has;
}

static struct ast_expression *write_ring(const struct ring *ring, struct source_span span)
{
    struct ast_expression *variable = ast_named(ring->rewriting->builder, AST_VARIABLE, ring->name);
    if (variable != NULL) {
        variable->span = span;
    }
    return variable;
}

static struct ast_expression *write_call(const struct ring *ring, const char *function,
                                         struct ast_expression *argument)
{
    const struct ast_builder *builder = ring->rewriting->builder;
    struct ast_expression *call =
        argument == NULL ? NULL : ast_leaf(builder, AST_CALL, argument->span);
    if (call == NULL || !ast_add_child(builder, call, argument)) {
        return NULL;
    }
    call->name = (struct ast_name){bytes_of(function), argument->span};
    return call;
}

static struct ast_expression *write_integer(const struct ring *ring, struct source_span span,
                                            int64_t integer)
{
    struct ast_expression *leaf = ast_leaf(ring->rewriting->builder, AST_INTEGER, span);
    if (leaf != NULL) {
        leaf->integer = integer;
    }
    return leaf;
}

/* ring[index] */
static struct ast_expression *write_item(const struct ring *ring, struct source_span span,
                                         int64_t index)
{
    struct ast_expression *list = write_ring(ring, span);
    struct ast_expression *place = write_integer(ring, span, index);
    return list == NULL || place == NULL
               ? NULL
               : ast_binary(ring->rewriting->builder, AST_INDEX, span, span.begin, list, place);
}

static struct ast_expression *write_flow(const struct ring *ring, struct source_span span)
{
    return write_call(ring, ring->is_flow_first ? "head" : "last", write_ring(ring, span));
}

/* Whether the flow arrives at the vertex between it and the walk. */
static bool is_target(const struct ring *ring)
{
    return ring->is_flow_first == (ring->flow->direction == AST_RIGHT);
}

static struct ast_expression *write_middle(const struct ring *ring, struct source_span span)
{
    return write_call(ring, is_target(ring) ? "endNode" : "startNode", write_flow(ring, span));
}

/* The address of that vertex is also a property of the flow, and so a condition on it one on that.
 */
static bool is_middle_key(const struct ring *ring, const struct ast_expression *expression)
{
    return expression->kind == AST_PROPERTY &&
           is_named(expression->children[0], ring->middle.text) &&
           bytes_equal(expression->name.text, bytes_of(ring->rewriting->graph->vertices.key));
}

static struct ast_expression *write_middle_key(const struct ring *ring,
                                               const struct ast_expression *expression)
{
    const struct schema *schema = &ring->rewriting->graph->edges.schema;
    int property = schema_find_role(schema, is_target(ring) ? ROLE_TARGET : ROLE_SOURCE);
    struct ast_name name = {bytes_of(schema->properties[property].name), expression->name.span};
    struct ast_expression *flow = write_flow(ring, expression->span);
    return flow == NULL ? NULL
                        : ast_property(ring->rewriting->builder, expression->span, flow, name);
}

static struct ast_expression *write_walk(const struct ring *ring, struct source_span span)
{
    struct ast_expression *list = write_ring(ring, span);
    struct ast_expression *bound = write_integer(ring, span, ring->is_flow_first ? 1 : -1);
    return list == NULL || bound == NULL
               ? NULL
               : ast_slice(ring->rewriting->builder, span, list, ring->is_flow_first ? bound : NULL,
                           ring->is_flow_first ? NULL : bound);
}

/* size(ring) - 1 */
static struct ast_expression *write_size(const struct ring *ring, struct source_span span)
{
    struct ast_expression *size = write_call(ring, "size", write_ring(ring, span));
    struct ast_expression *one = write_integer(ring, span, 1);
    return size == NULL || one == NULL
               ? NULL
               : ast_binary(ring->rewriting->builder, AST_SUBTRACT, span, span.begin, size, one);
}

/* What an expression is in words of the ring; itself where it says nothing of what goes. NULL
 * without memory. */
static struct ast_expression *restate(const struct ring *ring, struct ast_expression *expression)
{
    struct source_span span = expression->span;
    if (is_named(expression, ring->flow->name.text)) {
        return write_flow(ring, span);
    }
    if (is_named(expression, ring->middle.text)) {
        return write_middle(ring, span);
    }
    if (is_middle_key(ring, expression)) {
        return write_middle_key(ring, expression);
    }
    if (is_walk(ring, expression)) {
        return write_walk(ring, span);
    }
    if (is_sum(ring, expression)) {
        return write_ring(ring, span);
    }
    if (is_first(ring, expression)) {
        return ring->is_flow_first ? write_item(ring, span, 1)
                                   : write_call(ring, "head", write_ring(ring, span));
    }
    if (is_last(ring, expression)) {
        return ring->is_flow_first ? write_call(ring, "last", write_ring(ring, span))
                                   : write_item(ring, span, -2);
    }
    if (is_call_of(expression, "size", 1) && is_walk(ring, expression->children[0])) {
        return write_size(ring, span);
    }
    for (uint32_t i = 0; i < expression->child_count; i++) {
        struct ast_expression *child = expression->children[i];
        child = child == NULL ? NULL : restate(ring, child);
        if (child == NULL && expression->children[i] != NULL) {
            return NULL;
        }
        expression->children[i] = child;
    }
    return expression;
}

/* The two conjuncts of an order become one of the whole ring. */
static bool join_order(const struct ring *ring, const struct ring_order *order)
{
    struct ast_expression *list = write_ring(ring, order->list->span);
    struct ast_expression *call =
        write_call(ring, order->is_list_strict ? "strictlyAscending" : "ascending", list);
    struct ast_expression *truth = ast_leaf(ring->rewriting->builder, AST_BOOL, order->link->span);
    if (call == NULL || truth == NULL) {
        return false;
    }
    call->place = order->list->place;
    truth->integer = 1;
    *order->list = *call;
    *order->link = *truth;
    return true;
}

/* Whether the names of a ring stand nowhere but in conditions, and behind the MATCH. */
static bool is_free(const struct rewriting *rewriting, const struct ast_branch *branch,
                    struct bytes name)
{
    struct name_uses uses = names_uses(branch, 0, name);
    return name.data == NULL || (uses.pattern_count == 1 && uses.property_count == 0 &&
                                 names_find(rewriting, name) != NULL);
}

static bool is_bare(const struct ast_relationship *relationship)
{
    return relationship->types == NULL && relationship->properties == NULL &&
           relationship->direction != AST_UNDIRECTED;
}

/* Whether a MATCH is of such a ring and nothing else. */
static bool read_ring(struct ring *ring, const struct ast_branch *branch, uint32_t index)
{
    const struct ast_clause *match = branch->clauses[index];
    const struct ast_path *path = match->pattern->paths[0];
    if (index > 0 || ring->rewriting->is_inside || ring->rewriting->has_star ||
        match->is_optional || match->where == NULL || match->pattern->count != 1 ||
        path->relationship_count != 2 || path->shortest != AST_ANY_LENGTH) {
        return false;
    }
    const struct ast_relationship *const *parts =
        (const struct ast_relationship *const *)path->relationships;
    const struct ast_node *middle = path->nodes[1];
    struct bytes first = path->nodes[0]->name.text;
    ring->is_flow_first = parts[0]->range == NULL;
    ring->flow = parts[!ring->is_flow_first];
    ring->walk = parts[ring->is_flow_first];
    ring->middle = middle->name;
    return ring->flow->range == NULL && ring->walk->range != NULL && ring->walk->range->min >= 1 &&
           is_bare(ring->flow) && is_bare(ring->walk) &&
           ring->flow->direction == ring->walk->direction && middle->labels == NULL &&
           middle->properties == NULL && first.data != NULL &&
           bytes_equal(first, path->nodes[2]->name.text) &&
           (middle->name.text.data == NULL || !bytes_equal(first, middle->name.text)) &&
           is_free(ring->rewriting, branch, ring->flow->name.text) &&
           is_free(ring->rewriting, branch, ring->walk->name.text) &&
           is_free(ring->rewriting, branch, ring->middle.text);
}

/* The path of one walk in the place of that of two parts. The name of the ring came last. */
static bool draw_ring(const struct ring *ring, struct ast_path *path)
{
    struct rewriting *rewriting = ring->rewriting;
    const struct ast_builder *builder = ring->rewriting->builder;
    const struct ast_range *range = ring->walk->range;
    bool has_end = range->max != AST_HOPS_UNBOUNDED;
    struct ast_range *hops =
        ast_new_range(builder, range->min + 1, has_end ? range->max + 1 : range->max);
    struct ast_relationship *walk =
        hops == NULL ? NULL : ast_new_relationship(builder, ring->name, NULL, hops, NULL);
    struct ast_path *drawn = ast_new_path(builder, path->nodes[0]);
    if (walk == NULL || drawn == NULL) {
        return false;
    }
    hops->span = range->span;
    walk->span = ring->walk->span;
    walk->direction = ring->walk->direction;
    drawn = ast_extend_path(builder, drawn, walk, path->nodes[2]);
    if (drawn == NULL) {
        return false;
    }
    drawn->name = path->name;
    *path = *drawn;
    rewriting->names[rewriting->name_count - 1].path = path;
    return true;
}

/* Where a name that goes stands; of others nothing. */
static struct source_span span_of(const struct ring *ring, struct bytes name)
{
    const struct ast_name names[] = {ring->flow->name, ring->walk->name, ring->middle};
    struct source_span span = {0};
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        span = bytes_equal(names[i].text, name) ? names[i].span : span;
    }
    return span;
}

/* Of the names in scope those that are read behind the MATCH, in a WITH; those that go are gone. */
static bool hand_on(const struct ring *ring, struct ast_branch *branch, uint32_t index)
{
    struct rewriting *rewriting = ring->rewriting;
    const struct ast_builder *builder = rewriting->builder;
    struct ast_projection *projection = NULL;
    uint32_t kept_count = 0;
    bool is_needed = false;
    for (uint32_t i = 0; i < rewriting->name_count; i++) {
        struct rewrite_name name = rewriting->names[i];
        struct name_uses uses = names_uses(branch, index + 1, name.text);
        struct ast_name alias = {name.text, span_of(ring, name.text)};
        struct ast_expression *variable = ast_named(builder, AST_VARIABLE, alias);
        struct ast_expression *item = variable == NULL ? NULL : restate(ring, variable);
        if (item == NULL) {
            return false;
        }
        if (item == variable) {
            rewriting->names[kept_count++] = name;
        }
        if (!uses.is_read && uses.pattern_count == 0) {
            continue;
        }
        is_needed = is_needed || item != variable;
        projection =
            ast_add_output(builder, projection, (struct ast_item){item, alias.span, alias});
        if (projection == NULL) {
            return false;
        }
    }
    rewriting->name_count = kept_count;
    return !is_needed || rewriting_add_with(rewriting, branch, index, projection);
}

bool rewrite_ring(struct rewriting *rewriting, struct ast_branch *branch, uint32_t index)
{
    struct ast_clause *match = branch->clauses[index];
    struct ring ring = {.rewriting = rewriting};
    struct ring_order order = {.whole = NULL};
    if (!read_ring(&ring, branch, index) || hides(&ring, match->where)) {
        return true;
    }
    read_order(&ring, match->where, &order);
    bool is_joined =
        order.list != NULL && order.link != NULL && order.is_list_strict == order.is_link_strict;
    bool is_known = order.whole != NULL || is_joined;
    struct bytes of = ring.walk->name.text.data == NULL ? bytes_of("") : ring.walk->name.text;
    if (!is_known ||
        !names_give(rewriting, &ring.name, NAME_FLOWS, "ring", of, INDEX_NONE, &is_known) ||
        !is_known) {
        return true;
    }
    if (order.whole == NULL && !join_order(&ring, &order)) {
        return false;
    }
    match->where = restate(&ring, match->where);
    return match->where != NULL && draw_ring(&ring, match->pattern->paths[0]) &&
           hand_on(&ring, branch, index);
}
