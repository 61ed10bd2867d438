/* Residual filters: conditions that a head (the matcher, the search for cycles) does not take.
 *
 * Those that stand directly behind it are evaluated by its workers, each for what it finds, so that
 * only what passes is kept and put in order. A filter sees one row at a time, so that which rows
 * pass does not depend on who found them.
 *
 * An error depends on the order of rows, which only all of them have. So one that occurs here makes
 * the whole worthless, and the head does its work once more, without: then the filters see the rows
 * in their order, up to the first that is wrong. That is so unless a LIMIT has what it wants: rows
 * that it does not need may be wrong.
 *
 * What a GROUP or SORT gathers behind them (section.h) is gathered by these workers as well, row by
 * row as they find them: no row has to be kept and put in order, and what is read of flows lies
 * side by side. Where a row stands among all goes with it.
 *
 * Filters that are external (pipeline/external.h) are residual where there are fewer matches to be
 * judged than flows, as it seems. That turns out otherwise when they have been judged as often:
 * then the head begins again with filters of them, so that it takes twice the least at most. */
#ifndef GYRE_PIPELINE_RESIDUAL_H
#define GYRE_PIPELINE_RESIDUAL_H

#include "pipeline/external.h"
#include "pipeline/worker_run.h"

/* One worker's. */
struct residual_worker {
    struct worker_run own; /* its row is the worker's to fill */
    bool is_open;
    bool has_failed;
    bool is_costly;    /* it judged externals more often than filters of them would */
    uint64_t judged;   /* how often it did */
    uint64_t *dropped; /* [residual stages]: rows that did not pass it */
    uint64_t *by_key;  /* [key_end]: rows that passed, where they are counted or gathered */
    uint32_t key_end;
    struct pipe *pipe; /* of what is gathered; NULL: nothing yet */
    struct pipe *part; /* of the stage that gathers */
};

/* Of one run of a head. */
struct residual {
    struct run *run;
    const struct stage *head;
    const struct stage *gathers; /* where the section of the head's begins; NULL: not now */
    bool has_limit;
    struct filter_externals externals; /* of the head; not residual where they are filters */
    uint32_t worker_count;
    struct residual_worker **workers; /* [worker_count]; NULL: has not found anything */
    struct cycle_counts counts;       /* after residual_finish, where rows are only counted */
};

/* How many of the stages that follow a head its workers can evaluate. */
uint32_t residual_stage_count(const struct compiled *compiled, const struct stage *first);

/* `has_limit`: the head ends when so many rows have passed. To be closed whatever the status. */
enum status residual_open(struct residual *residual, struct run *run, const struct stage *head,
                          bool has_limit);
void residual_close(struct residual *residual);

/* A worker's own, made when it finds something; NULL when there is no memory for it. */
struct residual_worker *residual_at(struct residual *residual, uint32_t worker);

/* Whether the worker's row is to be kept: it passes, and is wanted for more than to be counted.
 * `status` is that of filling the row, `key` what it is counted by. */
bool residual_keeps(struct residual *residual, struct residual_worker *worker, enum status status,
                    uint32_t key);

/* Before a worker gathers rows. False: it cannot, and the search ends. */
bool residual_open_gathering(struct residual *residual, struct residual_worker *worker);

/* The worker's row, which is to be kept, goes to its part of what gathers; it stands at that place
 * among the rows of all. */
void residual_gather(struct residual *residual, struct residual_worker *worker, uint64_t place);

/* What was gathered goes on behind the stage of the head's section that gathers. Before
 * residual_finish. */
enum pushed residual_push_gathered(struct residual *residual, struct pipe *head);

/* Whether an evaluation failed; to be asked, as what follows, when all workers have ended. */
bool residual_has_failed(const struct residual *residual);

/* Whether the search ended because its externals are better made filters of; then it begins again,
 * and what was kept and what failed is forgotten. To be asked before residual_has_failed. */
bool residual_is_costly(const struct residual *residual);
void residual_begin_again(struct residual *residual);

/* What the workers did is added to the run, and the residual stages let all rows pass. */
enum status residual_finish(struct residual *residual, struct pipe *head);

#endif
