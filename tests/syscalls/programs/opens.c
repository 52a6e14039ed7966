/* open with the flags that look at what is there.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  T(open("a/l", O_RDONLY|O_NOFOLLOW));
  T(open("a/f", O_RDONLY|O_DIRECTORY));
  T(open("a", O_WRONLY));
  T(open("a", O_RDONLY|O_CREAT, 0600));
  T(open("a/f", O_CREAT|O_EXCL|O_RDWR, 0600));
  T(open("dangling", O_CREAT|O_EXCL|O_RDWR, 0600));
  T(open("newdir/", O_CREAT|O_RDWR, 0600));
  T(open("a/f/", O_RDONLY));
  T(open("loop", O_RDONLY));
  T(open("", O_RDONLY));
  int tf = open(".", O_TMPFILE|O_RDWR, 0600);
  T(tf > 0);
  fstat(tf, &s);
  printf("%d\n", (int)s.st_nlink);
  chdir("..");
  return 0;
}
