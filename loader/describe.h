/* How the columns of all files were read, in the form that a schema file has
 * (loader/column_wish.h), so that it can be looked at, edited, and given back. */
#ifndef GYRE_LOADER_DESCRIBE_H
#define GYRE_LOADER_DESCRIBE_H

#include "base/status.h"
#include "loader/layout.h"

/* `*text`: NUL-terminated, to be given back by memory_free; a line per field and property that it
 * became, of the types that `schema` has for the layout's properties. Loaded with it, the same
 * files give the same graph. What cannot stand in a schema file is said there in a comment: a name
 * that begins with # or holds a line end. */
enum status describe_columns(char **text, const struct layout *layout, const struct schema *schema,
                             struct error *error);

#endif
