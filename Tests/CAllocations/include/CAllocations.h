#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stddef.h>

/// The largest single allocation that this thread has asked for since it last reset the count, in bytes: by malloc,
/// calloc, realloc or an aligned one of them, granted or not. What Swift Testing asks for where an error is thrown is left out.
size_t allocations_largest(void);

/// All that this thread has asked for since then, in bytes.
size_t allocations_total(void);

/// Starts this thread's count anew.
void allocations_reset(void);

#endif
