/* Children that have been waited for are nobody to send a signal to, whoever else has their numbers.
   build: -O1 -static */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  for (int i = 0; i < 12; i++) {
    pid_t child = fork();
    if (child == 0) _exit(i);
    int alive = kill(child, 0);
    waitpid(child, 0, 0);
    int gone = kill(child, 0);
    printf("%d %d %d\n", alive, gone, errno == ESRCH);
  }
  return 0;
}
