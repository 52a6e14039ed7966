/* Uses a directory that a sandbox gives, at its own place, and /tmp.
   build: -O1 -static */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void must(int ok, const char *what) {
  if (!ok) perror(what);
}

static int byName(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

int main(int argc, char **argv) {
  char text[4096], path[4096];
  printf("in %s\n", getcwd(text, sizeof text));
  FILE *file = fopen("/tmp/mine", "w");
  must(file != 0, "/tmp");
  if (file) fputs("written by the guest\n", file), fclose(file);
  must(rename("/tmp/mine", "written") != 0, "EXDEV");
  FILE *from = fopen("/tmp/mine", "r"), *to = fopen("new", "w");
  while (from && fgets(text, sizeof text, from)) fputs(text, to);
  fclose(to);
  must(rename("new", "written") == 0, "rename");
  must(mkdir("folder", 0755) == 0, "mkdir");
  must(mkfifo("fifo", 0600) == 0, "mkfifo");
  sprintf(path, "%s/written", argv[1]);
  must(symlink(path, "link") == 0, "symlink");
  struct stat a, b;
  must(stat("link", &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino, "stat");
  int unnamed = open(".", O_TMPFILE | O_WRONLY, 0600);
  sprintf(text, "/proc/self/fd/%d", unnamed);
  must(linkat(AT_FDCWD, text, AT_FDCWD, "named", AT_SYMLINK_FOLLOW) == 0, "a name for a file without one");
  must(linkat(AT_FDCWD, text, AT_FDCWD, "/tmp/named", AT_SYMLINK_FOLLOW) < 0 && errno == EXDEV, "a name elsewhere");
  must(linkat(AT_FDCWD, text, AT_FDCWD, "/named", AT_SYMLINK_FOLLOW) < 0 && errno == EROFS, "a name where nothing can be written");
  int folder = open("folder", O_DIRECTORY), file2 = openat(folder, "../written", O_RDWR);
  must(file2 >= 0, "..");
  must(fchmod(file2, 0640) == 0 && fstat(file2, &a) == 0 && (a.st_mode & 0777) == 0640, "fchmod");
  qsort(environ, 3, sizeof *environ, byName);
  printf("environment:");
  for (char **each = environ; *each; each++) printf(" %.*s", (int)strcspn(*each, "="), *each);
  printf("\n");
  return 0;
}
