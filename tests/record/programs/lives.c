// Opens files, has a child that closes one and calls a function, and becomes the program that argv[1] names.
// build: -O1 -g -static
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noipa)) int in_child(int n) { return n * 2; }

__attribute__((noipa)) int first_life(const char *path) {
  int file = open(path, O_RDONLY);
  int copy = dup(file);
  fcntl(copy, F_SETFD, FD_CLOEXEC);
  int ends[2];
  if (pipe(ends) != 0) return 1;
  if (fork() == 0) {
    close(file);
    _exit(in_child(file));
  }
  wait(0);
  close(ends[0]);
  return file;
}

int main(int argc, char **argv) {
  if (argc < 2 || first_life(argv[0]) < 0) return 1;
  execv(argv[1], argv + 1);
  return 1;
}
