/* Sizes of files, and hints about their pages.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  int f = open("d.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644), p[2];
  pipe(p);
  T(fallocate(f, 0, 0, 100));
  T(lseek(f, 0, SEEK_END));
  T(fallocate(f, 0, -1, 100));
  T(fallocate(f, 0, 0, 0));
  T(fallocate(p[1], 0, 0, 10));
  T(ftruncate(f, 20));
  T(ftruncate(f, -1));
  T(ftruncate(p[1], 0));
  T(truncate("d.tmp", 5));
  T(truncate("nonexist", 5));
  T(truncate(".", 5));
  T(lseek(f,0,SEEK_END));
  T(posix_fadvise(f, 0, 0, 9));
  T(posix_fadvise(p[0], 0, 0, 1));
  T(posix_fadvise(f, 0, 0, 3));
  T(readahead(f, 0, 10));
  T(readahead(p[0], 0, 10));
  T(sync_file_range(f, 0, 0, 7));
  T(sync_file_range(f, 0, 0, 8));
  T(sync_file_range(p[0], 0, 0, 7));
  T(fdatasync(f));
  T(fdatasync(p[0]));
  T(syncfs(f));
  T(syncfs(99));
  unlink("d.tmp");
  return 0;
}
