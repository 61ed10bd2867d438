/* Shows what a compiled query does, stage by stage. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "pipeline/compile.h"
#include "query/plan.h"

/* Appends to a text of limited size, and counts what it would have been. */
struct sheet {
    char *text;
    uint32_t size;
    uint32_t length;
};

static const char *const stage_names[] = {
    [STAGE_MATCHER] = "matcher", [STAGE_MATCH] = "match",       [STAGE_PATH] = "path",
    [STAGE_UNWIND] = "unwind",   [STAGE_FILTER] = "filter",     [STAGE_PROJECT] = "project",
    [STAGE_GROUP] = "group",     [STAGE_DISTINCT] = "distinct", [STAGE_SORT] = "sort",
    [STAGE_SKIP] = "skip",       [STAGE_LIMIT] = "limit",
};

__attribute__((format(printf, 2, 3))) static void put(struct sheet *sheet, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    uint32_t room = sheet->length < sheet->size ? sheet->size - sheet->length : 0;
    int wanted = vsnprintf(room > 0 ? sheet->text + sheet->length : NULL, room, format, arguments);
    va_end(arguments);
    sheet->length += wanted > 0 ? (uint32_t)wanted : 0;
}

static void put_stage(struct sheet *sheet, const struct compiled *compiled,
                      const struct stage *stage, bool is_profile)
{
    put(sheet, "  %2" PRIu32 " %s%s", stage->index + 1, stage->is_optional ? "optional " : "",
        stage_names[stage->kind]);
    if (is_profile) {
        put(sheet, ": %" PRIu64 " rows in", compiled->row_counts[stage->index]);
    }
    put(sheet, "\n");
    if (stage->kind == STAGE_MATCHER) {
        uint32_t room = sheet->length < sheet->size ? sheet->size - sheet->length : 0;
        sheet->length += plan_format(stage->plan, stage->matcher, is_profile,
                                     room > 0 ? sheet->text + sheet->length : NULL, room);
    }
}

uint32_t compiled_format(const struct compiled *compiled, bool is_profile, char *text,
                         uint32_t text_bytes)
{
    struct sheet sheet = {text, text_bytes, 0};
    for (uint32_t i = 0; i < compiled->branch_count; i++) {
        put(&sheet, i == 0 ? "stages\n" : "union\n");
        for (const struct stage *stage = compiled->branches[i]; stage != NULL;
             stage = stage->next) {
            put_stage(&sheet, compiled, stage, is_profile);
        }
    }
    return sheet.length;
}

uint32_t compiled_format_json(const struct compiled *compiled, bool is_profile, char *text,
                              uint32_t text_bytes)
{
    struct sheet sheet = {text, text_bytes, 0};
    put(&sheet, "{\"branches\": [");
    for (uint32_t i = 0; i < compiled->branch_count; i++) {
        put(&sheet, i == 0 ? "[" : ", [");
        for (const struct stage *stage = compiled->branches[i]; stage != NULL;
             stage = stage->next) {
            put(&sheet, "%s{\"stage\": \"%s\", \"optional\": %s",
                stage == compiled->branches[i] ? "" : ", ", stage_names[stage->kind],
                stage->is_optional ? "true" : "false");
            if (is_profile) {
                put(&sheet, ", \"rows_in\": %" PRIu64, compiled->row_counts[stage->index]);
            }
            put(&sheet, "}");
        }
        put(&sheet, "]");
    }
    put(&sheet, "]}");
    return sheet.length;
}
