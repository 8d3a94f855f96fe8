#define _GNU_SOURCE
#include "CProcess.h"

#if defined(__linux__)

#include <sched.h>

void cores_restrict(int count) {
  static cpu_set_t all;
  static bool is_known = false;
  if (!is_known && sched_getaffinity(0, sizeof all, &all) != 0) return;
  is_known = true;
  cpu_set_t chosen = all;
  for (int core = 0; core < CPU_SETSIZE; core++)
    if (CPU_ISSET(core, &chosen) && count-- <= 0) CPU_CLR(core, &chosen);
  sched_setaffinity(0, sizeof chosen, &chosen);
}

#else

void cores_restrict(int count) { (void)count; }

#endif
