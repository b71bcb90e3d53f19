// A fixed pool of threads. Indices are handed out one by one from an atomic counter; what a task computes may depend on its
// index alone, so which worker takes it does not matter.
#include "causeway/base.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST_THREADS 1024

typedef struct member {
    struct cw_pool *pool;
    int worker;
    pthread_t thread;
} member;

struct cw_pool {
    int threads;
    pthread_mutex_t lock;
    pthread_cond_t start, done;
    // Guarded by lock:
    uint64_t round; // counts calls of cw_pool_run
    int busy;       // members that have not finished this round
    bool quit, running;
    // Written under lock before a round starts, constant during it:
    size_t count;
    void (*task)(void *context, size_t index, int worker);
    void *context;
    atomic_size_t next;
    member members[]; // members[0] is the caller and has no thread
};

static void work(cw_pool *pool, int worker) {
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (index >= pool->count) {
            return;
        }
        pool->task(pool->context, index, worker);
    }
}

static void *member_main(void *argument) {
    const member *self = argument;
    cw_pool *pool = self->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->quit && pool->round == seen) {
            pthread_cond_wait(&pool->start, &pool->lock);
        }
        if (pool->quit) {
            break;
        }
        seen = pool->round;
        pthread_mutex_unlock(&pool->lock);
        work(pool, self->worker);
        pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0) {
            pthread_cond_signal(&pool->done);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void stop_members(cw_pool *pool, int started) {
    pthread_mutex_lock(&pool->lock);
    pool->quit = true;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 1; i < started; i++) {
        pthread_join(pool->members[i].thread, NULL);
    }
}

static void destroy(cw_pool *pool) {
    pthread_cond_destroy(&pool->start);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

cw_pool *cw_pool_new(int threads) {
    assert(threads >= 0);
    if (threads == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        threads = processors > 0 ? (int)(processors < MOST_THREADS ? processors : MOST_THREADS) : 1;
    }
    if (threads > MOST_THREADS) {
        return NULL;
    }
    cw_pool *pool = calloc(1, sizeof *pool + (size_t)threads * sizeof pool->members[0]);
    if (pool == NULL) {
        return NULL;
    }
    pool->threads = threads;
    atomic_init(&pool->next, 0);
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        free(pool);
        return NULL;
    }
    pthread_cond_init(&pool->start, NULL); // cannot fail without attributes (glibc, musl)
    pthread_cond_init(&pool->done, NULL);
    for (int i = 1; i < threads; i++) {
        pool->members[i] = (member){.pool = pool, .worker = i};
        if (pthread_create(&pool->members[i].thread, NULL, member_main, &pool->members[i]) != 0) {
            stop_members(pool, i);
            destroy(pool);
            return NULL;
        }
    }
    return pool;
}

void cw_pool_free(cw_pool *pool) {
    if (pool == NULL) {
        return;
    }
    stop_members(pool, pool->threads);
    destroy(pool);
}

int cw_pool_threads(const cw_pool *pool) {
    return pool->threads;
}

void cw_pool_run(cw_pool *pool, size_t count, void (*task)(void *context, size_t index, int worker), void *context) {
    assert(pool != NULL && task != NULL);
    if (pool->threads == 1 || count <= 1) {
        for (size_t i = 0; i < count; i++) {
            task(context, i, 0);
        }
        return;
    }
    pthread_mutex_lock(&pool->lock);
    assert(!pool->running && "a task must not run its own pool");
    pool->running = true;
    pool->count = count;
    pool->task = task;
    pool->context = context;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    pool->busy = pool->threads - 1;
    pool->round++;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->lock);
    work(pool, 0);
    pthread_mutex_lock(&pool->lock);
    while (pool->busy > 0) {
        pthread_cond_wait(&pool->done, &pool->lock);
    }
    pool->running = false;
    pthread_mutex_unlock(&pool->lock);
}
