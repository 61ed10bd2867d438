/* How the lines of a file are cut, and the names of its fields: what can be seen before one knows
 * what the names mean. Internal to loader/header.c. */
#ifndef GYRE_LOADER_HEAD_H
#define GYRE_LOADER_HEAD_H

#include "loader/header.h"

/* Fills the header's form, names, line, nulls and bytes; its dialect where only one can be meant (a
 * list of edges without header). Errors as header_open. */
enum status head_read(struct header *header, const char *file, struct bytes data,
                      const struct header_wishes *wishes, struct error *error);

/* Fills the names with the keys of objects on the lines of `data`, but for those that the header's
 * dialect passes over, if it has one, and those of the wishes' news. */
enum status head_read_objects(struct header *header, const char *file, struct bytes data,
                              const struct header_wishes *wishes, struct error *error);

/* Where in header->line the name of a field stands. */
uint64_t head_name_offset(const struct header *header, uint32_t field);

#endif
