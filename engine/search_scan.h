/* Scans of links, with which most plans begin. */
#ifndef GYRE_ENGINE_SEARCH_SCAN_H
#define GYRE_ENGINE_SEARCH_SCAN_H

#include "engine/search.h"

/* Runs a STEP_SCAN_LINKS over its frame's range, and everything below. */
void scan_links_run(struct searcher *searcher, uint32_t step);

#endif
