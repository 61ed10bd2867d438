/* Bound queries by hand, over a tiny graph: for tests of the engine without the parser. */
#ifndef GYRE_TESTS_SUPPORT_TINY_QUERY_H
#define GYRE_TESTS_SUPPORT_TINY_QUERY_H

#include "engine/evaluate.h"
#include "tests/support/tiny_graph.h"

/* Makes the query's pattern: edge i goes from vertex ends[2 * i] to ends[2 * i + 1]. */
void tiny_pattern(struct tiny *tiny, const uint32_t *ends, uint32_t edge_count,
                  uint32_t vertex_count);

/* Expressions, in the tiny's arena; types and masks follow from the operands. */
struct expression *tiny_null(struct tiny *tiny);
struct expression *tiny_bool(struct tiny *tiny, bool value);
struct expression *tiny_integer(struct tiny *tiny, int64_t value);
struct expression *tiny_typed(struct tiny *tiny, enum type type, int64_t value);
struct expression *tiny_real(struct tiny *tiny, double value);
struct expression *tiny_text(struct tiny *tiny, const char *value);
struct expression *tiny_address(struct tiny *tiny, const char *value);
struct expression *tiny_property(struct tiny *tiny, uint32_t edge, uint32_t property);
struct expression *tiny_leaf(struct tiny *tiny, enum expression_kind kind, enum type type,
                             uint32_t variable);
struct expression *tiny_unary(struct tiny *tiny, enum expression_kind kind, enum type type,
                              struct expression *child);
struct expression *tiny_binary(struct tiny *tiny, enum expression_kind kind, enum type type,
                               struct expression *left, struct expression *right);
/* `value` IN `count` literals. */
struct expression *tiny_in(struct tiny *tiny, struct expression *value, uint32_t count,
                           struct expression *const *literals);

/* Adds a conjunct, classified by its masks. */
void tiny_where(struct tiny *tiny, struct expression *conjunct);

/* Adds an output, a key with an output for it, an aggregate with an output for it. */
void tiny_return(struct tiny *tiny, const char *name, const struct expression *expression);
void tiny_key(struct tiny *tiny, const char *name, const struct expression *expression);
void tiny_aggregate(struct tiny *tiny, const char *name, enum aggregate_function function,
                    bool is_distinct, const struct expression *argument);
void tiny_order(struct tiny *tiny, const struct expression *expression, bool is_descending);

/* Drops conjuncts, outputs, keys, aggregates and orders; the pattern stays. */
void tiny_clear(struct tiny *tiny);

/* Appends a value as text: numbers, `null`, an address for a vertex, `#` and the row for a flow. */
void tiny_append_lane(const struct tiny *tiny, const struct lanes *lanes, uint32_t lane, char *text,
                      size_t size);

/* Properties of e1, the key of a vertex and its text, and an output for ORDER BY. */
struct expression *tiny_packets(struct tiny *tiny);
struct expression *tiny_protocol(struct tiny *tiny);
struct expression *tiny_duration(struct tiny *tiny);
struct expression *tiny_key_of(struct tiny *tiny, uint32_t vertex);
struct expression *tiny_key_text(struct tiny *tiny, uint32_t vertex);
struct expression *tiny_output(struct tiny *tiny, uint32_t at);

#endif
