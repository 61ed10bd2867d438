/* What rows from all over a file show of it before all of it is parsed: the form of its times, and
 * types that its columns have at least. Rows that would be passed over or rejected show nothing. */
#ifndef GYRE_LOADER_SAMPLE_H
#define GYRE_LOADER_SAMPLE_H

#include "loader/layout.h"

/* Settles times whose form is open: each column of them takes the form that most of the sampled
 * rows have there. A note says where times have no date, and where there are several forms, since
 * rows with another one will be rejected. */
enum status sample_times(struct layout_file *file, const struct source_file *source,
                         struct load_report *report, struct error *error);

/* Raises the types of properties so that they hold the values of the sampled rows. */
enum status sample_types(struct layout *layout, const struct layout_file *file,
                         const struct source_file *source, struct load_report *report,
                         struct error *error);

#endif
