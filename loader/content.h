/* The text of one input, whatever it came as: mapped where it is a plain file, otherwise read from
 * a pipe, decompressed (loader/decompress.h), written by another program (loader/child.h), or one
 * after the other, as for an Argus file within a gzip archive on standard input. Immutable. */
#ifndef GYRE_LOADER_CONTENT_H
#define GYRE_LOADER_CONTENT_H

#include "base/file.h"
#include "base/stop.h"
#include "loader/intake.h"
#include "numa/budget.h"

/* Zeroed: empty. */
struct content {
    struct file_view view; /* of the file, or of the intake */
    struct intake intake;
};

/* What opening contents needs, the same for all. */
struct content_means {
    struct arena *arena; /* for all that is not mapped; must outlive the contents */
    struct budget *budget;
    struct stop *stop; /* may be NULL */
};

/* `path` "-" is standard input. Errors as those of file_input_open, intake_read, decompress and
 * child_render; STATUS_INPUT for formats that are known and not read (a ZIP archive, a capture of
 * packets), named with what to do. */
enum status content_open(struct content *content, const char *path,
                         const struct content_means *means, struct error *error);
void content_close(struct content *content);

#endif
