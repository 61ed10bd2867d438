/* The columns of all files together: one property per name, in the order in which the names first
 * appear, and for each file which field is which property.
 *
 * Types are optimistic: a column that is not well known starts as integer, is raised to float or
 * text by a sample of rows, and later by any row that does not fit (layout_widen), after which
 * everything is parsed once more. A sample raises a type only for a value that is there, so that
 * the final type is the narrowest that holds all values, whatever was sampled; but integers beyond
 * 64 bits, which a float would cut, make text of a column that was none of floats before them, and
 * so do numbers with a plus or zeros in front, of a column whose type is guessed. */
#ifndef GYRE_LOADER_LAYOUT_H
#define GYRE_LOADER_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "graph/schema.h"
#include "loader/header.h"
#include "loader/load.h"
#include "loader/source.h"

#define LAYOUT_MISSING UINT32_MAX

struct layout_file {
    struct header header;
    uint32_t *properties; /* [header.column_count]: which property a column is */
    bool *has_property;   /* [column_count of the layout] */
};

/* Another name of a property, in some file. */
struct layout_alias {
    struct bytes name;
    uint32_t property;
};

/* Zeroed: empty. Changed between passes only; read by all workers. */
struct layout {
    struct layout_file *files; /* [file_count], as the source has them */
    uint32_t file_count;
    struct header_column *columns; /* [column_count]; `type` is what was learnt; field, alias and
                                      reading mean nothing, which are a file's */
    uint32_t column_count;
    struct layout_alias *aliases; /* [alias_count] */
    uint32_t alias_count;
};

/* Reads all headers, tells the source where data begin, unites the columns and samples rows. Notes
 * which file lacks which columns. A wish for a column that no file has is STATUS_INPUT, unless a
 * file of JSON may have it where it was not looked at: then layout_check_wishes tells, when all was
 * read. */
enum status layout_open(struct layout *layout, struct source *source,
                        const struct header_wishes *wishes, struct load_report *report,
                        struct error *error);
enum status layout_check_wishes(const struct layout *layout, const struct source *source,
                                const struct header_wishes *wishes, struct error *error);
void layout_close(struct layout *layout);

/* The property of that name (no alias), or LAYOUT_MISSING. */
uint32_t layout_find(const struct layout *layout, struct bytes name);

/* A column of a file as it is now: the type that its property has by now, and its own reading. */
struct header_column layout_column(const struct layout *layout, const struct layout_file *file,
                                   uint32_t column);

/* The type that a column has to have so that it holds `field` too (not null): its own type when
 * that already does. For columns that are not strict. */
enum type layout_type_for(const struct header_column *column, struct bytes field);

/* Whether `field` (trimmed, not null) is a value of the column's type. */
bool layout_accepts(const struct header_column *column, struct bytes field);

/* Gives a column the type that a value needs, and says so in a note. */
void layout_raise(struct header_column *column, enum type type, const char *file, uint64_t line,
                  struct bytes value, struct load_report *report);

/* Adds a property per column, and the aliases, to an empty schema. */
enum status layout_schema(const struct layout *layout, struct schema *schema, struct error *error);

#endif
