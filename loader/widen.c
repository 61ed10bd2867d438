#include "loader/widen.h"

#include <stdio.h>

#include "base/check.h"

void widening_add(struct widening *widening, const struct header_column *column, struct bytes field,
                  struct place place)
{
    struct widening found = {.type = layout_type_for(column, field), .place = place};
    CHECK(found.type != column->type);
    struct bytes value = bytes_trim(field);
    snprintf(found.text, sizeof found.text, "%.*s", (int)(value.size < 63 ? value.size : 63),
             value.data);
    widening_merge(widening, &found);
}

void widening_merge(struct widening *widening, const struct widening *other)
{
    if (other->type == TYPE_NULL || (widening->type == TYPE_TEXT && other->type != TYPE_TEXT)) {
        return;
    }
    if (widening->type != other->type || place_is_before(other->place, widening->place)) {
        *widening = *other;
    }
}

void widening_apply(const struct widening *widening, struct header_column *column, const char *file,
                    uint64_t line, struct load_report *report)
{
    if (widening->type == TYPE_NULL) {
        return;
    }
    layout_raise(column, widening->type, file, line, bytes_of(widening->text), report);
}
