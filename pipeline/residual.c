/* Filters in the workers of a head; see residual.h. */
#include "pipeline/residual.h"

#include <string.h>

#include "base/memory.h"
#include "engine/match.h"
#include "numa/team.h"
#include "pipeline/section.h"

enum { KEYS_MIN = 16 };

uint32_t residual_stage_count(const struct compiled *compiled, const struct stage *first)
{
    uint32_t count = 0;
    uint32_t passed = 0;
    for (const struct stage *stage = first;
         !compiled->calls_random && stage != NULL &&
         (stage->kind == STAGE_FILTER || stage->kind == STAGE_PATH);
         stage = stage->next) {
        passed++;
        count = stage->kind == STAGE_FILTER ? passed : count;
    }
    return count;
}

enum status residual_open(struct residual *residual, struct run *run, const struct stage *head,
                          bool has_limit)
{
    struct error *error = run->source->error;
    uint32_t count = team_worker_count(run->options->team);
    *residual = (struct residual){.run = run,
                                  .head = head,
                                  .gathers = run->is_alone ? NULL : head->gathers,
                                  .has_limit = has_limit};
    residual->externals =
        (struct filter_externals){.judge = external_judge_one, .context = residual};
    residual->workers = pool_allocate(&run->pool, count, sizeof(*residual->workers), error);
    if (residual->workers == NULL) {
        return error->status;
    }
    memset(residual->workers, 0, count * sizeof(*residual->workers));
    residual->worker_count = count;
    return STATUS_OK;
}

static void close_gathering(const struct worker *worker, void *context)
{
    const struct residual *residual = context;
    struct residual_worker *own = residual->workers[worker->index];
    if (own != NULL && own->pipe != NULL) {
        pipe_close(&own->own.run, own->pipe);
        own->pipe = NULL;
    }
}

/* Each worker gives back what it has gathered, which takes the longer the more it is. */
static void close_gatherings(const struct residual *residual)
{
    if (residual->gathers != NULL && residual->worker_count > 0) {
        team_run(residual->run->options->team, close_gathering, (void *)(uintptr_t)residual);
    }
}

void residual_close(struct residual *residual)
{
    close_gatherings(residual);
    for (uint32_t i = 0; i < residual->worker_count; i++) {
        struct residual_worker *worker = residual->workers[i];
        if (worker != NULL) {
            worker_run_close(&worker->own);
            memory_free(worker);
            residual->workers[i] = NULL;
        }
    }
}

/* Without a limit the search ends: the head will do its work once more. With one it goes on, since
 * enough other rows may pass. */
static bool fail(const struct residual *residual, struct residual_worker *worker)
{
    worker->has_failed = true;
    error_clear(&worker->own.error);
    if (!residual->has_limit) {
        stop_request(residual->run->stop, STOP_ROWS);
    }
    return false;
}

static enum status open_worker(const struct residual *residual, struct residual_worker *worker)
{
    uint32_t stage_count = residual->head->residual_count;
    struct error *error = &worker->own.error;
    TRY(worker_run_open(&worker->own, residual->run));
    worker->dropped = pool_allocate(&worker->own.pool, stage_count, sizeof *worker->dropped, error);
    if (worker->dropped == NULL) {
        return error->status;
    }
    memset(worker->dropped, 0, stage_count * sizeof *worker->dropped);
    return STATUS_OK;
}

struct residual_worker *residual_at(struct residual *residual, uint32_t index)
{
    struct residual_worker *worker = residual->workers[index];
    if (worker == NULL) {
        worker = memory_allocate(1, sizeof *worker);
        if (worker == NULL) {
            stop_request(residual->run->stop, STOP_MEMORY);
            return NULL;
        }
        residual->workers[index] = worker;
        worker->is_open = open_worker(residual, worker) == STATUS_OK;
        worker->has_failed = !worker->is_open;
        error_clear(&worker->own.error);
    }
    return worker->is_open ? worker : NULL;
}

static enum status run_stage(struct run *run, const struct stage *stage, bool *holds)
{
    uint32_t before = run->profile == NULL ? 0 : profile_enter(run, stage->index);
    enum status status = stage->kind == STAGE_PATH ? stage_make_path(run, stage)
                                                   : evaluate_condition(run, stage->term, holds);
    if (run->profile != NULL) {
        (void)profile_enter(run, before);
    }
    return status;
}

static enum status count_row(struct residual_worker *worker, uint32_t key)
{
    if (key >= worker->key_end) {
        uint32_t end = key < KEYS_MIN ? KEYS_MIN : key + key / 2 + 1;
        uint64_t *by_key =
            pool_allocate(&worker->own.pool, end, sizeof *by_key, &worker->own.error);
        if (by_key == NULL) {
            return worker->own.error.status;
        }
        memset(by_key, 0, end * sizeof *by_key);
        if (worker->key_end > 0) {
            memcpy(by_key, worker->by_key, worker->key_end * sizeof *by_key);
        }
        worker->by_key = by_key;
        worker->key_end = end;
    }
    worker->by_key[key]++;
    return STATUS_OK;
}

/* Whether filters would have been better; every worker has its share of what they take. */
static bool is_costly(const struct residual *residual, struct residual_worker *worker)
{
    const struct filter_externals *externals = &residual->externals;
    if (externals->choice == EXTERNALS_BY_COST && !externals->are_filters &&
        worker->judged > externals->judge_count / residual->worker_count) {
        worker->is_costly = true;
        stop_request(residual->run->stop, STOP_ROWS);
    }
    return worker->is_costly;
}

bool residual_keeps(struct residual *residual, struct residual_worker *worker, enum status status,
                    uint32_t key)
{
    struct run *run = &worker->own.run;
    const struct stage *head = residual->head;
    const struct stage *stage = head->next;
    uint32_t external_count = head->externals == NULL ? 0 : head->externals->count;
    if (status == STATUS_OK && (!run_continues(run) || stop_is_requested(run->stop))) {
        return false;
    }
    if (external_count > 0 && is_costly(residual, worker)) {
        return false;
    }
    for (uint32_t i = 0; i < head->residual_count; i++, stage = stage->next) {
        bool holds = true;
        if (i < external_count && residual->externals.are_filters) {
            continue;
        }
        worker->judged += i < external_count;
        if (status != STATUS_OK || run_stage(run, stage, &holds) != STATUS_OK) {
            return fail(residual, worker);
        }
        if (!holds) {
            worker->dropped[i]++;
            return false;
        }
    }
    if (head->counts == NULL) {
        return true;
    }
    return count_row(worker, key) == STATUS_OK ? false : fail(residual, worker);
}

bool residual_open_gathering(struct residual *residual, struct residual_worker *worker)
{
    const struct stage *first = residual->gathers;
    if (worker->pipe == NULL) {
        worker->pipe = pipe_open_section(&worker->own.run, first, NULL, NULL);
        if (worker->pipe == NULL) {
            return fail(residual, worker);
        }
        worker->part = worker->pipe;
        while (worker->part->stage != first->section->gather) {
            worker->part = worker->part->next;
        }
        worker->part->has_places = true;
    }
    return true;
}

void residual_gather(struct residual *residual, struct residual_worker *worker, uint64_t place)
{
    struct run *run = &worker->own.run;
    worker->part->place = place;
    if (count_row(worker, 0) != STATUS_OK || pipe_push(run, worker->pipe) == PUSHED_FAILED) {
        bool is_stopped = worker->own.error.status == STATUS_OK && stop_is_requested(run->stop);
        (void)(is_stopped || fail(residual, worker));
    }
}

/* Another stage has done what the section of the head's would; the one behind it. */
static struct pipe *pass_over(struct pipe *pipe, const struct stage *first)
{
    const struct stage *gather = first->section->gather;
    bool is_over = false;
    for (; !is_over; pipe = pipe->next) {
        pipe->is_given = true;
        is_over =
            pipe->stage == gather || (pipe->stage == first && pipe->methods == &stage_section);
    }
    return pipe;
}

enum pushed residual_push_gathered(struct residual *residual, struct pipe *head)
{
    struct run *run = residual->run;
    const struct stage *gather = residual->gathers->section->gather;
    struct stage_part *parts =
        pool_allocate(&run->pool, residual->worker_count, sizeof *parts, run->source->error);
    if (parts == NULL) {
        return PUSHED_FAILED;
    }
    for (uint32_t i = 0; i < residual->worker_count; i++) {
        struct residual_worker *worker = residual_at(residual, i);
        if (worker == NULL || !residual_open_gathering(residual, worker)) {
            (void)source_error_memory(run->source);
            return PUSHED_FAILED;
        }
        parts[i] = (struct stage_part){&worker->own.run, worker->part};
    }
    uint32_t before = run->profile == NULL ? 0 : profile_enter(run, gather->index);
    enum pushed pushed = parts[0].pipe->methods->finish_parts(
        run, parts, residual->worker_count, pass_over(head->next, residual->gathers));
    if (run->profile != NULL) {
        (void)profile_enter(run, before);
    }
    return pushed;
}

bool residual_has_failed(const struct residual *residual)
{
    bool has = false;
    for (uint32_t i = 0; i < residual->worker_count; i++) {
        has = has || (residual->workers[i] != NULL && residual->workers[i]->has_failed);
    }
    return has;
}

bool residual_is_costly(const struct residual *residual)
{
    bool is = false;
    for (uint32_t i = 0; i < residual->worker_count; i++) {
        is = is || (residual->workers[i] != NULL && residual->workers[i]->is_costly);
    }
    return is;
}

void residual_begin_again(struct residual *residual)
{
    residual->externals.choice = EXTERNALS_ALWAYS;
    residual_close(residual);
}

/* Rows that came into the stages behind the head and did not come back to it. */
static void count_rows(struct profile *profile, const struct stage *head,
                       const struct residual_worker *worker)
{
    uint64_t rows = 0;
    for (uint32_t key = 0; key < worker->key_end; key++) {
        rows += worker->by_key[key];
    }
    if (head->counts != NULL) {
        profile->stages[head->counts->index].rows_in += rows;
    }
    for (uint32_t i = head->residual_count; i > 0; i--) {
        struct stage_profile *stage = &profile->stages[stage_behind(head->next, i - 1)->index];
        stage->rows_out += rows;
        rows += worker->dropped[i - 1];
        stage->rows_in += rows;
    }
    profile->stages[head->index].rows_out += rows;
}

static enum status sum_counts(struct residual *residual)
{
    struct cycle_counts *counts = &residual->counts;
    struct error *error = residual->run->source->error;
    for (uint32_t i = 0; i < residual->worker_count; i++) {
        const struct residual_worker *worker = residual->workers[i];
        bool has_more = worker != NULL && worker->key_end > counts->hop_end;
        counts->hop_end = has_more ? worker->key_end : counts->hop_end;
    }
    counts->by_hops =
        pool_allocate(&residual->run->pool, counts->hop_end, sizeof *counts->by_hops, error);
    if (counts->by_hops == NULL) {
        return error->status;
    }
    memset(counts->by_hops, 0, counts->hop_end * sizeof *counts->by_hops);
    for (uint32_t i = 0; i < residual->worker_count; i++) {
        const struct residual_worker *worker = residual->workers[i];
        for (uint32_t key = 0; worker != NULL && key < worker->key_end; key++) {
            counts->by_hops[key] += worker->by_key[key];
            counts->total += worker->by_key[key];
        }
    }
    return STATUS_OK;
}

enum status residual_finish(struct residual *residual, struct pipe *head)
{
    struct run *run = residual->run;
    close_gatherings(residual);
    for (uint32_t i = 0; i < residual->worker_count; i++) {
        const struct residual_worker *worker = residual->workers[i];
        if (worker == NULL) {
            continue;
        }
        if (run->profile != NULL) {
            profile_add(run->profile, &worker->own.run, residual->worker_count);
            count_rows(run->profile, residual->head, worker);
        }
        run->flows_visited += worker->own.run.flows_visited;
        run->links_visited += worker->own.run.links_visited;
    }
    struct pipe *pipe = head->next;
    for (uint32_t i = 0; i < residual->head->residual_count; i++, pipe = pipe->next) {
        pipe->is_given = true;
    }
    return residual->head->counts == NULL ? STATUS_OK : sum_counts(residual);
}
