/* A child, and then what it is of, execute this program again by another name: who waits is a process of its own.
   build: -O1 -static */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int count;
__attribute__((noinline)) static void parentWork(void) { for (int i = 0; i < 10; i++) count++; }
__attribute__((noinline)) static void childWork(void) { for (int i = 0; i < 20; i++) count++; }

int main(int argc, char **argv) {
  if (argc == 1) {
    childWork();
    return 3;
  }
  parentWork();
  if (fork() == 0) {
    execl(argv[1], argv[1], (char *)0);
    _exit(1);
  }
  int status = 0;
  wait(&status);
  parentWork();
  return WEXITSTATUS(status);
}
