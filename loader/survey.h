/* What each column holds over all batches and over each partition, so that it can be stored in the
 * narrowest width. Internal to the loader. */
#ifndef GYRE_LOADER_SURVEY_H
#define GYRE_LOADER_SURVEY_H

#include "loader/builder.h"
#include "loader/exchange.h"

/* One property over the whole input. Ranges count values that are not null: integers and the like
 * as they are, decimals as mantissas over `divisor`; texts and doubles have none. */
struct column_survey {
    bool has_values; /* something is not null */
    enum encoding encoding;
    double divisor; /* of ENCODING_DECIMAL: the greatest that a batch has */
    int64_t least;
    int64_t greatest;
    uint64_t null_count;
};

/* Fills `surveys` [property_count], from all batches. */
enum status survey_columns(struct builder *builder, struct arena *scratch,
                           struct column_survey *surveys);

/* Decides type, encoding, base and width of every column of every partition, and of its rows. */
enum status survey_partitions(struct builder *builder, const struct exchange *exchange,
                              const struct column_survey *surveys);

/* Whether a column of a batch holds anything but nulls. */
static inline bool survey_has_values(const struct batch *batch, const struct column *column)
{
    return column->null_count < batch->row_count;
}

/* What a decimal mantissa of a batch's column is multiplied by to stand over the common divisor. */
static inline uint64_t survey_factor(const struct column_survey *survey,
                                     const struct column *column)
{
    return survey->encoding == ENCODING_DECIMAL ? (uint64_t)(survey->divisor / column->divisor) : 1;
}

#endif
