/* Mapping and remapping of anonymous memory. */
#include "numa/pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

static void *map_aligned(size_t bytes, size_t alignment);
static void *map_anywhere(size_t bytes);
static size_t large_alignment(size_t bytes);
static void advise_huge_pages(void *start, size_t bytes, enum huge_pages huge_pages);
static bool read_line(const char *path, char *line, size_t line_bytes);

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static const char transparent_path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
static const char reserve_path[] = "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages";

enum status pages_check(enum huge_pages huge_pages, struct error *error)
{
    char line[64];
    switch (huge_pages) {
    case HUGE_PAGES_AUTO:
    case HUGE_PAGES_NEVER:
        break;
    case HUGE_PAGES_THP:
        if (!read_line(transparent_path, line, sizeof(line)) || strstr(line, "[never]") != NULL) {
            return error_set(error, STATUS_USAGE,
                             "huge pages: this system gives no transparent ones (%s says %s); "
                             "switch them to madvise, or ask for auto",
                             transparent_path, line);
        }
        break;
    case HUGE_PAGES_EXPLICIT:
        if (!read_line(reserve_path, line, sizeof(line)) || strcmp(line, "0") == 0) {
            return error_set(error, STATUS_USAGE,
                             "huge pages: this system has none of 2 MiB in reserve; reserve some "
                             "with `sysctl vm.nr_hugepages=N`, or ask for auto");
        }
        break;
    }
    return STATUS_OK;
}

size_t pages_round_large(size_t bytes, size_t old_bytes, enum huge_pages huge_pages)
{
    bool is_whole = huge_pages == HUGE_PAGES_EXPLICIT &&
                    (bytes >= HUGE_PAGE_BYTES || old_bytes >= HUGE_PAGE_BYTES);
    return is_whole ? (bytes + HUGE_PAGE_BYTES - 1) & ~(size_t)(HUGE_PAGE_BYTES - 1)
                    : pages_round(bytes);
}

size_t pages_round(size_t bytes)
{
    size_t mask = page_bytes() - 1;
    return (bytes + mask) & ~mask;
}

void *pages_map_small(size_t bytes, size_t alignment)
{
    void *start = map_aligned(bytes, alignment);
    if (start != NULL) {
        /* Where huge pages are given to everyone, the first touch would take 2 MiB. */
        (void)madvise(start, bytes, MADV_NOHUGEPAGE);
    }
    return start;
}

void *pages_map_large(size_t bytes, enum huge_pages huge_pages)
{
    if (huge_pages == HUGE_PAGES_EXPLICIT && bytes >= HUGE_PAGE_BYTES) {
        void *reserved = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
        if (reserved != MAP_FAILED) {
            return reserved;
        }
    }
    void *start = map_aligned(bytes, large_alignment(bytes));
    if (start != NULL) {
        advise_huge_pages(start, bytes, huge_pages);
    }
    return start;
}

/* The thread sanitizer does not see mremap: it would hold what the pages' new addresses saw before
 * against whoever uses them next. There the bytes are copied. */
#if defined(__has_feature)
#define HAS_THREAD_SANITIZER __has_feature(thread_sanitizer)
#elif defined(__SANITIZE_THREAD__)
#define HAS_THREAD_SANITIZER 1
#else
#define HAS_THREAD_SANITIZER 0
#endif

/* In place of what is mapped there; copies what the system cannot move, as when it has no room for
 * another mapping. */
static void move_piece(void *target, void *start, size_t old_bytes, size_t bytes)
{
    if (mremap(start, old_bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target) == MAP_FAILED) {
        CHECK(mmap(target, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                   -1, 0) == target);
        memcpy(target, start, old_bytes);
        pages_unmap(start, old_bytes);
    }
}

static void *move_pages_to(void *target, void *start, size_t old_bytes, size_t bytes)
{
#if HAS_THREAD_SANITIZER
    memcpy(target, start, old_bytes < bytes ? old_bytes : bytes);
    pages_unmap(start, old_bytes);
    return target;
#else
    void *moved = mremap(start, old_bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    if (moved != MAP_FAILED || old_bytes <= HUGE_PAGE_BYTES) {
        return moved;
    }
    /* What was put together from several mappings is not moved at once. */
    size_t last = (old_bytes - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    for (size_t at = 0; at < last; at += HUGE_PAGE_BYTES) {
        pages_move_huge((char *)target + at, (char *)start + at);
    }
    move_piece((char *)target + last, (char *)start + last, old_bytes - last, bytes - last);
    return target;
#endif
}

void *pages_resize_large(void *start, size_t old_bytes, size_t bytes, enum huge_pages huge_pages)
{
    if (bytes < old_bytes) {
        pages_unmap((char *)start + bytes, old_bytes - bytes);
        return start;
    }
    DCHECK(huge_pages != HUGE_PAGES_EXPLICIT || bytes < HUGE_PAGE_BYTES);
    void *resized = mremap(start, old_bytes, bytes, 0);
    if (resized == MAP_FAILED) {
        /* There is no room behind it. Left to itself mremap would choose an address that splits
         * huge pages. */
        void *target = map_aligned(bytes, large_alignment(bytes));
        if (target == NULL) {
            return NULL;
        }
        resized = move_pages_to(target, start, old_bytes, bytes);
        if (resized == MAP_FAILED) {
            pages_unmap(target, bytes);
            return NULL;
        }
    }
    advise_huge_pages(resized, bytes, huge_pages);
    return resized;
}

void pages_move_huge(void *target, void *start)
{
    move_piece(target, start, HUGE_PAGE_BYTES, HUGE_PAGE_BYTES);
}

void pages_unmap(void *start, size_t bytes)
{
    /* Fails only for a range that is none, or when the kernel has no room to split a mapping. */
    CHECK(munmap(start, bytes) == 0);
}

static void *map_aligned(size_t bytes, size_t alignment)
{
    if (alignment <= page_bytes()) {
        return map_anywhere(bytes);
    }
    /* The system puts a mapping right below the last one: aligned as that one is, more often than
     * not. Else maps more than is wanted and cuts off both ends. */
    char *mapped = map_anywhere(bytes);
    if (mapped == NULL || ((uintptr_t)mapped & (alignment - 1)) == 0) {
        return mapped;
    }
    pages_unmap(mapped, bytes);
    size_t mapped_bytes = bytes + alignment;
    mapped = map_anywhere(mapped_bytes);
    if (mapped == NULL) {
        return NULL;
    }
    size_t head_bytes = (0 - (uintptr_t)mapped) & (alignment - 1);
    if (head_bytes > 0) {
        pages_unmap(mapped, head_bytes);
    }
    pages_unmap(mapped + head_bytes + bytes, mapped_bytes - head_bytes - bytes);
    return mapped + head_bytes;
}

static void *map_anywhere(size_t bytes)
{
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

/* Writing first to each cache line of 2 MiB takes 0.04 ms on an aligned huge page, 0.25 ms on small
 * ones; of 64 MiB, 2.5 ms and 10 ms (Linux 6.18, one core of a virtual EPYC machine). */
static size_t large_alignment(size_t bytes)
{
    return bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : page_bytes();
}

static void advise_huge_pages(void *start, size_t bytes, enum huge_pages huge_pages)
{
    if (huge_pages == HUGE_PAGES_NEVER) {
        (void)madvise(start, bytes, MADV_NOHUGEPAGE);
    } else if (bytes >= HUGE_PAGE_BYTES) {
        /* Advice: a system without huge pages refuses it, and small ones do. */
        (void)madvise(start, bytes, MADV_HUGEPAGE);
    }
}

/* The first line of a file of the system, without its end; empty when there is none. */
static bool read_line(const char *path, char *line, size_t line_bytes)
{
    line[0] = '\0';
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    bool is_read = fgets(line, (int)line_bytes, file) != NULL;
    line[strcspn(line, "\n")] = '\0';
    (void)fclose(file);
    return is_read;
}
