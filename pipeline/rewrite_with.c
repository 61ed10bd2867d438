/* A WITH that only hands on variables ends nothing: conditions behind it belong to the MATCH before
 * it, and where nobody could see the difference the clause itself is left out. */
#include "pipeline/rewriting.h"
#include "query/visit.h"

/* Whether a projection is of variables that are there, each under its own name. */
static bool hands_on(const struct rewriting *rewriting, const struct ast_projection *projection)
{
    bool hands = !projection->is_distinct && projection->sort_count == 0 &&
                 projection->skip == NULL && projection->limit == NULL &&
                 (projection->is_star ? projection->item_count == 0 && rewriting->name_count > 0
                                      : projection->item_count > 0);
    for (uint32_t i = 0; hands && i < projection->item_count; i++) {
        const struct ast_item *item = &projection->items[i];
        struct bytes text = item->expression->name.text;
        hands = item->expression->kind == AST_VARIABLE && names_find(rewriting, text) != NULL &&
                (item->alias.text.data == NULL || bytes_equal(item->alias.text, text));
        for (uint32_t j = 0; hands && j < i; j++) {
            hands = !bytes_equal(projection->items[j].expression->name.text, text);
        }
    }
    return hands;
}

/* Whether a shortest path is searched for; more conditions would make another one the shortest. */
static bool has_shortest(const struct ast_pattern *pattern)
{
    for (uint32_t i = 0; i < pattern->count; i++) {
        if (pattern->paths[i]->shortest != AST_ANY_LENGTH) {
            return true;
        }
    }
    return false;
}

/* Moves the conjuncts that may be to `where`; the others go to `rest`. */
static bool divide(struct rewriting *rewriting, struct ast_expression *condition,
                   struct ast_expression **where, struct ast_expression **rest)
{
    if (condition->kind != AST_AND) {
        return rewriting_add_conjunct(rewriting, rewriting_cannot_fail(condition) ? where : rest,
                                      condition);
    }
    for (uint32_t i = 0; i < condition->child_count; i++) {
        if (!divide(rewriting, condition->children[i], where, rest)) {
            return false;
        }
    }
    return true;
}

/* Looking for a name that a WITH drops, or for a star, in what comes behind. */
struct looking {
    const struct rewriting *rewriting;
    const struct ast_projection *projection;
};

static bool is_kept(const struct looking *looking, struct bytes text)
{
    const struct ast_projection *projection = looking->projection;
    bool is_kept = projection->is_star || names_find(looking->rewriting, text) == NULL;
    for (uint32_t i = 0; !is_kept && i < projection->item_count; i++) {
        is_kept = bytes_equal(projection->items[i].expression->name.text, text);
    }
    return is_kept;
}

static bool look_at_clause(void *context, const struct ast_clause *clause)
{
    const struct looking *looking = context;
    const struct ast_projection *projection = clause->projection;
    bool is_kept_all =
        (projection == NULL || !projection->is_star || looking->projection->is_star) &&
        is_kept(looking, clause->alias.text);
    for (uint32_t i = 0; is_kept_all && projection != NULL && i < projection->item_count; i++) {
        is_kept_all = is_kept(looking, projection->items[i].alias.text);
    }
    return is_kept_all;
}

static bool look_at_path(void *context, const struct ast_path *path)
{
    const struct looking *looking = context;
    bool is_kept_all = is_kept(looking, path->name.text);
    for (uint32_t i = 0; is_kept_all && i < path->node_count; i++) {
        is_kept_all = is_kept(looking, path->nodes[i]->name.text);
    }
    for (uint32_t i = 0; is_kept_all && i < path->relationship_count; i++) {
        is_kept_all = is_kept(looking, path->relationships[i]->name.text);
    }
    return is_kept_all;
}

static bool look_at_expression(void *context, const struct ast_expression *expression)
{
    return is_kept(context, expression->name.text) &&
           is_kept(context, expression->accumulator.text);
}

static bool is_plain_pattern(const struct ast_pattern *pattern)
{
    for (uint32_t i = 0; i < pattern->count; i++) {
        const struct ast_path *path = pattern->paths[i];
        for (uint32_t j = 0; j < path->relationship_count; j++) {
            if (path->relationships[j]->range != NULL ||
                path->relationships[j]->direction == AST_UNDIRECTED) {
                return false;
            }
        }
    }
    return true;
}

/* Whether the MATCH clauses from `first` on can go to the matcher; it takes all of a query's first
 * ones or none (head.h), so that a WITH is the end of what it takes. */
static bool are_plain(const struct ast_branch *branch, uint32_t first)
{
    bool are_plain = true;
    for (uint32_t i = first;
         are_plain && i < branch->count && branch->clauses[i]->kind == AST_MATCH &&
         !branch->clauses[i]->is_optional;
         i++) {
        are_plain = is_plain_pattern(branch->clauses[i]->pattern);
    }
    return are_plain;
}

/* Whether no clause from `first` on would see a name, once the WITH is gone, that it drops. */
static bool may_leave_out(const struct rewriting *rewriting, const struct ast_branch *branch,
                          uint32_t first, const struct ast_projection *projection)
{
    struct looking looking = {rewriting, projection};
    const struct ast_visitor visitor = {.clause = look_at_clause,
                                        .path = look_at_path,
                                        .expression = look_at_expression,
                                        .context = &looking};
    struct ast_branch behind = {.clauses = branch->clauses + first, .count = branch->count - first};
    struct ast_branch *branches[] = {&behind};
    struct ast_query query = {.branches = branches, .count = 1};
    return first < branch->count && are_plain(branch, first) && ast_visit(&visitor, &query);
}

bool rewrite_with(struct rewriting *rewriting, struct ast_branch *branch, uint32_t match)
{
    struct ast_clause *before = branch->clauses[match];
    uint32_t with = match + 1;
    bool goes_on = !before->is_optional && !has_shortest(before->pattern);
    while (goes_on && with < branch->count && branch->clauses[with]->kind == AST_WITH &&
           hands_on(rewriting, branch->clauses[with]->projection)) {
        struct ast_clause *clause = branch->clauses[with];
        struct ast_expression *rest = NULL;
        if (clause->where != NULL && !divide(rewriting, clause->where, &before->where, &rest)) {
            return false;
        }
        clause->where = rest;
        goes_on = rest == NULL && may_leave_out(rewriting, branch, with + 1, clause->projection);
        if (goes_on) {
            before->span.end = clause->span.end;
            branch->count--;
            for (uint32_t i = with; i < branch->count; i++) {
                branch->clauses[i] = branch->clauses[i + 1];
            }
        }
    }
    return true;
}
