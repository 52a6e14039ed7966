/* Gives names to files that have none (O_TMPFILE), and to those that had one.
   build: -O1 -static */
#include "told.h"

static char by[64];

static const char *way(int fd) {
  sprintf(by, "/proc/self/fd/%d", fd);
  return by;
}

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  int fd = open("a", O_TMPFILE | O_RDWR, 0640);
  T(fd >= 0);
  T(write(fd, "text", 4));
  T(linkat(AT_FDCWD, way(fd), AT_FDCWD, "a/f", AT_SYMLINK_FOLLOW));
  T(linkat(AT_FDCWD, way(fd), AT_FDCWD, "none/f", AT_SYMLINK_FOLLOW));
  T(linkat(AT_FDCWD, way(fd), AT_FDCWD, "a/na\377me\n", AT_SYMLINK_FOLLOW));
  T(stat("a/na\377me\n", &s));
  printf("%o %d %d\n", s.st_mode, (int)s.st_size, (int)s.st_nlink);
  T(linkat(AT_FDCWD, way(fd), AT_FDCWD, "second", AT_SYMLINK_FOLLOW));
  T(fstat(fd, &s));
  T(s.st_nlink);
  T(linkat(AT_FDCWD, way(fd), AT_FDCWD, "third", 0));
  int secret = open("a", O_TMPFILE | O_RDWR | O_EXCL, 0640);
  T(linkat(AT_FDCWD, way(secret), AT_FDCWD, "exclusive", AT_SYMLINK_FOLLOW));
  int gone = open("a/f", O_RDWR);
  unlink("a/f");
  T(linkat(AT_FDCWD, way(gone), AT_FDCWD, "again", AT_SYMLINK_FOLLOW));
  int p[2];
  T(pipe(p));
  T(linkat(AT_FDCWD, way(p[0]), AT_FDCWD, "pipe", AT_SYMLINK_FOLLOW));
  T(linkat(AT_FDCWD, "/proc/self/status", AT_FDCWD, "status", 0));
  chdir("..");
  return 0;
}
