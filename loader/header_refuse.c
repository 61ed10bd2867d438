#include "loader/header_refuse.h"

#include <stdio.h>

#include "base/address.h"
#include "base/number.h"
#include "base/time_text.h"

static const char example[] = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,...";

/* Edits between what stands there and what may be meant: one for so many bytes of the shorter. */
enum { EDITS_MAX = 2, BYTES_PER_EDIT = 3 };

static bool looks_like_data(const struct header *header);
static void list_missing(char *text, size_t text_bytes, const enum role *roles);
static void list_meant(char *text, size_t text_bytes, const struct header *header,
                       const enum role *roles);
static uint32_t find_meant(const struct header *header, enum role role);
static const struct column_wish *find_unmet(const struct header *header, const enum role *roles,
                                            const struct header_wishes *wishes);
static void suggest_field(char *text, size_t text_bytes, const struct header *header,
                          struct bytes wrong);

enum status header_refuse(const struct header *header, const char *file, const enum role *roles,
                          bool has_known, const struct header_wishes *wishes, struct error *error)
{
    char missing[64];
    char meant[400];
    const struct column_wish *unmet = find_unmet(header, roles, wishes);
    if (bytes_trim(header->line).size == 0 && header->form.kind != RECORD_JSON) {
        return error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                            "the first line is blank; it has to name the columns, like %s",
                            example);
    }
    list_missing(missing, sizeof missing, roles);
    list_meant(meant, sizeof meant, header, roles);
    if (unmet != NULL) {
        suggest_field(meant, sizeof meant, header, unmet->name);
        error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                     "the header lacks %s: it has no column '%.*s', which --column or --schema "
                     "describes%s",
                     missing, (int)(unmet->name.size < 100 ? unmet->name.size : 100),
                     unmet->name.data, meant);
    } else if (!has_known && looks_like_data(header)) {
        error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                     "no header: the first line looks like data; it has to name the columns, like "
                     "%s, or else --column column_1=source and so on has to",
                     example);
    } else if (meant[0] != '\0') {
        error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                     "the header lacks %s; did you mean%s?", missing, meant);
    } else {
        error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                     "the header lacks %s; a header looks like %s; for other tables give --column "
                     "NAME=time, NAME=source and NAME=target",
                     missing, example);
    }
    error_set_excerpt(error, header->line.data, header->line.size, 0);
    return STATUS_INPUT;
}

enum status header_refuse_dialect(const struct header *header, const char *file,
                                  const struct dialect *told, const struct dialect *found,
                                  struct error *error)
{
    error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                 "the header has none of the names that %s has for a time, a source and a "
                 "target; give --format-in=%s, or leave it out",
                 told->name, found == NULL ? "csv" : found->name);
    error_set_excerpt(error, header->line.data, header->line.size, 0);
    return STATUS_INPUT;
}

/* Whether the line that should name the fields is a row: some name is a value. */
static bool looks_like_data(const struct header *header)
{
    bool has_value = false;
    for (uint32_t i = 0; i < header->form.field_count; i++) {
        struct bytes name = header->field_names[i];
        struct address address;
        double number;
        time_ns time;
        has_value |=
            address_parse(name, &address) || float_parse(name, &number) || time_parse(name, &time);
    }
    return has_value;
}

static void list_missing(char *text, size_t text_bytes, const enum role *roles)
{
    size_t used = 0;
    text[0] = '\0';
    for (; *roles != ROLE_ATTRIBUTE && used < text_bytes; roles++) {
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", used == 0 ? "" : ", ",
                                 vocabulary_of_role(*roles)->name);
    }
}

/* The options that would make flows of it: " --column 'srcaddr=source'". */
static void list_meant(char *text, size_t text_bytes, const struct header *header,
                       const enum role *roles)
{
    static const char *const words[] = {
        [ROLE_START_TIME] = "time", [ROLE_SOURCE] = "source", [ROLE_TARGET] = "target"};
    size_t used = 0;
    text[0] = '\0';
    for (; *roles != ROLE_ATTRIBUTE && used < text_bytes; roles++) {
        uint32_t field = find_meant(header, *roles);
        if (field != FIELD_NONE) {
            used += (size_t)snprintf(text + used, text_bytes - used, " --column '%.60s=%s'",
                                     header->field_names[field].data, words[*roles]);
        }
    }
}

/* What was to be one of the missing roles, under a name that the header has not; NULL for none. */
static const struct column_wish *find_unmet(const struct header *header, const enum role *roles,
                                            const struct header_wishes *wishes)
{
    for (; *roles != ROLE_ATTRIBUTE; roles++) {
        for (uint32_t i = 0; wishes != NULL && i < wishes->column_count; i++) {
            const struct column_wish *wish = &wishes->columns[i];
            if (wish->role == *roles && header_find_field(header, wish->name) == FIELD_NONE) {
                return wish;
            }
        }
    }
    return NULL;
}

/* Least for names that differ in their case alone; more than EDITS_MAX: nothing alike. */
static uint32_t edits_between(struct bytes name, struct bytes known)
{
    if (bytes_equal_ignoring_case(name, known)) {
        return 0;
    }
    size_t limit = (name.size < known.size ? name.size : known.size) / BYTES_PER_EDIT;
    uint32_t edits = bytes_edit_distance(name, known, EDITS_MAX);
    return edits <= limit ? edits : EDITS_MAX + 1;
}

/* "; did you mean 'receiver'?", or nothing. */
static void suggest_field(char *text, size_t text_bytes, const struct header *header,
                          struct bytes wrong)
{
    uint32_t least = EDITS_MAX + 1;
    text[0] = '\0';
    for (uint32_t field = 0; field < header->form.field_count; field++) {
        struct bytes name = header->field_names[field];
        uint32_t edits = edits_between(wrong, name);
        if (edits < least) {
            least = edits;
            snprintf(text, text_bytes, "; did you mean '%.100s'?", name.data);
        }
    }
}

/* The field whose name is most like one that some dialect has for the role. */
static uint32_t find_meant(const struct header *header, enum role role)
{
    struct bytes canonical = bytes_of(vocabulary_of_role(role)->name);
    uint32_t best = FIELD_NONE;
    uint32_t least = EDITS_MAX + 1;
    for (size_t i = 0; dialects[i] != NULL; i++) {
        for (const struct dialect_column *row = dialects[i]->columns; row->name != NULL; row++) {
            for (uint32_t field = 0; field < header->form.field_count; field++) {
                struct bytes name = header->field_names[field];
                bool is_of_role = bytes_equal(bytes_of(row->canonical), canonical);
                uint32_t edits =
                    is_of_role ? edits_between(name, bytes_of(row->name)) : EDITS_MAX + 1;
                if (edits < least) {
                    least = edits;
                    best = field;
                }
            }
        }
    }
    return best;
}
