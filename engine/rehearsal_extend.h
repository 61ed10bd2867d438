/* Steps of a rehearsal that go on from what is bound. Inside the rehearsal only. */
#ifndef GYRE_ENGINE_REHEARSAL_EXTEND_H
#define GYRE_ENGINE_REHEARSAL_EXTEND_H

#include "engine/rehearsal_state.h"

/* A vertex by its links to bound ones. Returns whether all candidates were tried. */
bool rehearsal_extend(struct rehearsal *rehearsal, const struct sample *from,
                      struct totals *totals);

/* The link between two bound vertices of each partial match. */
void rehearsal_close_edge(struct rehearsal *rehearsal, const struct sample *from);

#endif
