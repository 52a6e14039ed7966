/* A child by fork, a child by vfork that has another program, and an access that fails.
   build: -O0 -g -static */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int own = 1;

__attribute__((noinline)) static int child(void) { return own + 5; }

int main(int argc, char **argv) {
  if (argc > 1) return 3;
  int status;
  pid_t pid = fork();
  if (pid == 0) {
    own = 2;
    _exit(child());
  }
  waitpid(pid, &status, 0);
  printf("child %d\n", WEXITSTATUS(status));
  pid = vfork();
  if (pid == 0) {
    execl(argv[0], argv[0], "again", (char *)0);
    _exit(1);
  }
  waitpid(pid, &status, 0);
  printf("program %d\n", WEXITSTATUS(status));
  fflush(stdout);
  *(volatile int *)0 = 1;
  return 0;
}
