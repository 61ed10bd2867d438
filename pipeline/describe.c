/* Stages in the words of the query; see describe.h. */
#include "pipeline/describe.h"

#include <strings.h>

#include "base/time_text.h"
#include "pipeline/external.h"

/* Where the text of a query is being read. */
struct reading_words {
    struct bytes text;
    size_t next;
    char quote; /* inside of such quotes; 0: outside */
};

static bool is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool stands(const struct reading_words *reading, const char *two)
{
    return reading->next + 1 < reading->text.size && reading->text.data[reading->next] == two[0] &&
           reading->text.data[reading->next + 1] == two[1];
}

/* Passes over blanks and comments; false when there are none here. */
static bool pass_blanks(struct reading_words *reading)
{
    size_t before = reading->next;
    while (reading->quote == 0 && reading->next < reading->text.size) {
        if (is_blank(reading->text.data[reading->next])) {
            reading->next++;
        } else if (stands(reading, "//")) {
            while (reading->next < reading->text.size &&
                   reading->text.data[reading->next] != '\n') {
                reading->next++;
            }
        } else if (stands(reading, "/*")) {
            reading->next += 2;
            while (reading->next < reading->text.size && !stands(reading, "*/")) {
                reading->next++;
            }
            reading->next += reading->next < reading->text.size ? 2 : 0;
        } else {
            break;
        }
    }
    return reading->next != before;
}

static char read_byte(struct reading_words *reading)
{
    char byte = reading->text.data[reading->next++];
    bool is_quote = byte == '\'' || byte == '"' || byte == '`';
    if (reading->quote == 0 && is_quote) {
        reading->quote = byte;
    } else if (reading->quote == byte) {
        reading->quote = 0;
    }
    return byte >= 0 && byte < ' ' ? ' ' : byte;
}

struct bytes describe_span(const struct compiled *compiled, struct source_span span,
                           char words[WORDS_BYTES])
{
    static const char more[] = " ...";
    enum { ROOM = WORDS_BYTES - (int)sizeof more };
    struct reading_words reading = {.text = source_text(&compiled->source, span)};
    uint32_t size = 0;
    (void)pass_blanks(&reading);
    while (reading.next < reading.text.size && size < WORDS_BYTES - 4) {
        if (pass_blanks(&reading)) {
            words[size++] = ' ';
            continue;
        }
        if (reading.quote != 0 && reading.quote != '`' && reading.text.data[reading.next] == '\\' &&
            reading.next + 1 < reading.text.size) {
            words[size++] = reading.text.data[reading.next++];
            words[size++] = reading.text.data[reading.next++];
            continue;
        }
        words[size++] = read_byte(&reading);
    }
    while (size > 0 && words[size - 1] == ' ' && reading.quote == 0) {
        size--;
    }
    if (reading.next < reading.text.size) {
        size = (uint32_t)plan_text_cut(bytes_view(words, size), ROOM).size;
        memcpy(words + size, more, sizeof more - 1);
        size += sizeof more - 1;
    }
    return bytes_view(words, size);
}

struct bytes describe_slot(const struct compiled *compiled, uint32_t slot)
{
    struct bytes none = {"", 0};
    if (slot >= compiled->name_capacity || compiled->slot_names[slot].data == NULL) {
        return none;
    }
    struct bytes name = compiled->slot_names[slot];
    return name.size > 0 && name.data[0] == ' ' ? none : name; /* head.c's own names */
}

const struct stage *describe_next(const struct stage *stage)
{
    bool are_filters = stage->externals != NULL && stage->externals->are_filters;
    return stage_behind(stage->next, are_filters ? stage->externals->count : 0);
}

const char *describe_stage_kind(const struct stage *stage)
{
    switch (stage->kind) {
    case STAGE_MATCHER:
        return "matcher";
    case STAGE_CYCLES:
        return "cycles";
    case STAGE_ENDS:
        return "path ends";
    case STAGE_MATCH:
        return stage->is_optional ? "optional match" : "match";
    case STAGE_PATH:
        return "path";
    case STAGE_UNWIND:
        return "unwind";
    case STAGE_FILTER:
        return "filter";
    case STAGE_PROJECT:
        return "project";
    case STAGE_GROUP:
        return "group";
    case STAGE_DISTINCT:
        return "distinct";
    case STAGE_SORT:
        return "sort";
    case STAGE_SKIP:
        return "skip";
    case STAGE_LIMIT:
        return "limit";
    }
    return "";
}

static void put_span(const struct compiled *compiled, struct source_span span,
                     struct plan_text *text)
{
    char words[WORDS_BYTES];
    plan_text_put_bytes(text, describe_span(compiled, span, words));
}

/* Without MATCH or OPTIONAL MATCH, which the kind of the stage says. */
static void put_match(const struct compiled *compiled, const struct stage *stage,
                      struct plan_text *text)
{
    static const char *const heads[] = {"OPTIONAL ", "MATCH "};
    char words[WORDS_BYTES];
    struct bytes left = describe_span(compiled, stage->span, words);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        size_t size = strlen(heads[i]);
        if (left.size > size && strncasecmp(left.data, heads[i], size) == 0) {
            left = bytes_view(left.data + size, left.size - size);
        }
    }
    plan_text_put_bytes(text, left);
}

/* What those that are counted, or found, are told apart by. */
static void put_told(const struct stage *stage, struct plan_text *text)
{
    const struct path_told *told = &stage->cycle->told;
    const char *const words[] = {told->begin ? "where they begin" : NULL,
                                 told->end ? "where they end" : NULL,
                                 told->hops ? "how many flows they have" : NULL};
    const char *joint = ", by ";
    if (stage->cycle->is_by_anchor) {
        plan_text_put(text, ", by where they begin");
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i] != NULL) {
            plan_text_put(text, "%s%s", joint, words[i]);
            joint = " and ";
        }
    }
    plan_text_put(text, "%s", told->first ? ", with when they end first" : "");
}

/* What the search knows of the cycles; the rest of the condition is a filter behind it. */
static void put_cycle(const struct stage *stage, struct plan_text *text)
{
    const struct cycle_pattern *pattern = &stage->cycle->pattern;
    bool is_counted = stage->cycle->is_by_anchor || stage->cycle->told.count ||
                      (stage->counts != NULL &&
                       stage_behind(stage->next, stage->residual_count) == describe_next(stage));
    char window[DURATION_TEXT_BYTES];
    plan_text_put(text, "; %s: %u", is_counted ? "counted" : "found", pattern->hops_min);
    if (pattern->hops_max == CYCLE_HOPS_ANY) {
        plan_text_put(text, " flows or more");
    } else {
        plan_text_put(text, " to %u flows", pattern->hops_max);
    }
    if (pattern->window_ns != CYCLE_WINDOW_ANY) {
        (void)duration_format(pattern->window_ns, window);
        plan_text_put(text, " within %s", window);
    }
    plan_text_put(text, "%s%s", pattern->is_strict ? ", each later" : "",
                  pattern->is_simple ? ", no vertex twice" : "");
    put_told(stage, text);
}

/* expression AS name */
static void put_item(const struct compiled *compiled, const struct stage_item *item,
                     struct plan_text *text)
{
    char words[WORDS_BYTES];
    struct bytes name = describe_slot(compiled, item->slot);
    struct bytes expression = describe_span(compiled, item->term->span, words);
    if (expression.size == 0) {
        plan_text_put_bytes(text, name);
        return;
    }
    plan_text_put_bytes(text, expression);
    if (name.size > 0 && !bytes_equal(name, source_text(&compiled->source, item->term->span))) {
        plan_text_put(text, " AS ");
        plan_text_put_bytes(text, name);
    }
}

static void put_items(const struct compiled *compiled, const struct stage *stage,
                      struct plan_text *text)
{
    for (uint32_t i = 0; i < stage->item_count; i++) {
        plan_text_put(text, "%s", i == 0 ? "" : ", ");
        put_item(compiled, &stage->items[i], text);
    }
}

static void put_group(const struct compiled *compiled, const struct stage *stage,
                      struct plan_text *text)
{
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        plan_text_put(text, "%s", i == 0 ? "" : ", ");
        put_span(compiled, stage->folds[i].span, text);
    }
    plan_text_put(text, "%s", stage->item_count == 0 ? "" : " by ");
    put_items(compiled, stage, text);
}

static void put_sort(const struct compiled *compiled, const struct stage *stage,
                     struct plan_text *text)
{
    for (uint32_t i = 0; i < stage->item_count; i++) {
        plan_text_put(text, "%s", i == 0 ? "" : ", ");
        put_span(compiled, stage->items[i].term->span, text);
        plan_text_put(text, "%s", stage->items[i].is_descending ? " DESC" : "");
    }
}

static void put_names(const struct compiled *compiled, const struct stage *stage,
                      struct plan_text *text)
{
    for (uint32_t i = 0; i < stage->slot_count; i++) {
        plan_text_put(text, "%s", i == 0 ? "" : ", ");
        plan_text_put_bytes(text, describe_slot(compiled, stage->slots[i]));
    }
}

void describe_stage(const struct compiled *compiled, const struct stage *stage,
                    struct plan_text *text)
{
    switch (stage->kind) {
    case STAGE_MATCHER:
    case STAGE_MATCH:
        put_match(compiled, stage, text);
        return;
    case STAGE_CYCLES:
    case STAGE_ENDS:
        put_match(compiled, stage, text);
        put_cycle(stage, text);
        return;
    case STAGE_PATH:
        plan_text_put_bytes(text, describe_slot(compiled, stage->slot));
        return;
    case STAGE_UNWIND:
        put_span(compiled, stage->term->span, text);
        plan_text_put(text, " AS ");
        plan_text_put_bytes(text, describe_slot(compiled, stage->slot));
        return;
    case STAGE_FILTER:
    case STAGE_SKIP:
    case STAGE_LIMIT:
        put_span(compiled, stage->term->span, text);
        return;
    case STAGE_PROJECT:
        put_items(compiled, stage, text);
        return;
    case STAGE_GROUP:
        put_group(compiled, stage, text);
        return;
    case STAGE_DISTINCT:
        put_names(compiled, stage, text);
        return;
    case STAGE_SORT:
        put_sort(compiled, stage, text);
        return;
    }
}
