/* A typing error is at most a third of the letters: beyond that a suggestion would puzzle, and so
 * it would between names of one or two letters, which are all near to each other. */
#include "query/suggest.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"

enum { LETTERS_FEW = 2, LETTERS_COMPARED_MAX = 64, VALUES_PER_POLL = 4096 };

/* Functions of SQL, pandas, and later versions of Cypher, and what to write here. */
static const struct {
    const char *name;
    const char *advice;
} habits[] = {
    {"any_value", "head(collect(x))"},
    {"arg_max", "WITH x ORDER BY y DESC, and head(collect(x))"},
    {"array_agg", "collect(x)"},
    {"average", "avg(x)"},
    {"concat", "x + y"},
    {"corr", "(avg(x * y) - avg(x) * avg(y)) / (stDevP(x) * stDevP(y))"},
    {"count_if", "sum(CASE WHEN x THEN 1 ELSE 0 END)"},
    {"date_diff", "y - x, or duration.between(x, y)"},
    {"date_trunc", "datetime.truncate('hour', x)"},
    {"datediff", "y - x, or duration.between(x, y)"},
    {"epoch", "x.epochSeconds"},
    {"greatest", "CASE WHEN x > y THEN x ELSE y END"},
    {"group_concat", "collect(x)"},
    {"if", "CASE WHEN x THEN y ELSE z END"},
    {"ifnull", "coalesce(x, y)"},
    {"isnull", "x IS NULL"},
    {"lag", "WITH x ORDER BY x WITH collect(x) AS xs, and xs[i - 1] beside xs[i]"},
    {"lead", "WITH x ORDER BY x WITH collect(x) AS xs, and xs[i + 1] beside xs[i]"},
    {"least", "CASE WHEN x < y THEN x ELSE y END"},
    {"len", "size(x)"},
    {"ln", "log(x)"},
    {"mean", "avg(x)"},
    {"median", "percentileCont(x, 0.5)"},
    {"mod", "x % y"},
    {"now", "datetime()"},
    {"nunique", "count(DISTINCT x)"},
    {"nvl", "coalesce(x, y)"},
    {"percentile", "percentileCont(x, 0.9)"},
    {"pow", "x ^ y"},
    {"power", "x ^ y"},
    {"quantile", "percentileCont(x, 0.9)"},
    {"regexp_matches", "x =~ '.*y.*'"},
    {"sort", "UNWIND xs AS x WITH x ORDER BY x RETURN collect(x)"},
    {"starts_with", "x STARTS WITH y"},
    {"std", "stDev(x)"},
    {"stddev", "stDev(x)"},
    {"string_agg", "collect(x)"},
    {"substr", "substring(x, 0, n)"},
    {"time_bucket", "datetime.fromEpoch(x.epochSeconds / 600 * 600)"},
    {"to_timestamp", "datetime.fromEpoch(x)"},
    {"unnest", "UNWIND xs AS x"},
    {"var", "stDev(x) ^ 2"},
    {"variance", "stDev(x) ^ 2"},
};

/* Edits between two names, a difference in case only counted as none. */
static uint32_t distance(struct bytes wrong, struct bytes name, uint32_t limit)
{
    return bytes_equal_ignoring_case(wrong, name) ? 0 : bytes_edit_distance(wrong, name, limit);
}

static void list_names(const struct bytes *names, uint32_t count, char *text)
{
    size_t length = (size_t)snprintf(text, SUGGEST_TEXT_BYTES, "; known: ");
    for (uint32_t i = 0; i < count; i++) {
        char piece[SOURCE_SHOWN_BYTES + 8];
        size_t piece_length = (size_t)snprintf(piece, sizeof piece, "%s`%.*s`", i == 0 ? "" : ", ",
                                               source_shown(names[i]), names[i].data);
        if (i == SUGGEST_LISTED_MAX || length + piece_length + 8 > SUGGEST_TEXT_BYTES) {
            (void)snprintf(text + length, SUGGEST_TEXT_BYTES - length, ", ...");
            return;
        }
        memcpy(text + length, piece, piece_length + 1);
        length += piece_length;
    }
}

void suggest_name(struct bytes wrong, const struct bytes *names, uint32_t count, char *text)
{
    const struct bytes *nearest = suggest_nearest(wrong, names, count);
    text[0] = '\0';
    if (nearest != NULL) {
        (void)snprintf(text, SUGGEST_TEXT_BYTES, "; did you mean `%.*s`?", source_shown(*nearest),
                       nearest->data);
    } else if (count > 0) {
        list_names(names, count, text);
    }
}

/* Whether a name goes on behind another with a point. */
static bool goes_on(const char *name, struct bytes begin)
{
    return strncmp(name, begin.data, begin.size) == 0 && name[begin.size] == '.';
}

/* The first of the properties, or of their other names, whose name goes on so; NULL: none does. */
static const char *find_going_on(const struct schema *schema, struct bytes begin)
{
    for (uint32_t i = 0; i < schema->property_count; i++) {
        if (goes_on(schema->properties[i].name, begin)) {
            return schema->properties[i].name;
        }
    }
    for (uint32_t i = 0; i < schema->alias_count; i++) {
        if (goes_on(schema->aliases[i].name, begin)) {
            return schema->aliases[i].name;
        }
    }
    return NULL;
}

void suggest_property(struct bytes wrong, const struct schema *schema, char *text)
{
    const char *dotted = find_going_on(schema, wrong);
    if (dotted != NULL) {
        (void)snprintf(text, SUGGEST_TEXT_BYTES,
                       "; a name with a point in it stands in backquotes: `%.*s`",
                       source_shown(bytes_of(dotted)), dotted);
        return;
    }
    struct bytes names[SCHEMA_PROPERTIES_MAX];
    for (uint32_t i = 0; i < schema->property_count; i++) {
        names[i] = bytes_of(schema->properties[i].name);
    }
    suggest_name(wrong, names, schema->property_count, text);
}

/* Behind =, <>, [ of a list and : of a map, and no property of it is read. */
static bool is_compared(struct bytes word, const struct source *source, uint32_t offset)
{
    if (offset + word.size < source->text.size && source->text.data[offset + word.size] == '.') {
        return false;
    }
    while (offset > 0 && strchr(" \t\r\n", source->text.data[offset - 1]) != NULL) {
        offset--;
    }
    return offset > 0 && strchr("=>[:", source->text.data[offset - 1]) != NULL;
}

void suggest_variable(struct bytes wrong, const struct source *source, uint32_t offset,
                      const struct bytes *names, uint32_t count, char *text)
{
    suggest_name(wrong, names, count, text);
    if (suggest_nearest(wrong, names, count) == NULL && is_compared(wrong, source, offset)) {
        size_t length = strlen(text);
        (void)snprintf(text + length, SUGGEST_TEXT_BYTES - length, "; a text is written '%.*s'",
                       source_shown(wrong), wrong.data);
    }
}

void suggest_function(struct bytes wrong, const struct bytes *names, uint32_t count, char *text)
{
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++) {
        if (bytes_equal_ignoring_case(wrong, bytes_of(habits[i].name))) {
            (void)snprintf(text, SUGGEST_TEXT_BYTES, "; write %s", habits[i].advice);
            return;
        }
    }
    if (suggest_nearest(wrong, names, count) != NULL) {
        suggest_name(wrong, names, count, text);
    } else {
        (void)snprintf(text, SUGGEST_TEXT_BYTES, "; docs/LANGUAGE.md lists those that there are");
    }
}

/* Dots between numbers, or colons between hexadecimal ones: a host has a letter beyond f. */
static bool looks_like_address(struct bytes text)
{
    static const char letters[] = "0123456789abcdefABCDEF.:";
    bool has_letter = false;
    uint32_t dots = 0;
    uint32_t colons = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char *found = text.data[i] == '\0' ? NULL : strchr(letters, text.data[i]);
        if (found == NULL) {
            return false;
        }
        has_letter |= found >= letters + 10 && found < letters + 22;
        dots += *found == '.';
        colons += *found == ':';
    }
    return colons >= 2 || (colons == 0 && dots == 3 && !has_letter);
}

bool suggest_address(struct bytes wrong, const struct dictionary *known, char *text)
{
    struct address address;
    uint32_t code = 0;
    if (address_parse(wrong, &address) || dictionary_find(known, wrong, &code)) {
        return false;
    }
    const char *slash = wrong.size == 0 ? NULL : memchr(wrong.data, '/', wrong.size);
    struct bytes first =
        slash == NULL ? wrong : bytes_view(wrong.data, (size_t)(slash - wrong.data));
    if (slash != NULL && address_parse(first, &address)) {
        (void)snprintf(text, SUGGEST_TEXT_BYTES,
                       "'%.*s' is a network, and no address is equal to it; write inCidr(x, "
                       "'%.*s')",
                       source_shown(wrong), wrong.data, source_shown(wrong), wrong.data);
        return true;
    }
    if (looks_like_address(first)) {
        (void)snprintf(text, SUGGEST_TEXT_BYTES, "'%.*s' is no address, and none is equal to it",
                       source_shown(wrong), wrong.data);
        return true;
    }
    return false;
}

static bool is_equal(struct bytes one, struct bytes other, bool is_exact)
{
    return is_exact ? bytes_equal(one, other) : bytes_equal_ignoring_case(one, other);
}

/* Whether a comparison of a value with a text holds, with case or without. */
static bool holds(enum ast_kind comparison, struct bytes value, struct bytes text, bool is_exact)
{
    if (value.size < text.size) {
        return false;
    }
    size_t last = value.size - text.size;
    struct bytes beginning = bytes_view(value.data, text.size);
    struct bytes end = bytes_view(value.data + last, text.size);
    switch ((int)comparison) {
    case AST_STARTS_WITH:
        return is_equal(beginning, text, is_exact);
    case AST_ENDS_WITH:
        return is_equal(end, text, is_exact);
    case AST_CONTAINS:
        for (size_t at = 0; at <= last; at++) {
            if (is_equal(bytes_view(value.data + at, text.size), text, is_exact)) {
                return true;
            }
        }
        return false;
    default:
        return last == 0 && is_equal(value, text, is_exact);
    }
}

static const char *phrase_of(enum ast_kind comparison)
{
    switch ((int)comparison) {
    case AST_STARTS_WITH:
        return "starts with";
    case AST_ENDS_WITH:
        return "ends with";
    case AST_CONTAINS:
        return "contains";
    default:
        return "is";
    }
}

/* What came from the wire must not steer a terminal. */
static void blank_controls(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            *text = ' ';
        }
    }
}

bool suggest_value(struct bytes column, enum ast_kind comparison, struct bytes wrong,
                   const struct dictionary *values, struct stop *stop, char *text)
{
    const struct text *near = NULL;
    for (uint32_t i = 0; i < values->count; i++) {
        struct bytes value = text_view(values->entries[i]);
        bool is_stopped = i % VALUES_PER_POLL == 0 && stop_reason(stop) == STOP_INTERRUPTED;
        if (is_stopped || holds(comparison, value, wrong, true)) {
            return false;
        }
        if (near == NULL && holds(comparison, bytes_trim(value), bytes_trim(wrong), false)) {
            near = values->entries[i];
        }
    }
    if (near != NULL) {
        struct bytes value = text_view(near);
        (void)snprintf(text, SUGGEST_TEXT_BYTES, "no %.*s %s '%.*s', but there is '%.*s'",
                       source_shown(column), column.data, phrase_of(comparison),
                       source_shown(wrong), wrong.data, source_shown(value), value.data);
        blank_controls(text);
    }
    return near != NULL;
}

/* Whether a value has the piece in it, and none is it. */
static bool is_piece(struct bytes piece, bool is_exact, const struct dictionary *values,
                     struct stop *stop)
{
    bool is_found = false;
    for (uint32_t i = 0; i < values->count; i++) {
        struct bytes value = text_view(values->entries[i]);
        bool is_stopped = i % VALUES_PER_POLL == 0 && stop_reason(stop) == STOP_INTERRUPTED;
        if (is_stopped || holds(AST_EQUAL, value, piece, is_exact)) {
            return false;
        }
        is_found = is_found || holds(AST_CONTAINS, value, piece, is_exact);
    }
    return is_found;
}

bool suggest_piece(struct bytes column, struct bytes expression, const struct dictionary *values,
                   struct stop *stop, char *text)
{
    static const char flag[] = "(?i)";
    static const char signs[] = "\\.*+?()[]{}|^$";
    size_t skipped = sizeof flag - 1;
    bool is_exact = expression.size < skipped || memcmp(expression.data, flag, skipped) != 0;
    struct bytes piece =
        is_exact ? expression : bytes_view(expression.data + skipped, expression.size - skipped);
    for (size_t i = 0; i < piece.size; i++) {
        if (piece.data[i] == '\0' || strchr(signs, piece.data[i]) != NULL) {
            return false;
        }
    }
    if (piece.size == 0 || !is_piece(piece, is_exact, values, stop)) {
        return false;
    }
    (void)snprintf(text, SUGGEST_TEXT_BYTES,
                   "=~ matches a whole text, and no %.*s is '%.*s'; write =~ '%s.*%.*s.*'",
                   source_shown(column), column.data, source_shown(piece), piece.data,
                   is_exact ? "" : flag, source_shown(piece), piece.data);
    blank_controls(text);
    return true;
}

const struct bytes *suggest_nearest(struct bytes wrong, const struct bytes *names, uint32_t count)
{
    bool is_compared = wrong.size > LETTERS_FEW && wrong.size <= LETTERS_COMPARED_MAX;
    uint32_t limit = is_compared ? ((uint32_t)wrong.size + 2) / 3 : 0;
    uint32_t least = limit + 1;
    const struct bytes *nearest = NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t edits = distance(wrong, names[i], limit);
        if (edits < least) {
            least = edits;
            nearest = &names[i];
        }
    }
    return nearest;
}
