/* /proc/PID/mem: the memory of this process and of a child.
   build: -O1 -static */
#include "told.h"

static char text[] = "some text";

int main(int argc, char **argv) {
  char into[8192], path[64];
  int mem = open("/proc/self/mem", O_RDWR);
  T(mem >= 0);
  T(pread(mem, into, 10, (long)text));
  puts(into);
  T(lseek(mem, (long)text + 5, SEEK_SET) == (long)text + 5);
  T(read(mem, into, 5));
  puts(into);
  T(lseek(mem, 0, SEEK_CUR) == (long)text + 10);
  T(lseek(mem, 0, SEEK_END));
  char *pages = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(pages, 'p', 2 * 4096);
  munmap(pages + 4096, 2 * 4096);
  T(pread(mem, into, 8192, (long)pages + 4000));
  T(pread(mem, into, 8, (long)pages + 4096));
  T(pread(mem, into, 8, 0));
  mprotect(pages, 4096, PROT_NONE);
  T(pread(mem, into, 2, (long)pages));
  T(into[1]);
  T(pwrite(mem, "new", 3, (long)pages));
  mprotect(pages, 4096, PROT_READ);
  printf("%.4s\n", pages);
  T(pread(mem, argv[argc], 8, (long)text));
  int toChild[2], fromChild[2];
  pipe(toChild);
  pipe(fromChild);
  int child = fork();
  if (child == 0) {
    strcpy(text, "of child");
    write(fromChild[1], "", 1);
    read(toChild[0], into, 1);
    _exit(text[0] == 'O' ? 3 : 4);
  }
  read(fromChild[0], into, 1);
  sprintf(path, "/proc/%d/mem", child);
  int other = open(path, O_RDWR);
  T(other >= 0);
  T(pread(other, into, 10, (long)text));
  puts(into);
  puts(text);
  T(pwrite(other, "O", 1, (long)text));
  write(toChild[1], "", 1);
  int status;
  wait(&status);
  T(WEXITSTATUS(status));
  T(pread(other, into, 10, (long)text));
  struct stat s;
  T(stat("/proc/self/mem", &s));
  printf("%o\n", s.st_mode);
  return 0;
}
