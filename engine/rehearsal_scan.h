/* The first move of a rehearsal. Inside the rehearsal only. */
#ifndef GYRE_ENGINE_REHEARSAL_SCAN_H
#define GYRE_ENGINE_REHEARSAL_SCAN_H

#include "engine/rehearsal_state.h"

/* The first move, from the empty match: a vertex or a link. Returns whether all were tried. */
bool rehearsal_scan(struct rehearsal *rehearsal, const struct sample *from);

#endif
