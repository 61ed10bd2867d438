/* What programmers do wrong. CHECK stays in release builds, DCHECK is for debug builds; both are
 * documentation as much as tests. Neither is ever used for bad input. */
#ifndef GYRE_BASE_CHECK_H
#define GYRE_BASE_CHECK_H

/* Prints the condition and the place on stderr and aborts. */
_Noreturn void check_failed(const char *condition, const char *file, int line);

#define CHECK(condition) ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define DCHECK(condition) ((void)sizeof(condition))
#else
#define DCHECK(condition) CHECK(condition)
#endif

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#endif
