// Watches what a test's process asks of malloc. A program's own definitions come before the C library's for every library
// that it has loaded; glibc keeps its own under the names used here, and its `free` takes what they gave.
#include "CAllocations.h"

#include <errno.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static __thread size_t largest;

size_t allocations_largest(void) { return largest; }

void allocations_reset(void) { largest = 0; }

static void count(size_t bytes) {
    if (bytes > largest) largest = bytes;
}

void *malloc(size_t bytes) {
    count(bytes);
    return __libc_malloc(bytes);
}

void *calloc(size_t number, size_t size) {
    size_t bytes;
    count(__builtin_mul_overflow(number, size, &bytes) ? (size_t)-1 : bytes);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t bytes) {
    count(bytes);
    return __libc_realloc(block, bytes);
}

void *memalign(size_t alignment, size_t bytes) {
    count(bytes);
    return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **block, size_t alignment, size_t bytes) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1))) return EINVAL;
    *block = memalign(alignment, bytes);
    return *block ? 0 : ENOMEM;
}
