/* Any other table: its columns mean what the command line says. */
#include "loader/dialect.h"

#include <stddef.h>

static const struct dialect_column columns[] = {{NULL, NULL, READ_PLAIN}};

const struct dialect dialect_csv = {
    .name = "csv",
    .description = "any table, by --column",
    .columns = columns,
};
