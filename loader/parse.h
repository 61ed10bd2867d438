/* The parse phase: all chunks of the input to staged batches, on the team. */
#ifndef GYRE_LOADER_PARSE_H
#define GYRE_LOADER_PARSE_H

#include "base/progress.h"
#include "base/stop.h"
#include "loader/batch.h"
#include "loader/load.h"
#include "loader/source.h"
#include "numa/budget.h"
#include "numa/team.h"

/* Opens the options' files, parses them all and fills `staging` (zeroed by the caller, who closes
 * it also on failure), `report`'s rows, rejects and notes, and the rejects file. Fails as
 * graph_load does, the limit of rejects included. The result depends on the input alone, but for
 * who holds which codes. */
enum status parse_files(struct staging *staging, struct team *team, struct budget *budget,
                        const struct load_options *options, struct stop *stop,
                        struct progress *progress, struct load_report *report, struct error *error);

#endif
