/* Conjuncts as ranges and tables; see engine/filter_test.h. */
#include "engine/filter_test.h"

#include <math.h>

#include "base/check.h"
#include "engine/filter_kernel.h"
#include "engine/program.h"

static void integer_range_of(struct flow_test *test, enum expression_kind kind, int64_t literal)
{
    test->kind = FLOW_TEST_INTEGERS;
    test->integer_first = INT64_MIN;
    test->integer_last = INT64_MAX;
    test->is_inverted = kind == EXPRESSION_NOT_EQUAL;
    if (kind == EXPRESSION_EQUAL || kind == EXPRESSION_NOT_EQUAL) {
        test->integer_first = literal;
        test->integer_last = literal;
    } else if (kind == EXPRESSION_LESS) {
        test->is_empty = literal == INT64_MIN;
        test->integer_last = test->is_empty ? literal : literal - 1;
    } else if (kind == EXPRESSION_LESS_EQUAL) {
        test->integer_last = literal;
    } else if (kind == EXPRESSION_GREATER) {
        test->is_empty = literal == INT64_MAX;
        test->integer_first = test->is_empty ? literal : literal + 1;
    } else {
        test->integer_first = literal;
    }
}

/* x < y is x <= the double before y. A NaN bound lets nothing through. */
static void real_range_of(struct flow_test *test, enum expression_kind kind, double literal)
{
    test->kind = FLOW_TEST_REALS;
    test->real_first = -INFINITY;
    test->real_last = INFINITY;
    test->is_inverted = kind == EXPRESSION_NOT_EQUAL;
    if (kind == EXPRESSION_EQUAL || kind == EXPRESSION_NOT_EQUAL) {
        test->real_first = literal;
        test->real_last = literal;
    } else if (kind == EXPRESSION_LESS) {
        test->is_empty = literal == -INFINITY;
        test->real_last = nextafter(literal, -INFINITY);
    } else if (kind == EXPRESSION_LESS_EQUAL) {
        test->real_last = literal;
    } else if (kind == EXPRESSION_GREATER) {
        test->is_empty = literal == INFINITY;
        test->real_first = nextafter(literal, INFINITY);
    } else {
        test->real_first = literal;
    }
}

static void code_range_test_of(struct flow_test *test, const struct code_range *range)
{
    test->kind = FLOW_TEST_INTEGERS;
    test->is_inverted = range->is_inverted;
    test->is_empty = range->count == 0;
    test->integer_first = (int64_t)range->first;
    test->integer_last = (int64_t)(range->first + range->count) - 1;
}

/* The property that an operand reads, as it is or as a float; NULL when it is something else. */
static const struct expression *property_of(const struct expression *expression)
{
    if (expression->kind == EXPRESSION_TO_FLOAT) {
        expression = expression->children[0];
    }
    return expression->kind == EXPRESSION_PROPERTY ? expression : NULL;
}

static bool comparison_test_of(struct flow_test *test, const struct bound_query *query,
                               const struct expression *conjunct)
{
    const struct expression *left = conjunct->children[0];
    const struct expression *right = conjunct->children[1];
    enum expression_kind kind = conjunct->kind;
    if (operand_is_literal(left)) {
        left = conjunct->children[1];
        right = conjunct->children[0];
        kind = comparison_flipped(kind);
    }
    const struct expression *property = property_of(left);
    if (property == NULL || !operand_is_literal(right) || right->type != left->type) {
        return false;
    }
    test->property = property->property;
    struct code_range range;
    switch (left->type) {
    case TYPE_BOOL:
    case TYPE_INTEGER:
    case TYPE_TIME:
    case TYPE_DURATION:
        integer_range_of(test, kind, right->literal.integer);
        return true;
    case TYPE_FLOAT:
        real_range_of(test, kind, right->literal.real);
        return true;
    case TYPE_TEXT:
        CHECK(code_range_of(
            &range, &query->edges[property->variable].frame->dictionaries[property->property], kind,
            right->literal.text));
        code_range_test_of(test, &range);
        return true;
    case TYPE_NULL:
    case TYPE_ADDRESS:
    case TYPE_VERTEX:
    case TYPE_EDGE:
        break;
    }
    return false;
}

/* STARTS WITH is a range of codes; ENDS WITH, CONTAINS and IN are tables. */
static bool text_test_of(struct flow_test *test, const struct bound_query *query,
                         const struct expression *conjunct, struct arena *arena,
                         bool *out_of_memory)
{
    const struct expression *column = conjunct->children[0];
    if (!operand_is_text_column(column)) {
        return false;
    }
    if (conjunct->kind != EXPRESSION_IN && !operand_is_literal(conjunct->children[1])) {
        return false;
    }
    const struct dictionary *dictionary =
        &query->edges[column->variable].frame->dictionaries[column->property];
    test->property = column->property;
    struct code_range range;
    if (conjunct->kind != EXPRESSION_IN &&
        code_range_of(&range, dictionary, conjunct->kind, conjunct->children[1]->literal.text)) {
        code_range_test_of(test, &range);
        return true;
    }
    test->kind = FLOW_TEST_TABLE;
    test->table = code_table_of(dictionary, conjunct, arena);
    *out_of_memory = test->table == NULL;
    return test->table != NULL;
}

bool flow_test_of(struct flow_test *test, const struct bound_query *query, uint32_t edge,
                  const struct expression *conjunct, struct arena *arena, bool *out_of_memory)
{
    *test = (struct flow_test){0};
    *out_of_memory = false;
    if (conjunct->edge_mask != UINT32_C(1) << edge || conjunct->vertex_mask != 0) {
        return false;
    }
    enum expression_kind kind = conjunct->kind;
    if (comparison_is(kind)) {
        return comparison_test_of(test, query, conjunct);
    }
    if (kind == EXPRESSION_STARTS_WITH || kind == EXPRESSION_ENDS_WITH ||
        kind == EXPRESSION_CONTAINS || kind == EXPRESSION_IN) {
        return text_test_of(test, query, conjunct, arena, out_of_memory);
    }
    if (kind == EXPRESSION_IS_NULL || kind == EXPRESSION_IS_NOT_NULL) {
        test->kind = FLOW_TEST_NULL;
        test->property = conjunct->children[0]->property;
        test->is_inverted = kind == EXPRESSION_IS_NOT_NULL;
        return conjunct->children[0]->kind == EXPRESSION_PROPERTY;
    }
    if (kind == EXPRESSION_PROPERTY) {
        test->property = conjunct->property;
        integer_range_of(test, EXPRESSION_EQUAL, 1);
        return true;
    }
    return false;
}

void flow_test_of_times(struct flow_test *test, const struct edge_frame *frame, int64_t first,
                        int64_t last)
{
    *test = (struct flow_test){.kind = FLOW_TEST_INTEGERS,
                               .property = (uint32_t)frame->start_time,
                               .is_empty = first > last,
                               .integer_first = first,
                               .integer_last = last};
}

/* Values lie in base .. base + the largest raw of the width; those of 8 bytes wrap, and so do the
 * differences below, which is all that the comparison of unsigned numbers needs. */
static struct raw_range integers_to_raw(const struct column *column, int64_t first, int64_t last)
{
    struct raw_range range = {0};
    if (column->width < 8) {
        uint64_t largest = (UINT64_C(1) << (8 * column->width)) - 1;
        int64_t top = 0;
        if (__builtin_add_overflow(column->base, (int64_t)largest, &top)) {
            top = INT64_MAX;
        }
        first = first < column->base ? column->base : first;
        last = last > top ? top : last;
    }
    range.is_empty = first > last;
    range.first = (uint64_t)first - (uint64_t)column->base;
    range.span = (uint64_t)last - (uint64_t)first;
    return range;
}

/* Whether the decimal `value` / `divisor` lies at or after (`is_after`: after) `bound`. It does
 * from some value on: rounding is monotone. */
static bool is_beyond(int64_t value, double divisor, double bound, bool is_after)
{
    double real = (double)value / divisor;
    return is_after ? real > bound : real >= bound;
}

/* The first value that is beyond; false when none is. */
static bool first_beyond(double divisor, double bound, bool is_after, int64_t *value)
{
    int64_t low = INT64_MIN;
    int64_t high = INT64_MAX;
    if (!is_beyond(high, divisor, bound, is_after)) {
        return false;
    }
    while (low < high) {
        int64_t middle = low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2);
        if (is_beyond(middle, divisor, bound, is_after)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *value = low;
    return true;
}

static struct raw_range reals_to_raw(const struct column *column, double first, double last)
{
    double divisor = column->encoding == ENCODING_DECIMAL ? column->divisor : 1;
    int64_t integer_first = 0;
    int64_t integer_last = INT64_MAX;
    struct raw_range empty = {.is_empty = true};
    if (isnan(last) || !first_beyond(divisor, first, false, &integer_first)) {
        return empty;
    }
    if (first_beyond(divisor, last, true, &integer_last)) {
        if (integer_last == INT64_MIN) {
            return empty;
        }
        integer_last--;
    }
    return integers_to_raw(column, integer_first, integer_last);
}

bool flow_test_resolve(struct flow_test *test, const struct edge_frame *frame, struct arena *arena)
{
    if (test->kind != FLOW_TEST_INTEGERS && test->kind != FLOW_TEST_REALS) {
        return true;
    }
    test->ranges = arena_allocate(arena, frame->partition_count, sizeof *test->ranges);
    if (test->ranges == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < frame->partition_count; i++) {
        const struct column *column = &frame->partitions[i].columns[test->property];
        if (test->is_empty) {
            test->ranges[i] = (struct raw_range){.is_empty = true};
        } else if (test->kind == FLOW_TEST_INTEGERS) {
            test->ranges[i] = integers_to_raw(column, test->integer_first, test->integer_last);
        } else {
            test->ranges[i] = reals_to_raw(column, test->real_first, test->real_last);
        }
    }
    return true;
}

static void run_range(const struct column *column, const struct raw_range *range, uint64_t begin,
                      uint64_t count, uint64_t *words)
{
    if (range->is_empty) {
        constant_filter(count, false, words);
        return;
    }
    switch (column->width) {
    case 1:
        range_filter_u8((const uint8_t *)column->values + begin, count, (uint8_t)range->first,
                        (uint8_t)range->span, words);
        break;
    case 2:
        range_filter_u16((const uint16_t *)column->values + begin, count, (uint16_t)range->first,
                         (uint16_t)range->span, words);
        break;
    case 4:
        range_filter_u32((const uint32_t *)column->values + begin, count, (uint32_t)range->first,
                         (uint32_t)range->span, words);
        break;
    case 8:
        range_filter_u64((const uint64_t *)column->values + begin, count, range->first, range->span,
                         words);
        break;
    default:
        constant_filter(count, true, words);
        break;
    }
}

static void run_table(const struct column *column, const uint8_t *table, uint64_t begin,
                      uint64_t count, uint64_t *words)
{
    table += column->base;
    switch (column->width) {
    case 1:
        table_filter_u8((const uint8_t *)column->values + begin, count, table, words);
        break;
    case 2:
        table_filter_u16((const uint16_t *)column->values + begin, count, table, words);
        break;
    case 4:
        table_filter_u32((const uint32_t *)column->values + begin, count, table, words);
        break;
    default:
        DCHECK(column->width == 0);
        constant_filter(count, table[0] != 0, words);
        break;
    }
}

/* Bits past the last flow are 0 in `words` before; null bits past it may be anything. */
static void drop_nulls(const struct column *column, uint64_t first_word, uint64_t count,
                       uint64_t *words)
{
    if (column->null_bits == NULL) {
        return;
    }
    for (uint64_t word = 0; word < (count + 63) / 64; word++) {
        words[word] &= ~column->null_bits[first_word + word];
    }
}

void flow_test_run(const struct flow_test *test, const struct partition *partition,
                   uint64_t first_word, uint64_t count, uint64_t *words)
{
    const struct column *column = &partition->columns[test->property];
    uint64_t begin = first_word * 64;
    if (test->kind == FLOW_TEST_NULL) {
        constant_filter(count, true, words);
        drop_nulls(column, first_word, count, words);
        if (!test->is_inverted) {
            invert_filter(count, words);
        }
        return;
    }
    if (test->kind == FLOW_TEST_TABLE) {
        run_table(column, test->table, begin, count, words);
    } else if (test->kind == FLOW_TEST_REALS && column->encoding == ENCODING_DOUBLE &&
               column->width == 8 && !test->is_empty) {
        range_filter_f64((const double *)column->values + begin, count, test->real_first,
                         test->real_last, words);
    } else {
        run_range(column, &test->ranges[partition->index], begin, count, words);
    }
    if (test->is_inverted) {
        invert_filter(count, words);
    }
    drop_nulls(column, first_word, count, words);
}
