/* What compiling needs to know of operands: ranges and tables over dictionary codes, sorted sets of
 * literals. See engine/program.h. */
#include "engine/program.h"

bool comparison_is(enum expression_kind kind)
{
    return kind >= EXPRESSION_EQUAL && kind <= EXPRESSION_GREATER_EQUAL;
}

enum expression_kind comparison_flipped(enum expression_kind kind)
{
    return kind == EXPRESSION_LESS            ? EXPRESSION_GREATER
           : kind == EXPRESSION_LESS_EQUAL    ? EXPRESSION_GREATER_EQUAL
           : kind == EXPRESSION_GREATER       ? EXPRESSION_LESS
           : kind == EXPRESSION_GREATER_EQUAL ? EXPRESSION_LESS_EQUAL
                                              : kind;
}

bool operand_is_text_column(const struct expression *expression)
{
    return expression->kind == EXPRESSION_PROPERTY && expression->type == TYPE_TEXT;
}

bool operand_is_literal(const struct expression *expression)
{
    return expression->kind == EXPRESSION_LITERAL && expression->type != TYPE_NULL;
}

/* The first code that does not begin with `prefix` and comes after those that do. */
static uint32_t prefix_end(const struct dictionary *dictionary, struct bytes prefix)
{
    uint32_t low = dictionary_lower_bound(dictionary, prefix);
    uint32_t high = dictionary->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct bytes entry = text_view(dictionary->entries[middle]);
        if (entry.size >= prefix.size && memcmp(entry.data, prefix.data, prefix.size) == 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool code_range_of(struct code_range *range, const struct dictionary *dictionary,
                   enum expression_kind kind, const struct text *literal)
{
    struct bytes text = text_view(literal);
    uint32_t code = 0;
    uint64_t is_present = dictionary_find(dictionary, text, &code) ? 1 : 0;
    uint64_t lower = dictionary_lower_bound(dictionary, text);
    *range = (struct code_range){0};
    if (kind == EXPRESSION_EQUAL || kind == EXPRESSION_NOT_EQUAL) {
        range->first = lower;
        range->count = is_present;
        range->is_inverted = kind == EXPRESSION_NOT_EQUAL;
    } else if (kind == EXPRESSION_LESS || kind == EXPRESSION_GREATER_EQUAL) {
        range->count = lower;
        range->is_inverted = kind == EXPRESSION_GREATER_EQUAL;
    } else if (kind == EXPRESSION_LESS_EQUAL || kind == EXPRESSION_GREATER) {
        range->count = lower + is_present;
        range->is_inverted = kind == EXPRESSION_GREATER;
    } else if (kind == EXPRESSION_STARTS_WITH) {
        range->first = lower;
        range->count = prefix_end(dictionary, text) - lower;
    } else {
        return false;
    }
    return true;
}

const uint8_t *code_table_of(const struct dictionary *dictionary,
                             const struct expression *expression, struct arena *arena)
{
    uint8_t *table = arena_allocate_zeroed(arena, (uint64_t)dictionary->count + 1, 1);
    if (table == NULL) {
        return NULL;
    }
    if (expression->kind == EXPRESSION_IN) {
        for (uint32_t i = 1; i < expression->child_count; i++) {
            const struct expression *literal = expression->children[i];
            uint32_t code = 0;
            if (literal->type == TYPE_TEXT &&
                dictionary_find(dictionary, text_view(literal->literal.text), &code)) {
                table[code] = 1;
            }
        }
        return table;
    }
    text_function function = text_function_of(expression->kind);
    const struct text *literal = expression->children[1]->literal.text;
    for (uint32_t code = 0; code < dictionary->count; code++) {
        table[code] = function(dictionary->entries[code], literal);
    }
    return table;
}

static bool set_is_less(enum type type, const struct graph *graph, union lane left,
                        union lane right)
{
    return lane_compare(type, graph, left, right) < 0;
}

/* Heap sort: in place, no stack, no worst case. */
static void set_sift(struct literal_set *set, const struct graph *graph, uint32_t root,
                     uint32_t count)
{
    union lane *values = set->values;
    for (uint32_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && set_is_less(set->type, graph, values[child], values[child + 1])) {
            child++;
        }
        if (!set_is_less(set->type, graph, values[root], values[child])) {
            return;
        }
        union lane value = values[root];
        values[root] = values[child];
        values[child] = value;
        root = child;
    }
}

void literal_set_sort(struct literal_set *set, const struct graph *graph)
{
    for (uint32_t root = set->count / 2; root > 0; root--) {
        set_sift(set, graph, root - 1, set->count);
    }
    for (uint32_t end = set->count; end > 1; end--) {
        union lane value = set->values[0];
        set->values[0] = set->values[end - 1];
        set->values[end - 1] = value;
        set_sift(set, graph, 0, end - 1);
    }
}
