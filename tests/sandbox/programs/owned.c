/* Tries to change what is the host's own, and leaves a mess behind.
   build: -O1 -static */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void told(const char *what, int failed) { printf("%s: %s\n", what, failed ? strerror(errno) : "done"); }

int main(void) {
  told("chmod", chmod("/dev/null", 0600));
  told("chown", chown("/dev/null", 1, 1));
  told("utimes", utimensat(AT_FDCWD, "/dev/null", 0, 0));
  symlink("/dev/null", "/tmp/link");
  told("chmod by a link", chmod("/tmp/link", 0600));
  int fd = open("/dev/null", O_RDWR);
  told("write", write(fd, "x", 1) != 1);
  told("fchmod", fchmod(fd, 0600));
  told("truncate", truncate("/dev/null", 0));
  mkfifo("/box/fifo", 0600);
  told("truncate a FIFO", truncate("/box/fifo", 0));
  /* What its owner may not look into has to be removed as well. */
  mkdir("/tmp/closed", 0700);
  mkdir("/tmp/closed/inner", 0700);
  close(open("/tmp/closed/\xff", O_CREAT | O_WRONLY, 0600));
  told("close a folder", chmod("/tmp/closed", 0));
  /* No path leads to the innermost of these. */
  char name[201];
  memset(name, 'n', 200);
  name[200] = 0;
  chdir("/tmp");
  int failed = 0;
  for (int i = 0; i < 40; i++) failed |= mkdir(name, 0700) || chdir(name);
  told("deep folders", failed);
  close(open("file", O_CREAT | O_WRONLY, 0600));
  return 0;
}
