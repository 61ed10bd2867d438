/* The orders by time that the steps of a plan want. */
#ifndef GYRE_ENGINE_STEP_ORDERS_H
#define GYRE_ENGINE_STEP_ORDERS_H

#include "engine/search.h"

/* Orders flows by time in `orders`, zeroed and one for each step, which the caller closes; steps of
 * the same direction and filter share one. Where there is no memory for that, steps walk all links,
 * which needs none. */
enum status step_orders_open(struct time_order *orders, struct search *search,
                             struct budget *budget, struct error *error);

#endif
