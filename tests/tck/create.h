/* Runs the CREATE queries that set a scenario's graph up. */
#ifndef GYRE_TESTS_TCK_CREATE_H
#define GYRE_TESTS_TCK_CREATE_H

#include "tests/tck/world.h"

/* A query of CREATE clauses, with reading clauses between them. */
enum status create_run(struct world *world, struct bytes text, struct error *error);

#endif
