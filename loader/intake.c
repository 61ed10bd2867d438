#include "loader/intake.h"

#include <stdio.h>

void intake_init(struct intake *intake, struct arena *arena)
{
    *intake = (struct intake){.arena = arena};
}

void intake_close(struct intake *intake)
{
    if (intake->data != NULL) {
        (void)arena_resize(intake->arena, intake->data, 0, 1);
    }
    *intake = (struct intake){0};
}

/* Doubles, so that the kernel is seldom asked; where the budget does not allow it, by half as much,
 * and so on down to what is needed, so that all of the budget can be used. */
enum status intake_reserve(struct intake *intake, const char *what, const char *name,
                           struct error *error)
{
    if (intake->capacity - intake->size >= INTAKE_ROOM_BYTES) {
        return STATUS_OK;
    }
    uint64_t extra = intake->capacity > INTAKE_ROOM_BYTES ? intake->capacity : INTAKE_ROOM_BYTES;
    void *grown = NULL;
    for (; grown == NULL && extra >= INTAKE_ROOM_BYTES; extra /= 2) {
        grown = arena_resize(intake->arena, intake->data, intake->capacity + extra, 1);
        if (grown != NULL) {
            intake->data = grown;
            intake->capacity += extra;
            return STATUS_OK;
        }
    }
    char purpose[ERROR_FILE_BYTES];
    snprintf(purpose, sizeof purpose, "%s %s", what, name);
    return arena_error(intake->arena, purpose, error);
}

void intake_fit(struct intake *intake)
{
    void *fitted = arena_resize(intake->arena, intake->data, intake->size, 1);
    if (fitted != NULL) {
        intake->data = fitted;
        intake->capacity = intake->size;
    }
}

enum status intake_read(struct intake *intake, const struct file_input *input, struct stop *stop,
                        struct error *error)
{
    uint64_t got = 1;
    while (got > 0) {
        TRY(intake_reserve(intake, "reading", input->name, error));
        TRY(file_input_read(input, intake->data + intake->size, intake->capacity - intake->size,
                            &got, stop, error));
        intake->size += got;
    }
    intake_fit(intake);
    return STATUS_OK;
}
