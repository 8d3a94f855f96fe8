// Plans that say how long each of their steps took, and what else a profile needs of the system.
#ifndef CKERNELS_PROFILE_H
#define CKERNELS_PROFILE_H

#include <stdint.h>

#include "CKernelsPlan.h"

typedef enum CK_CLOSED CKProfiling {
  CKProfilingUnknown,  // nobody has asked yet whether there is to be a profile
  CKProfilingOff,
  CKProfilingOn,
} CKProfiling;

extern uint32_t ck_profiling_state;

/// All that a run costs while nothing is profiled: one load, and a branch that always goes the same way.
static inline CKProfiling ck_profiling(void) {
  return (CKProfiling)__atomic_load_n(&ck_profiling_state, __ATOMIC_ACQUIRE);
}
static inline void ck_set_profiling(CKProfiling state) {
  __atomic_store_n(&ck_profiling_state, (uint32_t)state, __ATOMIC_RELEASE);
}

/// Runs all steps as `ck_run` does. `times` takes count + 1 readings of `ck_now`: before the first step, and after each.
long ck_run_timed(ck_pool *pool, long count, const struct ck_step *steps, void *const *bases, ck_failure *failure,
                  int64_t *times);

/// Nanoseconds of a clock that only goes forward, and of processor time that all threads together have used.
int64_t ck_now(void);
int64_t ck_processor_time(void);

/// A small number of the calling thread, from 1 in the order in which threads first ask.
int32_t ck_thread_number(void);

#endif
