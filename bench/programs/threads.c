/* Threads: a bounded queue with a mutex and two conditions, counters that threads add to without a lock, and a barrier.
   kind: threads
   build: -O2 -static -pthread */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

enum { WORKERS = 4, ITEMS = 100000, CAPACITY = 64, ROUNDS = 400, CELLS = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t notEmpty = PTHREAD_COND_INITIALIZER, notFull = PTHREAD_COND_INITIALIZER;
static unsigned queue[CAPACITY], head, count;
static uint64_t total;

static atomic_uint cells[CELLS];
static pthread_barrier_t barrier;

static void put(unsigned item) {
  pthread_mutex_lock(&lock);
  while (count == CAPACITY) pthread_cond_wait(&notFull, &lock);
  queue[(head + count++) % CAPACITY] = item;
  pthread_cond_signal(&notEmpty);
  pthread_mutex_unlock(&lock);
}

static unsigned take(void) {
  pthread_mutex_lock(&lock);
  while (count == 0) pthread_cond_wait(&notEmpty, &lock);
  unsigned item = queue[head];
  head = (head + 1) % CAPACITY;
  count--;
  pthread_cond_signal(&notFull);
  pthread_mutex_unlock(&lock);
  return item;
}

/* A piece of work: as many steps of a generator as its number asks for. */
static uint64_t work(unsigned item) {
  uint64_t x = item, sum = 0;
  for (unsigned i = 0; i < 8000 + item % 8000; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    sum += x >> 33 ^ i;
  }
  return sum;
}

static void *consume(void *unused) {
  for (unsigned item; (item = take()) != 0;) {
    uint64_t result = work(item);
    pthread_mutex_lock(&lock);
    total += result;
    pthread_mutex_unlock(&lock);
  }
  for (unsigned round = 0; round < ROUNDS; round++) {
    for (unsigned i = 0; i < 20000; i++) atomic_fetch_add(&cells[(i * 7 + round) % CELLS], i);
    pthread_barrier_wait(&barrier);
  }
  return unused;
}

int main(void) {
  pthread_t threads[WORKERS];
  pthread_barrier_init(&barrier, 0, WORKERS);
  for (int i = 0; i < WORKERS; i++) pthread_create(&threads[i], 0, consume, 0);
  for (unsigned item = 1; item <= ITEMS; item++) put(item);
  for (int i = 0; i < WORKERS; i++) put(0);
  for (int i = 0; i < WORKERS; i++) pthread_join(threads[i], 0);
  unsigned sum = 0;
  for (int i = 0; i < CELLS; i++) sum = sum * 31 + cells[i];
  printf("%llu %u\n", (unsigned long long)total, sum);
  return 0;
}
