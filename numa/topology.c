/* What hwloc knows of the machine, put into two flat tables (nodes, places) and a matrix.
 *
 * hwloc leaves out what cgroups forbid; the affinity of the process (taskset, numactl) is
 * intersected here. */
#include "numa/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"

enum { DISTANCE_LOCAL = 10, DISTANCE_REMOTE = 20 };

static const char synthetic_prefix[] = "synthetic:";

/* A place while the places are put in order. */
struct unit {
    struct topology_place place;
    uint32_t thread_rank; /* among the usable units of its core */
    uint32_t core_rank;   /* of its core among the usable cores of its node */
};

struct topology {
    hwloc_topology_t hwloc;
    bool is_real;
    uint32_t node_count;
    uint32_t place_count;
    uint32_t home_count;
    uint32_t *homes; /* [home_count] */
    struct topology_node *nodes;
    hwloc_obj_t *node_objects;
    struct topology_place *places;
    uint32_t *distances; /* node_count * node_count */
    hwloc_nodeset_t memory_nodeset;
    hwloc_cpuset_t usable_cpuset;
};

static enum status load_description(struct topology *topology, const char *description,
                                    struct error *error);
static enum status find_usable_units(struct topology *topology, struct error *error);
static enum status list_nodes(struct topology *topology, struct error *error);
static enum status list_places(struct topology *topology, struct error *error);
static enum status list_homes(struct topology *topology, struct error *error);
static enum status list_distances(struct topology *topology, struct error *error);
static const char *plural(uint32_t count);

enum status topology_open(struct topology **topology, const char *description, struct error *error)
{
    *topology = NULL;
    struct topology *opened = memory_allocate(1, sizeof(*opened));
    if (opened == NULL) {
        return error_set_memory(error, "looking at the machine");
    }

    enum status status = STATUS_OK;
    TRY_DONE(load_description(opened, description, error));
    opened->is_real = hwloc_topology_is_thissystem(opened->hwloc) != 0;
    TRY_DONE(find_usable_units(opened, error));
    TRY_DONE(list_nodes(opened, error));
    TRY_DONE(list_places(opened, error));
    TRY_DONE(list_homes(opened, error));
    TRY_DONE(list_distances(opened, error));
    *topology = opened;
    opened = NULL;

done:
    topology_close(opened);
    return status;
}

void topology_close(struct topology *topology)
{
    if (topology == NULL) {
        return;
    }
    hwloc_bitmap_free(topology->memory_nodeset);
    hwloc_bitmap_free(topology->usable_cpuset);
    if (topology->hwloc != NULL) {
        hwloc_topology_destroy(topology->hwloc);
    }
    memory_free(topology->distances);
    memory_free(topology->homes);
    memory_free(topology->places);
    memory_free(topology->node_objects);
    memory_free(topology->nodes);
    memory_free(topology);
}

bool topology_is_real(const struct topology *topology)
{
    return topology->is_real;
}

uint32_t topology_node_count(const struct topology *topology)
{
    return topology->node_count;
}

const struct topology_node *topology_node_at(const struct topology *topology, uint32_t node)
{
    CHECK(node < topology->node_count);
    return &topology->nodes[node];
}

uint32_t topology_home_count(const struct topology *topology)
{
    return topology->home_count;
}

uint32_t topology_home_at(const struct topology *topology, uint32_t home)
{
    CHECK(home < topology->home_count);
    return topology->homes[home];
}

uint32_t topology_place_count(const struct topology *topology)
{
    return topology->place_count;
}

struct topology_place topology_place_at(const struct topology *topology, uint32_t place)
{
    CHECK(place < topology->place_count);
    return topology->places[place];
}

uint32_t topology_distance(const struct topology *topology, uint32_t from_node, uint32_t to_node)
{
    CHECK(from_node < topology->node_count && to_node < topology->node_count);
    return topology->distances[(size_t)from_node * topology->node_count + to_node];
}

bool topology_bind_thread(const struct topology *topology, uint32_t place)
{
    CHECK(place < topology->place_count);
    if (!topology->is_real) {
        return false;
    }
    hwloc_obj_t unit =
        hwloc_get_pu_obj_by_os_index(topology->hwloc, topology->places[place].os_unit);
    return unit != NULL &&
           hwloc_set_cpubind(topology->hwloc, unit->cpuset, HWLOC_CPUBIND_THREAD) == 0;
}

struct topology_binding *topology_binding_take(const struct topology *topology)
{
    if (!topology->is_real) {
        return NULL;
    }
    hwloc_cpuset_t binding = hwloc_bitmap_alloc();
    if (binding != NULL && hwloc_get_cpubind(topology->hwloc, binding, HWLOC_CPUBIND_THREAD) != 0) {
        hwloc_bitmap_free(binding);
        binding = NULL;
    }
    return (struct topology_binding *)binding;
}

void topology_binding_restore(const struct topology *topology, struct topology_binding *binding)
{
    if (binding == NULL) {
        return;
    }
    hwloc_bitmap_t cpuset = (hwloc_bitmap_t)binding;
    /* A refusal leaves the thread where it is, as topology_bind_thread does. */
    (void)hwloc_set_cpubind(topology->hwloc, cpuset, HWLOC_CPUBIND_THREAD);
    hwloc_bitmap_free(cpuset);
}

bool topology_bind_memory(const struct topology *topology, void *start, size_t bytes, uint32_t node)
{
    CHECK(node < topology->node_count || node == NODE_INTERLEAVED);
    if (!topology->is_real) {
        return false;
    }
    /* With one node there is no other place for pages to go; the system call is saved. */
    if (topology->node_count == 1 || bytes == 0) {
        return true;
    }
    if (node == NODE_INTERLEAVED) {
        return hwloc_set_area_membind(topology->hwloc, start, bytes, topology->memory_nodeset,
                                      HWLOC_MEMBIND_INTERLEAVE, HWLOC_MEMBIND_BYNODESET) == 0;
    }
    /* Without HWLOC_MEMBIND_STRICT Linux prefers the node and takes from others when it is full:
     * slower, where a strict binding would end in the out-of-memory killer. */
    return hwloc_set_area_membind(topology->hwloc, start, bytes,
                                  topology->node_objects[node]->nodeset, HWLOC_MEMBIND_BIND,
                                  HWLOC_MEMBIND_BYNODESET) == 0;
}

void topology_describe(const struct topology *topology, char *text, size_t text_bytes)
{
    uint32_t core_count = 0;
    uint32_t unit_count = 0;
    uint64_t memory_bytes = 0;
    for (uint32_t node = 0; node < topology->node_count; node++) {
        core_count += topology->nodes[node].core_count;
        unit_count += topology->nodes[node].unit_count;
        memory_bytes += topology->nodes[node].memory_bytes;
    }

    char memory_text[NUMBER_TEXT_BYTES];
    size_format(memory_bytes, memory_text);
    snprintf(text, text_bytes, "%u node%s, %u core%s, %u thread%s, %s%s", topology->node_count,
             plural(topology->node_count), core_count, plural(core_count), unit_count,
             plural(unit_count), memory_text, topology->is_real ? "" : " (not this machine)");
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

static enum status load_description(struct topology *topology, const char *description,
                                    struct error *error)
{
    if (hwloc_topology_init(&topology->hwloc) != 0) {
        topology->hwloc = NULL;
        return error_set_memory(error, "looking at the machine");
    }

    if (description == NULL || description[0] == '\0') {
        if (hwloc_topology_load(topology->hwloc) != 0) {
            return error_set_errno(error, STATUS_FAILED, "cannot find out the machine's topology");
        }
        return STATUS_OK;
    }
    size_t prefix_bytes = strlen(synthetic_prefix);
    if (strncmp(description, synthetic_prefix, prefix_bytes) == 0) {
        const char *levels = description + prefix_bytes;
        if (hwloc_topology_set_synthetic(topology->hwloc, levels) != 0 ||
            hwloc_topology_load(topology->hwloc) != 0) {
            return error_set(error, STATUS_USAGE,
                             "topology '%s': not a description that hwloc understands, such as "
                             "'synthetic:numa:4 core:2 pu:1'",
                             description);
        }
        return STATUS_OK;
    }
    errno = 0;
    if (hwloc_topology_set_xml(topology->hwloc, description) != 0 ||
        hwloc_topology_load(topology->hwloc) != 0) {
        const char *reason = errno == ENOENT   ? "no such file"
                             : errno == EACCES ? "no permission to read it"
                                               : "not an XML file as lstopo exports it";
        return error_set(error, STATUS_USAGE, "topology '%s': %s", description, reason);
    }
    return STATUS_OK;
}

static enum status find_usable_units(struct topology *topology, struct error *error)
{
    topology->usable_cpuset = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology->hwloc));
    topology->memory_nodeset = hwloc_bitmap_alloc();
    hwloc_cpuset_t binding = hwloc_bitmap_alloc();
    enum status status = STATUS_OK;
    if (topology->usable_cpuset == NULL || topology->memory_nodeset == NULL || binding == NULL) {
        status = error_set_memory(error, "looking at the machine");
    } else if (topology->is_real &&
               hwloc_get_cpubind(topology->hwloc, binding, HWLOC_CPUBIND_PROCESS) == 0) {
        hwloc_bitmap_and(binding, binding, topology->usable_cpuset);
        /* An empty intersection would mean that this very thread cannot run. */
        if (!hwloc_bitmap_iszero(binding)) {
            hwloc_bitmap_copy(topology->usable_cpuset, binding);
        }
    }
    hwloc_bitmap_free(binding);
    return status;
}

/* Nodes keep hwloc's logical order. */
static enum status list_nodes(struct topology *topology, struct error *error)
{
    int object_count = hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE);
    CHECK(object_count >= 1); /* hwloc 2 promises it */
    topology->nodes = memory_allocate((size_t)object_count, sizeof(*topology->nodes));
    topology->node_objects = memory_allocate((size_t)object_count, sizeof(hwloc_obj_t));
    if (topology->nodes == NULL || topology->node_objects == NULL) {
        return error_set_memory(error, "listing the machine's nodes");
    }

    for (int index = 0; index < object_count; index++) {
        hwloc_obj_t object =
            hwloc_get_obj_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE, (unsigned)index);
        uint64_t memory_bytes = object->attr->numanode.local_memory;
        bool has_units = hwloc_bitmap_intersects(object->cpuset, topology->usable_cpuset) != 0;
        if (memory_bytes == 0 && !has_units && object_count > 1) {
            continue;
        }
        if (memory_bytes > 0) {
            hwloc_bitmap_or(topology->memory_nodeset, topology->memory_nodeset, object->nodeset);
        }
        topology->node_objects[topology->node_count] = object;
        topology->nodes[topology->node_count].os_index = object->os_index;
        topology->nodes[topology->node_count].memory_bytes = memory_bytes;
        topology->node_count++;
    }
    if (hwloc_bitmap_iszero(topology->memory_nodeset)) {
        hwloc_bitmap_copy(topology->memory_nodeset,
                          hwloc_topology_get_allowed_nodeset(topology->hwloc));
    }
    return STATUS_OK;
}

/* The node of a unit: the one with the smallest set of units around it, the first of equals, so
 * that fast memory beside ordinary memory counts as a node without units. */
static uint32_t node_of_unit(const struct topology *topology, hwloc_obj_t unit)
{
    uint32_t best = 0;
    int best_weight = 0;
    for (uint32_t node = 0; node < topology->node_count; node++) {
        hwloc_const_cpuset_t cpuset = topology->node_objects[node]->cpuset;
        int weight = hwloc_bitmap_weight(cpuset);
        if (hwloc_bitmap_isset(cpuset, unit->os_index) &&
            (best_weight == 0 || weight < best_weight)) {
            best = node;
            best_weight = weight;
        }
    }
    return best;
}

/* Fills `units` in hwloc's logical order, where the units of a core are neighbours. */
static uint32_t list_units(struct topology *topology, struct unit *units, int object_count)
{
    uint32_t unit_count = 0;
    uint32_t core_count = 0;
    hwloc_obj_t core_before = NULL;
    for (int index = 0; index < object_count; index++) {
        hwloc_obj_t object = hwloc_get_obj_by_type(topology->hwloc, HWLOC_OBJ_PU, (unsigned)index);
        if (!hwloc_bitmap_isset(topology->usable_cpuset, object->os_index)) {
            continue;
        }
        hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology->hwloc, HWLOC_OBJ_CORE, object);
        bool is_second = core != NULL && core == core_before;
        core_before = core;

        struct unit *unit = &units[unit_count];
        uint32_t node =
            is_second ? units[unit_count - 1].place.node : node_of_unit(topology, object);
        if (is_second) {
            unit->thread_rank = units[unit_count - 1].thread_rank + 1;
            unit->core_rank = units[unit_count - 1].core_rank;
        } else {
            unit->thread_rank = 0;
            unit->core_rank = topology->nodes[node].core_count++;
            core_count++;
        }
        unit->place = (struct topology_place){.node = node,
                                              .core = core_count - 1,
                                              .os_unit = object->os_index,
                                              .is_second_thread = is_second};
        topology->nodes[node].unit_count++;
        unit_count++;
    }
    return unit_count;
}

/* First threads before second ones, then round by round over the nodes. */
static int unit_compare(const void *left_pointer, const void *right_pointer)
{
    const struct unit *left = left_pointer;
    const struct unit *right = right_pointer;
    if (left->thread_rank != right->thread_rank) {
        return left->thread_rank < right->thread_rank ? -1 : 1;
    }
    if (left->core_rank != right->core_rank) {
        return left->core_rank < right->core_rank ? -1 : 1;
    }
    if (left->place.node != right->place.node) {
        return left->place.node < right->place.node ? -1 : 1;
    }
    return 0;
}

static enum status list_places(struct topology *topology, struct error *error)
{
    int object_count = hwloc_get_nbobjs_by_type(topology->hwloc, HWLOC_OBJ_PU);
    CHECK(object_count >= 1);
    struct unit *units = memory_allocate((size_t)object_count, sizeof(*units));
    topology->places = memory_allocate((size_t)object_count, sizeof(*topology->places));
    enum status status = STATUS_OK;
    if (units == NULL || topology->places == NULL) {
        status = error_set_memory(error, "listing the machine's cores");
        goto done;
    }

    topology->place_count = list_units(topology, units, object_count);
    if (topology->place_count == 0) {
        status = error_set(error, STATUS_USAGE, "the topology has no usable processing unit");
        goto done;
    }
    qsort(units, topology->place_count, sizeof(*units), unit_compare);
    for (uint32_t place = 0; place < topology->place_count; place++) {
        topology->places[place] = units[place].place;
    }

done:
    memory_free(units);
    return status;
}

static bool is_home(const struct topology_node *node, bool needs_units)
{
    return node->memory_bytes > 0 && (node->unit_count > 0 || !needs_units);
}

/* With no node of both kinds, nodes with memory serve; a description may give none of those, and
 * then all nodes do. */
static enum status list_homes(struct topology *topology, struct error *error)
{
    topology->homes = memory_allocate(topology->node_count, sizeof(*topology->homes));
    if (topology->homes == NULL) {
        return error_set_memory(error, "listing the machine's nodes");
    }
    for (int needs_units = 1; needs_units >= 0 && topology->home_count == 0; needs_units--) {
        for (uint32_t node = 0; node < topology->node_count; node++) {
            if (is_home(&topology->nodes[node], needs_units != 0)) {
                topology->homes[topology->home_count++] = node;
            }
        }
    }
    bool has_none = topology->home_count == 0;
    for (uint32_t node = 0; has_none && node < topology->node_count; node++) {
        topology->homes[topology->home_count++] = node;
    }
    return STATUS_OK;
}

static uint32_t node_of_object(const struct topology *topology, hwloc_obj_t object)
{
    uint32_t node = 0;
    while (node < topology->node_count && topology->node_objects[node] != object) {
        node++;
    }
    return node;
}

static void copy_distances(struct topology *topology, const struct hwloc_distances_s *known)
{
    for (unsigned from = 0; from < known->nbobjs; from++) {
        uint32_t from_node = node_of_object(topology, known->objs[from]);
        for (unsigned to = 0; to < known->nbobjs; to++) {
            uint32_t to_node = node_of_object(topology, known->objs[to]);
            if (from_node < topology->node_count && to_node < topology->node_count) {
                uint64_t value = known->values[(size_t)from * known->nbobjs + to];
                topology->distances[(size_t)from_node * topology->node_count + to_node] =
                    value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
            }
        }
    }
}

static enum status list_distances(struct topology *topology, struct error *error)
{
    uint32_t node_count = topology->node_count;
    topology->distances =
        memory_allocate((size_t)node_count * node_count, sizeof(*topology->distances));
    if (topology->distances == NULL) {
        return error_set_memory(error, "listing the machine's distances");
    }
    for (uint32_t from = 0; from < node_count; from++) {
        for (uint32_t to = 0; to < node_count; to++) {
            topology->distances[(size_t)from * node_count + to] =
                from == to ? DISTANCE_LOCAL : DISTANCE_REMOTE;
        }
    }

    unsigned found = 1;
    struct hwloc_distances_s *known = NULL;
    if (hwloc_distances_get_by_type(topology->hwloc, HWLOC_OBJ_NUMANODE, &found, &known,
                                    HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) == 0 &&
        found >= 1 && known != NULL) {
        copy_distances(topology, known);
        hwloc_distances_release(topology->hwloc, known);
    }
    return STATUS_OK;
}
