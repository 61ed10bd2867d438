/* Stages that were opened for a run, and rows that go through them. */
#ifndef GYRE_PIPELINE_PIPE_H
#define GYRE_PIPELINE_PIPE_H

#include "pipeline/stage.h"

/* A row has come through all stages. */
typedef enum pushed pipe_receive(struct run *run, void *context);

/* An opened stage, or section of stages. */
struct pipe {
    const struct stage *stage; /* NULL: the end */
    const struct stage_methods *methods;
    struct pipe *next;
    const struct pattern_part *part; /* MATCH: of the work of the next row; NULL: all */
    pipe_receive *receive;           /* the end */
    void *context;
    bool is_part;    /* of a stage that works beside others of its kind, each on some morsels */
    bool is_second;  /* of a stage that has had parts: they have counted its rows */
    uint64_t place;  /* of a part: where the next row stands among those of all */
    bool has_places; /* of a part: no other row stands there. Else some do, one after another, and
                      * places never fall */
    bool is_given;   /* another stage has done what this one would: it lets rows pass */
    void *state;     /* of what the stage keeps */
    uint32_t from;   /* index of the stage before; SLOT_NONE: this is the first */
    uint64_t count;  /* SKIP, LIMIT: rows still to pass over, to let through */
};

/* Opens stages in the run's pool; NULL with the error set. Sections become one pipe where the run
 * has several workers. */
struct pipe *pipe_open(struct run *run, const struct stage *stage, pipe_receive *receive,
                       void *context);

/* Opens the stages of a section, from the first on, for one worker. */
struct pipe *pipe_open_section(struct run *run, const struct stage *first, pipe_receive *receive,
                               void *context);
enum pushed pipe_push(struct run *run, struct pipe *pipe);

/* Pushes all rows of a source, to a section in morsels for all workers. Not from within the team.
 */
enum pushed pipe_push_all(struct run *run, struct pipe *pipe, const struct row_source *source);

/* One after another. */
enum pushed pipe_push_each(struct run *run, struct pipe *pipe, const struct row_source *source);

/* The pipe `count` stages behind it. */
static inline struct pipe *pipe_behind(struct pipe *pipe, uint32_t count)
{
    for (; count > 0; count--) {
        pipe = pipe->next;
    }
    return pipe;
}

/* Hands on what a GROUP that only counts would have of `count` rows, all of one `key`. */
enum pushed pipe_push_count(struct run *run, struct pipe *group, uint64_t count, uint32_t key);

/* No more rows come: what was kept goes on. */
enum pushed pipe_finish(struct run *run, struct pipe *pipe);
void pipe_close(struct run *run, struct pipe *pipe);

/* Feeds one empty row and finishes: a whole query's branch. STATUS_OK also when enough was found
 * early. */
enum status pipe_run(struct run *run, const struct stage *stage, pipe_receive *receive,
                     void *context);

#endif
