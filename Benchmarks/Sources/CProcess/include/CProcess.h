// What a benchmark asks of its own process: the memory that it takes from the heap, and the cores it runs on.
#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct allocation_count {
  int64_t calls;
  int64_t bytes;
} allocation_count;

/// Whether allocations can be counted on this system: with the GNU C library only.
bool allocations_can_be_counted(void);

/// Sets the count, over all threads, to zero and begins to count.
void allocations_begin(void);
/// Stops counting and returns what was counted.
allocation_count allocations_end(void);

/// Lets the calling thread, and what it starts from now on, run on the first `count` of the cores that the process began
/// with, or on all of them where there are fewer. Does nothing where the system does not let one choose.
void cores_restrict(int count);

#endif
