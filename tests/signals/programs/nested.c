// Handlers within handlers: what is blocked meanwhile, SA_NODEFER, SA_RESETHAND, and the order in which blocked signals come.
// build: -O1 -static
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int depth, again;

static void show(int sig) {
  sigset_t set;
  sigprocmask(SIG_BLOCK, 0, &set);
  printf("%*senter %d, blocked %lx\n", 2 * depth++, "", sig, *(long *)&set);
  if (sig == SIGUSR1 && depth < 3) raise(SIGUSR2);
  if (sig == SIGHUP && again-- > 0) raise(SIGHUP);
  printf("%*sleave %d\n", 2 * --depth, "", sig);
}

static void handle(int sig, int flags, int blocked) {
  struct sigaction action = {.sa_handler = show, .sa_flags = flags};
  if (blocked) sigaddset(&action.sa_mask, blocked);
  sigaction(sig, &action, 0);
}

int main(void) {
  handle(SIGUSR1, 0, 0);
  handle(SIGUSR2, 0, SIGTERM);
  raise(SIGUSR1);
  puts("blocking the other");
  handle(SIGUSR1, 0, SIGUSR2);
  raise(SIGUSR1);
  puts("not deferred");
  handle(SIGHUP, SA_NODEFER, 0);
  again = 2;
  raise(SIGHUP);
  puts("deferred");
  again = 2;
  handle(SIGHUP, 0, 0);
  raise(SIGHUP);
  puts("once");
  handle(SIGWINCH, SA_RESETHAND, 0);
  raise(SIGWINCH);
  raise(SIGWINCH);
  puts("several at once");
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  handle(SIGTERM, 0, 0);
  handle(SIGINT, 0, 0);
  depth = 3;
  sigprocmask(SIG_SETMASK, &all, 0);
  raise(SIGUSR2);
  raise(SIGTERM);
  raise(SIGINT);
  raise(SIGTERM);
  raise(SIGUSR1);
  sigset_t waiting;
  sigpending(&waiting);
  printf("pending %lx\n", *(long *)&waiting);
  sigprocmask(SIG_SETMASK, &none, 0);
  return 0;
}
