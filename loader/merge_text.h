/* The workers' text tables become one sorted dictionary per text property, and one for the
 * addresses that are text. Internal to the loader. */
#ifndef GYRE_LOADER_MERGE_TEXT_H
#define GYRE_LOADER_MERGE_TEXT_H

#include "loader/builder.h"

/* Fills the graph's dictionaries (in its shared arena) and builder->text_maps: for each property
 * and each staging worker, the dictionary's code of each of the worker's codes, and one 0 behind
 * them, for columns in which all is null. The maps of address texts stand after the last property.
 *
 * One parallel sample sort of all entries of all tables by (property, bytes): a sort is needed
 * anyway, and equal texts meet in it without a hash table. */
enum status merge_texts(struct builder *builder);

#endif
