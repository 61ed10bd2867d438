/* The words for the time between two flows:
 *
 *   duration.between(x.StartTime, y.StartTime), duration.inSeconds(...), y.StartTime - x.StartTime
 *   the seconds, minutes, ... of the last two, which are counted whole
 *   y.StartTime.epochMillis - x.StartTime.epochMillis, epochSeconds
 *   a whole number of these divided by a constant
 *
 * A number of whole units is a step function of the nanoseconds between, so that its bounds are
 * bounds of these; of a difference of two numbers of whole units they only follow. */
#include "base/time_text.h"
#include "pipeline/rewriting.h"
#include "value/duration.h"
#include "value/temporal.h"

typedef __int128 wide;

enum { STEPS_MAX = 4, ENTRIES_MAX = 8 };

/* More than any window, and little enough that a time can be so much later. */
static const int64_t bound_max = 366 * 86400 * NS_PER_SECOND;

/* The nanoseconds between the two times, or the difference of both in whole units of `unit_ns`;
 * then steps, one after another; then the constant is added. Without times: a constant. */
struct amount {
    const struct ast_expression *earlier;
    const struct ast_expression *later;
    int64_t unit_ns; /* 0: of the difference */
    bool is_duration;
    bool is_calendar;
    struct step {
        int64_t divisor;
        bool is_floor; /* else towards zero */
    } steps[STEPS_MAX];
    uint32_t step_count;
    wide constant;
};

static bool read_amount(const struct rewriting *rewriting, const struct ast_expression *expression,
                        struct amount *amount);

static bool add_step(struct amount *amount, int64_t divisor, bool is_floor)
{
    if (amount->step_count == STEPS_MAX || amount->constant != 0) {
        return false;
    }
    amount->steps[amount->step_count++] = (struct step){divisor, is_floor};
    return true;
}

/* Whether expressions are two start times, and what is between them. */
static bool read_difference(const struct rewriting *rewriting, const struct ast_expression *earlier,
                            const struct ast_expression *later, struct amount *amount)
{
    *amount = (struct amount){.earlier = earlier, .later = later, .is_duration = true};
    return names_is_time(rewriting, earlier) && names_is_time(rewriting, later);
}

static bool read_duration(const struct rewriting *rewriting,
                          const struct ast_expression *expression, struct amount *amount)
{
    struct ast_expression **children = expression->children;
    if (expression->kind == AST_SUBTRACT) {
        return read_difference(rewriting, children[1], children[0], amount);
    }
    bool is_calendar = is_call_of(expression, "duration.between", 2);
    if ((!is_calendar && !is_call_of(expression, "duration.inSeconds", 2)) ||
        !read_difference(rewriting, children[0], children[1], amount)) {
        return false;
    }
    amount->is_calendar = is_calendar;
    return true;
}

static bool is_named(const struct ast_expression *property, const char *name)
{
    return bytes_equal_ignoring_case(property->name.text, bytes_of(name));
}

/* Seconds of a duration are those at or before it, and all else is counted from them, or from
 * nanoseconds, towards zero. */
static bool read_component(const struct rewriting *rewriting, const struct ast_expression *property,
                           struct amount *amount)
{
    static const struct {
        const char *name;
        int64_t seconds; /* 0: counted in nanoseconds */
        int64_t ns;
    } units[] = {{"hours", 3600, 0},           {"minutes", 60, 0},        {"seconds", 1, 0},
                 {"milliseconds", 0, 1000000}, {"microseconds", 0, 1000}, {"nanoseconds", 0, 1}};
    if (!read_duration(rewriting, property->children[0], amount) || amount->is_calendar) {
        return false;
    }
    amount->is_duration = false;
    for (uint32_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (is_named(property, units[i].name)) {
            return units[i].seconds == 0 ? add_step(amount, units[i].ns, false)
                                         : add_step(amount, NS_PER_SECOND, true) &&
                                               add_step(amount, units[i].seconds, false);
        }
    }
    return false;
}

static bool read_epoch(const struct rewriting *rewriting, const struct ast_expression *property,
                       struct amount *amount)
{
    *amount = (struct amount){.later = property->children[0]};
    amount->unit_ns = is_named(property, "epochSeconds")  ? NS_PER_SECOND
                      : is_named(property, "epochMillis") ? 1000000
                                                          : 0;
    return amount->unit_ns != 0 && names_is_time(rewriting, property->children[0]);
}

static bool is_constant(const struct amount *amount)
{
    return amount->earlier == NULL && amount->later == NULL;
}

static bool is_small(wide number)
{
    return number >= -bound_max && number <= bound_max;
}

/* left + sign * right, where at most one of them has gone through a step, and is not negated. */
static bool combine(struct amount *left, struct amount right, int sign)
{
    const struct ast_expression *later = sign > 0 ? right.later : right.earlier;
    const struct ast_expression *earlier = sign > 0 ? right.earlier : right.later;
    bool is_right_bare = is_constant(&right) || (right.unit_ns != 0 && right.step_count == 0);
    bool is_left_bare = is_constant(left) || (left->unit_ns != 0 && left->step_count == 0);
    bool is_same = is_constant(left) || is_constant(&right) || left->unit_ns == right.unit_ns;
    if (left->is_duration != right.is_duration || !is_same || !is_right_bare ||
        (!is_left_bare && !is_constant(&right)) || (left->later != NULL && later != NULL) ||
        (left->earlier != NULL && earlier != NULL)) {
        return false;
    }
    left->later = left->later != NULL ? left->later : later;
    left->earlier = left->earlier != NULL ? left->earlier : earlier;
    left->unit_ns = left->unit_ns != 0 ? left->unit_ns : right.unit_ns;
    left->constant += right.constant * sign;
    return is_small(left->constant);
}

static bool has_key_before(const struct ast_expression *map, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (bytes_equal(map->keys[i].text, map->keys[index].text)) {
            return true;
        }
    }
    return false;
}

/* duration({minutes: 1.5, ...}) of a fixed length. */
static bool read_constant_duration(const struct ast_expression *call, struct amount *amount)
{
    const struct ast_expression *map = call->children[0];
    struct value_entry entries[ENTRIES_MAX];
    bool is_read = map->kind == AST_MAP && map->child_count <= ENTRIES_MAX;
    for (uint32_t i = 0; is_read && i < map->child_count; i++) {
        const struct ast_expression *number = map->children[i];
        entries[i].key = map->keys[i].text;
        entries[i].value = number->kind == AST_INTEGER ? value_integer(number->integer)
                                                       : value_float(number->real);
        is_read =
            (number->kind == AST_INTEGER || number->kind == AST_FLOAT) && !has_key_before(map, i);
    }
    struct value all = {.kind = VALUE_MAP, .count = map->child_count, .entries = entries};
    struct pool pool = {0};
    struct value duration = {0};
    int64_t ns = 0;
    is_read = is_read && duration_from_map(all, &pool, &duration, NULL) == STATUS_OK &&
              temporal_duration_to_ns(duration, &ns);
    *amount = (struct amount){.is_duration = true, .constant = ns};
    pool_close(&pool);
    return is_read;
}

/* Of whole numbers: a product of constants, a quotient by one. */
static bool read_product(const struct rewriting *rewriting, const struct ast_expression *expression,
                         struct amount *amount)
{
    struct amount right;
    if (!read_amount(rewriting, expression->children[0], amount) ||
        !read_amount(rewriting, expression->children[1], &right) || amount->is_duration ||
        !is_constant(&right) || right.constant <= 0 || right.constant > INT32_MAX) {
        return false;
    }
    if (expression->kind == AST_DIVIDE) {
        return amount->later != NULL && amount->earlier != NULL &&
               add_step(amount, (int64_t)right.constant, false);
    }
    amount->constant *= right.constant;
    return is_constant(amount) && is_small(amount->constant);
}

static bool read_amount(const struct rewriting *rewriting, const struct ast_expression *expression,
                        struct amount *amount)
{
    struct amount right;
    *amount = (struct amount){.constant = expression->integer};
    switch ((int)expression->kind) {
    case AST_INTEGER:
        return true;
    case AST_CALL:
        return is_call_of(expression, "duration", 1) ? read_constant_duration(expression, amount)
                                                     : read_duration(rewriting, expression, amount);
    case AST_PROPERTY:
        return read_epoch(rewriting, expression, amount) ||
               read_component(rewriting, expression, amount);
    case AST_MULTIPLY:
    case AST_DIVIDE:
        return read_product(rewriting, expression, amount);
    case AST_ADD:
    case AST_SUBTRACT:
        return read_duration(rewriting, expression, amount) ||
               (read_amount(rewriting, expression->children[0], amount) &&
                read_amount(rewriting, expression->children[1], &right) &&
                combine(amount, right, expression->kind == AST_ADD ? 1 : -1));
    default:
        return false;
    }
}

/* The greatest difference whose steps come to `most`, and the least one that comes to `least`; or
 * any that is not small, where they do not stay so. */
static wide most_before(const struct amount *amount, wide most)
{
    for (uint32_t i = amount->step_count; i > 0 && is_small(most); i--) {
        const struct step *step = &amount->steps[i - 1];
        most = step->is_floor || most >= 0 ? (most + 1) * step->divisor - 1 : most * step->divisor;
    }
    return amount->unit_ns == 0 ? most : (most + 1) * amount->unit_ns - 1;
}

static wide least_before(const struct amount *amount, wide least)
{
    for (uint32_t i = amount->step_count; i > 0 && is_small(least); i--) {
        const struct step *step = &amount->steps[i - 1];
        least =
            step->is_floor || least > 0 ? least * step->divisor : (least - 1) * step->divisor + 1;
    }
    return amount->unit_ns == 0 ? least : (least - 1) * amount->unit_ns + 1;
}

/* amount `kind` 0 */
static bool set_bounds(const struct amount *amount, enum ast_kind kind, struct time_bounds *bounds)
{
    wide most = -amount->constant - (kind == AST_LESS);
    wide least = -amount->constant + (kind == AST_GREATER);
    bool has_most = kind == AST_EQUAL || kind == AST_LESS || kind == AST_LESS_EQUAL;
    bool has_least = kind == AST_EQUAL || kind == AST_GREATER || kind == AST_GREATER_EQUAL;
    most = most_before(amount, most);
    least = least_before(amount, least);
    if ((has_most && !is_small(most)) || (has_least && !is_small(least))) {
        return false;
    }
    *bounds = (struct time_bounds){.earlier = amount->earlier,
                                   .later = amount->later,
                                   .least = has_least ? (int64_t)least : INT64_MIN,
                                   .most = has_most ? (int64_t)most : INT64_MAX,
                                   .is_exact = amount->unit_ns == 0 && !amount->is_calendar &&
                                               (kind != AST_EQUAL || !amount->is_duration),
                                   .is_calendar = amount->is_calendar && kind != AST_EQUAL};
    return true;
}

bool amount_read_bounds(const struct rewriting *rewriting, const struct ast_expression *comparison,
                        struct time_bounds *bounds)
{
    enum ast_kind kind = comparison->kind;
    struct amount left;
    struct amount right;
    if ((kind != AST_EQUAL && (kind < AST_LESS || kind > AST_GREATER_EQUAL)) ||
        !read_amount(rewriting, comparison->children[0], &left) ||
        !read_amount(rewriting, comparison->children[1], &right)) {
        return false;
    }
    if (is_constant(&left)) {
        struct amount other = left;
        left = right;
        right = other;
        kind = ast_turned(kind);
    }
    return combine(&left, right, -1) && left.later != NULL && left.earlier != NULL &&
           set_bounds(&left, kind, bounds);
}
