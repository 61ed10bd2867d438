/* Flows by time, for steps of a rehearsal that go by time. Inside the rehearsal only. */
#ifndef GYRE_ENGINE_REHEARSAL_TIME_H
#define GYRE_ENGINE_REHEARSAL_TIME_H

#include "engine/rehearsal_state.h"

/* The flows of a vertex's links, listed for `edge`, in the order of time, or of some of its links.
 * NULL: there is no room for more. */
const struct time_sample *rehearsal_time_sample(struct rehearsal *rehearsal, uint32_t edge);

#endif
