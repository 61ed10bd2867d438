/* How much memory a process may have on this machine. */
#ifndef GYRE_NUMA_MACHINE_MEMORY_H
#define GYRE_NUMA_MACHINE_MEMORY_H

#include <stdint.h>

/* The machine's memory in bytes, or the least of the limits of the control groups (version 1 or 2)
 * that the process is in where that is less; what does not say is no limit. `root` is "", or, for
 * tests, the directory in which /proc and /sys are looked for. */
uint64_t machine_memory_bytes(const char *root);

#endif
