/* What is said of a file whose columns make no flows: what is missing, and what may be meant. */
#ifndef GYRE_LOADER_HEADER_REFUSE_H
#define GYRE_LOADER_HEADER_REFUSE_H

#include "loader/header.h"

/* STATUS_INPUT, with the header as excerpt. `roles` are those that no column has, ended by
 * ROLE_ATTRIBUTE; `has_known` says whether some column is known. `wishes` may be NULL. */
enum status header_refuse(const struct header *header, const char *file, const enum role *roles,
                          bool has_known, const struct header_wishes *wishes, struct error *error);

/* The same for a file that is no `told`, as --format-in says, but `found` (NULL: nothing known). */
enum status header_refuse_dialect(const struct header *header, const char *file,
                                  const struct dialect *told, const struct dialect *found,
                                  struct error *error);

#endif
