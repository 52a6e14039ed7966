// SIGCHLD with what it tells, children that are stopped, go on and are killed, and signals between processes.
// build: -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int child;
static void show(int sig, siginfo_t *info, void *context) {
  char line[80];
  int n = snprintf(line, sizeof line, "SIGCHLD code %d status %d, of the child %d\n", info->si_code, info->si_status, info->si_pid == child);
  write(1, line, n);
}

static void change(int options) {
  int status, pid;
  do pid = waitpid(child, &status, options);
  while (pid < 0 && errno == EINTR);
  printf("%s: exited %d stopped %d continued %d signal %d\n", pid == child ? "child" : "?", WIFEXITED(status), WIFSTOPPED(status), WIFCONTINUED(status),
         WIFEXITED(status) ? WEXITSTATUS(status) : WIFSTOPPED(status) ? WSTOPSIG(status) : WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  fflush(stdout);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = show, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigset_t chld, old;
  sigemptyset(&chld);
  sigaddset(&chld, SIGCHLD);
  sigaction(SIGCHLD, &action, 0);
  // The child of the first round goes on only when it has been seen to: it could have ended before.
  int ends[2];
  pipe(ends);
  for (int round = 0; round < 2; round++) {
    sigprocmask(SIG_BLOCK, &chld, &old);
    child = fork();
    if (child == 0) {
      signal(SIGTERM, SIG_DFL);
      raise(SIGSTOP);
      if (round == 0) {
        char seen;
        read(ends[0], &seen, 1);
        _exit(3);
      }
      for (;;) pause();
    }
    change(WUNTRACED);
    // Linux lets a stop be waited for before it sends the signal.
    sigsuspend(&old);
    kill(child, SIGCONT);
    change(WCONTINUED);
    if (round == 0) write(ends[1], "", 1);
    if (round == 1) kill(child, SIGTERM);
    change(0);
    sigprocmask(SIG_SETMASK, &old, 0);
  }
  signal(SIGCHLD, SIG_IGN);
  child = fork();
  if (child == 0) _exit(0);
  printf("nobody left: %d\n", waitpid(-1, 0, 0));
  fflush(stdout);
  setpgid(0, 0);
  child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  signal(SIGUSR1, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  kill(0, SIGUSR1);
  change(0);
  return 0;
}
