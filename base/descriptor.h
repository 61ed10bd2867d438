/* System calls on descriptors, gone through interruptions; what base/file.c, base/process.c and
 * numa/spill.c are made of, and nobody else uses. Descriptors are closed when another program is
 * started. */
#ifndef GYRE_BASE_DESCRIPTOR_H
#define GYRE_BASE_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/stop.h"

/* Negative on failure, with errno. */
int descriptor_open(const char *path, int flags, mode_t mode);

/* Reads at most `size` bytes. 0 at the end, negative on failure, with errno: ECANCELED when `stop`
 * (NULL: none) was requested, which ends a wait for a pipe too, within DESCRIPTOR_POLL_MS. */
ssize_t descriptor_read(int descriptor, char *data, uint64_t size, struct stop *stop);

/* Writes at least one byte. Negative on failure, with errno: ECANCELED after an interrupt of `stop`
 * (NULL: none), which ends a wait for whoever reads a pipe too, within DESCRIPTOR_POLL_MS. */
ssize_t descriptor_write(int descriptor, const char *data, uint64_t size, struct stop *stop);

/* Negative is accepted. */
void descriptor_close(int descriptor);

/* Whether this system call is the one that a test wants to fail; sets errno then. */
bool descriptor_fault_due(void);

/* As base/file.h says of file_fault_set and file_fault_count. */
void descriptor_fault_set(uint64_t after);
uint64_t descriptor_fault_count(void);

enum { DESCRIPTOR_POLL_MS = 20 };

#endif
