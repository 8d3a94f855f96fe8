#include "CKernelsPool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

// How often a helper looks for work before it lies down, and a caller for the end before it lets others run: some 50 µs,
// longer than what a training loop does between two steps. Waking a thread costs as much.
#define PATIENCE 4000

struct ck_pool {
  /// The number of the job in the upper half, how many of its pieces nobody has taken in the lower. A helper takes a piece
  /// by exchanging the whole, so it can never take one of another job than it looked at.
  uint64_t ticket;
  /// Of the job; they change only when all pieces are done.
  void (*work)(void *context, long index);
  void *context;
  long count;
  long left;
  uint32_t is_busy;

  bool is_over;
  int sleepers;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  int helpers;
  pthread_t threads[];
};

static inline void rest(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static inline uint64_t look(const ck_pool *pool) { return __atomic_load_n(&pool->ticket, __ATOMIC_SEQ_CST); }

/// Does pieces of one job until there are no more.
static void help(ck_pool *pool, uint32_t job) {
  uint64_t ticket = look(pool);
  while (ticket >> 32 == job && (uint32_t)ticket > 0) {
    if (!__atomic_compare_exchange_n(&pool->ticket, &ticket, ticket - 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      continue;
    pool->work(pool->context, pool->count - (long)(uint32_t)ticket);
    __atomic_sub_fetch(&pool->left, 1, __ATOMIC_ACQ_REL);
    ticket = look(pool);
  }
}

static void *live(void *argument) {
  ck_pool *pool = argument;
  uint32_t seen = 0;
  for (;;) {
    uint64_t ticket = look(pool);
    for (int i = 0; i < PATIENCE && ticket >> 32 == seen; i++) {
      rest();
      ticket = look(pool);
    }
    if (ticket >> 32 == seen) {
      pthread_mutex_lock(&pool->mutex);
      __atomic_add_fetch(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
      while ((ticket = look(pool)) >> 32 == seen && !pool->is_over) pthread_cond_wait(&pool->wake, &pool->mutex);
      __atomic_sub_fetch(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
      bool is_over = pool->is_over;
      pthread_mutex_unlock(&pool->mutex);
      if (is_over) return NULL;
    }
    seen = (uint32_t)(ticket >> 32);
    help(pool, seen);
  }
}

ck_pool *ck_pool_create(int helpers) {
  ck_pool *pool = calloc(1, sizeof(ck_pool) + (size_t)helpers * sizeof(pthread_t));
  if (!pool) return NULL;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 8 << 20);
  while (pool->helpers < helpers &&
         pthread_create(&pool->threads[pool->helpers], &attributes, live, pool) == 0)
    pool->helpers++;
  pthread_attr_destroy(&attributes);
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->mutex);
  pool->is_over = true;
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  for (int i = 0; i < pool->helpers; i++) pthread_join(pool->threads[i], NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool);
}

int ck_pool_threads(const ck_pool *pool) { return pool ? pool->helpers + 1 : 1; }

void ck_pool_run(ck_pool *pool, long count, void (*work)(void *context, long index), void *context) {
  uint32_t free = 0;
  bool is_own = pool && count > 1 &&
                __atomic_compare_exchange_n(&pool->is_busy, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
  if (!is_own) {
    for (long i = 0; i < count; i++) work(context, i);
    return;
  }
  pool->work = work;
  pool->context = context;
  pool->count = count;
  __atomic_store_n(&pool->left, count, __ATOMIC_RELEASE);
  uint32_t job = (uint32_t)(look(pool) >> 32) + 1;
  __atomic_store_n(&pool->ticket, (uint64_t)job << 32 | (uint64_t)count, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&pool->sleepers, __ATOMIC_SEQ_CST) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
  help(pool, job);
  for (int i = 0; __atomic_load_n(&pool->left, __ATOMIC_ACQUIRE) > 0; i++) {
    if (i < PATIENCE) rest();
    else sched_yield();
  }
  __atomic_store_n(&pool->is_busy, 0, __ATOMIC_RELEASE);
}
