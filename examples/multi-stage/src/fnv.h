#include <stdint.h>
#include <stddef.h>
/* The 64-bit hash of Fowler, Noll and Vo, variant 1a. */
uint64_t fnv1a(const void *bytes, size_t count);
