/* Kinds of paths, from what the workers found to the answer. Inside the engine only. */
#ifndef GYRE_ENGINE_PATH_KINDS_H
#define GYRE_ENGINE_PATH_KINDS_H

#include "engine/path_search.h"

/* False without memory. */
bool path_add_kind(struct kind_list *list, struct arena *arena, const struct path_kind *kind);

/* Puts the lane's kinds in order and makes one of those that are alike, once there are many. False:
 * the search is to end. */
bool path_tidy_kinds(struct path_lane *lane);

/* None of the kinds that come from here on is one of those that there are. */
void path_end_kinds(struct path_lane *lane);

/* All lanes' kinds as the answer. `is_turned`: near is the end. */
enum status path_list_kinds(const struct path_search *search, bool is_turned,
                            struct path_kinds *kinds, struct error *error);

/* The error of too many paths. */
enum status path_many(struct error *error);

#endif
