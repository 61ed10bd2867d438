/* Binary formats that another program turns into text: Argus's own by `ra`, nfdump's by `nfdump`.
 *
 * Known by their first bytes. The program reads the file as its standard input, so that no name of
 * a file stands on its command line, and what it writes is parsed as any file of that format. It
 * has to end well: a file that is cut off is an error, even though ra reads it without a word. */
#ifndef GYRE_LOADER_CHILD_H
#define GYRE_LOADER_CHILD_H

#include "base/bytes.h"
#include "base/file.h"
#include "base/status.h"
#include "base/stop.h"
#include "loader/intake.h"

struct child_format;

/* NULL: none of these formats. */
const struct child_format *child_format_of(struct bytes content);

/* "Argus" or "nfdump". */
const char *child_format_name(const struct child_format *format);

/* Runs the format's program over `input`, which stands at its start and holds `content`, and
 * collects what it writes behind what `out` holds. Errors: STATUS_FAILED when the program is not
 * installed (named with its Debian package) or ends badly; STATUS_INPUT for a file that is cut off
 * or damaged; STATUS_LIMIT for the budget; the stop's reason. */
enum status child_render(struct intake *out, const struct child_format *format,
                         const struct file_input *input, struct bytes content, struct stop *stop,
                         struct error *error);

#endif
