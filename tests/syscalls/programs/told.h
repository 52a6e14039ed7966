/* What the programs of this folder have in common. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* Prints a call's result, or the number of its failure. */
static long told(const char *what, long result) {
  if (result < 0) printf("%s: errno %d\n", what, errno);
  else printf("%s: %ld\n", what, result);
  return result;
}
#define T(call) told(#call, (long)(call))

/* A folder with folders, a file and links of all kinds, which becomes the working directory. */
__attribute__((unused)) static void makeTree(void) {
  mkdir("pd", 0755);
  chdir("pd");
  mkdir("a", 0755);
  mkdir("a/b", 0755);
  close(open("a/f", O_CREAT|O_WRONLY, 0640));
  symlink("f", "a/l");
  symlink("/etc", "a/abs");
  symlink("..", "a/up");
  symlink("loop", "loop");
  symlink("nowhere", "dangling");
}
