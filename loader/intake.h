/* Bytes that arrive piece by piece and have to be whole: what is read from a pipe, decompressed, or
 * written by another program. They lie in one block of an arena, which grows by moving page tables
 * and counts against the memory budget. One thread fills it; then it is immutable. */
#ifndef GYRE_LOADER_INTAKE_H
#define GYRE_LOADER_INTAKE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/status.h"
#include "base/stop.h"
#include "numa/arena.h"

/* As much room there is at least for the next piece. */
enum { INTAKE_ROOM_BYTES = 1 << 20 };

struct intake {
    struct arena *arena; /* borrowed; several intakes may lie in it */
    char *data;
    uint64_t size;
    uint64_t capacity;
};

void intake_init(struct intake *intake, struct arena *arena);

/* Gives back the memory, but for a page. A zeroed one is accepted. */
void intake_close(struct intake *intake);

/* Makes room behind `size` for INTAKE_ROOM_BYTES. STATUS_LIMIT when the budget has no more: `what`
 * is what the room was for, as "reading" or "decompressing", and `name` of which file. */
enum status intake_reserve(struct intake *intake, const char *what, const char *name,
                           struct error *error);

/* Gives back the room that was not needed. */
void intake_fit(struct intake *intake);

/* Reads a file to its end. */
enum status intake_read(struct intake *intake, const struct file_input *input, struct stop *stop,
                        struct error *error);

static inline struct bytes intake_bytes(const struct intake *intake)
{
    return bytes_view(intake->data, intake->size);
}

#endif
