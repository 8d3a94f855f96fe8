// Counter-based random numbers: Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
#ifndef CKERNELS_RANDOM_H
#define CKERNELS_RANDOM_H

#include <stdint.h>

/// Writes the four words that Philox-4x32-10 gives for a 64-bit key and a 128-bit counter (low, high).
void ck_philox(uint64_t key, uint64_t counter_low, uint64_t counter_high, uint32_t out[4]);

#endif
