// Threads that wait for work, for stretches of work too short for the system's own pools.
#ifndef CKERNELS_POOL_H
#define CKERNELS_POOL_H

typedef struct ck_pool ck_pool;

/// A pool of `helpers` threads beside the caller's; null where they cannot be had.
ck_pool *ck_pool_create(int helpers);
void ck_pool_destroy(ck_pool *pool);

/// How many threads work at a job: the helpers and the caller; 1 without a pool.
int ck_pool_threads(const ck_pool *pool);

/// Calls `work` for 0..<count, each index once, on the calling thread and the helpers, and returns when all are done. Runs
/// all of it on the calling thread where the pool is at work already.
void ck_pool_run(ck_pool *pool, long count, void (*work)(void *context, long index), void *context);

#endif
