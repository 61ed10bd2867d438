/* The parts of evaluate(). Internal to pipeline/. */
#ifndef GYRE_PIPELINE_EVALUATE_H
#define GYRE_PIPELINE_EVALUATE_H

#include "pipeline/term.h"

/* STATUS_USAGE at the term's place. */
enum status evaluate_error(struct run *run, const struct term *term, const char *text);

/* Gives the error of a function over values the place of the term that called it. */
enum status evaluate_placed(struct run *run, const struct term *term, enum status status,
                            const struct error *problem);

/* As many values as there are children; none of these may be NULL. */
enum status evaluate_children(struct run *run, const struct term *term, struct value *values);

/* evaluate_list.c: properties, lists, maps, and what walks a list. */
enum status evaluate_property(struct run *run, const struct term *term, struct value *value);
enum status evaluate_container(struct run *run, const struct term *term, struct value *value);

/* evaluate_query.c: patterns and subqueries. */
enum status evaluate_query(struct run *run, const struct term *term, struct value *value);

#endif
