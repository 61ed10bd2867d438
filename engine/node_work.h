/* What the workers of one node did in the filters and the search of a query. */
#ifndef GYRE_ENGINE_NODE_WORK_H
#define GYRE_ENGINE_NODE_WORK_H

#include "engine/locality.h"
#include "numa/thief.h"

struct node_work {
    struct thief_counts counts;
    struct locality locality; /* closed */
};

#endif
