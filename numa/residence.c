/* Asking the system where pages are. */
#include "numa/residence.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "base/memory.h"
#include "numa/pages.h"

enum { PAGES_AT_ONCE = 512 };

/* The block that is being looked at. */
struct look {
    const struct topology *topology;
    uintptr_t first;     /* of its pages */
    uint64_t page_bytes; /* of the system's */
    uint64_t stride;     /* in pages */
    uint64_t look_count;
    uint64_t absent_count;
    uint64_t unknown_count; /* on nodes that the topology does not have */
    uint64_t *node_pages;   /* [node_count] */
};

static uint64_t stride_for(const struct topology *topology, uint64_t page_count,
                           uint64_t page_limit);
static uint64_t greatest_divisor(uint64_t left, uint64_t right);
static enum status look_at_pages(struct look *look, struct error *error);
static void count_page(struct look *look, int place);
static uint64_t count_elsewhere(const struct look *look, uint32_t node);
static uint64_t count_uneven(const struct look *look, uint64_t present_count);

enum status residence_look(struct residence *residence, const struct topology *topology,
                           const void *start, uint64_t bytes, uint32_t node, uint64_t page_limit,
                           struct error *error)
{
    uint32_t node_count = topology_node_count(topology);
    CHECK(node < node_count || node == NODE_INTERLEAVED);
    if (!topology_is_real(topology)) {
        return error_set(error, STATUS_USAGE,
                         "nothing can be verified: the topology is not this machine's, and nothing "
                         "is bound");
    }
    if (bytes == 0) {
        return STATUS_OK;
    }
    uint64_t page_bytes = pages_round(1);
    uintptr_t first = (uintptr_t)start & ~(page_bytes - 1);
    uint64_t page_count = ((uintptr_t)start + bytes - first + page_bytes - 1) / page_bytes;
    uint64_t stride = stride_for(topology, page_count, page_limit);
    struct look look = {
        .topology = topology,
        .first = first,
        .page_bytes = page_bytes,
        .stride = stride,
        .look_count = (page_count - 1) / stride + 1,
        .node_pages = memory_allocate(node_count, sizeof(*look.node_pages)),
    };
    if (look.node_pages == NULL) {
        return error_set_memory(error, "looking where pages are");
    }
    enum status status = look_at_pages(&look, error);
    if (status == STATUS_OK) {
        residence->page_count += page_count;
        residence->look_count += look.look_count;
        residence->absent_count += look.absent_count;
        residence->elsewhere_count += count_elsewhere(&look, node);
        for (uint32_t index = 0; index < node_count; index++) {
            residence->node_pages[index] += look.node_pages[index];
        }
    }
    memory_free(look.node_pages);
    return status;
}

static uint64_t memory_node_count(const struct topology *topology)
{
    uint64_t count = 0;
    for (uint32_t node = 0; node < topology_node_count(topology); node++) {
        count += topology_node_at(topology, node)->memory_bytes > 0;
    }
    return count == 0 ? 1 : count;
}

/* A stride that shares a divisor with the number of nodes would not see all nodes of a block that
 * is interleaved over them. */
static uint64_t stride_for(const struct topology *topology, uint64_t page_count,
                           uint64_t page_limit)
{
    if (page_limit == 0 || page_limit >= page_count) {
        return 1;
    }
    uint64_t stride = (page_count - 1) / page_limit + 1;
    while (greatest_divisor(stride, memory_node_count(topology)) != 1) {
        stride++;
    }
    return stride;
}

static uint64_t greatest_divisor(uint64_t left, uint64_t right)
{
    while (right != 0) {
        uint64_t rest = left % right;
        left = right;
        right = rest;
    }
    return left;
}

static enum status look_at_pages(struct look *look, struct error *error)
{
    uintptr_t addresses[PAGES_AT_ONCE];
    int places[PAGES_AT_ONCE];
    for (uint64_t done = 0; done < look->look_count;) {
        uint64_t rest = look->look_count - done;
        uint64_t count = rest < PAGES_AT_ONCE ? rest : PAGES_AT_ONCE;
        for (uint64_t index = 0; index < count; index++) {
            addresses[index] = look->first + (done + index) * look->stride * look->page_bytes;
            places[index] = -ENOENT;
        }
        /* Without wanted nodes it moves nothing and only tells. */
        if (syscall(SYS_move_pages, 0, (unsigned long)count, addresses, NULL, places, 0) < 0) {
            return error_set_errno(error, STATUS_FAILED,
                                   "nothing can be verified: the system does not tell where pages "
                                   "are");
        }
        for (uint64_t index = 0; index < count; index++) {
            count_page(look, places[index]);
        }
        done += count;
    }
    return STATUS_OK;
}

/* `place` is the system's number of a node; negative for a page that is not there, or that is the
 * system's one page of zeros. */
static void count_page(struct look *look, int place)
{
    if (place < 0) {
        look->absent_count++;
        return;
    }
    uint32_t node_count = topology_node_count(look->topology);
    uint32_t node = 0;
    while (node < node_count &&
           topology_node_at(look->topology, node)->os_index != (uint32_t)place) {
        node++;
    }
    if (node < node_count) {
        look->node_pages[node]++;
    } else {
        look->unknown_count++;
    }
}

static uint64_t count_elsewhere(const struct look *look, uint32_t node)
{
    uint64_t present_count = look->look_count - look->absent_count;
    if (node == NODE_INTERLEAVED) {
        return count_uneven(look, present_count);
    }
    return present_count - look->node_pages[node];
}

/* Whether the system interleaves the block, as far as it says. */
static bool is_interleaved(const struct look *look)
{
    int mode = MPOL_DEFAULT;
    return syscall(SYS_get_mempolicy, &mode, NULL, 0, look->first, MPOL_F_ADDR) == 0 &&
           mode == MPOL_INTERLEAVE;
}

static uint64_t count_uneven(const struct look *look, uint64_t present_count)
{
    uint64_t memory_nodes = memory_node_count(look->topology);
    uint64_t share = (present_count + memory_nodes - 1) / memory_nodes;
    if (is_interleaved(look)) {
        share += HUGE_PAGE_BYTES / look->page_bytes;
    }
    uint64_t uneven_count = look->unknown_count;
    for (uint32_t node = 0; node < topology_node_count(look->topology); node++) {
        uneven_count += look->node_pages[node] > share ? look->node_pages[node] - share : 0;
    }
    return uneven_count;
}
