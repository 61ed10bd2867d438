#include "loader/header.h"

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "loader/head.h"
#include "loader/header_refuse.h"

/* Where the property of each word of a dialect comes from. */
struct assignment {
    struct bytes name; /* of the property */
    uint32_t field;
    enum role role;
    enum type type;
    enum reading reading;
    bool is_strict;
};

/* What the fields of a file stand for, as one dialect sees it. At most a word per row of a table
 * and per wish, so far more than there are words. */
enum { ASSIGNMENTS_MAX = 64 };
struct meaning {
    const struct dialect *dialect;
    struct assignment assignments[ASSIGNMENTS_MAX];
    uint32_t count;
    bool has_own_role; /* the dialect's table gave one of the three */
};

static enum status choose_dialect(struct header *header, const char *file,
                                  const struct header_wishes *wishes, struct meaning *meaning,
                                  struct error *error);
static void find_meaning(struct meaning *meaning, const struct header *header,
                         const struct dialect *dialect, const struct header_wishes *wishes);
static enum status make_columns(struct header *header, const struct header_wishes *wishes,
                                const struct meaning *meaning, struct error *error);
static enum status make_filters(struct header *header, struct error *error);
static void expect_numbers(struct header *header);
static enum status check_columns(const struct header *header, const char *file,
                                 struct error *error);
static enum status refuse(const struct header *header, const char *file,
                          const struct meaning *meaning, const struct header_wishes *wishes,
                          struct error *error);

enum status header_open(struct header *header, const char *file, struct bytes data,
                        const struct header_wishes *wishes, struct error *error)
{
    static const struct header_wishes none = {0};
    enum status status = STATUS_OK;
    struct meaning meaning;
    *header = (struct header){0};
    wishes = wishes == NULL ? &none : wishes;
    TRY_DONE(head_read(header, file, data, wishes, error));
    TRY_DONE(choose_dialect(header, file, wishes, &meaning, error));
    if (header->form.kind == RECORD_JSON && header->dialect->filters != NULL) {
        TRY_DONE(head_read_objects(header, file, data, wishes, error));
        TRY_DONE(choose_dialect(header, file, wishes, &meaning, error));
    }
    TRY_DONE(make_columns(header, wishes, &meaning, error));
    TRY_DONE(check_columns(header, file, error));
    TRY_DONE(make_filters(header, error));
    expect_numbers(header);
done:
    if (status != STATUS_OK) {
        header_close(header);
    }
    return status;
}

void header_close(struct header *header)
{
    json_names_close(&header->json);
    memory_free(header->field_names);
    memory_free(header->columns);
    memory_free(header->filters);
    memory_free(header->names);
    memory_free(header->cuts);
    *header = (struct header){0};
}

static bool begins_with(struct bytes text, struct bytes beginning)
{
    return text.size >= beginning.size &&
           bytes_equal(bytes_view(text.data, beginning.size), beginning);
}

/* Whether a line is as many numbers as a dialect's summary has. */
static bool is_summary(struct bytes line, uint32_t field_count)
{
    uint32_t found = 0;
    size_t begin = 0;
    for (size_t i = 0; i <= line.size; i++) {
        double number;
        if (i < line.size && line.data[i] != ',') {
            continue;
        }
        if (!float_parse(bytes_trim(bytes_view(line.data + begin, i - begin)), &number)) {
            return false;
        }
        found++;
        begin = i + 1;
    }
    return found == field_count;
}

enum line_kind header_line_kind(const struct header *header, struct bytes line)
{
    const struct dialect *dialect = header->dialect;
    line = bytes_trim(line);
    if (header->form.comment != 0 && line.size > 0 && line.data[0] == header->form.comment) {
        return LINE_COMMENT;
    }
    if (header->line.size > 0 && bytes_equal(line, bytes_trim(header->line))) {
        return LINE_PASSED;
    }
    for (size_t i = 0; dialect->trailers != NULL && dialect->trailers[i] != NULL; i++) {
        if (begins_with(line, bytes_of(dialect->trailers[i]))) {
            return LINE_PASSED;
        }
    }
    bool has_summary = dialect->trailer_field_count > 0;
    return has_summary && is_summary(line, dialect->trailer_field_count) ? LINE_PASSED : LINE_ROW;
}

uint32_t header_find_field(const struct header *header, struct bytes name)
{
    for (uint32_t i = 0; i < header->form.field_count; i++) {
        if (bytes_equal(header->field_names[i], name)) {
            return i;
        }
    }
    return FIELD_NONE;
}

static const struct assignment *find_assignment(const struct meaning *meaning, struct bytes name)
{
    for (uint32_t i = 0; i < meaning->count; i++) {
        if (bytes_equal(meaning->assignments[i].name, name)) {
            return &meaning->assignments[i];
        }
    }
    return NULL;
}

static bool has_wish(const struct header_wishes *wishes, struct bytes name)
{
    bool is_found = false;
    for (uint32_t i = 0; i < wishes->column_count; i++) {
        is_found |= bytes_equal(wishes->columns[i].name, name);
    }
    return is_found;
}

/* What is wished of the property of that name, if it is none of the vocabulary. */
static const struct column_wish *find_own_wish(const struct header_wishes *wishes,
                                               struct bytes name)
{
    for (uint32_t i = 0; i < wishes->column_count; i++) {
        const struct column_wish *wish = &wishes->columns[i];
        if (bytes_equal(wish->name, name) && wish->canonical.size == 0) {
            return wish;
        }
    }
    return NULL;
}

static bool has_role(const struct meaning *meaning, enum role role)
{
    return find_assignment(meaning, bytes_of(vocabulary_of_role(role)->name)) != NULL;
}

static uint32_t count_roles(const struct meaning *meaning)
{
    return has_role(meaning, ROLE_START_TIME) + has_role(meaning, ROLE_SOURCE) +
           has_role(meaning, ROLE_TARGET);
}

static bool is_whole(const struct meaning *meaning)
{
    return count_roles(meaning) == 3;
}

/* Whether a dialect's table alone finds all three roles. */
static bool is_of_dialect(const struct header *header, const struct dialect *dialect)
{
    static const struct header_wishes none = {0};
    struct meaning meaning;
    find_meaning(&meaning, header, dialect, &none);
    return meaning.has_own_role && is_whole(&meaning);
}

/* The first dialect that the names of the fields make out, whatever is wished of them. */
static const struct dialect *dialect_of(const struct header *header)
{
    for (size_t i = 0; dialects[i] != NULL; i++) {
        if (is_of_dialect(header, dialects[i])) {
            return dialects[i];
        }
    }
    return NULL;
}

/* The first dialect that finds all three roles, some of them by its own table; else the last, which
 * has none, when the wishes suffice. What is wished of columns does not change whose they are. */
static enum status choose_dialect(struct header *header, const char *file,
                                  const struct header_wishes *wishes, struct meaning *meaning,
                                  struct error *error)
{
    const struct dialect *forced = wishes->dialect != NULL ? wishes->dialect : header->dialect;
    if (forced == NULL && wishes->column_count > 0) {
        forced = dialect_of(header);
    }
    const struct dialect *nearest = forced != NULL ? forced : &dialect_argus;
    uint32_t most = 0;
    for (size_t i = 0; dialects[i] != NULL; i++) {
        if (forced != NULL && dialects[i] != forced) {
            continue;
        }
        find_meaning(meaning, header, dialects[i], wishes);
        if (count_roles(meaning) > most) {
            most = count_roles(meaning);
            nearest = dialects[i];
        }
        bool is_own = meaning->has_own_role || dialects[i + 1] == NULL || forced != NULL;
        if (!is_whole(meaning) || !is_own) {
            continue;
        }
        bool is_told = meaning->has_own_role || wishes->dialect == NULL || wishes->column_count > 0;
        if (!is_told && dialects[i + 1] != NULL) {
            return header_refuse_dialect(header, file, dialects[i], dialect_of(header), error);
        }
        header->dialect = dialects[i];
        return STATUS_OK;
    }
    find_meaning(meaning, header, nearest, wishes);
    return refuse(header, file, meaning, wishes, error);
}

static void assign(struct meaning *meaning, struct assignment assignment)
{
    if (assignment.field != FIELD_NONE && find_assignment(meaning, assignment.name) == NULL &&
        meaning->count < ASSIGNMENTS_MAX) {
        meaning->assignments[meaning->count++] = assignment;
    }
}

static void assign_by_table(struct meaning *meaning, const struct header *header,
                            const struct dialect *dialect, const struct header_wishes *wishes)
{
    for (const struct dialect_column *row = dialect->columns; row->name != NULL; row++) {
        const struct vocabulary_word *word = vocabulary_find(bytes_of(row->canonical));
        CHECK(word != NULL);
        if (!has_wish(wishes, bytes_of(row->name))) {
            assign(meaning, (struct assignment){
                                .name = bytes_of(word->name),
                                .field = header_find_field(header, bytes_of(row->name)),
                                .role = word->role,
                                .type = word->type,
                                .reading = row->reading,
                                .is_strict = word->is_strict,
                            });
        }
    }
}

/* Wishes come before the dialect's table, and that before the names of the vocabulary itself, which
 * are those of Argus. */
static void find_meaning(struct meaning *meaning, const struct header *header,
                         const struct dialect *dialect, const struct header_wishes *wishes)
{
    *meaning = (struct meaning){.dialect = dialect};
    for (uint32_t i = 0; i < wishes->column_count; i++) {
        const struct column_wish *wish = &wishes->columns[i];
        if (wish->canonical.size > 0) {
            bool is_strict = vocabulary_find(wish->canonical)->is_strict;
            assign(meaning,
                   (struct assignment){
                       .name = wish->canonical,
                       .field = header_find_field(header, wish->name),
                       .role = wish->role,
                       .type = wish->type,
                       .reading = wish->reading,
                       .is_strict = is_strict || (wish->is_fixed && wish->type != TYPE_TEXT),
                   });
        }
    }
    uint32_t wish_count = meaning->count;
    assign_by_table(meaning, header, dialect, wishes);
    for (uint32_t i = wish_count; i < meaning->count; i++) {
        meaning->has_own_role |= meaning->assignments[i].role != ROLE_ATTRIBUTE;
    }
    assign_by_table(meaning, header, &dialect_argus, wishes);
}

/* Whether the file itself says that a field is text, though it may look like a number. */
static bool is_said_to_be_text(const struct header *header, uint32_t field)
{
    static const char *const texts[] = {"string", "enum", "addr", "subnet", "pattern"};
    bool is_text = header->form.kind == RECORD_JSON && header->json.names[field].is_text;
    if (header->types.size > 0) {
        struct bytes type = bytes_trim(record_find(&header->form, header->types, field));
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            is_text |= bytes_equal(type, bytes_of(texts[i]));
        }
    }
    return is_text;
}

/* The columns of one field: what it is assigned to, and itself where that says something else. */
static void add_columns_of(struct header *header, const struct header_wishes *wishes,
                           const struct meaning *meaning, uint32_t field)
{
    struct bytes name = header->field_names[field];
    const struct column_wish *wish = find_own_wish(wishes, name);
    bool is_told = false;
    for (uint32_t i = 0; i < meaning->count; i++) {
        const struct assignment *from = &meaning->assignments[i];
        if (from->field != field) {
            continue;
        }
        struct header_column *column = &header->columns[header->column_count++];
        *column = (struct header_column){
            .name = from->name,
            .field = field,
            .role = from->role,
            .type = from->type,
            .reading = from->reading,
            .is_known = true,
            .is_strict = from->is_strict,
        };
        if (!is_told && !reading_changes(from->reading, from->type)) {
            is_told = true;
            column->alias = bytes_equal(name, from->name) ? bytes_view(NULL, 0) : name;
        }
        is_told |= bytes_equal(name, from->name);
    }
    if (is_told) {
        return;
    }
    struct header_column *column = &header->columns[header->column_count++];
    bool is_text = is_said_to_be_text(header, field);
    *column = (struct header_column){
        .name = name, .field = field, .type = is_text ? TYPE_TEXT : TYPE_INTEGER};
    if (wish != NULL && wish->type != TYPE_NULL) {
        column->type = wish->type;
        column->reading = wish->reading;
        column->is_known = true;
        column->is_strict = wish->type != TYPE_TEXT;
    }
}

static bool has_column(const struct header *header, const char *name)
{
    for (uint32_t i = 0; i < header->column_count; i++) {
        if (bytes_equal(header->columns[i].name, bytes_of(name))) {
            return true;
        }
    }
    return false;
}

static void add_derived(struct header *header)
{
    for (const struct derivation *row = vocabulary_derivations; row->name != NULL; row++) {
        const struct vocabulary_word *word = vocabulary_find(bytes_of(row->name));
        if (!has_column(header, row->name) && has_column(header, row->operands[0]) &&
            has_column(header, row->operands[1])) {
            header->columns[header->column_count++] = (struct header_column){
                .name = bytes_of(word->name),
                .field = FIELD_NONE,
                .derivation = row,
                .type = word->type,
                .is_known = true,
                .is_strict = word->is_strict,
            };
        }
    }
}

static enum status make_columns(struct header *header, const struct header_wishes *wishes,
                                const struct meaning *meaning, struct error *error)
{
    uint64_t most = (uint64_t)header->form.field_count + 2 * ASSIGNMENTS_MAX;
    header->columns = memory_allocate(most, sizeof *header->columns);
    if (header->columns == NULL) {
        return error_set_memory(error, "reading a header");
    }
    for (uint32_t field = 0; field < header->form.field_count; field++) {
        add_columns_of(header, wishes, meaning, field);
    }
    add_derived(header);
    for (size_t i = 0; header->nulls.count == 0 && i < DIALECT_NULLS; i++) {
        const char *const *nulls = header->dialect->nulls;
        for (; i < DIALECT_NULLS && nulls[i] != NULL; i++) {
            header->nulls.texts[header->nulls.count++] = bytes_of(nulls[i]);
        }
    }
    return STATUS_OK;
}

static enum status make_filters(struct header *header, struct error *error)
{
    const struct dialect_filter *rows = header->dialect->filters;
    uint32_t count = 0;
    for (; rows != NULL && rows[count].name != NULL; count++) {
    }
    if (count == 0) {
        return STATUS_OK;
    }
    header->filters = memory_allocate(count, sizeof *header->filters);
    if (header->filters == NULL) {
        return error_set_memory(error, "reading a header");
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t field = header_find_field(header, bytes_of(rows[i].name));
        if (field != FIELD_NONE) {
            struct header_filter *filter = &header->filters[header->filter_count++];
            *filter = (struct header_filter){.field = field, .is_kept = rows[i].is_kept};
            filter->size = (uint32_t)strlen(rows[i].value);
            CHECK(filter->size <= sizeof filter->word);
            memcpy(&filter->word, rows[i].value, filter->size);
            memset(&filter->mask, 0xff, filter->size);
        }
    }
    return STATUS_OK;
}

/* Fields of JSON of which the sample shows numbers, so that a text among them would be news. */
static void expect_numbers(struct header *header)
{
    for (uint32_t i = 0; i < header->column_count && header->form.kind == RECORD_JSON; i++) {
        const struct header_column *column = &header->columns[i];
        if (column->field != FIELD_NONE && !column->is_known) {
            header->json.keys.are_numbers[column->field] = column->type == TYPE_INTEGER;
        }
    }
    header->json.keys.is_full = header->json.is_full;
    header->json.keys.has_unfit = header->json.has_unfit;
}

static enum status check_columns(const struct header *header, const char *file, struct error *error)
{
    if (header->column_count > SCHEMA_PROPERTIES_MAX) {
        return error_set_at(error, STATUS_INPUT, file, header->line_number, 0,
                            "the file has %u columns, over the limit of %d", header->column_count,
                            SCHEMA_PROPERTIES_MAX);
    }
    for (uint32_t i = 0; i < header->column_count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            const struct header_column *columns = header->columns;
            if (!bytes_equal(columns[i].name, columns[k].name)) {
                continue;
            }
            uint32_t field = columns[i].field;
            uint64_t offset = head_name_offset(header, field);
            error_set_at(error, STATUS_INPUT, file, header->line_number, offset + 1,
                         "the column name '%.100s' stands twice in the header (columns %u and "
                         "%u); rename one of them",
                         columns[i].name.data, columns[k].field + 1, field + 1);
            error_set_excerpt(error, header->line.data, header->line.size, offset);
            return STATUS_INPUT;
        }
    }
    return STATUS_OK;
}

static enum status refuse(const struct header *header, const char *file,
                          const struct meaning *meaning, const struct header_wishes *wishes,
                          struct error *error)
{
    static const enum role needed[] = {ROLE_START_TIME, ROLE_SOURCE, ROLE_TARGET};
    enum { NEEDED_COUNT = sizeof needed / sizeof *needed };
    enum role missing[NEEDED_COUNT + 1] = {ROLE_ATTRIBUTE};
    uint32_t count = 0;
    for (size_t i = 0; i < NEEDED_COUNT; i++) {
        if (!has_role(meaning, needed[i])) {
            missing[count++] = needed[i];
        }
    }
    missing[count] = ROLE_ATTRIBUTE;
    return header_refuse(header, file, missing, meaning->count > 0, wishes, error);
}
