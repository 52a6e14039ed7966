/* Makes processes or threads until there may be no more, within limits of its own and without.
   build: -O1 -static -pthread */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void limit(int resource, long soft, long hard) {
  if (setrlimit(resource, &(struct rlimit){soft, hard}) != 0) perror("setrlimit");
}

static void *wait_(void *unused) {
  pause();
  return 0;
}

// Uses so many KiB of the stack.
static int use(long kilobytes) {
  volatile char some[1024];
  some[0] = 1;
  return kilobytes > 1 ? use(kilobytes - 1) + some[0] : 0;
}

// Executes this program with a limit for its stack, and a long argument: tells how it ended.
static void stack(const char *self, long limitKilobytes, char *used, long argument) {
  int status;
  if (fork() == 0) {
    char *long_ = malloc(argument + 1);
    memset(long_, 'x', argument);
    long_[argument] = 0;
    limit(RLIMIT_STACK, limitKilobytes < 0 ? -1 : limitKilobytes << 10, -1);
    execv(self, (char *[]){(char *)self, "use", used, long_, long_, 0});
    _exit(errno == E2BIG ? 7 : 8);
  }
  wait(&status);
  printf("%ld %s: %s %d\n", limitKilobytes, used, WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

int main(int argc, char **argv) {
  const char *what = argv[1];
  if (strcmp(what, "use") == 0) return use(atol(argv[2])) < 0;
  if (strcmp(what, "stack") == 0) {
    setvbuf(stdout, 0, _IONBF, 0);
    stack(argv[0], 1024, "800", 0);
    stack(argv[0], 1024, "1200", 0);
    stack(argv[0], 32768, "31000", 0);
    stack(argv[0], 32768, "33000", 0);
    stack(argv[0], -1, "100000", 0);
    stack(argv[0], 512, "1", 130000);
    stack(argv[0], 8192, "1", 130000);
    return 0;
  }
  setvbuf(stdout, 0, _IONBF, 0);
  if (strcmp(what, "zombies") == 0) {
    long count = 0;
    int child;
    while ((child = vfork()) > 0) count++;
    if (child == 0) _exit(0);
    printf("%d %s\n", count > 1000, strerror(errno));
  }
  if (strcmp(what, "threads") == 0) {
    pthread_t thread;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    limit(RLIMIT_NPROC, 10, 10);
    int count = 0, error;
    while (count < 20 && (error = pthread_create(&thread, &small, wait_, 0)) == 0) count++;
    // Who may do anything has no limit.
    puts(geteuid() == 0 || (count == 9 && error == EAGAIN) ? "as Linux" : "otherwise");
  }
  if (strcmp(what, "files") == 0) {
    int files[2];
    limit(RLIMIT_NOFILE, 8, 8);
    while (pipe(files) == 0) continue;
    printf("%d %s\n", files[1], strerror(errno));
    printf("%d %s\n", dup2(0, 8), strerror(errno));
    limit(RLIMIT_NOFILE, 8, 1L << 40);
  }
  if (strcmp(what, "space") == 0) {
    void *free = sbrk(0);
    limit(RLIMIT_AS, 64 << 20, 64 << 20);
    printf("%d\n", mmap(0, 64 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    printf("%d\n", mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    printf("%d\n", sbrk(64 << 20) == (void *)-1);
    printf("%d\n", sbrk(0) == free);
    limit(RLIMIT_DATA, 1 << 20, 1 << 20);
    printf("%d\n", mmap(0, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    printf("%d\n", mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  }
  if (strcmp(what, "cpu") == 0) {
    limit(RLIMIT_CPU, 1, 2);
    if (argc > 2) signal(SIGXCPU, SIG_IGN);
    for (volatile long i = 0;; i++) continue;
  }
  return 0;
}
