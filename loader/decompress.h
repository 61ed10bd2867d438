/* Compressed input: gzip, zstd, xz, bzip2 and lz4, known by their first bytes, of one member or of
 * many one after the other.
 *
 * All of an archive or an error: one that ends too early, or is damaged, or has something else
 * behind its end (but zero bytes, with which tapes are padded) is refused with the byte where it
 * was found. What comes out counts against the memory budget, so that no archive can fill the
 * machine where there is a limit. The library's own window does not: up to 128 MiB, for xz 1 GiB,
 * and much less unless the archive was made to need it. */
#ifndef GYRE_LOADER_DECOMPRESS_H
#define GYRE_LOADER_DECOMPRESS_H

#include "base/bytes.h"
#include "base/status.h"
#include "base/stop.h"
#include "loader/intake.h"

struct codec;

/* NULL: not compressed, or not in one of these formats. */
const struct codec *codec_of(struct bytes content);

/* Decompresses `content`, the file `name`, behind what `out` holds. Errors: STATUS_INPUT for what
 * is wrong with the archive, STATUS_LIMIT for the budget, the stop's reason. */
enum status decompress(struct intake *out, const struct codec *codec, struct bytes content,
                       const char *name, struct stop *stop, struct error *error);

#endif
