/* Comparisons of how much later one flow starts than another become windows:
 * later.StartTime <= earlier.StartTime + duration({nanoseconds: n}). */
#include "base/time_text.h"
#include "pipeline/rewriting.h"

enum { CONJUNCTS_MAX = 64 };

/* No month is shorter, so that no whole one is between times that are closer. */
static const int64_t month_ns_min = 28 * 86400 * NS_PER_SECOND;

/* Conditions that all hold. */
struct conjuncts {
    const struct ast_expression *items[CONJUNCTS_MAX];
    bool is_seen[CONJUNCTS_MAX];
    uint32_t count;
};

/* Those behind the first ones are left out: what is not known costs time only. */
static void collect(struct conjuncts *conjuncts, const struct ast_expression *condition)
{
    if (condition->kind == AST_AND) {
        for (uint32_t i = 0; i < condition->child_count; i++) {
            collect(conjuncts, condition->children[i]);
        }
    } else if (conjuncts->count < CONJUNCTS_MAX) {
        conjuncts->items[conjuncts->count++] = condition;
    }
}

static bool is_end_of(const struct ast_expression *time, const char *function,
                      const struct ast_expression *list)
{
    return is_call_of(time->children[0], function, 1) &&
           ast_equal(time->children[0]->children[0], list);
}

/* Whether a comparison, or the order of a list, says that `before` is not after something; what
 * that is, or NULL where it is `after` itself. */
static bool says_not_after(const struct ast_expression *condition,
                           const struct ast_expression *before, const struct ast_expression *after,
                           const struct ast_expression **between)
{
    *between = NULL;
    if (is_call_of(condition, "ascending", 1) || is_call_of(condition, "strictlyAscending", 1)) {
        return is_end_of(before, "head", condition->children[0]) &&
               is_end_of(after, "last", condition->children[0]);
    }
    bool is_less = condition->kind == AST_LESS || condition->kind == AST_LESS_EQUAL;
    if (!is_less && condition->kind != AST_GREATER && condition->kind != AST_GREATER_EQUAL) {
        return false;
    }
    *between = condition->children[is_less];
    return ast_equal(condition->children[!is_less], before);
}

static bool is_not_after(const struct rewriting *rewriting, struct conjuncts *conjuncts,
                         const struct ast_expression *before, const struct ast_expression *after)
{
    if (ast_equal(before, after)) {
        return true;
    }
    for (uint32_t i = 0; i < conjuncts->count; i++) {
        const struct ast_expression *between = NULL;
        if (conjuncts->is_seen[i] ||
            !says_not_after(conjuncts->items[i], before, after, &between)) {
            continue;
        }
        conjuncts->is_seen[i] = true;
        if (between == NULL || (names_is_time(rewriting, between) &&
                                is_not_after(rewriting, conjuncts, between, after))) {
            return true;
        }
    }
    return false;
}

/* A duration that the calendar counts is its nanoseconds where no month is counted, which is
 * certain of a short one from a flow to one that is not before it. A longer one is not known to be
 * less, which no conjunct passes. */
static bool is_exact(const struct rewriting *rewriting, const struct time_bounds *bounds,
                     bool is_conjunct)
{
    struct conjuncts conjuncts = {.count = 0};
    if (!bounds->is_calendar) {
        return bounds->is_exact;
    }
    if (!is_conjunct || bounds->least != INT64_MIN || bounds->most >= month_ns_min) {
        return false;
    }
    collect(&conjuncts, rewriting->where);
    return is_not_after(rewriting, &conjuncts, bounds->earlier, bounds->later);
}

/* earlier + duration({nanoseconds: ns}) */
static struct ast_expression *write_sum(const struct rewriting *rewriting,
                                        const struct ast_expression *comparison,
                                        const struct ast_expression *earlier, int64_t ns)
{
    const struct ast_builder *builder = rewriting->builder;
    struct ast_name unit = {bytes_of("nanoseconds"), comparison->span};
    struct ast_name function = {bytes_of("duration"), comparison->span};
    struct ast_expression *number = ast_leaf(builder, AST_INTEGER, comparison->span);
    struct ast_expression *map = number == NULL ? NULL : ast_add_entry(builder, NULL, unit, number);
    struct ast_expression *arguments = map == NULL ? NULL : ast_add_item(builder, NULL, map);
    struct ast_expression *call =
        arguments == NULL ? NULL : ast_call(builder, comparison->span, function, arguments, false);
    if (call == NULL) {
        return NULL;
    }
    number->integer = ns;
    return ast_binary(builder, AST_ADD, comparison->span, comparison->place,
                      (struct ast_expression *)(uintptr_t)earlier, call);
}

static struct ast_expression *write_bound(const struct rewriting *rewriting,
                                          const struct ast_expression *comparison,
                                          const struct time_bounds *bounds, enum ast_kind kind,
                                          int64_t ns)
{
    struct ast_expression *sum = write_sum(rewriting, comparison, bounds->earlier, ns);
    return sum == NULL ? NULL
                       : ast_binary(rewriting->builder, kind, comparison->span, comparison->place,
                                    (struct ast_expression *)(uintptr_t)bounds->later, sum);
}

bool rewrite_window(struct rewriting *rewriting, struct ast_expression *comparison,
                    bool is_conjunct)
{
    struct time_bounds bounds;
    if (!amount_read_bounds(rewriting, comparison, &bounds)) {
        return true;
    }
    bool is_kept = !is_exact(rewriting, &bounds, is_conjunct);
    if (is_kept && !is_conjunct) {
        return true;
    }
    struct ast_expression *parts[3] = {NULL};
    uint32_t count = 0;
    bool is_made = true;
    if (bounds.least != INT64_MIN) {
        parts[count] = write_bound(rewriting, comparison, &bounds, AST_GREATER_EQUAL, bounds.least);
        is_made = parts[count++] != NULL;
    }
    if (is_made && bounds.most != INT64_MAX) {
        parts[count] = write_bound(rewriting, comparison, &bounds, AST_LESS_EQUAL, bounds.most);
        is_made = parts[count++] != NULL;
    }
    if (is_made && is_kept) {
        parts[count] = ast_leaf(rewriting->builder, comparison->kind, comparison->span);
        is_made = parts[count] != NULL;
        if (is_made) {
            *parts[count++] = *comparison;
        }
    }
    return is_made && rewriting_replace(rewriting, comparison, AST_AND, parts, count);
}
