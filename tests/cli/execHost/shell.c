/* Executes a program: `shell HOW PROGRAM ARGUMENTS`, in its place, as a child, or as one whose output and input are pipes.
   build: -O1 -static */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int told(int status) {
  if (WIFSIGNALED(status)) printf("signal %d\n", WTERMSIG(status));
  else printf("status %d\n", WEXITSTATUS(status));
  return 0;
}

int main(int argc, char **argv) {
  const char *how = argv[1];
  char **program = argv + 2;
  int in[2], out[2], status;
  setvbuf(stdout, 0, _IONBF, 0);
  if (strcmp(how, "place") == 0) {
    execv(program[0], program);
    printf("%s\n", strerror(errno));
    return 1;
  }
  if (strcmp(how, "child") == 0) {
    if (vfork() == 0) {
      execv(program[0], program);
      _exit(127);
    }
    wait(&status);
    return told(status);
  }
  if (strcmp(how, "kill") == 0) {
    int child = fork();
    if (child == 0) execv(program[0], program);
    usleep(300000);
    kill(child, SIGTERM);
    wait(&status);
    return told(status);
  }
  // Stops the program, and lets it go on and end.
  if (strcmp(how, "stop") == 0) {
    int child = fork();
    if (child == 0) execv(program[0], program);
    usleep(300000);
    // SIGTSTP would do nothing where the process group is an orphaned one.
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    printf("stopped %d\n", WIFSTOPPED(status));
    kill(child, SIGCONT);
    waitpid(child, &status, WCONTINUED);
    printf("continued %d\n", WIFCONTINUED(status));
    kill(child, SIGUSR1);
    wait(&status);
    return told(status);
  }
  // Gives the program more than its standard streams: a file to read, from the third byte on, one to write, and pipes.
  if (strcmp(how, "more") == 0) {
    char text[100];
    int from = open(argv[2], O_RDWR), to = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pipe(in);
    pipe(out);
    write(in[1], "from a pipe\n", 12);
    close(in[1]);
    lseek(from, 2, SEEK_SET);
    write(to, "guest\n", 6);
    dup2(in[0], 13), dup2(out[1], 14), dup2(from, 15), dup2(to, 16);
    close(in[0]), close(out[1]);
    if (fork() == 0) {
      program += 2;
      execv(program[0], program);
      _exit(127);
    }
    wait(&status);
    close(14);
    int count = read(out[0], text, sizeof text);
    write(to, "guest again\n", 12);
    write(1, text, count);
    return told(status);
  }
  pipe(in);
  pipe(out);
  if (fork() == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    close(in[0]), close(in[1]), close(out[0]), close(out[1]);
    execv(program[0], program);
    _exit(127);
  }
  close(in[0]), close(out[1]);
  if (fork() == 0) {
    close(out[0]);
    char piece[1000];
    memset(piece, 'a', sizeof piece);
    for (int i = 0; i < 1000; i++) write(in[1], piece, sizeof piece);
    _exit(0);
  }
  close(in[1]);
  long total = 0;
  char piece[4096];
  for (int count; (count = read(out[0], piece, sizeof piece)) > 0; total += count) continue;
  printf("%ld bytes\n", total);
  while (wait(&status) > 0) told(status);
  return 0;
}
