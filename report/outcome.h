/* What a query gave: the matcher's result, or a pipeline's answer. */
#ifndef GYRE_REPORT_OUTCOME_H
#define GYRE_REPORT_OUTCOME_H

#include "engine/result.h"
#include "pipeline/answer.h"
#include "report/sheet.h"

/* Borrows everything; one of `result` and `answer` is set. */
struct outcome {
    struct result *result;
    const struct answer *answer;
    const struct graph *graph;
};

uint32_t outcome_column_count(const struct outcome *outcome);
const char *outcome_column_name(const struct outcome *outcome, uint32_t column);

/* "integer", "text", ...; "any" when its values are not all of one kind. */
const char *outcome_column_type(const struct outcome *outcome, uint32_t column);
uint64_t outcome_row_count(const struct outcome *outcome);

/* A sheet with the names of the columns. */
enum status outcome_open_sheet(struct sheet *sheet, const struct outcome *outcome,
                               struct error *error);

/* Brings rows first .. first + count - 1 (at most EVALUATE_LANES) into the sheet. `lanes` is room
 * for as many lanes as there are columns, and lasts as long as the sheet is read. */
enum status outcome_show(const struct outcome *outcome, struct sheet *sheet, struct lanes *lanes,
                         uint64_t first, uint32_t count, struct error *error);

#endif
