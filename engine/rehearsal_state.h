/* What the parts of a rehearsal share. Inside rehearsal*.c only. */
#ifndef GYRE_ENGINE_REHEARSAL_STATE_H
#define GYRE_ENGINE_REHEARSAL_STATE_H

#include "base/radix.h"
#include "engine/orientation.h"
#include "engine/rehearsal.h"

enum {
    TRIED_FIRST = 256, /* candidates of a step at an effort of 1; four times as many until */
    ENOUGH = 64,       /* so many pass, */
    TRIED_TIMES = 16,  /* but no more than so many times as many */
    EFFORT_MAX = 16,
    PASSED_MAX = TRIED_FIRST * EFFORT_MAX * 2, /* of one step; what is more is left out */
    SAMPLES_MAX = 256,                         /* further steps are not tried */
    INEQUALITIES_MAX = 64,
    TIME_SAMPLES_MAX = 256,
    TIME_LINKS = 256, /* of a vertex, whose flows are put in order */
    LINK_FLOWS = 16,  /* of a link, of those */
    PAIRS_MAX = 1 << 17,
};

/* Partial matches. */
struct sample {
    uint32_t vertices; /* masks of what is bound */
    uint32_t edges;
    uint32_t count;
    bool is_exact;         /* they are all there are */
    double *weights;       /* [count]: partial matches that each stands for */
    uint8_t *orientations; /* [count] */
    uint32_t *values;      /* [count][vertices, then edges]: vertices and links */
};

/* Two vertices that differ. */
struct inequality {
    uint32_t left;
    uint32_t right;
    uint32_t turned; /* only where these edges are turned round; 0: everywhere */
};

/* Some of the flows that leave a vertex or arrive there, in ascending time. */
struct time_sample {
    vertex_id vertex;
    bool is_out;
    bool is_inner;         /* as the list of its neighbours */
    bool is_partial;       /* not all of them */
    uint64_t *const *bits; /* of their filter */
    uint32_t link_stride;  /* of so many links, the flows of one */
    uint32_t count;
    struct radix_pair *pairs; /* time as unsigned; of the link the index, and, above 32 bits, of how
                                 many of its flows this is one */
};

/* What became of a step that was tried. */
struct tried_step {
    uint32_t sample;
    struct plan_trial trial;
    struct plan_outcome outcome;
};

struct rehearsal {
    struct search search; /* what searchers share, as far as it is looked at here */
    struct searcher searcher;
    struct arena *arena;
    struct inequality inequalities[INEQUALITIES_MAX];
    uint32_t inequality_count;
    uint32_t effort; /* how many times as many candidates are tried */
    double phase;    /* where the first one lies in its distance to the next */
    struct sample samples[SAMPLES_MAX];
    uint32_t sample_count;
    struct tried_step tried_steps[SAMPLES_MAX];
    uint32_t tried_step_count;
    struct time_sample time_samples[TIME_SAMPLES_MAX];
    uint32_t time_sample_count;
    struct radix_pair *pairs; /* [PAIRS_MAX], of all time samples */
    uint32_t pair_count;
    struct radix_pair *scratch; /* [TIME_LINKS * LINK_FLOWS] */

    /* Of the step that is tried. */
    const struct plan_trial *trial;
    struct sample next; /* with room for PASSED_MAX: what has passed */
    double *lengths;    /* [PASSED_MAX]: candidates of each partial match before */
    double tried;       /* candidates, */
    double weight;      /* those that they stand for, */
    double passed;      /* and of these the ones that passed */
};

/* What there is to try for all partial matches of a sample; but for `seen`, by weight. */
struct totals {
    double neighbours;
    double candidates; /* neighbours, or flows in the windows by time */
    double seen;       /* candidates that were counted for that */
    double starts;     /* partial matches whose candidates would all have been counted */
};

static inline uint32_t rehearsal_width(const struct rehearsal *rehearsal)
{
    return rehearsal->search.query->vertex_count + rehearsal->search.query->edge_count;
}

/* Times as keys of radix_sort. */
static inline uint64_t rehearsal_time_key(time_ns time)
{
    return (uint64_t)time ^ UINT64_C(1) << 63;
}

/* The only edge of the trial, or the first. */
static inline uint32_t rehearsal_edge(const struct rehearsal *rehearsal)
{
    return (uint32_t)__builtin_ctz(rehearsal->trial->edges);
}

/* The searcher gets what is bound in a partial match. */
void rehearsal_restore(struct rehearsal *rehearsal, const struct sample *from, uint32_t at);

/* Whether the vertices that the step binds can be what they are. */
bool rehearsal_vertices_pass(const struct rehearsal *rehearsal, const struct sample *from);

/* A candidate that stands for so many is tried; what the searcher holds has passed. */
void rehearsal_count(struct rehearsal *rehearsal, double weight);
void rehearsal_take(struct rehearsal *rehearsal, double weight);

/* Forgets what was tried of the step. */
void rehearsal_begin_step(struct rehearsal *rehearsal);

/* The neighbours of a bound end of `edge`, as the search would list them. */
void rehearsal_set_list(const struct rehearsal *rehearsal, uint32_t edge, bool is_out,
                        struct neighbours *neighbours);

#endif
