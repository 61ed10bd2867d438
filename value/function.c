/* All functions that need no graph and no calendar. */
#include "value/function.h"

#include "value/address_function.h"
#include "value/conversion_function.h"
#include "value/list_function.h"
#include "value/number_function.h"
#include "value/text_function.h"

static const struct function functions[] = {
    /* numbers */
    {"abs", 1, 1, call_abs, true},
    {"acos", 1, 1, call_acos, true},
    {"asin", 1, 1, call_asin, true},
    {"atan", 1, 1, call_atan, true},
    {"atan2", 2, 2, call_atan2, true},
    {"ceil", 1, 1, call_ceil, true},
    {"cos", 1, 1, call_cos, true},
    {"cot", 1, 1, call_cot, true},
    {"degrees", 1, 1, call_degrees, true},
    {"e", 0, 0, call_e, true},
    {"exp", 1, 1, call_exp, true},
    {"floor", 1, 1, call_floor, true},
    {"haversin", 1, 1, call_haversin, true},
    {"isNaN", 1, 1, call_is_nan, true},
    {"log", 1, 1, call_log, true},
    {"log10", 1, 1, call_log10, true},
    {"pi", 0, 0, call_pi, true},
    {"radians", 1, 1, call_radians, true},
    {"rand", 0, 0, call_rand, false},
    {"round", 1, 3, call_round, true},
    {"sign", 1, 1, call_sign, true},
    {"sin", 1, 1, call_sin, true},
    {"sqrt", 1, 1, call_sqrt, true},
    {"tan", 1, 1, call_tan, true},
    /* texts */
    {"left", 2, 2, call_left, true},
    {"lower", 1, 1, call_to_lower, true},
    {"lTrim", 1, 1, call_ltrim, true},
    {"replace", 3, 3, call_replace, true},
    {"right", 2, 2, call_right, true},
    {"rTrim", 1, 1, call_rtrim, true},
    {"split", 2, 2, call_split, true},
    {"substring", 2, 3, call_substring, true},
    {"toLower", 1, 1, call_to_lower, true},
    {"toUpper", 1, 1, call_to_upper, true},
    {"trim", 1, 1, call_trim, true},
    {"upper", 1, 1, call_to_upper, true},
    /* lists, maps, and any */
    {"coalesce", 1, UINT32_MAX, call_coalesce, true},
    {"head", 1, 1, call_head, true},
    {"isEmpty", 1, 1, call_is_empty, true},
    {"keys", 1, 1, call_keys, true},
    {"last", 1, 1, call_last, true},
    {"range", 2, 3, call_range, true},
    {"reverse", 1, 1, call_reverse, true},
    {"size", 1, 1, call_size, true},
    {"tail", 1, 1, call_tail, true},
    /* conversions */
    {"toBoolean", 1, 1, call_to_boolean, true},
    {"toBooleanList", 1, 1, call_to_boolean_list, true},
    {"toBooleanOrNull", 1, 1, call_to_boolean_or_null, true},
    {"toFloat", 1, 1, call_to_float, true},
    {"toFloatList", 1, 1, call_to_float_list, true},
    {"toFloatOrNull", 1, 1, call_to_float_or_null, true},
    {"toInteger", 1, 1, call_to_integer, true},
    {"toIntegerList", 1, 1, call_to_integer_list, true},
    {"toIntegerOrNull", 1, 1, call_to_integer_or_null, true},
    {"toString", 1, 1, call_to_string, true},
    {"toStringList", 1, 1, call_to_string_list, true},
    {"toStringOrNull", 1, 1, call_to_string_or_null, true},
    /* addresses */
    {"inCidr", 2, 2, call_in_cidr, true},
    {"isLinkLocal", 1, 1, call_is_link_local, true},
    {"isLoopback", 1, 1, call_is_loopback, true},
    {"isMulticast", 1, 1, call_is_multicast, true},
    {"isPrivate", 1, 1, call_is_private, true},
    {"isPublic", 1, 1, call_is_public, true},
};

const struct function_table value_functions = {functions, sizeof(functions) / sizeof(functions[0])};

const struct function *function_find(const struct function_table *table, struct bytes name)
{
    for (uint32_t index = 0; index < table->count; index++) {
        if (bytes_equal_ignoring_case(bytes_of(table->functions[index].name), name)) {
            return &table->functions[index];
        }
    }
    return NULL;
}
