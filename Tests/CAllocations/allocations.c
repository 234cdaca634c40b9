// Watches what a test's process asks of malloc. A program's own definitions come before the C library's for every library
// that it has loaded; glibc keeps its own under the names used here, and its `free` takes what they gave.
#include "CAllocations.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static __thread size_t largest;
static __thread size_t total;
static __thread int is_paused;

// What the Swift runtime calls where an error is thrown. Swift Testing notes each one's backtrace there, in a table whose
// doublings would be taken for the reader's.
typedef void (*throw_handler)(void *error);
typedef void (*typed_throw_handler)(void *error, const void *type, const void *conformance);
extern _Atomic(throw_handler) _swift_willThrow;
extern _Atomic(typed_throw_handler) _swift_willThrowTypedImpl;
static throw_handler noted_throw;
static typed_throw_handler noted_typed_throw;

static void uncounted_throw(void *error) {
    is_paused = 1;
    noted_throw(error);
    is_paused = 0;
}

static void uncounted_typed_throw(void *error, const void *type, const void *conformance) {
    is_paused = 1;
    noted_typed_throw(error, type, conformance);
    is_paused = 0;
}

static void leave_out_throws(void) {
    noted_throw = atomic_load(&_swift_willThrow);
    if (noted_throw) atomic_store(&_swift_willThrow, uncounted_throw);
    noted_typed_throw = atomic_load(&_swift_willThrowTypedImpl);
    if (noted_typed_throw) atomic_store(&_swift_willThrowTypedImpl, uncounted_typed_throw);
}

size_t allocations_largest(void) { return largest; }

size_t allocations_total(void) { return total; }

void allocations_reset(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, leave_out_throws);
    largest = 0;
    total = 0;
}

static void count(size_t bytes) {
    if (is_paused) return;
    if (bytes > largest) largest = bytes;
    total += bytes;
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
