/* Scans of links, with which most plans begin. */
#ifndef GYRE_ENGINE_SEARCH_SCAN_H
#define GYRE_ENGINE_SEARCH_SCAN_H

#include "engine/search.h"

/* Runs a STEP_SCAN_LINKS over its frame's range, and everything below. */
void scan_links_run(struct searcher *searcher, uint32_t step);

/* The first link from `link` on, before `end`, with a flow that passes the filter; `end`: none. */
uint32_t scan_next_link(const struct partition *partition, const uint64_t *bits, uint32_t link,
                        uint32_t end);

#endif
